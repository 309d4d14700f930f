"""Files as strangers send them: small to send, dear to open."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from random import Random

from docx import Document as Word
from PIL import Image

_RELATIONS = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def many_scans(scans: int, side: int = 2000) -> bytes:
    """A progressive JPEG whose last scan stands in it over and over."""
    out = io.BytesIO()
    noise = Random(1).randbytes(side * side // 64)
    image = Image.frombytes("L", (side // 8, side // 8), noise).resize((side, side)).convert("RGB")
    image.save(out, "JPEG", quality=60, progressive=True)
    whole = out.getvalue()
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * scans + b"\xff\xd9"


def photo(width: int = 4000, height: int = 3000, quality: int = 72) -> bytes:
    """An ordinary photo of a phone, 4 MB."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def large_png(side: int = 6900) -> bytes:
    """A few kB that unpack to 48 megapixels in colour with transparency."""
    out = io.BytesIO()
    Image.new("RGBA", (side, side), (200, 10, 10, 128)).save(out, "PNG", compress_level=9)
    return out.getvalue()


def xlsx(sheet: str, strings: str = "", extra: dict[str, bytes] | None = None) -> bytes:
    """A workbook whose only sheet has these cells (XML)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(
            "[Content_Types].xml",
            (
                '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override'
                ' PartName="/xl/workbook.xml"'
                ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
            ),
        )
        book.writestr(
            "xl/workbook.xml",
            (
                f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet'
                f' name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'
            ),
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            _RELATIONS.format(f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'),
        )
        book.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{_MAIN}">{sheet}</worksheet>')
        if strings:
            book.writestr("xl/sharedStrings.xml", strings)
        for name, data in (extra or {}).items():
            book.writestr(name, data)
    return out.getvalue()


HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>标题</t></is></c><c r="B1" t="inlineStr"><is><t>内容</t></is></c></row>'
)
ROW = (
    '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>路灯</t></is></c><c'
    ' r="B{0}" t="inlineStr"><is><t>路灯不亮</t></is></c></row>'
)


def far_corner() -> bytes:
    """One blank cell in the last corner of the sheet."""
    return xlsx(
        f'<sheetData>{HEAD}{ROW.format(2)}<row r="1048576"><c r="XFD1048576"'
        f' t="inlineStr"><is><t></t></is></c></row></sheetData>'
    )


def swollen_strings() -> bytes:
    """A list of shared strings that unpacks to a gigabyte."""
    strings = f'<sst xmlns="{_MAIN}">' + "<si><t>" + "路" * 300_000_000 + "</t></si></sst>"
    return xlsx(f"<sheetData>{HEAD}</sheetData>", strings)


def entities() -> bytes:
    """Names that stand for ten of the one before."""
    names = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    sheet = f'<!DOCTYPE sst [<!ENTITY a0 "路灯">{names}]><sst xmlns="{_MAIN}"><si><t>&a11;</t></si></sst>'
    return xlsx(f"<sheetData>{HEAD}</sheetData>", sheet)


def ods(columns: int, rows: int) -> bytes:
    """A cell that is repeated `columns` times in a row that is repeated `rows` times, by two numbers."""
    out = io.BytesIO()
    table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    cell = '<table:table-cell office:value-type="string"{}><text:p>{}</text:p></table:table-cell>'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        book.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{office}" xmlns:table="{table}"'
            f' xmlns:text="{text}"><office:body><office:spreadsheet><table:table>'
            f"<table:table-row>{cell.format('', '标题')}{cell.format('', '内容')}</table:table-row>"
            f'<table:table-row table:number-rows-repeated="{rows}">'
            f"{cell.format(f' table:number-columns-repeated={chr(34)}{columns}{chr(34)}', 'x')}</table:table-row>"
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def looped_xls() -> bytes:
    """A compound file whose chain of blocks leads back to its beginning."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIIII", head, 40, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    struct.pack_into("<109I", head, 76, 0, *([0xFFFFFFFF] * 108))
    fat = struct.pack("<128I", 0xFFFFFFFD, 2, 1, *([0xFFFFFFFF] * 125))  # 1 → 2 → 1 → …
    return bytes(head) + fat + bytes(512) * 2


