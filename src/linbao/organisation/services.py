"""Units, their settings and their calendar: every change asks permission and is written to the audit log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.organisation import signals
from linbao.organisation.inputs import NUMBERS, ChangeUnit, CorrectDays, CreateUnit, UnitWithSettings
from linbao.organisation.models import CalendarDay, RoleGrant, Unit, UnitKind, User
from linbao.organisation.tree import reference, tree

K = UnitKind
BELOW: dict[str, tuple[UnitKind, ...]] = {
    K.CITY: (K.DISTRICT, K.SUBDISTRICT, K.COMMUNITY, K.DEPARTMENT),
    K.DISTRICT: (K.SUBDISTRICT, K.COMMUNITY, K.DEPARTMENT),
    K.SUBDISTRICT: (K.COMMUNITY, K.DEPARTMENT),
    K.COMMUNITY: (K.GRID, K.DEPARTMENT, K.WORK_GROUP),
    K.DEPARTMENT: (K.DEPARTMENT, K.WORK_GROUP),
}  # what may hang under what
WITH_SETTINGS = (K.CITY, K.DISTRICT, K.SUBDISTRICT, K.COMMUNITY)  # the others follow their community's
SETTINGS = (
    "mailbox",
    "duty_phone",
    "time_zone",
    "working_hours",
    "weekly_by",
    "weekly_follows_holidays",
    "call_back_share",
)
OWN = ("code", "name", "short_name", "order")
STORED = (*NUMBERS, "export_roles")  # in `Unit.settings`
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_DAYS = 31


def hours_as_text(stored: Sequence[Sequence[str]] | None) -> str:
    """`Unit.working_hours` as people write them."""
    return _("，").join(f"{a}-{b}" for a, b in stored or ())


def version(unit: Unit) -> str:
    """Stands for what a form was filled from: a form that shows an older one is refused."""
    shown = [str(unit.own(name)) for name in (*OWN, *SETTINGS, *STORED, "active")]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


@transaction.atomic
def create(actor: User, parent_id: UUID, data: CreateUnit) -> Unit:
    """A new unit under `parent_id`; settings are stored for the kinds in `WITH_SETTINGS` alone. Raises `Invalid`,
    `NotAllowed`, `NotFound`."""
    parent = _unit(actor, parent_id)
    errors: dict[str, list[str]] = {}
    if data.kind not in BELOW.get(parent.kind, ()):
        errors["kind"] = [_("请选择可以设在“%(parent)s”之下的类型。") % {"parent": parent.name}]
    if not parent.active:
        errors["kind"] = [_("上级单位已停用，请先启用。")]
    unit = Unit(parent_id=parent.pk, kind=data.kind)
    errors |= _assign(unit, data)
    if errors:
        raise Invalid(fields=errors)
    unit.save(force_insert=True)
    reference.changed()
    _record(actor, "unit.create", unit, unit_id=unit.pk, code=unit.code, kind=unit.kind, parent=str(parent.pk))
    return unit


@transaction.atomic
def change(actor: User, unit_id: UUID, data: ChangeUnit) -> Unit:
    """Change a unit's names, code, order and settings; its kind and its place in the tree stay.

    Raises `Invalid`, `Conflict` where somebody changed it after the form was filled, `NotAllowed`, `NotFound`.
    """
    unit = _unit(actor, unit_id)
    if data.seen and data.seen != version(unit):
        raise Conflict(_("保存之前，已有他人改动了这个单位。您填写的内容仍在下面，请核对后再保存一次。"))
    before = {name: unit.own(name) for name in (*OWN, *SETTINGS, *STORED)}
    errors = _assign(unit, data)
    if errors:
        raise Invalid(fields=errors)
    changed = sorted(name for name, value in before.items() if unit.own(name) != value)
    if not changed:
        return unit
    unit.save(update_fields={"settings" if name in STORED else name for name in changed})
    reference.changed()
    _record(actor, "unit.change", unit, unit_id=unit.pk, fields=changed)
    return unit


@transaction.atomic
def set_active(actor: User, unit_id: UUID, active: bool) -> Unit:
    """Take a unit out of use, which nothing can be given to from then on, or back into it.

    What is filed under it stays. Raises `Conflict` while units below it or roles on it are in force.
    """
    unit = _unit(actor, unit_id)
    if unit.active == active:
        return unit
    units = tree()
    if not active:
        below = [u for u in units.children(unit) if u.active]
        if below:
            names = _("、").join(u.name for u in below[:3])
            raise Conflict(
                _("“%(unit)s”下面还有启用中的单位（%(names)s 等 %(n)d 个），请先停用它们。")
                % {"unit": unit.name, "names": names, "n": len(below)}
            )
        holders = RoleGrant.objects.current().filter(unit=unit, user__is_active=True).values("user").distinct().count()
        if holders:
            raise Conflict(
                _("还有 %(n)d 人在“%(unit)s”担任角色，请先结束或转移他们的角色。") % {"n": holders, "unit": unit.name}
            )
    elif (parent := units.get(unit.parent_id)) is not None and not parent.active:
        raise Conflict(_("上级单位“%(parent)s”已停用，请先启用它。") % {"parent": parent.name})
    unit.active = active
    unit.save(update_fields=["active"])
    reference.changed()
    _record(actor, "unit.activate" if active else "unit.deactivate", unit, unit_id=unit.pk)
    return unit


# --- the calendar ------------------------------------------------------------------------------


@transaction.atomic
def correct_days(actor: User, unit_id: UUID, data: CorrectDays) -> int:
    """Correct which days are worked, for the unit and those below it; a correction that stands is replaced.

    Returns how many days. Raises `Invalid`, `NotAllowed`, `NotFound`."""
    unit = _unit(actor, unit_id)
    first, last, working = data.first, data.last or data.first, data.working == "yes"
    errors: dict[str, list[str]] = {}
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        errors["first"] = [_("请填写日期，如 2026-10-01。")]
    elif last < first:
        errors["last"] = [_("结束日期不能早于开始日期。")]
    elif (last - first).days >= MOST_DAYS:
        errors["last"] = [_("一次最多设置 %(n)d 天。") % {"n": MOST_DAYS}]
    if unit.kind not in WITH_SETTINGS:
        errors["first"] = [_("日历由所属社区设置。")]
    if errors:
        raise Invalid(fields=errors)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    CalendarDay.objects.bulk_create(
        [CalendarDay(unit=unit, day=d, working=working, name=data.name) for d in days],
        update_conflicts=True,
        unique_fields=["unit", "day"],
        update_fields=["working", "name"],
    )
    reference.changed()
    _record(
        actor,
        "calendar.correct",
        unit,
        unit_id=unit.pk,
        reason=data.name,
        first=str(first),
        last=str(last),
        working=working,
    )
    return len(days)


@transaction.atomic
def remove_day(actor: User, unit_id: UUID, day: date) -> None:
    """Take a correction of the unit's own away; the day is again as the units above or the State have it."""
    unit = _unit(actor, unit_id)
    gone, _each = CalendarDay.objects.filter(unit=unit, day=day).delete()
    if gone:
        reference.changed()
        _record(actor, "calendar.remove", unit, unit_id=unit.pk, day=str(day))


