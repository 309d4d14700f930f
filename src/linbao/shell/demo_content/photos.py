"""Photos of the demo community, drawn by our own code: stylised scenes with light, perspective and grain."""

from __future__ import annotations

import io
import random
from datetime import datetime

from PIL import Image, ImageDraw, ImageFilter

SIZE = (1200, 900)
SKIES = {
    "day": ((176, 206, 226), (232, 238, 236)),
    "dusk": ((92, 104, 140), (226, 176, 140)),
    "rain": ((126, 138, 146), (188, 196, 198)),
    "inside": ((70, 72, 70), (120, 118, 110)),
}
LIGHT = {
    "road": "day",
    "bins": "day",
    "tree": "rain",
    "ebike": "inside",
    "wall": "day",
    "flood": "rain",
    "manhole": "day",
    "lamp": "dusk",
    "playground": "day",
    "fitness": "day",
}


def draw(scene: str, seed: int, taken_at: datetime, lat: float, lon: float) -> bytes:
    """A JPEG of the scene, with the camera's time and place (EXIF); the same for the same seed."""
    chance = random.Random(seed)
    picture = _ground(chance, *SKIES[LIGHT.get(scene, "day")])
    brush = ImageDraw.Draw(picture, "RGBA")
    SCENES[scene](brush, chance)
    grain = Image.effect_noise(SIZE, 18).convert("RGB")
    picture = Image.blend(picture.filter(ImageFilter.GaussianBlur(0.8)), grain, 0.06)
    exif = Image.Exif()
    stamp = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    exif[0x010F], exif[0x0110], exif[0x0132] = "Linbao", "Demo", stamp
    exif.get_ifd(0x8769)[0x9003] = stamp
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", _degrees(lat), "E", _degrees(lon)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82, exif=exif)
    return out.getvalue()


def _degrees(value: float) -> tuple[float, float, float]:
    minutes = (value % 1) * 60
    return float(int(value)), float(int(minutes)), round((minutes % 1) * 60, 2)


def _ground(chance: random.Random, top: tuple[int, int, int], low: tuple[int, int, int]) -> Image.Image:
    """Sky, two rows of houses with windows, and paving that runs to a vanishing point."""
    width, height = SIZE
    picture = Image.new("RGB", SIZE)
    brush = ImageDraw.Draw(picture)
    for y in range(height):
        t = min(1.0, y / 430)
        brush.line([(0, y), (width, y)], tuple(int(a + (b - a) * t) for a, b in zip(top, low, strict=True)))
    for side in (0, 1):
        x = 0 if side == 0 else width
        for n in range(4):
            w, h = 210 - n * 40, 330 - n * 62
            left = x if side == 0 else x - w
            shade = 190 - n * 14 - side * 22
            brush.rectangle([left, 430 - h, left + w, 470 + 0 * n], fill=(shade, shade - 8, shade - 20))
            for fy in range(430 - h + 18, 430, 46):
                for fx in range(left + 14, left + w - 26, 44):
                    lit = chance.random() < 0.18
                    brush.rectangle([fx, fy, fx + 24, fy + 28], fill=(238, 214, 150) if lit else (96, 112, 124))
            x += w if side == 0 else -w
    brush.polygon([(0, height), (width, height), (760, 452), (430, 452)], fill=(132, 134, 132))
    for n in range(1, 10):
        y = int(452 + (height - 452) * (n / 10) ** 2)
        brush.line([(600 - 170 - (y - 452) * 1.35, y), (600 + 160 + (y - 452) * 1.35, y)], (118, 120, 118), 2)
    brush.polygon([(0, 452), (430, 452), (0, 800)], fill=(104, 138, 92))
    brush.polygon([(width, 452), (760, 452), (width, 800)], fill=(98, 130, 90))
    return picture


def _shadow(brush: ImageDraw.ImageDraw, x: float, y: float, w: float, h: float = 26) -> None:
    brush.ellipse([x - w / 2, y - h / 2, x + w / 2, y + h / 2], fill=(20, 24, 22, 90))


