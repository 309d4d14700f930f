"""`linbao export FILE`: the archive's filters from the command line, with the rights of one person. Beside a CSV or
GeoJSON stands its data dictionary, `FILE.dictionary.csv`; in an XLSX it is the second sheet.

Persons are masked. An export with persons is a disclosure, asked for and approved in the browser (6.2.2)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from linbao.archive import exporting
from linbao.archive.filters import Filters
from linbao.core import exports
from linbao.core.problems import Problem
from linbao.organisation.models import User
from linbao.organisation.tree import tree

FILTERS = (
    "q",
    "category",
    "subcategory",
    "topic",
    "status",
    "unit",
    "urgent",
    "sensitivity",
    "source",
    "since",
    "until",
    "sort",
)


def add_arguments(parser: Any) -> None:
    """The command's arguments: the file, the user, the filters of the archive."""
    parser.add_argument("file", help="输出文件：.xlsx、.csv 或 .geojson")
    parser.add_argument("--as", dest="user", required=True, metavar="USER", help="以谁的权限导出（用户名）")
    for name in FILTERS:
        parser.add_argument(f"--{name}", default="", help=f"筛选：{name}")
    parser.add_argument("--most", type=int, default=1_000_000, help="最多导出行数")


def run(args: Any) -> int:
    """Write the file; the export stands on the audit log."""
    user = User.objects.filter(username=args.user, is_active=True).first()
    path = Path(args.file)
    if user is None or path.suffix.lower()[1:] not in exporting.FORMATS:
        print(
            f"没有这个用户：{args.user}" if user is None else "文件名须以 .xlsx、.csv 或 .geojson 结尾。",
            file=sys.stderr,
        )
        return 2
    data = {k: getattr(args, k) for k in FILTERS}
    unit = tree().by_code.get(data["unit"])
    try:
        filters = Filters.read({**data, "unit": str(unit.id) if unit else data["unit"]})
        form = path.suffix.lower()[1:]
        exporting.begin(user, filters, form)
        rows = exporting.lines(user, filters, most=args.most)
        if form == "xlsx":
            beside = (str(exporting.SHEET_OF_COLUMNS), *exporting.dictionary())
            with open(path, "wb") as out_bytes:
                exports.write_xlsx(out_bytes, _("信息条目"), exporting.header(), rows, exporting.widths(), beside)
            return 0
        pieces = (
            exports.csv_pieces(exporting.header(), rows)
            if form == "csv"
            else exporting.geojson(user, filters, most=args.most)
        )
        with open(path, "w", encoding="utf-8", newline="") as out:
            out.writelines(pieces)
        with open(f"{path}.dictionary.csv", "w", encoding="utf-8", newline="") as out:
            out.writelines(exports.csv_pieces(*exporting.dictionary()))
    except Problem as e:
        print(e.text, file=sys.stderr)
        return 2
    return 0
