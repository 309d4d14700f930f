"""Rows out of XLSX, XLS, ODS, CSV and HTML tables: one reader for each format, whatever the file's size (2.2.1).

XLSX and ODS are read as streams, so that a cell in the last corner or a row repeated a million times costs what its
bytes cost. What is sent are lines of JSON, `[row number, [cells]]`, of the rows that hold anything; a cell is null,
a string, a number, or `{"t": "2026-11-20T15:05:00"}` for a date without zone.
"""

from __future__ import annotations

import codecs
import email
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from html.parser import HTMLParser
from itertools import islice
from typing import IO, Any
from xml.parsers import expat

from python_calamine import CalamineWorkbook

from linbao.platform.protection.boxed import Refusal, Send, precheck

MOST_COLUMNS = 200
MOST_READ = 1_200_000_000  # bytes unpacked of one file
MOST_REPEATS = 1000  # times that a row with content may be repeated by a number
MOST_CELL = 100_000  # characters
MOST_MERGES = 50_000
MOST_NAMES = 50  # sheets, or rows with a quote that nothing closes, that are named
MOST_LINE, MOST_LINES, MOST_REPAIRED = 1_000_000, 500, 50  # of a CSV: characters; lines of a cell; quotes unclosed
HEAD_ROWS = 20  # of a sheet, by which it is chosen
HEAD_CHARACTERS = 20_000  # of each of a CSV's first lines, by which its delimiter is known
PIECE = 1 << 18
Row = list[Any]


