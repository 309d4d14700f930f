"""Places of sensitive information: who may enter, who did, visitors with an escort (6.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.organisation.models import User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.security import staff
from linbao.security.alerts import services as alerts
from linbao.security.models import Entry, Permit, Place, Severity

TRIES = 3  # refused entries of one person in a day that raise an alert


@transaction.atomic
def save(actor: User, unit_id: UUID, data: Mapping[str, Any], *, place_id: UUID | None = None) -> Place:
    """Make a place, or change one. `data`: kind, name, where, kept, keeper (a person), active. Raises `Invalid`."""
    if place_id is None:
        unit = tree().get(unit_id)
        if unit is None:
            raise Invalid(fields={"unit": [_("请选择单位。")]})
        allow(actor, "security.keep", unit)
        row = Place(unit_id=unit.pk, made_at=clock.now())
    else:
        row = get(actor, place_id, lock=True)
    errors: dict[str, list[str]] = {}
    row.kind = str(data.get("kind") or "")
    if row.kind not in ("room", "cabinet"):
        errors["kind"] = [_("请选择房间或柜子。")]
    for name, most in (("name", 60), ("where", 100), ("kept", 200)):
        value = text.clean(str(data.get(name) or ""))
        setattr(row, name, value)
        if not 1 <= len(value) <= most:
            errors[name] = [_("请填写，不超过 %(n)d 字。") % {"n": most}]
    if Place.objects.filter(unit_id=row.unit_id, name=row.name).exclude(pk=row.pk).exists():
        errors["name"] = [_("本单位已有同名的场所。")]
    if data.get("keeper") is None:
        errors["keeper"] = [_("请选择责任人。")]
    if errors:
        raise Invalid(fields=errors)
    row.keeper, row.active = data["keeper"], bool(data.get("active", True))
    row.save()
    if not row.active:
        duties.cancel(["place_inspection"], row.pk)
    audit.record(actor, "place.save", row, unit_id=row.unit_id, kind=row.kind, active=row.active)
    return row


@transaction.atomic
def permit(actor: User, place_id: UUID, person: User) -> Permit:
    """Let a person enter; repeating it changes nothing."""
    place = get(actor, place_id, lock=True)
    row, made = Permit.objects.get_or_create(
        place=place, person=person, ended_at=None, defaults={"by": actor, "at": clock.now()}
    )
    if made:
        audit.record(actor, "place.permit", place, unit_id=place.unit_id, owner=person.name)
    return row


@transaction.atomic
def forbid(actor: User, place_id: UUID, permit_id: UUID) -> None:
    """End a permit at once; repeating it changes nothing."""
    place = get(actor, place_id, lock=True)
    row = place.permits.select_related("person").filter(pk=permit_id).first()
    if row is None:
        raise NotFound(_("没有这项准入。"))
    if row.ended_at is None:
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        audit.record(actor, "place.forbid", place, unit_id=place.unit_id, owner=row.person.name)


def may_enter(person: User, place: Place) -> bool:
    """The keeper, those with a permit, and the security officer over the place."""
    if not place.active:
        return False
    return (
        place.keeper_id == person.pk
        or person.has_perm("security.keep", place.unit)
        or place.permits.filter(person=person, ended_at__isnull=True).exists()
    )


@transaction.atomic
def enter(person: User, code: str, purpose: str) -> Entry:
    """Somebody signed in opens the door's code and enters; without a permit it is refused, and that is kept too: look
    at `refused`. Who is inside already stays with that entry."""
    place = at_door(code, lock=True)
    inside = _inside(place, person)
    if inside is not None:
        return inside
    purpose = text.clean(purpose)
    if not 2 <= len(purpose) <= 100:
        raise Invalid(fields={"purpose": [_("请填写进入的事由（2 至 100 字）。")]})
    allowed = may_enter(person, place)
    row = Entry.objects.create(
        place=place, person=person, purpose=purpose, refused=not allowed, by=person, at=clock.now()
    )
    audit.record(person, "place.enter" if allowed else "place.refused", place, unit_id=place.unit_id)
    if not allowed:
        _watch(place, person)
    return row


@transaction.atomic
def leave(person: User, code: str) -> Entry:
    """Leave by the door's code. Raises `Conflict` for somebody who is not inside."""
    place = at_door(code, lock=True)
    row = _inside(place, person)
    if row is None:
        raise Conflict(_("没有您尚未离开的进入记录。"))
    _out(row)
    return row


