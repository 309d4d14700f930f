"""Photos: made upright and small for people to see, what the camera wrote kept apart (1.3.1, 1.3.4).

One decode per photo. JPEGs are decoded at a fraction of their size by libjpeg itself (draft mode),
which is what makes a 12-megapixel photo cost some 50 ms of CPU instead of 300.
"""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from PIL import (  # noqa: F401
    AvifImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageOps,
    ImageStat,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from linbao.base import clock
from linbao.base.problems import Invalid, TooLarge

# Phones of 200 megapixels, decoded at an eighth; Apple's largest HEIC.
MAX_PIXELS = {"JPEG": 210_000_000, "MPO": 210_000_000, "HEIF": 50_000_000}
MAX_PIXELS_PROGRESSIVE = 50_000_000  # these keep every coefficient in memory, whatever is asked of them
MAX_PIXELS_WHOLE = 25_000_000  # formats that are decoded whole: 100 MB of memory
SHOWN_SIDE, SHOWN_LEAST, SHOWN_BYTES = 2048, 1200, 400_000
THUMB_SIDE = 320
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
SAME_PICTURE = 6  # bits in which two fingerprints of one picture may differ

Image.MAX_IMAGE_PIXELS = None  # we ask ourselves, before anything is decoded, with words people understand


@dataclass(frozen=True)
class Picture:
    """What a photo becomes. `width` and `height` are the original's, upright; `shown` and `thumb` are JPEG."""

    width: int
    height: int
    shown: bytes
    thumb: bytes
    fingerprint: int | None  # signed 64 bits; None for a picture without any contrast
    taken_at: datetime | None  # UTC
    exif: dict[str, Any] = field(default_factory=dict)  # lat, lon, device, taken


def prepare(data: bytes, zone: ZoneInfo) -> Picture:
    """Decode a photo once and make what people see of it.

    `zone` is where the camera's clock is taken to be when it does not say. Raises `Invalid` for a
    file that is broken or no photo, `TooLarge` for more pixels than we decode.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _prepare(data, zone)
    except (TooLarge, Invalid):
        raise
    except Image.DecompressionBombError as e:
        raise _too_many_pixels() from e
    except MemoryError as e:
        raise _too_many_pixels() from e
    except Exception as e:  # decoders raise anything at all on a broken file
        raise Invalid(fields={"file": [_("这张照片已损坏或不完整，无法打开；请重新拍摄或重新选择。")]}) from e


def _prepare(data: bytes, zone: ZoneInfo) -> Picture:
    formats: list[str] = [*FORMATS]
    if data[4:8] == b"ftyp":
        import pillow_heif

        pillow_heif.register_heif_opener()
        formats.append("HEIF")
    image: Image.Image = Image.open(io.BytesIO(data), formats=formats)
    width, height = image.size
    most = MAX_PIXELS.get(image.format or "", MAX_PIXELS_WHOLE)
    if width * height > (min(most, MAX_PIXELS_PROGRESSIVE) if image.info.get("progressive") else most):
        raise _too_many_pixels()
    raw = image.getexif()
    orientation = raw.get(ExifTags.Base.Orientation, 1)
    exif, taken_at = _exif(raw, zone)
    profile = image.info.get("icc_profile")
    if image.format in ("JPEG", "MPO"):
        shrink = SHOWN_LEAST / max(width, height)
        image.draft("RGB", (max(1, round(width * shrink)), max(1, round(height * shrink))))
    image.load()
    if max(image.size) > SHOWN_SIDE:
        image.thumbnail((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    image = _opaque(image if image.getexif().get(ExifTags.Base.Orientation, 1) == 1 else ImageOps.exif_transpose(image))
    image.info = {}  # no comment, no EXIF, no thumbnail of the camera's own
    share = min(1.0, THUMB_SIDE / max(image.size))
    small = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    thumb = image.resize(small, Image.Resampling.BILINEAR, reducing_gap=2.0)
    if orientation in (5, 6, 7, 8) and data[4:8] != b"ftyp":  # libheif has turned the size already
        width, height = height, width
    keep = {"icc_profile": profile} if profile and len(profile) < 4096 else {}
    return Picture(
        width=width,
        height=height,
        shown=_under(image, SHOWN_BYTES, keep),
        thumb=_jpeg(thumb, 70, keep),
        fingerprint=fingerprint(thumb),
        taken_at=taken_at,
        exif=exif,
    )


def fingerprint(image: Image.Image) -> int | None:
    """The perceptual hash as a signed 64-bit number; None where the picture is one flat colour."""
    grey = image.convert("L")
    if ImageStat.Stat(grey).stddev[0] < 4:
        return None
    import imagehash  # brings numpy: only processes that take photos pay for it

    value = int(str(imagehash.dhash(grey)), 16)
    return value - (1 << 64) if value >= 1 << 63 else value


def distance(a: int, b: int) -> int:
    """In how many of 64 bits two fingerprints differ."""
    return ((a ^ b) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


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


def _too_many_pixels() -> TooLarge:
    return TooLarge(_("这张图片的像素过大，无法处理；请用手机重新拍摄，或缩小后再上传。"))


def _exif(raw: Image.Exif, zone: ZoneInfo) -> tuple[dict[str, Any], datetime | None]:
    """What the camera wrote, as far as it makes sense: place, time, device."""
    found: dict[str, Any] = {}
    taken: datetime | None = None
    try:
        device = " ".join(
            str(raw[tag]).replace("\x00", "").strip() for tag in (ExifTags.Base.Make, ExifTags.Base.Model) if tag in raw
        )
        if device.strip():
            found["device"] = device.strip()[:80]
        inner = raw.get_ifd(ExifTags.IFD.Exif)
        taken = _taken(inner, raw, zone)
        if taken:
            found["taken"] = taken.isoformat()
        place = _place(raw.get_ifd(ExifTags.IFD.GPSInfo))
        if place:
            found["lat"], found["lon"] = place
    except Exception:  # a camera's nonsense is no reason to refuse its photo
        pass
    return found, taken


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
    return moment.astimezone(UTC) if 1990 <= moment.year <= clock.now().year + 1 else None


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
