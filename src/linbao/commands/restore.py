"""`linbao restore FROM`: an installation out of a backup, on an empty machine (6.1.1).

Everything is made in a folder beside and proven there; only then it takes its place. A wrong key, a damaged or
cut archive, a stop at any moment: what was there before is as it was.
"""

from __future__ import annotations

import argparse
import fcntl
import getpass
import gettext
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from linbao.platform.backup import staging
from linbao.platform.server import postgres

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FROM", help="备份文件，或放备份的文件夹、s3://…（取最新的一份）")
    parser.add_argument("--recovery-key", metavar="FILE", default="", help="写有恢复密钥的文件，- 表示从标准输入读")
    parser.add_argument("--force", action="store_true", help="目标不为空也恢复；原有内容移到旁边保留")


def run(args: argparse.Namespace) -> int:
    """1 when it was refused or failed, with the reason on standard error; nothing is changed then."""
    data = Path(os.environ.get("LINBAO_DATA_DIR") or "./var").resolve()
    data.mkdir(parents=True, exist_ok=True)
    own = not os.environ.get("LINBAO_DATABASE_URL")
    with open(data / "serve.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return _refused(_("%(data)s 的 linbao serve 正在运行，请先停止。") % {"data": data})
        staging.finish(data)
        if own and postgres.pid(data / "postgres") is not None:
            return _refused(_("%(data)s 的数据库正在运行，请先停止。") % {"data": data})
        there = staging.occupied(data)
        if there and not args.force:
            return _refused(
                _("%(data)s 里已有内容（%(there)s）。确认要恢复请加 --force，原有内容会移到旁边保留。")
                % {"data": data, "there": _("、").join(there)}
            )
        for left in data.glob(staging.TRYING + "*"):  # of one that was killed
            postgres.stop(left / "postgres")
            shutil.rmtree(left, ignore_errors=True)
        staged = data / f"{staging.TRYING}{os.getpid()}"
        staged.mkdir(mode=0o755)
        os.environ["LINBAO_DATA_DIR"] = str(staged)
        try:
            return _restore(args, data, staged, own=own)
        finally:
            if own:
                postgres.stop(staged / "postgres")
            shutil.rmtree(staged, ignore_errors=True)  # gone already when all went well


def _(message: str) -> str:
    """The words in the installation's language. This command speaks before Django is ready: it must not read the
    settings while the folders are not in their place."""
    chosen = os.environ.get("LINBAO_LANGUAGE", "")
    if not chosen.startswith("en"):
        return message
    return gettext.translation("django", LOCALE, languages=["en"], fallback=True).gettext(message)


def _refused(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def _restore(args: argparse.Namespace, data: Path, staged: Path, *, own: bool) -> int:
    if own:
        try:
            os.environ["LINBAO_DATABASE_URL"] = postgres.start_apart(staged / "postgres")
        except postgres.CannotStart as e:
            return _refused(str(e))
    import django

    django.setup()
    from django.db import connection

    from linbao.commands.backup import FAULTS
    from linbao.platform.backup import envelope, restore

    values = connection.get_connection_params()
    try:
        if not own and not args.force and connection.introspection.table_names():
            return _refused(_("LINBAO_DATABASE_URL 指向的数据库里已有内容。确认要恢复请加 --force，其中的表会被替换。"))
        with restore.archives_open(args.source) as header:
            recovery = _recovery(args.recovery_key, header)
        result = restore.stage(args.source, recovery=recovery, staging=staged, database=values, clean=args.force)
        _settle(staged, result)
    except FileNotFoundError as e:
        return _refused(_("没有这份备份：%(name)s") % {"name": e})
    except (*FAULTS, envelope.Damaged) as e:
        return _refused(str(e))
    connection.close()
    if own:
        postgres.stop(staged / "postgres")
    aside = staging.commit(data, staged)
    print(
        _("已恢复 %(at)s 的备份：%(tables)d 张表、%(rows)d 行、%(files)d 个文件，行数与摘要全部一致，%(s).1f 秒。")
        % {
            "at": result.made_at,
            "tables": result.tables,
            "rows": result.rows,
            "files": result.files,
            "s": result.seconds,
        }
        + (_("原有内容在 %(where)s。") % {"where": aside} if aside else "")
    )
    return 0


def _recovery(file: str, header: dict[str, Any]) -> str:
    """The recovery key: from a file, from standard input, or asked for where a person sits."""
    if file == "-":
        return sys.stdin.readline().strip()
    if file:
        return Path(file).read_text().strip()
    kinds = {s["kind"] for s in header["stanzas"]}
    if "recovery" in kinds and sys.stdin.isatty():
        return getpass.getpass(_("恢复密钥：")).strip()
    return ""


def _settle(staged: Path, result: Any) -> None:
    """Secrets, a store elsewhere, this version's schema, and a line on the audit log."""
    from django.conf import settings
    from django.core.files.base import ContentFile
    from django.core.management import call_command

    from linbao.audit import services as audit
    from linbao.platform import files

    if not os.environ.get("LINBAO_SECRET_KEY"):
        (staged / "secrets" / "secret_key").write_text(result.secret_key)
    if settings.FILES_URL:
        for path in (staged / "files").glob("*/*"):
            files.store().save(f"{path.parent.name}/{path.name}", ContentFile(path.read_bytes()))
        shutil.rmtree(staged / "files")
    call_command("migrate", interactive=False, verbosity=0)
    audit.record(None, "backup.restore", made_at=result.made_at, rows=result.rows)
