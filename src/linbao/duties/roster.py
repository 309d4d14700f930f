"""The duty roster: who is on duty now, who stands in, and whom to call after them (2.3.2, 5.3.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.duties.inputs import AddShift, LeaveNote
from linbao.duties.models import HandOver, Shift
from linbao.duties.services import holders
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree

LONGEST_SHIFT = timedelta(days=7)


def now_on_duty(community_id: UUID, at: datetime | None = None) -> list[Shift]:
    """The shifts of the community that run at `at` (now), the latest begun first."""
    at = at or clock.now()
    return list(
        Shift.objects.filter(unit_id=community_id, starts__lte=at, ends__gt=at)
        .select_related("person", "stand_in")
        .order_by("-starts", "-id")
    )


def chain(community_id: UUID, at: datetime | None = None) -> list[UUID]:
    """Whom an alarm goes to, one after the other: on duty, stand-ins, managers, reviewers; nobody twice."""
    shifts = now_on_duty(community_id, at)
    result = [s.person_id for s in shifts] + [s.stand_in_id for s in shifts if s.stand_in_id]
    result += sorted(holders(community_id, Role.MANAGER), key=str)
    result += sorted(holders(community_id, Role.REVIEWER), key=str)
    live = set(User.objects.filter(pk__in=result, is_active=True).values_list("pk", flat=True))
    return [p for p in dict.fromkeys(result) if p in live]


def on_duty_for(user: User) -> frozenset[UUID]:
    """Communities that this person is on duty for now; cached on the object (one request)."""
    stored: frozenset[UUID] | None = user.__dict__.get("_on_duty_for")
    if stored is None:
        now = clock.now()
        shifts = Shift.objects.filter(starts__lte=now, ends__gt=now)
        units = set(shifts.filter(person=user).values_list("unit_id", flat=True))
        units |= set(shifts.filter(stand_in=user).values_list("unit_id", flat=True))
        stored = user.__dict__["_on_duty_for"] = frozenset(units)
    return stored


@transaction.atomic
def add_shift(actor: User | None, community_id: UUID, data: AddShift) -> Shift:
    """Put somebody on the roster (2.3.2); `actor` None: the product itself. Raises `Invalid`, `NotAllowed`."""
    unit = tree().get(community_id)
    if actor is not None:
        allow(actor, "roster.keep", unit)
    person_id, stand_in_id, starts, ends = data.person, data.stand_in, data.starts, data.ends
    errors: dict[str, list[str]] = {}
    people = set(User.objects.filter(pk__in=[person_id, stand_in_id], is_active=True).values_list("pk", flat=True))
    if person_id not in people:
        errors["person"] = [_("请选择值班人。")]
    if stand_in_id is not None and (stand_in_id not in people or stand_in_id == person_id):
        errors["stand_in"] = [_("请另选一位替班人。")]
    if not starts < ends:
        errors["ends"] = [_("结束时间应晚于开始时间。")]
    elif ends - starts > LONGEST_SHIFT:
        errors["ends"] = [_("一班最长七天。")]
    if not errors and Shift.objects.filter(unit_id=community_id, person_id=person_id, starts__lt=ends, ends__gt=starts):
        errors["starts"] = [_("此人在这段时间已有值班安排。")]
    if errors:
        raise Invalid(fields=errors)
    row = Shift.objects.create(
        unit_id=community_id, person_id=person_id, stand_in_id=stand_in_id, starts=starts, ends=ends, phone=data.phone
    )
    audit.record(actor, "roster.add", row, unit_id=community_id, person=str(person_id))
    return row


@transaction.atomic
def remove_shift(actor: User, shift_id: UUID) -> None:
    """Take a shift that has not begun off the roster; one that runs ends now. Raises `Conflict`, `NotFound`,
    `NotAllowed`."""
    row = Shift.objects.select_for_update().filter(pk=shift_id).first()
    if row is None:
        raise NotFound(_("没有这一班。"))
    allow(actor, "roster.keep", tree().get(row.unit_id))
    if row.ends <= clock.now():
        raise Conflict(_("这一班已经结束，不能改动。"))
    if row.starts > clock.now():
        row.delete()
    else:
        row.ends = clock.now()
        row.save(update_fields=["ends"])
    audit.record(actor, "roster.remove", actor, unit_id=row.unit_id, shift=str(shift_id))


def hand_over(user: User, community_id: UUID, data: LeaveNote) -> HandOver:
    """Leave a note for the next shift of a community. Raises `NotAllowed`."""
    allow(user, "duty.stand", tree().get(community_id))
    return HandOver.objects.create(unit_id=community_id, by=user, note=data.note)


@transaction.atomic
def take_over(user: User, note_id: UUID) -> HandOver:
    """Sign for a note of the shift before. Safe to repeat. Raises `NotFound`, `NotAllowed`."""
    row = HandOver.objects.select_for_update().filter(pk=note_id).first()
    if row is None:
        raise NotFound(_("没有这条交接记录。"))
    allow(user, "duty.stand", tree().get(row.unit_id))
    if row.taken_at is None:
        row.taken_by, row.taken_at = user, clock.now()
        row.save(update_fields=["taken_by", "taken_at"])
    return row
