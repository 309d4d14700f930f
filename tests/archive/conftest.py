"""The town of `tests/loop.py`, for the archive."""

import pytest

from linbao.archive import search
from tests.loop import _tuesday, time, town  # noqa: F401


@pytest.fixture(autouse=True)
def _fresh_statistics() -> None:
    search.forget_statistics()