def _road(brush: ImageDraw.ImageDraw, chance: random.Random) -> None:
    for _ in range(7):
        y = chance.randint(520, 840)
        x, w = 600 + chance.randint(-1, 1) * (y - 440) * chance.random() * 0.8, (y - 440) * chance.uniform(0.25, 0.6)
        brush.ellipse([x - w, y - w * 0.28, x + w, y + w * 0.3], fill=(74, 72, 68))
        brush.ellipse([x - w * 0.82, y - w * 0.18, x + w * 0.78, y + w * 0.24], fill=(96, 108, 116, 220))


def _bins(brush: ImageDraw.ImageDraw, chance: random.Random) -> None:
    for n, colour in enumerate([(52, 112, 72), (60, 92, 150), (150, 60, 52), (92, 92, 92)]):
        x = 300 + n * 165
        _shadow(brush, x + 60, 742, 170)
        brush.polygon([(x, 520), (x + 122, 520), (x + 110, 735), (x + 12, 735)], fill=colour)
        brush.polygon([(x - 8, 500), (x + 130, 496), (x + 126, 524), (x - 4, 526)], fill=tuple(c + 22 for c in colour))
        for _ in range(5):
            bx, by = x + chance.randint(0, 110), chance.randint(455, 510)
            brush.ellipse(
                [bx - 30, by - 24, bx + 30, by + 26],
                fill=chance.choice([(236, 236, 230), (50, 50, 54), (214, 190, 120)]),
            )
    for _ in range(16):
        bx, by = chance.randint(220, 980), chance.randint(735, 860)
        brush.ellipse(
            [bx - 34, by - 20, bx + 34, by + 20],
            fill=chance.choice([(228, 228, 222), (60, 60, 62), (190, 160, 110), (150, 170, 190)]),
        )


def _tree(brush: ImageDraw.ImageDraw, chance: random.Random) -> None:
    _shadow(brush, 620, 770, 780, 70)
    brush.polygon([(180, 690), (230, 640), (860, 700), (850, 748)], fill=(94, 72, 52))
    for _ in range(240):
        x, y = chance.gauss(800, 110), chance.gauss(680, 62)
        r, g = chance.randint(18, 46), chance.randint(80, 132)
        brush.ellipse([x - r, y - r * 0.7, x + r, y + r * 0.7], fill=(g - 44, g, g - 52, 235))
    for n in range(9):
        x = 120 + n * 120
        brush.line([(x, 600), (x + chance.randint(-26, 26), 700)], (170, 172, 170), 9)


def _ebike(brush: ImageDraw.ImageDraw, chance: random.Random) -> None:
    brush.rectangle([0, 0, *SIZE], fill=(58, 56, 52, 150))
    for n in range(3):
        x, y = 210 + n * 270, 640 + n * 26
        _shadow(brush, x + 110, y + 96, 300)
        for wheel in (x, x + 210):
            brush.ellipse([wheel - 56, y - 30, wheel + 56, y + 82], outline=(26, 26, 28), width=16)
        body = [(178, 44, 40), (44, 84, 140), (60, 60, 64)][n]
        brush.polygon([(x + 20, y - 40), (x + 140, y - 70), (x + 210, y), (x + 90, y + 36)], fill=body)
        brush.line([(x + 200, y + 20), (x + 160, y - 150)], (40, 40, 44), 12)
        brush.line([(x + 60, y - 10), (x - 40, 300), (x - 60, 0)], (220, 216, 200), 4)
    for _ in range(40):
        left, top = chance.gauss(500, 60) - 50, chance.gauss(420, 90) - 34
        brush.ellipse([left, top, left + 100, top + 68], fill=(150, 150, 150, 26))


def _wall(brush: ImageDraw.ImageDraw, chance: random.Random) -> None:
    brush.polygon([(140, 60), (900, 120), (900, 840), (140, 900)], fill=(196, 186, 168))
    for top in range(90, 880, 34):
        brush.line([(140, top), (900, top + 24)], (176, 166, 148), 2)
    x, y = 520.0, 110.0
    for _ in range(60):
        nx, ny = x + chance.randint(-26, 26), y + 12
        brush.line([(x, y), (nx, ny)], (58, 50, 44), chance.choice([4, 6, 8]))
        x, y = nx, ny
    for _ in range(12):
        px, py = chance.randint(380, 680), chance.randint(200, 700)
        brush.polygon(
            [(px, py), (px + chance.randint(30, 80), py + 8), (px + 40, py + chance.randint(30, 70))],
            fill=(128, 104, 86),
        )


