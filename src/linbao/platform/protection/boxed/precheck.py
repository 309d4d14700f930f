"""Cheap looks at a file before it is opened: what it declares, counted against the bytes that are there (6.1.3).

Pure functions over bytes that take no time or memory worth naming, whatever the file says: the one part of this
package that runs outside the box.
"""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

# What a JPEG's picture ends at: a marker that is no part of the coded picture.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # without repetition: linear on any bytes
_FILL = re.compile(rb"\xff+")  # any number of them may stand before a marker
_ALONE = {0x01, *range(0xD0, 0xDA)}  # markers without a length
_SOF = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
WHOLE_HEIF = 50_000_000  # pixels up to which a HEIC is decoded whole
LEAST_ZEROS = 0.02  # of one half of the bytes: line ends, figures and separators beside Chinese
MOST_SEGMENTS = 10_000  # of a JPEG; an extended profile and a depth map of 25 MB take 400
MOST_BOXES = 100_000  # of an MP4, with those inside others
HEIF_LOOKED_AT = 1_000_000  # bytes in which a HEIC declares its sizes


@dataclass(frozen=True)
class Look:
    """What a picture declares. `scans` of a JPEG; sizes are 0 where they were not found."""

    form: str  # JPEG, PNG, GIF, WEBP, HEIF (also AVIF) or empty
    width: int = 0
    height: int = 0
    progressive: bool = False
    scans: int = 0

    @property
    def pixels(self) -> int:
        return self.width * self.height


def picture(data: bytes) -> Look:
    """Format and declared size of a picture; of a JPEG whether it is progressive, and in how many scans."""
    if data[:3] == b"\xff\xd8\xff":
        return _jpeg(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) >= 24:
        return Look("PNG", *struct.unpack(">II", data[16:24]))
    if data[:3] == b"GIF" and len(data) >= 10:
        return Look("GIF", *struct.unpack("<HH", data[6:10]))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[4:8] == b"ftyp":
        return _heif(data)
    return Look("")


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Marker and place of the segments of a JPEG, one for each scan; at most `MOST_SEGMENTS`."""
    at = 2
    for _n in range(MOST_SEGMENTS):
        fill = _FILL.match(data, at)
        if fill is None or fill.end() >= len(data):
            return
        at = fill.end() - 1
        marker = data[at + 1]
        yield marker, at
        if marker in _ALONE:
            at += 2
            continue
        if at + 4 > len(data):
            return
        at += 2 + max(2, struct.unpack(">H", data[at + 2 : at + 4])[0])
        if marker == 0xDA:
            following = _MARKER.search(data, at)
            if following is None:
                return
            at = following.end() - 2


def _jpeg(data: bytes) -> Look:
    width, height, progressive, first_scan = 0, 0, False, len(data)
    for marker, at in _segments(data):
        if marker == 0xDA:
            first_scan = at
            break
        if marker in _SOF and at + 9 <= len(data):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            progressive = marker in (0xC2, 0xC6, 0xCA, 0xCE)
    return Look("JPEG", width, height, progressive, data.count(b"\xff\xda", first_scan))


def _webp(data: bytes) -> Look:
    kind, head = data[12:16], data[20:30]
    if kind == b"VP8X" and len(head) == 10:
        return Look("WEBP", int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1)
    if kind == b"VP8L" and len(head) >= 5:
        bits = int.from_bytes(head[1:5], "little")
        return Look("WEBP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and len(head) == 10:
        width, height = struct.unpack("<HH", head[6:10])
        return Look("WEBP", width & 0x3FFF, height & 0x3FFF)
    return Look("WEBP")


def _heif(data: bytes) -> Look:
    """The largest size that any part of it declares (`ispe`): a picture of tiles is as large as the whole."""
    largest, at = (0, 0), 0
    head = data[:HEIF_LOOKED_AT]
    while (at := head.find(b"ispe", at) + 4) > 3:
        if at + 12 <= len(head):
            size = struct.unpack(">II", head[at + 4 : at + 12])
            if size[0] * size[1] > largest[0] * largest[1]:
                largest = size
    return Look("HEIF", *largest)


def still(data: bytes) -> bytes:
    """The picture of a motion photo without the film that phones append to it; other files as they are."""
    if data[:3] == b"\xff\xd8\xff":
        return data[: _jpeg_end(data)]
    if data[4:8] == b"ftyp":
        end = 0
        for kind, at, size in boxes(data):
            if kind == b"mpvd" or not kind.isalnum():
                break
            end = at + size
        return data[:end] if end else data
    return data


def _jpeg_end(data: bytes) -> int:
    """Where the first picture of a JPEG ends; its whole length where it has no end."""
    return next((at + 2 for marker, at in _segments(data) if marker == 0xD9), len(data))


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Kind, place and size of the boxes of an ISO base media file (HEIC, MP4) or of one of its boxes; at most
    10,000."""
    at, end = start, len(data) if end is None else end
    for _n in range(10_000):
        if at + 8 > end:
            return
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        if size == 1 and at + 16 <= end:
            (size,) = struct.unpack(">Q", data[at + 8 : at + 16])
        elif size == 0:
            size = end - at
        if size < 8 or at + size > end:
            return
        yield kind, at, size
        at += size


