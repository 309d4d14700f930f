"""Monthly partitions of the big append-only tables (design §5)."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction

from linbao.core import clock

TABLES = ("audit_record", "audit_fact", "items_entry")


def ensure(table: str, months_ahead: int = 3, start: date | None = None) -> None:
    """Make the partitions of `table` from this month, or that of `start`, to `months_ahead` months on.

    Days and months are those of UTC. Rows outside any month land in the default partition, so that nothing is
    refused; they move into their month's when it is made.
    """
    last = clock.now().date().replace(day=1)
    month = start.replace(day=1) if start else last
    for _ in range(months_ahead):
        last = _next(last)
    while month <= last:
        _make(table, month)
        month = _next(month)


def _make(table: str, month: date) -> None:
    """The partition of one month; nothing when it stands."""
    name = f"{table}_{month:%Y%m}"
    first, end = f"'{month:%Y-%m-01}T00:00:00Z'", f"'{_next(month):%Y-%m-01}T00:00:00Z'"
    early = f"FROM {table}_rest WHERE at >= {first} AND at < {end}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_regclass('{name}') IS NULL, EXISTS (SELECT {early})")
        absent, written = cursor.fetchone()
        if not (absent and written):
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} FOR VALUES FROM ({first}) TO ({end})"
            )
            return
        with transaction.atomic():
            # Whoever writes waits. These are no new rows: no trigger notes them a second time.
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
            cursor.execute(f"INSERT INTO {name} SELECT * {early}")
            cursor.execute(f"ALTER TABLE {table}_rest DISABLE TRIGGER USER")
            cursor.execute(f"DELETE {early}")
            cursor.execute(f"ALTER TABLE {table}_rest ENABLE TRIGGER USER")
            cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({end})")


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def create_sql(table: str, columns: str, indexes: tuple[str, ...] = ()) -> str:
    """SQL for a table partitioned by `at`, append-only by trigger, with its default partition."""
    made = [
        f"CREATE TABLE {table} ({columns}, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT",
        *(f"CREATE INDEX {table}_{n} ON {table} {index}" for n, index in enumerate(indexes, 1)),
        "CREATE OR REPLACE FUNCTION linbao_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'append-only'; END $$",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION linbao_append_only()",
    ]
    return ";\n".join(made)
