"""What the tests of deploy/ stand on: the files as `harden.sh` writes them, and the tools themselves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
sys.path.insert(0, str(DEPLOY))

from guards import find, has  # noqa: E402

__all__ = ["DEPLOY", "ROOT", "find", "harden", "has", "run"]


def run(*command: str | Path, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=timeout, check=False)


def harden(folder: Path, *more: str) -> str:
    """Write the files below `folder` (where a machine's own are laid first, if it has them); what it said."""
    for own in ("/etc/suricata", "/etc/fail2ban"):
        if Path(own).is_dir() and not (folder / own[1:]).exists():
            shutil.copytree(own, folder / own[1:], symlinks=True)
    if not (folder / "etc/nftables.conf").exists():
        (folder / "etc").mkdir(exist_ok=True)
        (folder / "etc/nftables.conf").write_text("#!/usr/sbin/nft -f\nflush ruleset\n")
    done = run(DEPLOY / "harden.sh", "--root", folder, "--name", "linbao.test", *more)
    assert done.returncode == 0, done.stderr
    return done.stdout
