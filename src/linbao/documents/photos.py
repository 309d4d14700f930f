"""Photos of a document's annex: read from the file store, made small enough for mail, never a reason to fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from linbao.documents.layout import Photo
from linbao.platform import files
from linbao.platform.encryption.crypto import CannotOpen
from linbao.platform.protection import box
from linbao.platform.protection.boxed import precheck

# Longest side in pixels and JPEG quality, the best first. A photo is printed 75 mm wide: 1280 pixels are 430 dpi.
LADDER = ((1280, 78), (1000, 72), (800, 66), (640, 58), (480, 50), (360, 42))
BUDGET = 3_500_000  # bytes of all photos of a document where nobody sets another limit
LARGEST_PIXELS = 60_000_000
CAPTION = 80  # characters
MEMORY, BYTES_PER_PIXEL = 120, 8  # MB that every photo takes; and beside them


def load(wanted: Sequence[dict[str, Any]], budget: int = BUDGET, *, patience: float = box.PATIENCE) -> list[Photo]:
    """The photos that `wanted` names: `[{"sha256": digest in platform.files, "caption": str}]`.

    Together they take at most about `budget` bytes; a file that is missing, altered or no picture gives a `Photo`
    without data. They are opened in the box: call it outside any transaction that holds a row; `patience`: seconds that
    one waits for its turn. Raises `TooMany` or `CannotProcess` rather than leave one out that could be shown.
    """
    share = budget // max(1, len(wanted))
    return [
        _load(str(one.get("sha256") or ""), str(one.get("caption") or "")[:CAPTION], share, patience) for one in wanted
    ]


def _load(digest: str, caption: str, share: int, patience: float) -> Photo:
    try:
        raw = files.get(digest)
    except (CannotOpen, OSError):
        return Photo(caption)
    pixels = precheck.picture(raw).pixels
    if pixels > LARGEST_PIXELS:
        return Photo(caption)
    limits = box.Limits(cpu=10, wall=15.0, memory=MEMORY + pixels * BYTES_PER_PIXEL // 1_000_000, output=10_000_000)
    try:
        made = box.run("pictures.annex", {"ladder": LADDER, "share": share}, raw, limits=limits, patience=patience)
    except box.Refused:
        return Photo(caption)
    return Photo(caption, made.blobs[0], made.data["width"], made.data["height"])
