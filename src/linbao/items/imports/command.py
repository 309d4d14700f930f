"""`linbao import FILE`: prints the report as JSON, and beside the file a list of the rows that were refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from linbao.core.problems import Problem
from linbao.items.imports import columns
from linbao.items.imports import services as importing
from linbao.items.imports.rows import Report
from linbao.organisation.models import User
from linbao.organisation.tree import tree


def add_arguments(parser: Any) -> None:
    """The command's arguments."""
    parser.add_argument("file", help="XLSX、XLS、ODS 或 CSV 文件")
    parser.add_argument(
        "--map", default="", help="列的对应，如 title=标题,text=内容,time=时间,number=编号,user=留言人,place=地点"
    )
    parser.add_argument(
        "--community", default="", metavar="CODE", help="导入到哪个社区（区划代码）；只有一个社区时可省略"
    )
    parser.add_argument("--as", dest="user", default="", metavar="USER", help="以谁的名义上报（用户名）")
    parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
    parser.add_argument("--errors", default="", metavar="FILE", help="逐行错误写入此 CSV；默认在原文件旁边")


def run(args: Any) -> int:
    """0 when every row was taken, 1 when some were refused, 2 when the file could not be read."""
    path = Path(args.file)
    errors_to = Path(args.errors) if args.errors else path.with_name(f"{path.stem}-errors.csv")
    try:
        if not path.is_file():
            print(f"没有这个文件：{path}", file=sys.stderr)
            return 2
        unit = tree().by_code.get(args.community) if args.community else None
        if args.community and (unit is None or unit.kind != "community"):
            print(f"没有代码为 {args.community} 的社区。", file=sys.stderr)
            return 2
        user = User.objects.filter(username=args.user).first() if args.user else importing.account()
        if user is None:
            print(f"没有这个用户：{args.user}", file=sys.stderr)
            return 2

        def progress(report: Report) -> None:
            print(f"\r{report.total} 行…", end="", file=sys.stderr, flush=True)

        mapping = columns.read_mapping(args.map)
        row, names = columns.header(path)  # how the file is understood stands there before anything is filed
        described = "、".join(f"{columns.NAMES[k]}={n}" for k, n in (mapping or columns.guess(names)).items())
        print(f"列名在第 {row} 行：{described}", file=sys.stderr)
        report = importing.run(
            path,
            mapping=mapping,
            community=unit.id if unit else importing.only_community(),
            user=user,
            dry=args.dry_run,
            errors_to=errors_to,
            progress=progress,
        )
    except Problem as e:
        print(e.text, file=sys.stderr)
        return 2
    print(file=sys.stderr)
    if report.others:
        print(f"读取的工作表：{report.sheet}；没有读取的：{'、'.join(report.others)}", file=sys.stderr)
    for row, label in report.skipped:
        print(f"第 {row} 行是合计或落款，不导入：{label}", file=sys.stderr)
    for row, message in report.warnings[:20]:
        print(f"第 {row} 行：{message}", file=sys.stderr)
    for row, column, message in report.errors[:20]:
        print(f"第 {row} 行 {column}：{message}", file=sys.stderr)
    if report.refused:
        print(f"共 {report.refused} 行有问题，全部列在 {errors_to}", file=sys.stderr)
    else:
        errors_to.unlink(missing_ok=True)
    print(json.dumps({**report.as_dict(), "dry_run": args.dry_run}, ensure_ascii=False))
    return 1 if report.refused else 0
