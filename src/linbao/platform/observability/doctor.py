"""`linbao doctor`: looks at everything that Linbao stands on, and says what to do."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error, connection
from django.utils.translation import gettext as _

from linbao.platform.observability import health

OK, WARN, FAIL = "ok", "warn", "fail"
OLDEST_SERVER = 150000
CLOCK_MAY_DIFFER = 5.0  # seconds
BACKUP_WITHIN = timedelta(days=2)
MARKS = {OK: "✓", WARN: "!", FAIL: "✗"}


@dataclass(frozen=True)
class Finding:
    """One line: `state` is ok, warn or fail; `advice` says what to do about it."""

    part: str
    state: str
    message: str
    advice: str = ""


CHECKS: list[Callable[[], Iterator[Finding]]] = []  # rooms add theirs (`AppConfig.ready`)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--json`: one JSON line per finding."""
    parser.add_argument("--json", action="store_true", help="每项一行 JSON")


def run(args: argparse.Namespace) -> int:
    """Print what was found; 1 when something has failed, else 0."""
    worst = 0
    for result in look():
        worst = max(worst, result.state == FAIL)
        if args.json:
            print(json.dumps(asdict(result), ensure_ascii=False))
        else:
            print(
                f"{MARKS[result.state]} {result.part}：{result.message}"
                + (f"\n    → {result.advice}" if result.advice else "")
            )
    return worst


def look() -> Iterator[Finding]:
    """Every check in turn; one that stumbles is itself a finding, and the others go on."""
    checks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        (_("设置"), _settings),
        (_("数据库"), _database),
        (_("后台任务"), _worker),
        (_("运行"), _troubles),
        (_("存储"), _storage),
        (_("备份"), _backups),
        (_("邮件"), _mail),
        (_("字体"), _fonts),
        (_("页面资源"), _assets),
        *((check.__qualname__, check) for check in CHECKS),
    )
    for part, check in checks:
        try:
            yield from check()
        except Exception as e:  # a check must not hide the others
            yield Finding(part, FAIL, f"{type(e).__name__}: {str(e)[:200]}", _("请把这一行交给技术支持。"))


def _settings() -> Iterator[Finding]:
    part = _("设置")
    known = {f"LINBAO_{name}" for name in settings.ENV}
    for name in sorted(
        n for n in os.environ if n.startswith("LINBAO_") and n not in known and not n.startswith("LINBAO_TEST_")
    ):
        yield Finding(
            part, WARN, _("不认识的设置 %(name)s") % {"name": name}, _("核对 README 的设置表，可能拼写有误。")
        )
    base = urlsplit(settings.BASE_URL)
    if base.scheme not in ("http", "https") or not base.hostname:
        yield Finding(
            part,
            FAIL,
            _("LINBAO_BASE_URL 不是完整地址：%(url)s") % {"url": settings.BASE_URL},
            _("写成 https://主机名，居民的链接和验证码由它生成。"),
        )
    elif base.scheme == "http" and base.hostname not in ("127.0.0.1", "localhost", "testserver"):
        yield Finding(
            part,
            WARN,
            _("网站以 http 提供，口令在网上明文传送"),
            _("用 linbao serve --tls self 或 --tls-cert，或在前面放一个反向代理，见 deploy/nginx.conf。"),
        )
    else:
        yield Finding(part, OK, settings.BASE_URL)
    if settings.DEMO:
        yield Finding(part, WARN, _("演示模式：登录页公开演示账号"), _("正式使用请在空的数据目录中启动，不带 --demo。"))
    yield from _keys()


def _keys() -> Iterator[Finding]:
    """The key-encryption keys are asked for every data key that is not retired."""
    from linbao.platform.encryption import keys, wrapping
    from linbao.platform.models import DataKey, KeyState

    part = _("密钥")
    try:
        current = wrapping.wrappers()[0].name
        rows = list(DataKey.objects.exclude(state=KeyState.RETIRED))
        for row in rows:
            keys.material(row)
    except (wrapping.NoKey, Error) as e:
        yield Finding(
            part, FAIL, str(e).splitlines()[0][:200], _("核对 LINBAO_KEYS，说明见 docs/decisions/0003-keys.md。")
        )
        return
    behind = sum(row.wrapper != current for row in rows)
    yield Finding(
        part,
        WARN if behind else OK,
        _("%(n)d 把数据密钥，当前由 %(name)s 包裹") % {"n": len(rows), "name": current},
        _("有 %(n)d 把仍由旧密钥包裹，请运行 linbao keys rewrap。") % {"n": behind} if behind else "",
    )


def _database() -> Iterator[Finding]:
    part = _("数据库")
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version_num')::int, version(), extract(epoch FROM clock_timestamp())"
            )
            number, version, at = cursor.fetchone()
            cursor.execute("SHOW fsync")
            durable = cursor.fetchone()[0]
    except Error as e:
        yield Finding(
            part, FAIL, str(e).splitlines()[0][:200], _("核对 LINBAO_DATABASE_URL，确认数据库在运行且账号可用。")
        )
        return
    yield Finding(
        part,
        OK if number >= OLDEST_SERVER else FAIL,
        str(version).split(" on ")[0],
        "" if number >= OLDEST_SERVER else _("请升级到 PostgreSQL 15 或更新。"),
    )
    if durable != "on":
        yield Finding(part, FAIL, _("fsync 已关闭，断电会丢数据"), _("在数据库设置中打开 fsync。"))
    off = abs(datetime.now(UTC).timestamp() - float(at))
    yield Finding(
        _("时钟"),
        OK if off <= CLOCK_MAY_DIFFER else FAIL,
        _("与数据库相差 %(s).1f 秒") % {"s": off},
        "" if off <= CLOCK_MAY_DIFFER else _("在两台机器上启用时间同步（chrony 或 systemd-timesyncd）。"),
    )
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield Finding(
        part,
        FAIL if plan else OK,
        _("还有 %(n)d 项结构升级") % {"n": len(plan)} if plan else _("结构是最新的"),
        _("运行 linbao migrate。") if plan else "",
    )


