"""Emergencies (2.3.2, 4.2.1): whatever the path, call, hour, alarm and follow-up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.year.ledger.duties import Duty
from tests.year.ledger.facts import Alarm, Emergency

if TYPE_CHECKING:
    from tests.year.ledger.book import Ledger

M = timedelta(minutes=1)
AT_ONCE, HOUR, NEXT_AFTER = 15 * M, 60 * M, 5 * M
FOLLOW_UP = {
    "particularly_major": timedelta(hours=2),
    "major": timedelta(hours=2),
    "larger": timedelta(hours=6),
    "general": timedelta(hours=24),
}


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
        self._raise(at, row, "opened")

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
        self._end(at, row, "overdue")
        if final:
            row.finished_at = at
        else:
            self._owe("urgent_follow_up", row, at, at + FOLLOW_UP[level])
        self.mails.append((id, len(row.versions), at))

    def signed(self, at: datetime, id: str, by: str) -> None:
        """Signed for, with all alarms of it that wait."""
        for reason in list(self.rows[id].alarms):
            self._end(at, self.rows[id], reason, by)

    def every_minute(self, at: datetime) -> None:
        """The hour that passed is cried; where nobody signs for five minutes, the next of the chain is told."""
        for row in self.rows.values():
            late = any(d.standing and d.due_at < at for d in self.ledger.duties.about(row.id, "urgent_written"))
            if late and "overdue" not in row.alarms:
                self._raise(at, row, "overdue")
            for reason, alarm in row.alarms.items():
                if alarm.ended_at is None and alarm.told[-1][0] + NEXT_AFTER <= at:
                    self._tell(at, row, reason)

    def open(self, community: str) -> list[Emergency]:
        return [e for e in self.rows.values() if e.community == community and e.finished_at is None]

    def _raise(self, at: datetime, row: Emergency, reason: str) -> None:
        row.alarms[reason] = Alarm()
        self._tell(at, row, reason)

    def _tell(self, at: datetime, row: Emergency, reason: str) -> None:
        details = row.alarms[reason].told
        reached = {person for _at, person in details}
        following = next((p for p in self.chains[row.community] if p not in reached), None)
        if following is not None:
            details.append((at, following))
            duty = Duty("alarm_acknowledge", row.community, following, at, at + NEXT_AFTER, f"{row.id} {reason}")
            self.ledger.duties.begin(duty)

    def _end(self, at: datetime, row: Emergency, reason: str, by: str = "") -> None:
        """Who had let their five minutes pass is late, who had not owes nothing any more."""
        alarm = row.alarms.get(reason)
        if alarm is None or alarm.ended_at is not None:
            return
        alarm.ended_at = at
        owed = self.ledger.duties.about(f"{row.id} {reason}", "alarm_acknowledge")
        for duty in owed:
            if duty.owner == by or duty.due_at <= at:
                duty.met_at = at
        self.ledger.duties.drop([d for d in owed if d.standing])

    def _owe(self, kind: str, row: Emergency, at: datetime, due: datetime) -> None:
        self.ledger.duties.begin(Duty(kind, row.community, row.reporter, at, due, row.id))
