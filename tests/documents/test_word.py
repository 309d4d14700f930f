"""The Word file says and shows what the PDF does: opened, and read as XML (domain.md §4, GB/T 9704; 4.1.2)."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from docx import Document as Word
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from PIL import Image

from linbao.documents import photos, word
from tests.documents import samples

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CODE, VERIFY = "ABCD2345EFGH", "https://linbao.example/verify/"
NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def made(content: dict[str, Any], annex: Any = ()) -> bytes:
    return word.docx(content, code=CODE, verify=VERIFY, photos=annex)


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return packed.read(name).decode()


def paragraph(data: bytes, beginning: str) -> Any:
    return next(p for p in Word(io.BytesIO(data)).paragraphs if p.text.startswith(beginning))


def chinese_font(p: Any) -> str:
    return str(p.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")))


@pytest.mark.clause("4.1.2")
def test_page_type_area_and_grid_are_those_of_the_convention() -> None:
    data = made(samples.weekly())
    page: Any = Word(io.BytesIO(data)).sections[0]  # lengths that a made document has
    millimetres = [round(v.mm) for v in (page.page_width, page.page_height, page.top_margin, page.left_margin)]
    assert millimetres == [210, 297, 37, 28]
    assert round((page.page_width - page.left_margin - page.right_margin) / Mm(1)) == 156
    assert round((page.page_height - page.top_margin - page.bottom_margin) / Mm(1)) == 225
    body = paragraph(data, "清运频次不足")
    pitch = body.paragraph_format.line_spacing.pt
    assert 28 <= pitch <= 29 and pitch * 22 <= Mm(225).pt  # 22 lines
    assert body.runs[0].font.size == Pt(16) and chinese_font(body) == "仿宋_GB2312"
    tightened = (
        int(re.findall(r'<w:rPrDefault>.*?<w:spacing w:val="(-?\d+)"', part(data, "word/styles.xml"), re.S)[0]) / 20
    )
    assert 28 * (16 + tightened) <= Mm(156).pt < 29 * (16 + tightened)  # 28 characters


@pytest.mark.clause("4.1.2")
def test_page_numbers_stand_on_the_outer_side_in_dashes() -> None:
    data = made(samples.weekly())
    assert "<w:evenAndOddHeaders" in part(data, "word/settings.xml")
    section = Word(io.BytesIO(data)).sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        p = footer.paragraphs[0]
        assert re.fullmatch(r"— .*1 —", p.text) and " PAGE " in p._p.xml
        assert p._p.pPr.jc.get(qn("w:val")) == side
        assert {r.font.size for r in p.runs} == {Pt(14)}  # 4号


@pytest.mark.clause("4.1.2")
def test_headings_have_their_fonts_and_stand_two_characters_in() -> None:
    data = made(samples.weekly())
    for beginning, font in (
        ("一、", "黑体"),
        ("（一）", "楷体_GB2312"),
        ("1.", "仿宋_GB2312"),
        ("清运", "仿宋_GB2312"),
    ):
        p = paragraph(data, beginning)
        assert chinese_font(p) == font
        assert p._p.pPr.ind.get(qn("w:firstLineChars")) == "200"
    assert paragraph(data, "社区管理部门：").paragraph_format.first_line_indent is None


@pytest.mark.clause("4.1.2")
@pytest.mark.parametrize(
    "content",
    [samples.weekly(), samples.weekly(title="桂花园社区信息周报", subtitle="（2026年第47周，11月16日—11月22日）")],
)
def test_the_title_is_never_broken_inside_its_date(content: dict[str, Any]) -> None:
    texts = [p.text for p in Word(io.BytesIO(made(content))).paragraphs]
    at = texts.index("桂花园社区信息周报")
    assert texts[at + 1] == "（2026年第47周，11月16日—11月22日）"
    assert not any("））" in text for text in texts)


@pytest.mark.parametrize("place", range(0, 30, 3))
def test_a_long_title_breaks_between_words_not_inside_a_date(place: int) -> None:
    title = "关于" + "桂花园社区地下车库水浸情况" * 3
    title = title[:place] + "11月16日—11月22日" + title[place:]
    lines = paragraph(made(samples.weekly(title=title)), title[:2]).text.split("\n")
    assert len(lines) > 1 and "".join(lines) == title
    assert any("11月16日—11月22日" in line for line in lines), lines
    assert max(map(len, lines)) <= 27


@pytest.mark.clause("4.1.2")
def test_each_numbered_line_is_a_paragraph_of_its_own() -> None:
    texts = [p.text for p in Word(io.BytesIO(made(samples.weekly()))).paragraphs]
    assert [t[:6] for t in texts if re.match(r"\d\.", t)] == ["1. 7幢东", "2. 河边绿"]
    assert not any("\n" in t for t in texts)


@pytest.mark.clause("4.1.2")
def test_tables_lie_between_the_margins_and_repeat_their_head() -> None:
    rows = [["类别", "上报", "紧急", "已办结"], *[[f"第{n}类", "1", "2", "3"] for n in range(60)]]
    content = samples.weekly(sections=[{"heading": "一、统计", "blocks": [{"kind": "table", "rows": rows}]}])
    table = Word(io.BytesIO(made(content))).tables[0]
    properties = table._tbl.tblPr
    assert properties.find(qn("w:tblLayout")).get(qn("w:type")) == "fixed"
    assert properties.find(qn("w:jc")).get(qn("w:val")) == "center"
    widths = [int(c.get(qn("w:w"))) for c in table._tbl.tblGrid.gridCol_lst]
    assert abs(sum(widths) - 8844) <= 4  # twentieths of a point in 156 mm
    assert int(properties.find(qn("w:tblW")).get(qn("w:w"))) <= 8845
    padding = properties.find(qn("w:tblCellMar"))
    assert all(int(padding.find(qn(f"w:{side}")).get(qn("w:w"))) >= 50 for side in ("top", "left", "bottom", "right"))
    assert [r._tr.trPr.find(qn("w:tblHeader")) is not None for r in table.rows][:2] == [True, False]
    assert all(r._tr.trPr.find(qn("w:cantSplit")) is not None for r in table.rows)


@pytest.mark.clause("4.1.2")
@pytest.mark.parametrize("attachments", [0, 1, 9])
@pytest.mark.parametrize("last", ["text", "table"])
def test_the_signature_is_kept_with_the_last_words(attachments: int, last: str) -> None:
    block = (
        {"kind": "text", "text": "情况说明。"}
        if last == "text"
        else {"kind": "table", "rows": [["甲", "乙"], ["1", "2"]]}
    )
    content = samples.weekly(
        sections=[{"heading": "一、情况", "blocks": [block]}], attachments=[f"附图{n}" for n in range(attachments)]
    )
    body = list(Word(io.BytesIO(made(content))).element.body)
    at = next(n for n, e in enumerate(body) if "第一工作小组" in "".join(e.itertext()))
    before = [e for e in body[:at] if e.tag in (qn("w:p"), qn("w:tbl"))]
    kept_rows = [p for e in [*before[-min(attachments or 2, 6) :], *body[at : at + 2]] for p in e.iter(qn("w:p"))]
    if attachments == 0 and last == "text":
        kept_rows = kept_rows[1:]
    assert kept_rows and all(p.pPr is not None and p.pPr.keepNext is not None for p in kept_rows)


@pytest.mark.clause("4.2.2")
def test_qr_code_and_verification_line_are_there() -> None:
    data = made(samples.weekly())
    document = Word(io.BytesIO(data))
    cells = document.tables[-1].rows[0].cells
    assert CODE in cells[1].text and "https://linbao.example/verify 输入验证码" in cells[1].text
    image = next(p.blob for p in document.part.package.iter_parts() if str(p.partname).endswith(".png"))
    assert Image.open(io.BytesIO(image)).size[0] > 200
    inline = cells[0].paragraphs[0]._p.find(f".//{qn('wp:docPr')}")
    assert inline.get("descr") == f"二维码：https://linbao.example/verify/?code={CODE}"


def test_no_line_is_stretched_at_long_numbers() -> None:
    """A long number moves to the next line whole: then the line stays short instead of being spread to the margin."""
    data = made(samples.weekly())
    assert [paragraph(data, b)._p.pPr.jc.get(qn("w:val")) for b in ("1.", "清运")] == ["left", "both"]
    assert paragraph(data, "清运")._p.pPr.find(qn("w:autoSpaceDN")).get(qn("w:val")) == "0"


@pytest.mark.clause("4.1.2")
@time_machine.travel(NOW, tick=False)
def test_metadata_are_true() -> None:
    data = made(samples.weekly())
    properties = Word(io.BytesIO(data)).core_properties
    assert properties.title == "桂花园社区信息周报（2026年第47周，11月16日—11月22日）"
    assert properties.author == "桂花园社区 第一工作小组 周秀兰" == properties.last_modified_by
    assert properties.language == "zh-CN" and properties.subject == "桂花园社信〔2026〕12号"
    assert properties.created == properties.modified == NOW
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        everything = b"".join(packed.read(n) for n in packed.namelist())
        assert not any("thumbnail" in n for n in packed.namelist())
    assert b"python-docx" not in everything and b"2013-12" not in everything and b"Macintosh" not in everything
    assert 'w:lang w:val="zh-CN" w:eastAsia="zh-CN"' in part(data, "word/styles.xml")
    assert 'w:themeFontLang w:val="zh-CN" w:eastAsia="zh-CN"' in part(data, "word/settings.xml")
    names = {f.get(f"{W}name"): f.find(f"{W}altName") for f in ElementTree.fromstring(part(data, "word/fontTable.xml"))}
    assert {"仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312"} <= {
        n for n, alt in names.items() if alt is not None
    }


@pytest.mark.clause("3.3")
@pytest.mark.django_db
def test_photos_stand_in_the_annex_two_in_a_row_with_captions() -> None:
    wanted = [
        {"sha256": samples.photo("#aa3333"), "caption": "510104-261118-0001　垃圾桶满溢"},
        {"sha256": samples.photo("#33aa33", (900, 1600)), "caption": "510104-261118-0002　绿地枯死"},
        {"sha256": "0" * 64, "caption": "丢失的照片"},
    ]
    data = made(samples.weekly(photos=wanted), photos.load(wanted))
    document = Word(io.BytesIO(data))
    heading = next(p for p in document.paragraphs if p.text == "附件" and p.paragraph_format.page_break_before)
    assert chinese_font(heading) == "黑体"
    assert any(p.text.startswith("附件：现场照片（3张）") for p in document.paragraphs)
    rows = document.tables[-1].rows
    assert [c.text.strip() for c in rows[0].cells] == [w["caption"] for w in wanted[:2]]
    assert "丢失的照片" in rows[1].cells[0].text
    assert rows[1].cells[0].tables[0].rows[0].cells[0].text == "照片无法读取"
    sizes = [(int(e.get("cx")), int(e.get("cy"))) for e in document.tables[-1]._tbl.iter(qn("wp:extent"))]
    assert len(sizes) == 2 and all(x <= Mm(75.1) and y <= Mm(56.1) for x, y in sizes)
