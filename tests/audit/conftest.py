"""The town of `tests/loop.py`, keys opened anew in each test, and no notes of another test's chain."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from linbao.audit import keys
from tests.loop import _tuesday, time, town  # noqa: F401


@pytest.fixture(autouse=True)
def _own_keys() -> Iterator[None]:
    _forget()
    yield
    _forget()


def _forget() -> None:
    keys.forget()
    for note in (Path(settings.DATA_DIR) / "audit").glob("tip-*"):
        note.unlink()
