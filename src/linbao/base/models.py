"""Two small tables that every area leans on: gapless counters and the version of reference data."""

from __future__ import annotations

from django.db import connection, models


class Counter(models.Model):
    """Numbers without gaps: the row stays locked until the transaction that took the number ends."""

    scope = models.CharField(max_length=100, primary_key=True)
    value = models.BigIntegerField(default=0)


class ReferenceVersion(models.Model):
    """Raised by every change of catalogue, units or settings, so that processes drop their copies."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=1)


def next_number(scope: str, count: int = 1) -> int:
    """Take `count` numbers from `scope` and return the last one; one statement.

    Must run in the transaction that uses the numbers: rolled back, they were never taken.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO base_counter (scope, value) VALUES (%s, %s)"
            " ON CONFLICT (scope) DO UPDATE SET value = base_counter.value + excluded.value"
            " RETURNING value",
            [scope, count],
        )
        return int(cursor.fetchone()[0])
