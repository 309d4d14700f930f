"""DOCX of the same content by python-docx: editable, the official fonts by name (domain.md §4)."""

from __future__ import annotations

import io
import re
from typing import Any

from docx import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

SONG, TITLE, HEI, KAI = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312"
RED = RGBColor(0xC8, 0x16, 0x1D)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def docx(content: dict[str, Any], *, code: str, verify: str) -> bytes:
    """The DOCX of an official document."""
    word = Word()
    page = word.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    _say(word, content["issuer"], font=TITLE, size=30, centre=True, colour=RED)
    _rule(_say(word, content["number"], centre=True))
    _say(word, content["title"], font=TITLE, size=22, centre=True, before=12, after=14)
    _say(word, content["to"] + "：")
    for section in content["sections"]:
        _say(word, section["heading"], font=HEI, indent=True).paragraph_format.keep_with_next = True
        for block in section["blocks"]:
            if block["kind"] == "table":
                _table(word, block["rows"])
            else:
                _say(word, block["text"], font=KAI if block["kind"] == "sub" else SONG, indent=True)
    for number, name in enumerate(content["attachments"], 1):
        _say(
            word,
            ("附件：" if number == 1 else "　　　") + f"{number}. {name}",
            indent=True,
            before=14 if number == 1 else 0,
        )
    _say(word, content["signature"], right=True, before=40)
    _say(word, content["date"], right=True)
    _say(word, f"验证码 {code}，在 {verify} 核对本文件的真伪与版本。", size=9)
    # The signature shares a page with the last words (GB/T 9704).
    for paragraph in word.paragraphs[-4 - min(len(content["attachments"]), 6) : -1]:
        paragraph.paragraph_format.keep_with_next = True
    _page_numbers(page)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def _say(
    word: Any, text: str, *, font: str = SONG, size: float = 16, centre: bool = False, right: bool = False, indent: bool = False,
    colour: RGBColor | None = None, before: float = 0, after: float = 0,
) -> Any:  # fmt: skip
    paragraph = word.add_paragraph()
    run = paragraph.add_run(_FORBIDDEN.sub("", text))
    _font(run, font, size)
    if colour is not None:
        run.font.color.rgb = colour
    form = paragraph.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.line_spacing_rule, form.line_spacing = (
        (WD_LINE_SPACING.EXACTLY, Pt(29)) if size == 16 else (WD_LINE_SPACING.AT_LEAST, Pt(size * 1.3))
    )
    if indent:
        form.first_line_indent = Pt(size * 2)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        form.right_indent = Pt(32)
    return paragraph


def _font(run: Any, name: str, size: float) -> None:
    run.font.size, run.font.name = Pt(size), "Times New Roman"
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _rule(paragraph: Any) -> None:
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", "C8161D")):
        bottom.set(qn(f"w:{key}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)


def _table(word: Any, rows: list[list[str]]) -> None:
    table = word.add_table(rows=len(rows), cols=len(rows[0]))
    table.style = "Table Grid"
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            run = cell.paragraphs[0].add_run(_FORBIDDEN.sub("", text))
            _font(run, SONG, 12)


def _page_numbers(page: Any) -> None:
    paragraph = page.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        _font(run, SONG, 14)
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)
