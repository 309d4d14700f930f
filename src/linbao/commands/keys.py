"""`linbao keys`: list, rotate, reseal, rewrap, retire, recovery (6.1.1; docs/decisions/0003-keys.md)."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core.problems import Problem
from linbao.platform.backup import backups
from linbao.platform.encryption import key_lifecycle, keys, resealing, wrapping
from linbao.platform.models import DataKey, KeyState, Purpose, Resealing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    shown = verbs.add_parser("list", help="列出数据密钥和重新加密的进度")
    shown.add_argument("--json", action="store_true", help="每项一行 JSON")
    rotate = verbs.add_parser("rotate", help="启用新的数据密钥，旧内容由后台逐步重新加密")
    rotate.add_argument("purposes", nargs="*", metavar="PURPOSE", help=f"{' '.join(Purpose.values)}；不写则全部")
    rotate.add_argument("--wait", action="store_true", help="在此完成重新加密，不等后台任务")
    verbs.add_parser("reseal", help="在此完成重新加密（可随时中断，再次运行即继续）")
    verbs.add_parser("rewrap", help="用 LINBAO_KEYS 中的第一把密钥重新包裹全部数据密钥")
    gone = verbs.add_parser("retire", help="销毁不再使用的旧密钥")
    gone.add_argument("keys", nargs="*", metavar="KEY", help="密钥编号；不写则所有能停用的旧密钥")
    recovery = verbs.add_parser("recovery", help="制作恢复密钥，只打印一次")
    recovery.add_argument("--new", action="store_true", help="已有恢复密钥时另做一把，旧的不能打开今后的备份")


def run(args: argparse.Namespace) -> int:
    """1 when something was refused, with the reason on standard error."""
    try:
        return int(_VERBS[args.verb](args) or 0)
    except (Problem, wrapping.NoKey, keys.NoDataKey) as e:
        print(e, file=sys.stderr)
        return 1


def _list(args: argparse.Namespace) -> None:
    rows = DataKey.objects.order_by("purpose", "-made_at")
    parts = resealing.progress()
    if args.json:
        for row in rows:
            print(
                json.dumps(
                    {
                        "key": row.id,
                        "purpose": row.purpose,
                        "state": row.state,
                        "format": row.format,
                        "wrapper": row.wrapper,
                        "made_at": row.made_at.isoformat(),
                    },
                    ensure_ascii=False,
                )
            )
        for part in parts:
            print(
                json.dumps(
                    {
                        "part": part.part,
                        "done": part.done,
                        "total": part.total,
                        "faults": part.faults,
                        "finished": part.finished_at is not None,
                    },
                    ensure_ascii=False,
                )
            )
        return
    for row in rows:
        print(
            f"{row.id}  {row.get_purpose_display()}  {row.get_state_display()}  {row.made_at:%Y-%m-%d}  {row.wrapper}"
        )
    if any(p.finished_at is None for p in parts):
        print(_("正在重新加密："))
    for part in parts:
        _progress(part)


def _progress(part: Resealing) -> None:
    state = _("完成") if part.finished_at else _("进行中")
    faults = _("，%(n)d 项打不开") % {"n": part.faults} if part.faults else ""
    print(f"  {part.part}  {part.done}/{max(part.total, part.done)}  {state}{faults}", flush=True)


def _rotate(args: argparse.Namespace) -> int:
    errors = set(args.purposes) - set(Purpose.values)
    if errors:
        print(_("没有这种用途：%(names)s") % {"names": " ".join(sorted(errors))}, file=sys.stderr)
        return 1
    with transaction.atomic():
        made = key_lifecycle.rotate(*args.purposes)
        audit.record(None, "keys.rotate", purposes=[r.purpose for r in made], keys=[r.id for r in made])
    for row in made:
        print(f"{row.get_purpose_display()}: {row.id}")
    if args.wait:
        return _reseal(args)
    print(_("后台任务会重新加密旧内容，用 linbao keys list 看进度。"))
    return 0


def _reseal(args: argparse.Namespace) -> int:
    done = resealing.run(report=_progress)
    if done:
        audit.record(None, "keys.reseal")
    else:
        print(_("有内容正被使用，请稍后再次运行 linbao keys reseal。"), file=sys.stderr)
    return 0 if done else 1


def _rewrap(args: argparse.Namespace) -> None:
    with transaction.atomic():
        count = key_lifecycle.rewrap()
        audit.record(None, "keys.rewrap", rows=count)
    print(_("已重新包裹 %(n)d 把数据密钥，LINBAO_KEYS 中其余的密钥可以移除。") % {"n": count})


def _retire(args: argparse.Namespace) -> int:
    wanted = args.keys or list(DataKey.objects.filter(state=KeyState.OLDER).values_list("id", flat=True))
    refused = 0
    for key in wanted:
        try:
            key_lifecycle.retire(key)
        except Problem as e:
            refused = 1
            print(e, file=sys.stderr)
        else:
            audit.record(None, "keys.retire", keys=[key])
            print(_("密钥 %(key)s 已销毁。") % {"key": key})
    return refused


def _recovery(args: argparse.Namespace) -> int:
    text = backups.make_recovery_key(new=args.new)
    if text is None:
        print(_("恢复密钥已经做过。找不到时用 linbao keys recovery --new 另做一把。"), file=sys.stderr)
        return 1
    audit.record(None, "keys.recovery")
    show_recovery(text)
    return 0


def show_recovery(text: str) -> None:
    """Printed once, kept by people."""
    print(_("恢复密钥（只显示这一次，请打印两份，分开存放在保险柜）："))
    print(f"\n    {text}\n", flush=True)


_VERBS: dict[str, Any] = {
    "list": _list,
    "rotate": _rotate,
    "reseal": _reseal,
    "rewrap": _rewrap,
    "retire": _retire,
    "recovery": _recovery,
}
