"""A life of some weeks in two communities, from a seed: who does what, when.

Chance comes from the seed alone. Events lie in a queue by time; the clock jumps from one to the next and stops every
two hours of the day, where the worker's jobs run. At the end of each week everything is compared with the ledger.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count

import time_machine

from tests.year import matters
from tests.year.acts import Acts
from tests.year.comparing import Comparison
from tests.year.differences import Differences
from tests.year.emergencies import EmergencyLife
from tests.year.ledger.book import Ledger
from tests.year.ledger.working_time import day_of, moment, monday_of
from tests.year.passing import Passing
from tests.year.sink import Sink
from tests.year.world import Community, World

D, H, M = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
VERDICTS = ("satisfied",) * 6 + ("mostly_satisfied",) * 2 + ("unsatisfied",) * 2
HOURS_OF_STOPS = range(8, 23, 2)


@dataclass(frozen=True)
class Plan:
    """What is lived: `weeks` from the Monday `first`; a storm in the week `storm` (counted from 0)."""

    seed: int
    first: date = date(2026, 1, 5)
    weeks: int = 26
    storm: int = 9
    items_a_week: float = 1.1  # of each reporter


SHORT = Plan(seed=1, first=date(2026, 2, 2), weeks=5, storm=2)


@dataclass(order=True)
class Event:
    at: datetime
    n: int
    act: Callable[[], None] | None = field(compare=False)  # None: a moment at which the worker's jobs matter


class Life:
    """One simulated life; `live` returns what differed."""

    def __init__(self, plan: Plan, clock: time_machine.Traveller, sink: Sink) -> None:
        self.plan, self.rng = plan, random.Random(plan.seed)
        self.found = Differences()
        self.ledger = Ledger()
        self.passing = Passing(clock, moment(plan.first, time(0, 30)))
        self.world = World(self.ledger)
        self.acts = Acts(self.world, self.ledger, self.passing, self.rng, self.found)
        self.comparison = Comparison(self.world, self.ledger, self.found, sink, self.acts.numbers)
        self.emergencies = EmergencyLife(self)
        self.passing.at_stop, self.passing.each_minute = self.ledger.tick, self.ledger.every_minute
        self._queue: list[Event] = []
        self._order, self._matter = count(), count(self.plan.seed * 1000)

    @property
    def now(self) -> datetime:
        return self.passing.now

    @property
    def end(self) -> datetime:
        return moment(self.plan.first + 7 * D * self.plan.weeks)

    def at(self, moment_: datetime, act: Callable[[], None] | None) -> None:
        """Do something then (never earlier than the next second); what lies behind the end is not lived."""
        heapq.heappush(self._queue, Event(max(moment_, self.now + timedelta(seconds=1)), next(self._order), act))

    def tick_at(self, moment_: datetime) -> None:
        """A moment that matters: the minutely jobs run."""
        self.at(moment_, None)

    def live(self) -> Differences:
        self.world.set_up(self.now)
        self.passing.stop(self.now + M)
        for week in range(self.plan.weeks):
            self._plan_week(self.plan.first + 7 * D * week, week)
        for stop in self._stops():
            self._until(stop)
            self.found.moment(self.now)
            self.passing.stop(stop)
            if stop.weekday() == 6 and stop.hour == HOURS_OF_STOPS[-1]:
                self._compare(whole=stop > self.end - D)
        self._appraise()
        return self.found

    def _appraise(self) -> None:
        """When the half-year is over its appraisal is opened; until then nothing more happens, but time passes."""
        first, last = date(self.plan.first.year, 1, 1), date(self.plan.first.year, 6, 30)
        self.passing.minute(max(self.now + M, moment(last + D, time(9))))
        self.found.moment(self.now)
        self.comparison.appraisal(self.now, first, last)

    def lived(self) -> str:
        """What this life held, in a line."""
        emergencies = self.ledger.emergencies.rows.values()
        return (
            f"{len(self.ledger.items)} items, {len(list(self.ledger.duties))} duties, {len(emergencies)} emergencies,"
            f" {len(self.ledger.weekly.reports)} reports, {len(self.ledger.weekly.mails)} weekly mails"
        )

    def _stops(self) -> Iterator[datetime]:
        day = self.plan.first
        while moment(day) < self.end:
            hours = HOURS_OF_STOPS if self.ledger.time.works(day) else HOURS_OF_STOPS[1::3]
            yield from (moment(day, time(hour)) for hour in hours)
            day += D

    def _until(self, stop: datetime) -> None:
        while self._queue and self._queue[0].at < stop:
            event = heapq.heappop(self._queue)
            if event.act is None:
                self.passing.minute(event.at)
                continue
            self.passing.to(event.at)
            self.found.moment(self.now)
            event.act()

    def _compare(self, *, whole: bool) -> None:
        self.passing.all_jobs()
        self.comparison.compare(self.now, since=self.plan.first if whole else day_of(self.now) - 20 * D)

    # --- a week ---------------------------------------------------------------------------------------------

    def _plan_week(self, monday: date, week: int) -> None:
        for c in self.world.communities:
            self.at(moment(monday, time(6, 30)), partial(self._begin_week, c, monday))
            self.at(moment(monday, time(6, 40)), partial(self._plan_community, c, monday, week))

    def _begin_week(self, c: Community, monday: date) -> None:
        self.acts.set_roster(c, self.now + M, moment(monday + 7 * D, time(6, 30)))

    def _plan_community(self, c: Community, monday: date, week: int) -> None:
        self._people(c, monday, week)
        for person in self.ledger.reporters(monday, c.code):
            self._plan_reporter(c, person.username, monday, week)
        for owner in self._report_owners(c, monday):
            self._plan_report(c, owner, monday)
        self.emergencies.plan(c, monday, week)
        if week == 1 and c is self.world.communities[0]:
            self.at(self._workday(monday, 10), lambda: self._correct_calendar(monday))
        for n in range(7):
            if self.ledger.time.works(monday + n * D):
                self.at(moment(monday + n * D, time(16, 30)), lambda: self._close_what_is_judged(c))

    def _report_owners(self, c: Community, monday: date) -> list[str]:
        return list(c.leaders.values()) or [p.username for p in self.ledger.reporters(monday, c.code)]

    def _plan_reporter(self, c: Community, who: str, monday: date, week: int) -> None:
        rng = self.rng
        idle = rng.random() < 0.05
        if not idle and rng.random() < 0.6:
            self.at(self._daytime(monday, 5), lambda: self._visit(who))
        for _n in range(0 if idle else self._how_many(self.plan.items_a_week)):
            self.at(self._daytime(monday, 6 if rng.random() < 0.15 else 5), lambda: self._notice(c, who))
        if week == self.plan.storm:
            for day in (2, 3):
                for _n in range(self._how_many(2.2)):
                    self.at(self._daytime(monday + day * D, 1), lambda: self._notice(c, who, matters.STORM))
        if rng.random() < 0.06 and week:
            self.at(self._workday(monday, 9), lambda: self._ask_leave(c, who, monday))

    def _how_many(self, mean: float) -> int:
        return int(mean) + (self.rng.random() < mean % 1) + (self.rng.random() < 0.2) - (self.rng.random() < 0.2)

    def _daytime(self, monday: date, days: int) -> datetime:
        day = monday + self.rng.randrange(days) * D
        return moment(day, time(8)) + self.rng.randrange(10 * 3600) * timedelta(seconds=1)

    def _workday(self, monday: date, hour: int) -> datetime:
        return self.ledger.time.at_work(moment(monday, time(hour, self.rng.randrange(60))))

    # --- people come, go, are on leave ---------------------------------------------------------------------------

    def _people(self, c: Community, monday: date, week: int) -> None:
        """Every fifth week somebody comes in mid-week, and somebody else goes with what they have not reported."""
        if week % 5 == 2:
            name = f"{c.reporters[0][0]}{20 + week}"
            place = self.world.place_of(c, week)
            self.at(moment(monday + 2 * D, time(9)), lambda: self._come(c, name, place))
        if week % 5 == 3:
            candidates = [p.username for p in self.ledger.reporters(monday, c.code) if not p.absences]
            who = self.rng.choice(candidates)
            self.at(moment(monday + 2 * D, time(8, 30)), lambda: self._notice(c, who))
            self.at(moment(monday + 3 * D, time(17, 50)), lambda: self._go(who))

    def _come(self, c: Community, name: str, place: str) -> None:
        self.world.appoint(self.now, name, "reporter", c, place)
        self.at(self.now + 3 * H, lambda: self._notice(c, name))
        if not c.by_group:
            self._plan_report(c, name, monday_of(self.now))

    def _go(self, who: str) -> None:
        self.acts.attempt("5.3.1", f"{who} leaves", lambda: self.world.dismiss(self.now, who))

    def _ask_leave(self, c: Community, who: str, monday: date) -> None:
        first = monday + 7 * D + self.rng.randrange(3) * D
        last = first + self.rng.randrange(2, 9) * D
        others = [p.username for p in self.ledger.reporters(first, c.code) if p.username != who and not p.absences]
        stand_in = self.rng.choice(others) if others and self.rng.random() < 0.7 else ""
        if self.ledger.people[who].in_office(last) and not self.ledger.people[who].absences:
            self.acts.take_leave(c, who, first, last, stand_in)

    def _away(self, who: str, day: date) -> str | None:
        """Who stands in on that day ("" for nobody); None while the person is there."""
        for absence in self.ledger.people[who].absences:
            if absence.first <= day <= absence.last:
                return absence.stand_in
        return None

    def _can(self, who: str) -> bool:
        person = self.ledger.people[who]
        return person.in_office(day_of(self.now)) and self._away(who, day_of(self.now)) is None

    def _acting(self, item_id: str) -> str:
        """Who tells the resident: the reporter, the stand-in with the duty, else the leader or manager."""
        item = self.ledger.items[item_id]
        if self._can(item.reporter):
            return item.reporter
        c = self.world.of(item.community)
        return c.leaders.get(item.group, c.manager)

    def _correct_calendar(self, monday: date) -> None:
        """The district takes a Wednesday some weeks on off, well before anything is due on it."""
        day = monday + 23 * D
        if self.acts.attempt("4.1.1", "calendar", lambda: self.world.correct_calendar(self.now, str(day), works=False)):
            self.ledger.corrected(self.now, day, False)

    # --- collecting and submitting ---------------------------------------------------------------------------------

    def _visit(self, who: str) -> None:
        if self._can(who):
            self.acts.record_activity(
                who, self.now - 90 * M, f"{self.rng.choice(matters.STREETS)}{self.rng.randrange(60)}号"
            )

    def _notice(self, c: Community, who: str, kinds: object = matters.ROUTINE) -> None:
        """Something is seen: filed at once, by form, or in a batch; or kept on the phone until there is a network."""
        if not self._can(who):
            return
        data = matters.body(self.rng, next(self._matter), self.now - 20 * M, self.rng.choice(c.grids), kinds)
        chance = self.rng.random()
        if chance < 0.12:
            since, later = self.now, self.now + self.rng.randrange(1, 30) * H
            self.at(later, lambda: self._from_queue(c, who, data, since))
        elif chance < 0.2:
            more = matters.body(self.rng, next(self._matter), self.now - 30 * M, data["grid"], kinds)
            for id in self.acts.submit_batch(who, [data, more]):
                self._follow(c, id)
        elif id := self.acts.submit(who, data, form=self.acts.by_page()):
            self._follow(c, id)

    def _from_queue(self, c: Community, who: str, given: dict[str, object], since: datetime) -> None:
        if self._can(who) and (id := self.acts.submit(who, given, offline_since=since)):
            self._follow(c, id)

    # --- what becomes of an item --------------------------------------------------------------------------------------

    def _follow(self, c: Community, id: str, *, again: bool = False) -> None:
        """Review in good time as a rule, now and then too late; urgent items at once."""
        item = self.ledger.items[id]
        if item.urgent:
            self.at(self.now + self.rng.choice((10, 25, 40, 55, 80)) * M, lambda: self._review(c, id))
            return
        if not again and self.rng.random() < 0.04:
            self.at(self.now + 25 * M, lambda: self._withdraw(id))
        self.at(self._work_after(self.rng.choice((1, 2, 3, 5, 6, 9))), lambda: self._review(c, id))

    def _work_after(self, hours: float) -> datetime:
        """In so many working hours, give or take."""
        return self.ledger.time.after(self.now, hours * H + self.rng.randrange(1, 1800) * timedelta(seconds=1))

    def _withdraw(self, id: str) -> None:
        if self.ledger.items[id].status == "submitted" and self._can(self.ledger.items[id].reporter):
            self.acts.withdraw(id)

    def _review(self, c: Community, id: str) -> None:
        item = self.ledger.items[id]
        if item.status != "submitted":
            return
        who, chance = self.rng.choice(c.reviewers), self.rng.random()
        if chance < 0.05 and not item.urgent and (into := self._another(c, id)):
            self.acts.merge(who, id, into)
        elif chance < 0.2 and item.returns < 2:
            self.acts.return_(who, id, self.rng.choice(("truth", "completeness", "accuracy", "format")))
            wait = 20 * M if item.urgent else None
            self.at(
                self.now + wait if wait else self._work_after(self.rng.choice((2, 6, 12, 16))),
                lambda: self._amend(c, id),
            )
        else:
            self.acts.approve(who, id)
            later = (
                self.now + self.rng.choice((10, 20, 45)) * M
                if item.urgent
                else self._work_after(self.rng.choice((1, 2, 5, 8)))
            )
            self.at(later, lambda: self._assign(c, id))

    def _another(self, c: Community, id: str) -> str:
        """Another matter in handling, which carries this one on."""
        rows = [i.id for i in self.ledger.open_items(c.code) if i.status == "handling" and i.id != id]
        return self.rng.choice(rows) if rows else ""

    def _amend(self, c: Community, id: str) -> None:
        item = self.ledger.items[id]
        if item.status != "returned":
            return
        if self._can(item.reporter):
            self.acts.resubmit(item.reporter, id)
            self._follow(c, id, again=True)
        elif self.ledger.people[item.reporter].in_office(day_of(self.now)):
            self.at(self.now + D, lambda: self._amend(c, id))

    def _assign(self, c: Community, id: str) -> None:
        item = self.ledger.items[id]
        if item.status != "approved":
            return
        handler = self.rng.choice((*c.handlers, ""))
        self.acts.assign(c.manager, id, handler)
        self._handle(c, id, handler or c.handlers[0])

    def _handle(self, c: Community, id: str, by: str) -> None:
        """Progress on the way, the result by the limit as a rule."""
        item = self.ledger.items[id]
        if item.urgent:
            done = self.now + self.rng.choice((2, 6, 20, 26)) * H
        else:
            done = self._work_after(item.handle_days * 7 * self.rng.choice((0.2, 0.5, 0.8, 0.9, 1.2)))
        if self.rng.random() < 0.5:
            self.at(self._work_after(4), lambda: self._progress(by, id))
        if item.has_resident and self.rng.random() < 0.7:
            self.at(self._work_after(self.rng.choice((10, 25, 34))), lambda: self._tell_progress(id))
        self.at(done, lambda: self._resolve(c, by, id))

    def _progress(self, by: str, id: str) -> None:
        if self.ledger.items[id].status == "handling":
            self.acts.progress(by, id)

    def _tell_progress(self, id: str) -> None:
        if self.ledger.items[id].status == "handling":
            self.acts.tell_progress(self._acting(id), id)
            self.at(self._work_after(self.rng.choice((25, 34, 40))), lambda: self._tell_progress(id))

    def _resolve(self, c: Community, by: str, id: str) -> None:
        if self.ledger.items[id].status == "handling":
            self.acts.resolve(by, id)
            self.at(self._work_after(self.rng.choice((2, 6, 10, 13, 20))), lambda: self._inform(c, id))

    def _inform(self, c: Community, id: str) -> None:
        item = self.ledger.items[id]
        if item.status != "resolved":
            return
        self.acts.inform(self._acting(id), id)
        if item.status == "informed":
            self.at(self._work_after(self.rng.choice((3, 9, 15, 20, 24))), lambda: self._evaluate(c, id))

    def _evaluate(self, c: Community, id: str) -> None:
        if self.ledger.items[id].status == "informed":
            self.acts.evaluate(self._acting(id), id, self.rng.choice(VERDICTS))

    def _close_what_is_judged(self, c: Community) -> None:
        """Each working day the department closes what is judged; the manager decides what becomes of the
        unsatisfied."""
        for item in [i for i in self.ledger.items.values() if i.community == c.code and i.status == "evaluated"]:
            unsatisfied = bool(item.judgements) and item.judgements[-1][1] == "unsatisfied"
            if unsatisfied and item.rounds < 3 and self.rng.random() < 0.7:
                self.acts.reopen(c.manager, item.id, c.handlers[1])
                self._handle(c, item.id, c.handlers[1])
            else:
                self.acts.close(c.manager, item.id, "已向居民说明" if unsatisfied else "")

    # --- the weekly report
    # -----------------------------------------------------------------------------------------------

    def _plan_report(self, c: Community, who: str, monday: date) -> None:
        """On its day between noon and six as a rule; late, after Monday noon, or never, now and then."""
        opens, due, chance = (
            self.ledger.time.report_opens(monday),
            self.ledger.time.report_due(monday),
            self.rng.random(),
        )
        when = opens + self.rng.randrange(5 * 60, 350 * 60) * timedelta(seconds=1)
        if chance < 0.08:
            when = due + self.rng.randrange(10, 20 * 60) * M
        elif chance < 0.12:
            when = moment(monday + 7 * D, time(13)) + self.rng.randrange(5 * 60) * M
        if chance > 0.03 or c.by_group:
            self.at(when, lambda: self._report(c, who, monday))
        self.tick_at(moment(monday + 7 * D, time(12)))

    def _report(self, c: Community, who: str, monday: date) -> None:
        """The owner, their stand-in, or the manager for somebody who has left."""
        person, of = self.ledger.people[who], ""
        by = who
        if not person.in_office(day_of(self.now)):
            by, of = c.manager, who
            if person.group or not self.ledger.weekly.unreported(who, self.now):
                return
        elif (stand_in := self._away(who, self.ledger.time.report_day(monday))) is not None:
            by, of = stand_in, who
            if stand_in and not self.ledger.people[stand_in].in_office(day_of(self.now)):
                by = c.manager
            elif not stand_in or not self._can(stand_in):
                return
        duties = [d for d in self.ledger.duties.of_week("weekly_report", monday) if d.owner == by and d.standing]
        if of and not any(d.moved_from == of for d in duties):
            return
        in_time = self.ledger.time.report_opens(monday) <= self.now <= self.ledger.time.report_due(monday)
        id = self.acts.confirm(by, monday, of=of, reason="" if in_time else "外出办事，补报")
        if id:
            self._after_confirming(c, by, monday, id, of)

    def _after_confirming(self, c: Community, by: str, monday: date, id: str, of: str = "") -> None:
        if self.rng.random() < 0.1:
            self.at(self.now + 3 * M, lambda: self._take_back(c, by, monday, id, of))
        else:
            self.tick_at(self.now + 5 * M)
            self.at(self._work_after(self.rng.choice((2, 4, 6, 9))), lambda: self._review_report(c, by, monday, id))

    def _take_back(self, c: Community, by: str, monday: date, id: str, of: str) -> None:
        self.acts.take_back(by, id)
        due = self.ledger.time.report_due(monday)

        def again() -> None:
            if self.acts.confirm(by, monday, of=of, reason="" if self.now <= due else "核对后补报"):
                self.tick_at(self.now + 5 * M)
                self.at(self._work_after(3), lambda: self._review_report(c, by, monday, id))

        self.at(self.now + 8 * M, again)

    def _review_report(self, c: Community, by: str, monday: date, id: str) -> None:
        report = self.ledger.weekly.reports[id]
        if report.status != "confirmed" or report.sent_at is None:
            return
        accept = self.rng.random() > 0.12 or report.version > 1
        self.acts.review_report(self.rng.choice(c.reviewers), id, accept)
        if not accept:
            self.at(self._work_after(self.rng.choice((3, 8, 16))), lambda: self._correct_report(c, by, monday, id))

    def _correct_report(self, c: Community, by: str, monday: date, id: str) -> None:
        report = self.ledger.weekly.reports[id]
        if report.status == "returned" and by in self.ledger.people and self._can(by):
            of = report.reporter if not report.by_group and report.reporter != by else ""
            if self.acts.confirm(by, monday, of=of):
                self.tick_at(self.now + 5 * M)
                self.at(self._work_after(3), lambda: self._review_report(c, by, monday, id))
