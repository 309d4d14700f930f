"""The weekly report (2.3.1, 4.1.1): the reports of a reporter or group divide all that was ever submitted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tests.year.ledger.duties import Duty
from tests.year.ledger.facts import Activity, Item, Person, Report
from tests.year.ledger.working_time import day_of, monday_of

if TYPE_CHECKING:
    from tests.year.ledger.book import Ledger

TAKE_BACK = timedelta(minutes=5)


class Weekly:
    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.reports: dict[str, Report] = {}
        self.mails: list[tuple[str, int, datetime]] = []  # report, version, when

    # --- who owes one -------------------------------------------------------------------------------

    def tick(self, at: datetime) -> None:
        """The week's duties begin; what leavers left goes on to others."""
        week = monday_of(at)
        if not day_of(at) > self.ledger.time.report_day(week):
            self._begin(at, week)
        self._pass_on_departed(at, week)

    def _begin(self, at: datetime, week: date) -> None:
        owing = {d.subject or d.moved_from or d.owner for d in self.ledger.duties.of_week("weekly_report", week)}
        due = self.ledger.time.report_due(week)
        for person in self.ledger.reporters(day_of(at)):
            whose, owner = self._owed(person)
            if whose not in owing:
                owing.add(whose)
                subject = person.group
                self.ledger.duties.begin(Duty("weekly_report", person.community, owner, at, due, subject, week))

    def _owed(self, person: Person) -> tuple[str, str]:
        """Whose report it is, and who owes it: the group's leader, else the reporter."""
        if person.group:
            return person.group, self.ledger.groups[person.group]
        return person.username, person.username

    def _pass_on_departed(self, at: datetime, week: date) -> None:
        for person in self.ledger.people.values():
            if person.role != "reporter" or person.group or person.in_office(day_of(at)) or person.since > day_of(at):
                continue
            manager = self.ledger.communities[person.community]
            standing = [
                d
                for d in self.ledger.duties
                if d.kind == "weekly_report" and d.owner == person.username and d.standing and d.state(at) != "missed"
            ]
            for duty in standing:
                if duty.moved_from:  # what they stood in for stays the other's report
                    duty.owner = manager
            own = [d for d in standing if not d.moved_from]
            left = self.unreported(person.username, at)
            for duty in own:
                if left:
                    duty.moved_from, duty.owner = person.username, self.ledger.communities[person.community]
                else:
                    duty.waived = True
            owed = any(
                d.kind == "weekly_report" and d.moved_from == person.username and d.met_at is None
                for d in self.ledger.duties
            )
            if left and not own and not owed and at <= self.ledger.time.report_due(week):
                duty = Duty(
                    "weekly_report",
                    person.community,
                    self.ledger.communities[person.community],
                    at,
                    self.ledger.time.report_due(week),
                    period=week,
                    moved_from=person.username,
                )
                self.ledger.duties.begin(duty)

    # --- what a report takes in ------------------------------------------------------------------------

    def unreported(self, whose: str, at: datetime) -> set[str]:
        """Items and activities that arrived until `at` and are in no confirmed report yet."""
        items = {i.id for i in self.ledger.items.values() if i.reports_with == whose and not i.report}
        return items | {a.id for a in self.ledger.activities.values() if a.reports_with == whose and not a.report}

    def _rows(self) -> list[Item | Activity]:
        return [*self.ledger.items.values(), *self.ledger.activities.values()]

    def confirmed(self, at: datetime, report: Report) -> None:
        """Confirmed, and to be sent when the minutes of take-back are over."""
        stored = self.reports.setdefault(report.id, report)
        if stored.status == "returned":
            stored.version += 1
        else:
            for row in self._rows():
                if row.reports_with == stored.whose and not row.report:
                    row.report = stored.id
        stored.status, stored.confirmed_at, stored.sent_at, stored.reporter = "confirmed", at, None, report.reporter
        stored.items = {i.id for i in self.ledger.items.values() if i.report == stored.id}
        stored.activities = {a.id for a in self.ledger.activities.values() if a.report == stored.id}

    def taken_back(self, at: datetime, id: str) -> None:
        """As if it had not been confirmed: what it took in is free again, unless it was a corrected version."""
        report = self.reports[id]
        if report.version > 1:
            report.version -= 1
            report.status = "returned"
            return
        report.status, report.confirmed_at = "assembled", None
        for row in self._rows():
            if row.report == id:
                row.report = ""
        report.items, report.activities = set(), set()

    def send_due(self, at: datetime) -> None:
        """Sent: the duty is met as of the confirmation, the review is owed, one mail goes out (4.1.1, 4.3.1)."""
        for report in self.reports.values():
            if report.status != "confirmed" or report.sent_at is not None or report.confirmed_at is None:
                continue
            if report.confirmed_at + TAKE_BACK > at:
                continue
            report.sent_at = at
            for duty in self._duties_of(report):
                if duty.standing:
                    duty.met_at = report.confirmed_at
            self.ledger.duties.meet(report.id, report.confirmed_at, "amend")
            due = self.ledger.time.after_days(at, 1)
            self.ledger.duties.begin(Duty("review_report", report.community, "", at, due, report.id))
            self.mails.append((report.id, report.version, at))

    def _duties_of(self, report: Report) -> list[Duty]:
        weekly = self.ledger.duties.of_week("weekly_report", report.week)
        if report.by_group:
            return [d for d in weekly if d.subject == report.whose]
        return [d for d in weekly if not d.subject and (d.moved_from or d.owner) == report.whose]

    # --- its review (4.3.1, 4.3.2) ---------------------------------------------------------------------

    def accepted(self, at: datetime, id: str) -> None:
        self.reports[id].status = "accepted"
        self.ledger.duties.meet(id, at, "review_report")

    def returned(self, at: datetime, id: str) -> None:
        report = self.reports[id]
        report.status = "returned"
        self.ledger.duties.meet(id, at, "review_report")
        due = self.ledger.time.after_days(at, 2)
        self.ledger.duties.begin(Duty("amend", report.community, report.reporter, at, due, id))
