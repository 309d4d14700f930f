"""`linbao bench http` and `bench storm`: the product as people run it, through `linbao serve` and real connections.

CPU ms are those of all processes that a request sets to work, the jobs that it leaves behind included: the second
reading is taken when the queue is empty again.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection

from linbao.accounts.models import ApiToken
from linbao.core import clock
from linbao.handling import links
from linbao.items.models import Item
from linbao.organisation.models import Role, RoleGrant, User
from linbao.outbox.models import Channel, Delivery
from linbao.platform import queue
from linbao.weekly_reports.models import WeeklyReport

CONNECTIONS = (1, 4, 16)
CHANNEL = "bench robot"
PASSWORD = "linbao-bench-2026"
LIMITS = "address=1000000,token=1000000,account=1000000,refused=1000000,public=1000000"  # this is one machine's load
STARTED_WITHIN, DRAINED_WITHIN = 120.0, 600.0  # seconds
# Items a second: a city's 20 million a year in its working hours, times ten (domain.md §8).
STORM = 10 * 20_000_000 / (250 * 8 * 3600)
_TICKS = os.sysconf("SC_CLK_TCK")


class DoesNotServe(Exception):
    """The server that is measured did not start, stopped, or answered what it must not."""


@dataclass(frozen=True)
class Request:
    """One request, and the statuses that are right for it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None
    status: tuple[int, ...] = (200,)


