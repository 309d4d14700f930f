"""What a DOCX holds besides its text: metadata, language, fonts with stand-ins, page numbers (domain.md §4)."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

from linbao.core import clock
from linbao.documents import layout

FANG, TITLE, HEI, KAI, SONG = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "宋体"
LATIN = "Times New Roman"
# What takes the place of a font that the reader's machine lacks, and its class (Word reads both).
STAND_INS = {
    FANG: ("仿宋;FangSong;FandolFang R", "modern"),
    TITLE: ("FZXiaoBiaoSong-B05S;宋体;SimSun", "script"),
    HEI: ("SimHei;Noto Sans CJK SC", "modern"),
    KAI: ("楷体;KaiTi;FandolKai", "modern"),
    SONG: ("SimSun;Noto Serif CJK SC", "auto"),
}
LANGUAGE = "zh-CN"
_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>Linbao</Application><AppVersion>1.0000</AppVersion></Properties>"
)


def describe(word: Any, content: dict[str, Any]) -> None:
    """Set the metadata: title, author, number, language, and now as the time of making and changing (UTC)."""
    properties = word.core_properties
    now = clock.now().replace(tzinfo=None, microsecond=0)
    names = layout.author(content)[:255]
    properties.title, properties.subject = layout.full_title(content)[:255], str(content.get("number") or "")[:255]
    properties.author = properties.last_modified_by = names
    properties.created = properties.modified = now
    properties.language, properties.revision = LANGUAGE, 1
    properties.comments = properties.keywords = properties.category = ""


def prepare(word: Any) -> None:
    """Make python-docx's empty document a Chinese one: language, fonts, no foreign picture or program's name."""
    styles = word.styles.element
    default = styles.find(qn("w:docDefaults"))
    default.find(qn("w:rPrDefault")).find(qn("w:rPr")).getparent().replace(
        default.find(qn("w:rPrDefault")).find(qn("w:rPr")),
        parse_xml(
            f'<w:rPr {nsdecls("w")}><w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{FANG}" w:cs="{LATIN}"/>'
            f'<w:spacing w:val="-5"/><w:sz w:val="32"/><w:szCs w:val="32"/>'
            f'<w:lang w:val="{LANGUAGE}" w:eastAsia="{LANGUAGE}" w:bidi="ar-SA"/></w:rPr>'
        ),
    )
    spacing = default.find(qn("w:pPrDefault")).find(qn("w:pPr")).find(qn("w:spacing"))
    for key, value in (("after", "0"), ("line", "240")):
        spacing.set(qn(f"w:{key}"), value)
    off_grid = OxmlElement("w:snapToGrid")  # lines have exact heights; the grid is for the page set-up alone
    off_grid.set(qn("w:val"), "0")
    spacing.addprevious(off_grid)
    _settings(word.settings.element)
    package = word.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            del package.rels[key]
    for part in package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = _font_table()
        elif str(part.partname) == "/docProps/app.xml":
            part._blob = _APP


def page_numbers(word: Any, section: Any) -> None:
    """`— 1 —` in 4号, on odd pages right and on even pages left, one character inside the edge."""
    word.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if side == "right" else WD_ALIGN_PARAGRAPH.LEFT
        form = paragraph.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(18)
        form.right_indent, form.left_indent = (Pt(14), None) if side == "right" else (None, Pt(14))
        set_font(paragraph.add_run("— "), SONG, 14)
        _page_field(paragraph)
        set_font(paragraph.add_run(" —"), SONG, 14)


def set_font(run: Any, name: str, size: float) -> None:
    """Chinese letters in `name`, Latin ones in Times New Roman, `size` in points."""
    run.font.size, run.font.name = Pt(size), LATIN
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), name)
    fonts.set(qn("w:hint"), "eastAsia")


def _page_field(paragraph: Any) -> None:
    for kind, text in (("begin", ""), ("", "instr"), ("separate", ""), ("", "1"), ("end", "")):
        run = paragraph.add_run()
        set_font(run, SONG, 14)
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        elif text == "instr":
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = " PAGE "
        else:
            mark = OxmlElement("w:t")
            mark.text = text
        run._r.append(mark)


def _settings(settings: Any) -> None:
    settings.find(qn("w:themeFontLang")).set(qn("w:val"), LANGUAGE)
    settings.find(qn("w:themeFontLang")).set(qn("w:eastAsia"), LANGUAGE)
    settings.find(qn("w:characterSpacingControl")).set(qn("w:val"), "compressPunctuation")
    settings.find(qn("w:zoom")).set(qn("w:percent"), "100")
    for mode in settings.iter(qn("w:compatSetting")):
        if mode.get(qn("w:name")) == "compatibilityMode":
            mode.set(qn("w:val"), "15")


def _font_table() -> bytes:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/><w:family w:val="{family}"/>'
        f'<w:pitch w:val="default"/></w:font>'
        for name, (others, family) in STAND_INS.items()
    )
    latin = (
        f'<w:font w:name="{LATIN}"><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>'
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f"{head}<w:fonts {nsdecls('w')}>{fonts}{latin}</w:fonts>".encode()
