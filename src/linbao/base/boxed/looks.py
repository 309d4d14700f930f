"""Cheap looks at a file before it is opened: what it declares, counted against the bytes that are there (6.1.3).

Pure functions over bytes that take no time or memory worth naming, whatever the file says: the one part of this
package that runs outside the box.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_SOF = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
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
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return Look("PNG", *struct.unpack(">II", data[16:24]))
    if data[:3] == b"GIF" and len(data) >= 10:
        return Look("GIF", *struct.unpack("<HH", data[6:10]))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[4:8] == b"ftyp":
        return _heif(data)
    return Look("")


def _jpeg(data: bytes) -> Look:
    at, width, height, progressive = 2, 0, 0, False
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in (0x01, *range(0xD0, 0xD8)):
            at += 2
            continue
        if marker == 0xDA:
            break
        if marker in _SOF and at + 9 <= len(data):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            progressive = marker in (0xC2, 0xC6, 0xCA, 0xCE)
        at += 2 + max(2, struct.unpack(">H", data[at + 2 : at + 4])[0])
    return Look("JPEG", width, height, progressive, data.count(b"\xff\xda", at))


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


def archive(data: bytes) -> tuple[int, int]:
    """How many entries a zip declares, and how many bytes their directory takes; zeros where it has none."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if at < 0 or at + 22 > len(data):
        return 0, 0
    entries, size = struct.unpack("<HI", data[at + 10 : at + 16])
    return entries, size
