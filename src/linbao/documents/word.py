"""DOCX of the same content by python-docx: editable, the official fonts by name (domain.md §4)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import segno
from docx import Document as Word
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

from linbao.documents import layout, word_package
from linbao.documents.layout import Photo
from linbao.documents.word_package import FANG, HEI, KAI, SONG, TITLE, set_font

RED = RGBColor(0xC8, 0x16, 0x1D)
WIDTH = Mm(156)  # of the type area
PITCH = Pt(28.95)  # 22 lines in 225 mm
INDENT = Pt(31.5)  # two characters of 3号, which stand 15.75 pt apart: 28 a line
SHORT_TABLE = 12  # rows; longer ones may go over several pages
FEW = 6  # attachments that move to another page together with the last words


def docx(content: dict[str, Any], *, code: str, verify: str, photos: Sequence[Photo] = ()) -> bytes:
    """The DOCX of an official document; `content` as `documents.services.issue` describes it, `photos` those of its
    annex, `verify` the address where `code` can be checked."""
    ready = layout.arrange(content)
    word = Word()
    word_package.prepare(word)
    page = word.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    page.header_distance, page.footer_distance = Mm(15), Mm(22)
    _grid(page)
    word_package.page_numbers(word, page)
    _head(word, ready)
    _body(word, ready)
    _close(word, ready, code, verify)
    if photos:
        append_annex(word, ready["annex"], photos)
    word_package.describe(word, content)
    return save(word)


def save(word: Any) -> bytes:
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def append_annex(word: Any, heading: str, photos: Sequence[Photo]) -> None:
    """Pages with the photos, two in a row, each with its caption; a frame with words where one cannot be read."""
    start = _paragraph(word, heading, font=HEI, indent=False)
    start.paragraph_format.page_break_before = True
    _paragraph(word, "现场照片", font=TITLE, size=22, centre=True, before=8, after=8)
    table = word.add_table(rows=0, cols=2)
    _shape(table, [WIDTH // 2, WIDTH // 2], padding=(Mm(1), Mm(1.5)))
    for start_at in range(0, len(photos), 2):
        row = table.add_row()
        _whole(row)
        for cell, photo in zip(row.cells, photos[start_at : start_at + 2], strict=False):
            cell.width = WIDTH // 2
            _photo(cell, photo)
    _end(word)


def _head(word: Any, ready: dict[str, Any]) -> None:
    _paragraph(word, ready["issuer"], font=TITLE, size=30, centre=True, colour=RED)
    number = _paragraph(word, ready["number"], centre=True)
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", "C8161D")):
        bottom.set(qn(f"w:{key}"), value)
    borders.append(bottom)
    number._p.get_or_add_pPr().insert_element_before(
        borders,
        "w:shd",
        "w:tabs",
        "w:suppressAutoHyphens",
        "w:kinsoku",
        "w:wordWrap",
        "w:overflowPunct",
        "w:autoSpaceDE",
        "w:autoSpaceDN",
        "w:snapToGrid",
        "w:spacing",
        "w:ind",
        "w:jc",
        "w:outlineLvl",
    )
    subtitle = ready["subtitle"]
    title = _paragraph(
        word, ready["title_lines"], font=TITLE, size=22, centre=True, before=22, after=0 if subtitle else 22
    )
    title.paragraph_format.keep_with_next = True
    if subtitle:
        _paragraph(word, subtitle, font=KAI, centre=True, after=22)
    if ready["to"]:
        _paragraph(word, ready["to"] + "：")


def _body(word: Any, ready: dict[str, Any]) -> None:
    for section in ready["sections"]:
        heading = _paragraph(word, section["heading"], font=HEI, indent=True, level=1)
        heading.paragraph_format.keep_with_next = True
        for block in section["blocks"]:
            if block["kind"] == "table":
                _table(word, block["rows"])
            elif block["kind"] == "sub":
                sub = _paragraph(word, block["text"], font=KAI, indent=True, level=2)
                sub.paragraph_format.keep_with_next = True
            else:
                _paragraph(word, block["text"], indent=True, justify=True)


def _close(word: Any, ready: dict[str, Any], code: str, verify: str) -> None:
    """Attachments, signature, date and check; the last words stay on the page of the signature (GB/T 9704)."""
    names = ready["attachments"]
    rows = _last_words(word)
    for number, name in enumerate(names, 1):
        row = _paragraph(
            word,
            ("附件：" if number == 1 else "　　　") + (f"{number}. {name}" if len(names) > 1 else name),
            before=PITCH.pt if number == 1 else 0,
        )
        row.paragraph_format.left_indent = INDENT + Pt(63)
        row.paragraph_format.first_line_indent = -Pt(63)
        rows.append(row._p)
    signature = _paragraph(word, ready["signature"], right=True, before=2 * PITCH.pt)
    date = _paragraph(word, ready["date"], right=True, after=8)
    # Beyond a few attachments the page would be nearly full of them: then some of them go along, not the words.
    for paragraph in [*(rows[-FEW:] if len(names) > FEW else rows), signature._p, date._p]:
        paragraph.get_or_add_pPr().get_or_add_keepNext()
    _check(word, code, verify)


def _last_words(word: Any) -> list[Any]:
    """The paragraphs that stay with the signature: the last one, or the last rows of a table with what follows it."""
    elements = [e for e in word.element.body if e.tag in (qn("w:p"), qn("w:tbl"))][-2:]
    if elements[0].tag != qn("w:tbl"):
        return elements[-1:]
    table_rows = elements[0].tr_lst
    stored = table_rows if len(table_rows) <= SHORT_TABLE else table_rows[-3:]
    return [*(p for row in stored for p in row.iter(qn("w:p"))), elements[-1]]


def _check(word: Any, code: str, verify: str) -> None:
    """QR code and the line that says how to check the document."""
    drawn = io.BytesIO()
    address = verify.removesuffix("?code=").rstrip("/")
    segno.make(f"{address}/?code={code}", error="m").save(drawn, kind="png", scale=8, border=0)
    drawn.seek(0)
    table = word.add_table(rows=1, cols=2)
    _shape(table, [Mm(27), WIDTH - Mm(27)], padding=(0, 0))
    row = table.rows[0]
    _whole(row)
    for cell, width in zip(row.cells, (Mm(27), WIDTH - Mm(27)), strict=True):
        cell.width, cell.vertical_alignment = width, WD_CELL_VERTICAL_ALIGNMENT.CENTER
    row.cells[0].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.LEFT
    _picture(row.cells[0].paragraphs[0], drawn, Mm(22), None, f"二维码：{address}/?code={code}")
    message = row.cells[1].paragraphs[0]
    _run(message, f"验证码 {code}　扫码或在 {address} 输入验证码，可核对本文件的真伪与版本。", SONG, 9)
    _lines(message, Pt(13))
    _end(word)


def _photo(cell: Any, photo: Photo) -> None:
    picture = cell.paragraphs[0]
    picture.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption = layout.one_line(layout.clean_text(photo.caption))
    if photo.data:
        wide = photo.width * 56 > photo.height * 75
        _picture(picture, io.BytesIO(photo.data), Mm(75) if wide else None, None if wide else Mm(56), caption)
    else:
        _frame(cell, picture)
    below = cell.add_paragraph() if photo.data else cell.paragraphs[-1]  # a table in a cell has one after it
    below.alignment = WD_ALIGN_PARAGRAPH.CENTER
    below.paragraph_format.space_before, below.paragraph_format.space_after = Pt(3), Pt(6)
    _run(below, caption, FANG, 12)
    _lines(below, Pt(17))


def _frame(cell: Any, above: Any) -> None:
    """An empty frame of a photo's size that says that it could not be read."""
    _lines(above, Pt(1))
    frame = cell.add_table(rows=1, cols=1)
    _shape(frame, [Mm(74)], padding=(0, 0))
    _borders(frame)
    row = frame.rows[0]
    row.height, row.height_rule = Mm(54), WD_ROW_HEIGHT_RULE.EXACTLY
    row.cells[0].width, row.cells[0].vertical_alignment = Mm(74), WD_CELL_VERTICAL_ALIGNMENT.CENTER
    message = row.cells[0].paragraphs[0]
    message.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(message, "照片无法读取", HEI, 12)
    _lines(message, Pt(18))


