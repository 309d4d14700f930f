"""The SQL of the archive's search: one statement of arms, by keyset (performance.md rules 6 to 8).

What is urgent and open is an arm of its own. A word that is rare is asked of the text index and then sorted; a common
one is met while walking the time index; one between is asked of both inside a window of time that should hold a page,
and only then of the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from linbao.archive.filters import Filters
from linbao.archive.term_statistics import Statistics, statistics
from linbao.core import clock, text
from linbao.items.models import OPEN_STATUSES, Status
from linbao.organisation.tree import tree

BY_TERM = 4  # communities, or whole subdistricts, up to which a search names them inside the text index
BY_COMMUNITY = 30  # communities up to which each is asked by its own index
COMMON = 0.005  # of all texts, hits inside the scope: from here on they are met while walking
COMMON_HERE = 0.02  # the same for few communities, each walked by its own index
MOST_WEEKS = 8  # of a window asked week by week

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
TABLE = "items_item"
_I = TABLE
_SELECT = ", ".join(f"{_I}.{c}" for c in COLUMNS)


@dataclass(frozen=True)
class Place:
    """Where a page starts: behind this row. `number` is the page's."""

    priority: int
    at: datetime
    id: UUID
    number: int = 1


def moment_of(filters: Filters) -> str:
    """The column of the moment by which the list is ordered."""
    if filters.sort == "due":
        return "due_at"
    return "created_at" if filters.status == Status.DRAFT else "reported_at"


@dataclass(frozen=True)
class Request:
    """What a page asks of the database: `count` rows behind `place`, of the communities of `scope`.

    `condition` with its `values` is what the asker may see and filtered by, on the item's own columns.
    """

    filters: Filters
    place: Place | None
    count: int
    scope: frozenset[UUID]
    condition: str
    values: list[Any]
    terms: Sequence[str] = ()

    @property
    def moment(self) -> str:
        return moment_of(self.filters)

    @property
    def order(self) -> str:
        """The order of an arm, with its limit."""
        direction = "" if self.filters.sort else " DESC"
        return f"ORDER BY {_I}.{self.moment}{direction}, {_I}.id{direction} LIMIT {self.count}"

    def behind(self, place: Place | None, column: str = "", id_: str = f"{_I}.id") -> tuple[str, list[Any]]:
        """The condition of rows behind `place`, with its values."""
        if place is None:
            return "", []
        side = ">" if self.filters.sort else "<"
        return f" AND ({column or f'{_I}.{self.moment}'}, {id_}) {side} (%s, %s)", [place.at, place.id]


@dataclass
class Arms:
    """The arms of a statement, and the values of their placeholders in order."""

    sql: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, sql: str, values: Sequence[Any]) -> None:
        """One more arm."""
        self.sql.append(sql)
        self.values.extend(values)


def page_sql(request: Request, arms: Arms, more: str) -> str:
    """The whole statement: a page of all arms, with the names of its people; `more`: columns of `i` besides."""
    filters, moment = request.filters, request.moment
    direction = "" if filters.sort else " DESC"
    return (
        f"WITH page AS MATERIALIZED (SELECT * FROM ({' UNION ALL '.join(arms.sql)}) arms"
        f"{f' ORDER BY {moment}, id' if filters.sort else ''} LIMIT {request.count})"
        f" SELECT f.*, r.name, h.name{more} FROM page f"
        " JOIN organisation_user r ON r.id = f.reporter_id LEFT JOIN organisation_user h ON h.id = f.handler_id"
        + (f" JOIN {_I} i ON i.id = f.id" if more else "")
        + f" ORDER BY {'f.priority DESC, ' if not filters.sort else ''}f.{moment}{direction}, f.id{direction}"
    )


