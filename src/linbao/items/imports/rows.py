"""The rows of a spreadsheet as they are understood, and the report on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from linbao.core import clock, text
from linbao.items.imports.cells import moment, tidy

URGENT_WORDS = ("是", "紧急", "特急", "urgent", "yes", "true", "1", "√")
LONGEST_TITLE, LONGEST_TEXT, LONGEST_NAME, LONGEST_PLACE, LONGEST_NUMBER = 60, 20_000, 60, 200, 60
MOST_GAP = 10_000  # blank rows in one stretch that are still counted as such
MOST_ERRORS = 1000  # in the report; the error file has all of them
MOST_SAMPLES, SAMPLE_CHARACTERS = 5, 80  # rows shown as they were understood; of their text
MOST_SKIPPED = 50  # rows of totals and signatures that are named
MOST_DIGITS = 15  # of a number that a spreadsheet keeps: further ones have become zeros
NO_NUMBER = ("无", "暂无", "-", "--", "—", "/", "\\", "n/a", "null", "none", "nan", "0")
_TIME_OF_DAY = re.compile(r"(?:[一-龥]{2}|[AaPp][Mm])? ?\d{1,2} ?[:：时点][^-/年]{0,12}")
_TOTAL = re.compile(r"(?:[本全][页月周季年]|以上)?(?:合计|总计|小计|共计|累计)[:：]?\d*[条件项个起]?")
_SIGNATURE = re.compile(r"(?:填表|制表|填报|审核|审批|登记|经办|负责)(?:人|单位|日期|时间)?[:：]")
_NOTE = re.compile(r"(?:备注|说明|注)[:：]")


@dataclass
class Report:
    """What came of an import. `errors`: (row of the sheet, column, message), at most `MOST_ERRORS`."""

    total: int = 0
    filed: int = 0
    existing: int = 0
    blank: int = 0
    refused: int = 0  # rows that were not filed
    urgent: int = 0  # fresh emergencies: opened like any other
    urgent_past: int = 0  # emergencies older than `FRESH`, or of no known time: filed without mark and alarm
    errors: list[tuple[int, str, str]] = field(default_factory=list)
    mapping: dict[str, str] = field(default_factory=dict)
    # How the file was understood:
    sheet: str = ""
    others: list[str] = field(default_factory=list)  # filled sheets that were not read
    header: int = 0  # row that names the columns
    skipped: list[tuple[int, str]] = field(default_factory=list)  # totals and signatures: row, first cells
    samples: list[dict[str, Any]] = field(default_factory=list)  # first rows as they are filed, persons masked
    warnings: list[tuple[int, str]] = field(default_factory=list)  # row and message; the row is filed all the same

    def as_dict(self) -> dict[str, Any]:
        """Everything but the errors, as plain JSON."""
        return {name: value for name, value in vars(self).items() if name != "errors"}


@dataclass
class Row:
    """A row of the sheet, understood. `at` is as written, though it may lie ahead by less than a day."""

    row: int
    number: str
    title: str
    text: str
    at: datetime | None
    user: str
    place: str
    urgent: bool | None  # as a column says; None: there is none


def read_rows(
    sheet: Iterator[tuple[int, Sequence[Any]]],
    start: int,
    columns: Mapping[str, int],
    days: int | None,
    names: Mapping[str, str],
    zone: Any,
    report: Report,
    refuse: Callable[[int, str, str], None],
) -> Iterator[Row]:
    """The rows below the row `start`, understood; what cannot be filed goes to `refuse` (row, column, message).

    `columns`: where each of `names` stands; `days`: the column of days beside one of times of day; `zone`: of times
    without one. Counts on `report`.
    """

    def cell(row: Sequence[Any], key: str) -> Any:
        at = columns.get(key)
        return row[at] if at is not None and at < len(row) else None

    now = clock.now()
    last = start
    for index, row in sheet:
        if index <= start:
            continue
        gap, last = index - last - 1, index
        report.blank += gap if gap <= MOST_GAP else 0
        if not any(cell(row, key) not in (None, "") and str(cell(row, key)).strip() for key in columns):
            report.blank += 1  # nothing, or a note beside the table
            continue
        if (label := _beside(row, columns)) is not None:
            if len(report.skipped) < MOST_SKIPPED:
                report.skipped.append((index, label))
            continue
        report.total += 1
        problems: list[tuple[str, str]] = []
        title, body = tidy(cell(row, "title")), tidy(cell(row, "text"), lines=True)
        if not body and not title:
            problems.append((names.get("text", names.get("title", "")), _("标题和内容都是空的。")))
        elif len(body) > LONGEST_TEXT:
            problems.append(
                (names["text"], _("内容有 %(n)d 字，超过 %(most)d 字。") % {"n": len(body), "most": LONGEST_TEXT})
            )
        at = None
        raw = _with_day(cell(row, "time"), row, days)
        if raw is not None and str(raw).strip():
            try:
                at = moment(raw, zone)
                if at > now + timedelta(days=1):
                    problems.append(
                        (names["time"], _("时间 %(at)s 在将来。") % {"at": f"{at.astimezone(zone):%Y-%m-%d}"})
                    )
            except (ValueError, OverflowError):
                problems.append((names["time"], _("无法识别的时间：“%(value)s”。") % {"value": tidy(raw)[:40]}))
        if problems:
            report.refused += 1
            for column, message in problems:
                refuse(index, column, message)
            continue
        whole = body or title
        if len(title) > LONGEST_TITLE:
            whole = f"{title}\n{whole}" if title not in whole else whole
        number = _number(cell(row, "number"), index, report)
        understood = Row(
            index,
            number,
            (title or " ".join(body.split()))[:LONGEST_TITLE],
            whole,
            at,
            tidy(cell(row, "user"))[:LONGEST_NAME],
            tidy(cell(row, "place"))[:LONGEST_PLACE],
            tidy(cell(row, "urgent")).lower() in URGENT_WORDS if "urgent" in columns else None,
        )
        if len(report.samples) < MOST_SAMPLES:
            report.samples.append(_sample(understood, zone))
        yield understood


def _with_day(value: Any, row: Sequence[Any], days: int | None) -> Any:
    """A time of day with the day that the column `days` of its row holds; any other value as it is."""
    if days is None or days >= len(row) or row[days] is None or not _TIME_OF_DAY.fullmatch(str(value).strip()):
        return value
    day = f"{row[days]:%Y-%m-%d}" if isinstance(row[days], datetime) else str(row[days]).strip()
    return f"{day} {str(value).strip()}"


def _number(value: Any, index: int, report: Report) -> str:
    """The number of a row; empty for none, and with a warning for one that has lost its last digits."""
    number = tidy(value)[:LONGEST_NUMBER]
    if _lost_digits(value):
        if len(report.warnings) < MOST_ERRORS:
            message = _("编号超过 %(n)d 位，表格程序已丢失末尾数字，未采用编号；请把这一列设为文本后重新填写。")
            report.warnings.append((index, message % {"n": MOST_DIGITS}))
        return ""
    return "" if number.lower() in NO_NUMBER else number


def _beside(row: Sequence[Any], columns: Mapping[str, int]) -> str | None:
    """The first cells of a row that is no matter of its own but a total, a signature or a note below the table."""
    filled = [(n, v) for n, v in enumerate(row) if v is not None and str(v).strip()]
    first, message = filled[0][0], "".join(str(filled[0][1]).split())
    long = any(n != first and len(str(v)) > 30 for n, v in filled)
    own = any(n != first and n == columns.get("text") and isinstance(v, str) for n, v in filled)
    alone = len(filled) == 1 and _NOTE.match(message)
    if not long and not own and (alone or _TOTAL.fullmatch(message) or _SIGNATURE.match(message)):
        return text.mask_within(" ".join(tidy(v) for _n, v in filled))[:SAMPLE_CHARACTERS]
    return None


def _lost_digits(number: Any) -> bool:
    """Whether a number has lost its last digits to a spreadsheet's arithmetic."""
    if isinstance(number, float):
        return abs(number) >= float(10**MOST_DIGITS)
    return isinstance(number, str) and bool(re.fullmatch(r"\d(?:\.\d+)?[eE]\+\d+", number.strip()))


def _sample(item: Row, zone: Any) -> dict[str, Any]:
    """A row as it is understood, for the person who imports it; persons masked, as the report is stored (1.3.4)."""
    names = [item.user] if item.user else []
    return {
        "row": item.row,
        "number": item.number,
        "title": text.mask_within(item.title, names),
        "text": text.mask_within(item.text[:SAMPLE_CHARACTERS], names),
        "time": f"{item.at.astimezone(zone):%Y-%m-%d %H:%M}" if item.at else "",
        "user": text.mask_name(item.user),
        "place": text.mask_within(item.place),
        "urgent": bool(item.urgent),
    }