def _picture(paragraph: Any, data: io.BytesIO, width: Length | None, height: Length | None, caption: str) -> None:
    run = paragraph.add_run()
    shape = run.add_picture(data, width=width, height=height)
    shape._inline.docPr.set("descr", caption)
    for side in ("distT", "distB", "distL", "distR"):
        shape._inline.set(side, "0")
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE  # an exact height would cut the picture


def _table(word: Any, rows: list[list[str]]) -> None:
    columns = len(rows[0])
    # As in the PDF: the first column, which names things, is wider than the others.
    unit = int(WIDTH / (columns + 0.6))
    widths = [WIDTH - unit * (columns - 1), *[unit] * (columns - 1)] if columns > 1 else [WIDTH]
    _gap(word).paragraph_format.keep_with_next = True
    table = word.add_table(rows=0, cols=columns)
    _shape(table, widths, padding=(Mm(1.2), Mm(2)))
    _borders(table)
    for number, texts in enumerate(rows):
        row = table.add_row()
        _whole(row)
        if number == 0 and len(rows) > 1:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for place, (cell, text, width) in enumerate(zip(row.cells, texts, widths, strict=True)):
            cell.width, cell.vertical_alignment = width, WD_CELL_VERTICAL_ALIGNMENT.CENTER
            paragraph = cell.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if place else WD_ALIGN_PARAGRAPH.LEFT
            _run(paragraph, text, HEI if number == 0 else FANG, 12)
            _lines(paragraph, Pt(17))
    _gap(word)


