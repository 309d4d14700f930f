"""Write the HEICs of this folder anew: `uv run --no-project --with pillow-heif --with pillow tests/items/heic/make.py`.

Encoding HEVC needs x265, which is GPL: the tests' encoder is therefore no dependency of Linbao, and what it wrote is
kept here. Reading them is `pi_heif`'s.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pillow_heif
from PIL import Image

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent.parent.parent))

from tests.items import samples  # noqa: E402


def main() -> None:
    pillow_heif.register_heif_opener()
    for (width, height, orientation), name in samples.HEICS.items():
        exif = samples.exif(orientation).tobytes()
        samples.picture(width, height).save(FOLDER / name, "HEIF", quality=60, exif=exif)
    tile = Image.new("RGB", (512, 512), (0, 0, 255))
    tile.paste((255, 0, 0), (0, 0, 256, 512))
    tile.save(FOLDER / "tile.heic", "HEIF", quality=60)
    ramp = Image.linear_gradient("L").convert("I").point(lambda v: v * 257).convert("I;16")
    for bits in (10, 12):
        pillow_heif.options.SAVE_HDR_TO_12_BIT = bits == 12
        pillow_heif.from_pillow(ramp).save(FOLDER / f"grey_{bits}.heic", quality=90)


if __name__ == "__main__":
    main()
