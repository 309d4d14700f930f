"""Product against ledger: every duty, report, mail and figure; all differences are kept, each with its clause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from tests.year import reading
from tests.year.differences import Differences
from tests.year.ledger import figures
from tests.year.ledger.appraisal import Half
from tests.year.ledger.book import Ledger
from tests.year.ledger.duties import CLAUSES, WEEKLY, Duty
from tests.year.ledger.working_time import day_of, same, utc
from tests.year.reading import SeenDuty
from tests.year.sink import Sink
from tests.year.world import Community, World

CATEGORIES = {"opinion": "居民意见建议", "event": "社区事件", "construction": "社区建设", "sanitation": "环境卫生"}
# Clause, which of its duties on the page, and the kinds of duty that it counts.
COMPLIANCE = (
    ("2.3.1", 0, ("weekly_report",)),
    ("2.3.2", 1, ("alarm_acknowledge", "urgent_follow_up")),
    ("2.4.1", 0, ("inform_resident", "inform_progress")),
    ("2.4.2", 0, ("evaluate",)),
    ("4.1.1", 0, ("weekly_collection",)),
    ("4.1.1", 1, ("weekly_report",)),
    ("4.1.2", 0, ("review_report",)),
    ("4.2.1", 0, ("urgent_call",)),
    ("4.2.1", 1, ("urgent_written",)),
    ("4.3.1", 0, ("review", "review_report")),
    ("4.3.2", 0, ("amend",)),
    ("4.3.2", 1, ("assign",)),
    ("4.3.2", 2, ("handle",)),
)
WEEKS_BEFORE = timedelta(days=28)  # how far back a report that takes something in late may lie
WEEKS_SHOWN = timedelta(weeks=11)


class Comparison:
    def __init__(self, world: World, ledger: Ledger, found: Differences, sink: Sink, numbers: dict[str, str]) -> None:
        self.world, self.ledger, self.found, self.sink, self.numbers = world, ledger, found, sink, numbers

    def compare(self, now: datetime, since: date) -> None:
        """Everything that fell due, or was reported, since that day."""
        for c in self.world.communities:
            self._duties(c, now, since)
            self._reports(c, since)
            self._mails(c)
            self._statistics(c, now)
            self._today(c, now)
            self._emergencies(c)
            self._compliance(c, now)

    # --- duties ---------------------------------------------------------------------------------------------------

    def _duties(self, c: Community, now: datetime, since: date) -> None:
        """Kind, owner, due time and state of every duty; a kind's duties about one thing are paired by their limits."""
        expected, seen = defaultdict(list), defaultdict(list)
        for duty in self.ledger.duties:
            if duty.community == c.code and day_of(duty.due_at) >= since:
                expected[self._key(duty)].append(duty)
        for row in reading.duties(self.world.hand(c.manager), c.id, since):
            if row.kind in CLAUSES:
                seen[self._seen_key(row)].append(row)
        for key in sorted(expected.keys() | seen.keys()):
            self._pair(key, expected[key], seen[key], now)

    def _key(self, duty: Duty) -> tuple[str, str]:
        if duty.kind in WEEKLY:
            return duty.kind, f"{duty.period} {self.world.ids.get(duty.owner, '')}"
        if duty.kind == "alarm_acknowledge":  # its subject is the alarm, which no list names
            return duty.kind, self.world.ids.get(duty.owner, "")
        return duty.kind, duty.subject

    def _seen_key(self, row: SeenDuty) -> tuple[str, str]:
        if row.kind in WEEKLY:
            return row.kind, f"{row.period} {row.owner}"
        if row.kind == "alarm_acknowledge":
            return row.kind, row.owner
        return row.kind, row.subject

    def _pair(self, key: tuple[str, str], expected: list[Duty], seen: list[SeenDuty], now: datetime) -> None:
        kind, subject = key
        name = f"duty {kind} about {self._name(subject)}"
        wanted = sorted(self._said(d, now) for d in expected)
        values = sorted(self._shown(r) for r in seen)
        self.found.compared[CLAUSES[kind]] += max(len(wanted), len(values))
        more, less = Counter(wanted) - Counter(values), Counter(values) - Counter(wanted)
        for message, shown in _side_by_side(more, less):
            self.found.add(CLAUSES[kind], name, message or "no such duty", shown or "no such duty")

    def _said(self, duty: Duty, now: datetime) -> str:
        return f"due {utc(duty.due_at)} by {duty.owner or 'the pool'}: {duty.state(now)}, met {utc(duty.met_at)}"

    def _shown(self, row: SeenDuty) -> str:
        owner = self._person(row.owner) if row.owner else "the pool"
        return f"due {utc(row.due_at)} by {owner}: {row.state}, met {utc(row.met_at)}"

    def _person(self, id: str) -> str:
        return next((name for name, known in self.world.ids.items() if known == id), id)

    def _name(self, subject: str) -> str:
        number = self.numbers.get(subject)
        period, _space, owner = subject.partition(" ")
        if owner:
            return f"week {period} of {self._person(owner)}"
        return f"{number} ({subject})" if number else self._person(subject)

    # --- weekly reports
    # ------------------------------------------------------------------------------------------------

    def _reports(self, c: Community, since: date) -> None:
        """Each submitted item in exactly one report, and which; state, version and moments of each (2.3.1, 4.1.1)."""
        hand = self.world.hand(c.manager)
        listed = {r["id"]: r for r in hand.all("/weekly-reports", "weekly_reports")}
        where: dict[str, list[str]] = defaultdict(list)
        for report in self.ledger.weekly.reports.values():
            if report.community != c.code or report.week < since - WEEKS_BEFORE:
                continue
            name = f"report of {report.whose}, week {report.week}"
            row = listed.get(report.id)
            if row is None:
                self.found.add("4.1.1", name, report.status, "is not in the list")
                continue
            self.found.compare("4.1.1", f"{name}: status", report.status, row["status"])
            self.found.compare("4.1.1", f"{name}: version", report.version, row["version"])
            self._moments(name, report.sent_at, reading.moment(row["sent_at"]), "sent")
            facts = hand.api("get", f"/weekly-reports/{report.id}")["facts"]
            if report.status != "assembled":
                for line in facts["items"]:
                    where[line["number"]].append(report.id)
                held = len(facts["activities"])
                self.found.compare("4.1.1", f"{name}: activities", len(report.activities), held)
        self._each_item_once(c, where, since)

    def _each_item_once(self, c: Community, where: dict[str, list[str]], since: date) -> None:
        for item in self.ledger.items.values():
            if item.community != c.code or day_of(item.arrived_at) < since:
                continue
            number = self.numbers.get(item.id, "")
            reports = where.get(number, [])
            wanted = [item.report] if item.report else []
            name = f"item {number} of {item.reporter}, arrived {utc(item.arrived_at)}"
            self.found.compare("2.3.1", f"{name}: reports", self._named(wanted), self._named(reports))

    def _named(self, ids: Iterable[str]) -> list[str]:
        reports = self.ledger.weekly.reports
        return sorted(f"{reports[i].whose} {reports[i].week}" if i in reports else i for i in ids)

    def _moments(self, name: str, wanted: datetime | None, seen: datetime | None, what: str) -> None:
        self.found.compared["4.1.1"] += 1
        if not same(wanted, seen):
            self.found.add("4.1.1", f"{name}: {what}", utc(wanted), utc(seen))

    # --- mails --------------------------------------------------------------------------------------------------------

    def _mails(self, c: Community) -> None:
        """One mail for each version that was sent, to the unit's mailbox, and no other (4.1.1, 4.2.1)."""
        weekly = sum(self.ledger.weekly.reports[id].community == c.code for id, _v, _at in self.ledger.weekly.mails)
        rows = self.ledger.emergencies
        urgent = sum(rows.rows[id].community == c.code for id, _v, _at in rows.mails)
        mails = [m for m in self.sink.mails if m.to == c.mailbox]
        self.found.compare("4.1.1", f"mails to {c.mailbox}", weekly + urgent, len(mails))
        twice = [i for i, n in Counter(m.id for m in mails).items() if n > 1]
        self.found.compare("4.1.1", f"mails sent twice to {c.mailbox}", [], twice)

    # --- figures ------------------------------------------------------------------------------------------------------

    def _statistics(self, c: Community, now: datetime) -> None:
        since, until = day_of(now) - timedelta(days=day_of(now).weekday()) - WEEKS_SHOWN, day_of(now)
        path = f"/stats/?unit={c.id}&since={since}&until={until}"
        for reader in (c.manager, c.reviewers[0]):
            seen = reading.tiles(self.world.hand(reader), path)
            for label, value in figures.statistics(self.ledger, c.code, since, now).items():
                self.found.compare("2.2.2", f"statistics of {c.name} for {reader}: {label}", value, seen.get(label))
        charted = reading.table(self.world.hand(c.manager), path, "by-week")
        counted = figures.by_week_and_category(self.ledger, c.code, since, until)
        for (week, category), n in counted.items():
            drawn = charted.get((week, CATEGORIES[category]))
            self.found.compare("2.2.1", f"{c.name}: {category} in the week of {week}", str(n), drawn)

    def _today(self, c: Community, now: datetime) -> None:
        seen = reading.tiles(self.world.hand(c.manager), "/")
        for label, value in figures.today(self.ledger, c.code, now).items():
            self.found.compare("2.2.2", f"Today of {c.manager}: {label}", value, seen.get(label))

    # --- emergencies
    # ----------------------------------------------------------------------------------------------------

    def _emergencies(self, c: Community) -> None:
        """Each urgent matter with its call, its written report and its alarms, whatever its path (2.3.2, 4.2.1)."""
        hand = self.world.hand(c.manager)
        seen = {r["id"]: r for r in hand.all("/emergencies", "emergencies")}
        rows = {e.id: e for e in self.ledger.emergencies.rows.values() if e.community == c.code}
        for id in sorted(rows.keys() | seen.keys()):
            row, name = rows.get(id), f"emergency {self._name(id)}"
            if row is None or id not in seen:
                self.found.add("2.3.2", name, "is one" if row else "is none", "is one" if id in seen else "is none")
                continue
            shown, name = hand.api("get", f"/emergencies/{id}"), f"{name} by {row.path}"
            self.found.compare("4.2.1", f"{name}: call", utc(row.called_at), utc(reading.moment(shown["called_at"])))
            first = row.versions[0] if row.versions else None
            self.found.compare("4.2.1", f"{name}: written", utc(first), utc(reading.moment(shown["written_at"])))
            self.found.compare("2.3.2", f"{name}: versions", len(row.versions), len(shown["versions"]))
            self.found.compare("2.3.2", f"{name}: end", utc(row.finished_at), utc(reading.moment(shown["finished_at"])))
            wanted = {(reason, utc(a.told[0][0]), utc(a.ended_at)) for reason, a in row.alarms.items()}
            alarms = {
                (a["reason"], utc(reading.moment(a["raised_at"])), utc(reading.moment(a["acknowledged_at"])))
                for a in shown["alarms"]
            }
            self.found.compare("2.3.2", f"{name}: alarms", sorted(wanted), sorted(alarms))
        listed = len(hand.all("/emergencies", "emergencies", state="open", community=c.code))
        self.found.compare(
            "2.3.2", f"open emergencies of {c.name}", figures.open_emergencies(self.ledger, c.code), listed
        )

    # --- compliance
    # -----------------------------------------------------------------------------------------------------

    def _compliance(self, c: Community, now: datetime) -> None:
        """For each duty of a clause how many are in which state, the same for manager and auditor."""
        since, until = day_of(now) - timedelta(days=27), day_of(now)
        states = figures.duty_states(self.ledger, c.code, since, until, now)
        pages = {who: reading.compliance(self.world.hand(who), c.id, since, until) for who in (c.manager, "audit")}
        self.found.compare("1.3.2", f"compliance of {c.name}: manager and auditor", pages[c.manager], pages["audit"])
        for clause, nth, kinds in COMPLIANCE:
            wanted = Counter[str]()
            for (kind, state), n in states.items():
                if kind in kinds:
                    wanted[state] += n
            shown = pages[c.manager].get(clause, [])
            counts = shown[nth][1] if nth < len(shown) else {}
            name = f"compliance of {c.name}, {since} to {until}: {', '.join(kinds)}"
            self.found.compare(clause, name, dict(sorted(wanted.items())), dict(sorted(counts.items())))

    # --- appraisal
    # ------------------------------------------------------------------------------------------------------

    def appraisal(self, now: datetime, first: date, last: date) -> None:
        """The half-year of both communities, opened by their managers after its end (5.2.1, 5.2.2)."""
        for c in self.world.communities:
            hand, half = self.world.hand(c.manager), Half(self.ledger, c.code, first, last, now)
            cycle = hand.post("/appraisal/open", {"unit": c.id, "half": str(first)}).url
            seen = reading.appraisal(hand, cycle)
            for person in half.people():
                scores = seen.get(f"人员{person.username}", {})
                for metric, score in half.metrics(person).items():
                    self.found.compared["5.2.1"] += 1
                    shown = scores.get(metric)
                    if (score is None) != (shown is None) or (
                        score is not None and shown is not None and abs(score - shown) > 0.02
                    ):
                        self.found.add("5.2.1", f"{metric} of {person.username}", str(score), str(shown))


def _side_by_side(more: Counter[str], less: Counter[str]) -> Iterable[tuple[str, str]]:
    """What only the ledger has beside what only the product has."""
    left, right = sorted(more.elements()), sorted(less.elements())
    for n in range(max(len(left), len(right))):
        yield (left[n] if n < len(left) else ""), (right[n] if n < len(right) else "")
