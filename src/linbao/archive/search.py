"""Finding items: one function for page, API, map and export (2.2.1; performance.md rules 6 to 8).

One statement, by keyset, from what the asker may see. What is urgent and open comes first, as an arm of its own; the
rest follows by time. A word that is rare is asked of the GIN index and then sorted; a common one is met while walking
the time index; one between is asked of both inside a window of time that should hold a page, and only then of the
rest.
"""

from __future__ import annotations

import time as clocktime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from linbao.archive.filters import NUMBER, Filters
from linbao.core import clock, keyset, text
from linbao.core.keyset import Cursor
from linbao.core.problems import Invalid, NotAllowed, Problem
from linbao.items.models import OPEN_STATUSES, Item, Status
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree
from linbao.platform.encryption.crypto import blind_indexes

MOST_BACK = 12  # pages that one can go back, one by one
MOST_ROWS = 200  # of one page
BY_TERM = 4  # communities, or whole subdistricts, up to which a search names them inside the text index
BY_COMMUNITY = 30  # communities up to which each is asked by its own index
COMMON = 0.005  # of all texts, hits inside the scope: from here on they are met while walking
COMMON_HERE = 0.02  # the same for few communities, each walked by its own index
MOST_WEEKS = 8  # of a window asked week by week
STATISTICS_FOR = 600.0  # seconds

COLUMNS = (
    "id",
    "number",
    "status",
    "category",
    "subcategory",
    "topic",
    "title",
    "urgent",
    "priority",
    "sensitivity",
    "community_id",
    "grid_id",
    "reporter_id",
    "handling_unit_id",
    "handler_id",
    "reported_at",
    "occurred_at",
    "due_at",
    "closed_at",
    "place",
    "lat",
    "lon",
    "source",
    "verdict",
    "returns",
    "created_at",
)
_I = "items_item"
_SELECT = ", ".join(f"{_I}.{c}" for c in COLUMNS)


@dataclass
class Found:
    """A page of rows (mappings of `COLUMNS`, `reporter`, `handler`, and with a search `snippet`), the
    cursor of the next one (None on the last)."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    next: str | None = None
    previous: str | None = None
    number: int = 1


@dataclass(frozen=True)
class Place:
    """Where a page starts: behind this row. `number` is the page's."""

    priority: int
    at: datetime
    id: UUID
    number: int = 1


def find(user: User, filters: Filters, cursor: str = "", limit: int = 50, *, narrative: bool = False) -> Found:
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
        place = Place(last["priority"], last[_moment(filters)], last["id"])


def read_cursor(given: str, filters: Filters) -> Place | None:
    """The place that a cursor stands for; raises `Problem` (400) for one that was not made here.

    The statement reads in one direction. So the way back stands in the address: the cursors of the pages that were
    walked, with dots between them; the last is the page's.
    """
    if not given:
        return None
    try:
        result = _cursor(filters).read(given[-keyset.LONGEST :].rpartition(".")[2], (_priority, keyset.moment, UUID))
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
    return Cursor("-priority", f"{'' if filters.sort else '-'}{_moment(filters)}")


# --- the statement --------------------------------------------------------------------------------


def _moment(filters: Filters) -> str:
    if filters.sort == "due":
        return "due_at"
    return "created_at" if filters.status == Status.DRAFT else "reported_at"


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
    build = _text_arms if terms else _plain_arms
    arms, data = build(filters, place, count, scope, condition, values, terms)
    more = ", left(i.narrative, 4000), i.key_points" if narrative or filters.q else ""
    moment = _moment(filters)
    direction = "" if filters.sort else " DESC"
    sql = (
        f"WITH found AS MATERIALIZED (SELECT * FROM ({' UNION ALL '.join(arms)}) arms"
        f"{f' ORDER BY {moment}, id' if filters.sort else ''} LIMIT {count})"
        f" SELECT f.*, r.name, h.name{more} FROM found f"
        " JOIN organisation_user r ON r.id = f.reporter_id LEFT JOIN organisation_user h ON h.id = f.handler_id"
        + (f" JOIN {_I} i ON i.id = f.id" if more else "")
        + f" ORDER BY {'f.priority DESC, ' if not filters.sort else ''}f.{moment}{direction}, f.id{direction}"
    )
    names = (*COLUMNS, "reporter", "handler", *(("narrative", "key_points") if more else ()))
    with _planned_each_time(), connection.cursor() as cursor:
        cursor.execute(sql, data)
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
        f" AND {_I}.id = ANY(ARRAY(SELECT p.item_id FROM items_party p WHERE p.{column} = ANY(%s) LIMIT 20000))"
        f" AND ({_I}.reporter_id = %s OR {_I}.community_id = ANY(%s))"
    )
    return condition, [*values, wanted, user.pk, list(full)]


