"""The town of `tests/loop.py`, and a session of its training."""

from tests.loop import _tuesday, time, town  # noqa: F401