def _flood(brush: ImageDraw.ImageDraw, chance: random.Random) -> None:
    brush.polygon([(0, 610), (1200, 590), (1200, 900), (0, 900)], fill=(96, 104, 92, 232))
    for _ in range(90):
        y = chance.randint(610, 890)
        x, w = chance.randint(0, 1200), (y - 540) * 0.4
        brush.line([(x, y), (x + w, y)], (150, 160, 152, 120), 3)
    for n in range(2):
        x = 280 + n * 420
        brush.rounded_rectangle([x, 520, x + 280, 640], 30, fill=[(200, 200, 204), (70, 92, 132)][n])
        brush.polygon([(x + 50, 522), (x + 90, 450), (x + 200, 450), (x + 240, 522)], fill=(60, 70, 78))


def _manhole(brush: ImageDraw.ImageDraw, chance: random.Random) -> None:
    brush.ellipse([370, 600, 850, 800], fill=(70, 70, 70))
    brush.ellipse([392, 588, 858, 778], fill=(104, 100, 96))
    for n in range(-5, 6):
        brush.line([(625 + n * 40 - 60, 610), (625 + n * 40 + 60, 760)], (78, 76, 74), 8)
    brush.polygon([(770, 600), (868, 660), (850, 760), (742, 700)], fill=(28, 26, 26))
    for x in (300, 930):
        brush.polygon([(x, 740), (x + 90, 740), (x + 58, 540), (x + 32, 540)], fill=(226, 96, 40))
        brush.polygon([(x + 14, 660), (x + 76, 660), (x + 68, 610), (x + 22, 610)], fill=(240, 240, 236))


def _lamp(brush: ImageDraw.ImageDraw, chance: random.Random) -> None:
    brush.rectangle([0, 0, *SIZE], fill=(12, 16, 34, 130))
    for n in range(5):
        h, x = 420 - n * 74, 940 - n * 92
        brush.line([(x, 780 - n * 72), (x, 780 - n * 72 - h)], (52, 56, 62), max(3, 12 - n * 2))
        lit = n == 3
        y = 780 - n * 72 - h
        if lit:
            for r in range(90, 10, -10):
                brush.ellipse([x - r, y - r, x + r, y + r], fill=(255, 226, 150, 18))
        brush.ellipse([x - 16, y - 10, x + 16, y + 12], fill=(255, 236, 180) if lit else (70, 74, 80))


def _playground(brush: ImageDraw.ImageDraw, chance: random.Random) -> None:
    brush.polygon([(120, 640), (1080, 640), (1180, 880), (20, 880)], fill=(176, 92, 72))
    _shadow(brush, 600, 780, 620, 60)
    brush.rectangle([330, 420, 350, 760], fill=(232, 178, 50))
    brush.rectangle([520, 420, 540, 760], fill=(232, 178, 50))
    brush.rectangle([320, 400, 550, 430], fill=(214, 70, 60))
    brush.polygon([(540, 440), (900, 740), (900, 780), (520, 500)], fill=(60, 120, 190))
    brush.line([(640, 540), (690, 590), (676, 612), (730, 660)], (30, 40, 60), 7)
    for n in range(5):
        brush.line([(350, 480 + n * 58), (520, 480 + n * 58)], (240, 240, 236), 10)


def _fitness(brush: ImageDraw.ImageDraw, chance: random.Random) -> None:
    for n in range(2):
        x = 330 + n * 320
        _shadow(brush, x + 60, 786, 260, 40)
        brush.line([(x, 780), (x + 60, 380), (x + 130, 780)], (58, 120, 96), 18, joint="curve")
        brush.line([(x + 60, 400), (x + 20, 720)], (210, 168, 60), 14)
        brush.ellipse([x - 10, 706, x + 52, 742], fill=(40, 44, 46))
        if n == 0:
            brush.line([(x + 60, 400), (x + 108, 700)], (210, 168, 60), 14)
            brush.ellipse([x + 82, 690, x + 142, 724], fill=(40, 44, 46))


SCENES = {
    "road": _road,
    "bins": _bins,
    "tree": _tree,
    "ebike": _ebike,
    "wall": _wall,
    "flood": _flood,
    "manhole": _manhole,
    "lamp": _lamp,
    "playground": _playground,
    "fitness": _fitness,
}
