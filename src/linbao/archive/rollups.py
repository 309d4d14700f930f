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
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from linbao.base import clock
from linbao.base.models import Counter
from linbao.units.models import UnitKind
from linbao.units.tree import tree

MARK = "archive:rollups"  # until when (epoch seconds) changes are in the sums
DOWN_TO = "archive:rollups:down-to"  # the oldest day (ordinal) that has been counted; 0 when all have
FIRST_SECONDS = 1.0  # of a page, where nobody has counted yet
OVERLAP = timedelta(minutes=3)  # a transaction may end after a later one has been counted

_SUMS = "submitted, closed, returned, urgent, judged, first_pass, close_hours, overdue, satisfied, mostly_satisfied, unsatisfied"
_COUNTED = """
    SELECT (i.reported_at AT TIME ZONE %(tz)s)::date AS day, i.community_id, i.grid_id, i.category, i.subcategory, 1 AS submitted, 0 AS closed,
           (i.returns > 0)::int AS returned, i.urgent::int AS urgent, (i.status NOT IN ('submitted'))::int AS judged,
           (i.returns = 0 AND i.status NOT IN ('submitted', 'returned'))::int AS first_pass, 0::float AS close_hours,
           0 AS overdue, 0 AS satisfied, 0 AS mostly_satisfied, 0 AS unsatisfied
      FROM collection_item i WHERE i.status NOT IN ('draft', 'withdrawn') AND i.reported_at IS NOT NULL {reported}
    UNION ALL
    SELECT (i.closed_at AT TIME ZONE %(tz)s)::date, i.community_id, i.grid_id, i.category, i.subcategory, 0, 1, 0, 0, 0, 0,
           extract(epoch FROM i.closed_at - i.reported_at) / 3600,
           EXISTS (SELECT 1 FROM duties_obligation o WHERE o.subject_id = i.id AND o.kind = 'handle' AND (o.met_at > o.due_at OR o.missed_at IS NOT NULL))::int,
           (i.verdict = 'satisfied')::int, (i.verdict = 'mostly_satisfied')::int, (i.verdict = 'unsatisfied')::int
      FROM collection_item i WHERE i.status = 'closed' AND i.closed_at IS NOT NULL {closed}
"""


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
        for community, days in pairs.items():
            compute(community, sorted(days))
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
    """The day before the oldest that is counted, for all communities. Whoever comes second waits, and takes the next."""
    down_to = Counter.objects.select_for_update().get(scope=DOWN_TO)
    with connection.cursor() as cursor:
        # By priority, as the index has it: two probes instead of a walk.
        cursor.execute(
            "SELECT min(at) FROM (SELECT min(reported_at) AS at FROM collection_item WHERE priority = 0"
            " UNION ALL SELECT min(reported_at) FROM collection_item WHERE priority = 1) AS oldest"
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
def compute(community: UUID, days: Sequence[date]) -> None:
    """The sums of one community on these days."""
    Counter.objects.select_for_update().filter(scope=DOWN_TO).first()  # not beside one who counts the same day
    _write(community, days)


def _write(community: UUID | None, days: Sequence[date]) -> None:
    """Count the days anew, of one community or of all."""
    zone = clock.zone()
    values = {
        "tz": settings.TIME_ZONE,
        "days": list(days),
        "low": datetime.combine(min(days), datetime.min.time(), zone),
        "high": datetime.combine(max(days) + timedelta(days=1), datetime.min.time(), zone),
        "communities": [community] if community else [u.id for u in tree().of_kind(UnitKind.COMMUNITY)],
    }
    # By the index of all for all, by the community's own for one.
    here = "i.community_id = ANY(%(communities)s) AND"
    counted = _COUNTED.format(
        reported=f"AND {here if community else ''} i.priority IN (0, 1) AND i.reported_at >= %(low)s AND i.reported_at < %(high)s",
        closed=f"AND {here} i.closed_at >= %(low)s AND i.closed_at < %(high)s",
    )
    sums = ", ".join(f"sum({c.strip()})" for c in _SUMS.split(","))
    with connection.cursor() as cursor:
        for table in ("archive_rollup", "archive_gridday"):
            cursor.execute(
                f"DELETE FROM {table} WHERE day = ANY(%(days)s) AND community_id = ANY(%(communities)s)", values
            )
        cursor.execute(
            f"WITH c AS MATERIALIZED (SELECT * FROM ({counted}) all_days WHERE day = ANY(%(days)s)),"
            f" by_kind AS (INSERT INTO archive_rollup (day, community_id, category, subcategory, {_SUMS})"
            f" SELECT day, community_id, category, subcategory, {sums} FROM c GROUP BY 1, 2, 3, 4)"
            " INSERT INTO archive_gridday (day, community_id, grid_id, submitted, closed)"
            " SELECT day, community_id, grid_id, sum(submitted), sum(closed) FROM c"
            " WHERE grid_id IS NOT NULL GROUP BY 1, 2, 3 ON CONFLICT DO NOTHING",
            values,
        )


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
    sums = ", ".join(f"sum(r.{c.strip()})" for c in _SUMS.split(","))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            "DELETE FROM archive_rollup WHERE community_id = ANY(%s) AND day = ANY(%s)", [list(above), list(days)]
        )
        cursor.execute(
            f"INSERT INTO archive_rollup (day, community_id, category, subcategory, {_SUMS})"
            f" SELECT r.day, p.above, r.category, r.subcategory, {sums} FROM unnest(%s::uuid[], %s::uuid[]) AS p (above, community)"
            " JOIN archive_rollup r ON r.community_id = p.community WHERE r.day = ANY(%s) GROUP BY 1, 2, 3, 4",
            [[a for a, _c in pairs], [c for _a, c in pairs], list(days)],
        )


def _changed(since: datetime) -> dict[UUID, set[date]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT i.community_id, (i.reported_at AT TIME ZONE %s)::date, (i.closed_at AT TIME ZONE %s)::date,"
            " (e.at AT TIME ZONE %s)::date FROM collection_entry e JOIN collection_item i ON i.id = e.item_id WHERE e.at >= %s",
            [settings.TIME_ZONE, settings.TIME_ZONE, settings.TIME_ZONE, since],
        )
        found: dict[UUID, set[date]] = {}
        for community, *days in cursor.fetchall():
            found.setdefault(community, set()).update(d for d in days if d)
    return found
