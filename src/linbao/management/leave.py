"""Asking for leave, deciding on it, cancelling it; duties move as `duties.leave` says (5.3.1)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import Worded, worded
from linbao.duties import leave as duties
from linbao.duties.models import Leave, LeaveQuerySet, LeaveState, Obligation
from linbao.items.models import Item, Sensitivity
from linbao.management import people
from linbao.management.inputs import AskLeave, DecideLeave
from linbao.management.states import LEAVE
from linbao.organisation.models import SEPARATED, Role, RoleGrant, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many
from linbao.platform import queue

LONGEST = timedelta(days=366)
S = LeaveState


@transaction.atomic
def ask(user: User, data: AskLeave) -> Leave:
    """Ask for leave over whole days, with somebody to stand in where there is one; the leader or manager of the
    person's work group (else of the community) is notified. Raises `Invalid` beside the field."""
    allow(user, "leave.ask")
    unit = people.workplace(user)
    if unit is None:
        raise Invalid(fields={"starts": [_("您还没有所属单位，请联系管理员。")]})
    User.objects.select_for_update().get(pk=user.pk)  # one application of a person at a time
    earliest = clock.today(tree().setting(unit.pk, "time_zone")) - timedelta(days=31)
    errors: dict[str, list[str]] = {}
    if data.starts < earliest:
        errors["starts"] = [_("请填写开始日期，最早可补 31 天之内的假。")]
    elif not data.starts <= data.ends <= data.starts + LONGEST:
        errors["ends"] = [_("结束日期应不早于开始日期，最长一年。")]
    elif _standing(user.pk).during(data.starts, data.ends).exists():
        errors["starts"] = [_("这段时间您已经请过假，请先取消原来的申请。")]
    if data.stand_in is not None:
        errors |= _stand_in_errors(user, data.stand_in, data.starts, data.ends)
    if errors:
        raise Invalid(fields=errors)
    row = Leave.objects.create(
        person=user,
        unit=unit,
        kind=data.kind,
        starts=data.starts,
        ends=data.ends,
        stand_in_id=data.stand_in,
        note=data.note or None,
    )
    _notify(row, people.leaders_over(unit.pk) - {user.pk}, worded("%(name)s申请请假，请审批。") % {"name": user.name})
    return row


def _standing(person_id: UUID) -> LeaveQuerySet:
    return Leave.objects.filter(person=person_id, state__in=(S.ASKED, S.APPROVED))


def _stand_in_errors(user: User, stand_in_id: UUID, starts: date, ends: date) -> dict[str, list[str]]:
    """Whoever stands in works in the same community, does one of the same works, and is there in that time."""
    if stand_in_id not in {p.pk for p in stand_ins(user)}:
        return {"stand_in": [_("代班人应是本社区在岗、与您担任同类工作的同事。")]}
    if Leave.objects.filter(person=stand_in_id, state=S.APPROVED).during(starts, ends).exists():
        return {"stand_in": [_("此人在这段时间也请了假，请另选一位。")]}
    return {}


def stand_ins(user: User) -> list[User]:
    """Who can stand in for `user`: people of the same communities who do the same work."""
    units = [u for c in user.rights.communities() for u in tree().within(c)]
    grants = RoleGrant.objects.current().filter(unit__in_array=units)
    same = set(user.rights.granted) - SEPARATED
    if same & {Role.REPORTER, Role.GROUP_LEADER}:
        same |= {Role.REPORTER, Role.GROUP_LEADER}
    grants = grants.filter(role__in=same)
    rows = User.objects.filter(pk__in=grants.values("user"), is_active=True).exclude(pk=user.pk)
    return list(rows.order_by("name", "username")[:300])


@transaction.atomic
def decide(user: User, leave_id: UUID, data: DecideLeave) -> Leave:
    """Approve leave, which moves the person's duties, or refuse it with a reason. Raises `Conflict` where
    somebody else decided before, `NotAllowed`."""
    row = _locked(leave_id)
    verb, wanted = ("approve", S.APPROVED) if data.approved else ("refuse", S.REFUSED)
    LEAVE.permit(row, verb, user)
    if row.state == wanted and row.decided_by_id == user.pk:
        return row
    LEAVE.check(row, verb)
    if data.approved and row.stand_in_id is not None:
        person = User.objects.get(pk=row.person_id)
        errors = _stand_in_errors(person, row.stand_in_id, row.starts, row.ends)
        if errors:
            raise Invalid(
                fields={"remark": [_("代班人现在不能代班（已请假或已调离），请不同意此申请，让申请人另选。")]}
            )
    LEAVE.move(row, verb, decided_by=user, decided_at=clock.now(), remark=data.remark)
    moved, waived = duties.move(row, excluded=_confidential(row)) if data.approved else (0, 0)
    audit.record(
        user, f"leave.{wanted}", row, unit_id=row.unit_id, person=str(row.person_id), moved=moved, waived=waived
    )
    _notify(
        row, {row.person_id}, worded("您的请假已批准。") if data.approved else worded("您的请假没有批准，请查看理由。")
    )
    if data.approved and row.stand_in_id is not None:
        details = {"name": row.person.name, "n": moved}
        _notify(row, {row.stand_in_id}, worded("%(name)s请假期间由您代班，已转来 %(n)d 项待办。") % details)
    return row


