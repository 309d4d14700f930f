"""The ledger itself: what happened is told to it, by one method each; what follows is in the files beside."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from tests.year.ledger.duties import Duties, Duty
from tests.year.ledger.emergencies import Emergencies
from tests.year.ledger.facts import OPEN, Absence, Activity, Item, Person
from tests.year.ledger.weekly import Weekly
from tests.year.ledger.working_time import WorkingTime, day_of, moment, monday_of

PASSES_ON = ("amend", "inform_resident", "inform_progress", "evaluate", "handle")  # when whoever owes it has left
D, H, M = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


class Ledger:
    """Facts and what follows from them; every method takes the moment at which the thing was done (`at`)."""

    def __init__(self) -> None:
        self.time = WorkingTime()
        self.duties = Duties()
        self.people: dict[str, Person] = {}
        self.items: dict[str, Item] = {}
        self.activities: dict[str, Activity] = {}
        self.absences: list[Absence] = []
        self.groups: dict[str, str] = {}  # work group → who leads it
        self.communities: dict[str, str] = {}  # community → its manager
        self.weekly = Weekly(self)
        self.emergencies = Emergencies(self)

    # --- people ---------------------------------------------------------------------------------

    def appointed(self, at: datetime, username: str, role: str, community: str, group: str = "") -> None:
        """In office from this day on; a reporter owes this week's collection, and its report unless its day is over."""
        self.people[username] = Person(username, role, community, group, since=day_of(at))
        if role == "manager":
            self.communities[community] = username
        if role == "group_leader":
            self.groups[group] = username

    def left(self, at: datetime, username: str, last_day: date) -> None:
        self.people[username].until = last_day

    def leave(self, at: datetime, absence: Absence) -> None:
        """Approved: what is owed while it lasts moves at once, and later what begins after."""
        self.absences.append(absence)
        self.people[absence.person].absences.append(absence)
        self.duties.move_with(absence, at)

    def corrected(self, at: datetime, day: date, works: bool) -> None:
        """An administrator corrected the calendar."""
        self.time.corrections[day] = works

    def reporters(self, day: date, community: str = "") -> list[Person]:
        return [
            p
            for p in self.people.values()
            if p.role == "reporter" and p.in_office(day) and community in ("", p.community)
        ]

    # --- the rhythm of time ----------------------------------------------------------------------

    def tick(self, at: datetime) -> None:
        """What time itself brings: the week's duties, leave, reports whose minutes of take-back are over, alarms."""
        self._begin_week(at)
        self.weekly.tick(at)
        for absence in self.absences:
            if absence.last >= day_of(at) - D and absence.first <= day_of(at) + 8 * D:
                self.duties.move_with(absence, at)
        self._pass_on_departed(at)

    def _pass_on_departed(self, at: datetime) -> None:
        """What a person who left owes and another can do: back to whoever they stood in for, else to the next stand-in,
        else to the group's leader or the community's manager; a collection that nobody stands in for falls away. What
        was missed stays with whoever missed it: nobody can do it any more."""
        day = day_of(at)
        for duty in list(self.duties):
            person = self.people.get(duty.owner)
            theirs = duty.kind in PASSES_ON or (duty.moved_from and duty.kind != "weekly_report")
            gone = person is not None and not person.in_office(day) and person.since <= day
            if person is None or not gone or not theirs or not duty.standing or duty.state(at) == "missed":
                continue
            absent = self.people.get(duty.moved_from)
            heir = self._back_to(absent, day) if absent is not None and absent is not person else ""
            if heir and absent is not None and heir == absent.username:
                duty.owner, duty.moved_from = heir, ""
            elif heir:
                duty.owner = heir
            elif duty.kind == "weekly_collection":
                duty.waived = True
            else:
                leader = self.groups.get(person.group, "")
                duty.moved_from = duty.moved_from or person.username
                duty.owner = leader or self.communities[person.community]

    def _back_to(self, absent: Person, day: date) -> str:
        """The absent person when they are there again, else whoever stands in for them and is there; else nobody."""
        if not absent.in_office(day):
            return ""
        leaves = [a for a in absent.absences if a.first <= day <= a.last]
        if not leaves:
            return absent.username
        standing_in = (self.people[a.stand_in] for a in leaves if a.stand_in)
        there = (p for p in standing_in if p.in_office(day) and not any(a.first <= day <= a.last for a in p.absences))
        return next((p.username for p in there), "")

    def every_minute(self, at: datetime) -> None:
        self.weekly.send_due(at)
        self.emergencies.every_minute(at)

    def _begin_week(self, at: datetime) -> None:
        week = monday_of(at)
        for duty in self.duties.of_week("weekly_collection", week):
            if duty.moved_from and duty.standing and self._collected(duty.owner, week):
                duty.met_at = at
        owing = {d.moved_from or d.owner for d in self.duties.of_week("weekly_collection", week)}
        for person in self.reporters(day_of(at)):
            if person.username in owing:
                continue
            due = moment(week + 6 * D, time(23, 59, 59))
            duty = Duty("weekly_collection", person.community, person.username, at, due, period=week)
            self.duties.begin(duty)
            if self._collected(person.username, week):
                duty.met_at = at

    def _collected(self, username: str, week: date) -> bool:
        """An activity or an item in that week (4.1.1)."""
        return any(monday_of(i.arrived_at) == week for i in self.items.values() if i.reporter == username) or any(
            monday_of(a.starts_at) == week for a in self.activities.values() if a.reporter == username
        )

    def _collects(self, username: str, week: date, at: datetime) -> None:
        for duty in self.duties.of_week("weekly_collection", week):
            if duty.standing and username == duty.owner:
                duty.met_at = at

    # --- collecting and submitting (2.1, 2.3) -----------------------------------------------------

    def active(self, at: datetime, activity: Activity) -> None:
        self.activities[activity.id] = activity
        self._collects(activity.reporter, monday_of(activity.starts_at), at)

    def submitted(self, at: datetime, item: Item) -> None:
        """An item arrived; an urgent one opens its emergency by `emergencies.opened`, whatever the path."""
        self.items[item.id] = item
        self._owe_review(at, item)
        self._collects(item.reporter, monday_of(at), at)

    def withdrawn(self, at: datetime, id: str) -> None:
        self.items[id].status = "withdrawn"
        self.duties.drop(d for d in self.duties.about(id, "review", "amend") if d.standing)

    def marked_urgent(self, at: datetime, id: str) -> None:
        """Found urgent later: the short limits count from now."""
        item = self.items[id]
        item.urgent = True
        for duty in self.duties.about(id, "review"):
            if duty.standing:
                duty.due_at = min(duty.due_at, at + H)

    def _owe_review(self, at: datetime, item: Item) -> None:
        due = at + H if item.urgent else self.time.after_days(at, 1)
        self.duties.begin(Duty("review", item.community, "", at, due, item.id))

    # --- review (4.3.1, 4.3.2) --------------------------------------------------------------------

    def returned(self, at: datetime, id: str, check: str) -> None:
        """`check`: truth, completeness, accuracy or format, whichever failed."""
        item = self.items[id]
        item.status, item.returns = "returned", item.returns + 1
        item.faulted = item.faulted or check in ("truth", "accuracy")
        item.decisions.append((at, False))
        self.duties.meet(id, at, "review")
        due = at + H if item.urgent else self.time.after_days(at, 2)
        self.duties.begin(self._owed_by_reporter("amend", item, at, due))

    def resubmitted(self, at: datetime, id: str) -> None:
        item = self.items[id]
        item.status = "submitted"
        self.duties.meet(id, at, "amend")
        self._owe_review(at, item)
        self._collects(item.reporter, monday_of(item.arrived_at), at)

    def approved(self, at: datetime, id: str, *marks: int) -> None:
        item = self.items[id]
        item.status = "approved"
        item.decisions.append((at, True))
        item.marks += marks
        self.duties.meet(id, at, "review")
        due = at + 30 * M if item.urgent else self.time.after_days(at, 1)
        self.duties.begin(Duty("assign", item.community, "", at, due, id))

    def merged(self, at: datetime, id: str, into: str) -> None:
        self.items[id].status = "merged"
        self.duties.meet(id, at, "review", "assign")
        self.items[into].has_resident |= self.items[id].has_resident

    # --- handling (4.3.2) -------------------------------------------------------------------------

    def assigned(self, at: datetime, id: str, handler: str) -> None:
        """`handler`: a person, or "" for the unit's pool."""
        item = self.items[id]
        item.status = "handling"
        self.duties.meet(id, at, "assign")
        item.handle_due = at + 24 * H if item.urgent else self.time.after_days(at, item.handle_days)
        self.duties.begin(Duty("handle", item.community, handler, at, item.handle_due, id))
        if item.has_resident:
            self._owe_progress(at, item)

    def told_progress(self, at: datetime, id: str) -> None:
        self.duties.meet(id, at, "inform_progress")
        self._owe_progress(at, self.items[id])

    def resolved(self, at: datetime, id: str) -> None:
        item = self.items[id]
        item.status = "resolved"
        item.handled_late |= item.handle_due is not None and at > item.handle_due
        self.duties.meet(id, at, "handle", "inform_progress")
        self.duties.begin(self._owed_by_reporter("inform_resident", item, at, self.time.after_days(at, 2)))

    def _owe_progress(self, at: datetime, item: Item) -> None:
        self.duties.begin(self._owed_by_reporter("inform_progress", item, at, self.time.after_days(at, 5)))

    def _owed_by_reporter(self, kind: str, item: Item, at: datetime, due: datetime) -> Duty:
        return Duty(kind, item.community, item.reporter, at, due, item.id)

    # --- the closed loop (2.4.1, 2.4.2) -------------------------------------------------------------

    def informed(self, at: datetime, id: str) -> None:
        """The resident knows the result."""
        item = self.items[id]
        item.status = "informed"
        self.duties.meet(id, at, "inform_resident", "inform_progress")
        self.duties.begin(self._owed_by_reporter("evaluate", item, at, self.time.after_days(at, 3)))

    def nobody_to_inform(self, at: datetime, id: str) -> None:
        """No resident, refused or unreachable: recorded with the reason, no verdict."""
        self.items[id].status = "evaluated"
        self.duties.meet(id, at, "inform_resident", "inform_progress")

    def evaluated(self, at: datetime, id: str, verdict: str) -> None:
        item = self.items[id]
        item.status = "evaluated"
        item.judgements.append((at, verdict))
        self.duties.meet(id, at, "evaluate")

    def reopened(self, at: datetime, id: str, handler: str) -> None:
        item = self.items[id]
        item.rounds += 1
        if item.status == "closed":
            item.handled_late = False
        self.assigned(at, id, handler)

    def closed(self, at: datetime, id: str) -> None:
        item = self.items[id]
        item.status = "closed"
        item.closings.append((at, item.handled_late))

    # --- questions --------------------------------------------------------------------------------

    def open_items(self, community: str) -> list[Item]:
        return [i for i in self.items.values() if i.community == community and i.status in OPEN]
