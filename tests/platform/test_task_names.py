"""Jobs are queued by name: each name that the code gives is a declared task (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from procrastinate.contrib.django import app
from procrastinate.exceptions import TaskNotFound

import linbao
from linbao.platform import queue


def deferred() -> dict[str, str]:
    """The first argument of every `queue.defer(…)` in the product, with the place where it stands."""
    result = {}
    for path in Path(linbao.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "queue.defer":
                name = node.args[0]
                assert isinstance(name, ast.Constant) and isinstance(name.value, str), f"{path}:{node.lineno}"
                result[name.value] = f"{path}:{node.lineno}"
    return result


@pytest.mark.clause("4.1.1", "4.2.2")
def test_every_job_that_is_queued_is_declared() -> None:
    names = deferred()
    assert {"weekly_reports.make_documents", "emergencies.make_document", "outbox.send"} <= set(names)
    assert {name: place for name, place in names.items() if name not in app.tasks} == {}


@pytest.mark.django_db
@pytest.mark.clause("4.1.1")
def test_a_name_that_nobody_declares_is_refused_at_once() -> None:
    with pytest.raises(TaskNotFound):
        queue.defer("weekly_reports.make_document", report="x")
