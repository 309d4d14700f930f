"""Open fonts of official documents: Noto's out of the npm packages that `deploy/assets.py install` brought, and out of
Debian's packages FandolFang and FandolKai, the 仿宋 and 楷体 of GB/T 9704 (TeX Live), and HanaMinB for rare letters of
names (Han extensions B to F).

Fandol is GPL with the font exception, which lets any document embed it, Hanazono free for any use; they are no part of
Linbao's own files. Licence and notice are laid beside them. Where Debian's packages cannot be had, nothing fails:
documents are then set in the official fonts if the machine has them, else in Noto Serif SC, and `linbao doctor` says
so.
"""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src" / "linbao"
FOLDER = SOURCE / "documents" / "fonts"
PACKAGES = SOURCE / "shell" / "assets" / "node_modules" / "@expo-google-fonts"
# Used where the official fonts are not installed. The Japanese one has rare letters of names (𠮷) that the others lack;
# Yi, Tibetan and emoji have fonts of their own.
NOTO = (
    "noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf",
    "noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf",
    "noto-sans-sc/500Medium/NotoSansSC_500Medium.ttf",
    "noto-serif-jp/400Regular/NotoSerifJP_400Regular.ttf",
    "noto-sans-yi/400Regular/NotoSansYi_400Regular.ttf",
    "noto-serif-tibetan/400Regular/NotoSerifTibetan_400Regular.ttf",
    "noto-emoji/400Regular/NotoEmoji_400Regular.ttf",
)
FONTS = "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/"
NOTICES = "usr/share/doc/texlive-doc/fonts/fandol/"
WANTED = {  # package: its files, and what they are called here
    "texlive-lang-chinese": {
        FONTS + "FandolFang-Regular.otf": "FandolFang-Regular.otf",
        FONTS + "FandolKai-Regular.otf": "FandolKai-Regular.otf",
        NOTICES + "README": "Fandol-README.txt",
        NOTICES + "COPYING.gz": "Fandol-COPYING.txt",
    },
    "fonts-hanazono": {
        "usr/share/fonts/truetype/hanazono/HanaMinB.ttf": "HanaMinB.ttf",
        "usr/share/doc/fonts-hanazono/copyright": "Hanazono-COPYING.txt",
    },
}


def main() -> None:
    copy_noto()
    for package, files in WANTED.items():
        if all((FOLDER / name).exists() for name in files.values()):
            continue
        try:
            with tempfile.TemporaryDirectory() as scratch:
                unpack(download(Path(scratch), package), files)
        except (OSError, subprocess.SubprocessError, LookupError, tarfile.TarError) as e:
            print(f"fonts: no {package} from Debian ({e}); other fonts are used where they can be", file=sys.stderr)


def copy_noto() -> None:
    """Lay Noto's fonts into the folder, anew where a package brought another file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in NOTO:
        source, target = PACKAGES / name, FOLDER / Path(name).name
        if not source.exists():
            print(f"fonts: {source} is missing: run `make setup`", file=sys.stderr)
        elif not target.exists() or target.stat().st_size != source.stat().st_size:
            lay(target, source.read_bytes())


def lay(target: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(target)


def download(scratch: Path, package: str) -> Path:
    """The Debian package, by apt into a state of its own: no root is needed and nothing is installed."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise LookupError("no apt-get")
    state = scratch / "apt"
    for folder in ("lists/partial", "archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    own = ["-o", f"Dir::State::lists={state}/lists", "-o", f"Dir::Cache={state}", "-o", "Debug::NoLocking=1"]
    quiet = ["-qq", "-o", "APT::Sandbox::User="]
    run = {"cwd": scratch, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "timeout": 300}
    try:  # the machine's own lists, where they are
        subprocess.run(["apt-get", *quiet, "download", package], **run)
    except subprocess.CalledProcessError:
        subprocess.run(["apt-get", *quiet, *own, "update"], **run)
        subprocess.run(["apt-get", *quiet, *own, "download", package], **run)
    return next(scratch.glob("*.deb"))


def unpack(package: Path, files: dict[str, str]) -> None:
    """Lay the wanted files into the folder of fonts, each whole or not at all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            name = files.get(member.name.removeprefix("./"))
            file = archive.extractfile(member) if name and member.isfile() else None
            if name and file:
                data = file.read()
                lay(FOLDER / name, gzip.decompress(data) if member.name.endswith(".gz") else data)


if __name__ == "__main__":
    main()
