"""The real product (`linbao serve`) with strangers at its door: memory, answer time and processes are watched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from linbao.platform.server import postgres, supervise
from tests.crash.test_kill import Serve

ROOT = Path(__file__).parent.parent.parent
MOST_MB = 700  # of each process
LONGEST = 1.0  # seconds for /healthz, whatever else is asked
REPORTERS = ("reporter", "reporter2", "reporter3", "reporter4")
TELL = """
import django, json, sys
django.setup()
from datetime import datetime
from django.conf import settings
from tests.loop import Town, build, proven
from linbao.accounts.models import ApiToken
from linbao.organisation.models import RoleGrant, Unit, User
settings.ALLOWED_HOSTS.append("testserver")
if not Unit.objects.exists():
    build()
people = {u.username: u for u in User.objects.all()}
for name in sys.argv[1:]:
    if name not in people:
        people[name] = User.objects.create(username=name, name=name)
        grid = Unit.objects.get(kind="grid")
        RoleGrant.objects.create(user=people[name], role="reporter", unit=grid, starts=datetime(2026, 1, 1))
told = {"community": str(Unit.objects.get(code="510104017003").pk)}
for name in sys.argv[1:]:
    told[name] = ApiToken.make(people[name], "hostile", ["*"])[1]
town = Town(None, None, None, None, None, people)
told["cookie"] = town.browser("manager").cookies[settings.SESSION_COOKIE_NAME].value
told["session"] = settings.SESSION_COOKIE_NAME
print(json.dumps(told))
"""
WATCH = """
import http.client, sys, time
slowest = 0.0
while True:
    began = time.monotonic()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
        connection.request("GET", "/healthz")
        good = connection.getresponse().status == 200
        connection.close()
    except OSError:
        good = False
    took = time.monotonic() - began if good else 30.0
    if took > slowest:
        slowest = took
        print(slowest, flush=True)
    time.sleep(0.05)
"""


@dataclass
class Answered:
    """`seconds` until the whole answer was there; `status` 0: there was none."""

    status: int
    seconds: float
    body: str = ""
    url: str = ""


@dataclass
class Live:
    """The running product, and what was seen of it."""

    serve: Serve
    told: dict[str, str]
    slowest: float = 0.0
    largest: dict[int, tuple[int, str]] = field(default_factory=dict)  # process: MB, what it runs
    together: int = 0  # MB of all our processes at one moment, shared pages counted once

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.serve.port}"

    def item(self, name: str = "reporter") -> str:
        """A draft of this person's."""
        id_ = str(uuid.uuid4())
        body = json.dumps({"id": id_, "category": "sanitation", "title": "照片试验"}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.told[name]}"}
        assert self.ask("/api/v1/items", body, headers).status in (200, 201)
        return id_

    def attach(self, data: bytes, name: str, item: str, who: str = "reporter") -> Answered:
        return self.post("/api/v1/attachments", {"item": item}, {"file": (name, data)}, who=who)

    def post(
        self, path: str, fields: dict[str, str], files: dict[str, tuple[str, bytes]], *, who: str = ""
    ) -> Answered:
        """As a form with files; `who` by token, else as the manager's browser."""
        edge, body = uuid.uuid4().hex, b""
        if not who:
            fields = fields | {"csrfmiddlewaretoken": "a" * 32}
        for key, value in fields.items():
            body += f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, (name, data) in files.items():
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{key}"; filename="{name}"\r\n\r\n'
            body += head.encode() + data + b"\r\n"
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        if who:
            headers["Authorization"] = f"Bearer {self.told[who]}"
        else:
            headers["Cookie"] = f"{self.told['session']}={self.told['cookie']}; csrftoken={'a' * 32}"
            headers["Origin"] = self.base
        return self.ask(path, body + f"--{edge}--\r\n".encode(), headers)

    def page(self, path: str) -> Answered:
        return self.ask(path, None, {"Cookie": f"{self.told['session']}={self.told['cookie']}"})

    def ask(self, path: str, body: bytes | None, headers: dict[str, str], timeout: float = 120) -> Answered:
        request = urllib.request.Request(f"{self.base}{path}", data=body, headers=headers)
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                message = answer.read().decode("utf-8", "replace")
                return Answered(answer.status, time.monotonic() - began, message, answer.url)
        except urllib.error.HTTPError as e:
            return Answered(e.code, time.monotonic() - began, e.read().decode("utf-8", "replace"))
        except OSError as e:
            return Answered(0, time.monotonic() - began, str(e))

    def own(self) -> list[int]:
        """Our processes: web, worker, the box."""
        return self.serve.children("granian") + self.serve.children("linbao worker") + self.serve.children("boxed")

    def weigh(self, stop: threading.Event) -> None:
        while not stop.is_set():
            sum_ = 0
            for pid in self.own():
                try:
                    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                    command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
                except OSError:
                    continue
                sizes = {line.split(":")[0]: int(line.split()[1]) // 1000 for line in lines[1:]}
                sum_ += sizes.get("Pss", 0)
                if sizes.get("Rss", 0) > self.largest.get(pid, (0, ""))[0]:
                    self.largest[pid] = (sizes["Rss"], command[-80:])
            self.together = max(self.together, sum_)
            stop.wait(0.02)


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    # Kept between runs, in the checkout's own folder: the schema takes longer than the tests.
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")  # each process that shares the tests has its own
    folder = ROOT / ".venv" / "test-serve" / f"{supervise.migrations_digest()[:12]}{worker}"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    serve = Serve(folder, 9)
    serve.start()
    try:
        environment = serve.environment | {"LINBAO_DATABASE_URL": postgres.url(folder / "postgres")}
        message = subprocess.run(
            [sys.executable, "-c", TELL, *REPORTERS],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        yield Live(serve, json.loads(message.stdout))
    finally:
        serve.end()


@pytest.fixture
def watched(live: Live) -> Iterator[Live]:
    """Whatever the test does: no main process is lost, none grows beyond 700 MB, /healthz answers within a second."""
    before = {*live.serve.children("granian"), *live.serve.children("linbao worker")}
    live.slowest, live.together, live.largest = 0.0, 0, {}
    stop = threading.Event()
    scales = threading.Thread(target=live.weigh, args=[stop], daemon=True)
    scales.start()
    # In a process of its own: what the test itself makes and sends must not slow its watch.
    watch = subprocess.Popen([sys.executable, "-c", WATCH, str(live.serve.port)], stdout=subprocess.PIPE, text=True)
    assert watch.stdout is not None
    first = watch.stdout.readline()
    yield live
    stop.set()
    scales.join(40)
    watch.terminate()
    live.slowest = float([first, *watch.stdout.read().split()][-1])
    largest = max(live.largest.values(), default=(0, ""))
    print(f"\nhealthz {live.slowest:.2f} s, largest {largest}, together {live.together} MB")
    assert {*live.serve.children("granian"), *live.serve.children("linbao worker")} == before
    assert live.slowest <= LONGEST
    assert largest[0] <= MOST_MB, largest


def settle(live: Live, url: str, seconds: float = 60) -> str:
    """The page of an import once its job is done."""
    end = time.monotonic() + seconds
    while True:
        message: Any = live.page(url).body
        if "hx-trigger" not in message:
            return str(message)
        assert time.monotonic() < end, message[-2000:]
        time.sleep(0.3)
