"""Which letters can be printed here: the character maps of the TrueType and OpenType files that typesetting uses."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

OURS = (Path(__file__).parent / "fonts",)
# Where typesetting looks besides; an administrator's own fonts stand there.
INSTALLED = (
    Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"), Path("/System/Library/Fonts"),
    Path.home() / ".fonts", Path.home() / ".local/share/fonts",
)  # fmt: skip


def missing(words: str) -> list[str]:
    """The letters of `words` that no font has: each would be an empty box on paper. The installed fonts are asked
    only for what ours lack."""
    left = list(dict.fromkeys(c for c in words if not c.isspace()))
    for folders in (OURS, INSTALLED):
        if left:
            starts, ends = _ranges(folders)
            left = [c for c in left if not _within(ord(c), starts, ends)]
    return left


def _within(code: int, starts: list[int], ends: list[int]) -> bool:
    at = bisect_right(starts, code) - 1
    return at >= 0 and code <= ends[at]


@lru_cache(maxsize=2)
def _ranges(folders: tuple[Path, ...]) -> tuple[list[int], list[int]]:
    """All letters of the fonts below `folders` as ranges that do not overlap, in order; read once in a process."""
    starts: list[int] = []
    ends: list[int] = []
    for first, last in sorted(_spans(folders)):
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return starts, ends


def _spans(folders: Iterable[Path]) -> Iterator[tuple[int, int]]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in (".ttf", ".otf", ".ttc", ".otc"):
                try:
                    with path.open("rb") as file:
                        yield from _of(file)
                except (OSError, struct.error):  # not a font, or one that may not be read
                    continue


def _of(file: BinaryIO) -> list[tuple[int, int]]:
    """The letters of a font's Unicode `cmap` in format 12 (all fonts have it that reach beyond the first plane); of a
    collection those of its first font."""
    at = 0
    if file.read(4) == b"ttcf":
        file.seek(12)
        (at,) = struct.unpack(">I", file.read(4))
    file.seek(at + 4)
    (tables,) = struct.unpack(">H", file.read(2))
    file.seek(at + 12)
    places = {tag: offset for tag, _sum, offset, _length in struct.iter_unpack(">4sIII", file.read(16 * tables))}
    if b"cmap" not in places:
        return []
    file.seek(places[b"cmap"] + 2)
    (count,) = struct.unpack(">H", file.read(2))
    for _platform, _encoding, sub in struct.iter_unpack(">HHI", file.read(8 * count)):
        file.seek(places[b"cmap"] + sub)
        form, _reserved, _length, _language, groups = struct.unpack(">HHIII", file.read(16))
        if form == 12:
            return [(first, last) for first, last, _glyph in struct.iter_unpack(">III", file.read(12 * groups))]
    return []
