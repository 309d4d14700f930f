"""Units, their settings and their calendar: every change asks permission and is written to the audit log."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from linbao.core import text
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.organisation import signals
from linbao.organisation.models import CalendarDay, RoleGrant, Unit, UnitKind, User, WeeklyBy
from linbao.organisation.rights import allow
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
EXPORT_ROLES = ("manager", "manager,reviewer", "manager,reviewer,handler", "manager,reviewer,group_leader")
# Whole numbers in `Unit.settings`, with the most that each can be.
KEPT = {"reward_approval_above": 999_999, "work_file_years": 50, "weekly_take_back_minutes": 60, "mail_max_mb": 50}
OWN = ("code", "name", "short_name", "order")
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}")
PHONE = re.compile(r"[0-9 ,，;；、转+()（）-]{3,30}")
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_DAYS = 31
MOST_SPANS = 4


def hours_of(value: str) -> list[list[str]]:
    """`09:00-12:00, 14:00-18:00` as it is kept; raises `ValueError` for what is no working time of a day."""
    spans: list[list[str]] = []
    until = time.min
    for piece in re.split(r"[,，;；、\s]+", re.sub(r"\s*[-–—~～至]\s*", "-", value.replace("：", ":").strip())):
        begins, dash, ends = piece.partition("-")
        a, b = (time.fromisoformat(t.zfill(5)) for t in (begins, ends))
        if not dash or a >= b or (spans and a < until) or a.second or b.second:
            raise ValueError("spans must follow each other")
        spans.append([f"{a:%H:%M}", f"{b:%H:%M}"])
        until = b
    if len(spans) > MOST_SPANS:
        raise ValueError("too many spans")
    return spans


def hours_as_text(stored: Sequence[Sequence[str]] | None) -> str:
    return _("，").join(f"{a}-{b}" for a, b in stored or ())


def version(unit: Unit) -> str:
    """Stands for what a form was filled from: a form that shows an older one is refused."""
    shown = [str(unit.own(name)) for name in (*OWN, *SETTINGS, *KEPT, "active")]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


@transaction.atomic
def create(actor: User, parent_id: UUID, data: Mapping[str, Any]) -> Unit:
    """A new unit under `parent_id`. `data`: kind, code, name, short_name, order and, for a unit that keeps
    settings, `SETTINGS` and `KEPT` as typed (empty: inherited). Raises `Invalid`, `NotAllowed`, `NotFound`."""
    parent = _unit(actor, parent_id)
    kind = str(data.get("kind") or "")
    errors: dict[str, list[str]] = {}
    if kind not in BELOW.get(parent.kind, ()):
        errors["kind"] = [_("请选择可以设在“%(parent)s”之下的类型。") % {"parent": parent.name}]
    if not parent.active:
        errors["kind"] = [_("上级单位已停用，请先启用。")]
    unit = Unit(parent_id=parent.pk, kind=kind)
    errors |= _take(unit, data)
    if errors:
        raise Invalid(fields=errors)
    unit.save(force_insert=True)
    reference.changed()
    _record(actor, "unit.create", unit, unit_id=unit.pk, code=unit.code, kind=unit.kind, parent=str(parent.pk))
    return unit


@transaction.atomic
def change(actor: User, unit_id: UUID, data: Mapping[str, Any], *, seen: str = "") -> Unit:
    """Change a unit's names, code, order and settings; its kind and its place in the tree stay.

    `seen` is the `version` that the form was filled from. Raises `Invalid`, `Conflict`, `NotAllowed`, `NotFound`.
    """
    unit = _unit(actor, unit_id)
    if seen and seen != version(unit):
        raise Conflict(_("保存之前，已有他人改动了这个单位。您填写的内容仍在下面，请核对后再保存一次。"))
    before = {name: unit.own(name) for name in (*OWN, *SETTINGS, *KEPT)}
    errors = _take(unit, data)
    if errors:
        raise Invalid(fields=errors)
    changed = sorted(name for name, value in before.items() if unit.own(name) != value)
    if not changed:
        return unit
    unit.save(update_fields={"settings" if name in KEPT else name for name in changed})
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
def correct_days(
    actor: User, unit_id: UUID, *, first: date | None, last: date | None, working: bool | None, name: str
) -> int:
    """Say that the days from `first` to `last` (empty: `first` alone) are worked or not, for the unit and those
    below it; a correction that stands is replaced. Returns how many days. Raises `Invalid`."""
    unit = _unit(actor, unit_id)
    errors: dict[str, list[str]] = {}
    last = last or first
    if first is None or not FIRST_YEAR <= first.year <= LAST_YEAR:
        errors["first"] = [_("请填写日期，如 2026-10-01。")]
    elif last is not None and last < first:
        errors["last"] = [_("结束日期不能早于开始日期。")]
    elif last is not None and (last - first).days >= MOST_DAYS:
        errors["last"] = [_("一次最多设置 %(n)d 天。") % {"n": MOST_DAYS}]
    if working is None:
        errors["working"] = [_("请选择上班或放假。")]
    name = text.clean(name)
    if not name or len(name) > 40:
        errors["name"] = [_("请填写说明（依据哪份通知、什么原因），不超过 40 字。")]
    if unit.kind not in WITH_SETTINGS:
        errors["first"] = [_("日历由所属社区设置。")]
    if errors or first is None or last is None:
        raise Invalid(fields=errors)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    CalendarDay.objects.bulk_create(
        [CalendarDay(unit=unit, day=d, working=bool(working), name=name) for d in days],
        update_conflicts=True,
        unique_fields=["unit", "day"],
        update_fields=["working", "name"],
    )
    reference.changed()
    _record(
        actor, "calendar.correct", unit, unit_id=unit.pk, reason=name, first=str(first), last=str(last), working=working
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


def _take(unit: Unit, data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Put what was typed into the unit; what is wrong with it, by field."""
    errors: dict[str, list[str]] = {}

    def typed(name: str) -> str:
        return text.clean(str(data.get(name) or ""))

    unit.name, unit.short_name, unit.code = typed("name"), typed("short_name"), typed("code")
    if not unit.name or len(unit.name) > 60:
        errors["name"] = [_("请填写名称，不超过 60 字。")]
    if len(unit.short_name) > 20:
        errors["short_name"] = [_("简称不超过 20 字。")]
    if not CODE.fullmatch(unit.code):
        errors["code"] = [_("代码为 1 至 20 位数字或字母，可含点、横线；社区用 12 位区划代码，网格再加 3 位。")]
    elif Unit.objects.filter(code=unit.code).exclude(pk=unit.pk).exists():
        errors["code"] = [_("这个代码已用于别的单位。")]
    order = typed("order") or "0"
    if re.fullmatch(r"[0-9]{1,5}", order):
        unit.order = int(order)
    else:
        errors["order"] = [_("排序请填 0 至 99999 的整数。")]
    if unit.kind in WITH_SETTINGS:
        errors |= _take_settings(unit, typed)
    return errors


