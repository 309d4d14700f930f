"""What the owner of the database can do to it, past the product."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from linbao.audit import facts, keys
from linbao.audit.verification import Break, Walk

_KEYS = ("linbao.audit_session", "linbao.audit_key", "linbao.audit_digest_key")


@contextmanager
def psql() -> Iterator[None]:
    """A session as `psql` opens it: without the keys that the product's sessions have."""
    stored = [sql("SELECT current_setting(%s, true)", name)[0][0] for name in _KEYS]
    for name in _KEYS:
        sql("SELECT set_config(%s, '', false)", name)
    try:
        yield
    finally:
        for name, value in zip(_KEYS, stored, strict=True):
            sql("SELECT set_config(%s, %s, false)", name, value or "")


def sql(statement: str, *given: Any) -> list[Any]:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall()) if cursor.description else []


def by_hand(statement: str, *given: Any, table: str = "audit_record") -> None:
    """The owner takes the guard off, does it, and puts the guard on again."""
    with psql():
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        sql(statement, *given)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def breaks(**given: Any) -> list[Break]:
    return list(Walk(**given).breaks())


def kinds(**given: Any) -> list[str]:
    return [b.kind for b in breaks(**given)]


def verify(*words: str) -> int:
    """The command as it is typed, against the test's database."""
    from linbao.commands import audit as commands

    parser = argparse.ArgumentParser()
    commands.add_arguments(parser)
    return commands.run(parser.parse_args(["verify", *words]))


def emptied() -> None:
    """What tests with threads have left behind; keys too, whose data keys went with the emptied database."""
    for table in ("audit_record", "audit_fact", "audit_block", "items_entry"):
        by_hand(f"DELETE FROM {table}", table=table)
    sql("DELETE FROM audit_pending")
    sql("DELETE FROM audit_key")
    keys.forget()
    keys.current()
    for source, spec in facts.SOURCES.items():  # what the test has made before
        sql(facts.baseline_sql(source, spec.columns))
