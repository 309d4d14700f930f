"""Jobs: how they are declared, retried, limited in time, recovered and shown when they fail (design §6).

Work that breaks must not stop the work behind it:

- a `task` is retried after `RETRY_AFTER`; when none of these is left its job stays `failed`, until an administrator
  decides on `/admin/jobs/`;
- a `periodic` task is not retried, its next turn does its work; what breaks stands in `JobFault` until a turn succeeds;
- `each` and `steps` give every row and every step its own transaction and its own failure;
- `recover` puts back what a dead worker left, one job at a time; `Limits` ends a worker whose job does not end.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from linbao.core import clock, ids
from linbao.platform.models import JobFault

log = structlog.get_logger("linbao.queue")
Row = TypeVar("Row")
Function = TypeVar("Function", bound=Callable[..., Any])

RETRY_AFTER = (5, 30, 120, 600, 1800, 3600, 3600, 3600, 3600, 3600, 3600)  # seconds; about seven hours in all
SILENT = 30  # seconds without a heartbeat after which a worker counts as dead
DEATHS = 5  # attempts after which a job whose worker died once more is not given to another
MINUTES = 10  # that a job may take, where its task does not say another number

_limits: dict[str, float] = {}  # task → seconds
_periodic: set[str] = set()
_WAITING = "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'"


class Faults(Exception):
    """Some rows or steps failed; the others were done. Each is in the log; `__cause__` is the first."""


# --- declaring ------------------------------------------------------------------------------------


class Backoff(BaseRetryStrategy):
    """Growing pauses (`RETRY_AFTER`); then the job has failed."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if job.attempts >= len(RETRY_AFTER):
            return None
        return RetryDecision(retry_in={"seconds": RETRY_AFTER[job.attempts]})


def task(
    name: str,
    *,
    queue: str = "default",
    priority: int = 0,
    lock: str | None = None,
    queueing_lock: str | None = None,
    retried: bool = True,
    minutes: int = MINUTES,
) -> Callable[[Function], Any]:
    """Declare a task: retried after `RETRY_AFTER` unless told otherwise, its worker ended when one run takes longer
    than `minutes`."""
    assert not (retried and queueing_lock), "its retry could not be queued beside the next"
    _limits[name] = minutes * 60.0
    retry = Backoff() if retried else False
    return app.task(name=name, queue=queue, priority=priority, lock=lock, queueing_lock=queueing_lock, retry=retry)


def periodic(
    cron: str, name: str, *, queue: str = "default", lock: str | None = None, minutes: int = MINUTES
) -> Callable[[Function], Any]:
    """Declare a task that runs at the times of `cron` (UTC), never twice at once. `lock`: the name under which it takes
    turns with others, its own unless given."""
    _limits[name] = minutes * 60.0
    _periodic.add(name)

    def declare(function: Function) -> Any:
        made = app.task(name=name, queue=queue, lock=lock or name, queueing_lock=name)(function)
        return app.periodic(cron=cron)(made)

    return declare


def defer(name: str, *, wait: float = 0, ahead: bool = False, **arguments: Any) -> None:
    """Queue the task `name` ("room.function") within the transaction at hand: it begins once that is committed.

    `arguments` are the task's own, UUIDs become text. `wait`: seconds until it may begin. `ahead`: by the queue of
    alarms, before everything else. Where the task has one job at a time and that waits already, nothing is queued.
    Raises `TaskNotFound` for a name that no `tasks` module declares.
    """
    options: dict[str, Any] = {"schedule_in": {"seconds": wait}} if wait else {}
    if ahead:
        options |= {"queue": "alarms", "priority": 100}
    plain = {key: str(value) if isinstance(value, UUID) else value for key, value in arguments.items()}
    task = app.configure_task(name, allow_unknown=False, **options)
    if task.job.queueing_lock is None:
        task.defer(**plain)
        return
    with connection.cursor() as cursor:  # cheaper than a refusal, and it wakes no worker
        cursor.execute(_WAITING, [task.job.queueing_lock])
        if cursor.fetchone() is not None:
            return
    with suppress(AlreadyEnqueued), transaction.atomic():  # the refusal must not break the caller's transaction
        task.defer(**plain)


def limit(name: str) -> timedelta:
    """How long one run of a task may take."""
    return timedelta(seconds=_limits.get(name, MINUTES * 60.0))


