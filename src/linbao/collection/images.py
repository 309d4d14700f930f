"""Photos: made upright and small for people to see, what the camera wrote kept apart (1.3.1, 1.3.4).

Decoded in the box (`linbao.base.box`); here stand the cheap looks before it, and the words after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from linbao.base import box, clock
from linbao.base.boxed import looks
from linbao.base.problems import Invalid, TooLarge

# Phones of 200 megapixels, decoded at an eighth; Apple's largest HEIC; a chat's screenshot as one long PNG.
MAX_PIXELS = {"JPEG": 210_000_000, "HEIF": 50_000_000, "PNG": 50_000_000}
MAX_PIXELS_PROGRESSIVE = 50_000_000  # these keep every coefficient in memory, whatever is asked of them
MAX_PIXELS_WHOLE = 25_000_000  # other formats, which are decoded whole
MAX_SCANS = 100  # of a JPEG: cameras write one, progressive files some ten
BYTES_PER_PIXEL = {"PNG": 7, "HEIF": 9, "GIF": 10, "WEBP": 12}  # of memory, at most, beside what every photo takes
BASE_MB = 140
SAME_PICTURE = 6  # bits in which two fingerprints of one picture may differ


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
    file that is broken or no photo, `TooLarge` for more pixels or scans than we decode, `TooMany` when too much
    is being decoded already.
    """
    limits = limits_for(data)
    try:
        made = box.run("pictures.prepare", {"zone": zone.key}, data, limits=limits)
    except box.Refused as e:
        if e.code in ("memory", "time"):
            raise too_large() from e
        raise Invalid(fields={"file": [_("这张照片已损坏或不完整，无法打开；请重新拍摄或重新选择。")]}) from e
    told, (shown, thumb) = made.data, made.blobs
    taken_at = datetime.fromisoformat(told["taken_at"]) if told["taken_at"] else None
    if taken_at is not None and not 1990 <= taken_at.year <= clock.now().year + 1:
        taken_at = None
        told["exif"].pop("taken", None)
    return Picture(
        told["width"], told["height"], shown, thumb, told["fingerprint"], taken_at=taken_at, exif=told["exif"]
    )


def limits_for(data: bytes) -> box.Limits:
    """What decoding may take, by what the picture declares; raises `TooLarge` where that is more than we decode."""
    look = looks.picture(data)
    most = MAX_PIXELS.get(look.form, MAX_PIXELS_WHOLE)
    if look.pixels > (min(most, MAX_PIXELS_PROGRESSIVE) if look.progressive else most) or look.scans > MAX_SCANS:
        raise too_large()
    per_pixel = 6 if look.progressive else BYTES_PER_PIXEL.get(look.form, 0)
    return box.Limits(cpu=15, wall=20.0, memory=BASE_MB + look.pixels * per_pixel // 1_000_000, output=3_000_000)


def distance(a: int, b: int) -> int:
    """In how many of 64 bits two fingerprints differ."""
    return ((a ^ b) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def too_large() -> TooLarge:
    return TooLarge(_("这张图片的像素过大，无法处理；请用手机重新拍摄，或缩小后再上传。"))
