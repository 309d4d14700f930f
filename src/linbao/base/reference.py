"""Reference data (units, catalogue, settings) kept per process and dropped when it changes.

`performance.md` rule 5: a request reads it without a query. A change raises the version in
its own transaction; other processes look at the version at most every `CHECK_EVERY` seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import connection, transaction

T = TypeVar("T")
CHECK_EVERY = 2.0  # seconds


class Reference(Generic[T]):
    """A value loaded from the database once and kept until its version moves."""

    all: dict[str, Reference[object]] = {}

    def __init__(self, name: str, load: Callable[[], T]) -> None:
        self.name, self._load = name, load
        self._value: T | None = None
        self._version = -1
        self._checked = float("-inf")
        Reference.all[name] = self  # type: ignore[assignment]

    def get(self) -> T:
        """The current value; loads it when it is new or has changed elsewhere."""
        if self._value is None or time.monotonic() - self._checked > CHECK_EVERY:
            version = self._stored_version()
            self._checked = time.monotonic()
            if self._value is None or version != self._version:
                self._value, self._version = self._load(), version
        return self._value

    def changed(self) -> None:
        """Tell every process that the data behind this value was changed (call it where you write)."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO base_referenceversion (name, value) VALUES (%s, 1)"
                " ON CONFLICT (name) DO UPDATE SET value = base_referenceversion.value + 1",
                [self.name],
            )
        self.drop()
        transaction.on_commit(self.drop)

    def drop(self) -> None:
        """Forget the value in this process."""
        self._value = None

    def _stored_version(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT value FROM base_referenceversion WHERE name = %s", [self.name])
            row = cursor.fetchone()
        return int(row[0]) if row else 0
