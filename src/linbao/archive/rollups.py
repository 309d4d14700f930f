"""The daily sums that dashboards read, computed anew for the days that changed (performance.md rule 5 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from linbao.archive.models import Rollup
from linbao.base import clock
from linbao.base.models import Counter
from linbao.units.models import UnitKind
from linbao.units.tree import tree

MARK = "archive:rollups"  # until when (epoch seconds) changes are in the sums
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


def refresh() -> int:
    """Bring the sums up to date with what happened since the last time; all of them when there are none.

    Returns how many days of communities were computed anew (-1 for everything).
    """
    started = clock.now()
    mark = Counter.objects.filter(scope=MARK).values_list("value", flat=True).first()
    if mark is None or not Rollup.objects.exists():
        everything()
        changed = -1
    else:
        since = datetime.fromtimestamp(mark, UTC) - OVERLAP
        pairs = _changed(since)
        for community, days in pairs.items():
            compute(community, sorted(days))
        if pairs:
            _upwards(sorted({d for days in pairs.values() for d in days}), list(pairs))
        changed = sum(len(d) for d in pairs.values())
    Counter.objects.update_or_create(scope=MARK, defaults={"value": int(started.timestamp())})
    return changed


@transaction.atomic
def everything() -> None:
    """All sums from nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("DELETE FROM archive_rollup")
        cursor.execute("DELETE FROM archive_gridday")
    _write("", "", {}, "TRUE")
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT day FROM archive_rollup")
        days = [d for (d,) in cursor.fetchall()]
    _upwards(days, None)


@transaction.atomic
def compute(community: UUID, days: Sequence[date]) -> None:
    """The sums of one community on these days."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM archive_rollup WHERE community_id = %s AND day = ANY(%s)", [community, list(days)])
        cursor.execute("DELETE FROM archive_gridday WHERE community_id = %s AND day = ANY(%s)", [community, list(days)])
    zone = clock.zone()
    low = datetime.combine(min(days), datetime.min.time(), zone)
    high = datetime.combine(max(days) + timedelta(days=1), datetime.min.time(), zone)
    _write(
        "AND i.community_id = %(community)s AND i.priority IN (0, 1) AND i.reported_at >= %(low)s AND i.reported_at < %(high)s",
        "AND i.community_id = %(community)s AND i.closed_at >= %(low)s AND i.closed_at < %(high)s",
        {"community": community, "low": low, "high": high, "days": list(days)},
        "day = ANY(%(days)s)",
    )


def _write(reported: str, closed: str, values: dict[str, object], where: str) -> None:
    sums = ", ".join(f"sum({c.strip()})" for c in _SUMS.split(","))
    counted = _COUNTED.format(reported=reported, closed=closed)
    given = {"tz": settings.TIME_ZONE, **values}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO archive_rollup (day, community_id, category, subcategory, {_SUMS})"
            f" SELECT day, community_id, category, subcategory, {sums} FROM ({counted}) c WHERE {where} GROUP BY 1, 2, 3, 4",
            given,
        )
        cursor.execute(
            "INSERT INTO archive_gridday (day, community_id, grid_id, submitted, closed)"
            f" SELECT day, community_id, grid_id, sum(submitted), sum(closed) FROM ({counted}) c"
            f" WHERE grid_id IS NOT NULL AND {where} GROUP BY 1, 2, 3 ON CONFLICT DO NOTHING",
            given,
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
