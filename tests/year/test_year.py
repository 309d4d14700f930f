"""A lived year (issue of facts): the ledger agrees with every report, duty, figure and mail of a simulated life.

In the gate five weeks around Spring Festival. On demand a half-year with other seeds: `LINBAO_YEAR_SEEDS=20
LINBAO_YEAR_WEEKS=26 pytest tests/year`, or `python -m tests.year --seeds 20`.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings

from tests.year.__main__ import empty
from tests.year.ledger.working_time import ZONE
from tests.year.simulation import SHORT, Life, Plan
from tests.year.sink import QUICK, Post, Sink

HERE = Path(__file__).parent


def plans() -> list[Plan]:
    weeks, seeds = int(os.environ.get("LINBAO_YEAR_WEEKS", "0")), int(os.environ.get("LINBAO_YEAR_SEEDS", "0"))
    if not weeks and not seeds:
        return [SHORT]
    first = int(os.environ.get("LINBAO_YEAR_FIRST_SEED", "1"))
    return [Plan(seed=seed, weeks=weeks or 26) for seed in range(first, first + (seeds or 1))]


@pytest.fixture
def sink() -> Iterator[Sink]:
    result = Sink()
    with Post(result) as post, pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SMTP_URL", post.url)
        with override_settings(PASSWORD_HASHERS=QUICK):
            yield result


@pytest.mark.clause("2.3.1", "2.3.2", "2.4.1", "2.4.2", "4.1.1", "4.2.1", "4.3.1", "4.3.2", "2.2.2", "5.2.1", "1.3.2")
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(3600)  # the long edition of one seed takes minutes
@pytest.mark.parametrize("plan", plans(), ids=lambda p: f"seed{p.seed}-{p.weeks}weeks")
def test_product_agrees_with_the_ledger(plan: Plan, sink: Sink) -> None:
    """Whatever happened, every report, duty, figure and mail is as the regulation has it."""
    cache.clear()
    empty()  # jobs that an earlier test of this process left behind too
    with time_machine.travel(datetime.combine(plan.first, datetime.min.time(), ZONE), tick=False) as clock:
        differences = Life(plan, clock, sink).live()
    assert not differences.rows, str(differences)


def test_ledger_imports_nothing_of_the_product() -> None:
    files = sorted((HERE / "ledger").glob("*.py"))
    assert len(files) > 5
    for file in files:
        for module in _imported(ast.parse(file.read_text(encoding="utf-8"))):
            assert module.split(".")[0] not in ("linbao", "django"), file
            assert not module.startswith("tests.") or module.startswith("tests.year.ledger"), file


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
