"""Inserting rows at the price of the SQL: for the hot paths that Django's compiler would double.

Same fields, same encryption, same types as `Model.save`; no signals and no defaults read back.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models

COPY_FROM = 20  # rows; from here on COPY is cheaper than VALUES


@lru_cache(maxsize=64)
def _shape(model: type[models.Model]) -> tuple[list[models.Field[Any, Any]], str, str, str]:
    fields = [f for f in model._meta.concrete_fields if not f.generated]
    columns = ", ".join(f'"{f.column}"' for f in fields)
    return fields, f'"{model._meta.db_table}" ({columns})', "(" + ", ".join(["%s"] * len(fields)) + ")", columns


def values(row: models.Model) -> list[Any]:
    """The row's values in the order of its columns, ready for the database; encrypted where they must be."""
    return [f.get_db_prep_save(f.pre_save(row, True), connection) for f in _shape(type(row))[0]]


def insert_sql(rows: Sequence[models.Model]) -> tuple[str, list[Any]]:
    """`INSERT INTO … VALUES …` for rows of one model, and its values; for building a larger statement."""
    _fields, into, marks, _columns = _shape(type(rows[0]))
    return f"INSERT INTO {into} VALUES " + ", ".join([marks] * len(rows)), [v for row in rows for v in values(row)]


def insert(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model in one statement (COPY when they are many). Raises `IntegrityError`."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if len(rows) < COPY_FROM:
            cursor.execute(*insert_sql(rows))
        else:
            with cursor.copy(f"COPY {_shape(type(rows[0]))[1]} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(values(row))
    for row in rows:
        row._state.adding, row._state.db = False, "default"
