"""Which letters can be printed here: the character maps of the TrueType and OpenType files that typesetting uses."""

from __future__ import annotations

import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

OURS = (Path(__file__).parent / "fonts",)
# Where typesetting looks besides; an administrator's own fonts stand there.
INSTALLED = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
    Path.home() / ".fonts",
    Path.home() / ".local/share/fonts",
)


def missing_in(content: Any) -> list[str]:
    """As `missing`, of all text in the content of a document, however it is nested."""
    if isinstance(content, str):
        return missing(content)
    values = content.values() if isinstance(content, Mapping) else content if isinstance(content, (list, tuple)) else ()
    return list(dict.fromkeys(letter for value in values for letter in missing_in(value)))


def notice(letters: Sequence[str]) -> str:
    """What a person is told before letters that no font has go out in a document."""
    return _(
        "“%(letters)s”在已安装的字体中没有字形，报送的文件里会是空框；请改用别的字，或请系统管理员安装含有此字的字体。"
    ) % {"letters": _("、").join(letters[:20])}


def missing(text: str) -> list[str]:
    """The letters of `text` that no font has: each would be an empty box on paper. The installed fonts are asked
    only for what ours lack. Signs that only choose or join the shapes of others need none."""
    left = list(dict.fromkeys(c for c in text if not c.isspace() and not _shaping(c)))
    for folders in (OURS, INSTALLED):
        if left:
            starts, ends = _ranges(folders)
            left = [c for c in left if not _within(ord(c), starts, ends)]
    return left


def _shaping(letter: str) -> bool:
    return (
        unicodedata.category(letter) in ("Cf", "Cc")
        or "\ufe00" <= letter <= "\ufe0f"
        or "\U000e0000" <= letter <= "\U000e0fff"
    )


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
    """The letters of a font's Unicode `cmap`, in format 12 (all fonts have it that reach beyond the first plane) or
    4; of a collection those of its first font."""
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
    short: list[tuple[int, int]] = []
    for platform, encoding, sub in struct.iter_unpack(">HHI", file.read(8 * count)):
        file.seek(places[b"cmap"] + sub)
        form, length, _length, _language, groups = struct.unpack(">HHIII", file.read(16))
        if form == 12:
            return [(first, last) for first, last, _glyph in struct.iter_unpack(">III", file.read(12 * groups))]
        if form == 4 and (platform, encoding) in ((3, 1), (0, 3)):
            file.seek(places[b"cmap"] + sub)
            short = list(_first_plane(file.read(length)))
    return short


def _first_plane(table: bytes) -> Iterator[tuple[int, int]]:
    """The letters of a table in format 4: segments, whose glyphs follow from a difference or stand in a list."""
    (twice,) = struct.unpack(">H", table[6:8])
    count = twice // 2

    def column(at: int) -> tuple[int, ...]:
        return struct.unpack(f">{count}H", table[at : at + twice])

    ends, starts, deltas, offsets = column(14), column(16 + twice), column(16 + 2 * twice), column(16 + 3 * twice)
    for n, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = (code + delta) & 0xFFFF
            if offset:
                at = 16 + 3 * twice + 2 * n + offset + 2 * (code - first)
                (glyph,) = struct.unpack(">H", table[at : at + 2])
            if glyph:
                yield code, code