# --- rows and steps -------------------------------------------------------------------------------


def each(
    rows: Iterable[Row], act: Callable[[Row], int | None], *, otherwise: Callable[[Row], object] | None = None
) -> int:
    """Call `act` with every row, each in a transaction of its own; returns the sum of what it returns.

    A row that fails is logged by the kind of its fault, `otherwise` (put it off, say) is called with it, and the rows
    behind it are done. Raises `Faults` at the end, so that the fault is seen; at once when the database has gone.
    """
    done, failed = 0, 0
    first: Exception | None = None
    for row in rows:
        try:
            with transaction.atomic():
                done += act(row) or 0
        except Exception as e:
            if isinstance(e, OperationalError | InterfaceError) and not connection.is_usable():
                raise  # nothing can be done for any row now
            failed, first = failed + 1, first or e
            log.error("row failed", row=str(getattr(row, "pk", row))[:60], error=described(e))
            if otherwise is not None:
                _otherwise(otherwise, row)
    if first is not None:
        raise Faults(f"{failed} failed") from first
    return done


def _otherwise(act: Callable[[Row], object], row: Row) -> None:
    """What is done with a row that failed; that it fails too keeps no other row from its turn."""
    try:
        with transaction.atomic():
            act(row)
    except Exception as e:
        if isinstance(e, OperationalError | InterfaceError) and not connection.is_usable():
            raise
        log.error("row not put off", row=str(getattr(row, "pk", row))[:60], error=described(e))


def steps(*functions: Callable[[], Any]) -> list[Any]:
    """Call one function after the other, and return what they return; one that fails does not keep the next from its
    turn. Raises `Faults` at the end."""
    first: Exception | None = None
    results = []
    for function in functions:
        try:
            results.append(function())
        except Exception as e:
            first = first or e
            log.error("step failed", step=getattr(function, "__qualname__", "?"), error=described(e))
    if first is not None:
        raise Faults("a step failed") from first
    return results


def described(e: BaseException) -> str:
    """The kind of a fault and the place in our code where it came up: never its message, which may quote a person."""
    while isinstance(e, Faults) and e.__cause__ is not None:
        e = e.__cause__
    frames = traceback.extract_tb(e.__traceback__)
    ours = [f for f in frames if "/linbao/" in f.filename and not f.filename.endswith("/platform/queue.py")] or frames
    place = f" {ours[-1].filename.rpartition('/linbao/')[2]}:{ours[-1].lineno}" if ours else ""
    return f"{type(e).__name__}{place}"[:200]


def _frames(e: BaseException) -> str:
    """The way through the code to a fault, without anything that anybody typed."""
    frames = traceback.extract_tb(e.__traceback__)[-12:]
    return " ".join(f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in frames)


# --- running --------------------------------------------------------------------------------------


def worker_app() -> App:
    """The queue for a worker: it fetches jobs over connections of its own, while jobs that defer others go on doing so
    on Django's connection, within their transaction.

    The library's `replace_connector` would let them defer on the worker's connections: such a job begins before the
    fact that caused it is committed, finds nothing to do and ends, and one whose cause is rolled back stays.
    """
    return app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]  # only the connector of the worker's kind has it