def read(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """The rows of the first visible sheet that names columns, else of the first that holds any. `args`: `fd` of the
    file, `rows` (stop after so many; 0: all), `columns` (words by which the name of a column is known).

    Returns `rows`, `sheet` (its name; empty where the format has none), `others` (names of the visible sheets that were
    not read) and `quotes` (numbers of the first rows of a CSV with a quote that nothing closes). Refuses `password`,
    `format`, `broken`, `repeats`, `merges`, `large`, `line`."""
    sent, most, waiting = 0, args.get("rows") or 0, []
    source = _Source(columns=args.get("columns") or [])
    with open(args["fd"], "rb", closefd=False) as f:
        f.seek(0)
        for number, row in _rows(f, source):
            row = [v.replace("\x00", "") if isinstance(v, str) else v for v in row]  # no database holds one
            if any(v not in (None, "") for v in row):
                waiting.append(json.dumps([number, row], ensure_ascii=False))
                sent += 1
            if len(waiting) >= 200:
                send(("\n".join(waiting) + "\n").encode("utf-8", "replace"))
                waiting = []
            if most and sent >= most:
                break
    if waiting:
        send(("\n".join(waiting) + "\n").encode("utf-8", "replace"))
    return {"rows": sent, "sheet": source.sheet, "others": source.others[:MOST_NAMES], "quotes": source.quotes}


def text(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """The words of all sheets' cells, a line a row, and the workbook's own keywords: for finding whose copy it is."""
    with zipfile.ZipFile(io.BytesIO(blobs[0])) as book:
        details = _Workbook(book)
        lines: list[str] = []
        for _name, path in details.sheets(hidden=True)[:10]:
            for _number, row in _Sheet(details, path).rows():
                lines.append("\t".join(_plain(v) for v in row))
                if len(lines) >= args["most"]:
                    break
        info = next((i for i in book.infolist() if i.filename == "docProps/core.xml"), None)
        stored = book.read(info).decode("utf-8", errors="ignore") if info and info.file_size < 100_000 else ""
    send("\n".join(lines).encode("utf-8", "replace"))
    return {"keywords": stored}


@dataclass
class _Source:
    """Where the rows came from, noted while they are read; `columns`: words of which a table names two or more."""

    columns: list[str] = field(default_factory=list)
    sheet: str = ""
    others: list[str] = field(default_factory=list)
    quotes: list[int] = field(default_factory=list)


def _rows(f: IO[bytes], source: _Source) -> Iterator[tuple[int, Row]]:
    head = f.read(4096)
    f.seek(0)
    if head[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(f) as book:
            names = set(book.namelist())
            if "content.xml" in names:
                yield from _ods(book, source)
            elif any(n.startswith("xl/") for n in names):
                details = _Workbook(book)
                if not details.sheets():  # binary ones, or none at all
                    raise Refusal("format")
                yield from _first_filled(
                    [(name, partial(_xlsx_sheet, details, path)) for name, path in details.sheets()], source
                )
            else:
                raise Refusal("format")
        return
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        yield from _xls(f, source)
        return
    wide = precheck.utf_16(head)
    start = (
        (head[: len(head) & ~1].decode(wide, "ignore").encode() if wide else head)
        .removeprefix(b"\xef\xbb\xbf")
        .lstrip()
    )
    if b"\x00" in start[:8]:
        raise Refusal("format")
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start and start[:5] == b"<?xml":
        yield from _xml(f, source)
    elif start[:13].lower() == b"mime-version:":
        yield from _mhtml(f)
    elif re.match(rb"(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|table|meta|head)", start, re.IGNORECASE):
        yield from _html(f)
    elif start[:5] == b"<?xml":
        raise Refusal("format")
    else:
        yield from _csv(f, source)


def _first_filled(
    sheets: Sequence[tuple[str, Callable[[bool], Iterator[tuple[int, Row]]]]], source: _Source
) -> Iterator[tuple[int, Row]]:
    """The rows of the first sheet that names columns (before it may lie a cover, or how to fill in), else of the first
    that holds anything; noted are the names of the others that do. What gives the rows is asked with whether merged
    cells are to be filled, which costs a second reading."""
    chosen = 0
    if len(sheets) > 1:
        heads = [list(islice(_filled(rows(False)), HEAD_ROWS)) for _name, rows in sheets[:MOST_NAMES]]
        filled = [n for n, head in enumerate(heads) if head]
        named = [n for n in filled if any(_names_columns(row, source.columns) for _number, row in heads[n])]
        chosen = (named or filled or [0])[0]
        source.others = [sheets[n][0] for n in filled if n != chosen]
    if sheets:
        source.sheet, rows = sheets[chosen]
        yield from _filled(rows(True))


def _names_columns(row: Row, names: Sequence[str]) -> bool:
    cells = ["".join(v.split()).lower() for v in row if isinstance(v, str) and len(v) <= 30]
    return sum(any(word in cell for word in names) for cell in cells) > 1


def _filled(rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    return ((number, row) for number, row in rows if any(v not in (None, "") for v in row))


def _plain(value: Any) -> str:
    return "" if value is None else str(value["t"] if isinstance(value, dict) else value)


def _dated(moment: datetime | date) -> dict[str, str]:
    return {"t": moment.isoformat()}


# --- XML, as a stream ---------------------------------------------------------------------------------


class _Stream:
    """Parses a member of a zip piece by piece; subclasses have `start`, `end` and `chars`. `done` ends it early."""

    def __init__(self) -> None:
        self.done = False
        self.read = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.chars
        self.parser.EntityDeclHandler = self._entity

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.start(name.rpartition(":")[2], attributes)

    def _end(self, name: str) -> None:
        self.end(name.rpartition(":")[2])

    def _entity(self, *_: Any) -> None:
        raise Refusal("broken")  # office files declare none: whoever does means to swell

    def start(self, name: str, attributes: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def chars(self, data: str) -> None: ...

    def pieces(self, f: IO[bytes]) -> Iterator[None]:
        """Feed the parser; yields after each piece, so that what was found can be taken away."""
        while not self.done and (piece := f.read(PIECE)):
            self.read += len(piece)
            if self.read > MOST_READ:
                raise Refusal("large")
            self.parser.Parse(piece, False)
            yield
        if not self.done:
            self.parser.Parse(b"", True)
            yield

    def whole(self, f: IO[bytes]) -> None:
        for _piece in self.pieces(f):
            pass


def _local(attributes: dict[str, str], name: str) -> str:
    return next((v for k, v in attributes.items() if k.rpartition(":")[2] == name), "")


# --- XLSX ---------------------------------------------------------------------------------------------

_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # built-in formats that show a date or time
_NO_DATE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class _Strings(_Stream):
    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []
        self._text: list[str] = []
        self._inside = self._reading = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rPh":  # how it is pronounced
            self._reading = True
        elif name == "t":
            self._inside = not self._reading

    def end(self, name: str) -> None:
        if name == "rPh":
            self._reading = False
        elif name == "t":
            self._inside = False
        elif name == "si":
            self.strings.append("".join(self._text)[:MOST_CELL])
            self._text = []

    def chars(self, data: str) -> None:
        if self._inside:
            self._text.append(data)


class _Styles(_Stream):
    """Which of the cell formats show a date."""

    def __init__(self) -> None:
        super().__init__()
        self.dates: set[int] = set()
        self._own: dict[int, str] = {}
        self._formats = False
        self._n = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self._own[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._formats = True
        elif name == "xf" and self._formats:
            number = int(attributes.get("numFmtId", 0))
            if number in self._own:
                shown = _NO_DATE.sub("", self._own[number].partition(";")[0]).lower()
                dated = any(c in shown for c in "ymdhs") and "general" not in shown
            else:
                dated = number in _DATES
            if dated:
                self.dates.add(self._n)
            self._n += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._formats = False


class _Parts(_Stream):
    """Sheets of workbook.xml, whether its days count from 1904; or the targets of a .rels."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, bool, str]] = []  # relation, hidden, name
        self.targets: dict[str, str] = {}
        self.from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            self.sheets.append(
                (relation, attributes.get("state", "visible") != "visible", attributes.get("name", "")[:100])
            )
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in ("1", "true")
        elif name == "Relationship":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")


class _Workbook:
    """What the sheets of an XLSX share."""

    def __init__(self, book: zipfile.ZipFile) -> None:
        self.book, self.names = book, set(book.namelist())
        self.parts, self.relations, styles, strings = _Parts(), _Parts(), _Styles(), _Strings()
        for stream, path in (
            (self.parts, "xl/workbook.xml"),
            (self.relations, "xl/_rels/workbook.xml.rels"),
            (styles, "xl/styles.xml"),
            (strings, "xl/sharedStrings.xml"),
        ):
            if path in self.names:
                with book.open(path) as f:
                    stream.whole(f)
        self.dates, self.strings = styles.dates, strings.strings
        self.start = datetime(1904, 1, 1) if self.parts.from_1904 else datetime(1899, 12, 30)

    def sheets(self, *, hidden: bool = False) -> list[tuple[str, str]]:
        """Names and paths of the worksheets in the workbook's order; hidden ones only when they are wanted, or when all
        are."""
        rows = []
        for relation, away, name in self.parts.sheets:
            target = self.relations.targets.get(relation, "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if path in self.names and "worksheet" in path:
                rows.append((name, path, away))
        if not rows:
            pattern = re.compile(r"xl/worksheets/[^/]+\.xml")
            paths = sorted(self.names, key=lambda n: (len(n), n))
            rows = [("", path, False) for path in paths if pattern.fullmatch(path)]
        seen = [(name, path) for name, path, away in rows if hidden or not away]
        return seen or [(name, path) for name, path, _away in rows]


class _Sheet(_Stream):
    def __init__(self, workbook: _Workbook, path: str, *, merged: bool = True) -> None:
        super().__init__()
        self._workbook, self._path = workbook, path
        self._rows: list[tuple[int, Row]] = []
        self._row: Row = []
        self._number = 0
        self._column = -1
        self._kind = self._style = ""
        self._text: list[str] = []
        self._inside = self._reading = False
        self._merged = _Merged(_xlsx_merges(workbook.book, path)) if merged else None

    def rows(self) -> Iterator[tuple[int, Row]]:
        with self._workbook.book.open(self._path) as f:
            for _piece in self.pieces(f):
                result, self._rows = self._rows, []
                yield from result

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            place = attributes.get("r", "")
            self._column = _column(place) if place else self._column + 1
            self._kind, self._style, self._text = attributes.get("t", ""), attributes.get("s", ""), []
        elif name == "v" or (name == "t" and not self._reading):
            self._inside = True
        elif name == "rPh":
            self._reading = True
        elif name == "row":
            number = attributes.get("r", "")
            self._number = int(number) if number.isdigit() else self._number + 1
            self._row, self._column = [], -1

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._inside = False
        elif name == "c":
            if self._text and self._column < MOST_COLUMNS:
                self._row += [None] * (self._column - len(self._row))
                self._row[self._column :] = [self._value("".join(self._text))]
        elif name == "rPh":
            self._reading = False
        elif name == "row":
            if self._merged is not None:
                self._merged.fill(self._number, self._row)
            if self._row:
                self._rows.append((self._number, self._row))
        elif name == "sheetData":
            self.done = True

    def chars(self, data: str) -> None:
        if self._inside:
            self._text.append(data)

    def _value(self, value: str) -> Any:
        kind = self._kind
        if kind == "s":
            at = int(value) if value.strip().isdigit() else -1
            value = self._workbook.strings[at] if 0 <= at < len(self._workbook.strings) else ""
            return _unescaped(value)
        if kind in ("str", "inlineStr"):
            return _unescaped(value[:MOST_CELL])
        if kind == "b":
            return value == "1"
        if kind == "d":
            return {"t": value.strip().removesuffix("Z")[:40]}
        if kind == "e":  # a formula's fault is no content
            return None
        try:
            number = float(value)
        except ValueError:
            return value[:MOST_CELL]
        if self._style.isdigit() and int(self._style) in self._workbook.dates and 0 <= number < 2_958_466:
            if number < 1:
                return (datetime.min + timedelta(seconds=round(number * 86_400))).time().isoformat()
            return _dated(self._workbook.start + timedelta(seconds=round(number * 86_400)))
        return _exact(value, number)


def _exact(value: str, number: float) -> Any:
    """A number as it was written: whole ones without a point; of more digits than a computer's numbers carry as text,
    so that a number of a matter keeps all of them."""
    if number.is_integer() and abs(number) < 1e15:
        return int(number)
    return value.strip() if value.strip().isdigit() else number


def _xlsx_sheet(workbook: _Workbook, path: str, merged: bool) -> Iterator[tuple[int, Row]]:
    return _Sheet(workbook, path, merged=merged).rows()


_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]{0,80}?ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')


def _xlsx_merges(book: zipfile.ZipFile, path: str) -> Iterator[tuple[int, int, int]]:
    """First row, last row and column of the merged cells of a sheet."""
    rest, read = b"", 0
    with book.open(path) as f:
        while piece := f.read(PIECE):
            read += len(piece)
            if read > MOST_READ:
                raise Refusal("large")
            data = rest + piece
            for m in _MERGE.finditer(data):
                yield int(m[2]), int(m[3]), _column(m[1].decode())
            # What may be the beginning of another is kept for the next piece.
            cut = data.rfind(b"<", max(0, len(data) - 200))
            rest = data[cut:] if cut >= 0 and b">" not in data[cut:] else b""


class _Merged:
    """Merged cells: what stands in the first row of a block holds for the rows below it. `blocks`: first row, last row
    and column of each; at most `MOST_MERGES` of several rows, and one at a time for each column."""

    def __init__(self, blocks: Iterable[tuple[int, int, int]]) -> None:
        self._waiting: list[tuple[int, int, int]] = []
        for first, last, column in blocks:
            if last > first and column < MOST_COLUMNS:
                self._waiting.append((first, last, column))
                if len(self._waiting) > MOST_MERGES:
                    raise Refusal("merges", n=MOST_MERGES)
        self._waiting.sort(reverse=True)
        self._active: dict[int, tuple[int, Any]] = {}  # column: last row, value

    def fill(self, number: int, row: Row) -> None:
        while self._waiting and self._waiting[-1][0] <= number:
            first, last, column = self._waiting.pop()
            if first == number and column < len(row) and row[column] is not None:
                self._active[column] = (last, row[column])
        if not self._active:
            return
        self._active = {column: block for column, block in self._active.items() if block[0] >= number}
        if not row:
            return
        for column, (_last, value) in self._active.items():
            row += [None] * (column + 1 - len(row))
            if row[column] in (None, ""):
                row[column] = value


def _column(reference: str) -> int:
    column = 0
    for letter in reference:
        if not letter.isalpha():
            break
        column = column * 26 + ord(letter.upper()) - 64
    return column - 1


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), value) if "_x" in value else value


# --- ODS ----------------------------------------------------------------------------------------------


class _Table(_Stream):
    def __init__(self, source: _Source) -> None:
        super().__init__()
        self._source = source
        self._read = False  # a table that holds anything was met
        self._unread = ""  # the name of a later one
        self.strings: list[tuple[int, Row]] = []
        self._hidden: set[str] = set()
        self._style = ""
        self._open = False
        self._number = 0
        self._repeat = self._columns = 1
        self._row: Row = []
        self._cell: dict[str, str] = {}
        self._text: list[str] = []
        self._depth = self._aside = 0  # inside a paragraph; inside a note or a reading aid
        self._covered = False
        self._spans: dict[int, tuple[int, Any]] = {}  # column: rows left, value

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "style":
            self._style = _local(attributes, "name")
        elif name == "table-properties":
            if _local(attributes, "display") == "false":
                self._hidden.add(self._style)
        elif name == "table":
            seen, name = _local(attributes, "style-name") not in self._hidden, _local(attributes, "name")[:100]
            self._open, self._unread = seen and not self._read, name if seen and self._read else ""
            if self._open:
                self._source.sheet, self._number = name, 0
        elif not self._open:
            if name == "p" and self._unread and len(self._source.others) < MOST_NAMES:
                self._source.others.append(self._unread)
                self._unread = ""
        elif name == "table-row":
            self._repeat, self._row = _count(attributes, "number-rows-repeated"), []
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self._text, self._covered = attributes, [], name[0] == "c"
            self._columns = _count(attributes, "number-columns-repeated")
        elif name in ("annotation", "ruby-text"):
            self._aside += 1
        elif name == "p":
            if self._text and not self._aside:
                self._text.append("\n")
            self._depth += 1
        elif name == "s" and self._depth:
            self._text.append(" " * min(_count(attributes, "c"), 100))
        elif name in ("tab", "line-break") and self._depth:
            self._text.append("\t" if name == "tab" else "\n")

    def end(self, name: str) -> None:
        if not self._open:
            return
        if name == "table":
            self._open = False
        elif name == "p":
            self._depth -= 1
        elif name in ("annotation", "ruby-text"):
            self._aside -= 1
        elif name in ("table-cell", "covered-table-cell"):
            self._close()
        elif name == "table-row":
            while self._row and self._row[-1] in (None, ""):
                self._row.pop()
            if self._row:
                if self._repeat > MOST_REPEATS:
                    raise Refusal("repeats")
                self._read = True
                self.strings += [(self._number + 1 + n, list(self._row)) for n in range(self._repeat)]
            self._number += self._repeat

    def _close(self) -> None:
        value = self._value()
        at = len(self._row)
        if self._covered and at in self._spans:
            left, stored = self._spans.pop(at)
            value = stored if value in (None, "") else value
            if left > 1:
                self._spans[at] = (left - 1, stored)
        elif (down := _count(self._cell, "number-rows-spanned")) > 1 and at < MOST_COLUMNS and value is not None:
            self._spans[at] = (down - 1, value)
        self._row += [value] * min(self._columns, MOST_COLUMNS - at)

    def chars(self, data: str) -> None:
        if self._depth and not self._aside:
            self._text.append(data)

    def _value(self) -> Any:
        kind, message = _local(self._cell, "value-type"), "".join(self._text)[:MOST_CELL]
        if kind in ("float", "percentage", "currency"):
            try:
                number = float(_local(self._cell, "value"))
            except ValueError:
                return message or None
            return _exact(_local(self._cell, "value"), number)
        if kind == "date":
            return {"t": _local(self._cell, "date-value").removesuffix("Z")[:40]}
        if kind == "string" and not message:
            return _local(self._cell, "string-value")[:MOST_CELL] or None
        return message or None


def _count(attributes: dict[str, str], name: str) -> int:
    message = _local(attributes, name)
    return max(1, int(message)) if message.isdigit() and len(message) < 10 else 1


def _ods(book: zipfile.ZipFile, source: _Source) -> Iterator[tuple[int, Row]]:
    if "META-INF/manifest.xml" in book.namelist():
        with book.open("META-INF/manifest.xml") as f:
            if b"encryption-data" in f.read(1_000_000):
                raise Refusal("password")
    table = _Table(source)
    with book.open("content.xml") as f:
        for _piece in table.pieces(f):
            result, table.strings = table.strings, []
            yield from result


# --- XLS, XML, HTML, CSV -----------------------------------------------------------------------------------


def _xls(f: IO[bytes], source: _Source) -> Iterator[tuple[int, Row]]:
    data = f.read()
    if precheck.locked_office(data):
        raise Refusal("password")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except Exception as e:  # the reader raises many kinds
        raise Refusal("password" if "assword" in str(e) else "broken") from e
    seen = [s.name for s in book.sheets_metadata if "Visible" in str(s.visible) and "Work" in str(s.typ)]
    names = seen or [s.name for s in book.sheets_metadata]
    yield from _first_filled([(name, partial(_xls_sheet, book, name)) for name in names], source)


def _xls_sheet(book: CalamineWorkbook, name: str, merged_too: bool) -> Iterator[tuple[int, Row]]:
    sheet = book.get_sheet_by_name(name)
    first = (sheet.start or (0, 0))[0]
    ranges = (merged_too and sheet.merged_cell_ranges) or ()
    merged = _Merged((top, bottom, left) for (top, left), (bottom, _right) in ranges)
    for number, cells in enumerate(sheet.iter_rows(), first):
        row = [_cell(v) for v in cells[:MOST_COLUMNS]]
        merged.fill(number, row)
        yield number + 1, row


def _cell(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return _dated(value)
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


class _Spreadsheet2003(_Stream):
    """A workbook as one XML file (Excel 2003), which many systems call .xls; hidden sheets say so at their end."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, bool, list[tuple[int, Row]]]] = []  # name, hidden, rows
        self._rows: list[tuple[int, Row]] = []
        self._row: Row = []
        self._number = 0
        self._name = self._kind = ""
        self._hidden = self._inside = self._aside = self._visible = False
        self._text: list[str] = []
        self._down: dict[int, tuple[int, Any]] = {}  # column: last row, value
        self._cell: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Worksheet":
            self._name, self._hidden, self._rows, self._number, self._down = (
                _local(attributes, "Name")[:100],
                False,
                [],
                0,
                {},
            )
        elif name == "Row":
            self._number = _count(attributes, "Index") if _local(attributes, "Index") else self._number + 1
            self._row = []
        elif name == "Cell":
            at = min(_count(attributes, "Index") - 1, MOST_COLUMNS) if _local(attributes, "Index") else len(self._row)
            while len(self._row) < at or (len(self._row) in self._down and not _local(attributes, "Index")):
                self._row.append(self._above(len(self._row)))
            self._cell, self._text, self._kind = attributes, [], ""
        elif name == "Comment":
            self._aside = True
        elif name == "Data" and not self._aside:
            self._kind, self._inside = _local(attributes, "Type"), True
        elif name == "Visible":
            self._visible, self._text = True, []

    def end(self, name: str) -> None:
        if name == "Data":
            self._inside = False
        elif name == "Comment":
            self._aside = False
        elif name == "Visible":
            self._hidden, self._visible = "Hidden" in "".join(self._text), False
        elif name == "Cell" and len(self._row) < MOST_COLUMNS:
            value = self._value()
            if _local(self._cell, "MergeDown"):
                self._down[len(self._row)] = (self._number + _count(self._cell, "MergeDown"), value)
            across = _count(self._cell, "MergeAcross") if _local(self._cell, "MergeAcross") else 0
            self._row += [value, *([None] * min(across, MOST_COLUMNS))]
        elif name == "Row":
            last = max((c for c, (until, _v) in self._down.items() if until >= self._number), default=-1)
            while len(self._row) <= last:
                self._row.append(self._above(len(self._row)))
            self._rows.append((self._number, self._row[:MOST_COLUMNS]))
        elif name == "Worksheet":
            self.sheets.append((self._name, self._hidden, self._rows))

    def chars(self, data: str) -> None:
        if self._inside or self._visible:
            self._text.append(data)

    def _above(self, column: int) -> Any:
        until, value = self._down.get(column, (0, None))
        return value if until >= self._number else self._down.pop(column, None) and None

    def _value(self) -> Any:
        lines = "".join(self._text)[:MOST_CELL]
        if self._kind == "DateTime":
            return {"t": lines.strip().removesuffix("Z")[:40]}
        if self._kind == "Number":
            try:
                return _exact(lines, float(lines))
            except ValueError:
                return lines
        return lines == "1" if self._kind == "Boolean" else lines or None


def _xml(f: IO[bytes], source: _Source) -> Iterator[tuple[int, Row]]:
    book = _Spreadsheet2003()
    named = re.search(rb"encoding\s*=\s*[\"']gb", f.read(200), re.IGNORECASE)
    f.seek(0)
    if named:  # an encoding that the parser does not know
        text = f.read(MOST_READ // 10).decode("gb18030", "replace")
        f = io.BytesIO(text[text.index("?>") + 2 :].encode())
    book.whole(f)
    seen = [s for s in book.sheets if not s[1]] or book.sheets
    yield from _first_filled([(name, partial(_listed, rows)) for name, _hidden, rows in seen], source)


def _listed(rows: list[tuple[int, Row]], merged: bool) -> Iterator[tuple[int, Row]]:
    return iter(rows)


class _Page(HTMLParser):
    """The first table of a web page that calls itself a spreadsheet, as many systems export: the first of at least two
    rows and columns, where there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._small: list[Row] = []  # the first table, if that is no more than a line or a column
        self._cell: list[str] | None = None
        self._span = (1, 1)  # columns, rows of the open cell
        self._down: dict[int, tuple[int, str]] = {}  # column: rows left, value
        self._waiting: dict[int, tuple[int, str]] = {}  # the same, from the next row on
        self.done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr" and not self.done:
            self._row_ends()
            self.rows.append([])
        elif tag in ("td", "th") and not self.done:
            self._take()
            data = {k: v or "" for k, v in attrs}
            self._cell, self._span = [], (_count(data, "colspan"), _count(data, "rowspan"))
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._take()
        elif tag in ("tr", "table"):
            self._row_ends()
        if tag == "table" and self.rows and not self.done:
            self.done = len(self.rows) > 1 and max(map(len, self.rows)) > 1
            if not self.done:
                self._small, self.rows, self._down = self._small or self.rows, [], {}

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._row_ends()
        self.rows = self.rows or self._small

    def _take(self) -> None:
        if self._cell is not None:
            if not self.rows:
                self.rows.append([])
            row, value = self.rows[-1], "".join(self._cell).strip()[:MOST_CELL]
            self._from_above(row)
            columns, rows = self._span
            if rows > 1 and len(row) < MOST_COLUMNS:
                self._down[len(row)] = (min(rows, MOST_REPEATS) - 1, value)
            row += [value, *([""] * min(columns - 1, MOST_COLUMNS))]
            del row[MOST_COLUMNS:]
        self._cell = None

    def _from_above(self, row: Row) -> None:
        while len(row) in self._down:
            left, value = self._down.pop(at := len(row))
            row.append(value)
            if left > 1:
                self._waiting[at] = (left - 1, value)

    def _row_ends(self) -> None:
        self._take()
        if self.rows:
            self._from_above(self.rows[-1])
        self._down |= self._waiting
        self._waiting = {}


def _html(f: IO[bytes]) -> Iterator[tuple[int, Row]]:
    head = f.read(4096)
    f.seek(0)
    named = re.search(rb"charset\s*=\s*[\"']?\s*(gb[\w-]*|utf-?8)", head, re.IGNORECASE)
    encoding = ("gb18030" if named[1][:1] in b"gG" else "utf-8-sig") if named else _encoding(f)
    page = _Page()
    for piece in io.TextIOWrapper(f, encoding, errors="replace"):
        page.feed(piece)
        if page.done:
            break
    page.close()
    yield from enumerate(page.rows, 1)


def _mhtml(f: IO[bytes]) -> Iterator[tuple[int, Row]]:
    """A page with its parts in one file, as Excel saves a "single file web page"."""
    for part in email.message_from_binary_file(f).walk():
        data = part.get_payload(decode=True) if part.get_content_type() == "text/html" else None
        if isinstance(data, bytes) and re.search(rb"<t[dh][\s>]", data, re.IGNORECASE):
            yield from _html(io.BytesIO(data))
            return
    raise Refusal("format")


def _csv(f: IO[bytes], source: _Source) -> Iterator[tuple[int, Row]]:
    encoding = _encoding(f)
    f.seek(0)
    lines = io.TextIOWrapper(f, encoding, errors="replace", newline="")
    head = [line for line in (lines.readline(HEAD_CHARACTERS) for _n in range(20)) if line]
    lines.seek(0)
    number = 0
    details = (
        re.fullmatch(r'\s*"?sep=(.)"?\s*', head[0], re.IGNORECASE) if head else None
    )  # Excel's own, which is no row
    if details:
        lines.readline(HEAD_CHARACTERS)
        number = 1
    reader = _Lines(lines, details[1] if details else _delimiter(head))
    for row in reader.rows():
        number += 1
        if reader.unclosed and len(source.quotes) < MOST_NAMES:
            source.quotes.append(number)
        yield number, row[:MOST_COLUMNS]


def _delimiter(head: Sequence[str]) -> str:
    """What stands between the columns: that by which most of the first lines have one number of them."""

    def agreeing(mark: str) -> int:
        counts = Counter(count for line in head if (count := line.count(mark)))
        return counts.most_common(1)[0][1] if counts else 0

    return max(",;\t|，", key=agreeing)


class _Lines:
    """The rows of a CSV. A quote may hold line ends and delimiters, as it should; one inside that is not doubled is a
    quote of the text; one that nothing closes, or that runs into the next row's, opens nothing, and only its own row
    is concerned (`unclosed`)."""

    def __init__(self, lines: IO[str], delimiter: str) -> None:
        self._source, self._delimiter = lines, delimiter
        self._waiting: list[str] = []  # lines that were read ahead, the next one last
        self._number = self._repaired = 0
        self.unclosed = False
        mark = re.escape(delimiter)
        self._end = re.compile(rf'" *(?={mark}|\r?\n?\Z)')  # of a quoted field, in a line
        self._next = re.compile(rf'(?:\A|{mark})"(?!"|{mark}|\s*\Z)')  # of another that begins, in a later line

    def rows(self) -> Iterator[Row]:
        while line := self._line():
            self.unclosed = False
            yield self._row(line)

    def _line(self) -> str:
        if self._waiting:
            return self._waiting.pop()
        self._number += 1
        line = self._source.readline(MOST_LINE)
        if len(line) >= MOST_LINE:
            raise Refusal("line", n=self._number)
        return line.replace("\x00", "")

    def _row(self, line: str) -> Row:
        row: Row = []
        at = 0
        while True:
            if line[at : at + 1] == '"':
                quoted = self._quoted(line, at + 1)
                if quoted is None:
                    self.unclosed = True
                    at += 1
                else:
                    value, line, at = quoted
                    row.append(value)
                    if line[at : at + 1] != self._delimiter:
                        return row
                    at += 1
                    continue
            end = line.find(self._delimiter, at)
            row.append((line[at:] if end < 0 else line[at:end]).rstrip("\r\n"))
            if end < 0:
                return row
            at = end + 1

    def _quoted(self, line: str, at: int) -> tuple[str, str, int] | None:
        """The field whose quote opened before `at`: its text, the line it ends in and where; None if nothing ends
        it."""
        pieces: list[str] = []
        ahead: list[str] = []
        size = 0
        while line:
            plain = line[at:].replace('""', "\x00\x00")  # doubled ones are of the text
            result, another = self._end.search(plain), self._next.search(plain) if ahead else None
            if another and (result is None or another.start() < result.start()):
                break
            if result:
                pieces.append(plain[: result.start()])
                return "".join(pieces).replace("\x00\x00", '"'), line, at + result.end()
            pieces.append(plain)
            size += len(plain)
            if size > MOST_CELL or len(ahead) >= MOST_LINES:
                break
            line, at = self._line(), 0
            ahead.append(line)
        self._waiting += reversed([line for line in ahead if line])
        self._repaired += 1
        if self._repaired > MOST_REPAIRED:
            raise Refusal("quotes")
        return None


def _encoding(f: IO[bytes]) -> str:
    """UTF-8 or UTF-16 by their marks; UTF-8 where hardly a byte speaks against it (a character cut in two does not
    make a file Chinese Excel's); else GB 18030."""
    f.seek(0)
    head = f.read(4096)
    f.seek(0)
    if wide := precheck.utf_16(head):
        return wide
    if head[:3] == b"\xef\xbb\xbf":
        return "utf-8-sig"
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    errors = good = 0
    while piece := f.read(1 << 20):
        message = decoder.decode(piece)
        errors += message.count("\ufffd")
        good += sum(1 for c in message if c > "\x7f") if errors else 0
    f.seek(0)
    return "utf-8" if errors == 0 or errors * 50 < good else "gb18030"
