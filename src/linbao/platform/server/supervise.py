"""`linbao serve`: everything in one, kept alive (design §5, §6).

One light process that holds no Django: it starts PostgreSQL, migrates where needed, and keeps web
and worker running. What dies is started again with growing pauses; when this process is killed,
the guardian ends web, worker and PostgreSQL, unless the next start has found it already.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import IO, TypeVar

from linbao.platform.backup import staging
from linbao.platform.server import guardian, postgres, tls
from linbao.platform.server.children import end_with_parent

Held = TypeVar("Held")
LONGEST_PAUSE = 30.0  # seconds between two starts of something that dies while it starts
STARTED_AFTER = 5.0  # seconds alive after which a part without a port has started
GIVEN_BACK_WITHIN = 25.0  # seconds: the guardian of a killed `serve` may still be stopping the database
CONNECTIONS = 10_000  # open at once, idle ones too


@dataclass
class Part:
    """A child process and how it fares. One that had started (it answers at `port`, or lived a while) comes back at
    once when it dies, however often; one that dies while it starts, after growing pauses."""

    name: str
    command: list[str]
    host: str = ""
    port: int = 0
    up: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    due: float = field(default=0.0)

    def start(self) -> None:
        # Each thread's own heap keeps what a document once needed: glibc is told to share two.
        environment = {"MALLOC_ARENA_MAX": "2", **os.environ}
        self.process = subprocess.Popen(
            self.command, env=environment, preexec_fn=partial(end_with_parent, signal.SIGTERM), start_new_session=True
        )
        self.started, self.up = time.monotonic(), False

    def _is_up(self) -> bool:
        if not self.port:
            return time.monotonic() - self.started > STARTED_AFTER
        try:
            socket.create_connection((_reachable(self.host), self.port), timeout=0.2).close()
        except OSError:
            return False
        return True

    def keep(self) -> bool:
        """Start it, again when it has died, after its pause; true when it has been started now."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            self.up = self.up or self._is_up()
            return False
        if self.process is not None:
            self.end(0)  # what is left of its group
            if self.up:
                self.pause = 0.0
            print(
                f"{self.name} ended with {self.process.returncode}, starts again in {self.pause:.1f} s", file=sys.stderr
            )
            self.due, self.process = now + self.pause, None
            self.pause = min(max(self.pause * 2, 0.5), LONGEST_PAUSE)
        if now < self.due:
            return False
        self.start()
        return True

    def end(self, wait: float = 10.0) -> None:
        """Ask the whole group to end, then make it."""
        if self.process is None:
            return
        for sig in (signal.SIGTERM, signal.SIGKILL) if wait else (signal.SIGKILL,):
            try:
                os.killpg(self.process.pid, sig)
            except (ProcessLookupError, PermissionError):
                return
            try:
                self.process.wait(wait)
            except subprocess.TimeoutExpired:
                continue


def serve(host: str, port: int, *, demo: bool, files: tls.Files | None = None) -> int:
    """Run until told to stop (SIGTERM, SIGINT); returns the exit code."""
    data = Path(os.environ.get("LINBAO_DATA_DIR") or "./var").resolve()
    data.mkdir(parents=True, exist_ok=True)
    lock = _soon(lambda: _hold(data))
    if lock is None:
        print(f"数据目录 {data} 已有一个 linbao serve 在运行。", file=sys.stderr)
        return 1
    if not _soon(lambda: _free(host, port)):
        print(f"{host}:{port} 已被占用，请用 --port 换一个端口。", file=sys.stderr)
        return 1
    staging.finish(data)
    scheme = "https" if files else "http"
    os.environ.setdefault("LINBAO_BASE_URL", f"{scheme}://{host}:{port}")
    if demo:
        os.environ["LINBAO_DEMO"] = "1"
    own = not os.environ.get("LINBAO_DATABASE_URL")
    folder = data / "postgres"
    stopping: list[int] = []
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda number, _frame: stopping.append(number))
    pipe = guardian.watch(data, own=own)
    try:
        if own:
            os.environ["LINBAO_DATABASE_URL"] = postgres.start_apart(folder)
        _prepare(data, own=own, demo=demo)
    except (postgres.CannotStart, subprocess.CalledProcessError) as e:
        print(e, file=sys.stderr)
        return 1
    parts = [
        Part("web", web_command(host, port, files=files), host, port),
        Part("worker", [sys.executable, "-m", "linbao", "worker"]),
    ]
    try:
        details = False
        while not stopping:
            if own and postgres.pid(folder) is None:
                print("postgres ended, starts again", file=sys.stderr)
                try:
                    postgres.start_apart(folder)
                except postgres.CannotStart as e:
                    print(e, file=sys.stderr)
                    time.sleep(1)
            for part in parts:
                if part.keep() and part.process is not None:
                    guardian.tell(pipe, part.name, part.process.pid)
            if not details and _ready(scheme, host, port):
                print(f"ready {scheme}://{host}:{port}", flush=True)
                details = True
            time.sleep(0.3 if details else 0.05)
    finally:
        for part in parts:
            part.end()
        if own:
            postgres.stop(folder)
        guardian.tell(pipe, guardian.DONE, 0)
    return 0