@transaction.atomic
def cancel(user: User, leave_id: UUID) -> Leave:
    """Take an application or approved leave back; duties that are not due yet return to their owner. Repeating it
    changes nothing."""
    row = _locked(leave_id)
    LEAVE.permit(row, "cancel", user)
    if row.state == S.CANCELLED:
        return row
    LEAVE.check(row, "cancel")
    if row.ends < clock.today(tree().setting(row.unit_id, "time_zone")):
        raise Conflict(_("假期已经结束，不能取消。"))
    was = row.state
    LEAVE.move(row, "cancel")
    back = duties.give_back(row) if was == S.APPROVED else 0
    audit.record(user, "leave.cancel", row, unit_id=row.unit_id, person=str(row.person_id), back=back)
    if was == S.APPROVED:
        who = {row.person_id, row.stand_in_id, row.decided_by_id} - {None, user.pk}
        _notify(
            row, {w for w in who if w}, worded("%(name)s的请假已取消，待办已转回本人。") % {"name": row.person.name}
        )
    return row


def apply_all() -> int:
    """Move what was opened since leave was approved (the week's duties, new assignments); safe to repeat."""
    today = clock.today()
    rows = Leave.objects.approved().filter(ends__gte=today - timedelta(days=1), starts__lte=today + timedelta(days=8))

    def apply(pk: UUID) -> int:
        row = Leave.objects.select_for_update().get(pk=pk)
        return sum(duties.move(row, excluded=_confidential(row))) if row.state == S.APPROVED else 0

    return queue.each(list(rows.values_list("pk", flat=True)), apply)


def pass_on_departed() -> int:
    """Pass on what people who left owed, and notify whom it came to; a confidential matter stays with those named in it
    (1.3.4). Safe to repeat. Returns how many duties moved."""
    with transaction.atomic():
        rows = list(duties.left_behind().select_for_update(of=("self",), skip_locked=True))
        if not rows:
            return 0
        items = Item.objects.filter(pk__in=[r.subject_id for r in rows], sensitivity=Sensitivity.CONFIDENTIAL)
        passed = duties.pass_on(rows, only={i.pk: {*i.named, i.reporter_id} for i in items})
        people_ = User.objects.in_bulk({person for person, _heir in passed})
        for (person, heir), n in passed.items():
            message = worded("%(name)s已离岗，转来 %(n)d 项待办，请查看。") % {"name": people_[person].name, "n": n}
            notify_many([heir], message, kind="leave.departed")
    return passed.total()


def confidential_left(row: Leave) -> int:
    """How many of the person's open duties did not move, because only named persons may see the matter."""
    since, until = duties.bounds(row)
    open_ = Obligation.objects.open().filter(owner=row.person_id, due_at__gte=since, due_at__lt=until)
    return open_.filter(subject_id__in=_confidential(row)).count()


def _confidential(row: Leave) -> list[UUID]:
    """Confidential items of the person's duties: they stay, since the stand-in is not among the named (1.3.4)."""
    subjects = Obligation.objects.open().filter(owner=row.person_id, subject_type="items.item")
    rows = Item.objects.filter(pk__in=subjects.values("subject_id"), sensitivity=Sensitivity.CONFIDENTIAL)
    return list(rows.values_list("pk", flat=True))


def find(user: User, leave_id: UUID) -> Leave:
    """Leave that `user` may see; `NotFound` for any other."""
    row = Leave.objects.visible_to(user).select_related("person", "stand_in", "decided_by").filter(pk=leave_id).first()
    if row is None:
        raise NotFound(_("没有这份请假。"))
    return row


def _locked(leave_id: UUID) -> Leave:
    row = Leave.objects.select_for_update().filter(pk=leave_id).first()
    if row is None:
        raise NotFound(_("没有这份请假。"))
    return row


def _notify(row: Leave, recipients: set[UUID], message: Worded) -> None:
    notify_many(sorted(recipients, key=str), message, kind="leave", subject_type="duties.leave", subject_id=row.pk)