def _behind(place: Place | None, column: str, id_: str, side: str) -> tuple[str, list[Any]]:
    if place is None:
        return "", []
    return f" AND ({column}, {id_}) {side} (%s, %s)", [place.at, place.id]


def _plain_arms(
    filters: Filters,
    place: Place | None,
    count: int,
    scope: frozenset[UUID],
    condition: str,
    values: list[Any],
    _terms: Sequence[str],
) -> tuple[list[str], list[Any]]:
    moment, arms, data = _moment(filters), [], []
    side, direction = (">", "") if filters.sort else ("<", " DESC")
    # What is still open has a small index of its own, in this very order.
    still_open = filters.status in ("open", *OPEN_STATUSES)
    for level in (1, 0):
        if place is not None and place.priority < level and not filters.sort:
            continue
        behind = place if filters.sort or place is None or place.priority == level else None
        at, details = _behind(behind, f"{_I}.{moment}", f"{_I}.id", side)
        level_is = f" AND {_I}.priority = {level}"
        order = f"ORDER BY {_I}.{moment}{direction}, {_I}.id{direction} LIMIT {count}"
        if 1 < len(scope) <= BY_COMMUNITY and not still_open:
            # Each community by its own index, a page of each, merged.
            arms.append(
                f"(SELECT {_SELECT} FROM unnest(%s::uuid[]) AS c (id) CROSS JOIN LATERAL (SELECT {_SELECT} FROM {_I}"
                f" WHERE {_I}.community_id = c.id AND {condition}{level_is} AND"
                f" {_I}.{moment} IS NOT NULL{at} {order}) AS {_I} {order})"
            )
            data += [list(scope), *values, *details]
        else:
            narrow, many = _around(scope)
            arms.append(
                f"(SELECT {_SELECT} FROM {_I} WHERE {narrow} AND"
                f" {condition}{level_is} AND {_I}.{moment} IS NOT NULL{at} {order})"
            )
            data += [*many, *values, *details]
    return arms, data


