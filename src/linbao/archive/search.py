"""Finding items: one function for page, API, map and export (2.2.1; performance.md rules 6 to 8).

One statement (`statements`), by keyset, from what the asker may see: what is urgent and open first, the rest by time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.archive.filters import NUMBER, Filters
from linbao.archive.snippets import marked, search_phrases, snippet
from linbao.archive.statements import COLUMNS, TABLE, Place, Request, moment_of, page_sql, plain_arms, text_arms
from linbao.core import keyset, text
from linbao.core.keyset import Cursor
from linbao.core.problems import Invalid, NotAllowed, Problem
from linbao.items.models import Item
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree
from linbao.platform.encryption.crypto import blind_indexes

MOST_BACK = 12  # pages that one can go back, one by one
MOST_ROWS = 200  # of one page


@dataclass
class ResultPage:
    """A page of rows (mappings of `COLUMNS`, `reporter`, `handler`, and with a search `snippet`), the
    cursor of the next one (None on the last)."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    next: str | None = None
    previous: str | None = None
    number: int = 1


def find(user: User, filters: Filters, cursor: str = "", limit: int = 50, *, narrative: bool = False) -> ResultPage:
    """`limit` items (at most `MOST_ROWS`) behind `cursor`, as `filters` say; one statement.

    Raises `Problem` (400) for a cursor that is none, `Invalid` for a unit that is none, `NotAllowed`
    for a search by person from somebody who may not reveal persons.
    """
    place = read_cursor(cursor, filters)
    rows = _rows(user, filters, place, max(1, min(limit, MOST_ROWS)) + 1, narrative=narrative)
    return _page(rows, filters, max(1, min(limit, MOST_ROWS)), cursor, place.number if place else 1)


def walk(
    user: User, filters: Filters, most: int, *, batch: int = 1000, within: frozenset[UUID] | None = None
) -> Iterator[dict[str, Any]]:
    """Row after row, up to `most`, in pages behind the scenes: constant memory for exports. `within`: of these
    communities only."""
    place, data = None, 0
    while data < most:
        rows = _rows(user, filters, place, min(batch, most - data), within=within)
        yield from rows
        data += len(rows)
        if len(rows) < batch:
            return
        last = rows[-1]
        place = Place(last["priority"], last[moment_of(filters)], last["id"])


def read_cursor(value: str, filters: Filters) -> Place | None:
    """The place that a cursor stands for; raises `Problem` (400) for one that was not made here.

    The statement reads in one direction. So the way back stands in the address: the cursors of the pages that were
    walked, with dots between them; the last is the page's.
    """
    if not value:
        return None
    try:
        result = _cursor(filters).read(value[-keyset.LONGEST :].rpartition(".")[2], (_priority, keyset.moment, UUID))
    except Invalid as e:
        raise Problem(e.message) from e
    priority, at, id_ = result.values
    return Place(priority, at, id_, result.number)


def write_cursor(row: Mapping[str, Any], filters: Filters, number: int = 2) -> str:
    """The cursor of the page behind `row`."""
    return _cursor(filters).write(row, number=number)


def _priority(value: str) -> int:
    if value not in ("0", "1"):
        raise ValueError("no priority")
    return int(value)


def _cursor(filters: Filters) -> Cursor:
    """The order of the list: urgent and open first, then by the moment that `sort` names."""
    return Cursor("-priority", f"{'' if filters.sort else '-'}{moment_of(filters)}")


# --- inside ---------------------------------------------------------------------------------------


def _rows(
    user: User,
    filters: Filters,
    place: Place | None,
    count: int,
    *,
    narrative: bool = False,
    within: frozenset[UUID] | None = None,
) -> list[dict[str, Any]]:
    where, scope = filters.narrow(user)
    scope = scope if within is None else scope & within
    if not scope:
        return []
    terms = text.query_terms(filters.q) if filters.q else []
    number = filters.q.strip() if NUMBER.fullmatch(filters.q.strip()) else ""
    if number:
        scope = frozenset(c for c in scope if tree().by_id[c].code.endswith(number[:6])) or scope
        where &= Q(number=number)
        terms = []
    elif filters.q and not terms:
        return []  # nothing but punctuation
    try:
        condition, values = _where(user, where, scope)
    except EmptyResultSet:  # roles that see no items at all
        return []
    if filters.person:
        condition, values = _with_person(user, filters.person, condition, values)
    request = Request(filters, place, count, scope, condition, values, terms)
    more = ", left(i.narrative, 4000), i.key_points" if narrative or filters.q else ""
    arms = text_arms(request) if terms else plain_arms(request)
    names = (*COLUMNS, "reporter", "handler", *(("narrative", "key_points") if more else ()))
    with _planned_each_time(), connection.cursor() as cursor:
        cursor.execute(page_sql(request, arms, more), arms.values)
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return rows


def _where(user: User, where: Q, scope: frozenset[UUID]) -> tuple[str, list[Any]]:
    """What the asker may see and asked for, as SQL on the item's own columns; each arm names the communities."""
    query = Item.objects.visible_to(user, within=scope).filter(where).query
    compiler = query.get_compiler("default")
    sql, values = compiler.compile(query.where)
    return sql.replace("%%", "%") if not values else sql, list(values)


def _with_person(user: User, person: str, condition: str, values: list[Any]) -> tuple[str, list[Any]]:
    """Exact search of a person by keyed digest, for those who may see who it is (1.3.4)."""
    full = user.rights.communities(Role.REVIEWER, Role.MANAGER)
    if not full and not user.rights.has(Role.REPORTER, Role.GROUP_LEADER):
        raise NotAllowed(_("您没有按姓名或电话查找的权限。"))
    try:
        wanted, column = blind_indexes(text.phone(person)), "phone_index"
    except ValueError:
        wanted, column = blind_indexes(person), "name_index"
    condition += (
        f" AND {TABLE}.id = ANY(ARRAY(SELECT p.item_id FROM items_party p WHERE p.{column} = ANY(%s) LIMIT 20000))"
        f" AND ({TABLE}.reporter_id = %s OR {TABLE}.community_id = ANY(%s))"
    )
    return condition, [*values, wanted, user.pk, list(full)]


@contextmanager
def _planned_each_time() -> Iterator[None]:
    """Plans made for these very values: a rare word and a common one need different roads."""
    connection.ensure_connection()
    raw = connection.connection
    before = raw.prepare_threshold
    raw.prepare_threshold = None
    try:
        yield
    finally:
        raw.prepare_threshold = before


def _page(rows: list[dict[str, Any]], filters: Filters, limit: int, cursor: str, number: int) -> ResultPage:
    walked = [c for c in cursor.split(".") if c][-MOST_BACK:]
    following = None
    if len(rows) > limit:
        following = ".".join([*walked, write_cursor(rows[limit - 1], filters, number + 1)])
    previous = ".".join(walked[:-1]) if walked else None
    rows = rows[:limit]
    if filters.q:
        phrases = search_phrases(filters.q)
        for row in rows:
            row["marked"] = marked(row["title"], phrases)
            row["snippet"] = snippet(row["narrative"] or "", phrases)
    return ResultPage(rows, following, previous, number)
