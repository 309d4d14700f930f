"""Photos: upright, small, without what the camera wrote; bombs and broken files refused (3.3, 3.4, 1.3.4)."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from linbao.core.problems import Invalid, Problem, TooLarge
from linbao.items.attachments import content, images
from tests.hostile import makers
from tests.items import samples

ZONE = ZoneInfo("Asia/Shanghai")


def pixel(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    value = image.getpixel(at)
    assert isinstance(value, tuple)
    return value


def grey(image: Image.Image, at: tuple[int, int]) -> int:
    value = image.getpixel(at)
    assert isinstance(value, int)
    return value


def corner(data: bytes) -> str:
    """In which corner the red patch lies."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    w, h = image.size
    for name, at in {
        "upper left": (w // 10, h // 10),
        "upper right": (w * 9 // 10, h // 10),
        "lower left": (w // 10, h * 9 // 10),
        "lower right": (w * 9 // 10, h * 9 // 10),
    }.items():
        r, g, b = pixel(image, at)
        if r > 200 and g < 60 and b < 60:
            return name
    return "nowhere"


@pytest.mark.clause("3.4")
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_a_jpeg_is_made_upright(orientation: int) -> None:
    # Store the picture the way a camera held so would: turned back by the inverse of its tag.
    inverse = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = samples.picture()
    if orientation in inverse:
        stored = stored.transpose(inverse[orientation])
    out = io.BytesIO()
    stored.save(out, "JPEG", exif=samples.exif(orientation))
    made = images.prepare(out.getvalue(), ZONE)
    assert (made.width, made.height) == (800, 600)
    assert corner(made.shown) == corner(made.thumb) == "upper left"


@pytest.mark.clause("3.4")
def test_a_heic_of_a_phone_is_made_upright_and_its_exif_read() -> None:
    turned = images.prepare(samples.heic(orientation=6), ZONE)
    assert Image.open(io.BytesIO(turned.shown)).size == (turned.width, turned.height) == (480, 640)
    assert corner(turned.shown) == "upper right"  # the camera was held so: its own upper left is now on the right
    assert turned.exif["device"] == "HUAWEI P50"
    assert turned.taken_at == datetime(2026, 11, 22, 1, 40, tzinfo=UTC)


@pytest.mark.clause("1.3.4")
def test_nothing_that_the_camera_wrote_is_in_what_is_shown() -> None:
    made = images.prepare(samples.jpeg(data=samples.exif()), ZONE)
    assert made.exif == {"device": "HUAWEI P50", "taken": "2026-11-22T01:40:00+00:00", "lat": 30.652, "lon": 104.062}
    for data in (made.shown, made.thumb):
        assert not Image.open(io.BytesIO(data)).getexif()
        assert b"HUAWEI" not in data and b"Zhang San" not in data and b"Exif" not in data


def test_what_is_shown_fits_into_400_kb_whatever_was_photographed() -> None:
    noise = Image.effect_noise((3000, 2200), 120).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=95)
    made = images.prepare(out.getvalue(), ZONE)
    assert len(made.shown) <= 400_000 and len(made.thumb) <= 40_000
    assert (made.width, made.height) == (3000, 2200)


def test_transparent_and_grey_and_animated_pictures_are_taken() -> None:
    for image, kind in (
        (Image.new("RGBA", (300, 200), (0, 0, 0, 0)), "PNG"),
        (Image.new("L", (50, 50), 7), "PNG"),
        (Image.new("P", (60, 40)), "GIF"),
        (samples.picture(200, 150), "WEBP"),
    ):
        out = io.BytesIO()
        image.save(out, kind)
        assert Image.open(io.BytesIO(images.prepare(out.getvalue(), ZONE).shown)).mode == "RGB"


def test_a_pixel_bomb_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(TooLarge):
        images.prepare(samples.png_bomb(), ZONE)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_photo_is_refused_with_words(share: float) -> None:
    whole = samples.jpeg(1600, 1200)
    with pytest.raises(Invalid) as raised:
        images.prepare(whole[: int(len(whole) * share)], ZONE)
    assert "损坏" in raised.value.fields["file"][0]


@pytest.mark.clause("1.3.1")
def test_the_fingerprint_finds_the_same_picture_and_no_other() -> None:
    one = images.prepare(samples.jpeg(1600, 1200, seed=3, quality=92), ZONE)
    again = images.prepare(samples.jpeg(800, 600, seed=3, quality=60), ZONE)
    other = images.prepare(samples.jpeg(1600, 1200, seed=4), ZONE)
    assert one.fingerprint is not None and again.fingerprint is not None and other.fingerprint is not None
    assert -(2**63) <= one.fingerprint < 2**63
    assert (
        images.distance(one.fingerprint, again.fingerprint)
        <= images.SAME_PICTURE
        < images.distance(one.fingerprint, other.fingerprint)
    )
    flat = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(flat, "PNG")
    assert images.prepare(flat.getvalue(), ZONE).fingerprint is None


def test_a_camera_that_writes_nonsense_is_no_reason_to_refuse_its_photo() -> None:
    made = samples.exif(taken="0000:00:00 99:99:99", lat=None)
    made.get_ifd(0x8825)[2] = (float(91), 0.0, 0.0)
    made.get_ifd(0x8825)[4] = (0.0, 0.0, 0.0)
    result = images.prepare(samples.jpeg(data=made), ZONE)
    assert result.taken_at is None and "lat" not in result.exif


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 2000))
def test_whatever_bytes_come_a_photo_or_a_problem(noise: bytes, at: int) -> None:
    whole = samples.jpeg(200, 150)
    for data in (noise, b"\xff\xd8\xff" + noise, whole[:at] + noise + whole[at + len(noise) :]):
        try:
            images.prepare(data, ZONE)
        except Problem as problem:
            assert 400 <= problem.status < 500


@pytest.mark.clause("6.1.3")
def test_a_jpeg_of_thousands_of_scans_is_refused_by_a_look_at_it() -> None:
    with pytest.raises(TooLarge):
        images.prepare(makers.many_scans(4000, 400), ZONE)
    assert images.prepare(makers.many_scans(20, 400), ZONE).width == 400


def test_a_jpeg_that_lost_its_end_mark_is_taken() -> None:
    whole = samples.jpeg(1600, 1200)
    assert whole.endswith(b"\xff\xd9")
    assert corner(images.prepare(whole[:-2], ZONE).shown) == "upper left"


@pytest.mark.parametrize("lost", [1, 2, 40])
def test_a_progressive_jpeg_without_its_last_bytes_is_taken_and_one_cut_in_two_is_not(lost: int) -> None:
    out = io.BytesIO()
    samples.picture(1600, 1200).save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    assert corner(images.prepare(whole[:-lost], ZONE).shown) == "upper left"
    with pytest.raises(Invalid):
        images.prepare(whole[: len(whole) // 3], ZONE)


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    ramp = Image.linear_gradient("L").convert("I").point(lambda v: v * 257).convert("I;16")
    out = io.BytesIO()
    ramp.save(out, "PNG")
    thumb = Image.open(io.BytesIO(images.prepare(out.getvalue(), ZONE).thumb)).convert("L")
    assert grey(thumb, (128, 2)) < 20 and 100 < grey(thumb, (128, 128)) < 156 and grey(thumb, (128, 253)) > 235


def test_a_screenshot_of_a_whole_chat_is_taken_and_stays_legible() -> None:
    out = io.BytesIO()
    samples.picture(1440, 20_000).save(out, "PNG")
    made = images.prepare(out.getvalue(), ZONE)
    assert (made.width, made.height) == (1440, 20_000)
    assert Image.open(io.BytesIO(made.shown)).width >= 300


@pytest.mark.parametrize("bits", [10, 12])
def test_ten_bits_of_grey_in_a_heic_keep_their_shades(bits: int) -> None:
    data = (Path(__file__).parent / "heic" / f"grey_{bits}.heic").read_bytes()
    thumb = Image.open(io.BytesIO(images.prepare(data, ZONE).thumb)).convert("L")
    assert grey(thumb, (128, 2)) < 20 and 100 < grey(thumb, (128, 128)) < 156 and grey(thumb, (128, 253)) > 235


@pytest.mark.clause("3.4")
@pytest.mark.parametrize("turn", [0, 1])
def test_a_heic_of_200_megapixels_is_taken_tile_by_tile(turn: int) -> None:
    made = images.prepare(makers.heic_grid(32, 24, turn=turn), ZONE)
    assert (made.width, made.height) == ((16_384, 12_288), (12_288, 16_384))[turn]
    shown = Image.open(io.BytesIO(made.shown)).convert("RGB")
    assert shown.size == ((2048, 1536), (1536, 2048))[turn]
    # Tiles that are red at the left and blue at the right; turned, red at the bottom.
    first, second = ((8, 20), (56, 20)) if turn == 0 else ((20, 56), (20, 8))
    for place, colour in ((first, 0), (second, 2)):
        pixel = shown.getpixel(place)
        assert isinstance(pixel, tuple) and pixel[colour] > 200 and sum(pixel) < 300


def test_both_pictures_of_an_mpo_and_a_line_feed_before_a_photo_are_no_hindrance() -> None:
    out = io.BytesIO()
    samples.picture(900, 700).save(out, "MPO", save_all=True, append_images=[samples.picture(900, 700, 2)])
    for data in (out.getvalue(), b"\r\n" + samples.jpeg(900, 700), b"\n" + samples.heic(900, 700)):
        photo = content.normalise(data)
        assert content.sniff(photo, "a.jpg").kind == "photo"
        assert (images.prepare(photo, ZONE).width, corner(images.prepare(photo, ZONE).shown)) == (900, "upper left")


def test_of_a_motion_photo_that_is_too_large_the_still_is_taken() -> None:
    film = samples.box(b"ftyp", b"mp42" + bytes(4) + b"isom") + samples.box(b"mdat", b"\xff\xd9" * 13_000_000)
    still = samples.jpeg(1600, 1200)
    assert content.normalise(still + film) == still
    assert content.normalise(samples.heic() + samples.box(b"mpvd", film)) == samples.heic()
    small = still + film[:100]
    assert content.normalise(small) == small  # what is small enough is kept as it came


@pytest.mark.clause("6.1.3")
def test_a_refusal_says_what_is_true() -> None:
    with pytest.raises(TooLarge, match="万像素"):
        images.prepare(samples.png_bomb(), ZONE)
    with pytest.raises(TooLarge, match="扫描"):
        images.prepare(makers.many_scans(400, 400), ZONE)
    with pytest.raises(Invalid) as raised:
        images.prepare(samples.jpeg()[:2000], ZONE)
    assert "损坏或不完整" in raised.value.fields["file"][0]
