"""`kill -9` at any moment, of any part and of all: nothing acknowledged is lost, nothing is sent twice, `serve` heals."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from linbao.base import postgres
from tests.mailbox import Mailbox

SCRIPT = """
import sys, django
django.setup()
from linbao.outbox import actions, sending
from linbao.outbox.models import Delivery
if sys.argv[1] == "build":
    from tests.loop import build
    from linbao.units.models import ApiToken
    town = build()
    print(ApiToken.make(town.reporter, "crash", ["*"])[1])
elif sys.argv[1] == "post":
    for n in range(12):
        actions.post(key=f"crash:{sys.argv[2]}:{n}", channel="mail", recipient="dept@example.cn", subject=f"{sys.argv[2]} {n}")
elif sys.argv[1] == "settle":
    from linbao.base import clock
    Delivery.objects.filter(state="sending").update(next_at=clock.now())
    Delivery.objects.filter(state="waiting").update(next_at=clock.now())
    sending.sweep()
    for pk, state in Delivery.objects.values_list("pk", "state"):
        print(pk, state)
"""


class Serve:
    """The real command on a folder of its own, started again after each death."""

    def __init__(self, folder: Path, smtp: int) -> None:
        self.folder = folder
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = int(s.getsockname()[1])
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("LINBAO_")} | {
            "LINBAO_DATA_DIR": str(folder),
            "LINBAO_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
            "DJANGO_SETTINGS_MODULE": "linbao.settings",
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> float:
        """Seconds until it printed that it is ready."""
        began = time.monotonic()
        with open(self.folder / "stderr", "ab") as told:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "linbao", "serve", "--port", str(self.port)],
                env=self.environment, stdout=subprocess.PIPE, stderr=told, text=True, cwd=self.folder,
            )  # fmt: skip
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("ready"):
                threading.Thread(target=self.process.stdout.read, daemon=True).start()
                return time.monotonic() - began
        told = (self.folder / "stderr").read_text(errors="replace")[-2000:]
        raise AssertionError(f"serve ended with {self.process.wait()}: {told}")

    def end(self) -> None:
        """Everything stops, the embedded database too."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        postgres.stop(self.folder / "postgres")

    def children(self, words: str) -> list[int]:
        """Processes below the supervisor whose command line holds `words`."""
        assert self.process
        parents: dict[int, int] = {}
        commands: dict[int, str] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    stat = (entry / "stat").read_text()
                    commands[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
                except OSError:
                    continue
                parents[int(entry.name)] = int(stat.rsplit(")", 1)[1].split()[1])
        below, found = {self.process.pid}, []
        while True:
            more = {p for p, parent in parents.items() if parent in below} - below
            if not more:
                break
            below |= more
        found = [p for p in below if words in commands.get(p, "") and p != self.process.pid]
        return found

    def kill(self, *pids: int | None) -> None:
        for pid in pids:
            if pid is not None:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def script(self, *arguments: str) -> str:
        environment = self.environment | {"LINBAO_DATABASE_URL": postgres.url(self.folder / "postgres")}
        return subprocess.run(
            [sys.executable, "-c", SCRIPT, *arguments], env=environment, check=True, capture_output=True, text=True,
            cwd=Path(__file__).parent.parent.parent,
        ).stdout  # fmt: skip

    def ask(self, path: str, body: dict[str, Any] | None = None, token: str = "") -> int:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as e:
            return e.code
        except OSError:
            return 0


@pytest.fixture
def mails() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = int(s.getsockname()[1])
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


@pytest.fixture
def serve(mails: tuple[Mailbox, int]) -> Iterator[Serve]:
    folder = Path(tempfile.mkdtemp(prefix="linbao-crash-"))
    folder.chmod(0o755)
    run = Serve(folder, mails[1])
    yield run
    run.end()


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """Set at the end, however the test ends: threads that go on would keep the whole run from ending."""
    event = threading.Event()
    yield event
    event.set()


def until(true: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not heal"
        time.sleep(0.1)


@pytest.mark.clause("1.3.2")
def test_whatever_is_killed_nothing_acknowledged_is_lost_and_no_mail_goes_twice(
    serve: Serve, mails: tuple[Mailbox, int], stop: threading.Event
) -> None:
    serve.start()
    token = serve.script("build").strip()
    acknowledged: list[str] = []

    def reporter() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            item, tries = str(uuid.uuid4()), 0
            body = {"id": item, "category": "sanitation", "title": f"第{number}条"}
            # The phone's queue: the same id again until there is an answer.
            while not stop.is_set() and tries < 600:
                tries += 1
                status = serve.ask("/api/v1/items", body, token)
                if status in (200, 201):
                    acknowledged.append(item)
                    break
                assert status in (0, 502, 503) or status >= 500, status
                time.sleep(0.1)
            time.sleep(0.1)

    writers = [threading.Thread(target=reporter, daemon=True) for _n in range(3)]
    for w in writers:
        w.start()
    grown = 0

    def goes_on() -> bool:
        return len(acknowledged) > grown + 5 and serve.ask("/readyz") == 200

    for turn, name in enumerate(("granian", "worker", "postmaster")):
        serve.script("post", name)
        time.sleep(0.2 + 0.13 * turn)
        grown = len(acknowledged)
        if name == "postmaster":
            serve.kill(postgres.pid(serve.folder / "postgres"))
        else:
            assert serve.children(name)
            serve.kill(*serve.children(name))
        until(goes_on)
    for name, whole in (("supervisor", False), ("everything", True)):
        serve.script("post", name)
        time.sleep(0.3)
        assert serve.process
        below = serve.children("")
        serve.kill(serve.process.pid, *(below if whole else []))
        if whole:
            serve.kill(postgres.pid(serve.folder / "postgres"))
        serve.process.wait()
        # What stood below ends by itself: no web server stays behind on the port.
        until(lambda left=below: not any(Path(f"/proc/{p}").exists() and _alive(p) for p in left), 30)
        grown = len(acknowledged)
        serve.start()
        until(goes_on)
    stop.set()
    for w in writers:
        w.join()
    assert len(acknowledged) > 50
    lost = [i for i in acknowledged if serve.ask(f"/api/v1/items/{i}", token=token) != 200]
    assert lost == []
    states = dict(line.split() for line in serve.script("settle").splitlines())
    assert len(states) == 60
    assert set(states.values()) <= {"sent", "uncertain"}
    box = mails[0]
    arrived = [m.split(b"Message-ID: <")[1].split(b"@")[0].decode() for m in box.mails]
    assert len(arrived) == len(set(arrived)), "a mail went twice"
    assert {pk for pk, state in states.items() if state == "sent"} <= set(arrived)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
