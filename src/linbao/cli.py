"""The command line (design §6). Light: a command's room is loaded only when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from pathlib import Path

# Commands that live in their rooms: each module has `add_arguments(parser)` and `run(args) -> int`.
ROOMS = {
    "demo": ("linbao.web.demo", "填入演示社区，或 N 个社区的生成数据"),
    "user": ("linbao.units.commands", "新建人员，签发接口令牌"),
    "import": ("linbao.collection.import_command", "从电子表格导入信息"),
    "export": ("linbao.archive.export_command", "导出信息到电子表格"),
    "audit": ("linbao.audit.commands", "核对审计日志的链，打印或送出它的根"),
    "doctor": ("linbao.base.doctor", "检查设置、数据库、存储、邮件、字体、时钟"),
    "bench": ("linbao.bench", "性能测试"),
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
    serve.add_argument("--demo", action="store_true", help="空库时填入演示社区")
    web = commands.add_parser("web", help="只运行网站")
    web.add_argument("--host", default="127.0.0.1")
    web.add_argument("--port", type=int, default=8000)
    web.add_argument("--workers", type=int, default=1)
    commands.add_parser("worker", help="只运行后台任务与定时任务")
    commands.add_parser("migrate", help="升级数据库结构")
    chosen = argv[0] if argv else ""
    for name, (module, words) in ROOMS.items():
        if importlib.util.find_spec(module) is None:
            continue
        sub = commands.add_parser(name, help=words)
        if name == chosen:
            # The room's modules need Django; a database only when the command runs.
            import django

            ask_for_database()
            django.setup()
            importlib.import_module(module).add_arguments(sub)
    args = parser.parse_args(argv)
    if args.command == "serve":
        from linbao.base.supervise import serve as run_all

        return run_all(args.host, args.port, demo=args.demo)
    with _Database():
        if args.command == "web":
            from linbao.base.supervise import web_command

            command = web_command(args.host, args.port, args.workers)
            os.execv(command[0], command)
        import django

        ask_for_database()
        django.setup()
        if args.command == "worker":
            return _work()
        if args.command == "migrate":
            from django.core.management import call_command

            call_command("migrate", interactive=False, verbosity=0)
            return 0
        return int(importlib.import_module(ROOMS[args.command][0]).run(args) or 0)


def _work() -> int:
    """Jobs and the schedule, until SIGTERM; a running job is given time to end."""
    from django.core.management import call_command

    call_command(
        "procrastinate",
        "worker",
        "--concurrency",
        "4",
        "--delete-jobs",
        "successful",
        "--shutdown-graceful-timeout",
        "20",
    )
    return 0


def ask_for_database() -> None:
    """Where no URL is given, settings are pointed at the server of our own, running or not yet."""
    if not os.environ.get("LINBAO_DATABASE_URL"):
        from linbao.base import postgres

        os.environ["LINBAO_DATABASE_URL"] = postgres.url(data_folder())


def data_folder() -> Path:
    return Path(os.environ.get("LINBAO_DATA_DIR") or "./var").resolve() / "postgres"


class _Database:
    """Where no URL is given, a database of our own is started for the command and stopped after it."""

    def __enter__(self) -> None:
        self.folder: Path | None = None
        from linbao.base import postgres

        folder = data_folder()
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
            from linbao.base import postgres

            postgres.stop(self.folder)
