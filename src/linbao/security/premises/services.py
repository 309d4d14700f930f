"""Places of sensitive information: who may enter, who did, visitors with an escort (6.2.3)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree
from linbao.security import staff
from linbao.security.alerts import services as alerts
from linbao.security.models import Entry, Permit, Place, Severity
from linbao.security.premises.inputs import Admit, ChangePlace, Enter, PermitEntry, RegisterPlace

TRIES = 3  # refused entries of one person in a day that raise an alert


@transaction.atomic
def register(actor: User, data: RegisterPlace) -> Place:
    """Put a room or cabinet of a unit that the officer keeps on the register (6.2.3). Raises `Invalid`, `NotAllowed`
    for another unit."""
    unit = tree().get(data.unit)
    if unit is None:
        raise Invalid(fields={"unit": [_("请选择单位。")]})
    allow(actor, "security.keep", unit)
    people = staff.of(actor.rights.units(Role.SECURITY_OFFICER))
    return _save(actor, Place(unit_id=unit.pk, made_at=clock.now()), data, people)


@transaction.atomic
def change(actor: User, place_id: UUID, data: ChangePlace) -> Place:
    """Correct a place, give it another keeper, or take it out of use, which ends the duty to inspect it. Raises
    `Invalid`."""
    row = get(actor, place_id, lock=True)
    return _save(actor, row, data, staff.of(tree().within(row.unit_id)))


def _save(actor: User, row: Place, data: ChangePlace, people: QuerySet[User]) -> Place:
    keeper = staff.named(data.keeper, people, "keeper")
    assert keeper is not None  # a person is needed
    if Place.objects.filter(unit_id=row.unit_id, name=data.name).exclude(pk=row.pk).exists():
        raise Invalid(fields={"name": [_("本单位已有同名的场所。")]})
    row.kind, row.name, row.where, row.contents = data.kind, data.name, data.where, data.contents
    row.keeper, row.active = keeper, data.active
    row.save()
    if not row.active:
        duties.cancel(["place_inspection"], row.pk)
    audit.record(actor, "place.save", row, unit_id=row.unit_id, kind=row.kind, active=row.active)
    return row


@transaction.atomic
def permit(actor: User, place_id: UUID, data: PermitEntry) -> Permit:
    """Let one of the unit's people enter; repeating it changes nothing. Raises `Invalid` for anybody else."""
    place = get(actor, place_id, lock=True)
    person = staff.named(data.person, staff.of(tree().within(place.unit_id)), "person")
    row, made = Permit.objects.get_or_create(
        place=place, person=person, ended_at=None, defaults={"by": actor, "at": clock.now()}
    )
    if made:
        audit.record(actor, "place.permit", place, unit_id=place.unit_id, owner=row.person.name)
    return row


@transaction.atomic
def forbid(actor: User, place_id: UUID, permit_id: UUID) -> None:
    """End a permit at once; repeating it changes nothing. Raises `NotFound`."""
    place = get(actor, place_id, lock=True)
    row = place.permits.select_related("person").filter(pk=permit_id).first()
    if row is None:
        raise NotFound(_("没有这项准入。"))
    if row.ended_at is None:
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        audit.record(actor, "place.forbid", place, unit_id=place.unit_id, owner=row.person.name)


def may_enter(person: User, place: Place) -> bool:
    """Whether a person is the keeper, has a permit, or is security officer of the place, which is in use."""
    if not place.active:
        return False
    return (
        place.keeper_id == person.pk
        or person.has_perm("security.keep", place.unit)
        or place.permits.filter(person=person, ended_at__isnull=True).exists()
    )


@transaction.atomic
def enter(person: User, code: str, data: Enter) -> Entry:
    """Enter by the code on the door. Without a permit the entry is recorded as `refused`. Whoever is inside already
    keeps that entry. Raises `NotFound` for a code of no place in use."""
    place = at_door(code, lock=True)
    inside = _inside(place, person)
    if inside is not None:
        return inside
    allowed = may_enter(person, place)
    row = Entry.objects.create(
        place=place, person=person, purpose=data.purpose, refused=not allowed, by=person, at=clock.now()
    )
    audit.record(person, "place.enter" if allowed else "place.refused", place, unit_id=place.unit_id)
    if not allowed:
        _count_refusals(place, person)
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
def admit(actor: User, place_id: UUID, data: Admit) -> Entry:
    """The keeper (or the officer) writes down who enters: one of the unit's people, or a visitor with an escort who may
    enter. A colleague without a permit is recorded as `refused`. Raises `Invalid`, `NotAllowed` for anybody else,
    `Conflict` for a place out of use."""
    place = _locked_for_log(actor, place_id)
    people = staff.of(tree().within(place.unit_id))
    person = staff.named(data.person, people, "person", needed=False)
    escort = staff.named(data.escort, people, "escort", needed=False)
    if person is None and (escort is None or not may_enter(escort, place)):
        raise Invalid(fields={"escort": [_("来访人须由获准进入的人员陪同。")]})
    if person is not None and (inside := _inside(place, person)):
        return inside
    allowed = person is None or may_enter(person, place)
    row = Entry.objects.create(
        place=place,
        person=person,
        visitor=None if person else data.visitor,
        escort=None if person else escort,
        purpose=data.purpose,
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
        _count_refusals(place, person)
    return row


@transaction.atomic
def let_out(actor: User, place_id: UUID, entry_id: UUID) -> Entry:
    """The keeper writes down that somebody left; repeating it changes nothing. Raises `NotFound`."""
    place = _locked_for_log(actor, place_id)
    row = place.entries.select_for_update().filter(pk=entry_id, refused=False).first()
    if row is None:
        raise NotFound(_("没有这条进入记录。"))
    if row.left_at is None:
        _out(row)
    return row


def get(user: User, place_id: UUID, *, lock: bool = False) -> Place:
    """A place of the units that `user` keeps or leads, or whose keeper they are; with `lock`, for changing, one of a
    unit that they keep as officer. Raises `NotFound`, `NotAllowed`."""
    rows = Place.objects.select_related("unit", "keeper")
    row: Place | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=place_id).first()
    if row is None or not (row.keeper_id == user.pk or Place.objects.visible_to(user).filter(pk=place_id).exists()):
        raise NotFound(_("没有这个场所。"))
    if lock:
        allow(user, "security.keep", row.unit)
    return row


def at_door(code: str, *, lock: bool = False) -> Place:
    """The place in use whose door bears the code. Raises `NotFound`."""
    rows = Place.objects.select_related("unit", "keeper")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    row: Place | None = rows.filter(code=code.strip().upper()[:16]).first()
    if row is None or not row.active:
        raise NotFound(_("没有这个场所，请核对门上的二维码。"))
    return row


def keeps(user: User, place: Place) -> bool:
    """Whether a person writes the entry log of the place: its keeper and the security officer."""
    return place.keeper_id == user.pk or user.has_perm("security.keep", place.unit)


def _locked_for_log(actor: User, place_id: UUID) -> Place:
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


def _count_refusals(place: Place, person: User) -> None:
    """Alert the officers when a person was refused three times in a day."""
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
            message=worded("%(name)s今日多次未获准进入%(place)s") % {"name": person.name, "place": place.name},
        )
