"""Commands on a database that nobody has set up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture
def bare() -> Iterator[str]:
    """The address of a database without a table."""
    server, name = os.environ["LINBAO_DATABASE_URL"], f"linbao_bare_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            data = admin.info
            yield f"postgresql://{data.user}@/{name}?host={data.host}&port={data.port}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def linbao(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "linbao", *words],
        env={**os.environ, "LINBAO_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    "words", [("user", "create", "zhang", "--name", "张三"), ("keys", "list"), ("audit", "verify")]
)
def test_a_command_on_an_empty_database_says_what_to_do(bare: str, words: tuple[str, ...]) -> None:
    done = linbao(bare, *words)
    assert done.returncode == 1 and "linbao migrate" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.clause("2.3.2")
def test_the_bench_sets_up_what_it_needs_and_a_storm_loses_nothing(bare: str) -> None:
    small = ("--items", "50", "--times", "4", "--minutes", "0.1", "--rate", "10")
    done = linbao(bare, "bench", "create", "http", "storm", *small)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr[-500:]
    inside, *served, storm = [json.loads(line) for line in done.stdout.splitlines()]
    assert inside["bench"] == "create" and inside["statements"] <= 8
    work = {(f["work"], f.get("connections")): f for f in served}
    every = {"first-start", "start", "create", "list-deep", "review-queue", "today", "resident", "sign-in", "memory"}
    assert every <= {name for name, _n in work}
    creates = [f for (name, _n), f in work.items() if name == "create"]
    assert {f["connections"] for f in creates} == {1, 4, 16}
    assert all(f["cpu_ms"]["web"] > 0 and f["cpu_ms"]["postgres"] > 0 for f in creates)
    assert work["weekly-report", 1]["jobs"] >= 1 and work["weekly-report", 1]["cpu_ms"]["worker"] > 0
    assert storm["acknowledged"] > 20 and storm["lost"] == 0
    assert storm["alarms"] > 2 and storm["alarms_not_handed_over"] == 0 and storm["alarm_p99_s"] is not None
