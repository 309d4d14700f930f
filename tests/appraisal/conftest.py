"""The town of `tests/loop.py`, with a half-year behind it and people enough to be appraised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from linbao.appraisal import cycles
from linbao.appraisal.inputs import OpenCycle, Rate
from linbao.appraisal.models import Appraisal, Cycle, Rating
from linbao.appraisal.rating import services as rating
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.organisation.models import RoleGrant, User
from tests.loop import Town, _tuesday, time, town  # noqa: F401

SHANGHAI = ZoneInfo("Asia/Shanghai")
HALF = date(2026, 1, 1)
MARCH = datetime(2026, 3, 10, 10, 0, tzinfo=SHANGHAI)
JULY = datetime(2026, 7, 1, 9, 0, tzinfo=SHANGHAI)  # a Wednesday
MARKS = {"duty": "4", "skill": "4", "people": "4", "together": "4"}


@dataclass
class Office:
    """The town at work on its appraisal."""

    town: Town
    time: time_machine.Traveller

    def person(self, name: str, *, group: bool = True, starts: date = HALF, ends: date | None = None) -> User:
        """A reporter of the grid, and of the group."""
        user = self.town.person(name, "reporter", self.town.grid)
        RoleGrant.objects.filter(user=user).update(starts=starts, ends=ends)
        if group:
            RoleGrant.objects.create(user=user, role="reporter", unit=self.town.group, starts=starts, ends=ends)
        return user

    @contextmanager
    def on(self, moment: datetime) -> Iterator[None]:
        with clock.at(moment):
            yield

    def open(self) -> Cycle:
        self.time.move_to(JULY)
        return cycles.open_(self.town.manager, OpenCycle(unit=self.town.community.pk, half=HALF))

    def of(self, cycle: Cycle, name: str) -> Appraisal:
        return Appraisal.objects.select_related("cycle").get(cycle=cycle, person__username=name)

    def rate_all(self, cycle: Cycle, *, but: tuple[str, ...] = ()) -> None:
        """Everybody answers in time; `but`: kinds that nobody answers."""
        for row in Rating.objects.filter(appraisal__cycle=cycle).exclude(kind__in=but).select_related("rater"):
            rating.rate(
                User.objects.get(pk=row.rater_id),
                row.pk,
                checked(Rate, {**MARKS, "evidence": "走访记录齐全，条目写得清楚"}),
            )

    def publish(self, cycle: Cycle) -> Cycle:
        """After the last phase, by the first manager."""
        self.time.move_to(cycle.superior_due + timedelta(hours=1))
        return cycles.publish(self.town.manager, cycle.pk)

    def owe(self, name: str, kind: str, n: int, *, due: datetime = MARCH, late: bool = False, met: bool = True) -> None:
        """A duty of the past: met in time, late, or never."""
        row = duties.make(
            kind, unit_id=self.town.community.pk, owner_id=self.town.people[name].pk, due_at=due, round=n, opened_at=due
        )
        row.met_at = (due + timedelta(hours=2 if late else -2)) if met else None
        row.missed_at = None if met else due
        row.next_at = None
        duties.open_(row)

    def duty(self, kind: str, **filters: Any) -> Obligation:
        return Obligation.objects.get(kind=kind, **filters)


@pytest.fixture
def office(town: Town, time: time_machine.Traveller) -> Office:  # noqa: F811
    return Office(town, time)


@pytest.fixture
def staffed(office: Office) -> Office:
    """Seven reporters in the group, one led by somebody who reports too."""
    for n in range(3, 8):
        office.person(f"member{n}")
    RoleGrant.objects.create(user=office.town.people["reporter2"], role="reporter", unit=office.town.group, starts=HALF)
    return office