class Server:
    """`linbao serve` as a process of its own. Context manager: it and all it started have ended afterwards."""

    def __init__(self, **environment: str) -> None:
        self.port = _free_port()
        self._environment = os.environ | {"LINBAO_RATE_LIMITS": LIMITS} | environment

    def __enter__(self) -> Server:
        began = time.monotonic()
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "linbao", "serve", "--port", str(self.port)],
            env={k: v for k, v in self._environment.items() if v},
            stdout=subprocess.DEVNULL,
            stderr=self.log,
            start_new_session=True,
        )
        try:
            while not self._answers():
                if self.process.poll() is not None or time.monotonic() - began > STARTED_WITHIN:
                    raise DoesNotServe(f"linbao serve does not start: {self._last_words()}")
                time.sleep(0.02)
        except BaseException:
            self.__exit__()
            raise
        self.seconds = time.monotonic() - began
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.log.close()

    def _answers(self) -> bool:
        try:
            line = HTTPConnection("127.0.0.1", self.port, timeout=5)
            line.request("GET", "/accounts/login/")
            return line.getresponse().status == 200
        except OSError:
            return False

    def _last_words(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-400:]

    def line(self) -> HTTPConnection:
        """A connection that stays open."""
        return HTTPConnection("127.0.0.1", self.port, timeout=60)

    def send(self, requests: Sequence[Request], connections: int) -> tuple[list[float], list[bytes]]:
        """Send all over `connections` that stay open; the ms that each took, and the answers. Raises `DoesNotServe`
        when one is not answered as it should be."""
        walls: list[float] = []
        answers: list[bytes] = []
        faults: list[str] = []
        one = threading.Lock()
        left = iter(requests)

        def sender() -> None:
            line = self.line()
            try:
                while not faults:
                    with one:
                        asked = next(left, None)
                    if asked is None:
                        return
                    began = time.perf_counter()
                    content = _ask(line, asked)
                    with one:
                        walls.append((time.perf_counter() - began) * 1000)
                        answers.append(content)
            except DoesNotServe as e:
                faults.append(str(e))
            finally:
                line.close()

        threads = [threading.Thread(target=sender, daemon=True) for _n in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults or len(walls) < len(requests):
            raise DoesNotServe(faults[0] if faults else f"{len(walls)} of {len(requests)} answered")
        return walls, answers

    def cpu(self, postmaster: int) -> dict[str, float]:
        """CPU seconds so far: of the web and worker processes with all that they started, and of PostgreSQL."""
        kinds = self._processes(postmaster)
        return {kind: cpu_seconds(pids) for kind, pids in kinds.items()}

    def memory(self, postmaster: int) -> dict[str, float]:
        """MB now, what processes share counted once (PSS)."""
        kinds = self._processes(postmaster)
        return {kind: round(sum(map(_megabytes, pids)), 1) for kind, pids in kinds.items()}

    def _processes(self, postmaster: int) -> dict[str, set[int]]:
        served = family(self.process.pid)
        worker = {pid for first in served if _is_worker(first) for pid in family(first)}
        return {"web": served - worker, "worker": worker, "postgres": family(postmaster)}


def http(bench: Any) -> None:
    """Every piece of work of the speed table, one line each, at 1, 4 and 16 connections where several come at once."""
    _starts()
    with Server() as server:
        measured = _Measured(bench, server)
        for connections in CONNECTIONS:
            measured.tell("create", measured.creates(), bench.times, connections)
        reviewer, reporter = _session(server, "scale-reviewer"), _session(server, "scale-reporter")
        pages = bench._pages(bench.client(), "scale-reviewer", {})
        token = _bearer(bench, "scale-reviewer")
        for name, query in (("list-first", pages[0]), ("list-deep", pages[-1])):
            for connections in CONNECTIONS:
                asked = Request("GET", f"/api/v1/items?{urlencode(query)}", token)
                measured.tell(name, itertools.repeat(asked), bench.times, connections)
        item = Item.objects.filter(reporter=bench.people["scale-reporter"], channel="api").order_by("-pk")[0]
        row = links.link_of(bench.people["scale-reporter"], item.pk)
        for name, path, headers in (
            ("archive", "/archive/", reviewer),
            ("search", f"/archive/?{urlencode({'q': '垃圾'})}", reviewer),
            ("review-queue", "/review/", reviewer),
            ("today", "/", reporter),
            ("resident", f"/r/{row.token}", {}),
        ):
            for connections in CONNECTIONS:
                measured.tell(name, itertools.repeat(Request("GET", path, headers)), bench.times, connections)
        measured.tell("sign-in", _sign_ins(server), min(40, bench.times), 1, each=2)
        weeks = min(20, bench.times)
        measured.tell("weekly-report", measured.weeks(weeks), weeks, 1, then=_send_weeks)
        memory = server.memory(bench.postmaster)
        _print({"bench": "http", "work": "memory", "mb": memory, "mb_all": round(sum(memory.values()), 1)})


def storm(bench: Any) -> None:
    """A storm day over HTTP for `--minutes`, `--rate` items a second (`STORM` unless told), an emergency each second
    between: what was acknowledged and lost, how long the queue grew, how fast it emptied, how long alarms took."""
    rate, seconds = bench.rate or STORM, bench.minutes * 60
    with _robots(bench), Server(LINBAO_NOTIFY_HOSTS="127.0.0.1") as server:
        measured = _Measured(bench, server)
        token = _bearer(bench, "scale-reporter")
        acknowledged: list[str] = []
        alarms: list[str] = []
        faults: list[str] = []
        backlog = [0]
        # Made here: senders have no database.
        left = enumerate(list(itertools.islice(measured.creates(), int(rate * seconds))))
        one = threading.Lock()
        ends = time.monotonic() + seconds
        began = time.monotonic()

        def file() -> None:
            line = server.line()
            while time.monotonic() < ends and not faults:
                with one:
                    turn, asked = next(left, (0, None))
                if asked is None:
                    return
                time.sleep(max(0.0, began + turn / rate - time.monotonic()))
                _keep(line, asked, acknowledged, faults)

        def call() -> None:
            line = server.line()
            for n in itertools.count():
                time.sleep(max(0.0, began + n - time.monotonic()))
                if time.monotonic() >= ends or faults:
                    return
                asked = _json("POST", "/api/v1/emergencies", token, {"kind": "fire", "place": f"{n}号楼"})
                _keep(line, asked, alarms, faults)

        threads = [threading.Thread(target=file, daemon=True) for _n in range(16)]
        threads.append(threading.Thread(target=call, daemon=True))
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            backlog.append(waiting())
            time.sleep(0.5)
        filled = time.monotonic() - began
        drained = measured.drain()
        if faults:
            raise DoesNotServe(faults[0])
        there = {str(pk) for pk in Item.objects.filter(pk__in=acknowledged).values_list("pk", flat=True)}
        rows = Delivery.objects.filter(subject_id__in=alarms, channel="channel", sent_at__isnull=False)
        sent = list(rows.values_list("subject_id", "created_at", "sent_at"))
        waits = sorted((at - made).total_seconds() for _alarm, made, at in sent if at)
        silent = len(set(alarms) - {str(alarm) for alarm, _made, _at in sent})
        lost = len(set(acknowledged) - there)
        _print(
            {
                "bench": "storm",
                "seconds": round(filled, 1),
                "asked_a_second": round(rate, 1),
                "acknowledged": len(acknowledged),
                "a_second": round(len(acknowledged) / filled, 1),
                "lost": lost,
                "largest_backlog": max(backlog),
                "drained_s": round(drained, 1),
                "alarms": len(alarms),
                "alarms_not_handed_over": silent,
                "alarm_p50_s": _part(waits, 0.5),
                "alarm_p99_s": _part(waits, 0.99),
            }
        )
        if lost or silent:
            raise DoesNotServe(f"{lost} items lost, {silent} alarms not handed over")


class _Measured:
    """A server beside the readings of its processes."""

    def __init__(self, bench: Any, server: Server) -> None:
        self.bench, self.server = bench, server

    def tell(
        self,
        work: str,
        requests: Iterator[Request],
        times: int,
        connections: int,
        each: int = 1,
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """Send, wait until nothing is queued, print what it cost. `each`: requests that one piece of work takes;
        `then` follows the last one."""
        asked = list(itertools.islice(requests, times * each))  # made here: senders have no database
        self.drain()
        before, written, jobs = self.server.cpu(self.bench.postmaster), *self._counts()
        began = time.monotonic()
        walls, _answers = self.server.send(asked, connections)
        seconds = time.monotonic() - began
        then()
        self.drain()
        after, written_after, jobs_after = self.server.cpu(self.bench.postmaster), *self._counts()
        cpu = {kind: round((after[kind] - before[kind]) * 1000 / times, 2) for kind in before}
        total = round(sum(cpu.values()), 2)
        floor = self.bench.floor_cpu_ms
        walls.sort()
        _print(
            {
                "bench": "http",
                "work": work,
                "items": self.bench.items,
                "connections": connections,
                "times": times,
                "a_second": round(times / seconds, 1),
                "p50_ms": _part(walls, 0.5),
                "p95_ms": _part(walls, 0.95),
                "cpu_ms": cpu,
                "cpu_ms_all": total,
                "floor_cpu_ms": floor,
                "ratio": round(total / floor, 1) if floor else None,
                "writing_transactions": round((written_after - written) / times, 2),
                "jobs": round((jobs_after - jobs) / times, 2),
            }
        )

    def drain(self) -> float:
        """Wait until no job is left that may begin; seconds. Raises `DoesNotServe` when the queue does not empty."""
        began = time.monotonic()
        while waiting():
            if time.monotonic() - began > DRAINED_WITHIN:
                raise DoesNotServe("the queue does not empty")
            time.sleep(0.1)
        return time.monotonic() - began

    def _counts(self) -> tuple[int, int]:
        """Transactions that wrote (savepoints that wrote among them), and jobs, since the database was made."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,"
                " (SELECT last_value FROM procrastinate_jobs_id_seq)"
            )
            written, jobs = cursor.fetchone()
        return int(written), int(jobs)

    def creates(self) -> Iterator[Request]:
        """Items as a reporter's phone sends them."""
        token = _bearer(self.bench, "scale-reporter")
        while True:
            yield _json("POST", "/api/v1/items", token, self.bench.body(), status=(201,))

    def weeks(self, most: int) -> Iterator[Request]:
        """The confirmation of a week by each of `most` reporters; assembled beforehand, its documents are jobs."""
        monday = clock.monday(clock.today())
        holders = RoleGrant.objects.current().filter(role=Role.REPORTER).values("user")
        people = User.objects.filter(pk__in=holders).exclude(username="scale-reporter").order_by("pk")[:most]
        WeeklyReport.objects.filter(reporter__in=list(people), week=monday).delete()
        for person in people:
            token = {"Authorization": f"Bearer {ApiToken.make(person, 'bench', ['*'])[1]}"}
            asked = _json("POST", "/api/v1/weekly-reports", token, {"week": monday.isoformat()}, status=(200, 201))
            _walls, (made,) = self.server.send([asked], 1)
            path = f"/api/v1/weekly-reports/{json.loads(made)['id']}/confirm"
            yield _json("POST", path, token, {"nil_reason": "本周参加培训", "reason": "测速"})


class _Robot(BaseHTTPRequestHandler):
    """Stands where a group's robot would, and says yes to everything."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def _robots(bench: Any) -> Iterator[None]:
    """Channels of the first community, each with a group's robot on this machine at its other end."""
    home = min(bench.people["scale-reporter"].rights.communities(Role.REPORTER), key=str)
    Channel.objects.filter(name__startswith=CHANNEL).delete()  # of a run that was cut off
    robot = ThreadingHTTPServer(("127.0.0.1", 0), _Robot)
    threading.Thread(target=robot.serve_forever, daemon=True).start()
    channels = [
        Channel.objects.create(
            unit_id=home,
            name=f"{CHANNEL} {n}",
            kind="webhook",
            address=f"json://127.0.0.1:{robot.server_address[1]}/{n}",
        )
        for n in range(2)
    ]
    try:
        yield
    finally:
        robot.shutdown()
        Channel.objects.filter(pk__in=[c.pk for c in channels]).delete()


def _send_weeks() -> None:
    """The minutes of take-back are over: the worker numbers, makes and mails the reports (4.1.1)."""
    WeeklyReport.objects.to_send().update(confirmed_at=clock.now() - timedelta(hours=1))
    queue.defer("weekly_reports.send_due", timestamp=0)


def waiting() -> int:
    """Jobs that run, or could."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' OR status = 'todo'"
            " AND (scheduled_at IS NULL OR scheduled_at < now() + interval '10 seconds')"
        )
        return int(cursor.fetchone()[0])


def _starts() -> None:
    """Seconds from the command to the first page, on an empty data folder and on the same one again."""
    with tempfile.TemporaryDirectory(prefix="linbao-bench-") as folder:
        os.chmod(folder, 0o755)  # the database's own user goes through it
        for work in ("first-start", "start"):
            with Server(LINBAO_DATA_DIR=folder, LINBAO_DATABASE_URL="") as server:
                _print({"bench": "http", "work": work, "seconds": round(server.seconds, 2)})


def _sign_ins(server: Server, username: str = "scale-reporter") -> Iterator[Request]:
    """The form and its sending, one after the other."""
    User.objects.filter(username=username).update(password=make_password(PASSWORD))
    while True:
        line = server.line()
        line.request("GET", "/accounts/login/")
        cookie = _cookie(line.getresponse(), settings.CSRF_COOKIE_NAME)
        line.close()
        form = {"login": username, "password": PASSWORD, "csrfmiddlewaretoken": cookie.partition("=")[2]}
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        yield Request("GET", "/accounts/login/", {})
        yield Request("POST", "/accounts/login/", headers, urlencode(form).encode(), (302,))


def _session(server: Server, username: str) -> dict[str, str]:
    """The cookie of somebody who has signed in."""
    asked = next(r for r in _sign_ins(server, username) if r.method == "POST")
    line = server.line()
    line.request(asked.method, asked.path, body=asked.body, headers=dict(asked.headers))
    cookie = _cookie(line.getresponse(), settings.SESSION_COOKIE_NAME)
    line.close()
    return {"Cookie": cookie}


def _cookie(answer: HTTPResponse, name: str) -> str:
    """`name=value` as the answer sets it. Raises `DoesNotServe` when it does not."""
    for header in answer.msg.get_all("Set-Cookie") or ():
        if header.startswith(f"{name}="):
            return str(header).partition(";")[0]
    raise DoesNotServe(f"no cookie {name}: {answer.status}")


def _json(
    method: str, path: str, headers: Mapping[str, str], body: Any, status: tuple[int, ...] = (200, 201)
) -> Request:
    content = json.dumps(body, ensure_ascii=False, default=str).encode()
    return Request(method, path, {**headers, "Content-Type": "application/json"}, content, status)


def _ask(line: HTTPConnection, asked: Request) -> bytes:
    """What is answered. Raises `DoesNotServe` for another status than those that are right."""
    try:
        line.request(asked.method, asked.path, body=asked.body, headers=dict(asked.headers))
        answer = line.getresponse()
        content = answer.read()
    except (OSError, HTTPException) as e:
        raise DoesNotServe(type(e).__name__) from e
    if answer.status not in asked.status:
        raise DoesNotServe(f"{asked.method} {asked.path.partition('?')[0]}: {answer.status}")
    return content


def _keep(line: HTTPConnection, asked: Request, acknowledged: list[str], faults: list[str]) -> None:
    """Send, and keep the id of what was acknowledged."""
    try:
        acknowledged.append(json.loads(_ask(line, asked))["id"])
    except DoesNotServe as e:
        faults.append(str(e))


def _bearer(bench: Any, username: str) -> dict[str, str]:
    return {"Authorization": bench.headers[username]["HTTP_AUTHORIZATION"]}


def family(first: int) -> set[int]:
    """The process `first` and all that it started and they did, as far as they live."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(entry.name)):
            parents[int(entry.name)] = int(fields[1])
    members = {first} & parents.keys()
    while more := {pid for pid, parent in parents.items() if parent in members} - members:
        members |= more
    return members


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes so far, that of their ended children included."""
    return sum(int(ticks) for pid in pids for ticks in _stat(pid)[11:15]) / _TICKS


def _stat(pid: int) -> Sequence[str]:
    """The fields of /proc/PID/stat from the state on; none for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ()


def _megabytes(pid: int) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return int(rollup.partition("\nPss:")[2].split()[0]) / 1024


def _is_worker(pid: int) -> bool:
    try:
        return b"linbao\0worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _part(sorted_values: Sequence[float], share: float) -> float | None:
    if not sorted_values:
        return None
    return round(sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))], 2)


def _print(figure: Mapping[str, Any]) -> None:
    print(json.dumps(figure, ensure_ascii=False), flush=True)