def merged_xls(rows: list[list[str]], merges: list[tuple[int, int, int, int]]) -> bytes:
    """A workbook of Excel 97 with these cells and merged ranges (first row, last row, first column, last column)."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def begin(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x7CC, 0, 6))

    end, name = record(0x0A, b""), "留言".encode("utf-16-le")
    cells = b"".join(
        record(0x204, struct.pack("<HHHHB", r, c, 0, len(v), 1) + v.encode("utf-16-le"))
        for r, row in enumerate(rows)
        for c, v in enumerate(row)
        if v
    )
    for at in range(0, len(merges), 1000):
        few = merges[at : at + 1000]
        cells += record(0xE5, struct.pack("<H", len(few)) + b"".join(struct.pack("<HHHH", *m) for m in few))
    globals_ = begin(5)
    start = len(globals_) + 4 + 8 + len(name) + len(end)
    globals_ += record(0x85, struct.pack("<IBBBB", start, 0, 0, len(name) // 2, 1) + name) + end
    book = globals_ + begin(0x10) + cells + end
    blocks = max(8, -(-len(book) // 512))
    book += bytes(blocks * 512 - len(book))
    fats = -(-(blocks + 1) // 127)
    chain = [*range(1, blocks), 0xFFFFFFFE, 0xFFFFFFFE, *([0xFFFFFFFD] * fats)]  # the book, the directory, the table
    chain += [0xFFFFFFFF] * (fats * 128 - len(chain))
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIIII", head, 40, 0, fats, blocks, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    struct.pack_into("<109I", head, 76, *range(blocks + 1, blocks + 1 + fats), *([0xFFFFFFFF] * (109 - fats)))

    def entry(title: str, kind: int, child: int, first: int, size: int) -> bytes:
        raw = (title + "\0").encode("utf-16-le")
        return struct.pack("<64sHBBIII36xIII", raw, len(raw), kind, 1, *[0xFFFFFFFF] * 2, child, first, size, 0)

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 0, len(book))
    return bytes(head) + book + directory + bytes(512 - len(directory)) + struct.pack(f"<{len(chain)}I", *chain)


def template(*lines: str) -> bytes:
    """A Word file with these paragraphs."""
    word = Word()
    for line in lines:
        word.add_paragraph(line)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def packed(unpacked: int) -> bytes:
    """A Word file in outline with so many zeros inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            (
                "<Types><Override"
                ' ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
                "</Types>"
            ),
        )
        with archive.open("word/document.xml", "w") as f:
            for _n in range(unpacked // 1_000_000):
                f.write(bytes(1_000_000))
    return out.getvalue()


def pdf_flood(streams: int = 12) -> bytes:
    """A PDF whose only page is drawn by a stream that was packed several times over."""
    import zlib

    data = b"BT (x) Tj ET " * 4_000_000
    data = zlib.compress(data, 9)
    data = zlib.compress(data, 9)
    body = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    body += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents[" + b"4 0 R " * streams + b"]>>endobj\n"
    body += (
        b"4 0 obj<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n" % len(data) + data + b"\nendstream endobj\n"
    )
    return body + b"trailer<</Root 1 0 R>>\n%%EOF"


def heic_grid(columns: int, rows: int, turn: int = 0) -> bytes:
    """A HEIC as large phones write it: a grid of tiles, here one tile over and over, turned by `turn` quarters. The
    tile is red at its left and blue at its right."""
    single = (Path(__file__).parent.parent / "items" / "heic" / "tile.heic").read_bytes()
    at = single.index(b"hvcC") - 4
    decoder = single[at : at + struct.unpack(">I", single[at : at + 4])[0]]
    at = single.index(b"mdat") - 4
    coded = single[at + 8 : at + struct.unpack(">I", single[at : at + 4])[0]]

    def box(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", len(body) + 8, kind) + body

    side = 512

    def size(width: int, height: int) -> bytes:
        return box(b"ispe", struct.pack(">III", 0, width, height))

    tiles = range(2, 2 + columns * rows)
    item = struct.Struct(">IHH4sB")
    kinds = box(b"infe", item.pack(2 << 24, 1, 0, b"grid", 0)) + b"".join(
        box(b"infe", item.pack(2 << 24, n, 0, b"hvc1", 0)) for n in tiles
    )
    properties = decoder + size(side, side) + size(columns * side, rows * side) + box(b"irot", bytes([turn]))
    links = struct.pack(">HBBB", 1, 2, 3, 0x84) + b"".join(struct.pack(">HBBB", n, 2, 0x81, 2) for n in tiles)
    grid = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, columns * side, rows * side)

    def meta(start: int) -> bytes:
        places = struct.pack(">HHHII", 1, 0, 1, start, len(grid)) + b"".join(
            struct.pack(">HHHII", n, 0, 1, start + len(grid), len(coded)) for n in tiles
        )
        body = (
            box(b"hdlr", struct.pack(">II4sIIIB", 0, 0, b"pict", 0, 0, 0, 0)),
            box(b"pitm", struct.pack(">IH", 0, 1)),
            box(b"iloc", struct.pack(">IBBH", 0, 0x44, 0, len(tiles) + 1) + places),
            box(b"iinf", struct.pack(">IH", 0, len(tiles) + 1) + kinds),
            box(b"iref", bytes(4) + box(b"dimg", struct.pack(f">HH{len(tiles)}H", 1, len(tiles), *tiles))),
            box(b"iprp", box(b"ipco", properties) + box(b"ipma", struct.pack(">II", 0, len(tiles) + 1) + links)),
        )
        return box(b"meta", bytes(4) + b"".join(body))

    head = box(b"ftyp", b"heic\x00\x00\x00\x00mif1heic")
    return head + meta(len(head) + len(meta(0)) + 8) + box(b"mdat", grid + coded)