@transaction.atomic
def admit(
    actor: User,
    place_id: UUID,
    *,
    person: User | None = None,
    visitor: str = "",
    escort: User | None = None,
    purpose: str,
) -> Entry:
    """The keeper (or the officer) writes down who enters: a colleague, or a visitor from outside with an escort who
    may enter. A colleague without a permit is refused, and that is kept."""
    place = _kept(actor, place_id)
    purpose, visitor = text.clean(purpose), text.clean(visitor)
    errors: dict[str, list[str]] = {}
    if not 2 <= len(purpose) <= 100:
        errors["purpose"] = [_("请填写进入的事由（2 至 100 字）。")]
    if person is None and not 2 <= len(visitor) <= 60:
        errors["visitor"] = [_("请填写来访人的姓名和单位（2 至 60 字），或选择本单位人员。")]
    if person is None and (escort is None or not may_enter(escort, place)):
        errors["escort"] = [_("来访人须由获准进入的人员陪同。")]
    if errors:
        raise Invalid(fields=errors)
    if person is not None and (inside := _inside(place, person)):
        return inside
    allowed = person is None or may_enter(person, place)
    row = Entry.objects.create(
        place=place,
        person=person,
        visitor=None if person else visitor,
        escort=None if person else escort,
        purpose=purpose,
        refused=not allowed,
        by=actor,
        at=clock.now(),
    )
    audit.record(
        actor,
        "place.enter" if allowed else "place.refused",
        place,
        unit_id=place.unit_id,
        owner=person.name if person else _("来访人"),
    )
    if person is not None and not allowed:
        _watch(place, person)
    return row


@transaction.atomic
def let_out(actor: User, place_id: UUID, entry_id: UUID) -> Entry:
    """The keeper writes down that somebody left; repeating it changes nothing."""
    place = _kept(actor, place_id)
    row = place.entries.select_for_update().filter(pk=entry_id, refused=False).first()
    if row is None:
        raise NotFound(_("没有这条进入记录。"))
    if row.left_at is None:
        _out(row)
    return row


def get(user: User, place_id: UUID, *, lock: bool = False) -> Place:
    """A place that `user` may see: of the units that they keep or lead, or in their own keeping; with `lock` one that
    they keep as officer."""
    rows = Place.objects.select_related("unit", "keeper")
    row: Place | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=place_id).first()
    if row is None or not (row.keeper_id == user.pk or Place.objects.visible_to(user).filter(pk=place_id).exists()):
        raise NotFound(_("没有这个场所。"))
    if lock:
        allow(user, "security.keep", row.unit)
    return row


def at_door(code: str, *, lock: bool = False) -> Place:
    """The place whose door bears the code."""
    rows = Place.objects.select_related("unit", "keeper")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    row: Place | None = rows.filter(code=code.strip().upper()[:16]).first()
    if row is None or not row.active:
        raise NotFound(_("没有这个场所，请核对门上的二维码。"))
    return row


def keeps(user: User, place: Place) -> bool:
    """Writes the entry log of the place."""
    return place.keeper_id == user.pk or user.has_perm("security.keep", place.unit)


def _kept(actor: User, place_id: UUID) -> Place:
    get(actor, place_id)
    place: Place = Place.objects.select_for_update(of=("self",)).select_related("unit").get(pk=place_id)
    if not keeps(actor, place):
        raise NotAllowed(_("只有责任人和安全保密员可以登记进出。"))
    if not place.active:
        raise Conflict(_("这个场所已停用。"))
    return place


def _inside(place: Place, person: User) -> Entry | None:
    return place.entries.filter(person=person, left_at__isnull=True, refused=False).first()


def _out(row: Entry) -> None:
    row.left_at = clock.now()
    row.save(update_fields=["left_at"])


def _watch(place: Place, person: User) -> None:
    """Three refusals of one person in a day are worth a look."""
    day = clock.today(staff.zone_of(place.unit_id))
    since = staff.due(place.unit_id, day).replace(hour=0)
    tries = place.entries.filter(person=person, refused=True, at__gte=since).count()
    if tries >= TRIES:
        alerts.alert(
            kind="place.refused",
            unit_id=place.unit_id,
            severity=Severity.MEDIUM,
            about=person,
            key=f"refused:{place.pk}:{person.pk}:{day}",
            words=worded("%(name)s今日多次未获准进入%(place)s") % {"name": person.name, "place": place.name},
        )
