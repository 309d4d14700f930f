"""What belongs to a unit: which items, and which duties. One rule for compliance, statistics, the duty list and the
archive, so that a figure and the rows behind it agree (1.3.2, 2.2.1).

A community and what lies above it: its communities. A grid: the items in it, the duties about them, and what the
reporters appointed there owe beside. A work group: the items reported in it, and what it or its members owe. A
department: the items that it handles, what it owes and what its people owe beside.
"""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from linbao.core import clock
from linbao.duties.models import Obligation
from linbao.emergencies.models import Alarm, UrgentReport
from linbao.handling.models import CallBack, Supervision
from linbao.items.models import Item
from linbao.organisation.models import Role, RoleGrant, Unit, UnitKind
from linbao.organisation.tree import tree

NARROW = (UnitKind.GRID, UnitKind.WORK_GROUP, UnitKind.DEPARTMENT)
ABOUT_ITEMS = (
    "items.item",
    "emergencies.urgentreport",
    "emergencies.alarm",
    "handling.callback",
    "handling.supervision",
)
_COLUMN = {UnitKind.GRID: "grid", UnitKind.WORK_GROUP: "work_group", UnitKind.DEPARTMENT: "handling_unit"}
_MEMBERS = {UnitKind.GRID: (Role.REPORTER,), UnitKind.WORK_GROUP: (Role.REPORTER, Role.GROUP_LEADER)}


def zone(unit_id: UUID | None) -> ZoneInfo:
    """The unit's own zone, in which its days are counted."""
    return clock.zone(tree().setting(unit_id, "time_zone"))


def is_narrow(unit: Unit) -> bool:
    """Whether the unit is a part of a community (or serves one): its figures are not those of the whole community."""
    return unit.kind in NARROW


def communities(unit: Unit) -> frozenset[UUID]:
    """The communities that are the unit's own: none for a grid, work group or department."""
    return frozenset() if is_narrow(unit) else tree().communities(unit.id)


def items(unit: Unit) -> Q:
    """The condition on items."""
    if is_narrow(unit):
        return Q(**{f"{_COLUMN[UnitKind(unit.kind)]}__in": tree().within(unit.id)})
    return Q(community__in=tree().communities(unit.id))


def urgent_reports(unit: Unit) -> Q:
    """The condition on urgent reports: those of the unit's items."""
    if is_narrow(unit):
        return Q(item__in=Item.objects.filter(items(unit)).values("pk"))
    return Q(community__in=tree().communities(unit.id))


def activities(unit: Unit) -> Q:
    """The condition on activities of collection: a grid's are those of the reporters appointed there on the day."""
    if unit.kind == UnitKind.WORK_GROUP:
        return Q(work_group__in=tree().within(unit.id))
    if is_narrow(unit):
        return Q(Exists(_grants(unit, "reporter", "starts_at")))
    return Q(community__in=tree().communities(unit.id))


def duties(unit: Unit) -> Q:
    """The condition on obligations."""
    within = tree().within(unit.id)
    if not is_narrow(unit):
        return Q(community__in=tree().communities(unit.id)) | Q(community__isnull=True, unit__in=within)
    own = Q(unit__in=within)
    of_members = Q(Exists(_grants(unit, "owner", "due_at")))
    if unit.kind == UnitKind.WORK_GROUP:
        return own | of_members
    own |= of_members & ~Q(subject_type__in=ABOUT_ITEMS)
    return own | _about_items_of(unit) if unit.kind == UnitKind.GRID else own


def obligations(unit: Unit) -> QuerySet[Obligation]:
    """The unit's obligations, the same for every reader."""
    return Obligation.objects.filter(duties(unit))


def _grants(unit: Unit, person: str, moment: str) -> QuerySet[RoleGrant]:
    """The grants on the unit that the row's `person` has on the day of its `moment`."""
    at = ExpressionWrapper(OuterRef(moment), output_field=DateTimeField())
    day = TruncDate(at, tzinfo=zone(unit.id))
    rows = RoleGrant.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=day), user=OuterRef(person), unit__in=tree().within(unit.id), starts__lte=day
    )
    roles = _MEMBERS.get(UnitKind(unit.kind))
    return rows.filter(role__in=roles) if roles else rows


def _about_items_of(unit: Unit) -> Q:
    here = items(unit)
    reports = UrgentReport.objects.filter(item__in=Item.objects.filter(here).values("pk"))
    subjects = {
        "items.item": Item.objects.filter(here),
        "emergencies.urgentreport": reports,
        "emergencies.alarm": Alarm.objects.filter(report__in=reports.values("pk")),
        "handling.callback": CallBack.objects.filter(item__in=Item.objects.filter(here).values("pk")),
        "handling.supervision": Supervision.objects.filter(assignment__item__in=Item.objects.filter(here).values("pk")),
    }
    result = Q(pk__in=[])
    for kind, rows in subjects.items():
        result |= Q(subject_type=kind, subject_id__in=rows.values("pk"))
    return result
