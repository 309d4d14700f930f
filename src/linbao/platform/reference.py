"""Reference data (units, catalogue, settings) kept per process and dropped when it changes.

`performance.md` rule 5: a request reads it without a query. A change raises the version in its own transaction; other
processes look at the version at most every `CHECK_EVERY` seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection, transaction

T = TypeVar("T")
CHECK_EVERY = 2.0  # seconds


class _Versions:
    """All versions, read in one statement and kept for `CHECK_EVERY` seconds."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._checked = float("-inf")

    def of(self, name: str) -> int:
        if time.monotonic() - self._checked > CHECK_EVERY:
            with connection.cursor() as cursor:
                cursor.execute("SELECT name, value FROM platform_referenceversion")
                self._known = dict(cursor.fetchall())
            self._checked = time.monotonic()
        return self._known.get(name, 0)

    def forget(self) -> None:
        self._checked = float("-inf")


versions = _Versions()


def raise_version(name: str) -> None:
    """Tell every process, when the transaction ends well, that what stands behind `name` was changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO platform_referenceversion (name, value) VALUES (%s, 1)"
            " ON CONFLICT (name) DO UPDATE SET value = platform_referenceversion.value + 1",
            [name],
        )


class Reference(Generic[T]):
    """A value loaded from the database once and kept until its version moves."""

    all: dict[str, Reference[Any]] = {}

    def __init__(self, name: str, load: Callable[[], T]) -> None:
        self.name, self._load = name, load
        self._value: T | None = None
        self._version = -1
        Reference.all[name] = self

    def get(self) -> T:
        """The current value; loads it when it is new or has changed elsewhere."""
        version = versions.of(self.name)
        if self._value is None or version != self._version:
            self._value, self._version = self._load(), version
        return self._value

    def changed(self) -> None:
        """Tell every process that the data behind this value was changed (call it where you write)."""
        raise_version(self.name)
        self.drop()
        transaction.on_commit(self.drop)

    def drop(self) -> None:
        """Forget the value in this process."""
        self._value = None
        versions.forget()