def _worker() -> Iterator[Finding]:
    part = _("后台任务")
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
                [health.HEARTBEAT_WITHIN],
            )
            workers = cursor.fetchone()[0]
    except Error:
        yield Finding(part, FAIL, _("无法查询"), _("先解决数据库的问题。"))
        return
    yield Finding(
        part,
        OK if workers else WARN,
        _("%(n)d 个在运行") % {"n": workers},
        "" if workers else _("运行 linbao worker 或 linbao serve；不运行时邮件和提醒都不会发出。"),
    )


def _troubles() -> Iterator[Finding]:
    """What `/readyz` and the administrator's Today tell too."""
    for trouble in health.troubles():
        yield Finding(_("运行"), FAIL if trouble.stops_work else WARN, health.label(trouble), health.advice(trouble))


def _storage() -> Iterator[Finding]:
    from linbao.platform import files

    part = _("存储")
    digest = files.put(b"linbao doctor")
    stored = files.get(digest) == b"linbao doctor"
    yield Finding(
        part,
        OK if stored else FAIL,
        settings.FILES_URL.split("@")[-1] or str(settings.DATA_DIR / "files"),
        "" if stored else _("写入后读不回来，请检查存储。"),
    )
    free = shutil.disk_usage(settings.DATA_DIR).free
    yield Finding(part, OK if free >= health.DISK_LOW else WARN, _("剩余 %(gb).1f GB") % {"gb": free / 1024**3})


def _backups() -> Iterator[Finding]:
    from linbao.core import clock
    from linbao.platform.models import Backup

    part = _("备份")
    last = Backup.objects.order_by("-at", "-id").first()
    if last is None:
        yield Finding(part, WARN, _("还没有备份"), _("设置 LINBAO_BACKUP_TO，或运行 linbao backup 文件夹。"))
    elif last.fault:
        yield Finding(part, FAIL, last.fault, _("排除后运行 linbao drill，确认备份可以恢复。"))
    elif clock.now() - last.at > BACKUP_WITHIN:
        yield Finding(
            part,
            WARN,
            _("最近一次是 %(day)s") % {"day": f"{clock.local(last.at, settings.TIME_ZONE):%Y-%m-%d %H:%M}"},
            _("设置 LINBAO_BACKUP_TO 每天自动备份，并确认后台任务在运行。"),
        )
    else:
        yield Finding(
            part,
            OK if last.verified_at else WARN,
            f"{last.name}，{last.size / 1e6:.1f} MB",
            "" if last.verified_at else _("还没有试恢复过，请运行 linbao backup --check。"),
        )


def _mail() -> Iterator[Finding]:
    part = _("邮件")
    if not settings.SMTP_URL:
        yield Finding(
            part,
            WARN,
            _("没有设置 LINBAO_SMTP_URL，邮件写入数据目录的 mail 文件夹，不会寄出"),
            _("设为 smtps://用户:口令@主机，周报才能寄到指定邮箱（4.1.1）。"),
        )
        return
    url = urlsplit(settings.SMTP_URL)
    if url.scheme == "file":
        yield Finding(part, WARN, _("邮件写入文件夹，不会寄出"), _("正式使用请设为 smtps://…。"))
        return
    try:
        if url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                url.hostname or "", url.port or 465, timeout=10, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(url.hostname or "", url.port or 25, timeout=10)
        with server:
            server.ehlo()
    except (OSError, smtplib.SMTPException) as e:
        yield Finding(
            part, FAIL, f"{url.hostname}: {str(e)[:150]}", _("核对主机名、端口与防火墙；在此期间邮件会排队等待。")
        )
        return
    yield Finding(part, OK, f"{url.hostname}:{url.port or ''}")


def _fonts() -> Iterator[Finding]:
    folder = Path(__file__).parents[2] / "documents" / "fonts"
    rows = sorted(f.name for f in folder.glob("*.[to]tf")) if folder.is_dir() else []
    yield Finding(
        _("字体"),
        OK if rows else FAIL,
        _("%(n)d 种中文字体") % {"n": len(rows)},
        "" if rows else _("运行 make setup，字体随页面资源一起安装。"),
    )
    if rows and "FandolFang-Regular.otf" not in rows:
        yield Finding(
            _("字体"),
            WARN,
            _("没有开源仿宋字体，公文正文可能用宋体代替"),
            _("安装仿宋_GB2312，或在能访问 Debian 软件源的机器上运行 python3 deploy/fonts.py。"),
        )


def _assets() -> Iterator[Finding]:
    there = (Path(__file__).parents[2] / "shell" / "static" / "dist" / "manifest.json").exists()
    yield Finding(
        _("页面资源"),
        OK if there else FAIL,
        _("已生成") if there else _("没有生成"),
        "" if there else _("运行 make setup。"),
    )
