"""The command line (design §6). Light: a command's room is loaded only when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import Any

# Commands that live in their rooms: each module has `add_arguments(parser)` and `run(args) -> int`.
ROOMS = {
    "demo": ("linbao.shell.demo", "填入演示社区，或 N 个社区的生成数据"),
    "user": ("linbao.accounts.commands", "新建人员，签发接口令牌"),
    "import": ("linbao.items.imports.command", "从电子表格导入信息"),
    "export": ("linbao.archive.command", "导出信息到电子表格"),
    "keys": ("linbao.commands.keys", "数据密钥：列出、更换、重新加密、包裹、停用；恢复密钥、备份密钥"),
    "backup": ("linbao.commands.backup", "把数据库、文件和密钥备份成一个加密文件"),
    "drill": ("linbao.commands.backup", "演练：备份，再试恢复，打印记录"),
    "audit": ("linbao.commands.audit", "核对审计日志的链，打印或送出它的根"),
    "doctor": ("linbao.platform.observability.doctor", "检查设置、数据库、存储、邮件、字体、时钟"),
    "bench": ("linbao.benchmarks.run", "性能测试"),
}


def main(argv: list[str] | None = None) -> None:
    """Run a command; ends the process with its exit code."""
    raise SystemExit(run(sys.argv[1:] if argv is None else argv))


def run(argv: list[str]) -> int:
    """Run a command and return its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linbao.settings")
    parser = argparse.ArgumentParser(prog="linbao", description="邻报：社区信息报告")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="全部合一：数据库、迁移、网站、后台任务")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    _tls_arguments(serve)
    serve.add_argument("--demo", action="store_true", help="空库时填入演示社区")
    web = commands.add_parser("web", help="只运行网站")
    web.add_argument("--host", default="127.0.0.1")
    web.add_argument("--port", type=int, default=8000)
    web.add_argument("--workers", type=int, default=1)
    _tls_arguments(web)
    commands.add_parser("worker", help="只运行后台任务与定时任务")
    commands.add_parser("migrate", help="升级数据库结构")
    from linbao.commands import restore

    restore.add_arguments(commands.add_parser("restore", help="从备份恢复到空的数据目录或数据库"))
    chosen = argv[0] if argv else ""
    for name, (module, message) in ROOMS.items():
        sub = commands.add_parser(name, help=message)
        if name == chosen:
            # The room's modules need Django; a database only when the command runs.
            import django

            ask_for_database()
            django.setup()
            importlib.import_module(module).add_arguments(sub)
    args = parser.parse_args(argv)
    if args.command == "serve":
        from linbao.platform.server.supervise import serve as run_all

        return run_all(args.host, args.port, demo=args.demo, files=_tls(args))
    if args.command == "restore":
        return restore.run(args)
    with _Database():
        if args.command == "web":
            from linbao.platform.server.supervise import web_command

            command = web_command(args.host, args.port, args.workers, _tls(args))
            os.execv(command[0], command)
        import django

        ask_for_database()
        django.setup()
        if args.command == "worker":
            return _work()
        if args.command == "migrate":
            from linbao.platform import schema

            schema.migrate()
            return 0
        from django.db import ProgrammingError
        from django.utils.translation import gettext as _
        from psycopg.errors import UndefinedTable

        try:
            return int(importlib.import_module(ROOMS[args.command][0]).run(args) or 0)
        except ProgrammingError as e:
            if not isinstance(e.__cause__, UndefinedTable):
                raise
            print(_("数据库结构还没有建好，请先运行 linbao migrate。"), file=sys.stderr)
            return 1


def _tls_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tls", choices=["self"], help="self：用自制证书提供 https（小型部署）")
    parser.add_argument("--tls-cert", metavar="FILE", help="证书（含证书链，PEM），提供 https")
    parser.add_argument("--tls-key", metavar="FILE", help="证书的私钥（PEM）")


def _tls(args: argparse.Namespace) -> Any:
    """The certificate asked for, or None; ends the command when it cannot be used."""
    from linbao.platform.server import tls

    data = data_folder().parent
    try:
        if args.tls_cert or args.tls_key:
            if not (args.tls_cert and args.tls_key):
                raise SystemExit("--tls-cert 和 --tls-key 要一起给。")
            return tls.configured(args.tls_cert, args.tls_key, data=data)
        if not args.tls:
            return None
        made = tls.self_made(args.host, data=data)
    except tls.NoCertificate as e:
        raise SystemExit(str(e)) from None
    print(f"自制证书，SHA-256 指纹（首次打开时请核对）：\n  {made.fingerprint}", file=sys.stderr)
    return made


def _work() -> int:
    """Jobs and the schedule, until SIGTERM; a running job is given time to end. Alarms have hands of their own:
    nothing that is slow or many keeps them waiting (2.3.2)."""
    import asyncio

    from procrastinate.jobs import DeleteJobCondition

    from linbao.platform import queue

    app, limits = queue.worker_app(), queue.Limits()
    rules: dict[str, Any] = {
        "delete_jobs": DeleteJobCondition.SUCCESSFUL,
        "shutdown_graceful_timeout": 20.0,
        "task_middleware": [limits.run],
    }

    async def care() -> None:
        while True:
            await asyncio.to_thread(queue.watch, limits)
            await asyncio.sleep(10)

    async def work() -> None:
        async with app.open_async():
            alarms = asyncio.create_task(
                app.run_worker_async(
                    queues=["alarms"], concurrency=4, name="alarms", install_signal_handlers=False, **rules
                )
            )
            others = asyncio.create_task(app.run_worker_async(concurrency=4, **rules))
            tasks = [alarms, others, asyncio.create_task(_give_memory_back()), asyncio.create_task(care())]
            try:
                # procrastinate ends a worker that has lost its listener: the process then ends and starts anew.
                await asyncio.wait({alarms, others}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(work())
    return 0


async def _give_memory_back() -> None:
    """What documents and photos needed for a moment, glibc keeps for good: 130 MB after the demo's documents."""
    import asyncio
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # another libc gives back by itself
    while trim is not None:
        await asyncio.sleep(20)
        trim(0)


def ask_for_database() -> None:
    """Where no URL is given, settings are pointed at the server of our own, running or not yet."""
    if not os.environ.get("LINBAO_DATABASE_URL"):
        from linbao.platform.server import postgres

        os.environ["LINBAO_DATABASE_URL"] = postgres.url(data_folder())


def data_folder() -> Path:
    return Path(os.environ.get("LINBAO_DATA_DIR") or "./var").resolve() / "postgres"


class _Database:
    """Where no URL is given, a database of our own is started for the command and stopped after it."""

    def __enter__(self) -> None:
        self.folder: Path | None = None
        from linbao.platform.backup import staging
        from linbao.platform.server import postgres

        folder = data_folder()
        staging.finish(folder.parent)
        if os.environ.get("LINBAO_DATABASE_URL", postgres.url(folder)) != postgres.url(folder):
            return
        ran = postgres.pid(folder) is not None
        try:
            os.environ["LINBAO_DATABASE_URL"] = postgres.start_apart(folder)
        except postgres.CannotStart as e:
            raise SystemExit(str(e)) from None
        self.folder = None if ran else folder

    def __exit__(self, *_: object) -> None:
        if self.folder is not None:
            from linbao.platform.server import postgres

            postgres.stop(self.folder)