def _shape(table: Any, widths: Sequence[int], padding: tuple[int, int]) -> None:
    """Fixed column widths that fill the type area, between the margins; `padding` of cells: above and below, sides."""
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    properties = table._tbl.tblPr
    total = properties.find(qn("w:tblW"))
    if total is None:
        total = OxmlElement("w:tblW")
        properties.append(total)
    total.set(qn("w:type"), "dxa")
    total.set(qn("w:w"), str(Length(sum(widths)).twips))
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = Length(width)
    margins = OxmlElement("w:tblCellMar")
    for side, size in (("top", padding[0]), ("left", padding[1]), ("bottom", padding[0]), ("right", padding[1])):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(Length(size).twips))
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)


def _borders(table: Any) -> None:
    """Thin lines around all cells, without a style: a unit's own template may have none for tables."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    table._tbl.tblPr.find(qn("w:tblLayout")).addprevious(borders)


def _whole(row: Any) -> None:
    """A row is never broken over two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _paragraph(
    word: Any,
    text: str | Sequence[str],
    *,
    font: str = FANG,
    size: float = 16,
    centre: bool = False,
    right: bool = False,
    indent: bool = False,
    justify: bool = False,
    colour: RGBColor | None = None,
    before: float = 0,
    after: float = 0,
    level: int = 0,
) -> Any:
    """A paragraph at the end; `text` in several parts stands in as many lines, `level` is its place in the outline."""
    paragraph = word.add_paragraph()
    for number, line in enumerate([text] if isinstance(text, str) else text):
        if number:
            paragraph.runs[-1].add_break()
        _run(paragraph, line, font, size, colour)
    form = paragraph.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.line_spacing_rule, form.line_spacing = (
        (WD_LINE_SPACING.EXACTLY, PITCH) if size == 16 else (WD_LINE_SPACING.AT_LEAST, Pt(size * 1.3))
    )
    if indent:
        form.first_line_indent = INDENT
        paragraph._p.pPr.ind.set(qn("w:firstLineChars"), "200")
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        form.right_indent = INDENT
    if justify:
        # A long number goes to the next line as one word: such a paragraph is not stretched to the margin.
        long = any(layout.LONG_TOKEN.search(line) for line in ([text] if isinstance(text, str) else text))
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if long else WD_ALIGN_PARAGRAPH.JUSTIFY
    _chinese(paragraph)
    if level:
        outline = OxmlElement("w:outlineLvl")
        outline.set(qn("w:val"), str(level - 1))
        paragraph._p.pPr.append(outline)
    return paragraph


def _gap(word: Any) -> Any:
    """A little room above and below a table (Word needs a paragraph between two of them)."""
    paragraph = _paragraph(word, "", size=6)
    _lines(paragraph, Pt(6))
    return paragraph


def _end(word: Any) -> None:
    """The paragraph that Word wants after a table at the end of a document; it takes no room."""
    _lines(word.add_paragraph(), Pt(1))


def _lines(paragraph: Any, pitch: Length) -> None:
    """Lines of their own height, off the page's grid of 22."""
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, pitch


def _chinese(paragraph: Any) -> None:
    """No blanks of Word's own between Chinese and Latin letters or digits: 28 characters a line, as in the PDF."""
    properties = paragraph._p.get_or_add_pPr()
    for name in ("autoSpaceDE", "autoSpaceDN"):
        mark = OxmlElement(f"w:{name}")
        mark.set(qn("w:val"), "0")
        properties.insert_element_before(
            mark, "w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
        )


def _run(paragraph: Any, text: str, font: str, size: float, colour: RGBColor | None = None) -> None:
    run = paragraph.add_run(text)
    set_font(run, font, size)
    if colour is not None:
        run.font.color.rgb = colour


def _grid(page: Any) -> None:
    """22 lines of the type area's height, as Word's page set-up shows them."""
    grid = page._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        page._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(PITCH.twips))
