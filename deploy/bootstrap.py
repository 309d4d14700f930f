"""Make `.venv` with the locked dependencies, on a machine that has Python 3.11+ and nothing else of ours.

`python3 -m venv` where it works; without ensurepip (Debian's python3 alone) the environment is made bare
and uv is unpacked into it from its wheel on the package index that pip is set to.
"""

from __future__ import annotations

import io
import json
import os
import platform
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"


def main() -> None:
    if not (VENV / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], check=True)
    uv = find_uv()
    # The machine's own certificates: an office's proxy is known to them, not to those that uv brings.
    environment = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1", **os.environ, "VIRTUAL_ENV": str(VENV)}
    for given in (["--require-hashes", "-r", "requirements.lock"], ["--no-deps", "-e", "."]):
        subprocess.run(
            [str(uv), "pip", "install", "-q", "--compile-bytecode", *given], cwd=ROOT, env=environment, check=True
        )
    # Where bytecode is not written on the way (PYTHONDONTWRITEBYTECODE), every start would compile anew: 1.3 s.
    subprocess.run([str(VENV / "bin" / "python"), "-m", "compileall", "-q", "src"], cwd=ROOT, check=True)


def find_uv() -> Path:
    """uv in the environment: by pip where there is one, else from its wheel."""
    uv = VENV / "bin" / "uv"
    if uv.exists():
        return uv
    with_pip = [sys.executable, "-m", "pip", "--python", str(VENV / "bin" / "python"), "install", "-q", "uv"]
    has_pip = (
        subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    )
    if has_pip and subprocess.run(with_pip, check=False).returncode == 0 and uv.exists():
        return uv
    unpack(uv)
    return uv


def unpack(uv: Path) -> None:
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
    request = urllib.request.Request(f"{index}/uv/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    machine = platform.machine()
    wheel = next(
        f
        for f in reversed(files)
        if f["filename"].endswith(f"manylinux_2_17_{machine}.manylinux2014_{machine}.whl") and not f.get("yanked")
    )
    with urllib.request.urlopen(wheel["url"], timeout=300) as answer:
        data = zipfile.ZipFile(io.BytesIO(answer.read()))
    name = next(n for n in data.namelist() if n.endswith("/scripts/uv"))
    uv.write_bytes(data.read(name))
    uv.chmod(0o755)


if __name__ == "__main__":
    main()
