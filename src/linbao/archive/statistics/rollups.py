"""The daily sums that dashboards read, counted anew for the days that changed (performance.md rule 5 and 6).

Where there are none yet (a new installation, a restored or filled database) they are counted day by day, from
today backwards, each day in a transaction of its own: no statement is long, and what a killed worker had counted
stays counted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from linbao.archive.models import Rollup
from linbao.archive.statistics import counted
from linbao.core import clock
from linbao.organisation.models import Unit, UnitKind
from linbao.organisation.tree import tree
from linbao.platform.models import Counter

MARK = "archive:rollups"  # until when (epoch seconds) changes are in the sums
DOWN_TO = "archive:rollups:down-to"  # the oldest day (ordinal) that has been counted; 0 when all have
FIRST_SECONDS = 1.0  # of a page, where nobody has counted yet
OVERLAP = timedelta(minutes=3)  # a transaction may end after a later one has been counted

SUMS = (
    "submitted",
    "closed",
    "returned",
    "urgent",
    "judged",
    "first_pass",
    "close_hours",
    "overdue",
    "satisfied",
    "mostly_satisfied",
    "unsatisfied",
    "decisions",
    "returns",
    "unrated",
    "first_answers",
    "first_content",
    "last_answers",
    "last_content",
)
_SUMS = ", ".join(SUMS)
_RATED = ", ".join(f"'{v}'" for v in counted.RATED)
_CONTENT = ", ".join(f"'{v}'" for v in counted.CONTENT)
# What each arm counts, as (column, expression); columns that it does not name are 0.
_REPORTED = tuple((name, f"({{{name}}})::int") for name in ("submitted", "returned", "urgent", "judged", "first_pass"))
# The duty of handling that a closing ended: opened before it, and after the closing before (another round).
_HANDLED_LATE = """EXISTS (SELECT 1 FROM duties_obligation o WHERE o.subject_id = i.id AND o.kind = 'handle'
   AND o.waived_at IS NULL AND o.opened_at <= e.at AND (o.met_at > o.due_at OR o.met_at IS NULL
     AND o.missed_at IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM items_entry p WHERE p.item_id = i.id AND p.verb = 'close' AND p.at < e.at
     AND p.at > o.opened_at))"""
_CLOSED = (
    ("closed", "1"),
    ("overdue", f"({_HANDLED_LATE})::int"),
    ("close_hours", "extract(epoch FROM e.at - i.reported_at) / 3600"),
)
_DECIDED = (("decisions", "1"), ("returns", "(e.verb = 'return')::int"))
_FIRST = (
    f"NOT EXISTS (SELECT 1 FROM handling_evaluation p WHERE p.item_id ="
    f" v.item_id AND p.round < v.round AND p.verdict IN ({_RATED}))"
)
_LAST = (
    f"NOT EXISTS (SELECT 1 FROM handling_evaluation p WHERE p.item_id ="
    f" v.item_id AND p.round > v.round AND p.verdict IN ({_RATED}))"
)
_EVALUATED = (
    *((verdict, f"(v.verdict = '{verdict}')::int") for verdict in counted.RATED),
    ("unrated", "(v.verdict = 'none')::int"),
    ("first_answers", f"(v.verdict IN ({_RATED}) AND {_FIRST})::int"),
    ("first_content", f"(v.verdict IN ({_CONTENT}) AND {_FIRST})::int"),
    ("last_answers", f"(v.verdict IN ({_RATED}) AND {_LAST})::int"),
    ("last_content", f"(v.verdict IN ({_CONTENT}) AND {_LAST})::int"),
)
# Each arm: what it counts, the moment that gives its day, where its rows come from.
_ARMS = (
    (_REPORTED, "i.reported_at", "items_item i", "{submitted}"),
    (_CLOSED, "e.at", "items_entry e JOIN items_item i ON i.id = e.item_id", "e.verb = 'close'"),
    (_DECIDED, "e.at", "items_entry e JOIN items_item i ON i.id = e.item_id", "e.verb IN ('approve', 'return')"),
    (_EVALUATED, "v.at", "handling_evaluation v JOIN items_item i ON i.id = v.item_id", "TRUE"),
)


def _counted(here: str, reported: str) -> str:
    """Every counted thing of the days from `low` to `high` as a row of sums with day and place. `here` narrows the
    items (columns of `i`), `reported` further those by the day of reporting (an index). Days are of the zone that
    `zones` gives the community. Parameters: communities, zones, low, high."""
    conditions = {code: counted.sql(code, "i") for code in counted.ITEMS}
    arms = []
    for counts, moment, source, where in _ARMS:
        expressions = dict(counts)
        columns = ", ".join(f"{expressions.get(name, '0')} AS {name}" for name in SUMS).format(**conditions)
        narrowed = f"{here} AND {reported}" if moment == "i.reported_at" else here
        arms.append(
            f"SELECT ({moment} AT TIME ZONE z.tz)::date AS day, i.community_id, i.grid_id, i.category, i.subcategory,"
            f" {columns} FROM {source}"
            " JOIN unnest(%(communities)s::uuid[], %(zones)s::text[]) AS z"
            " (community, tz) ON z.community = i.community_id"
            f" WHERE {narrowed} AND {moment} >= %(low)s AND {moment} < %(high)s AND {where.format(**conditions)}"
        )
    return " UNION ALL ".join(arms)


def refresh(seconds: float = math.inf) -> int:
    """Bring the sums up to date with what happened since the last time. Where there are none yet, they are
    counted day by day, the newest first, for at most about `seconds`; the next call goes on from there.

    Returns how many days of communities were counted anew for changes in them.
    """
    started, began = clock.now(), time.monotonic()
    mark = Counter.objects.filter(scope=MARK).values_list("value", flat=True).first()
    if mark is None:
        restart()
        changed = 0
    else:
        pairs = _changed(datetime.fromtimestamp(mark, UTC) - OVERLAP)
        by_day: dict[date, list[UUID]] = {}
        for community, days in pairs.items():
            for day in days:
                by_day.setdefault(day, []).append(community)
        for day, communities in sorted(by_day.items()):
            compute(communities, [day])
        if pairs:
            _upwards(sorted({d for days in pairs.values() for d in days}), list(pairs))
        changed = sum(len(d) for d in pairs.values())
        Counter.objects.filter(scope=MARK).update(value=int(started.timestamp()))
    while not complete() and time.monotonic() - began < seconds:
        _count_next()
    return changed


def everything() -> None:
    """All sums from nothing."""
    restart()
    refresh()


@transaction.atomic
def restart() -> None:
    """Forget all sums; `refresh` counts them anew from today backwards."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("DELETE FROM archive_rollup")
        cursor.execute("DELETE FROM archive_gridday")
    for scope, value in ((MARK, int(now.timestamp())), (DOWN_TO, clock.today().toordinal() + 1)):
        Counter.objects.update_or_create(scope=scope, defaults={"value": value})


