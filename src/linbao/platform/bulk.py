"""Inserting rows at the price of the SQL: for the hot paths that Django's compiler would double.

Same fields, same encryption, same types as `Model.save`; no signals and no defaults read back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, connections, models

COPY_FROM = 20  # rows; from here on COPY is cheaper than VALUES
_ABSENT = object()

# Values of exactly this type need no preparing by the field; every other goes through it.
_PLAIN: dict[type[models.Field[Any, Any]], type] = {
    models.CharField: str,
    models.TextField: str,
    models.UUIDField: UUID,
    models.BooleanField: bool,
    models.DateTimeField: datetime,
    models.IntegerField: int,
    models.BigIntegerField: int,
    models.SmallIntegerField: int,
    models.FloatField: float,
}


@dataclass(frozen=True)
class _Shape:
    """A model's columns. `fields`: each with its name, and the type that goes to the database as it is (None: no
    type does)."""

    fields: list[tuple[models.Field[Any, Any], str, type | None]]
    into: str
    marks: str


@lru_cache(maxsize=64)
def _shape(model: type[models.Model]) -> _Shape:
    fields = [f for f in model._meta.concrete_fields if not f.generated]
    columns = ", ".join(f'"{f.column}"' for f in fields)
    return _Shape(
        fields=[(f, f.attname, _plain(f)) for f in fields],
        into=f'"{model._meta.db_table}" ({columns})',
        marks="(" + ", ".join(["%s"] * len(fields)) + ")",
    )


def _plain(field: models.Field[Any, Any]) -> type | None:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return None
    return _PLAIN.get(type(field.target_field if isinstance(field, models.ForeignKey) else field))


def values(row: models.Model) -> list[Any]:
    """The row's values in the order of its columns, ready for the database; encrypted where they must be."""
    data, database = row.__dict__, connections["default"]
    return [
        value
        if plain is not None and (type(value := data.get(name, _ABSENT)) is plain or value is None)
        else field.get_db_prep_save(field.pre_save(row, True), database)
        for field, name, plain in _shape(type(row)).fields
    ]


def insert_sql(rows: Sequence[models.Model]) -> tuple[str, list[Any]]:
    """`INSERT INTO … VALUES …` for rows of one model, and its values; for building a larger statement."""
    shape = _shape(type(rows[0]))
    marks = ", ".join([shape.marks] * len(rows))
    return f"INSERT INTO {shape.into} VALUES {marks}", [v for row in rows for v in values(row)]


def insert(*groups: Sequence[models.Model]) -> None:
    """Insert rows, each group of one model: all groups in one statement, by COPY one that is large.

    References among them are no matter, foreign keys are checked at the commit. Raises `IntegrityError`.
    """
    few = [insert_sql(rows) for rows in groups if 0 < len(rows) < COPY_FROM]
    with connection.cursor() as cursor:
        if few:
            *before, last = [sql for sql, _values in few]
            parts = ", ".join(f"part{n} AS ({sql})" for n, sql in enumerate(before))
            cursor.execute(f"WITH {parts} {last}" if before else last, [v for _sql, data in few for v in data])
        for rows in groups:
            if len(rows) >= COPY_FROM:
                # Made before the COPY begins: sealing may ask for the keys, and a connection in a COPY never answers.
                made = [values(row) for row in rows]
                with cursor.copy(f"COPY {_shape(type(rows[0])).into} FROM STDIN") as copy:
                    for line in made:
                        copy.write_row(line)
    for rows in groups:
        for row in rows:
            row._state.adding, row._state.db = False, "default"
