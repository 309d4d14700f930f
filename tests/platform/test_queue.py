"""Work that breaks does not stop the work behind it, and a person sees it (6.1.3, 4.1.1)."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
import time
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from procrastinate.contrib.django import app

from linbao.core import clock
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.items import hints
from linbao.items.models import Item
from linbao.outbox.models import Notice
from linbao.platform import queue
from linbao.platform.models import JobFault
from linbao.platform.observability import health
from linbao.platform.server import supervise
from linbao.shell import jobs_views
from tests.items.samples import jpeg
from tests.loop import Town, build, town  # noqa: F401

pytestmark = pytest.mark.django_db


def job(
    task: str = "outbox.sweep",
    *,
    status: str = "todo",
    lock: str = "",
    worker: int | None = None,
    attempts: int = 0,
    minutes: float = 0,
) -> int:
    """A job as procrastinate keeps it, deferred `minutes` ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, lock, queueing_lock, worker_id, attempts)"
            " VALUES ('default', %s, %s, %s, %s, %s, %s) RETURNING id",
            [task, status, lock or None, lock or None, worker, attempts],
        )
        number = int(cursor.fetchone()[0])
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - make_interval(mins => %s) WHERE job_id = %s",
            [minutes, number],
        )
    return number


def worker(silent: float) -> int:
    """A worker whose last heartbeat was `silent` seconds ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            (
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()"
                " - make_interval(secs => %s)) RETURNING id"
            ),
            [silent],
        )
        return int(cursor.fetchone()[0])


def states() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, status::text FROM procrastinate_jobs")
        return dict(cursor.fetchall())


@pytest.mark.clause("6.1.3")
def test_a_stalled_periodic_job_does_not_stop_the_recovery_of_others() -> None:
    dead, alive = worker(silent=600), worker(silent=1)
    stalled = job(status="doing", lock="outbox.sweep", worker=dead)
    following = job(lock="outbox.sweep")
    document = job("weekly_reports.make_documents", status="doing", worker=dead)
    orphan = job("weekly_reports.make_documents", status="doing")
    running = job("weekly_reports.make_documents", status="doing", worker=alive)
    queue.recover()
    assert states() == {following: "todo", document: "todo", orphan: "todo", running: "doing"}
    assert stalled not in states()
    queue.recover()
    assert states()[running] == "doing"


@pytest.mark.clause("6.1.3")
def test_a_job_that_kills_its_workers_ends_and_is_seen() -> None:
    number = job("items.read_import", status="doing", worker=worker(silent=600), attempts=queue.DEATHS - 1)
    queue.recover()
    assert states() == {number: "failed"}
    assert JobFault.objects.get(job=number).ended
    assert [t.kind for t in health.troubles() if t.kind.startswith("jobs")] == ["jobs_failed"]


@pytest.mark.clause("6.1.3")
def test_a_job_that_no_worker_knows_is_seen() -> None:
    """A worker of another version has failed it, without running it."""
    number = job("reporting.of_the_next_version", status="failed")
    with pytest.raises(JobFault.DoesNotExist):
        JobFault.objects.get(job=number)
    for _n in range(2):
        queue.note_unseen()
    fault = JobFault.objects.get(job=number)
    assert fault.ended and fault.times == 1
    assert [t.kind for t in health.troubles()].count("jobs_failed") == 1


def test_a_check_that_fails_is_no_all_clear(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECKS", [lambda: 1 / 0, *health.CHECKS])
    assert "check_failed" in [t.kind for t in health.troubles()]
    answer = client.get("/readyz")
    assert answer.status_code == 503 and "check_failed" in answer.json()["troubles"]


def test_one_row_that_fails_leaves_the_others_done() -> None:
    done: list[int] = []

    def act(row: int) -> int:
        if row == 2:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
        done.append(row)
        return 1

    put_off: list[int] = []
    with pytest.raises(queue.Faults):
        queue.each([1, 2, 3], act, otherwise=put_off.append)
    assert (done, put_off) == ([1, 3], [2])
    with pytest.raises(queue.Faults):
        queue.steps(lambda: 1 / 0, lambda: done.append(4))
    assert done == [1, 3, 4]


def test_a_row_that_cannot_even_be_put_off_leaves_the_others_done() -> None:
    done = []

    def act(row: int) -> None:
        if row == 1:
            raise ValueError
        done.append(row)

    with pytest.raises(queue.Faults):
        queue.each([1, 2, 3], act, otherwise=lambda row: 1 / 0)
    assert done == [2, 3]


@pytest.mark.clause("4.1.1")
def test_a_duty_that_cannot_be_told_does_not_keep_the_others_untold(town: Town) -> None:  # noqa: F811
    Obligation.objects.all().delete()
    due = clock.now() - timedelta(minutes=1)
    for n in range(3):
        duties.open_(
            duties.make("inform_progress", unit_id=town.community.pk, owner_id=town.reporter.pk, due_at=due, round=n)
        )
    first = Obligation.objects.order_by("next_at", "pk")[0]
    Obligation.objects.filter(pk=first.pk).update(kind="gone", next_at=due)
    Notice.objects.all().delete()
    with pytest.raises(queue.Faults):
        duties.tick()
    assert Notice.objects.filter(user=town.reporter).count() == 2
    faulty = Obligation.objects.get(pk=first.pk).next_at
    assert faulty is not None and faulty > clock.now()  # later, behind the others
    assert duties.tick() == 0


@pytest.mark.clause("4.3.1")
def test_an_item_that_cannot_be_checked_leaves_the_others_checked(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    bad, good = town.submitted(), town.submitted()
    refresh = hints.refresh
    monkeypatch.setattr(hints, "refresh", lambda items: 1 / 0 if bad in items else refresh(items))
    with pytest.raises(queue.Faults):
        hints.check_marked()
    assert {h.code for h in good.hints.all()} == {"no_photo", "duplicate"}
    assert [h.code for h in bad.hints.all()] == ["broken"]
    assert "自动核查未能完成" in town.browser("reviewer").get(f"/review/{bad.pk}/").content.decode()
    assert hints.check_marked() == 0  # not for ever


@pytest.mark.clause("4.3.1")
def test_an_item_that_kills_its_workers_leaves_the_others_checked(
    town: Town,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, good = town.submitted(), town.submitted()
    refresh = hints.refresh

    def die(items: list[Item]) -> None:
        if bad in items:
            raise SystemExit
        refresh(items)

    monkeypatch.setattr(hints, "refresh", die)
    for _death in range(3):  # with the other, then alone
        with pytest.raises(SystemExit):
            hints.check_marked()
    hints.check_marked()
    assert [h.code for h in bad.hints.all()] == ["broken"]
    assert good.hints.exists() and "broken" not in {h.code for h in good.hints.all()}


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("6.1.3")
def test_a_job_is_retried_its_fault_kept_without_words_and_forgotten_when_it_succeeds() -> None:
    broken = [True]

    @queue.task("tests.breaks")
    def breaks(person: str) -> None:
        if broken[0]:
            raise ValueError(f"{person} 13800000000")

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")  # of tests before
    JobFault.objects.all().delete()
    breaks.defer(person="张三")
    _work()
    (row,) = JobFault.objects.filter(task="tests.breaks")
    assert not row.ended and row.error.startswith("ValueError") and "138" not in row.error and "张三" not in row.error
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, scheduled_at > now() FROM procrastinate_jobs WHERE task_name = 'tests.breaks'"
        )
        assert cursor.fetchall() == [("todo", True)]
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL, attempts = %s", [len(queue.RETRY_AFTER)])
    _work()
    row.refresh_from_db()
    assert row.ended and row.times == 2
    client = _administrator()
    page = client.get("/admin/jobs/").content.decode()
    assert "tests.breaks" in page and "需要处理" in page
    refused = client.post(f"/admin/jobs/{row.pk}/", {"verb": "discard", "reason": "短"})
    assert refused.status_code == 422 and 'value="短"' in refused.content.decode()
    broken[0] = False
    assert client.post(f"/admin/jobs/{row.pk}/", {"verb": "retry"}).status_code == 302
    _work()
    assert not JobFault.objects.filter(task="tests.breaks").exists() and "tests.breaks" not in _waiting()
    del app.tasks["tests.breaks"]


def _work() -> None:
    """What waits is done by a real worker, which then ends."""
    worker, limits = queue.worker_app(), queue.Limits()

    async def work() -> None:
        async with worker.open_async():
            await worker.run_worker_async(
                wait=False, install_signal_handlers=False, delete_jobs="successful", task_middleware=[limits.run]
            )

    asyncio.run(work())


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("4.1.1")
def test_what_a_job_defers_stands_and_falls_with_its_transaction() -> None:
    """A report's document was deferred before the report was committed as sent: the job found nothing to do and
    ended."""
    seen: list[int] = []

    @queue.task("tests.document")
    def document() -> None:
        seen.append(JobFault.objects.filter(key="cause").count())

    @queue.task("tests.causes")
    def causes(fails: bool) -> None:
        with transaction.atomic():
            document.defer()
            time.sleep(0.5)  # the other worker of this process would have begun by now
            JobFault.objects.create(key="cause", task="x", error="x")
            if fails:
                raise ValueError

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")  # of tests before
    causes.defer(fails=True)
    _work()
    assert seen == [] and "tests.document" not in _waiting()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    causes.defer(fails=False)
    _work()
    _work()
    assert seen == [1]
    for name in ("tests.document", "tests.causes"):
        del app.tasks[name]


def _waiting() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo'")
        return [row[0] for row in cursor.fetchall()]


def _administrator() -> Client:
    return build().browser("administrator")


@pytest.mark.clause("6.1.3")
def test_old_jobs_are_told_wherever_somebody_looks(town: Town, client: Client) -> None:  # noqa: F811
    worker(silent=1)
    assert "jobs_old" not in client.get("/readyz").json()["troubles"]
    job("items.check_items", minutes=20)
    entry = client.get("/readyz")
    assert entry.status_code == 503 and entry.json()["troubles"] == ["jobs_old"] and entry.json()["worker"]
    assert 'linbao_troubles{kind="jobs_old"} 1.0' in client.get("/metrics").content.decode()
    administrator = town.browser("administrator")
    for address in ("/", "/admin/jobs/"):
        assert "1 项后台任务等了 10 分钟以上还没有开始" in administrator.get(address).content.decode()
    assert "后台任务等了" not in town.browser("manager").get("/").content.decode()
    assert town.browser("manager").get("/admin/jobs/").status_code == 403
    assert administrator.get("/admin/jobs/export?format=csv").status_code == 200


@pytest.mark.usefixtures("own_files")
@pytest.mark.clause("6.1.3")
def test_a_full_disk_is_told_and_ends_by_itself(
    town: Town,  # noqa: F811
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker(silent=1)
    monkeypatch.setattr(health, "_refused_at", -health.FULL_FOR)  # given back: the next test's disk is not full

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    item = town.submitted()
    reporter = town.browser("reporter")
    reporter.raise_request_exception = False
    photo = SimpleUploadedFile("a.jpg", jpeg())
    moment = time.monotonic()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        refused = reporter.post("/api/v1/attachments", {"item": str(item.pk), "file": photo})
    assert refused.status_code == 507, refused.content
    assert "磁盘已满" in refused.json()["title"] and refused["Retry-After"]
    entry = client.get("/readyz")
    assert entry.status_code == 503 and entry.json()["troubles"] == ["disk_full"]
    monkeypatch.setattr(time, "monotonic", lambda: moment + health.FULL_FOR + 5)
    assert "disk_full" not in client.get("/readyz").json()["troubles"]


@pytest.mark.clause("6.1.3")
def test_every_task_has_a_name_and_a_limit() -> None:
    ours = {n for n in app.tasks if not n.startswith(("procrastinate", "builtin", "tests."))}
    assert ours == set(jobs_views.NAMES)
    assert all(n in queue._limits for n in ours)


@pytest.mark.clause("6.1.3")
def test_a_part_that_was_up_comes_back_at_once_however_often_it_fell() -> None:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    program = f"import socket,time; s=socket.create_server(('127.0.0.1',{port})); time.sleep(600)"
    part = supervise.Part("web", [sys.executable, "-c", program], "127.0.0.1", port)
    try:
        pauses = []
        for _fall in range(6):
            began = time.monotonic()
            while not part.up:
                part.keep()
                time.sleep(0.02)
            pauses.append(time.monotonic() - began)
            assert part.process is not None
            os.kill(part.process.pid, signal.SIGKILL)
            part.process.wait()
            part.keep()
        assert max(pauses) < 2
    finally:
        part.end(0)


@pytest.mark.clause("6.1.3")
def test_a_part_that_cannot_start_is_tried_with_growing_pauses() -> None:
    part = supervise.Part("web", [sys.executable, "-c", "raise SystemExit(1)"], "127.0.0.1", 9)
    starts, until = 0, time.monotonic() + 3
    while time.monotonic() < until:
        starts += part.keep()
        time.sleep(0.01)
    part.end(0)
    assert 2 <= starts <= 4


@pytest.mark.clause("6.1.3")
@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b'{"database": true}'])
def test_serve_waits_on_whatever_stands_where_readiness_is_asked(body: bytes) -> None:
    import http.server
    import threading

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    assert supervise._ready("http", "127.0.0.1", server.server_address[1]) is False
    server.shutdown()


def test_ids_of_rows_are_logged_not_their_words() -> None:
    assert queue.described(ValueError("张三 13800000000")) == "ValueError"
    assert UUID(str(JobFault().pk))
