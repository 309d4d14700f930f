"""`linbao audit …`: the chain of the log, looked at from outside the application (6.1.1)."""

from __future__ import annotations

import argparse
import base64
import json
import sys
from datetime import datetime, time
from pathlib import Path

from django.utils.translation import gettext as _

from linbao.audit import chain, guards, retention, roots
from linbao.audit.models import Block, Key
from linbao.audit.verification import Walk
from linbao.core import clock
from linbao.core.problems import Conflict


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verify = verbs.add_parser("verify", help="核对审计链，打印第一处断点；有断点时退出码为 1")
    verify.add_argument("--since", default="", metavar="YYYY-MM-DD", help="只核对这一天以来的区块")
    verify.add_argument(
        "--roots", action="append", default=[], metavar="FILE", help="每日送出的根：邮件原文或其中的文字，可多次给出"
    )
    verify.add_argument("--all", action="store_true", help="打印全部断点，而不只是第一处")
    verbs.add_parser("root", help="打印此刻的根（已签名），可另行保存")
    block = verbs.add_parser("block", help="打印一个区块的头，供第三方核对导出里的证明")
    block.add_argument("number", type=int)
    verbs.add_parser("send-root", help="立即送出今天的根（每天一次）")
    verbs.add_parser("detach", help="移出已满保存期限的月份")
    verbs.add_parser("guards", help="开发用：把刚建好的数据库的防改规则记为本版本的（guards.json）")


def run(args: argparse.Namespace) -> int:
    """0 when all is well, 1 for a break, 2 for an argument that is none."""
    return {
        "verify": _verify,
        "root": _root,
        "block": _block,
        "send-root": _send,
        "detach": _detach,
        "guards": _guards,
    }[args.verb](args)


def _verify(args: argparse.Namespace) -> int:
    since, known = None, []
    try:
        if args.since:
            since = datetime.combine(datetime.fromisoformat(args.since).date(), time(0), clock.zone())
        for name in args.roots:
            known += roots.read(Path(name).read_bytes())
    except (OSError, ValueError) as e:
        print(_("参数有误：%(why)s") % {"why": e}, file=sys.stderr)
        return 2
    walk, results = Walk(since=since, roots=known), 0
    for errors in walk.breaks():
        print(_("断点：%(words)s") % {"words": errors.message}, flush=True)
        results += 1
        if not args.all:
            break
    if results:
        return 1
    result = walk.result
    message = _(
        "完好：%(blocks)d 个区块、%(records)d 条记录、%(facts)d 个摘要，最新区块 %(newest)d；"
        "%(detached)d 条已按保存期限移出；核对了 %(roots)d 个送出的根。"
    )
    print(
        message
        % {
            "blocks": result.blocks,
            "records": result.records,
            "facts": result.facts,
            "newest": result.newest,
            "detached": result.detached,
            "roots": result.roots,
        }
    )
    return 0


def _root(args: argparse.Namespace) -> int:
    chain.seal()
    root = roots.newest()
    print(root.line() if root else "{}")
    return 0


def _block(args: argparse.Namespace) -> int:
    """Everything that `hash` covers, the signature over it and the public key."""
    block = Block.objects.filter(number=args.number).first()
    if block is None:
        return 1
    public = Key.objects.filter(pk=block.key_id).values_list("public", flat=True).first()
    details = {
        "covered": chain.fields(block),
        "hash": bytes(block.hash).hex(),
        "signature": base64.b64encode(block.signature).decode(),
        "public": public,
    }
    print(json.dumps(details))
    return 0


def _send(args: argparse.Namespace) -> int:
    chain.seal()
    return 0 if roots.send() else 1


def _detach(args: argparse.Namespace) -> int:
    try:
        print(retention.detach_due())
    except Conflict as e:
        print(e.message, file=sys.stderr)
        return 1
    return 0


def _guards(args: argparse.Namespace) -> int:
    print(guards.write())
    return 0
