"""The two communities, made once for a test that walks all addresses; what a request changes is undone after it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection

from tests.access.world import World
from tests.loop import build

# A Friday afternoon: the week's report can be sent.
FRIDAY = datetime(2026, 11, 27, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def world(db: Any) -> Iterator[World]:
    with connection.cursor() as cursor:  # one long transaction, on a busy machine with long pauses in it
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    with time_machine.travel(FRIDAY, tick=True):
        yield World(build())


@pytest.fixture
def quiet() -> Iterator[None]:
    """Thousands of refusals are not logged."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