def _text_arms(
    filters: Filters,
    place: Place | None,
    count: int,
    scope: frozenset[UUID],
    condition: str,
    values: list[Any],
    terms: Sequence[str],
) -> tuple[list[str], list[Any]]:
    moment = _moment(filters)
    side, direction = (">", "") if filters.sort else ("<", " DESC")
    order = f"ORDER BY {_I}.{moment}{direction}, {_I}.id{direction} LIMIT {count}"
    everywhere = len(scope) == tree().community_count
    message = " & ".join(_quoted(t) for t in terms)
    places = [] if everywhere else _place_terms(scope)
    by_term = not everywhere and len(scope) <= BY_TERM
    by_area = not everywhere and not by_term and len(places) <= BY_TERM
    narrow, inside = ("", []) if everywhere or by_term else (" AND t.community_id = ANY(%s)", [list(scope)])
    here = f"{message} & ({' | '.join(places)})" if 0 < len(places) <= BY_COMMUNITY else message
    arms: list[str] = []
    data: list[Any] = []

    def hits(level: str, weeks: Sequence[str], bounds: str, told: list[Any], at: str, at_told: list[Any]) -> None:
        # Materialised: by the text index alone, never a walk over everything in the hope of a hit.
        query = f"{here if by_term else message} & ({' | '.join(_quoted(w) for w in weeks)})" if weeks else here
        # A whole area is told by its own term; that its texts' items lie in it is asked of the few that are left.
        text_in, item_in = ("", narrow.replace("t.", f"{_I}.")) if by_area else (narrow, "")
        wanted = f"{condition}{level}{item_in} AND {_I}.{moment} IS NOT NULL{at}"
        # In the order of their times, so that no more items are fetched than a page holds.
        joined = (
            f"(SELECT * FROM hit ORDER BY reported_at DESC, item_id DESC) hit CROSS JOIN LATERAL"
            f" (SELECT {_SELECT} FROM {_I} WHERE {_I}.id = hit.item_id AND {wanted} OFFSET 0) {_I}"
            f" ORDER BY hit.reported_at DESC, hit.item_id DESC LIMIT {count}"
            if moment == "reported_at"
            else f"hit JOIN {_I} ON {_I}.id = hit.item_id WHERE {wanted} {order}"
        )
        arms.append(
            "(WITH hit AS MATERIALIZED (SELECT t.item_id, t.reported_at FROM items_itemtext t"
            f" WHERE t.terms @@ %s::tsquery{text_in}{bounds}) SELECT {_SELECT} FROM {joined})"
        )
        data.extend(
            [query, *told, *values, *inside, *at_told] if by_area else [query, *inside, *told, *values, *at_told]
        )

    if filters.sort:
        at, told = _behind(place, f"{_I}.{moment}", f"{_I}.id", side)
        hits("", (), "", [], at, told)
        return arms, data
    if place is None or place.priority == 1:
        # What is urgent and open is little: from its own index, each text looked at.
        at, told = _behind(place, f"{_I}.{moment}", f"{_I}.id", side)
        around, many = _around(scope)
        arms.append(
            f"(WITH first AS MATERIALIZED (SELECT {_SELECT} FROM {_I} WHERE {around} AND"
            f" {condition} AND {_I}.priority = 1 AND {_I}.{moment} IS NOT NULL{at})"
            f" SELECT {_I}.* FROM first AS {_I} CROSS JOIN LATERAL (SELECT 1"
            f" FROM items_itemtext t WHERE t.item_id = {_I}.id"
            f" AND t.terms @@ %s::tsquery OFFSET 0) AS told {order})"
        )
        data.extend([*many, *values, *told, message])
    if place is not None and place.priority == 1:
        place = None
    at, told = _behind(place, f"{_I}.{moment}", f"{_I}.id", side)
    known = statistics()
    share = known.share(terms)
    part = 1.0 if everywhere else known.part(scope)
    # The newest that a page behind `place`, or of the period asked for, can hold.
    top = min(clock.now(), place.at if place else datetime.max.replace(tzinfo=UTC), _end_of(filters))
    # A few communities are walked each by its own index, everything by that of time.
    walked = (share >= COMMON_HERE if by_term else share * part >= COMMON) and share >= known.least > 0
    if walked:
        bounds, at_t = _behind(place, "t.reported_at", "t.item_id", side)
        window = known.before(top, 3 * count / share / part)
        low, low_told = (" AND t.reported_at >= %s", [window]) if window else ("", [])

        def walk(narrow: str) -> str:
            return (
                f"SELECT {_SELECT} FROM items_itemtext t JOIN {_I} ON {_I}.id = t.item_id"
                f" WHERE t.terms @@ %s::tsquery{narrow}{low}{bounds}"
                f" AND {condition} AND {_I}.priority = 0 AND {_I}.{moment} IS NOT NULL ORDER"
                f" BY t.reported_at DESC, t.item_id DESC LIMIT {count}"
            )

        if by_term:
            each = (
                f"SELECT {_SELECT} FROM unnest(%s::uuid[]) AS c (id) CROSS JOIN LATERAL"
                f" ({walk(' AND t.community_id = c.id')}) AS {_I}"
            )
            arms.append(f"({each} {order})")
            data.append(list(scope))
        else:
            arms.append(f"({walk(narrow)})")
        data.extend([message, *inside, *low_told, *at_t, *values])
        if window is None:
            return arms, data
        top = window
    upper: datetime | None = top if walked else None
    for factor in (4, 32):
        window = known.before(top, factor * count / share / part)
        window = window or (known.times[0] if known.times else None)  # all that there is below, if that is little
        if window is None or window >= (upper or top):
            break
        bounds, told_b = _until(place)
        if upper:
            bounds, told_b = bounds + " AND t.reported_at < %s", [*told_b, upper]
        if by_area:  # few enough to look at each one's time
            hits(f" AND {_I}.priority = 0", (), bounds + " AND t.reported_at >= %s", [*told_b, window], at, told)
            upper = window
            break
        window = max(window, (upper or top) - timedelta(weeks=MOST_WEEKS - 2))
        weeks = _weeks(window, upper or top)
        hits(f" AND {_I}.priority = 0", weeks, bounds, told_b, at, told)
        upper = _monday(window)
    bounds, told_b = _until(place)
    if upper:
        bounds, told_b = bounds + " AND t.reported_at < %s", [*told_b, upper]
    hits(f" AND {_I}.priority = 0", (), bounds, told_b, at, told)
    return arms, data


