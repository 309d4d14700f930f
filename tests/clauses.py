"""The table of clauses with their tests (design §9): printed after a whole run, which fails for a
clause that is served and has no test."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

# What the product serves so far; grows with it.
SERVED = [
    "1.3.1",
    "1.3.2",
    "1.3.3",
    "1.3.4",
    "2.1.1",
    "2.1.2",
    "2.1.3",
    "2.2.1",
    "2.2.2",
    "2.3.1",
    "2.4.1",
    "2.4.2",
    "3.1",
    "3.2",
    "3.3",
    "3.4",
    "4.1.1",
    "4.1.2",
    "4.3.1",
    "4.3.2",
]

_tests: dict[str, list[str]] = defaultdict(list)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "clause(*ids): the clauses of the regulation that this test proves")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in item.iter_markers("clause"):
            for clause in mark.args:
                _tests[str(clause)].append(item.nodeid)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if not _whole(config):
        return
    terminalreporter.section("clauses of the regulation")
    for clause in SERVED:
        found = list(dict.fromkeys(t.split("[")[0] for t in _tests.get(clause, [])))
        first = found[0].removeprefix("tests/") if found else "NO TEST"
        terminalreporter.write_line(f"{clause:6} {len(found):3}  {first}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (
        _whole(session.config)
        and not session.config.option.collectonly
        and (lacking := [c for c in SERVED if not _tests.get(c)])
    ):
        print(f"\nclauses without a test: {' '.join(lacking)}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _whole(config: pytest.Config) -> bool:
    return (
        config.args in ([str(config.rootpath / "tests")], ["tests"])
        and not config.option.keyword
        and not config.option.markexpr
    )