def tracks(data: bytes) -> set[bytes]:
    """What the tracks of an MP4 hold (`soun`, `vide`, …), wherever in the file it lists them."""
    result: set[bytes] = set()
    waiting = [(0, len(data))]
    left = MOST_BOXES
    while waiting and left > 0:
        start, end = waiting.pop()
        for kind, at, size in islice(boxes(data, start, end), left):
            left -= 1
            if kind in (b"moov", b"trak", b"mdia"):
                waiting.append((at + 8, at + size))
            elif kind == b"hdlr" and size >= 20:
                result.add(data[at + 16 : at + 20])
    return result


def utf_16(head: bytes) -> str:
    """The UTF-16 that a text beginning with `head` is in, by its mark, or where only one half of its pairs is ever
    zero; else empty. What reads as UTF-8 with letters beyond ASCII is that, whatever zeros stand in it."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    first, second = head[0::2].count(0), head[1::2].count(0)
    if bool(first) == bool(second) or max(first, second) < len(head) // 2 * LEAST_ZEROS:
        return ""  # a stray zero in other text
    if not head.isascii() and _is_utf_8(head):
        return ""
    wide = "utf-16-be" if first else "utf-16-le"
    text = head[: len(head) & ~1].decode(wide, "replace")
    return "" if any(c < " " and c not in "\t\r\n" for c in text) or "\ufffd" in text[:-1] else wide


def _is_utf_8(head: bytes) -> bool:
    """Whether it decodes, the last character perhaps cut off."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


_STREAMS = {"PowerPoint Document": "ppt", "WordDocument": "doc", "Workbook": "xls", "Book": "xls"}


_LOCKED_SLIDES = b"\x14\x00\x00\x00\xdf\xc4\xd1\xf3"
_TEXT_VERSIONS = {struct.pack("<H", v) for v in (0x65, 0x68, 0x69, 0x6A, 0xC0, 0xC1, 0xC2, 0xD9, 0x101, 0x10C, 0x112)}


def old_office(data: bytes) -> list[str]:
    """What an old binary office file may be (doc, xls, ppt), by the streams that it names; what it is comes first as a
    rule, since slides hold tables and texts rather than the other way round."""
    rows = [kind for name, kind in _STREAMS.items() if (name + "\0").encode("utf-16-le") in data]
    return list(dict.fromkeys(rows))


def locked_office(data: bytes) -> bool:
    """Whether an old binary office file, or a new one in such a shell, has a password."""
    if "EncryptedPackage".encode("utf-16-le") in data or _LOCKED_SLIDES in data:
        return True
    for at in range(512, len(data) - 32, 512):
        if (
            data[at : at + 2] == b"\xec\xa5" and data[at + 2 : at + 4] in _TEXT_VERSIONS
        ):  # the head of a text, whose flags follow its version and language
            return bool(data[at + 11] & 1)
        if data[at : at + 4] == b"\x09\x08\x10\x00" and data[at + 4 : at + 8] == b"\x00\x06\x05\x00":  # of a workbook
            after = at + 20
            if data[after : after + 4] == b"\x86\x00\x00\x00":  # write protection is no lock
                after += 4
            return data[after : after + 2] == b"\x2f\x00"
    return False


def archive(data: bytes) -> tuple[int, int]:
    """How many entries a zip declares, and how many bytes their directory takes; zeros where it has none."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if at < 0 or at + 22 > len(data):
        return 0, 0
    entries, size = struct.unpack("<HI", data[at + 10 : at + 16])
    return entries, size