def _place_terms(scope: frozenset[UUID]) -> list[str]:
    """The scope in terms of the text index: whole subdistricts by one, communities by one each."""
    units = tree()
    by_subdistrict: dict[str, list[str]] = defaultdict(list)
    for community in scope:
        code = units.by_id[community].code
        by_subdistrict[text.subdistrict_term(code)].append(code)
    return [
        term
        for area, codes in by_subdistrict.items()
        for term in (
            [_quoted(area)] if len(codes) == units.communities_of_code(area[2:]) else [_quoted(f"c:{c}") for c in codes]
        )
    ]


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def _around(scope: frozenset[UUID]) -> tuple[str, list[Any]]:
    """The communities of the scope: nothing to say when it is all of them."""
    if len(scope) == 1:
        return f"{_I}.community_id = %s", [next(iter(scope))]
    if len(scope) == tree().community_count:
        return "TRUE", []
    return f"{_I}.community_id = ANY(%s)", [list(scope)]


def _end_of(filters: Filters) -> datetime:
    if filters.until is None:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(filters.until, datetime.min.time(), UTC) + timedelta(days=2)


def _monday(at: datetime) -> datetime:
    return datetime.combine(clock.monday(at.astimezone(UTC).date()), datetime.min.time(), UTC)


def _weeks(since: datetime, until: datetime) -> list[str]:
    """The terms of the weeks (UTC) from `since` to `until`, both included."""
    week, last = clock.monday(since.astimezone(UTC).date()), until.astimezone(UTC).date()
    weeks: list[str] = []
    while week <= last and len(weeks) <= MOST_WEEKS:
        weeks.append(text.week_term(week))
        week += timedelta(weeks=1)
    return weeks


def _until(place: Place | None) -> tuple[str, list[Any]]:
    return (" AND t.reported_at <= %s", [place.at]) if place else ("", [])


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


# --- how common a word is ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Statistics:
    """What the database knows of the texts: how many, how often each common term, how spread in time."""

    rows: float = 0.0
    often: dict[str, float] = field(default_factory=dict)
    least: float = 0.0
    times: tuple[datetime, ...] = ()

    def share(self, terms: Sequence[str]) -> float:
        """The share of texts that should hold all `terms`: that of the rarest; neighbours hang together."""
        return max(min((self.often.get(t, self.least / 2) for t in terms), default=0.0), 1e-9)

    def part(self, scope: frozenset[UUID]) -> float:
        """The share of texts that lie in these communities: as counted for those that have many, else an even one."""
        units = tree()
        even = 1 / max(1, units.community_count)
        small = min(even, self.least) if self.least else even
        return sum(self.often.get(f"c:{units.by_id[c].code}", small) for c in scope)

    def before(self, top: datetime, wanted: float) -> datetime | None:
        """The moment since which about `wanted` texts came before `top`; None when that is all of them."""
        times = self.times
        if len(times) < 2 or wanted >= self.rows:
            return None
        each = self.rows / (len(times) - 1)
        index = len(times) - 1
        while index > 0 and times[index] >= top:
            index -= 1
        left = wanted
        while index >= 0:
            upper = min(top, times[index + 1]) if index + 1 < len(times) else top
            if index == len(times) - 1:
                # Behind the last bound: as dense as the last stretch.
                width = (times[-1] - times[-2]).total_seconds() or 1.0
            else:
                width = (times[index + 1] - times[index]).total_seconds() or 1.0
            here = each * (upper - times[index]).total_seconds() / width
            if here >= left and here > 0:
                return upper - (upper - times[index]) * (left / here)
            left -= here
            index -= 1
        return None