def web_command(host: str, port: int, workers: int = 1, files: tls.Files | None = None) -> list[str]:
    """granian with the product's application (`linbao.platform.server.server`); TLS 1.2 and newer where a
    certificate is given.

    Its own ceiling counts connections, also those that are idle: it is set far above what
    `linbao.platform.server.server` allows.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    os.environ["WEB_PROCESSES"] = str(workers)  # read by `platform.protection.guard`
    secure = ["--ssl-certificate", str(files.certificate), "--ssl-keyfile", str(files.key)] if files else []
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asginl",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--loop",
        "asyncio",
        "--no-ws",
        "--log-level",
        "warning",
        "--backlog",
        "2048",
        "--backpressure",
        str(max(256, min(CONNECTIONS, most // 2))),
        "--http1-header-read-timeout",
        "10000",
        "--respawn-failed-workers",
        *secure,
        "--ssl-protocol-min",
        "tls1.2",
        "linbao.asgi:application",
    ]


def migrations_digest() -> str:
    """What the schema depends on: our migrations, and the versions of libraries that bring some."""
    root = Path(__file__).parents[2]
    names = sorted(str(p.relative_to(root)) for p in root.glob("*/migrations/0*.py"))
    versions = [f"{n} {metadata.version(n)}" for n in ("django", "procrastinate", "django-allauth", "django-axes")]
    return hashlib.sha256("\n".join([*names, *versions]).encode()).hexdigest()


def _prepare(data: Path, *, own: bool, demo: bool) -> None:
    """Migrate unless this very schema is there already (an own database only), then fill the demo."""
    mark = data / "migrated"
    wanted = migrations_digest()
    if not (own and mark.exists() and mark.read_text() == wanted):
        subprocess.run([sys.executable, "-m", "linbao", "migrate"], check=True)
        mark.write_text(wanted)
    if demo and not (data / "demo").exists():
        subprocess.run([sys.executable, "-m", "linbao", "demo", "--if-empty"], check=True)
        (data / "demo").touch()


def _hold(data: Path) -> IO[str] | None:
    lock = open(data / "serve.lock", "w")  # noqa: SIM115 - held for the life of the process
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return None
    return lock


def _soon(ask: Callable[[], Held]) -> Held:
    """Ask until the answer is yes, for a moment: what a killed `serve` held is being given back."""
    until = time.monotonic() + GIVEN_BACK_WITHIN
    while not (answer := ask()) and time.monotonic() < until:
        time.sleep(0.05)
    return answer


def _free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _reachable(host: str) -> str:
    """The address of this machine at which a server that listens on `host` answers."""
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host


def _ready(scheme: str, host: str, port: int) -> bool:
    address = _reachable(host)
    try:
        # Ourselves, on this machine: whoever vouches for the certificate does not matter.
        context = ssl._create_unverified_context() if scheme == "https" else None
        with urllib.request.urlopen(f"{scheme}://{address}:{port}/readyz", timeout=2, context=context) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as e:
        # What waited while nobody worked is a trouble to be told, not a reason to say that nothing runs.
        try:
            parts = json.loads(e.read())
        except (OSError, ValueError):  # a page of Django's, or of a proxy
            return False
        return isinstance(parts, dict) and all(parts.get(name) for name in ("database", "migrations", "worker"))
    except (OSError, ValueError):
        return False
