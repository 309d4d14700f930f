"""`kill -9` at any moment, of any part and of all: nothing acknowledged is lost, nothing is sent twice, `serve`
heals."""

from __future__ import annotations

import http.client
import json
import os
import random
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
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from linbao.platform.server import postgres
from tests.items import samples
from tests.mailbox import Mailbox

KILLS = int(os.environ.get("LINBAO_KILLS", "5"))  # in the gate each part once; on demand 200
PARTS = ("granian", "worker", "postmaster", "supervisor", "everything")
SHORT = len(PARTS) >= KILLS
AUTHORS = 3 if SHORT else 12  # each confirms the reports of so many weeks
WEEKS = 4 if SHORT else 40
SCRIPT = """
import sys, django, json
from datetime import timedelta
django.setup()
from django.db import connection
from linbao.core import clock
from linbao.outbox import sending, services
from linbao.outbox.models import Delivery
if sys.argv[1] == "build":
    from linbao.platform.reference import Reference
    from tests.loop import build
    from linbao.accounts.models import ApiToken
    town = build()
    town.community.mailbox = "dept@example.cn"
    town.community.settings = {**town.community.settings, "weekly_take_back_minutes": int(sys.argv[3])}
    town.community.save()
    for reference in Reference.all.values():
        reference.changed()
    people = [town.reporter, *(town.person(f"author{n}", "reporter", town.grid) for n in range(int(sys.argv[2])))]
    print(json.dumps([ApiToken.make(p, "crash", ["*"])[1] for p in people]))
elif sys.argv[1] == "post":
    for n in range(12):
        key, subject = f"crash:{sys.argv[2]}:{n}", f"{sys.argv[2]} {n}"
        services.post(key=key, channel="mail", recipient="dept@example.cn", subject=subject)
elif sys.argv[1] == "settle":
    Delivery.objects.filter(state="sending").update(next_at=clock.now())
    Delivery.objects.filter(state="waiting").update(next_at=clock.now())
    sending.sweep()
    for pk, state in Delivery.objects.filter(channel="mail").values_list("pk", "state"):
        print(pk, state)
elif sys.argv[1] == "reports":
    from linbao.documents.models import Document
    from linbao.weekly_reports.models import WeeklyReport
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, count(*) FROM procrastinate_jobs WHERE queue_name <> 'periodic' GROUP BY 1")
        jobs = dict(cursor.fetchall())
    sent = WeeklyReport.objects.filter(sent_at__isnull=False)
    print(json.dumps({
        "jobs": jobs,
        "sent": {str(r.pk): r.number for r in sent},
        "documents": [
            str(pk) for pk in Document.objects.filter(subject_id__in=sent).values_list("subject_id", flat=True)
        ],
        "mails": [(str(pk), str(report)) for pk, report in Delivery.objects.filter(channel="mail", subject_id__in=sent)
                  .values_list("pk", "subject_id")],
    }))
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
        with open(self.folder / "stderr", "ab") as raised:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "linbao", "serve", "--port", str(self.port)],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=raised,
                text=True,
                cwd=self.folder,
            )
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("ready"):
                threading.Thread(target=self.process.stdout.read, daemon=True).start()
                return time.monotonic() - began
        last = (self.folder / "stderr").read_text(errors="replace")[-2000:]
        raise AssertionError(f"serve ended with {self.process.wait()}: {last}")

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
        below, rows = {self.process.pid}, []
        while True:
            more = {p for p, parent in parents.items() if parent in below} - below
            if not more:
                break
            below |= more
        rows = [p for p in below if words in commands.get(p, "") and p != self.process.pid]
        return rows

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
            [sys.executable, "-c", SCRIPT, *arguments],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parent.parent.parent,
        ).stdout

    def ask(self, path: str, body: dict[str, Any] | None = None, token: str = "") -> int:
        return self.answer(path, body, token)[0]

    def answer(self, path: str, body: dict[str, Any] | bytes | None, token: str) -> tuple[int, Any]:
        """Status and JSON of the answer; `bytes` are sent as a photo in a form. Status 0: there was no answer."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if isinstance(body, dict) else None
        if isinstance(body, bytes):
            path, _, item = path.partition("?item=")
            edge = uuid.uuid4().hex
            headers["Content-Type"] = f"multipart/form-data; boundary={edge}"
            part = f"--{edge}\r\nContent-Disposition: form-data; name="
            data = (
                (
                    f'{part}"item"\r\n\r\n{item}\r\n{part}"file"; filename="1.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
                ).encode()
                + body
                + f"\r\n--{edge}--\r\n".encode()
            )
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read()
                return int(answer.status), json.loads(text) if text[:1] == b"{" else None
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, None


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
@pytest.mark.clause("4.1.1")
@pytest.mark.timeout(600 if SHORT else 0)
def test_whatever_is_killed_nothing_acknowledged_is_lost_and_no_mail_goes_twice(
    serve: Serve, mails: tuple[Mailbox, int], stop: threading.Event, capsys: pytest.CaptureFixture[str]
) -> None:
    """Items, photos and confirmed weekly reports under `KILLS` kills; then every mail and every job to its end.

    Every acknowledged item and photo is there; every confirmed report is sent, has its one document and its one mail.
    A mail whose delivery was cut off between handing over and noting it is `uncertain`: a person decides about it, it
    is never sent again by itself.
    """
    serve.start()
    token, *authors = json.loads(serve.script("build", str(AUTHORS), "0" if SHORT else "1"))
    acknowledged: list[str] = []
    photos: dict[str, str] = {}  # photo: its item
    confirmed: dict[str, str] = {}  # report: the week that it is of

    def insist(path: str, body: dict[str, Any] | bytes | None, token: str) -> dict[str, Any] | None:
        """The phone's queue: the same again until there is an answer."""
        while not stop.is_set():
            status, answer = serve.answer(path, body, token)
            if status in (200, 201):
                result: dict[str, Any] = answer
                return result
            assert status in (0, 429, 502, 503, 507) or status >= 500, (path, status, answer)
            time.sleep(0.1)
        return None

    def reporter(n: int) -> None:
        while not stop.is_set():
            item = str(uuid.uuid4())
            if insist("/api/v1/items", {"id": item, "category": "sanitation", "title": f"第{n}条"}, token) is None:
                return
            acknowledged.append(item)
            if len(acknowledged) % 5 == 0:
                photo = insist(f"/api/v1/attachments?item={item}", samples.jpeg(), token)
                if photo:
                    photos[photo["id"]] = item
            time.sleep(0.1)

    def author(token: str) -> None:
        monday = date.today() - timedelta(days=date.today().weekday())
        for n in range(WEEKS, 0, -1):
            week = str(monday - timedelta(days=7 * n))
            report = insist("/api/v1/weekly-reports", {"week": week}, token)
            reasons = {"nil_reason": "本周没有收到信息。", "reason": "上周停电，补报。"}
            if report and insist(f"/api/v1/weekly-reports/{report['id']}/confirm", reasons, token):
                confirmed[report["id"]] = week
            time.sleep(0.2)

    writers = [threading.Thread(target=reporter, args=[n], daemon=True) for n in range(3)]
    writers += [threading.Thread(target=author, args=[t], daemon=True) for t in authors]
    for w in writers:
        w.start()
    grown = 0

    def goes_on() -> bool:
        return len(acknowledged) > grown + 5 and serve.ask("/readyz") == 200

    chance = random.Random(KILLS)
    killed: Counter[str] = Counter()
    longest = 0.0
    for turn in range(KILLS):
        part = PARTS[turn % len(PARTS)]
        serve.script("post", f"{part}{turn}")
        time.sleep(chance.uniform(0.1, 0.8))
        grown = len(acknowledged)
        began = time.monotonic()
        if part in ("granian", "worker"):
            assert serve.children(part)
            serve.kill(*serve.children(part))
        elif part == "postmaster":
            serve.kill(postgres.pid(serve.folder / "postgres"))
        else:
            assert serve.process
            below = serve.children("")
            serve.kill(serve.process.pid, *(below if part == "everything" else []))
            if part == "everything":
                serve.kill(postgres.pid(serve.folder / "postgres"))
            serve.process.wait()
            # What stood below ends by itself: no web server stays behind on the port.
            until(lambda left=below: not any(Path(f"/proc/{p}").exists() and _alive(p) for p in left), 30)
            grown = len(acknowledged)
            serve.start()
        until(goes_on)
        killed[part] += 1
        longest = max(longest, time.monotonic() - began)
    until(lambda: not any(w.is_alive() for w in writers[3:]), 600)
    stop.set()
    for w in writers:
        w.join()
    assert len(acknowledged) > 50
    stored = {i: serve.answer(f"/api/v1/items/{i}", None, token) for i in acknowledged}
    assert [i for i, (status, _item) in stored.items() if status != 200] == []
    assert [p for p, i in photos.items() if p not in {a["id"] for a in stored[i][1]["attachments"]}] == []

    def ended() -> bool:
        """Nothing is left to do: sent is what was confirmed, and no job waits or runs."""
        serve.script("settle")
        report = json.loads(serve.script("reports"))
        busy = report["jobs"].get("todo", 0) + report["jobs"].get("doing", 0)
        return not busy and set(report["sent"]) == set(confirmed) == set(report["documents"])

    until(ended, 120 if SHORT else 1200)
    states = dict(line.split() for line in serve.script("settle").splitlines())
    report = json.loads(serve.script("reports"))
    assert set(states.values()) <= {"sent", "uncertain"}
    assert report["jobs"].get("failed", 0) == 0
    assert sorted(report["documents"]) == sorted(confirmed), "each report has one document"
    assert sorted(r for _pk, r in report["mails"]) == sorted(confirmed), "each report has one mail"
    assert len(set(report["sent"].values())) == len(confirmed), "a number was given twice"
    box = mails[0]
    arrived = [m.split(b"Message-ID: <")[1].split(b"@")[0].decode() for m in box.mails]
    assert len(arrived) == len(set(arrived)), "a mail went twice"
    assert {pk for pk, state in states.items() if state == "sent"} <= set(arrived)
    with capsys.disabled():
        print(
            f"\n{sum(killed.values())} kills {dict(killed)}, longest until all went on {longest:.1f} s;"
            f" {len(acknowledged)} items, {len(photos)} photos, {len(confirmed)} weekly reports, {len(states)} mails:"
            f" {dict(Counter(states.values()))}, {len(arrived)} arrived; jobs {report['jobs']}"
        )


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
