"""Files for the tests, drawn by code: photos with and without EXIF, recordings, documents, bombs."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw


def picture(width: int = 800, height: int = 600, seed: int = 1) -> Image.Image:
    """A picture with shapes, its upper left corner red, so that one sees which way is up."""
    random = Random(seed)
    image = Image.new("RGB", (1600, 1200), (120, 160, 200))
    draw = ImageDraw.Draw(image)
    for _n in range(40):
        x, y, size = random.randrange(1600), random.randrange(1200), random.randrange(20, 420)
        draw.rectangle((x, y, x + size, y + size // 2), fill=tuple(random.randrange(256) for _c in range(3)))
    draw.rectangle((0, 0, 400, 300), fill=(255, 0, 0))
    return image.resize((width, height), Image.Resampling.BILINEAR)


def exif(
    orientation: int = 1, taken: str = "2026:11:22 09:40:00", lat: float | None = 30.652, lon: float = 104.062
) -> Image.Exif:
    made = Image.Exif()
    made[0x0112], made[0x010F], made[0x0110] = orientation, "HUAWEI", "P50"
    made.get_ifd(0x8769)[36867] = taken
    if lat is not None:
        gps = made.get_ifd(0x8825)
        gps[1], gps[2], gps[3], gps[4] = "N", (lat, 0.0, 0.0), "E", (lon, 0.0, 0.0)
    return made


def jpeg(
    width: int = 800, height: int = 600, seed: int = 1, data: Image.Exif | None = None, quality: int = 85
) -> bytes:
    out = io.BytesIO()
    picture(width, height, seed).save(
        out, "JPEG", quality=quality, exif=data or Image.Exif(), comment=b"made by Zhang San"
    )
    return out.getvalue()


# Written by `tests/items/heic/make.py`: width, height, orientation.
HEICS = {(640, 480, 1): "photo.heic", (640, 480, 6): "photo_turned.heic", (900, 700, 1): "photo_large.heic"}


def heic(width: int = 640, height: int = 480, orientation: int = 1) -> bytes:
    """One of the stored HEICs of `picture(width, height)`, with `exif(orientation)`."""
    return (Path(__file__).parent / "heic" / HEICS[width, height, orientation]).read_bytes()


def png_bomb(side: int = 30_000) -> bytes:
    """A PNG of a few kB that says it is `side` pixels wide and high."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
        + chunk(b"IEND", b"")
    )


def office(kind: str = "wordprocessingml", flood: int = 0) -> bytes:
    """A docx or xlsx in outline; `flood` bytes of zeros inside make a bomb of it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/></Types>',
        )
        archive.writestr("word/document.xml", "<document/>")
        if flood:
            archive.writestr("word/media/flood.bin", b"\x00" * flood)
    return out.getvalue()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../x", "x")
    return out.getvalue()


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def m4a(brand: bytes = b"M4A ", handler: bytes = b"soun") -> bytes:
    return box(b"ftyp", brand + b"\x00\x00\x00\x00" + b"isom") + box(
        b"moov", box(b"hdlr", b"\x00" * 8 + handler + b"\x00" * 12)
    )


RECORDINGS = {
    "m4a": m4a(),
    "m4a of another phone": m4a(b"mp42"),
    "mp3": b"ID3\x03\x00\x00\x00\x00\x00\x21" + b"\x00" * 100,
    "mp3 without tags": b"\xff\xfb\x90\x64" + b"\x00" * 400,
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 40,
    "ogg": b"OggS\x00\x02" + b"\x00" * 22 + b"\x01\x1eOpusHead" + b"\x00" * 40,
    "amr": b"#!AMR\n" + b"\x3c" * 50,
}
DOCUMENTS = {
    "docx": office(),
    "xlsx": office("spreadsheetml"),
    "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF",
    "txt": "会议记录：居民反映电梯故障。".encode(),
    "txt of an old computer": "会议记录：居民反映电梯故障。".encode("gb18030"),
    "csv": "姓名,事项\n张,灯坏\n".encode(),
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "WordDocument\0".encode("utf-16-le"),
}
REFUSED = {
    "a program": b"MZ\x90\x00" + b"\x00" * 200,
    "a program of Linux": b"\x7fELF" + b"\x00" * 200,
    "a web page": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "an SVG": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "a script": b"#!/bin/sh\nrm -rf /\n",
    "a zip": zipped(),
    "a film": m4a(b"isom", b"vide"),
    "noise": bytes(range(256)) * 4,
    "a TIFF": b"II*\x00" + b"\x00" * 100,
}
