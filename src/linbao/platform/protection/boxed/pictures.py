"""Photos and seals: decoded once, made upright and small, what the camera wrote kept apart (1.3.1, 1.3.4, 4.2.2).

JPEGs are decoded at a fraction of their size by libjpeg itself (draft mode), which is what makes a 12-megapixel photo
cost some 50 ms of CPU instead of 300. HEICs are reduced strip by strip as they leave the decoder,
those beyond 50 megapixels tile by tile (`heif_grid`).
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pi_heif
from PIL import (  # noqa: F401 - imported before the fork
    AvifImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageChops,
    ImageOps,
    ImageStat,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from linbao.platform.protection.boxed import Refusal, Send, heif_grid, precheck

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
SHOWN_SIDE, SHOWN_LEAST, SHOWN_BYTES = 2048, 1200, 400_000
LONG, SHOWN_PIXELS = 3, 3_000_000  # a picture three times longer than wide is shown by area: its text stays legible
THUMB_SIDE = 320
STRIP = 512  # rows
LAST_ROWS = 32  # that libjpeg holds back until it sees the end: a row of blocks, and the one that smooths it
SCANS, SCANS_OF_GREY = 9, 5  # of the ten and six that progressive files have: all but the last bits are there
FLAT = 4  # grey levels of deviation below which a picture has nothing to know it by

Image.MAX_IMAGE_PIXELS = None  # asked before, by what the file declares; the limits of the process do the rest
pi_heif.options.DECODE_THREADS = 1
warnings.simplefilter("ignore")


def prepare(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """Sends what people see and its thumbnail (JPEG). `args`: `zone` of the camera's clock where it does not say.

    Returns `width`, `height` (the original's, upright), `fingerprint` (signed 64 bits; None for a picture without
    contrast), `taken_at` (ISO, UTC) or None, `exif` (lat, lon, device, taken).
    """
    data = blobs[0]
    zone = ZoneInfo(args["zone"])
    if data[4:8] == b"ftyp" and data[8:12] not in (b"avif", b"avis"):
        image, raw, size, profile = _heif(data)
    else:
        image, raw, size, profile = _opened(data)
    exif, taken_at = _exif(raw, zone)
    image = _opaque(image)
    image.info = {}  # no comment, no EXIF, no thumbnail of the camera's own
    share = min(1.0, THUMB_SIDE / max(image.size))
    small = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    thumb = image.resize(small, Image.Resampling.BILINEAR, reducing_gap=2.0)
    keep = {"icc_profile": profile} if profile and len(profile) < 4096 else {}
    send(_under(image, SHOWN_BYTES, keep))
    send(_jpeg(thumb, 70, keep))
    return {
        "width": size[0],
        "height": size[1],
        "fingerprint": fingerprint(thumb),
        "taken_at": taken_at.isoformat() if taken_at else None,
        "exif": exif,
    }


def _opened(data: bytes) -> tuple[Image.Image, Image.Exif, tuple[int, int], bytes | None]:
    """The picture, upright and reduced; what the camera wrote; the original's size, upright; its colours' profile."""
    image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    width, height = image.size
    raw = image.getexif()
    orientation = raw.get(ExifTags.Base.Orientation, 1)
    profile = image.info.get("icc_profile")
    if image.format in ("JPEG", "MPO"):
        image = _jpeg_reduced(image, data)
    image.load()
    image = _reduced(_eight_bits(image))
    if image.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        image = ImageOps.exif_transpose(image)
    return image, raw, (height, width) if orientation in (5, 6, 7, 8) else (width, height), profile


def _eight_bits(image: Image.Image) -> Image.Image:
    """Ten to sixteen bits of grey as eight: Pillow would cut them at 255."""
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.convert("I").point(lambda v: v * (1 / 256)).convert("L")
    return image


def _jpeg_reduced(image: Image.Image, data: bytes) -> Image.Image:
    """Decoded at a fraction. A file that ends before its end mark is taken when no more than the last rows of
    blocks wait for it, or of a progressive one the last refinements: some phones and transfers lose the mark."""

    def draft(of: Image.Image) -> Image.Image:
        shrink = SHOWN_LEAST / max(of.size)
        of.draft("RGB", (max(1, round(of.width * shrink)), max(1, round(of.height * shrink))))
        return of

    try:
        draft(image).load()
        return image
    except OSError:
        if data.rstrip(b"\x00").endswith(b"\xff\xd9"):
            raise
    look = precheck.picture(data)
    if look.progressive:
        if look.scans < (SCANS if image.mode != "L" else SCANS_OF_GREY):
            raise Refusal("broken")
        image = draft(Image.open(io.BytesIO(data + b"\xff\xd9"), formats=FORMATS))
        image.load()
        return image
    box = image.im.getbbox()  # what the failed attempt left: rows that were not decoded are black
    if box is None or image.height - box[3] > LAST_ROWS:
        raise Refusal("broken")
    whole = draft(Image.open(io.BytesIO(data + b"\xff\xd9"), formats=FORMATS))
    whole.load()
    return whole


def _heif(data: bytes) -> tuple[Image.Image, Image.Exif, tuple[int, int], bytes | None]:
    """As `_opened`. libheif has turned the picture already; it is reduced in strips, so that the whole of it lies in
    memory once only."""
    result = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
    raw = Image.Exif()
    if result.info.get("exif"):
        raw.load(result.info["exif"])
    raw.pop(ExifTags.Base.Orientation, None)
    profile = result.info.get("icc_profile")
    width, height = result.size
    if width * height > precheck.WHOLE_HEIF:
        return _reduced(heif_grid.decode(data, SHOWN_SIDE)), raw, (width, height), profile
    by = max(1, max(width, height) // SHOWN_SIDE)
    pixels, stride, mode = result.data, result.stride, result.mode
    made = Image.new("L" if mode.startswith("I;16") else mode, (-(-width // by), -(-height // by)))
    rows = STRIP // by * by
    for top in range(0, height, rows):
        count = min(rows, height - top)
        piece: Any = memoryview(pixels)[top * stride : (top + count) * stride]
        strip = _eight_bits(Image.frombuffer(mode, (width, count), piece, "raw", mode, stride, 1))
        made.paste(strip.reduce(by) if by > 1 else strip, (0, top // by))
    return _reduced(made), raw, (width, height), profile


def _reduced(image: Image.Image) -> Image.Image:
    """Small enough to be shown; a very long picture (a screenshot of a whole chat) keeps its width readable."""
    width, height = image.size
    if max(width, height) > LONG * min(width, height):
        share = min(1.0, math.sqrt(SHOWN_PIXELS / (width * height)))
    else:
        share = min(1.0, SHOWN_SIDE / max(width, height))
    if share < 1.0:
        image.thumbnail(
            (max(1, round(width * share)), max(1, round(height * share))), Image.Resampling.BILINEAR, reducing_gap=2.0
        )
    return image


def fingerprint(image: Image.Image) -> int | None:
    """The perceptual hash (difference of neighbours, 8 × 8) as a signed 64-bit number; None for one flat colour."""
    grey = image.convert("L")
    if ImageStat.Stat(grey).stddev[0] < FLAT:
        return None
    cells = grey.resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    value = 0
    for row in range(8):
        for column in range(8):
            value = value << 1 | (cells[row * 9 + column + 1] > cells[row * 9 + column])
    return value - (1 << 64) if value >= 1 << 63 else value


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        ground = Image.new("RGB", image.size, "white")
        with_alpha = image.convert("RGBA")
        ground.paste(with_alpha, mask=with_alpha.getchannel("A"))
        return ground
    return image.convert("RGB")


def _jpeg(image: Image.Image, quality: int, keep: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, **keep)
    return out.getvalue()


def _under(image: Image.Image, limit: int, keep: dict[str, Any]) -> bytes:
    """The best JPEG that fits into `limit` bytes: quality first, then size."""
    while True:
        for quality in (78, 62, 45):
            made = _jpeg(image, quality, keep)
            if len(made) <= limit:
                return made
        image = image.resize((max(1, image.width * 2 // 3), max(1, image.height * 2 // 3)), Image.Resampling.BILINEAR)


def _exif(raw: Image.Exif, zone: ZoneInfo) -> tuple[dict[str, Any], datetime | None]:
    """What the camera wrote, as far as it makes sense: place, time, device."""
    result: dict[str, Any] = {}
    taken: datetime | None = None
    try:
        device = " ".join(
            str(raw[tag]).replace("\x00", "").strip() for tag in (ExifTags.Base.Make, ExifTags.Base.Model) if tag in raw
        )
        if device.strip():
            result["device"] = device.strip()[:80]
        inner = raw.get_ifd(ExifTags.IFD.Exif)
        taken = _taken(inner, raw, zone)
        if taken:
            result["taken"] = taken.isoformat()
        place = _place(raw.get_ifd(ExifTags.IFD.GPSInfo))
        if place:
            result["lat"], result["lon"] = place
    except Exception:  # a camera's nonsense is no reason to refuse its photo
        pass
    return result, taken


def _taken(inner: dict[int, Any], raw: Image.Exif, zone: ZoneInfo) -> datetime | None:
    text = str(inner.get(ExifTags.Base.DateTimeOriginal) or raw.get(ExifTags.Base.DateTime) or "").strip("\x00 ")
    try:
        moment = datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    offset = str(inner.get(ExifTags.Base.OffsetTimeOriginal) or "").strip("\x00 ")
    if len(offset) == 6 and offset[0] in "+-" and offset[1:3].isdigit() and offset[4:].isdigit():
        away = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
        moment = moment.replace(tzinfo=timezone(away if offset[0] == "+" else -away))
    else:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def _place(gps: dict[int, Any]) -> tuple[float, float] | None:
    if 2 not in gps or 4 not in gps:
        return None
    lat, lon = _degrees(gps[2], gps.get(1, "N")), _degrees(gps[4], gps.get(3, "E"))
    if not (math.isfinite(lat) and math.isfinite(lon)) or abs(lat) > 90 or abs(lon) > 180 or (lat == 0 and lon == 0):
        return None
    return round(lat, 6), round(lon, 6)


def _degrees(parts: Any, side: Any) -> float:
    d, m, s = (float(x) for x in parts)
    value = d + m / 60 + s / 3600
    return -value if str(side).strip("\x00 ").upper() in ("S", "W") else value


ANNEX_FORMATS = ("JPEG", "PNG", "WEBP")


def annex(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """Sends a photo as the JPEG that is printed: of `ladder` (longest side in pixels, quality; the best first) the
    first step that takes at most `share` bytes, else the last. Returns `width` and `height`."""
    with Image.open(io.BytesIO(blobs[0]), formats=ANNEX_FORMATS) as opened:
        side = args["ladder"][0][0]
        opened.draft("RGB", (side, side))
        image = ImageOps.exif_transpose(opened).convert("RGB")
    for side, quality in args["ladder"]:
        image.thumbnail((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)
        made = _jpeg(image, quality, {})
        if len(made) <= args["share"]:
            break
    send(made)
    return {"width": image.width, "height": image.height}


# --- seals ----------------------------------------------------------------------------------------

SEAL_FORMATS = ("PNG", "JPEG", "WEBP")
INK = (0xD4, 0x14, 0x1C)


def seal(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """Sends a photographed or scanned seal as PNG: its red ink on a clear ground, cut to its edge. Refuses a picture
    without one (`no_seal`)."""
    with Image.open(io.BytesIO(blobs[0]), formats=SEAL_FORMATS) as opened:
        if opened.format == "JPEG":
            opened.draft("RGB", (1200, 1200))
        opened.thumbnail((1200, 1200))
        image = opened.convert("RGBA")
    red, green, blue, alpha = image.split()
    # Ink is where red stands clearly above the other two; its strength becomes the new alpha.
    others = ImageChops.lighter(green, blue)
    ink = ImageChops.multiply(
        ImageChops.subtract(red, others).point([0 if v < 40 else min(255, (v - 40) * 3) for v in range(256)]), alpha
    )
    box = ink.getbbox()
    if box is None or min(box[2] - box[0], box[3] - box[1]) < 60:
        raise Refusal("no_seal")
    clean = Image.new("RGBA", image.size, (*INK, 0))
    clean.putalpha(ink)
    side = max(box[2] - box[0], box[3] - box[1])
    square = Image.new("RGBA", (side, side), (*INK, 0))
    cut = clean.crop(box)
    square.paste(cut, ((side - cut.width) // 2, (side - cut.height) // 2))
    square.thumbnail((600, 600))
    out = io.BytesIO()
    square.save(out, "PNG", optimize=True)
    send(out.getvalue())
    return {}