def _take_settings(unit: Unit, typed: Any) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    unit.mailbox = typed("mailbox")
    if unit.mailbox:
        try:
            if len(unit.mailbox) > 254:
                raise ValidationError("too long")
            validate_email(unit.mailbox)
        except ValidationError:
            errors["mailbox"] = [_("电子邮箱格式不正确。")]
    unit.duty_phone = typed("duty_phone")
    if unit.duty_phone and not PHONE.fullmatch(unit.duty_phone):
        errors["duty_phone"] = [_("请填写电话号码，如 028-8655 1234 或 12345，不超过 30 位。")]
    unit.time_zone = typed("time_zone")
    if unit.time_zone and (len(unit.time_zone) > 40 or unit.time_zone not in available_timezones()):
        errors["time_zone"] = [_("没有这个时区，例：Asia/Shanghai、Asia/Urumqi。")]
    hours = typed("working_hours")
    try:
        unit.working_hours = hours_of(hours) if hours else None
    except ValueError:
        errors["working_hours"] = [_("请按“09:00-12:00，14:00-18:00”填写，先早后晚，最多 4 段。")]
    unit.weekly_by = typed("weekly_by")
    if unit.weekly_by and unit.weekly_by not in WeeklyBy.values:
        errors["weekly_by"] = [_("请选择周报方式。")]
    follows = typed("weekly_follows_holidays")
    if follows not in ("", "yes", "no"):
        errors["weekly_follows_holidays"] = [_("请选择是否随节假日调整。")]
    unit.weekly_follows_holidays = {"yes": True, "no": False}.get(follows)
    share = typed("call_back_share")
    if share and not (re.fullmatch(r"[0-9]{1,3}", share) and int(share) <= 100):
        errors["call_back_share"] = [_("请填 0 至 100 的整数。")]
    else:
        unit.call_back_share = int(share) if share else None
    roles = typed("export_roles")
    if roles and roles not in EXPORT_ROLES:
        errors["export_roles"] = [_("请选择谁可以导出信息条目。")]
    elif roles:
        unit.settings["export_roles"] = roles
    else:
        unit.settings.pop("export_roles", None)
    for name, least, details in (
        ("reward_approval_above", 0, _("请填 0 至 999999 的整数（元）。")),
        ("work_file_years", 1, _("请填 1 至 50 的整数（年）。")),
        ("weekly_take_back_minutes", 0, _("请填 0 至 60 的整数（分钟）。")),
        ("mail_max_mb", 1, _("请填 1 至 50 的整数（MB）。")),
    ):
        data = typed(name)
        if data and not (re.fullmatch(r"[0-9]{1,6}", data) and least <= int(data) <= KEPT[name]):
            errors[name] = [details]
        elif data:
            unit.settings[name] = int(data)
        else:
            unit.settings.pop(name, None)
    return errors


def _record(
    actor: User, action: str, subject: Unit | None = None, *, unit_id: UUID | None, reason: str = "", **data: Any
) -> None:
    signals.recorded.send(Unit, actor=actor, action=action, subject=subject, unit_id=unit_id, reason=reason, data=data)