class Limits:
    """Ends this process when a job does not end: a thread cannot be ended otherwise. The supervisor starts the worker
    again, `recover` gives the job its next attempt or, after `DEATHS`, to a person."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[float, Job]] = {}
        self._lock = threading.Lock()

    def run(self, call_next: Callable[[], Any], context: JobContext, worker: Worker) -> Any:
        """Middleware around every job: its time limit, fresh connections, and what is kept of its fault."""
        job = context.job
        with self._lock:
            self._running[job.id or 0] = (time.monotonic() + limit(job.task_name).total_seconds(), job)
        close_old_connections()
        try:
            result = call_next()
        except Exception as e:
            log.error("job failed", task=job.task_name, job=job.id, error=described(e), at=_frames(e))
            periodic = job.task_name in _periodic
            note_fault(job, described(e), ended=not periodic and context.task.get_retry_exception(e, job) is None)
            if periodic:
                return None  # its next turn does its work; JobFault keeps it in sight
            raise
        else:
            _note_success(job)
            return result
        finally:
            with self._lock:
                self._running.pop(job.id or 0, None)
            close_old_connections()

    def running(self) -> set[int]:
        """The jobs that this process is at."""
        with self._lock:
            return set(self._running)

    def overdue(self) -> Job | None:
        """A job of this process that has run beyond its limit."""
        with self._lock:
            return next((job for until, job in self._running.values() if until < time.monotonic()), None)


def note_fault(job: Job, error: str, *, ended: bool) -> None:
    """Keep how a job failed: one row for each job, or for each periodic task, however often it fails."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {JobFault._meta.db_table} (id, key, task, job, error, first_at, last_at, times, ended)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, 1, %s) ON CONFLICT (key) DO UPDATE SET error = excluded.error,"
                " last_at = excluded.last_at, times = platform_jobfault.times + 1, ended = excluded.ended",
                [
                    ids.new(),
                    _key(job),
                    job.task_name,
                    None if job.task_name in _periodic else job.id,
                    error[:200],
                    clock.now(),
                    clock.now(),
                    ended,
                ],
            )
    except Exception:  # the job's own fault must reach the queue
        log.exception("fault not kept", task=job.task_name)


def _note_success(job: Job) -> None:
    if job.attempts or job.task_name in _periodic or job.queueing_lock:
        try:
            JobFault.objects.filter(key=_key(job)).delete()
        except Exception:
            log.exception("fault not ended", task=job.task_name)


def _key(job: Job) -> str:
    """One row for each job; one for a task that has but one job at a time, whichever of them failed."""
    return job.task_name if job.task_name in _periodic or job.queueing_lock else str(job.id)


# --- recovery -------------------------------------------------------------------------------------

_STALLED = """
    SELECT j.id, j.task_name, j.attempts, j.queueing_lock FROM procrastinate_jobs j
      LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
     WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %s))
     ORDER BY j.id
"""


def recover(running: Collection[int] = ()) -> int:
    """Put back the jobs of workers that died, each on its own: every job is an action that is safe to repeat.

    One whose next turn waits already (a periodic task) is left to that turn; one that was under way at `DEATHS` deaths
    has failed. `running`: jobs of this very process, alive whatever its heartbeat says after a pause of the machine.
    Returns how many were seen to.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STALLED, [SILENT])
        rows = cursor.fetchall()
    return each([row for row in rows if row[0] not in running], _recover)


def _recover(row: tuple[int, str, int, str | None]) -> int:
    number, name, attempts, queueing_lock = row
    with connection.cursor() as cursor:
        # The row is held: two workers that recover at once do not both put it back.
        cursor.execute(
            "SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status = 'doing' FOR UPDATE SKIP LOCKED", [number]
        )
        if cursor.fetchone() is None:
            return 0
        cursor.execute("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'", [queueing_lock])
        if cursor.fetchone() is not None:
            cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'aborted', true)", [number])
        elif attempts + 1 >= DEATHS:
            cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [number])
            job = Job(id=number, lock=None, queueing_lock=queueing_lock, task_name=name, queue="")
            note_fault(job, "WorkerDied", ended=True)
        else:
            cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [number])
    return 1


# Failed without a word: a task that this version of the worker does not know never came to `Limits.run`. Jobs that
# have but one at a time are told by their name, and forgotten with its next success.
_UNSEEN = """
    SELECT j.id, j.task_name FROM procrastinate_jobs j
     WHERE j.status = 'failed' AND j.queueing_lock IS NULL
       AND NOT EXISTS (SELECT 1 FROM platform_jobfault f WHERE f.key = j.id::text) ORDER BY j.id LIMIT 100
"""


def note_unseen() -> int:
    """Put failed jobs that nobody would see before the administrator; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSEEN)
        rows = cursor.fetchall()
    for number, name in rows:
        job = Job(id=number, lock=None, queueing_lock=None, task_name=name, queue="")
        note_fault(job, "NotRun", ended=True)
    return len(rows)


def watch(limits: Limits) -> None:
    """One turn of the worker's own care, which is no job: it goes on when all jobs hang. Never raises."""
    if (job := limits.overdue()) is not None:
        print(f"job {job.id} {job.task_name} does not end, the worker starts anew", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    try:
        steps(lambda: recover(limits.running()), note_unseen)
    except Exception as e:
        log.error("recovery failed", error=described(e))
    finally:
        close_old_connections()
