"""The one cursor of every list: a page knows its place by the values of a row, at the same cost on any page.

Nothing is counted and nothing skipped (performance.md rule 6). A cursor names the last row of the page before it, or
the first of the page after it, so that lists are walked both ways without loss while rows come in.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Field, Model, Q, QuerySet
from django.utils.translation import gettext as _

from linbao.core.problems import Invalid

M = TypeVar("M")
LONGEST = 4000  # characters of a cursor
BATCH = 500  # rows read at once for an export


@dataclass(frozen=True)
class Slice(Generic[M]):
    """The rows of a page with the cursors of its neighbours (None where there is none); `number` counts pages from
    1 along the way that was walked."""

    rows: list[M]
    next: str | None = None
    previous: str | None = None
    number: int = 1


@dataclass(frozen=True)
class Place:
    """What a cursor says: the values of a row, and on which side of it the page lies."""

    values: tuple[Any, ...]
    back: bool
    number: int


class Cursor:
    """Order by `keys` ("-priority", "due_at": "-" for falling), then by `id` in the direction of the last of them.
    The columns are never null; a column of another table is named as in a look-up (`person__name`)."""

    def __init__(self, *keys: str) -> None:
        last = "-id" if keys and keys[-1].startswith("-") else "id"
        self.keys: tuple[tuple[str, bool], ...] = tuple((k.lstrip("-"), k.startswith("-")) for k in (*keys, last))
        self._mark = zlib.crc32("|".join(keys).encode())

    def page(self, rows: QuerySet[Any], cursor: str, size: int) -> Slice[Any]:
        """`size` of `rows` at `cursor` ("" for the first page). Asks for one row more than it returns. Raises
        `Invalid` for a cursor that was not made here for this order."""
        return self.page_of(lambda place, count: self.ordered(rows, place)[:count], cursor, size, _parsers(rows, self))

    def page_of(
        self,
        read: Callable[[Place | None, int], Iterable[M]],
        cursor: str,
        size: int,
        parsers: Sequence[Callable[[str], Any]],
    ) -> Slice[M]:
        """A page of a statement of one's own: `read(place, count)` returns `count` rows (models or mappings) behind
        `place`, those before it in the opposite order where `place.back`; `parsers` as for `read`."""
        place = self.read(cursor, parsers) if cursor else None
        if place and place.back:
            matches = list(read(place, size + 1))
            if len(matches) > size:
                return self._slice(matches[size - 1 :: -1], place.number, before=True, after=True)
            place = None  # fewer than a page: that is the first page
        matches = list(read(place, size + 1))
        return self._slice(
            matches[:size], place.number if place else 1, before=place is not None, after=len(matches) > size
        )

    def walk(self, rows: QuerySet[Any], batch: int = BATCH) -> Iterator[list[Any]]:
        """All of `rows` in order, `batch` at a time, so that memory does not grow."""
        place: Place | None = None
        while True:
            matches = list(self.ordered(rows, place)[:batch])
            if matches:
                yield matches
            if len(matches) < batch:
                return
            place = Place(self._values(matches[-1]), False, 1)

    def ordered(self, rows: QuerySet[Any], place: Place | None) -> QuerySet[Any]:
        """`rows` behind `place`, in order; before it and in the opposite order for one that leads back."""
        back = place is not None and place.back
        if place:
            rows = rows.filter(self._behind(place))
        return rows.order_by(*(f"{'-' if falling != back else ''}{key}" for key, falling in self.keys))

    def _slice(self, rows: list[Any], number: int, *, before: bool, after: bool) -> Slice[Any]:
        return Slice(
            rows,
            self.write(rows[-1], False, number + 1) if after and rows else None,
            self.write(rows[0], True, max(number - 1, 1)) if before and rows else None,
            number,
        )

    def _behind(self, place: Place) -> Q:
        sides = [("lt" if falling != place.back else "gt", key) for key, falling in self.keys]
        condition: Q | None = None
        for (side, key), value in reversed(list(zip(sides, place.values, strict=True))):
            beyond = Q(**{f"{key}__{side}": value})
            condition = beyond if condition is None else beyond | (Q(**{key: value}) & condition)
        assert condition is not None
        side, key = sides[0]
        # The first column's bound alone is what an index starts from; the alternatives only sift its ties.
        return Q(**{f"{key}__{side}e": place.values[0]}) & condition

    def _values(self, row: Any) -> tuple[Any, ...]:
        return tuple(_value(row, key) for key, _falling in self.keys)

    def write(self, row: Any, back: bool = False, number: int = 2) -> str:
        """The cursor of the page behind `row` (a model or a mapping of the keys and id), or of the one before it."""
        values = [v.isoformat() if isinstance(v, datetime) else str(v) for v in self._values(row)]
        message = json.dumps([self._mark, int(back), number, *values], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(message.encode()).decode().rstrip("=")

    def read(self, cursor: str, parsers: Sequence[Callable[[str], Any]]) -> Place:
        """The place that a cursor stands for; `parsers` read the values of the keys and of the id. Raises `Invalid`
        for one that was not made here for this order."""
        try:
            if len(cursor) > LONGEST:
                raise ValueError("no cursor")
            mark, back, number, *texts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            values = tuple(_checked(parse(t)) for parse, t in zip(parsers, texts, strict=True))
            if mark != self._mark or back not in (0, 1) or not 1 <= int(number) < 10**9:
                raise ValueError("a cursor of another list")
            return Place(values, bool(back), int(number))
        except Exception as e:  # whatever was typed into the address
            raise Invalid(_("页码已失效，请从第一页重新打开。")) from e


def _parsers(rows: QuerySet[Any], cursor: Cursor) -> list[Callable[[str], Any]]:
    return [_field(rows.model, key).to_python for key, _falling in cursor.keys]


def moment(value: str) -> datetime:
    """A parser for the moments of a statement of one's own."""
    return datetime.fromisoformat(value)


def _value(row: Any, key: str) -> Any:
    if isinstance(row, Mapping):
        return row[key]
    for part in key.split("__"):
        row = getattr(row, part)
    return row


def _field(model: type[Model], key: str) -> Field[Any, Any]:
    parts = key.split("__")
    for part in parts[:-1]:
        related = model._meta.get_field(part).related_model
        assert isinstance(related, type) and issubclass(related, Model)
        model = related
    field = model._meta.get_field(parts[-1])
    assert isinstance(field, Field)
    return field


def _checked(value: Any) -> Any:
    """A value that the database can compare."""
    if isinstance(value, str):
        value.encode()  # no half of a surrogate pair
        if "\0" in value:
            raise ValueError("no text of the database")
    elif isinstance(value, datetime):
        if value.tzinfo is None or not 1900 < value.astimezone(UTC).year < 3000:
            raise ValueError("no moment of a record")
    elif isinstance(value, int):
        if not -(2**31) <= value < 2**31:
            raise ValueError("no number of a record")
    elif not isinstance(value, UUID) and value is None:
        raise ValueError("no value")
    return value
