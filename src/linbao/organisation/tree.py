"""The units as a tree in memory: no query to ask who is above whom or what a setting is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, time
from typing import Any
from uuid import UUID

from linbao.core import clock
from linbao.core.calendar import DEFAULT_HOURS, Calendar
from linbao.organisation.models.units import CalendarDay, Unit, UnitKind, WeeklyBy
from linbao.platform.reference import Reference

DEFAULTS: dict[str, Any] = {
    "weekly_by": WeeklyBy.REPORTER,
    "weekly_follows_holidays": True,
    "call_back_share": 10,
    "mailbox": "",
    "duty_phone": "",
    "export_roles": "manager",  # who may take items out, codes of roles with commas (1.3.4)
    "reward_approval_above": 1000,  # yuan; a dearer reward is decided by the unit above (7.1.2)
    "weekly_take_back_minutes": 5,  # in which a confirmed weekly report can be taken back; 0: sent at once (4.1.1)
    "work_file_years": 3,  # after the last day in post (5.3.2)
}


class Tree:
    """All units with their relations; made by `tree()`, never changed."""

    def __init__(self, units: Iterable[Unit], corrections: Iterable[CalendarDay]) -> None:
        self.by_id: dict[UUID, Unit] = {u.id: u for u in units}
        self.by_code = {u.code: u for u in self.by_id.values()}
        self._children: dict[UUID | None, list[Unit]] = defaultdict(list)
        for unit in self.by_id.values():
            self._children[unit.parent_id].append(unit)
        self._corrections: dict[UUID, dict[date, bool]] = defaultdict(dict)
        for row in corrections:
            self._corrections[row.unit_id][row.day] = row.working
        self._within: dict[UUID, frozenset[UUID]] = {}
        self._lines: dict[UUID, list[Unit]] = {}
        self._calendars: dict[UUID, Calendar] = {}
        self._communities: dict[UUID, frozenset[UUID]] = {}
        self.community_count = sum(u.kind == UnitKind.COMMUNITY for u in self.by_id.values())
        self._by_code9 = Counter(u.code[:9] for u in self.by_id.values() if u.kind == UnitKind.COMMUNITY)

    def get(self, unit_id: UUID | None) -> Unit | None:
        """The unit of an id; None where there is none."""
        return self.by_id.get(unit_id) if unit_id else None

    def name(self, unit_id: UUID | None) -> str:
        """What the unit is called; nothing if there is none."""
        unit = self.get(unit_id)
        return unit.name if unit else ""

    def roots(self) -> list[Unit]:
        """The units without a parent."""
        return self._children[None]

    def children(self, unit: Unit | UUID, kind: str | None = None) -> list[Unit]:
        """The units directly below, of one `kind` or all, in their order."""
        row = self._children[unit.id if isinstance(unit, Unit) else unit]
        return [u for u in row if kind is None or u.kind == kind]

    def line(self, unit: Unit | UUID | None) -> list[Unit]:
        """The unit and everything above it, from the unit upwards."""
        node = self.by_id.get(unit) if isinstance(unit, UUID) else unit
        if node is None:
            return []
        if self.by_id.get(node.id) is not node:  # one that is being changed
            return self._line_of(node)
        if node.id not in self._lines:
            self._lines[node.id] = self._line_of(node)
        return list(self._lines[node.id])

    def _line_of(self, unit: Unit) -> list[Unit]:
        node: Unit | None = unit
        rows: list[Unit] = []
        while node is not None and node not in rows:
            rows.append(node)
            node = self.by_id.get(node.parent_id) if node.parent_id else None
        return rows

    def above(self, unit: Unit | UUID | None, kind: str) -> Unit | None:
        """The nearest unit of `kind` from `unit` upwards, itself included."""
        return next((u for u in self.line(unit) if u.kind == kind), None)

    def within(self, unit_id: UUID) -> frozenset[UUID]:
        """Ids of the unit and of everything below it."""
        if unit_id not in self._within:
            rows = {unit_id}
            for child in self._children[unit_id]:
                rows |= self.within(child.id)
            self._within[unit_id] = frozenset(rows)
        return self._within[unit_id]

    def communities(self, unit_id: UUID) -> frozenset[UUID]:
        """Communities that a role on `unit_id` reaches: below it, or the one it lies in.

        A department or work group serves the unit that it hangs under.
        """
        if unit_id not in self._communities:
            self._communities[unit_id] = self._communities_of(unit_id)
        return self._communities[unit_id]

    def _communities_of(self, unit_id: UUID) -> frozenset[UUID]:
        unit = self.by_id.get(unit_id)
        if unit is None:
            return frozenset()
        if unit.kind == UnitKind.DEPARTMENT and unit.parent_id:
            return self.communities(unit.parent_id)
        below = frozenset(u for u in self.within(unit_id) if self.by_id[u].kind == UnitKind.COMMUNITY)
        if below:
            return below
        home = self.above(unit, UnitKind.COMMUNITY)
        return frozenset({home.id}) if home else frozenset()

    def communities_of_code(self, code9: str) -> int:
        """How many communities' codes begin with these nine digits, those of a subdistrict."""
        return self._by_code9[code9]

    def of_kind(self, kind: str) -> list[Unit]:
        """All units of a kind."""
        return [u for u in self.by_id.values() if u.kind == kind]

    def setting(self, unit: Unit | UUID | None, name: str) -> Any:
        """A setting of the unit or of the nearest unit above that has one, else the default."""
        for node in self.line(unit):
            value = node.own(name)
            if value not in (None, ""):
                return value
        return DEFAULTS.get(name)

    def calendar(self, unit: Unit | UUID | None) -> Calendar:
        """The unit's working time: its own and inherited hours, zone and corrected days."""
        line = self.line(unit)
        key = line[0].id if line else UUID(int=0)
        if key not in self._calendars:
            days: dict[date, bool] = {}
            for node in reversed(line):
                days |= self._corrections.get(node.id, {})
            stored = self.setting(unit, "working_hours")
            hours = (
                tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in stored) if stored else DEFAULT_HOURS
            )
            self._calendars[key] = Calendar(
                zone=clock.zone(self.setting(unit, "time_zone")), hours=hours, corrections=days
            )
        return self._calendars[key]


def _load() -> Tree:
    return Tree(Unit.objects.all(), CalendarDay.objects.all())


reference: Reference[Tree] = Reference("units", _load)


def tree() -> Tree:
    """The tree as it stands; kept per process, reloaded when a unit changes anywhere."""
    return reference.get()
