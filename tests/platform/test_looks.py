"""Cheap looks at files are cheap whatever the file says, and see what is there (6.1.3, 3.4)."""

from __future__ import annotations

import struct
import time

import pytest

from linbao.core.problems import Invalid
from linbao.items.attachments import images
from linbao.platform.protection.boxed import precheck
from tests.hostile import makers
from tests.items import samples

MOST_SECONDS = 1.0  # for 59 MB, in a thread that serves others too
SIZE = 59_000_000


def nested(depth: int) -> bytes:
    """Boxes inside boxes, each 8 bytes larger than what it holds."""
    return b"".join(struct.pack(">I4s", 8 * (depth - n), b"moov") for n in range(depth))


JPEGS = {
    "nothing but fill": b"\xff\xd8\xff" + b"\xff" * SIZE,
    "segments without content": b"\xff\xd8" + b"\xff\xe0\x00\x02" * (SIZE // 4),
    "scans without content": b"\xff\xd8" + b"\xff\xda\x00\x02" * (SIZE // 4),
    "restarts outside a scan": b"\xff\xd8" + b"\xff\xd0" * (SIZE // 2),
    "scans of one byte": b"\xff\xd8" + b"\xff\xda\x00\x02\x00" * (SIZE // 5),
}


@pytest.mark.clause("6.1.3")
@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_of_nothing_but_marks_costs_a_web_thread_nothing(name: str) -> None:
    began = time.process_time()
    precheck.still(JPEGS[name])
    precheck.picture(JPEGS[name])
    assert time.process_time() - began < MOST_SECONDS


@pytest.mark.clause("3.4")
def test_a_jpeg_without_a_size_is_refused_before_it_is_opened() -> None:
    with pytest.raises(Invalid) as refused:
        images.limits_for(JPEGS["segments without content"])
    assert "已损坏" in str(refused.value.fields["file"])


@pytest.mark.clause("6.1.3")
@pytest.mark.parametrize(
    "body", [nested(3_000_000), (struct.pack(">I4s", 24_008, b"trak") + struct.pack(">I4s", 8, b"free") * 3000) * 900]
)
def test_an_mp4_of_nothing_but_boxes_costs_a_web_thread_nothing(body: bytes) -> None:
    began = time.process_time()
    precheck.tracks(struct.pack(">I", 24) + b"ftypM4A \x00\x00\x00\x00mp42isom" + body)
    assert time.process_time() - began < MOST_SECONDS


@pytest.mark.clause("3.4")
def test_size_scans_and_end_of_a_jpeg_are_seen() -> None:
    photo = samples.jpeg()
    plain = precheck.picture(photo)
    assert (plain.form, plain.progressive, plain.scans) == ("JPEG", False, 1) and plain.pixels > 0
    several = precheck.picture(makers.many_scans(30, 400))
    assert (several.width, several.height, several.progressive) == (400, 400, True) and several.scans >= 30
    filled = photo[:2] + b"\xff" * 50 + photo[2:]  # any number of fill bytes may stand before a marker
    assert precheck.picture(filled) == plain
    assert precheck.still(photo + b"\x00\x00\x00\x18ftypmp42film") == photo
    assert precheck.still(photo[:-2]) == photo[:-2]


@pytest.mark.clause("1.3.1")
def test_chinese_in_utf_8_is_that_whatever_zeros_stand_in_it() -> None:
    # Rows of an even number of bytes, so that each zero falls into the same half of its pair.
    rows = "编号,标题,内容\n".encode() + "A\x001,路\x00灯,不\x00亮\n".encode() * 200
    assert precheck.utf_16(rows[:4096]) == ""
    for encoding in ("utf-16-le", "utf-16-be"):
        assert precheck.utf_16("编号,标题,内容\r\nA1,路灯,不亮\r\n".encode(encoding) * 20) == encoding
        assert precheck.utf_16("id,title,text\r\n".encode(encoding) * 20) == encoding


@pytest.mark.clause("3.4")
def test_a_png_declares_its_size_in_its_first_chunk_or_not_at_all() -> None:
    text = struct.pack(">I", 8) + b"tEXt" + b"a\x00" + b"b" * 6
    assert precheck.picture(b"\x89PNG\r\n\x1a\n" + text + bytes(40)).pixels == 0
