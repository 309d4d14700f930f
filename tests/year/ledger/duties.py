"""Who owes what until when, and how that stands (domain.md §3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tests.year.ledger.facts import Absence
from tests.year.ledger.working_time import MISSED_AT, moment

CLAUSES = {
    "weekly_collection": "4.1.1",
    "weekly_report": "4.1.1",
    "review_report": "4.3.1",
    "review": "4.3.1",
    "amend": "4.3.2",
    "assign": "4.3.2",
    "handle": "4.3.2",
    "inform_resident": "2.4.1",
    "inform_progress": "2.4.1",
    "evaluate": "2.4.2",
    "urgent_call": "4.2.1",
    "urgent_written": "4.2.1",
    "urgent_follow_up": "2.3.2",
    "alarm_acknowledge": "2.3.2",
}
WEEKLY = ("weekly_collection", "weekly_report")
STAYS = ("urgent_call", "urgent_written", "urgent_follow_up", "alarm_acknowledge")  # cannot wait for a stand-in


@dataclass
class Duty:
    """`owner`: a user name, or "" where a pool owes it. `subject`: what it is about; `period`: its week's Monday."""

    kind: str
    community: str
    owner: str
    opened_at: datetime
    due_at: datetime
    subject: str = ""
    period: date | None = None
    met_at: datetime | None = None
    waived: bool = False
    moved_from: str = ""

    @property
    def standing(self) -> bool:
        return self.met_at is None and not self.waived

    def missed_from(self) -> datetime | None:
        """When it counts as missed while nobody does it."""
        if self.kind == "weekly_collection":
            return self.due_at
        if self.kind == "weekly_report" and self.period:
            return moment(self.period + timedelta(days=7), MISSED_AT)
        return None

    def state(self, now: datetime) -> str:
        if self.waived:
            return "waived"
        if self.met_at is not None:
            return "met" if self.met_at <= self.due_at else "late"
        missed = self.missed_from()
        if missed is not None and missed <= now:
            return "missed"
        return "overdue" if self.due_at < now else "open"

    def name(self) -> str:
        return f"{self.kind} of {self.owner or 'the pool'} about {self.subject or self.period}"


class Duties:
    """All duties that ever began; what falls away with its cause is taken out."""

    def __init__(self) -> None:
        self._rows: list[Duty] = []
        self._by_subject: dict[str, list[Duty]] = {}

    def __iter__(self) -> Iterator[Duty]:
        return iter(self._rows)

    def begin(self, duty: Duty) -> Duty:
        self._rows.append(duty)
        self._by_subject.setdefault(duty.subject, []).append(duty)
        return duty

    def about(self, subject: str, *kinds: str) -> list[Duty]:
        return [d for d in self._by_subject.get(subject, ()) if d.kind in kinds]

    def of_week(self, kind: str, period: date) -> list[Duty]:
        return [d for d in self._rows if d.kind == kind and d.period == period]

    def meet(self, subject: str, at: datetime, *kinds: str) -> None:
        for duty in self.about(subject, *kinds):
            if duty.standing:
                duty.met_at = at

    def drop(self, duties: Iterable[Duty]) -> None:
        """Take out what falls away with its cause."""
        for duty in list(duties):
            self._rows.remove(duty)
            self._by_subject[duty.subject].remove(duty)

    def move_with(self, absence: Absence, now: datetime) -> None:
        """A leave moves what its person owes while it lasts to the stand-in, or frees them of the weekly duties.

        A weekly duty whose week began before the leave moves only when the leave has begun (5.3.1).
        """
        first, after = moment(absence.first), moment(absence.last + timedelta(days=1), time())
        for duty in self._rows:
            if duty.owner != absence.person or not duty.standing or duty.moved_from or duty.kind in STAYS:
                continue
            if not max(first, now) <= duty.due_at < after:
                continue
            if duty.kind in WEEKLY and duty.period is not None and duty.period < absence.first and now < first:
                continue
            if absence.stand_in:
                duty.moved_from, duty.owner = absence.person, absence.stand_in
            elif duty.kind in WEEKLY:
                duty.waived = True
