"""Which column of a spreadsheet holds what: the row of the names, and the guess by them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from linbao.core import text
from linbao.core.problems import Invalid
from linbao.items.imports import spreadsheets

LONGEST_NAME = 60  # characters of a name that are read
LONGEST_NAME_OF_COLUMN = 30  # characters
HEAD_ROWS = 20  # among which the names of the columns are looked for

COLUMNS: dict[str, tuple[str, ...]] = {
    # 序号 counts the rows of one sheet and begins anew in the next: it names no matter.
    "number": ("编号", "留言编号", "工单号", "工单编号", "id", "number", "单号"),
    "title": ("标题", "留言主题", "主题", "题目", "title", "subject", "事项"),
    "text": ("内容", "留言详情", "详情", "正文", "留言内容", "诉求内容", "text", "content", "描述", "具体情况"),
    "time": ("时间", "留言时间", "日期", "反映时间", "受理时间", "time", "date", "创建时间", "上报时间"),
    "user": ("留言人", "留言用户", "用户", "姓名", "反映人", "提出人", "user", "name"),
    "place": ("地点", "地址", "位置", "place", "address", "发生地点"),
    "urgent": ("紧急", "是否紧急", "紧急程度", "urgent"),
}
KNOWN = tuple(name for names in COLUMNS.values() for name in names if len(name) > 1)
DATES = ("日期", "留言日期", "受理日期", "登记日期", "反映日期", "发生日期", "date")  # beside a column of times of day
NAMES = {
    "number": "编号",
    "title": "标题",
    "text": "内容",
    "time": "时间",
    "user": "留言人",
    "place": "地点",
    "urgent": "紧急",
}
FILLED_IN = re.compile(r"[:：]\s*\S")  # `填报时间：11月`: no column's name
MARKS = re.compile(r"[\s*＊:：]+")  # that people put around a column's name: `编 号`, `*标题`


def header(path: Path) -> tuple[int, list[str]]:
    """The row that names the columns, by its number and its names: of the first rows the one in which most names
    are known (above it may stand a title), else the first with words. Names that stand in two rows, groups above their
    columns, are taken together, by the number of the second. Raises `Invalid` for an empty sheet."""
    lines = []
    with spreadsheets.read(path, most=HEAD_ROWS, columns=KNOWN) as sheet:
        for number, row in sheet.rows:
            names = [text.clean(str(v))[:LONGEST_NAME] if v is not None else "" for v in row]
            if any(names):
                lines.append((number, names, row))
    if not lines:
        raise Invalid(fields={"file": [_("表格是空的，没有标题行。")]})
    known = [_known(names) for _number, names, _row in lines]
    at = known.index(max(known))
    number, names, _row = lines[at]
    if at + 1 < len(lines) and lines[at + 1][0] == number + 1 and (both := _two_rows(names, lines[at + 1][2])):
        number, names = number + 1, both
    return number, _distinct(names)


def _known(names: Sequence[str]) -> int:
    """How many columns a row names, if it can be the head of a table: a title is one cell, what is filled in is
    none."""
    short = [n for n in names if len(n) <= LONGEST_NAME_OF_COLUMN and not FILLED_IN.search(n)]
    result = guess(short)
    return len(result) if len(result) > 1 or ({"title", "text"} & set(result) and sum(map(bool, names)) > 1) else 0


def _two_rows(upper: Sequence[str], lower: Sequence[Any]) -> list[str] | None:
    """The names of columns whose groups (`upper`) stand above them, `lower` being the row below; None where that
    holds data: it names a column only below a group that spans several, and says nothing else elsewhere."""
    width = max(len(upper), len(lower))
    above = [*upper, *([""] * (width - len(upper)))]
    below = [*(text.clean(str(v)) if v is not None else "" for v in lower), *([""] * (width - len(lower)))]
    if any(v is not None and not isinstance(v, str) for v in lower) or any(len(name) > 12 for name in below):
        return None
    spans = False
    for n, (group, name) in enumerate(zip(above, below, strict=True)):
        if not name or name == group:
            continue
        spanning = n + 1 < width and not above[n + 1] and bool(below[n + 1])
        inside = not group and any(above[:n])
        if not spanning and not inside:
            return None
        spans = True
    return [name or group for group, name in zip(above, below, strict=True)] if spans else None


def _distinct(names: Sequence[str]) -> list[str]:
    """Each column by a name of its own: the second `时间` is `时间（2）`."""
    times: dict[str, int] = {}
    rows = []
    for name in names:
        times[name] = times.get(name, 0) + 1
        rows.append(f"{name}（{times[name]}）" if name and times[name] > 1 else name)
    return rows


def guess(names: Sequence[str]) -> dict[str, str]:
    """Which column holds what, by its name, also in traditional characters: `{"title": "标题", …}`."""
    result: dict[str, str] = {}
    plain = {n: MARKS.sub("", text.comparable(n)) for n in names}
    for key, known in COLUMNS.items():
        for word in known:
            match = next((n for n in names if plain[n] == word and n not in result.values()), None)
            if match:
                result[key] = match
                break
        else:
            match = next(
                (
                    n
                    for n in names
                    if n and n not in result.values() and any(w in plain[n] for w in known if len(w) > 1)
                ),
                None,
            )
            if match:
                result[key] = match
    return result


def read_mapping(value: str) -> dict[str, str]:
    """`title=标题,text=内容` as the command line writes it; raises `Invalid`."""
    result: dict[str, str] = {}
    for pair in filter(None, (p.strip() for p in value.split(","))):
        key, equals, column = pair.partition("=")
        if not equals or key.strip() not in COLUMNS or not column.strip():
            raise Invalid(
                fields={
                    "map": [_("--map 应写成 title=标题,text=内容；可用：%(keys)s。") % {"keys": "、".join(COLUMNS)}]
                }
            )
        result[key.strip()] = column.strip()
    return result


def column_of_dates(names: Sequence[str]) -> int | None:
    """The column that holds the day where another holds the time of day, if any."""
    return next((n for n, name in enumerate(names) if MARKS.sub("", text.comparable(name)) in DATES), None)
