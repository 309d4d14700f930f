"""The next job is the right one, and costs the same whatever waits (performance.md; 2.3.2: alarms never wait)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from linbao.core import clock

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Waiting:
    """A job as the queue's rules see it; `after`: seconds until it may begin."""

    id: int
    queue: str
    priority: int
    lock: str | None
    after: int


def put(jobs: list[Waiting]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO procrastinate_jobs (id, queue_name, task_name, priority, lock, scheduled_at)"
            " VALUES (%s, %s, 'test', %s, %s, %s)",
            [
                (j.id, j.queue, j.priority, j.lock, clock.now() + timedelta(seconds=j.after) if j.after else None)
                for j in jobs
            ],
        )


def fetch(queues: list[str] | None = None) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(%s::varchar[], %s)", [queues, None])
        number: int | None = cursor.fetchone()[0]
        return number


def allowed(jobs: list[Waiting], running: list[Waiting], queues: list[str] | None) -> int | None:
    """The job that procrastinate documents to be next: of the queues asked for, due, its lock free and nobody before it
    in the lock's line; the highest priority first, then the oldest."""

    def line(job: Waiting) -> tuple[int, int]:
        return (-job.priority, job.id)

    ready = [
        j
        for j in jobs
        if (queues is None or j.queue in queues)
        and j.after <= 0
        and (
            j.lock is None
            or (
                not any(r.lock == j.lock for r in running)
                and not any(o.lock == j.lock and line(o) < line(j) for o in jobs)
            )
        )
    ]
    return min(ready, key=line).id if ready else None


@pytest.mark.clause("2.3.2")
@pytest.mark.parametrize("seed", range(12))
def test_the_next_job_is_the_one_that_the_rules_name(seed: int) -> None:
    chance = random.Random(seed)
    jobs = [
        Waiting(
            id=1_000_000 + n,
            queue=chance.choice(["default", "alarms", "outbox"]),
            priority=chance.choice([0, 0, 0, 5, 100]),
            lock=chance.choice([None, None, "a", "b", "c"]),
            after=chance.choice([0, 0, -60, 3600]),
        )
        for n in range(40)
    ]
    put(jobs)
    running: list[Waiting] = []
    for _turn in range(60):
        queues = chance.choice([None, ["alarms"], ["default", "outbox"]])
        expected = allowed(jobs, running, queues)
        assert fetch(queues) == expected, (seed, queues)
        if expected is not None:
            running.append(next(j for j in jobs if j.id == expected))
            jobs.remove(running[-1])
        elif running:
            done = running.pop(0)
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [done.id])


def by_another(*statements: str) -> None:
    """What other connections do beside: it is committed, and the test's transaction does not see its rows."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        other.close()


@pytest.fixture(scope="module")
def a_table_that_was_full(django_db_setup: None, django_db_blocker: Any) -> None:
    """A large file with statistics that say "empty": what a worker leaves that has just done thousands of jobs."""
    with django_db_blocker.unblock():
        by_another(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            " SELECT 'default', 'test', 'succeeded' FROM generate_series(1, 20000)",
            "VACUUM ANALYZE procrastinate_jobs",
            "DELETE FROM procrastinate_jobs WHERE task_name = 'test'",
        )


def rows_read(queues: list[str] | None) -> int:
    """Rows of the table and entries of its indexes that one fetch looks at."""
    read = (
        "SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(c.oid)), 0) FROM pg_class c LEFT JOIN pg_index i"
        " ON i.indexrelid = c.oid WHERE coalesce(i.indrelid, c.oid) = 'procrastinate_jobs'::regclass"
    )
    with connection.cursor() as cursor:
        cursor.execute(read)
        before = cursor.fetchone()[0]
        fetch(queues)
        cursor.execute(read)
        return int(cursor.fetchone()[0] - before)


@pytest.mark.clause("2.3.2")
@pytest.mark.parametrize("shape", ["plain", "with locks", "all of one lock", "later", "of another queue"])
@pytest.mark.parametrize("queues", [None, ["alarms"], ["default"]], ids=["all", "alarms", "default"])
def test_a_fetch_costs_the_same_whatever_waits(
    shape: str, queues: list[str] | None, a_table_that_was_full: None
) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "plain": {},
        "with locks": {"lock": "'l' || g % 40"},
        "all of one lock": {"lock": "'one'"},
        "later": {"scheduled_at": "now() + interval '1 hour'"},
        "of another queue": {"queue_name": "'documents'"},
    }
    columns = {"queue_name": "'default'", "task_name": "'test'"} | kinds[shape]

    def wait(n: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO procrastinate_jobs ({', '.join(columns)})"
                f" SELECT {', '.join(columns.values())} FROM generate_series(1, {n}) g"
            )

    wait(200)
    for _warm in range(6):
        fetch(queues)
    few = rows_read(queues)
    wait(20_000)
    by_another("ANALYZE procrastinate_jobs")  # sees none of them
    many = rows_read(queues)
    assert many <= few + 60, f"{few} rows with 200 waiting, {many} with 20,000"