def plain_arms(request: Request) -> Arms:
    """The arms of a list without a search: the urgent and open, then the rest, each along an index in this order."""
    arms, filters, place, scope = Arms(), request.filters, request.place, request.scope
    # What is still open has a small index of its own, in this very order.
    still_open = filters.status in ("open", *OPEN_STATUSES)
    for level in (1, 0):
        if place is not None and place.priority < level and not filters.sort:
            continue
        behind = place if filters.sort or place is None or place.priority == level else None
        at, at_values = request.behind(behind)
        level_is = f" AND {_I}.priority = {level}"
        if 1 < len(scope) <= BY_COMMUNITY and not still_open:
            # Each community by its own index, a page of each, merged.
            arms.add(
                f"(SELECT {_SELECT} FROM unnest(%s::uuid[]) AS c (id) CROSS JOIN LATERAL (SELECT {_SELECT} FROM {_I}"
                f" WHERE {_I}.community_id = c.id AND {request.condition}{level_is} AND"
                f" {_I}.{request.moment} IS NOT NULL{at} {request.order}) AS {_I} {request.order})",
                [list(scope), *request.values, *at_values],
            )
        else:
            around, around_values = _around(scope)
            arms.add(
                f"(SELECT {_SELECT} FROM {_I} WHERE {around} AND"
                f" {request.condition}{level_is} AND {_I}.{request.moment} IS NOT NULL{at} {request.order})",
                [*around_values, *request.values, *at_values],
            )
    return arms


def text_arms(request: Request) -> Arms:
    """The arms of a search for words."""
    return TextSearch(request).build()


