"""Emergencies of the simulated life: every path in turn, call, written report, follow-ups, final report, alarms."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any

from tests.year import matters
from tests.year.ledger.working_time import moment
from tests.year.world import Community

if TYPE_CHECKING:
    from tests.year.simulation import Life

D, H, M = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
PATHS = ("call", "post", "batch", "form", "later")


class EmergencyLife:
    def __init__(self, life: Life) -> None:
        self.life, self.rng = life, life.rng
        self._paths = cycle(PATHS)

    def plan(self, c: Community, monday: date, week: int) -> None:
        """One a week in the beginning, so that every path is lived; then about every other week."""
        if week < 5 or self.rng.random() < 0.4:
            path = next(self._paths)
            at = moment(monday + self.rng.randrange(7) * D, time(7)) + self.rng.randrange(14 * 60) * M
            self.life.at(at, lambda: self._happens(c, path))

    def _happens(self, c: Community, path: str) -> None:
        people = [
            p.username for p in self.life.ledger.reporters(self.life.now.date(), c.code) if self.life._can(p.username)
        ]
        who = self.rng.choice(people)
        seen_at = self.life.now - self.rng.choice((1, 4, 9)) * M
        n = next(self.life._matter)
        data = matters.body(self.rng, n, seen_at, self.rng.choice(c.grids), matters.URGENT)
        id = self._reported(c, who, path, data)
        if id:
            self._follow(c, who, id)

    def _reported(self, c: Community, who: str, path: str, given: dict[str, Any]) -> str:
        acts, seen_at = self.life.acts, self.life.now - (self.life.now - _moment(given["seen_at"]))
        if path == "call":
            return acts.open_by_call(who, given, seen_at)
        if path == "later":
            return self._marked_later(c, who, given)
        urgent = {**given, "urgent": True}
        if path == "batch":
            result = acts.submit_batch(who, [urgent])
            id = result[0] if result else ""
        else:
            id = acts.submit(who, urgent, form=path == "form")
        if id:
            acts.heard_of(id, who, seen_at, path)
            self.life._follow(c, id)
        return id

    def _marked_later(self, c: Community, who: str, given: dict[str, Any]) -> str:
        """Filed as an ordinary matter, found urgent by its reviewer soon after."""
        id = self.life.acts.submit(who, given)
        if id:
            self.life.at(self.life.now + 20 * M, lambda: self._mark(c, who, id))
        return ""

    def _mark(self, c: Community, who: str, id: str) -> None:
        self.life.acts.mark_urgent(c.reviewers[1], id)
        if id in self.life.ledger.emergencies.rows:
            self._follow(c, who, id)
        self.life._follow(c, id)

    def _follow(self, c: Community, who: str, id: str) -> None:
        """Call and hour as a rule in time; somebody signs; follow-ups until the final report."""
        level = self.rng.choice(("general", "general", "larger", "major"))
        call = self.life.now + self.rng.choice((0.5, 2, 6, 18)) * M
        write = call + self.rng.choice((15, 35, 55, 70)) * M
        self.life.at(call, lambda: self.life.acts.call(who, id))
        self.life.at(write, lambda: self._write(c, who, id, level))
        slow = self.rng.random() < 0.3
        signer = c.manager if slow else c.reviewers[0]
        for minutes in (5, 10, 15):
            self.life.tick_at(self.life.now + minutes * M)
            self.life.tick_at(call + (56 + minutes) * M)
        self.life.at(self.life.now + (7 if slow else 3) * M, lambda: self.life.acts.sign(signer, id))

    def _write(self, c: Community, who: str, id: str, level: str) -> None:
        life = self.life
        if life.ledger.emergencies.rows[id].called_at is None:
            return
        life.acts.write(who, id, "first", level)
        if not life.ledger.emergencies.rows[id].versions:
            return
        if life.ledger.emergencies.rows[id].path == "call":
            life.acts.filed_by_writing(who, id)
            life._follow(c, id)
        wait = {"general": 20, "larger": 5, "major": 1.5}[level]
        more = self.rng.randrange(2)
        life.at(life.now + wait * self.rng.choice((0.7, 0.9, 1.3)) * H, lambda: self._go_on(who, id, level, more))

    def _go_on(self, who: str, id: str, level: str, more: int) -> None:
        life = self.life
        life.acts.write(who, id, "follow_up" if more else "final", level)
        if more:
            life.at(life.now + 1 * H, lambda: self._go_on(who, id, level, more - 1))


def _moment(iso: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(iso)
