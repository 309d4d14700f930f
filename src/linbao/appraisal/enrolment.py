"""Who is appraised in a community for a half-year, and how many months each was in post (5.2.2, domain.md §6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Q

from linbao.core.calendar import Calendar
from linbao.duties import leave
from linbao.organisation.models import Role, RoleGrant, UnitKind
from linbao.organisation.tree import tree

Span = tuple[date, date]  # both days included


def bounds(half: date) -> Span:
    """First and last day of the half-year that begins on `half`."""
    return half, date(half.year, 6, 30) if half.month == 1 else date(half.year, 12, 31)


def last_half(today: date) -> date:
    """The first day of the half-year that ended last: what January and July appraise."""
    return date(today.year, 1, 1) if today.month > 6 else date(today.year - 1, 7, 1)


@dataclass
class Enrolled:
    """A reporter of the half-year: spans in post, groups in order, the group at the end."""

    user: UUID
    name: str
    active: bool
    spans: list[Span] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    group: UUID | None = None
    left: bool = False


def reporters(unit_id: UUID, half: date, today: date) -> list[Enrolled]:
    """Everybody whose last post as a reporter in the half-year lay in the community; two statements.

    Who came from another community is appraised where they were last, with all their time; who left, too.
    """
    first, last = bounds(half)
    inside = tree().within(unit_id)
    during = Q(starts__lte=last) & (Q(ends__isnull=True) | Q(ends__gte=first))
    here = RoleGrant.objects.filter(during, role=Role.REPORTER, unit__in_array=inside).values("user")
    rows = (
        RoleGrant.objects.filter(during, role=Role.REPORTER, user__in=here)
        .order_by("starts", "id")
        .values_list("user_id", "user__name", "user__is_active", "unit_id", "starts", "ends")
    )
    result: dict[UUID, Enrolled] = {}
    latest: dict[UUID, tuple[date, date, UUID]] = {}
    grouped: dict[UUID, tuple[date, date, UUID]] = {}
    still: set[UUID] = set()
    for user, name, active, unit, starts, ends in rows:
        person = result.setdefault(user, Enrolled(user, name, active))
        person.spans.append((max(starts, first), min(ends or last, last)))
        if starts <= today and (ends is None or ends >= today):
            still.add(user)
        place = tree().get(unit)
        until = (ends or date.max, starts, unit)
        if place is not None and place.kind == UnitKind.WORK_GROUP:
            if place.name not in person.groups:
                person.groups.append(place.name)
            if user not in grouped or until[:2] >= grouped[user][:2]:
                grouped[user] = until
                person.group = unit
        if user not in latest or until[:2] >= latest[user][:2]:
            latest[user] = until
    for user, person in result.items():
        person.left = not person.active or user not in still
    return [p for user, p in result.items() if latest[user][2] in inside]


def leaves(people: Iterable[UUID], half: date) -> dict[UUID, list[Span]]:
    """Approved leave in the half-year, of each person."""
    away = leave.away(people, *bounds(half))
    return {person: [(row.starts, row.ends) for row in rows] for person, rows in away.items()}


def months(
    spans: Sequence[Span], away: Sequence[Span], half: date, calendar: Calendar, rules: Mapping[str, Any]
) -> tuple[float, list[dict[str, Any]]]:
    """Months in post (0 to 6, by the working days of each month), and why where one does not count whole.

    Leave over `leave_days` working days takes its month out; shorter leave changes nothing.
    """
    total, lost = 0.0, []
    for month, days in _working_days(tuple(sorted(calendar.corrections.items())), half).items():
        at_work = [d for d in days if any(a <= d <= b for a, b in spans)]
        on_leave = sum(1 for d in at_work if any(a <= d <= b for a, b in away))
        share = round(len(at_work) / len(days), 2) if days else 0.0
        why = "" if share == 1 else "late" if not spans or min(a for a, _b in spans) > days[0] else "left"
        if on_leave > rules["leave_days"]:
            share, why = 0.0, "leave"
        total += share
        if why:
            lost.append({"month": month, "share": share, "why": why, "leave": on_leave})
    return round(total, 2), lost


@lru_cache(maxsize=64)
def _working_days(corrections: tuple[tuple[date, bool], ...], half: date) -> dict[str, list[date]]:
    """The working days of each month; one calendar serves many communities."""
    calendar = Calendar(corrections=dict(corrections))
    first, last = bounds(half)
    result: dict[str, list[date]] = {}
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        stored = result.setdefault(f"{day:%Y-%m}", [])
        if calendar.is_working_day(day):
            stored.append(day)
    return result