_kept: tuple[float, Statistics] = (float("-inf"), Statistics())


def statistics() -> Statistics:
    """As the last ANALYZE saw it; read at most every ten minutes per process."""
    global _kept
    if clocktime.monotonic() - _kept[0] > STATISTICS_FOR:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.reltuples, t.most_common_elems::text::text[],"
                " t.most_common_elem_freqs, h.histogram_bounds::text::timestamptz[]"
                " FROM pg_class c LEFT JOIN pg_stats t ON t.schemaname = current_schema()"
                " AND t.tablename = c.relname AND t.attname = 'terms'"
                " LEFT JOIN pg_stats h ON h.schemaname = current_schema() AND"
                " h.tablename = c.relname AND h.attname = 'reported_at'"
                " WHERE c.oid = 'items_itemtext'::regclass"
            )
            row = cursor.fetchone() or (0, None, None, None)
        rows, elems, shares, times = row
        often = dict(zip(elems or (), shares or (), strict=False))
        _kept = (
            clocktime.monotonic(),
            Statistics(max(0.0, rows), often, min(often.values(), default=0.0), tuple(times or ())),
        )
    return _kept[1]


def forget_statistics() -> None:
    """Ask the database again at the next search (after a large import)."""
    global _kept
    _kept = (float("-inf"), Statistics())


# --- what is shown ----------------------------------------------------------------------------------


def _page(rows: list[dict[str, Any]], filters: Filters, limit: int, cursor: str, number: int) -> Found:
    walked = [c for c in cursor.split(".") if c][-MOST_BACK:]
    following = None
    if len(rows) > limit:
        following = ".".join([*walked, write_cursor(rows[limit - 1], filters, number + 1)])
    previous = ".".join(walked[:-1]) if walked else None
    rows = rows[:limit]
    if filters.q:
        message = words_of(filters.q)
        for row in rows:
            row["marked"] = marked(row["title"], message)
            row["snippet"] = snippet(row["narrative"] or "", message)
    return Found(rows, following, previous, number)


def words_of(q: str) -> list[str]:
    """The pieces of a search as a person would see them in the text, in small letters, longest first."""
    pieces = {q.strip(), *q.split(), *text.query_terms(q)}
    return sorted((text.comparable(p) for p in pieces if p), key=len, reverse=True)[:40]


def marked(value: str, words: Sequence[str]) -> SafeString:
    """`value`, escaped, with what was searched (`words_of`) in <mark>."""
    spans = _spans(value, words)
    out, at = [], 0
    for start, end in spans:
        out += [escape(value[at:start]), "<mark>", escape(value[start:end]), "</mark>"]
        at = end
    return SafeString("".join([*out, escape(value[at:])]))


def snippet(value: str, words: Sequence[str], width: int = 90) -> SafeString:
    """The stretch of `value` around the first hit, personal numbers masked, hits marked."""
    value = " ".join(value.split())
    spans = _spans(value, words)
    # Where most of the searched words stand together.
    best = max(spans, key=lambda s: (sum(s[0] <= o[0] < s[0] + width for o in spans), s[1] - s[0]), default=(0, 0))[0]
    start = max(0, best - 20)
    piece = value[start : start + width]
    before, after = "…" if start else "", "…" if start + width < len(value) else ""
    return SafeString(before + marked(piece, words) + after)


def _spans(value: str, words: Sequence[str]) -> list[tuple[int, int]]:
    low = text.comparable(value)
    taken: list[tuple[int, int]] = []
    for needle in words:
        at = 0
        while len(taken) < 60 and (at := low.find(needle, at)) >= 0:
            end = at + len(needle)
            if not any(a < end and at < b for a, b in taken):
                taken.append((at, end))
            at = end
    return sorted(taken)
