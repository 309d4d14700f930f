"""A Chromium for the tests: the machine's; as root Debian's is installed; else one from the npm registry.

`--path` prints where it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / ".venv" / "chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FONTS = ("fonts-noto-cjk",)


def path() -> str:
    """Where Chromium is; empty when there is none."""
    found = next((p for n in NAMES if (p := shutil.which(n))), "")
    return found or (str(OWN / "chromium") if (OWN / "chromium").exists() else "")


def main() -> None:
    if "--path" in sys.argv:
        print(path())
        return
    if path():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", *FONTS],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        return
    fetch()


def fetch() -> None:
    """Without root: the Chromium that the npm package @sparticuz/chromium carries, with its libraries."""
    sys.path.insert(0, str(Path(__file__).parent))
    from assets import npm

    OWN.mkdir(parents=True, exist_ok=True)
    command, environment = npm()
    subprocess.run(
        [
            *command,
            "install",
            "--prefix",
            str(OWN),
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
            "@sparticuz/chromium@141",
        ],
        check=True,
        env=environment,
    )
    script = (
        "import chromium from '@sparticuz/chromium';"
        "import { copyFileSync, chmodSync } from 'node:fs';"
        "const from = await chromium.executablePath();"
        f"copyFileSync(from, {str(OWN / 'chromium')!r}); chmodSync({str(OWN / 'chromium')!r}, 0o755);"
    )
    (OWN / "unpack.mjs").write_text(script)
    subprocess.run(["node", "unpack.mjs"], cwd=OWN, check=True, env=environment)


if __name__ == "__main__":
    main()
