"""Rows out of XLSX, XLS, ODS, CSV and HTML tables, read in the box (`linbao.platform.protection.box`), whatever
their size."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from linbao.core.problems import Invalid, Problem, Unsupported
from linbao.platform.protection import box

LIMITS = box.Limits(cpu=90, wall=180.0, memory=320, output=400_000_000)
PATIENCE = 300.0  # seconds: a job waits for its turn, nobody's request does
Row = list[Any]


@dataclass(frozen=True)
class Sheet:
    """What was read of a file: `rows` as number and cells, each None, str, int, float, bool or datetime without zone.

    `name` of the sheet, empty where the format has none; `others`: names of filled visible sheets that were not read;
    `quotes`: numbers of CSV rows with a quote that nothing closes."""

    rows: Iterator[tuple[int, Row]]
    name: str = ""
    others: list[str] = field(default_factory=list)
    quotes: list[int] = field(default_factory=list)


@contextmanager
def read(path: Path, *, most: int = 0, columns: Sequence[str] = ()) -> Iterator[Sheet]:
    """The first visible sheet in which two names of columns hold one of the words `columns`, else the first that holds
    anything (its first `most` rows; 0: all); of its rows those that hold any.

    The file is read whole before the first row is given. Raises `Invalid`, `Unsupported`.
    """
    with tempfile.TemporaryFile() as results:
        try:
            with open(path, "rb") as f:
                args = {"rows": most, "columns": list(columns)}
                result = box.run("sheets.read", args, limits=LIMITS, file=f, sink=results, patience=PATIENCE)
        except box.Refused as e:
            raise _problem(e) from e
        results.seek(0)
        about = result.data
        yield Sheet(_decoded(results), about["sheet"], about["others"], about["quotes"])


def rows(path: Path, *, most: int = 0) -> Iterator[tuple[int, Row]]:
    """The rows of `read`, where nothing else of the file is asked for."""
    with read(path, most=most) as sheet:
        yield from sheet.rows


def _decoded(lines: IO[bytes]) -> Iterator[tuple[int, Row]]:
    for line in lines:
        number, cells = json.loads(line)
        yield number, [_moment(c["t"]) if isinstance(c, dict) else c for c in cells]


def _moment(value: str) -> datetime | str:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return value


def _problem(e: box.Refused) -> Problem:
    if e.code == "format":
        return Unsupported(_("只能导入 XLSX、XLS、ODS 或 CSV 文件。"))
    message = {
        "password": _("表格设有密码，请去掉密码后再导入。"),
        "memory": _("表格展开后过大，请删去多余的行和列，或分成几个文件导入。"),
        "time": _("表格展开后过大，请删去多余的行和列，或分成几个文件导入。"),
        "large": _("表格解压后过大，请分成几个文件导入。"),
        "repeats": _("表格里有一行声明重复了上千次，请另存为 XLSX 后导入。"),
        "merges": _("表格里的合并单元格超过 %(n)d 处，请取消合并后再导入。") % {"n": e.data.get("n", 0)},
        "quotes": _("表格里有太多没有闭合的引号，无法可靠读取；请另存为 XLSX 后导入。"),
        "line": _("第 %(n)d 行附近的格式有误，无法继续读取。") % {"n": e.data.get("n", 0)},
    }.get(e.code, _("表格文件已损坏，无法打开。"))
    return Invalid(fields={"file": [message]})
