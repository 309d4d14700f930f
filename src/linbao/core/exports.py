"""Spreadsheets that people take out: CSV and XLSX, written row by row, with nothing that a program would run."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.problems import Invalid

FORMS = ("xlsx", "csv")
MOST_ROWS = 50_000
RISKY = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
Sheet = tuple[str, Sequence[str], Iterable[Sequence[str]]]  # name, head and rows
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def safe(value: str) -> str:
    """A cell that is text in any spreadsheet: what could start a formula gets an apostrophe before it."""
    return "'" + value if value.lstrip(" \n").startswith(RISKY) else value


def plain(value: str) -> str:
    """A cell without the apostrophe that `safe` put before it."""
    return value[1:] if value.startswith("'") and safe(value[1:]) == value else value


def csv_pieces(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """CSV piece by piece, with the mark by which Excel knows UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(head)
    yield "\ufeff" + buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([safe(v) for v in row])
        yield buffer.getvalue()


def write_xlsx(
    out: IO[bytes],
    name: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[int] = (),
    beside: Sheet | None = None,
) -> None:
    """XLSX in constant memory; every cell is text, so nothing in it is a formula or a link. `beside`: name, head and
    rows of a second sheet."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(out, {**options, "tmpdir": folder})
        bold = book.add_format({"bold": True, "bg_color": "#e7f0f0"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheets = [(name, head, rows, widths)]
        if beside is not None:
            sheets.append((*beside, (6, 30, 20, 40, 60)))
        for title, columns, lines, each in sheets:
            sheet = book.add_worksheet(title)
            for column, width in enumerate(each):
                sheet.set_column(column, column, width)
            sheet.freeze_panes(1, 1)
            for column, message in enumerate(columns):
                sheet.write_string(0, column, message, bold)
            for number, row in enumerate(lines, 1):
                for column, value in enumerate(row):
                    sheet.write_string(number, column, value[:32_000], wrap)
        book.close()


def form_of(value: str) -> str:
    """The form that was asked for (empty: xlsx); raises `Invalid` for any other word."""
    if (value or "xlsx") not in FORMS:
        raise Invalid(fields={"format": [_("只能导出为 xlsx 或 csv。")]})
    return value or "xlsx"


def answer(
    form: str,
    file: str,
    name: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[int] = (),
    beside: Sheet | None = None,
) -> HttpResponseBase:
    """A download `<file>-20261124-1030.<form>` of `rows`; `name` is the sheet's, `beside` a second sheet of the XLSX.
    Never kept by a cache."""
    filename = f"{file}-{clock.local(clock.now()):%Y%m%d-%H%M}.{form}"
    if form == "csv":
        made: HttpResponseBase = StreamingHttpResponse(csv_pieces(head, rows), content_type="text/csv; charset=utf-8")
        made["Content-Disposition"] = f'attachment; filename="{filename}"'
    else:
        out = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the response)
        write_xlsx(out, name, head, rows, widths, beside)
        out.seek(0)
        made = FileResponse(out, as_attachment=True, filename=filename, content_type=XLSX)
    made["Cache-Control"] = "private, no-store"
    return made


def at_most(rows: Iterable[Sequence[str]], most: int = MOST_ROWS) -> Iterator[Sequence[str]]:
    """`rows` up to `most`, and a last line that says so when there were more."""
    for number, row in enumerate(rows):
        if number == most:
            yield [_("已达到单次导出上限 %(n)d 行，其余未导出；请缩小筛选范围后分批导出。") % {"n": most}]
            return
        yield row
