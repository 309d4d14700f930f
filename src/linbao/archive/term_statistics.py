"""How common a word of the archive is, as the database counted it: by it a search chooses its way (performance.md)."""

from __future__ import annotations

import time as clocktime
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection

from linbao.organisation.tree import tree

LIFETIME = 600.0  # seconds that a process goes by what it read


@dataclass(frozen=True)
class Statistics:
    """What the database knows of the texts: how many, how often each common term, how spread in time."""

    rows: float = 0.0
    often: dict[str, float] = field(default_factory=dict)
    least: float = 0.0
    times: tuple[datetime, ...] = ()

    def share(self, terms: Sequence[str]) -> float:
        """The share of texts that should hold all `terms`: that of the rarest; neighbours occur together."""
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


_cached: tuple[float, Statistics] = (float("-inf"), Statistics())


def statistics() -> Statistics:
    """As the last ANALYZE saw it; read at most every ten minutes per process."""
    global _cached
    if clocktime.monotonic() - _cached[0] > LIFETIME:
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
        _cached = (
            clocktime.monotonic(),
            Statistics(max(0.0, rows), often, min(often.values(), default=0.0), tuple(times or ())),
        )
    return _cached[1]


def forget_statistics() -> None:
    """Ask the database again at the next search (after a large import)."""
    global _cached
    _cached = (float("-inf"), Statistics())
