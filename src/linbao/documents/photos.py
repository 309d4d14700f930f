"""Photos of a document's annex: read from the file store, made small enough for mail, never a reason to fail."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageOps

from linbao.base import files
from linbao.base.crypto import CannotOpen
from linbao.documents.layout import Photo

# Longest side in pixels and JPEG quality, the best first. A photo is printed 75 mm wide: 1280 pixels are 430 dpi.
LADDER = ((1280, 78), (1000, 72), (800, 66), (640, 58), (480, 50), (360, 42))
BUDGET = 3_500_000  # bytes of all photos of a document where nobody sets another limit
LARGEST_PIXELS = 60_000_000
CAPTION = 80  # characters


def load(wanted: Sequence[dict[str, Any]], budget: int = BUDGET) -> list[Photo]:
    """The photos that `wanted` names: `[{"sha256": digest in base.files, "caption": str}]`.

    Together they take at most about `budget` bytes; a file that is missing, altered or no picture gives a `Photo`
    without data.
    """
    share = budget // max(1, len(wanted))
    return [_load(str(one.get("sha256") or ""), str(one.get("caption") or "")[:CAPTION], share) for one in wanted]


def _load(digest: str, caption: str, share: int) -> Photo:
    try:
        raw = files.get(digest)
        with Image.open(io.BytesIO(raw), formats=["JPEG", "PNG", "WEBP"]) as opened:
            if opened.width * opened.height > LARGEST_PIXELS:
                return Photo(caption)
            opened.draft("RGB", (LADDER[0][0], LADDER[0][0]))
            image = ImageOps.exif_transpose(opened).convert("RGB")
    except (CannotOpen, Image.DecompressionBombError, SyntaxError, OSError, ValueError, MemoryError):
        return Photo(caption)
    for side, quality in LADDER:
        image.thumbnail((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        if out.tell() <= share:
            break
    return Photo(caption, out.getvalue(), image.width, image.height)
