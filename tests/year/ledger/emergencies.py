"""Emergencies (2.3.2, 4.2.1): whatever the path, call, hour, alarm and follow-up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.year.ledger.duties import Duty
from tests.year.ledger.facts import Emergency

if TYPE_CHECKING:
    from tests.year.ledger.book import Ledger

M = timedelta(minutes=1)
AT_ONCE, HOUR, NEXT_AFTER = 15 * M, 60 * M, 5 * M
FOLLOW_UP = {
    "particularly_major": timedelta(hours=2), "major": timedelta(hours=2),
    "larger": timedelta(hours=6), "general": timedelta(hours=24),
}  # fmt: skip


class Emergencies:
    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.rows: dict[str, Emergency] = {}
        self.chains: dict[str, list[str]] = {}  # community → whom an alarm goes to, the first first
        self.mails: list[tuple[str, int, datetime]] = []  # emergency, version, when

    def opened(self, at: datetime, row: Emergency) -> None:
        """By whatever path: the call is owed within 15 minutes of seeing, the alarm goes to who is on duty."""
        self.rows[row.id] = row
        self._owe("urgent_call", row, at, row.seen_at + AT_ONCE)
        self._tell(at, row)

    def called(self, id: str, called_at: datetime) -> None:
        """The hour runs from the call, in real time."""
        row = self.rows[id]
        row.called_at = called_at
        self.ledger.duties.meet(id, called_at, "urgent_call")
        self._owe("urgent_written", row, called_at, called_at + HOUR)

    def written(self, at: datetime, id: str, level: str, *, final: bool = False) -> None:
        """First, follow-up or final; the next follow-up is owed by the level's rhythm until the final report."""
        row = self.rows[id]
        row.versions.append(at)
        row.level = level
        self.ledger.duties.meet(id, at, "urgent_written", "urgent_follow_up")
        if final:
            row.finished_at = at
        else:
            self._owe("urgent_follow_up", row, at, at + FOLLOW_UP[level])
        self.mails.append((id, len(row.versions), at))

    def signed(self, at: datetime, id: str, by: str) -> None:
        """Signed for: who had let their five minutes pass is late, who had not owes nothing any more."""
        row = self.rows[id]
        row.signed_at, row.signed_by = at, by
        for duty in self.ledger.duties.about(id, "alarm_acknowledge"):
            if duty.owner == by or (duty.standing and duty.due_at <= at):
                duty.met_at = at
        self.ledger.duties.drop([d for d in self.ledger.duties.about(id, "alarm_acknowledge") if d.standing])

    def pass_on(self, at: datetime) -> None:
        """Nobody signed for five minutes: the next of the chain."""
        for row in self.rows.values():
            if row.signed_at is None and row.told and row.told[-1][0] + NEXT_AFTER <= at:
                self._tell(at, row)

    def open(self, community: str) -> list[Emergency]:
        return [e for e in self.rows.values() if e.community == community and e.finished_at is None]

    def _tell(self, at: datetime, row: Emergency) -> None:
        told = {person for _at, person in row.told}
        following = next((p for p in self.chains[row.community] if p not in told), None)
        if following is not None:
            row.told.append((at, following))
            duty = Duty("alarm_acknowledge", row.community, following, at, at + NEXT_AFTER, row.id)
            self.ledger.duties.begin(duty)

    def _owe(self, kind: str, row: Emergency, at: datetime, due: datetime) -> None:
        self.ledger.duties.begin(Duty(kind, row.community, row.reporter, at, due, row.id))