def since() -> date | None:
    """The first day from which on all is counted; None when there is nothing left to count."""
    down_to = Counter.objects.filter(scope=DOWN_TO).values_list("value", flat=True).first()
    return clock.today() + timedelta(days=1) if down_to is None else date.fromordinal(down_to) if down_to else None


def begun() -> date | None:
    """`since`, for a page: where nobody has counted yet it makes a short start, which does for a small
    installation; the job does the rest."""
    if not Counter.objects.filter(scope=MARK).exists():
        refresh(seconds=FIRST_SECONDS)
    return since()


def complete() -> bool:
    """Whether every day has been counted."""
    return since() is None


@transaction.atomic
def _count_next() -> None:
    """The day before the oldest that is counted, for all communities. A second process waits, and takes the
    next."""
    down_to = Counter.objects.select_for_update().get(scope=DOWN_TO)
    with connection.cursor() as cursor:
        # By priority, as the index has it: two probes instead of a walk.
        cursor.execute(
            "SELECT min(at) FROM (SELECT min(reported_at) AS at FROM items_item WHERE priority = 0"
            " UNION ALL SELECT min(reported_at) FROM items_item WHERE priority = 1) AS oldest"
        )
        oldest = cursor.fetchone()[0]
    if oldest is None or down_to.value <= clock.local(oldest).date().toordinal():
        down_to.value = 0
    else:
        down_to.value -= 1
        day = date.fromordinal(down_to.value)
        _write(None, [day])
        _upwards([day], None)
    down_to.save()


@transaction.atomic
def compute(communities: Sequence[UUID], days: Sequence[date]) -> None:
    """The sums of these communities on these days."""
    Counter.objects.select_for_update().filter(scope=DOWN_TO).first()  # not beside one who counts the same day
    _write(communities, days)


def _values(communities: Sequence[UUID], days: Sequence[date]) -> dict[str, Any]:
    """The parameters of `_counted`; the days of every zone lie between `low` and `high`."""
    units = tree()
    return {
        "days": list(days),
        "low": datetime.combine(min(days) - timedelta(days=1), datetime.min.time(), UTC),
        "high": datetime.combine(max(days) + timedelta(days=2), datetime.min.time(), UTC),
        "communities": list(communities),
        "zones": [str(units.setting(c, "time_zone") or settings.TIME_ZONE) for c in communities],
    }


