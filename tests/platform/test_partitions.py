"""Monthly partitions: what is written is in its month's, at every hour of the month's turn (design §5, 6.1.1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection, transaction

from linbao.platform import partitions

pytestmark = [pytest.mark.django_db, pytest.mark.clause("6.1.1")]

INSERT = (
    "INSERT INTO audit_record (id, at, actor_name, action, subject_type, subject_id, reason, data)"
    " VALUES (gen_random_uuid(), %s, '', 'x', '', '', '', '{}') RETURNING tableoid::regclass::text"
)


def count(table: str, where: str = "true") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}")
        return int(cursor.fetchone()[0])


VALUES = """
    SELECT string_agg(quote_ident(attname), ', '), string_agg(CASE
        WHEN attname = 'at' THEN %s
        WHEN atttypid = 'uuid'::regtype THEN 'gen_random_uuid()'
        WHEN atttypid = 'jsonb'::regtype THEN '''{}'''
        WHEN atttypid IN ('text'::regtype, 'varchar'::regtype) THEN '''x'''
        WHEN atttypid = 'bigint'::regtype THEN '-1'
        ELSE 'DEFAULT' END, ', ')
      FROM pg_attribute
     WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull
"""


@pytest.mark.parametrize("table", partitions.TABLES)
def test_a_month_that_is_made_late_takes_what_was_written_before_it(table: str) -> None:
    """History was filled in where its months had not been made yet."""
    now, early = datetime(2031, 1, 31, 12, tzinfo=UTC), datetime(2030, 5, 31, 23, 59, tzinfo=UTC)
    at = f"'{early.isoformat()}'"
    with connection.cursor() as cursor, time_machine.travel(now):
        partitions.ensure(table)
        cursor.execute(VALUES, [at, table])
        columns, values = cursor.fetchone()
        cursor.execute("SET session_replication_role = replica")  # the row alone, without what it refers to
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({values})")
        cursor.execute("SET session_replication_role = origin")
        before = count(table), count("audit_pending")
        assert count(f"{table}_rest", f"at = {at}") == 1
        partitions.ensure(table, start=early.date())
        assert count(f"{table}_203005") == 1 and count(f"{table}_rest", f"at = {at}") == 0
        assert (count(table), count("audit_pending")) == before
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            cursor.execute(f"DELETE FROM {table}_203005")


@pytest.mark.parametrize("hour", [15, 16, 23])
def test_the_last_hours_of_a_month_have_their_partition(hour: int) -> None:
    """An installation of the night of the 1st, local time, where UTC is still in the month before."""
    now = datetime(2031, 1, 31, hour, 30, tzinfo=UTC)
    with time_machine.travel(now), connection.cursor() as cursor:
        partitions.ensure("audit_record")
        cursor.execute(INSERT, [now])
        assert cursor.fetchone()[0] == "audit_record_203101"
