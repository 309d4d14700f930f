"""The locked libraries against what is known to be wrong with them (`make audit-dependencies`).

pip-audit with the package index's own advisories. Where the index answers none (a mirror that serves files only),
what a mirror does tell is looked at instead: that every file is the one pinned by digest, and that no locked version
was withdrawn by its authors (yanked); the exit code is then 3, since advisories were not seen.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
UV = ROOT / ".venv" / "bin" / "uv"


def main() -> int:
    done = run("tool", "run", "pip-audit", "--disable-pip", "--require-hashes", "-r", LOCK, "--progress-spinner", "off")
    told = done.stdout + done.stderr
    if "could not be audited" not in told and (done.returncode == 0 or "known vulnerabilit" in told):
        print(told)
        return done.returncode
    print("the index tells no advisories", file=sys.stderr)
    done = run("pip", "install", "--dry-run", "--reinstall", "--require-hashes", "-r", LOCK)
    withdrawn = [line for line in done.stderr.splitlines() if "yanked" in line]
    print("\n".join(withdrawn) or done.stderr.strip().splitlines()[-1])
    print(
        "advisories were not seen; "
        + ("withdrawn versions: see above" if withdrawn else "all pinned by digest, none withdrawn")
    )
    return 1 if withdrawn or done.returncode else 3


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "VIRTUAL_ENV": str(ROOT / ".venv")}
    return subprocess.run([str(UV), *map(str, words)], capture_output=True, text=True, check=False, env=environment)


if __name__ == "__main__":
    raise SystemExit(main())
