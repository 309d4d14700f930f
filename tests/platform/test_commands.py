"""Commands on a database that nobody has set up."""

from __future__ import annotations

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


def test_the_bench_sets_up_what_it_needs(bare: str) -> None:
    done = linbao(bare, "bench", "create", "--items", "50", "--times", "3")
    assert done.returncode == 0 and '"bench": "create"' in done.stdout, done.stderr[-500:]
