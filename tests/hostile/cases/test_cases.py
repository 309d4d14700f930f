"""The cases that broke other people's software, one file each: what is right stands in `INDEX.tsv` beside them
(1.3.1, 2.2.1)."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from pypdf import PdfReader

from linbao.core import text
from linbao.core.problems import Unsupported
from linbao.documents import glyphs, typesetting
from linbao.items.attachments import content, images
from linbao.items.imports import rows, spreadsheets
from linbao.items.imports import services as importing
from linbao.items.models import Item
from tests.documents.samples import weekly
from tests.loop import Town

CASES = Path(__file__).parent
ZONE = ZoneInfo("Asia/Shanghai")


def understood(town: Town, name: str, **more: Any) -> rows.Report:
    return importing.run(CASES / name, community=town.community.pk, user=importing.account(), dry=True, **more)


SHEETS: dict[str, tuple[int, int, dict[str, Any]]] = {  # header row, items, the first as it is understood
    "s01_title_row.xlsx": (3, 2, {"number": "A1", "title": "路灯不亮", "time": "2026-11-20 09:30", "place": "东门"}),
    "s07_hidden_first.xlsx": (1, 1, {"number": "H1", "title": "路灯不亮"}),
    "s19_header_spaces.xlsx": (1, 1, {"number": "D1", "title": "路灯不亮", "time": "2026-11-20 09:30"}),
    "s30_date1904_photos.xlsx": (1, 1, {"time": "2026-11-20 09:30"}),
    "s31b_pinyin_photos.xlsx": (1, 1, {"title": "重庆路路灯", "text": "重庆路路灯不亮"}),
    "s11_sep.csv": (2, 1, {"number": "S1", "text": "井盖松动, 有响声", "time": "2026-11-20 10:00"}),
    "s23_html.xls": (1, 1, {"number": "W1", "title": "路灯", "text": "路灯不亮"}),
    "s40_far_corner.xlsx": (1, 1, {"number": "X1", "title": "路灯"}),
}


@pytest.mark.clause("2.2.1")
@pytest.mark.django_db
@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_understood_as_its_author_meant_it(town: Town, name: str) -> None:
    header, filed, first = SHEETS[name]
    report = understood(town, name)
    assert (report.header, report.filed, report.refused) == (header, filed, 0)
    assert first.items() <= report.samples[0].items()


@pytest.mark.clause("2.2.1")
@pytest.mark.django_db
def test_merged_cells_hold_for_all_their_rows(town: Town) -> None:
    samples = understood(town, "s09_merged.xlsx").samples
    assert [(s["time"], s["place"]) for s in samples] == [("2026-11-20 09:30", "东门")] * 3


@pytest.mark.clause("2.2.1")
@pytest.mark.django_db
def test_times_of_day_and_offsets_are_read_as_written(town: Town) -> None:
    report = understood(town, "s05a_times.csv")
    assert [s["time"][11:] for s in report.samples] == ["15:05", "00:10", "15:05", "16:05"]


@pytest.mark.clause("2.2.1")
@pytest.mark.django_db
def test_a_character_cut_in_two_does_not_make_a_file_another_encoding(town: Town) -> None:
    report = understood(town, "s14_utf8_cut.csv")
    assert report.filed > 10 and report.samples[0]["text"] == "路灯不亮，第0条"


@pytest.mark.clause("2.2.1")
@pytest.mark.django_db
def test_rows_1_and_2_of_two_months_are_four_items(town: Town) -> None:
    for name in ("s03a_sept.xlsx", "s03b_oct.xlsx"):
        report = importing.run(CASES / name, community=town.community.pk, user=importing.account())
        assert (report.filed, report.existing, report.refused) == (2, 0, 0)
    assert Item.objects.count() == 4


@pytest.mark.clause("6.1.3")
@pytest.mark.parametrize("name", ["s41_far_row.xlsx", "s46_ods_repeat_cols.ods"])
def test_a_sheet_that_is_mostly_nothing_costs_little(name: str) -> None:
    with spreadsheets.read(CASES / name) as sheet:
        assert sum(1 for _row in sheet.rows) < 1010


@pytest.mark.clause("1.3.1")
def test_documents_are_what_they_are_and_a_password_is_named() -> None:
    with pytest.raises(Unsupported, match="密码"):
        content.sniff((CASES / "d01_password.xlsx").read_bytes(), "x.xlsx")
    result = {n: content.sniff((CASES / n).read_bytes(), n).extension for n in ("d02_chart.pptx", "d03_utf16.txt")}
    assert result == {"d02_chart.pptx": "pptx", "d03_utf16.txt": "txt"}


@pytest.mark.clause("3.4")
@pytest.mark.parametrize(
    ("name", "size"),
    [("p05_no_eoi.jpg", (1200, 900)), ("p15_long_screenshot.png", (1440, 20000)), ("p14_48mp.heic", (8064, 6048))],
)
def test_photos_of_phones_are_taken(name: str, size: tuple[int, int]) -> None:
    picture = images.prepare((CASES / name).read_bytes(), ZONE)
    assert (picture.width, picture.height) == size


@pytest.mark.clause("3.4")
def test_sixteen_bits_of_grey_run_from_black_to_white() -> None:
    picture = images.prepare((CASES / "p10_grey16.png").read_bytes(), ZONE)
    low, high = Image.open(io.BytesIO(picture.thumb)).convert("L").getextrema()
    assert isinstance(low, int) and isinstance(high, int) and low < 16 and high > 239


@pytest.mark.clause("1.3.1")
def test_a_title_that_turns_its_line_around_is_kept_without_what_turns_it() -> None:
    body = json.loads((CASES / "u01_bidi_title.json").read_text())
    assert text.clean(body["title"]) == "倒序标题"


@pytest.mark.clause("4.1.2")
def test_names_of_rare_letters_are_printed_in_a_font_that_has_them() -> None:
    body = json.loads((CASES / "f01_ext_names.json").read_text())
    assert glyphs.missing(body["narrative"]) == []
    sections = [{"heading": "一、具体情况", "blocks": [{"kind": "text", "text": body["narrative"]}]}]
    made = typesetting.pdf(weekly(sections=sections), code="ABCD2345EFGH", verify="https://l.example/verify/?code=")
    reader = PdfReader(io.BytesIO(made))
    resources: list[Any] = [p["/Resources"] for p in reader.pages]
    fonts = {str(f.get_object()["/BaseFont"]) for r in resources for f in r["/Font"].values()}
    assert any("HanaMin" in f for f in fonts), fonts
    assert "𬺰某、𪚥某" in "".join(p.extract_text() for p in reader.pages)


def test_a_jpeg_of_nothing_but_ff_is_looked_at_in_linear_time() -> None:
    import time

    from linbao.platform.protection.boxed import precheck as looks

    data = b"\xff\xd8\xff\xda\x00\x02" + b"\xff" * 3_000_000 + b"\x00"
    began = time.perf_counter()
    looks.still(data)
    assert time.perf_counter() - began < 2


def test_one_stray_zero_does_not_make_a_text_utf_16() -> None:
    from linbao.platform.protection.boxed import precheck as looks

    head = ("标题,内容\n路灯,三号楼东侧路灯不亮\n" * 20).encode() + b"\x00"
    assert (
        looks.utf_16(head[:4096]) == ""
        and looks.utf_16("标题,内容\r\n路灯,1\r\n".encode("utf-16-le") * 20) == "utf-16-le"
    )