def _write(communities: Sequence[UUID] | None, days: Sequence[date]) -> None:
    """Count the days anew, of some communities or of all."""
    values = _values([u.id for u in tree().of_kind(UnitKind.COMMUNITY)] if communities is None else communities, days)
    # By the index of all for all, by the community's own for some.
    here = "TRUE" if communities is None else "i.community_id = ANY(%(communities)s)"
    rows = _counted(here, "i.priority IN (0, 1)")
    sums = ", ".join(f"sum({c})" for c in SUMS)
    with connection.cursor() as cursor:
        for table in ("archive_rollup", "archive_gridday"):
            cursor.execute(
                f"DELETE FROM {table} WHERE day = ANY(%(days)s) AND community_id = ANY(%(communities)s)", values
            )
        cursor.execute(
            f"WITH c AS MATERIALIZED (SELECT * FROM ({rows}) all_days WHERE day = ANY(%(days)s)),"
            f" by_kind AS (INSERT INTO archive_rollup (day, community_id, category, subcategory, {_SUMS})"
            f" SELECT day, community_id, category, subcategory, {sums} FROM c GROUP BY 1, 2, 3, 4)"
            " INSERT INTO archive_gridday (day, community_id, grid_id, submitted, closed)"
            " SELECT day, community_id, grid_id, sum(submitted), sum(closed) FROM c"
            " WHERE grid_id IS NOT NULL GROUP BY 1, 2, 3 ON CONFLICT DO NOTHING",
            values,
        )


def read(unit: Unit, first: date, last: date) -> list[tuple[Any, ...]]:
    """Rows of (day, category, subcategory, *SUMS) of a community, or of a unit above, from `first` to `last`."""
    stored = Rollup.objects.filter(community_id=unit.id, day__range=(first, last))
    return list(stored.values_list("day", "category", "subcategory", *SUMS))


def _upwards(days: Sequence[date], communities: Sequence[UUID] | None) -> None:
    """The sums of the units above, from those of their communities."""
    units = tree()
    above = {
        a.id
        for c in (communities if communities is not None else [u.id for u in units.of_kind(UnitKind.COMMUNITY)])
        for a in units.line(c)[1:]
    }
    pairs = [(a, c) for a in above for c in units.communities(a)]
    if not pairs or not days:
        return
    sums = ", ".join(f"sum(r.{c})" for c in SUMS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            "DELETE FROM archive_rollup WHERE community_id = ANY(%s) AND day = ANY(%s)", [list(above), list(days)]
        )
        cursor.execute(
            f"INSERT INTO archive_rollup (day, community_id, category, subcategory, {_SUMS})"
            f" SELECT r.day, p.above, r.category, r.subcategory, {sums} FROM"
            f" unnest(%s::uuid[], %s::uuid[]) AS p (above, community)"
            " JOIN archive_rollup r ON r.community_id = p.community WHERE r.day = ANY(%s) GROUP BY 1, 2, 3, 4",
            [[a for a, _c in pairs], [c for _a, c in pairs], list(days)],
        )


def _changed(since: datetime) -> dict[UUID, set[date]]:
    """The days of each community whose sums the items touched since then are in: the day of reporting, and those of
    their decisions, closings and evaluations (an evaluation takes the place of the last one before it)."""
    communities = [u.id for u in tree().of_kind(UnitKind.COMMUNITY)]
    values = _values(communities, [clock.today()]) | {"since": since}
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH item AS MATERIALIZED (SELECT DISTINCT e.item_id AS id FROM items_entry e WHERE e.at >= %(since)s),"
            " moment AS (SELECT i.id, i.community_id, i.reported_at AS at FROM item JOIN items_item i USING (id)"
            " UNION ALL SELECT i.id, i.community_id, e.at FROM item JOIN items_item i USING (id)"
            " JOIN items_entry e ON e.item_id = i.id WHERE e.verb IN ('close', 'approve', 'return')"
            " UNION ALL SELECT i.id, i.community_id, v.at FROM item JOIN items_item i USING (id)"
            " JOIN handling_evaluation v ON v.item_id = i.id)"
            " SELECT DISTINCT m.community_id, (m.at AT TIME ZONE z.tz)::date FROM moment m"
            " JOIN unnest(%(communities)s::uuid[], %(zones)s::text[]) AS z"
            " (community, tz) ON z.community = m.community_id"
            " WHERE m.at IS NOT NULL",
            values,
        )
        days: dict[UUID, set[date]] = {}
        for community, day in cursor.fetchall():
            days.setdefault(community, set()).add(day)
    return days
