"""The town of `tests/loop.py`, and the security log as it is written."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.loop import _tuesday, time, town  # noqa: F401


class Lines(logging.Handler):
    """Every event, as the JSON that a reader of the log gets."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(json.loads(record.getMessage()))

    def of(self, action: str) -> list[dict[str, Any]]:
        return [line for line in self.told if line["event.action"] == action]


@pytest.fixture
def security_log() -> Iterator[Lines]:
    handler = Lines()
    logging.getLogger("linbao.security").addHandler(handler)
    yield handler
    logging.getLogger("linbao.security").removeHandler(handler)
