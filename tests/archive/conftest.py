"""The town of `tests/loop.py`, for the archive."""

import pytest

from linbao.archive import term_statistics
from tests.loop import _tuesday, time, town  # noqa: F401


@pytest.fixture(autouse=True)
def _fresh_statistics() -> None:
    term_statistics.forget_statistics()
