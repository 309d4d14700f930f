"""What the ledger keeps of people, items, reports and emergencies, as it hears of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

PASSED = {"approved", "handling", "resolved", "informed", "evaluated", "closed"}
OPEN = {"submitted", "returned", "approved", "handling", "resolved", "informed", "evaluated"}
JUDGEMENTS = ("satisfied", "mostly_satisfied", "unsatisfied")


@dataclass
class Person:
    """`group`: the work group they report in, where their community has groups."""

    username: str
    role: str
    community: str
    group: str = ""
    since: date = date.min
    until: date | None = None  # the last day in office
    absences: list[Absence] = field(default_factory=list)

    def in_office(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass
class Absence:
    """Approved leave, first and last day included."""

    person: str
    first: date
    last: date
    stand_in: str = ""


@dataclass
class Item:
    """An item as submitted; `decisions` are (moment, approved), `judgements` (moment, verdict)."""

    id: str
    reporter: str
    community: str
    group: str
    grid: str
    category: str
    subcategory: str
    handle_days: int
    source: str
    place: str
    has_resident: bool
    urgent: bool
    reported_at: datetime
    arrived_at: datetime
    status: str = "submitted"
    returns: int = 0
    rounds: int = 1
    faulted: bool = False  # returned for truth or accuracy
    decisions: list[tuple[datetime, bool]] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    judgements: list[tuple[datetime, str]] = field(default_factory=list)
    handle_due: datetime | None = None
    handled_late: bool = False  # since it was closed last
    closings: list[tuple[datetime, bool]] = field(default_factory=list)  # (moment, handled late)
    adopted: bool = False
    report: str = ""  # the weekly report that took it in

    @property
    def reports_with(self) -> str:
        """Whose reports divide it: the group where there is one, else the reporter."""
        return self.group or self.reporter


@dataclass
class Activity:
    id: str
    reporter: str
    community: str
    group: str
    starts_at: datetime
    recorded_at: datetime
    report: str = ""

    @property
    def reports_with(self) -> str:
        return self.group or self.reporter


@dataclass
class Report:
    """A weekly report. `whose`: group or reporter."""

    id: str
    whose: str
    by_group: bool
    community: str
    week: date
    reporter: str
    status: str = "assembled"
    version: int = 1
    confirmed_at: datetime | None = None
    sent_at: datetime | None = None
    items: set[str] = field(default_factory=set)
    activities: set[str] = field(default_factory=set)


@dataclass
class Alarm:
    """`told`: whom it reached, and when. It ends when somebody signs, or its cause has gone."""

    told: list[tuple[datetime, str]] = field(default_factory=list)
    ended_at: datetime | None = None


@dataclass
class Emergency:
    """`id`: its item's. `level` once somebody has told it. `alarms`: of its opening, and of the hour that passed."""

    id: str
    reporter: str
    community: str
    seen_at: datetime
    opened_at: datetime
    path: str
    level: str = "general"
    called_at: datetime | None = None
    versions: list[datetime] = field(default_factory=list)
    finished_at: datetime | None = None
    alarms: dict[str, Alarm] = field(default_factory=dict)
