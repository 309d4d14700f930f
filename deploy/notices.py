"""Write src/linbao/shell/notices.txt: whose work Linbao carries, and under which licence (`make notices`).

The Python packages that it needs to run, the shared libraries in their wheels, the npm packages that were bundled into
the browser's files (dist/packages.json) and the fonts of the documents, each licence text once. Served at /licences.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import licences

SHELL = licences.ASSETS.parent
FONTS = SHELL.parent / "documents" / "fonts"
MODULES = licences.ASSETS / "node_modules"
PAGE = SHELL / "notices.txt"
NAMES = re.compile(r"LICEN[CS]E|COPYING|NOTICE|AUTHORS|COPYRIGHT", re.I)
# Texts of deploy/licences for what brings none, or not all: the LGPL's third version adds to the GPL.
ADDED = {
    "docxtpl": ("LGPL-2.1.txt",),
    "psycopg": ("GPL-3.0.txt",),
    "psycopg-binary": ("GPL-3.0.txt",),
    "psycopg-pool": ("GPL-3.0.txt",),
    "libcrypt": ("LGPL-2.1.txt",),
    "libde265": ("GPL-3.0.txt",),
    "libheif": ("GPL-3.0.txt",),
    "libkeyutils": ("LGPL-2.1.txt",),
    "@tabler/core": ("tabler.txt", "bootstrap.txt"),  # its styles carry Bootstrap's
}
HEAD = """Linbao is licensed under the Apache License 2.0. It is built on the work of others, listed here with
the notices and licences that come with it. Where a part is under the GNU LGPL, it is used unchanged, and its source
is to be had from its own home page, at the version that is named: https://pypi.org/project/NAME/ for Python packages,
and for shared libraries the sources that the package with which they came names.
"""


class Missing(Exception):
    """No text of a licence is to be had; the message names the part."""


def texts_of(package: metadata.Distribution) -> list[str]:
    """The licences and notices in a wheel's own description."""
    files = [f for f in package.files or [] if ".dist-info" in str(f) and NAMES.search(f.name)]
    return [f.read_text(encoding="utf-8") for f in sorted(files, key=str)]


def parts() -> Iterator[tuple[str, str, list[str]]]:
    """What is carried: name with version, licence, texts. Raises `Missing`."""
    for package in licences.packages():
        own = licences.part(package)
        yield _whole(own, texts_of(package))
        for library in licences.libraries(package):
            file = licences.LIBRARIES[library.name][1]
            yield _whole(library, [_added(file)] if file else texts_of(package))
    bundled = set(json.loads((SHELL / "static" / "dist" / "packages.json").read_text()))
    fonts = {f"@expo-google-fonts/{p.name}" for p in (MODULES / "@expo-google-fonts").iterdir()}
    for script in licences.scripts():
        if script.name in bundled | fonts:
            files = sorted(p for p in (MODULES / script.name).iterdir() if NAMES.search(p.name) and p.is_file())
            yield _whole(script, [p.read_text(encoding="utf-8") for p in files])
    for name, licence in (("Fandol", "GPL-3.0 with font exception"), ("Hanazono", "free for any use")):
        files = sorted(FONTS.glob(f"{name}-*.txt"))
        if files:  # Debian's packages may not be to be had
            yield f"{name} (font)", licence, [p.read_text(encoding="utf-8", errors="replace") for p in files]


def _whole(part: licences.Part, texts: list[str]) -> tuple[str, str, list[str]]:
    texts = [*texts, *(_added(file) for file in ADDED.get(part.name, ()))]
    if not texts:
        raise Missing(f"no licence text of {part.name}: put one into deploy/licences and name it in ADDED")
    return f"{part.name} {part.version}{' (in ' + part.inside + ')' if part.inside else ''}", part.licence, texts


def _added(file: str) -> str:
    return (licences.TEXTS / file).read_text(encoding="utf-8")


def page() -> str:
    """The whole text: the list, then each licence text once with the names of those that it is of."""
    owners: dict[str, list[str]] = {}
    wordings: dict[str, str] = {}  # by its words: copies differ in their line breaks
    listed = []
    for name, licence, texts in parts():
        listed.append(f"{name}: {licence}")
        for text in texts:
            key = " ".join(text.split())
            wordings.setdefault(key, text.replace("\r\n", "\n").strip("\n"))
            owners.setdefault(key, []).append(name)
    rule = "\n\n" + "=" * 100 + "\n"
    blocks = [f"{', '.join(dict.fromkeys(names))}\n\n{wordings[key]}\n" for key, names in owners.items()]
    return HEAD + "\n" + "\n".join(listed) + rule + rule.join(blocks)


def main() -> int:
    try:
        PAGE.write_text(page(), encoding="utf-8")
    except Missing as e:
        print(f"notices: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
