"""The list of obligations: the proof behind the compliance page, and `GET /api/v1/obligations` (design §2.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from linbao.archive import scope
from linbao.archive.filters import NUMBER
from linbao.core import clock, dates
from linbao.core.problems import Invalid
from linbao.core.text import mask_within
from linbao.duties.kinds import KINDS
from linbao.duties.models import Obligation, State, conditions
from linbao.emergencies.models import Alarm, UrgentReport
from linbao.items.models import Item
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.weekly_reports.models import WeeklyReport

WORDED = {"items.item", "emergencies.urgentreport", "emergencies.alarm"}  # whose duties' titles hold residents' words
FILTERS = ("kind", "clause_kinds", "clause", "state", "owner", "unit", "since", "until")


def rows(user: User, given: Mapping[str, str]) -> QuerySet[Obligation]:
    """Obligations that `user` may see, by kind, state, owner, unit and period of `due_at`. Raises `Invalid`."""
    matches = Obligation.objects.visible_to(user)
    errors: dict[str, list[str]] = {}

    def bad(name: str) -> None:
        errors[name] = [_("“%(value)s”不是有效的筛选条件。") % {"value": str(given.get(name))[:40]}]

    for name in ("kind", "clause_kinds"):
        if value := given.get(name):
            kinds = value.split(",")
            if set(kinds) <= set(KINDS):
                matches = matches.filter(kind__in=kinds)
            else:
                bad(name)
    if given.get("clause"):
        matches = matches.filter(clause=given["clause"][:8])
    if value := given.get("state"):
        condition = conditions().get(State(value)) if value in State.values else None
        if condition is None:
            bad("state")
        else:
            matches = matches.filter(condition)
    for name in ("owner", "unit"):
        if value := given.get(name):
            try:
                matches = (
                    matches.filter(owner_id=UUID(value)) if name == "owner" else matches.filter(_unit(UUID(value)))
                )
            except ValueError:
                bad(name)
    zone = scope.zone(UUID(given["unit"])) if given.get("unit") and "unit" not in errors else clock.zone()
    for name in ("since", "until"):
        if value := given.get(name):
            try:
                day = dates.day(value, 1990, 2200)
            except ValueError:
                bad(name)
                continue
            if name == "since":
                matches = matches.filter(due_at__gte=datetime.combine(day, time(0), zone))
            else:
                matches = matches.filter(due_at__lt=datetime.combine(day + timedelta(days=1), time(0), zone))
    if errors:
        raise Invalid(_("有筛选条件无法识别，请修改后重试。"), errors)
    return matches


def lines(user: User, found: Sequence[Obligation]) -> list[dict[str, Any]]:
    """Obligations as JSON; times in UTC."""
    seen = subjects_seen(user, found)
    return [_line(row, title(row, seen)) for row in found]


def subjects_seen(user: User, found: Sequence[Obligation]) -> set[UUID]:
    """The subjects of these duties that `user` may open: a statement for each kind among them."""
    asked: dict[str, set[UUID | None]] = defaultdict(set)
    for row in found:
        asked[row.subject_type].add(row.subject_id)
    visible: dict[str, Callable[[], QuerySet[Any]]] = {
        "items.item": lambda: Item.objects.visible_to(user),
        "weekly_reports.weeklyreport": lambda: WeeklyReport.objects.visible_to(user),
        "emergencies.urgentreport": lambda: UrgentReport.objects.visible_to(user),
        "emergencies.alarm": lambda: Alarm.objects.filter(report__in=UrgentReport.objects.visible_to(user)),
    }
    own = found if user.rights.informed else ()  # whoever left may still owe something, and reads its number
    seen = {row.subject_id for row in own if row.owner_id == user.pk and row.subject_id}
    for kind, ids in asked.items():
        if kind in visible:
            seen.update(visible[kind]().filter(pk__in=ids).values_list("pk", flat=True))
    return seen


def title(row: Obligation, seen: Collection[UUID]) -> str:
    """What the duty is about, personal numbers masked. The words of an item or an urgent report are for those who may
    open it (1.3.4): others, the auditor among them, read its number."""
    if row.subject_id in seen or row.subject_type not in WORDED:
        return mask_within(row.heading)
    number = row.title.partition(" ")[0]
    return number if NUMBER.fullmatch(number) else ""


def _line(row: Obligation, title: str) -> dict[str, Any]:
    unit = tree().get(row.unit_id)
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": str(KINDS[row.kind].name) if row.kind in KINDS else row.kind,
        "clause": row.clause,
        "state": str(row.state),
        "title": title,
        "owner": {"id": row.owner_id, "name": row.owner.name} if row.owner_id and row.owner else None,
        "unit": unit.code if unit else None,
        "subject_type": row.subject_type,
        "subject_id": row.subject_id,
        "period": row.period,
        "opened_at": row.opened_at,
        "due_at": row.due_at,
        "met_at": row.met_at,
        "missed_at": row.missed_at,
        "waived_at": row.waived_at,
        "waived_reason": row.waived_reason,
    }


def _unit(unit_id: UUID) -> Q:
    unit = tree().get(unit_id)
    if unit is None:
        raise ValueError("no such unit")
    return scope.duties(unit)
