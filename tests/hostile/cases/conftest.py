"""The town of `tests/loop.py`, for the cases."""

from tests.loop import _tuesday, time, town  # noqa: F401
