"""`linbao backup`, `linbao drill`: make a backup, try whether it can be restored (6.1.1)."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.commands.keys import new_recovery_key, show_recovery
from linbao.core import clock
from linbao.platform.backup import backups, dumps, envelope, restore, stores
from linbao.platform.encryption import keys, wrapping
from linbao.platform.models import Backup

FAULTS = (
    backups.NoRecovery,
    dumps.CannotDump,
    envelope.Damaged,
    envelope.WrongKey,
    restore.CannotRestore,
    keys.NoDataKey,
    wrapping.NoKey,
    OSError,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    drill = parser.prog.endswith(" drill")
    parser.add_argument("to", nargs="?", default="", metavar="TO", help="文件夹或 s3://…；不写则用 LINBAO_BACKUP_TO")
    parser.set_defaults(drill=drill, verify=drill, check="")
    if drill:
        parser.add_argument("--json", action="store_true", help="一行 JSON")
    else:
        parser.add_argument("--verify", action="store_true", help="做完后恢复到临时数据库，核对行数、摘要和密钥")
        parser.add_argument("--check", metavar="FROM", help="只核对一份已有的备份")


def run(args: argparse.Namespace) -> int:
    """1 when a backup could not be made or does not restore, with the reason on standard error."""
    try:
        return _check(args.check) if args.check else _make(args)
    except FAULTS as e:
        message = _("没有这个文件或文件夹：%(name)s") % {"name": e} if isinstance(e, FileNotFoundError) else str(e)
        print(message, file=sys.stderr)
        return 1
    except Exception as e:  # of the store's client
        if not type(e).__module__.startswith(("botocore", "boto3")):
            raise
        print(_("存储没有接受：%(reason)s") % {"reason": str(e)[:200]}, file=sys.stderr)
        return 1


def _make(args: argparse.Namespace) -> int:
    to = args.to or settings.BACKUP_TO
    if not to:
        print(_("请写明备份到哪里：linbao backup 文件夹，或设置 LINBAO_BACKUP_TO。"), file=sys.stderr)
        return 1
    if not backups.backup_identities():
        text = new_recovery_key()
        if text is not None:
            show_recovery(text)
    row = backups.make(to)
    if not getattr(args, "json", False):
        print(
            _("已备份到 %(place)s：%(name)s，%(mb).1f MB，%(rows)d 行，%(files)d 个文件，%(s).1f 秒。")
            % {
                "place": row.place,
                "name": row.name,
                "mb": row.size / 1e6,
                "rows": row.rows,
                "files": row.files,
                "s": row.seconds,
            }
        )
    if not args.verify:
        return 0
    result = restore.verify(stores.place(to), row.name)
    row.verified_at = clock.now()
    row.save()
    backups.report("verify", name=row.name, rows=result.rows)
    if args.drill:
        _record(row, result, as_json=args.json)
        audit.record(None, "backup.drill", name=row.name, rows=result.rows)
    else:
        _report(result)
    return 0


def _check(source: str) -> int:
    place, name = stores.split(source)
    result = restore.verify(place, name)
    backups.report("verify", name=name, rows=result.rows)
    _report(result)
    Backup.objects.filter(place=place.label, name=name).update(verified_at=clock.now())
    return 0


def _report(result: restore.Result) -> None:
    print(
        _(
            "试恢复成功：%(tables)d 张表、%(rows)d 行与清单一致，%(files)d"
            " 个文件和 %(opened)d 项加密内容可以打开，%(s).1f 秒。"
        )
        % {
            "tables": result.tables,
            "rows": result.rows,
            "files": result.files,
            "opened": result.opened,
            "s": result.seconds,
        }
    )


def _record(row: Backup, result: restore.Result, *, as_json: bool) -> None:
    details: dict[str, Any] = {
        "at": timezone.localtime(row.at).isoformat(timespec="minutes"),
        "place": row.place,
        "name": row.name,
        "size": row.size,
        "tables": result.tables,
        "rows": result.rows,
        "files": result.files,
        "opened": result.opened,
        "backup_seconds": row.seconds,
        "restore_seconds": result.seconds,
    }
    if as_json:
        print(json.dumps(details, ensure_ascii=False))
        return
    print(_("备份恢复演练记录"))
    names = {
        "at": _("时间"),
        "place": _("备份位置"),
        "name": _("备份文件"),
        "size": _("大小（字节）"),
        "tables": _("核对的表"),
        "rows": _("核对的行"),
        "files": _("核对的文件"),
        "opened": _("试开的加密内容"),
        "backup_seconds": _("备份用时（秒）"),
        "restore_seconds": _("恢复用时（秒）"),
    }
    for key, value in details.items():
        print(f"  {names[key]}：{value}")
    print("  " + _("结论：备份完整，可以恢复，行数与摘要全部一致。"))
