"""The PostgreSQL of one run of the tests: begins and ends with it, in a folder that nobody else can guess or enter.

A process of its own (`python -m tests.postgres`) starts the server, prints its URL and waits on a pipe. When the pipe
closes, however the run ended, it stops the server and removes the folder. A cluster whose template was migrated is
kept, stopped, in `.venv/test-database` under the digest of what it was made of: the next run copies it (0.2 s) in
place of migrating anew (20 s).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from linbao.platform.server import postgres

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".venv" / "test-database"
CACHED = 3  # clusters kept; of branches that are worked on side by side
TEMPLATE = "linbao_template"
SCHEMA = (
    "requirements.lock",
    "src/linbao/*/migrations/*.*",
    "src/linbao/platform/schema.*",
    "src/linbao/audit/*.py",  # facts.install
    "src/linbao/items/catalogue/**/*.*",  # what the first rows are made of
    "src/linbao/platform/partitions.py",
    "src/linbao/platform/server/postgres.py",  # how a cluster is made
    "src/linbao/review/reasons.py",
)


class Server:
    """The running server. `url` is the URL of its first database; raises `postgres.CannotStart`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for the tests
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise postgres.CannotStart("the tests' PostgreSQL did not start: see above")

    def end(self) -> None:
        """Stop the server and remove its folder; its template is kept for the next run."""
        self._process.communicate("keep\n", timeout=60)


def digest() -> str:
    """Of everything that a migrated database is made of, and of the month (partitions begin with it)."""
    value = hashlib.sha256(f"{datetime.now(UTC):%Y-%m} {os.geteuid()}".encode())
    for pattern in SCHEMA:
        for file in sorted(ROOT.glob(pattern)):
            if file.suffix != ".pyc" and file.is_file():
                value.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return value.hexdigest()[:20]


def serve() -> None:
    """Run the server until the pipe on standard input closes."""
    folder = Path(tempfile.mkdtemp(prefix="linbao-tests-"))
    data, cached = folder / "postgres", CACHE / digest()
    try:
        if cached.exists():
            _copy(cached, data)
            cached.touch()
        url = postgres.start(data, hasty=True)
        # As root the server is another user's, for whom `start` opens the way to it: to nobody else.
        os.chown(folder, data.stat().st_uid, data.stat().st_gid)
        folder.chmod(0o700)
        print(url, flush=True)
        keep = "keep" in sys.stdin.read().split() and not cached.exists() and _migrated(url)
        postgres.stop(data)
        if keep:
            _keep(data, cached)
    finally:
        postgres.stop(data)
        shutil.rmtree(folder, ignore_errors=True)


def _migrated(url: str) -> bool:
    """Whether the template stands; what a test left behind besides is removed."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for name in names:
            if name.startswith(("linbao_test_", f"{TEMPLATE}_")):
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    return TEMPLATE in names


def _keep(data: Path, cached: Path) -> None:
    CACHE.mkdir(mode=0o700, exist_ok=True)
    CACHE.chmod(0o700)
    unfinished = CACHE / f"{cached.name}.{os.getpid()}"
    _copy(data, unfinished)
    try:
        unfinished.rename(cached)
    except OSError:  # another run was first
        shutil.rmtree(unfinished)
    for old in sorted(CACHE.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)[CACHED:]:
        shutil.rmtree(old, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """With owners and modes: a cluster belongs to the user that serves it."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


if __name__ == "__main__":
    for _signal in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(_signal, signal.SIG_IGN)
    serve()
    os._exit(0)  # the wheel's handle would make the folder anew at exit
