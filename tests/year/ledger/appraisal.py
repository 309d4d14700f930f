"""The half-year's metrics of a reporter, as the domain's paper has them (domain.md §6, 5.2.1)."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from tests.year.ledger.duties import Duty
from tests.year.ledger.facts import PASSED, Item, Person
from tests.year.ledger.working_time import day_of, monday_of

if TYPE_CHECKING:
    from tests.year.ledger.book import Ledger

SIMPLE, ON_SITE, COMPLEX, RETURNED_TWICE, ALIKE = 1.0, 1.5, 2.0, 0.5, 0.2
ALIKE_FREE, COMPLEX_DAYS, URGENT_WEIGHT, ANSWERS, LEAVE_DAYS = 3, 15, 3, 5, 10
ORDINARY, URGENT, TELLING = (
    ("weekly_report", "amend"),
    ("urgent_call", "urgent_written"),
    ("inform_resident", "evaluate"),
)
Z = 1.0  # how careful the lower bound of a rate is


@dataclass
class Half:
    """A half-year of one community, read at `now`."""

    ledger: Ledger
    community: str
    first: date
    last: date
    now: datetime

    def people(self) -> list[Person]:
        return [
            p
            for p in self.ledger.people.values()
            if p.role == "reporter"
            and p.community == self.community
            and p.since <= self.last
            and (p.until is None or p.until >= self.first)
        ]

    def items(self, person: Person) -> list[Item]:
        return [
            i
            for i in self.ledger.items.values()
            if i.reporter == person.username
            and i.status != "withdrawn"
            and self.first <= day_of(i.reported_at) <= self.last
        ]

    def duties(self, person: Person, *kinds: str) -> list[Duty]:
        """Those that fell due in the half-year and were met or are past; a group's weekly report counts for each of
        its members in office."""
        return [
            d
            for d in self.ledger.duties
            if d.kind in kinds
            and not d.waived
            and self.first <= day_of(d.due_at) <= self.last
            and (d.met_at is not None or d.due_at < self.now)
            and self._counts_for(d, person)
        ]

    def _counts_for(self, duty: Duty, person: Person) -> bool:
        if duty.kind == "weekly_report" and duty.subject:
            day = day_of(duty.due_at)
            away = any(a.first <= day <= a.last for a in person.absences)
            return duty.subject == person.group and person.in_office(day) and not away
        return duty.owner == person.username

    # --- the five metrics --------------------------------------------------------------------------

    def months(self, person: Person) -> float:
        """Months in post by working days; leave over ten working days in a month takes it out."""
        return round(sum(self._share(person, month) for month in range(self.first.month, self.last.month + 1)), 2)

    def _share(self, person: Person, month: int) -> float:
        first = date(self.first.year, month, 1)
        days = [first + timedelta(days=n) for n in range(31)]
        worked = [d for d in days if d.month == month and self.ledger.time.works(d)]
        in_post = [d for d in worked if person.in_office(d)]
        away = [d for d in in_post if any(a.first <= d <= a.last for a in person.absences)]
        return 0.0 if len(away) > LEAVE_DAYS else round(len(in_post) / len(worked), 2)

    def effective(self, person: Person) -> float:
        """E: items that passed, by difficulty; many alike from one place in a week count little."""
        rows = sorted((i for i in self.items(person) if i.status in PASSED), key=lambda i: (i.reported_at, i.id))
        seen: Counter[tuple[str, str, date, str]] = Counter()
        total = 0.0
        for item in rows:
            alike = (item.subcategory, item.grid, monday_of(item.reported_at), "".join(item.place.split()))
            seen[alike] += 1
            total += self._counts(item, seen[alike])
        return total

    def _counts(self, item: Item, nth: int) -> float:
        if nth > ALIKE_FREE:
            return ALIKE
        return RETURNED_TWICE if item.returns >= 2 else worth(item)

    def quantity(self, person: Person) -> float | None:
        expected = self.months(person) * self.typical()
        return 100 * min(1.0, self.effective(person) / expected) ** 0.5 if expected else None

    def typical(self) -> float:
        """T: the community's own median per month."""
        rates = [self.effective(p) / m for p in self.people() if (m := self.months(p)) > 0]
        return median(rates) if rates else 0.0

    def quality(self, person: Person) -> float | None:
        decided = [i for i in self.items(person) if i.decisions and i.status != "merged"]
        passed = sum(i.decisions[0][1] for i in decided)
        marks = [m for i in self.items(person) for m in i.marks]
        parts: dict[str, tuple[float, float | None]] = {
            "first_pass": (60, 100 * wilson(passed / len(decided), len(decided)) if decided else None),
            "marks": (40, 25 * (sum(marks) / len(marks) - 1) if marks else None),
        }
        score = weighted(parts)
        bonus = min(10, 2 * sum(i.adopted for i in self.items(person)))
        return None if score is None else min(100.0, score + bonus)

    def timeliness(self, person: Person) -> float | None:
        """In time whole, late half, missed none; urgent ones weigh three."""
        rows = [(URGENT_WEIGHT if d.kind in URGENT else 1, credit(d)) for d in self.duties(person, *ORDINARY, *URGENT)]
        weight = sum(w for w, _c in rows)
        return 100 * sum(w * c for w, c in rows) / weight if weight else None

    def accuracy(self, person: Person) -> float | None:
        decided = [i for i in self.items(person) if i.decisions]
        whole = sum(worth(i) for i in decided)
        return 100 * (1 - sum(worth(i) for i in decided if i.faulted) / whole) if whole else None

    def feedback(self, person: Person) -> float | None:
        telling = [credit(d) for d in self.duties(person, *TELLING)]
        resolved = [i for i in self.items(person) if i.status in ("resolved", "informed", "evaluated", "closed")]
        looped = sum(i.status in ("evaluated", "closed") for i in resolved)
        answers = [
            v
            for i in self.ledger.items.values()
            if i.reporter == person.username
            for at, v in i.judgements
            if v != "none" and self.first <= day_of(at) <= self.last
        ]
        content = sum(v != "unsatisfied" for v in answers)
        return weighted(
            {
                "told": (50, 100 * sum(telling) / len(telling) if telling else None),
                "closed": (30, 100 * wilson(looped / len(resolved), len(resolved)) if resolved else None),
                "content": (
                    20,
                    100 * wilson(content / len(answers), len(answers)) if len(answers) >= ANSWERS else None,
                ),
            }
        )

    def metrics(self, person: Person) -> dict[str, float | None]:
        made = {
            "quantity": self.quantity(person),
            "quality": self.quality(person),
            "timeliness": self.timeliness(person),
            "accuracy": self.accuracy(person),
            "feedback": self.feedback(person),
        }
        return {name: None if score is None else round(min(100.0, max(0.0, score)), 2) for name, score in made.items()}


def worth(item: Item) -> float:
    """By difficulty: urgent or complex two, needing on-site work one and a half."""
    if item.urgent or item.rounds > 1 or item.handle_days >= COMPLEX_DAYS:
        return COMPLEX
    return ON_SITE if item.source in ("visit", "patrol", "forum") else SIMPLE


def credit(duty: Duty) -> float:
    if duty.met_at is None:
        return 0.0
    return 1.0 if duty.met_at <= duty.due_at else 0.5


def wilson(share: float, n: int) -> float:
    """The lower bound of Wilson's interval."""
    if not n:
        return 0.0
    spread = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return max(0.0, (share + Z * Z / (2 * n) - spread) / (1 + Z * Z / n))


def weighted(parts: dict[str, tuple[float, float | None]]) -> float | None:
    """The mean by weight of the parts that are there; what lacks shares its weight among the others."""
    there = [(weight, value) for weight, value in parts.values() if value is not None]
    return sum(w * v for w, v in there) / sum(w for w, _v in there) if there else None