# --- inside ------------------------------------------------------------------------------------


def _unit(actor: User, unit_id: UUID) -> Unit:
    """The unit, locked until the transaction ends."""
    unit = Unit.objects.select_for_update().filter(pk=unit_id).first()
    if unit is None:
        raise NotFound(_("没有这个单位。"))
    allow(actor, "unit.manage", unit)
    return unit


def _assign(unit: Unit, data: UnitWithSettings) -> dict[str, list[str]]:
    """Put the input into the unit; what the database refuses, by field."""
    unit.name, unit.short_name, unit.code, unit.order = data.name, data.short_name, data.code, data.order or 0
    if unit.kind in WITH_SETTINGS:
        unit.mailbox, unit.duty_phone, unit.time_zone = data.mailbox, data.duty_phone, data.time_zone
        unit.working_hours, unit.weekly_by = data.working_hours, data.weekly_by
        unit.weekly_follows_holidays = {"yes": True, "no": False}.get(data.weekly_follows_holidays)
        unit.call_back_share = data.call_back_share
        for name in STORED:
            value = getattr(data, name)
            if value in (None, ""):
                unit.settings.pop(name, None)
            else:
                unit.settings[name] = value
    if Unit.objects.filter(code=unit.code).exclude(pk=unit.pk).exists():
        return {"code": [_("这个代码已用于别的单位。")]}
    return {}


def _record(
    actor: User, action: str, subject: Unit | None = None, *, unit_id: UUID | None, reason: str = "", **data: Any
) -> None:
    signals.recorded.send(Unit, actor=actor, action=action, subject=subject, unit_id=unit_id, reason=reason, data=data)