class TextSearch:
    """A search for words: how its scope is named inside the text index, and which arms find its page."""

    def __init__(self, request: Request) -> None:
        scope = request.scope
        self.request = request
        self.arms = Arms()
        self.query = " & ".join(_quoted(t) for t in request.terms)
        self.everywhere = len(scope) == tree().community_count
        places = [] if self.everywhere else _place_terms(scope)
        self.by_term = not self.everywhere and len(scope) <= BY_TERM
        self.by_area = not self.everywhere and not self.by_term and len(places) <= BY_TERM
        named = self.everywhere or self.by_term
        self.narrow, self.narrow_values = ("", []) if named else (" AND t.community_id = ANY(%s)", [list(scope)])
        self.here = f"{self.query} & ({' | '.join(places)})" if 0 < len(places) <= BY_COMMUNITY else self.query

    def build(self) -> Arms:
        """All arms: the urgent and open ones, then as common as the words are."""
        request, place = self.request, self.request.place
        if request.filters.sort:
            self._hits(place)
            return self.arms
        if place is None or place.priority == 1:
            self._urgent(place)
            place = None
        known = statistics()
        share = known.share(request.terms)
        part = 1.0 if self.everywhere else known.part(request.scope)
        # The newest that a page behind `place`, or of the period asked for, can hold.
        top = min(clock.now(), place.at if place else datetime.max.replace(tzinfo=UTC), _end_of(request.filters))
        upper: datetime | None = None
        # A few communities are walked each by its own index, everything by that of time.
        if (share >= COMMON_HERE if self.by_term else share * part >= COMMON) and share >= known.least > 0:
            upper = known.before(top, 3 * request.count / share / part)
            self._walk(place, upper)
            if upper is None:
                return self.arms
            top = upper
        upper = self._windows(place, top, upper, known, request.count / share / part)
        bounds, bounds_values = _until(place, upper)
        self._hits(place, f" AND {_I}.priority = 0", bounds=bounds, bounds_values=bounds_values)
        return self.arms

    def _hits(
        self,
        place: Place | None,
        level: str = "",
        weeks: Sequence[str] = (),
        bounds: str = "",
        bounds_values: Sequence[Any] = (),
    ) -> None:
        """Texts that hold the words, by the text index alone, then their items: for words that are rare there.

        Materialised, never a walk over everything in the hope of a hit.
        """
        request, moment = self.request, self.request.moment
        at, at_values = request.behind(place)
        query = self.here
        if weeks:
            query = f"{self.here if self.by_term else self.query} & ({' | '.join(_quoted(w) for w in weeks)})"
        # A whole area is named by its own term; that its texts' items lie in it is asked of the few that are left.
        text_in, item_in = ("", self.narrow.replace("t.", f"{_I}.")) if self.by_area else (self.narrow, "")
        wanted = f"{request.condition}{level}{item_in} AND {_I}.{moment} IS NOT NULL{at}"
        # In the order of their times, so that no more items are fetched than a page holds.
        joined = (
            f"(SELECT * FROM hit ORDER BY reported_at DESC, item_id DESC) hit CROSS JOIN LATERAL"
            f" (SELECT {_SELECT} FROM {_I} WHERE {_I}.id = hit.item_id AND {wanted} OFFSET 0) {_I}"
            f" ORDER BY hit.reported_at DESC, hit.item_id DESC LIMIT {request.count}"
            if moment == "reported_at"
            else f"hit JOIN {_I} ON {_I}.id = hit.item_id WHERE {wanted} {request.order}"
        )
        inside = self.narrow_values
        self.arms.add(
            "(WITH hit AS MATERIALIZED (SELECT t.item_id, t.reported_at FROM items_itemtext t"
            f" WHERE t.terms @@ %s::tsquery{text_in}{bounds}) SELECT {_SELECT} FROM {joined})",
            [query, *bounds_values, *request.values, *inside, *at_values]
            if self.by_area
            else [query, *inside, *bounds_values, *request.values, *at_values],
        )

    def _urgent(self, place: Place | None) -> None:
        """What is urgent and open is little: from its own index, each text looked at."""
        request = self.request
        at, at_values = request.behind(place)
        around, around_values = _around(request.scope)
        self.arms.add(
            f"(WITH first AS MATERIALIZED (SELECT {_SELECT} FROM {_I} WHERE {around} AND"
            f" {request.condition} AND {_I}.priority = 1 AND {_I}.{request.moment} IS NOT NULL{at})"
            f" SELECT {_I}.* FROM first AS {_I} CROSS JOIN LATERAL (SELECT 1"
            f" FROM items_itemtext t WHERE t.item_id = {_I}.id"
            f" AND t.terms @@ %s::tsquery OFFSET 0) AS hit {request.order})",
            [*around_values, *request.values, *at_values, self.query],
        )

    def _walk(self, place: Place | None, since: datetime | None) -> None:
        """Texts along the index of time until a page is full, not before `since`: for words that are common there."""
        request = self.request
        bounds, bounds_values = request.behind(place, "t.reported_at", "t.item_id")
        low, low_values = (" AND t.reported_at >= %s", [since]) if since else ("", [])

        def walk(narrow: str) -> str:
            return (
                f"SELECT {_SELECT} FROM items_itemtext t JOIN {_I} ON {_I}.id = t.item_id"
                f" WHERE t.terms @@ %s::tsquery{narrow}{low}{bounds}"
                f" AND {request.condition} AND {_I}.priority = 0 AND {_I}.{request.moment} IS NOT NULL ORDER"
                f" BY t.reported_at DESC, t.item_id DESC LIMIT {request.count}"
            )

        rest = [self.query, *self.narrow_values, *low_values, *bounds_values, *request.values]
        if self.by_term:
            each = (
                f"SELECT {_SELECT} FROM unnest(%s::uuid[]) AS c (id) CROSS JOIN LATERAL"
                f" ({walk(' AND t.community_id = c.id')}) AS {_I}"
            )
            self.arms.add(f"({each} {request.order})", [list(request.scope), *rest])
        else:
            self.arms.add(f"({walk(self.narrow)})", rest)

    def _windows(
        self, place: Place | None, top: datetime, upper: datetime | None, known: Statistics, wanted: float
    ) -> datetime | None:
        """The newest texts first, in windows of time that should hold a page (`wanted`: texts to read for one).

        Returns the moment from which on backwards the rest is still to be asked.
        """
        for factor in (4, 32):
            window = known.before(top, factor * wanted)
            window = window or (known.times[0] if known.times else None)  # all that there is below, if that is little
            if window is None or window >= (upper or top):
                break
            bounds, bounds_values = _until(place, upper)
            level = f" AND {_I}.priority = 0"
            if self.by_area:  # few enough to look at each one's time
                bounds += " AND t.reported_at >= %s"
                self._hits(place, level, bounds=bounds, bounds_values=[*bounds_values, window])
                return window
            window = max(window, (upper or top) - timedelta(weeks=MOST_WEEKS - 2))
            weeks = _weeks(window, upper or top)
            self._hits(place, level, weeks, bounds, bounds_values)
            upper = _monday(window)
        return upper


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
    """The condition on the communities of the scope: none when it is all of them."""
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


def _until(place: Place | None, upper: datetime | None) -> tuple[str, list[Any]]:
    """The condition of texts not newer than `place`, and older than `upper`."""
    sql, values = (" AND t.reported_at <= %s", [place.at]) if place else ("", [])
    return (sql + " AND t.reported_at < %s", [*values, upper]) if upper else (sql, values)
