"""Photos: made upright and small for people to see, the camera's metadata stored separately (1.3.1, 1.3.4).

Decoded in the box (`linbao.platform.protection.box`); here stand the cheap looks before it, and the words after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.problems import Invalid, TooLarge
from linbao.platform.protection import box
from linbao.platform.protection.boxed import precheck

# Phones of 200 megapixels, decoded at an eighth or tile by tile; a chat's screenshot as one long PNG.
MAX_PIXELS = {"JPEG": 210_000_000, "HEIF": 210_000_000, "PNG": 50_000_000}
MAX_PIXELS_PROGRESSIVE = 50_000_000  # these keep every coefficient in memory, whatever is asked of them
MAX_PIXELS_WHOLE = 25_000_000  # other formats, which are decoded whole
MAX_SCANS = 100  # of a JPEG: cameras write one, progressive files some ten
BYTES_PER_PIXEL = {"PNG": 7, "HEIF": 9, "GIF": 10, "WEBP": 12}  # of memory, at most, beside what every photo takes
BASE_MB, TILES_MB = 140, 180
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

    `zone` is where the camera's clock is taken to be when it does not say. Raises `Invalid` for a file that is broken
    or no photo, or in more scans than we decode, `TooLarge` for more pixels, `TooMany` when too much is being decoded
    already.
    """
    limits = limits_for(data)
    try:
        made = box.run("pictures.prepare", {"zone": zone.key}, data, limits=limits)
    except box.Refused as e:
        if e.code in ("memory", "time"):
            raise TooLarge(_("处理这张图片所需的内存或时间超出限制；请缩小，或另存为普通的 JPG 后再上传。")) from e
        raise _broken() from e
    details, (shown, thumb) = made.data, made.blobs
    taken_at = datetime.fromisoformat(details["taken_at"]) if details["taken_at"] else None
    if taken_at is not None and not 1990 <= taken_at.year <= clock.now().year + 1:
        taken_at = None
        details["exif"].pop("taken", None)
    return Picture(
        details["width"],
        details["height"],
        shown,
        thumb,
        details["fingerprint"],
        taken_at=taken_at,
        exif=details["exif"],
    )


def limits_for(data: bytes) -> box.Limits:
    """What decoding may take, by what the picture declares; raises `TooLarge` where that is more than we decode,
    `Invalid` for a JPEG that declares no size."""
    look = precheck.picture(data)
    if look.form == "JPEG" and not look.pixels:
        raise _broken()
    most = MAX_PIXELS.get(look.form, MAX_PIXELS_WHOLE)
    most = min(most, MAX_PIXELS_PROGRESSIVE) if look.progressive else most
    if look.pixels > most:
        raise too_large(look.pixels, most)
    if look.scans > MAX_SCANS:
        raise TooLarge(
            _("这张图片的编码不正常（扫描 %(n)d 次），无法处理；请另存为普通的 JPG 后再上传。") % {"n": look.scans}
        )
    per_pixel = 6 if look.progressive else BYTES_PER_PIXEL.get(look.form, 0)
    tiled = look.form == "HEIF" and look.pixels > precheck.WHOLE_HEIF
    memory = BASE_MB + (TILES_MB if tiled else look.pixels * per_pixel // 1_000_000)
    seconds = look.pixels // 15_000_000 if tiled else 0
    return box.Limits(cpu=15 + seconds, wall=20.0 + 2 * seconds, memory=memory, output=3_000_000)


def distance(a: int, b: int) -> int:
    """In how many of 64 bits two fingerprints differ."""
    return ((a ^ b) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def _broken() -> Invalid:
    return Invalid(fields={"file": [_("这张照片已损坏或不完整，无法打开；请重新拍摄或重新选择。")]})


def too_large(pixels: int, most: int) -> TooLarge:
    """The refusal of a photo that is too large to decode."""
    return TooLarge(
        _("这张图片有 %(pixels)d 万像素，超过这种格式可处理的 %(most)d 万像素；请缩小后再上传。")
        % {"pixels": pixels // 10_000, "most": most // 10_000}
    )
