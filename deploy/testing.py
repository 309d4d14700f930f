"""What the tests use of the machine: Chromium, and poppler's `pdfsig` as a validator that is not ours.

As root both come from Debian. Otherwise Chromium comes from the npm registry, and poppler is unpacked from
Debian's packages into `.venv/debian`. `--path` prints where Chromium is, `--bin` the folder of the unpacked tools.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / ".venv" / "chromium"
DEBIAN = ROOT / ".venv" / "debian"
NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = {"chromium": ("chromium", "fonts-noto-cjk"), "pdfsig": ("poppler-utils",)}


def path() -> str:
    """Where Chromium is; empty when there is none."""
    found = next((p for n in NAMES if (p := shutil.which(n))), "")
    return found or (str(OWN / "chromium") if (OWN / "chromium").exists() else "")


def lacking() -> list[str]:
    """The tools that are neither installed nor unpacked."""
    pdfsig = shutil.which("pdfsig") or (DEBIAN / "bin" / "pdfsig").exists()
    return [*([] if path() else ["chromium"]), *([] if pdfsig else ["pdfsig"])]


def main() -> None:
    if "--path" in sys.argv:
        print(path())
        return
    if "--bin" in sys.argv:
        print(DEBIAN / "bin")
        return
    wanted = lacking()
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = [p for tool in wanted for p in PACKAGES[tool]]
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        return
    if "chromium" in wanted:
        fetch()
    if "pdfsig" in wanted:
        unpack(*PACKAGES["pdfsig"])


def fetch() -> None:
    """Without root: the Chromium that the npm package @sparticuz/chromium carries, with its libraries."""
    sys.path.insert(0, str(Path(__file__).parent))
    from assets import npm

    OWN.mkdir(parents=True, exist_ok=True)
    command, environment = npm()
    packages = ["--no-audit", "--no-fund", "--loglevel=error", "@sparticuz/chromium@141"]
    subprocess.run([*command, "install", "--prefix", str(OWN), *packages], check=True, env=environment)
    script = (
        "import chromium from '@sparticuz/chromium';"
        "import { copyFileSync, chmodSync } from 'node:fs';"
        "const from = await chromium.executablePath();"
        f"copyFileSync(from, {str(OWN / 'chromium')!r}); chmodSync({str(OWN / 'chromium')!r}, 0o755);"
    )
    (OWN / "unpack.mjs").write_text(script)
    subprocess.run(["node", "unpack.mjs"], cwd=OWN, check=True, env=environment)


def unpack(*packages: str) -> None:
    """Without root: Debian's packages with what they need, downloaded by apt into a state of its own and unpacked."""
    state = DEBIAN / "apt"
    for folder in ("lists/partial", "archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    options = [
        "-qq",
        "-o",
        f"Dir::State::lists={state}/lists",
        "-o",
        f"Dir::Cache={state}",
        "-o",
        f"Dir::Cache::archives={state}/archives",
        "-o",
        "Debug::NoLocking=1",
        "-o",
        "APT::Sandbox::User=",
        "-o",
        "APT::Get::Assume-Yes=1",
    ]
    subprocess.run(["apt-get", *options, "update"], check=True)
    command = ["apt-get", *options, "--download-only", "--no-install-recommends", "install", *packages]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for archive in (state / "archives").glob("*.deb"):
        subprocess.run(["dpkg", "-x", str(archive), str(DEBIAN)], check=True)
    libraries = ":".join(sorted({str(p.parent) for p in DEBIAN.rglob("*.so.*")}))
    (DEBIAN / "bin").mkdir(exist_ok=True)
    tool = DEBIAN / "bin" / "pdfsig"
    tool.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{libraries}" exec "{DEBIAN}/usr/bin/pdfsig" "$@"\n')
    tool.chmod(0o755)


if __name__ == "__main__":
    main()
