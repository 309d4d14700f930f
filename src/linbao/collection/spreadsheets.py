"""Rows out of XLSX, XLS, ODS and CSV files, one after the other, whatever their size and encoding."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from linbao.base.problems import Invalid, Unsupported

LARGE = 60_000_000  # bytes of unpacked XML: from here on it is read as a stream
MOST_COLUMNS = 200
Row = list[Any]


def rows(path: Path, name: str = "") -> Iterator[Row]:
    """The cells of the first sheet, row by row, blank rows included. Raises `Invalid`, `Unsupported`."""
    with open(path, "rb") as f:
        head = f.read(8)
    tail = Path(name or path.name).suffix.lower()
    if head[:4] == b"PK\x03\x04" and tail not in (".ods",):
        return _xlsx(path)
    if head[:4] == b"PK\x03\x04" or head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _calamine(path)
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unsupported(_("只能导入 XLSX、XLS、ODS 或 CSV 文件。"))
    return _csv(path)


def _calamine(path: Path) -> Iterator[Row]:
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        sheet = book.get_sheet_by_index(0)
    except Exception as e:  # the reader raises many kinds
        raise Invalid(fields={"file": [_("表格文件已损坏或有密码，无法打开。")]}) from e
    # Leading blank rows are cut by the reader: put them back, so that row numbers are those of the screen.
    yield from ([] for _n in range((sheet.start or (0, 0))[0]))
    for row in sheet.iter_rows():
        yield list(row[:MOST_COLUMNS])


def _xlsx(path: Path) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(path) as book:
            unpacked = sum(e.file_size for e in book.infolist())
            names = book.namelist()
    except zipfile.BadZipFile as e:
        raise Invalid(fields={"file": [_("表格文件已损坏，无法打开。")]}) from e
    if unpacked > 3_000_000_000:
        raise Invalid(fields={"file": [_("表格解压后过大，请分成几个文件导入。")]})
    sheets = sorted(
        (n for n in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n)),
        key=lambda n: int(re.findall(r"\d+", n)[-1]),
    )
    if unpacked < LARGE or not sheets:
        yield from _calamine(path)
    else:
        yield from _streamed(path, sheets[0], "xl/sharedStrings.xml" if "xl/sharedStrings.xml" in names else "")


_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _streamed(path: Path, sheet: str, shared: str) -> Iterator[Row]:
    """A large XLSX without ever holding it: shared strings wait in a temporary database."""
    with zipfile.ZipFile(path) as book, tempfile.TemporaryDirectory() as folder:
        strings = sqlite3.connect(str(Path(folder) / "strings"), isolation_level=None)
        strings.execute("PRAGMA synchronous = OFF")
        strings.execute("PRAGMA journal_mode = OFF")
        strings.execute("CREATE TABLE s (n INTEGER PRIMARY KEY, v TEXT)")
        if shared:
            with book.open(shared) as f:
                strings.execute("BEGIN")
                strings.executemany("INSERT INTO s VALUES (?, ?)", enumerate(_strings(f)))
                strings.execute("COMMIT")
        with book.open(sheet) as f:
            yield from _cells(f, strings)
        strings.close()


def _strings(f: Any) -> Iterator[str]:
    root: Any = None
    for event, node in ElementTree.iterparse(f, ("start", "end")):
        if root is None:
            root = node
        elif event == "end" and node.tag == f"{_NS}si":
            yield "".join(t.text or "" for t in node.iter(f"{_NS}t"))
            root.clear()


def _cells(f: Any, strings: sqlite3.Connection) -> Iterator[Row]:
    data: Any = None
    last = 0
    for event, node in ElementTree.iterparse(f, ("start", "end")):
        if event == "start":
            data = node if node.tag == f"{_NS}sheetData" else data
            continue
        if node.tag != f"{_NS}row":
            continue
        number = int(node.get("r") or last + 1)
        yield from ([] for _n in range(number - last - 1))
        last = number
        row: Row = []
        for cell in node:
            column = _column(cell.get("r") or "") if cell.get("r") else len(row)
            if column >= MOST_COLUMNS:
                break
            row += [None] * (column - len(row))
            row.append(_value(cell, strings))
        yield row
        if data is not None:
            data.clear()


def _column(reference: str) -> int:
    column = 0
    for letter in reference:
        if not letter.isalpha():
            break
        column = column * 26 + ord(letter.upper()) - 64
    return column - 1


def _value(cell: Any, strings: sqlite3.Connection) -> Any:
    kind = cell.get("t")
    if kind == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{_NS}t"))
    told = cell.findtext(f"{_NS}v")
    if told is None:
        return None
    if kind == "s":
        found = strings.execute("SELECT v FROM s WHERE n = ?", [int(told)]).fetchone()
        return found[0] if found else None
    if kind in ("str", "b", "e", "d"):
        return told
    try:
        return float(told)
    except ValueError:
        return told


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(10_000_000)
    encoding = _encoding(path)
    with open(path, encoding=encoding, newline="", errors="replace") as f:
        head = f.readline()
        f.seek(0)
        delimiter = max(",;\t|", key=head.count)
        reader = csv.reader((line.replace("\x00", "") for line in f), delimiter=delimiter)
        try:
            for row in reader:
                yield row[:MOST_COLUMNS]
        except csv.Error as e:
            raise Invalid(
                fields={"file": [_("第 %(n)d 行附近的格式有误，无法继续读取。") % {"n": reader.line_num}]}
            ) from e


def _encoding(path: Path) -> str:
    """UTF-8 (with or without its mark), UTF-16 by its mark, else GB 18030 as Chinese Excel writes it."""
    with open(path, "rb") as f:
        first = f.read(4)
        if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
        f.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while piece := f.read(io.DEFAULT_BUFFER_SIZE * 64):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"
