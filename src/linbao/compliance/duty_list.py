"""The list of obligations: the proof behind the compliance page, and `GET /api/v1/obligations` (design §2.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.archive import scope
from linbao.archive.filters import NUMBER
from linbao.archive.views import units_of
from linbao.core import clock
from linbao.core.listing import Choice, Column, Control, Ident, Listing, Period, Text
from linbao.core.text import mask_within
from linbao.duties.kinds import KINDS
from linbao.duties.models import Obligation, State, conditions
from linbao.emergencies.models import Alarm, UrgentReport
from linbao.items.models import Item
from linbao.organisation.models import User
from linbao.organisation.people import UnitFilter
from linbao.organisation.tree import tree
from linbao.weekly_reports.models import WeeklyReport

WORDED = {"items.item", "emergencies.urgentreport", "emergencies.alarm"}  # whose duties' titles quote residents


@dataclass(frozen=True)
class KindsFilter(Choice):
    """Kinds of duties, several with commas between them."""

    def clean(self, user: User, raw: str) -> list[str]:
        kinds = raw.split(",")
        if not set(kinds) <= set(KINDS):
            raise ValueError("no kind")
        return kinds

    def shown(self, user: User, value: list[str]) -> str:
        return _("、").join(str(KINDS[k].name) for k in value)


@dataclass(frozen=True)
class HiddenKinds(KindsFilter):
    """The kinds of one duty of the compliance page, put into the address by its link."""

    def controls(self, user: User, raw: Mapping[str, str]) -> list[Control]:
        value = raw.get(self.name, "")
        return [Control("hidden", self.name, self.label, value)] if value else []


class ScopedUnit(UnitFilter):
    """A unit of one's view, with what is owed on it and below it."""

    def pairs(self, user: User) -> list[tuple[str, str]]:
        return [(u["id"], u["name"]) for u in units_of(user)]


class DuePeriod(Period):
    """Days in the zone of the unit that was asked for."""

    def apply(self, rows: QuerySet[Any], values: Mapping[str, Any]) -> QuerySet[Any]:
        zone = scope.zone(values["unit"]) if values.get("unit") else clock.zone()
        if since := values.get("since"):
            rows = rows.filter(due_at__gte=datetime.combine(since, time(0), zone))
        if until := values.get("until"):
            rows = rows.filter(due_at__lt=datetime.combine(until + timedelta(days=1), time(0), zone))
        return rows


class HiddenText(Text):
    """What a link puts into the address."""

    def controls(self, user: User, raw: Mapping[str, str]) -> list[Control]:
        value = raw.get(self.name, "")
        return [Control("hidden", self.name, self.label, value)] if value else []


def _in_state(rows: QuerySet[Obligation], value: str) -> QuerySet[Obligation]:
    return rows.filter(conditions()[State(value)])


def _of_unit(rows: QuerySet[Obligation], unit_id: UUID) -> QuerySet[Obligation]:
    return rows.filter(scope.duties(tree().by_id[unit_id]))


def _prepare(user: User, rows: list[Any], export: bool) -> None:
    """Beside each duty what it is about, as far as `user` may read it."""
    seen = subjects_seen(user, rows)
    for row in rows:
        row.about, row.subject_seen = title(row, seen), row.subject_id in seen


LISTING = Listing(
    name="duties",
    title=lazy("义务清单"),
    permission="compliance.view",
    action="list.export",
    url="compliance:duties",
    rows=lambda user, values: Obligation.objects.visible_to(user).select_related("owner"),
    filters=(
        KindsFilter(
            "kind",
            lazy("义务"),
            "kind__in",
            every=lazy("全部义务"),
            options=lambda user: [(k.code, k.name) for k in KINDS.values()],
        ),
        HiddenKinds("clause_kinds", lazy("义务"), "kind__in"),
        HiddenText("clause", lazy("条款"), "clause"),
        Choice("state", lazy("状态"), _in_state, every=lazy("全部状态"), options=State.choices),
        ScopedUnit("unit", narrow=_of_unit),
        Ident("owner", lazy("责任人"), "owner_id"),
        DuePeriod("due_at", lazy("期限"), first=1990),
    ),
    columns=(
        Column("name", lazy("义务"), lambda r: KINDS[r.kind].name if r.kind in KINDS else r.kind, 24),
        Column("about", lazy("对象"), lambda r: r.about, 40),
        Column("clause", lazy("条款"), lambda r: r.clause, 8),
        Column("owner", lazy("责任人"), lambda r: r.owner.name if r.owner else _("岗位共同负责"), 16),
        Column("unit", lazy("单位"), lambda r: tree().name(r.unit_id), 20),
        Column("opened", lazy("开立时间"), lambda r: r.opened_at, 18, sort="opened_at"),
        Column("due", lazy("期限"), lambda r: r.due_at, 18, sort="due_at"),
        Column("state", lazy("状态"), lambda r: r.state.label, 12),
        Column("met", lazy("完成时间"), lambda r: r.met_at, 18),
        Column("waived", lazy("免除理由"), lambda r: mask_within(r.waived_reason), 30),
    ),
    sort="-due",
    prepare=_prepare,
)


def lines(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Obligations of the list as JSON; times in UTC."""
    return [_line(row, row.about) for row in rows]


def subjects_seen(user: User, rows: Sequence[Obligation]) -> set[UUID]:
    """The subjects of these duties that `user` may open: a statement for each kind among them."""
    asked: dict[str, set[UUID | None]] = defaultdict(set)
    for row in rows:
        asked[row.subject_type].add(row.subject_id)
    visible: dict[str, Callable[[], QuerySet[Any]]] = {
        "items.item": lambda: Item.objects.visible_to(user),
        "weekly_reports.weeklyreport": lambda: WeeklyReport.objects.visible_to(user),
        "emergencies.urgentreport": lambda: UrgentReport.objects.visible_to(user),
        "emergencies.alarm": lambda: Alarm.objects.filter(report__in=UrgentReport.objects.visible_to(user)),
    }
    own = rows if user.rights.informed else ()  # whoever left may still owe something, and reads its number
    seen = {row.subject_id for row in own if row.owner_id == user.pk and row.subject_id}
    for kind, ids in asked.items():
        if kind in visible:
            seen.update(visible[kind]().filter(pk__in=ids).values_list("pk", flat=True))
    return seen


def title(row: Obligation, seen: Collection[UUID]) -> str:
    """What the duty is about, personal numbers masked. The title of an item or an urgent report is for those who may
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
