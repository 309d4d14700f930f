"""The value of contributions, halves of the year, and what a sum earns (domain.md §7, 7.1.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from linbao.conduct.models import Kind, Share, Worth
from linbao.core import clock, periods
from linbao.organisation.tree import tree

POINTS: dict[str, int] = {
    Worth.MEASURE: 3,
    Worth.DECISION: 6,
    Worth.AVERTED: 10,
    Worth.HAZARD: 4,
    Worth.DISPUTE: 5,
    Worth.MODEL: 2,
}
# An adoption as handling records it → what it is worth; a notice from above is a decision above the community.
OF_ADOPTION = {"measure": Worth.MEASURE, "decision": Worth.DECISION, "notice": Worth.DECISION, "hazard": Worth.HAZARD}
LEVELS: dict[str, int] = {Kind.PRAISE: 8, Kind.CERTIFICATE: 15, Kind.BONUS: 25, Kind.GOODS: 25}


def half_of(day: date) -> date:
    """The first day of the half-year in which `day` lies: 1 January or 1 July."""
    return date(day.year, 1 if day.month < 7 else 7, 1)


def this_half() -> date:
    """The first day of the present half-year, where the installation is."""
    return half_of(clock.today())


half_name = periods.half


def half_from(value: str) -> date | None:
    """`2026-1`, `2026-2` as the first day; None for anything else."""
    year, _dash, number = value.partition("-")
    if number not in ("1", "2") or not (year.isascii() and year.isdigit() and len(year) == 4 and int(year) >= 2000):
        return None
    return date(int(year), 1 if number == "1" else 7, 1)


def half_code(first: date) -> str:
    """A half-year as `2026-1` or `2026-2`."""
    return f"{first.year}-{1 if first.month < 7 else 2}"


def halves(count: int = 4) -> list[date]:
    """The present half and those before it."""
    rows = [this_half()]
    while len(rows) < count:
        last = rows[-1]
        rows.append(date(last.year, 1, 1) if last.month == 7 else date(last.year - 1, 7, 1))
    return rows


def shared(points: Decimal, people: int) -> list[Decimal]:
    """`points` among `people`, to the hundredth; the first has what cannot be divided."""
    each = (points / people).quantize(Decimal("0.01"), ROUND_DOWN)
    return [points - each * (people - 1), *[each] * (people - 1)]


def sums(people: Iterable[UUID], half: date) -> dict[UUID, Decimal]:
    """The confirmed points of each in that half; one statement."""
    rows = (
        Share.objects.filter(person__in=list(people), half=half, contribution__confirmed_at__isnull=False)
        .values("person")
        .annotate(n=Sum("points"))
    )
    return {r["person"]: r["n"] for r in rows}


def level(points: Decimal) -> str:
    """The highest form of reward that a sum earns, by name; empty below the first."""
    if points >= LEVELS[Kind.BONUS]:
        return _("奖金或实物奖励")
    reached = [k for k in (Kind.PRAISE, Kind.CERTIFICATE) if points >= LEVELS[k]]
    return str(reached[-1].label) if reached else ""


def threshold(community_id: UUID) -> Decimal:
    """The amount in yuan above which the manager of the unit above decides: the unit's setting, else 1000."""
    return Decimal(tree().setting(community_id, "reward_approval_above"))
