"""The town of `tests/loop.py`."""

from tests.loop import _tuesday, time, town  # noqa: F401
