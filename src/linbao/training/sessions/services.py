"""Sessions from announcement to the day: made, moved, called off; invitation, enrolment, leave; lecturers and files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import Worded, worded
from linbao.duties.models import Obligation
from linbao.items.attachments import content
from linbao.items.models import Attachment
from linbao.organisation.models import Role, RoleGrant, UnitKind, User
from linbao.organisation.tree import tree
from linbao.outbox import services as outbox
from linbao.platform import files
from linbao.training import duty, quarters
from linbao.training.inputs import (
    AddTeaching,
    ArrangeSession,
    AskSessionLeave,
    CancelSession,
    ChangeSession,
    DecideSessionLeave,
    Invite,
)
from linbao.training.models import (
    LEARNING,
    Course,
    Lecturer,
    Material,
    Seat,
    SeatStatus,
    Session,
    SessionStatus,
    Teaching,
    Topic,
)
from linbao.training.sessions.states import SEAT, SESSION

MOST_SEATS = 500
MOST_MATERIALS = 20
EARLIEST, LATEST = timedelta(days=31), timedelta(days=400)  # entered afterwards from paper; planned ahead


def get(user: User, session_id: UUID, *, lock: bool = False) -> Session:
    """The session, if `user` may see it; `NotFound` else."""
    rows = Session.objects.visible_to(user).filter(pk=session_id)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("community", "course", "topic")
    row = rows.first()
    if row is None:
        raise NotFound(_("没有找到这次培训，或您无权查看。"))
    return row


@transaction.atomic
def create(user: User, community_id: UUID, data: ArrangeSession) -> Session:
    """A planned session of the community (5.1.1). Raises `NotAllowed`, `Invalid` beside the field."""
    allow(user, "training.run", community_id)
    row = Session(community_id=community_id, created_by=user)
    _arrange(row, data)
    row.save()
    audit.record(user, "training.session.create", row, unit_id=community_id, title=row.title)
    return row


@transaction.atomic
def change(user: User, session_id: UUID, data: ChangeSession) -> Session:
    """Change a planned session; who is invited or enrolled is notified when time, length or place move.

    Raises `Conflict` when somebody else changed it meanwhile, when it is over, or when people have signed in.
    """
    row = get(user, session_id, lock=True)
    SESSION.check(row, "arrange", user)
    if row.version != data.version:
        raise Conflict(_("这次培训刚被他人修改，请刷新后再改。"))
    before = (row.starts_at, row.minutes, row.place)
    _arrange(row, data)
    moved = (row.starts_at, row.minutes, row.place) != before
    if moved and row.seats.filter(signed_in_at__isnull=False).exists():
        raise Conflict(_("已有人签到，不能再改时间和地点。"))
    row.version += 1
    row.save()
    if moved:
        _notify(row, worded("培训“%(title)s”有变动：%(when)s，%(place)s，请留意。"), "training.moved")
    audit.record(user, "training.session.change", row, unit_id=row.community_id, title=row.title, moved=moved)
    return row


@transaction.atomic
def cancel(user: User, session_id: UUID, data: CancelSession) -> Session:
    """Call a session off and notify everybody concerned. Repeating it changes nothing. Raises `Conflict` once somebody
    signed in."""
    row = get(user, session_id, lock=True)
    SESSION.permit(row, "cancel", user)
    if row.status == SessionStatus.CANCELLED:
        return row
    SESSION.check(row, "cancel")
    if row.seats.filter(signed_in_at__isnull=False).exists():
        raise Conflict(_("已有人签到，不能取消；如需提前结束，请办理结束。"))
    SESSION.move(row, "cancel", cancel_reason=data.reason, version=row.version + 1)
    _notify(row, worded("培训“%(title)s”（%(when)s）已取消。"), "training.cancelled")
    audit.record(user, "training.session.cancel", row, unit_id=row.community_id, reason=data.reason)
    return row


# --- who comes ----------------------------------------------------------------------------------------


def invitable(community_id: UUID) -> Any:
    """Who can be invited: people who report, lead, review or handle in the community."""
    units = {u.pk for u in tree().line(community_id)} | tree().within(community_id)
    return User.objects.filter(
        pk__in=RoleGrant.objects.current().filter(unit__in=units, role__in=LEARNING).values("user"), is_active=True
    )


@transaction.atomic
def invite(user: User, session_id: UUID, data: Invite) -> int:
    """Invite all reporters, those owing the quarter, a work group, or those chosen; returns how many are new.

    Who is invited already is not notified again. Raises `Invalid`, `Conflict` when the session is over or full.
    """
    row = get(user, session_id, lock=True)
    SESSION.check(row, "arrange", user)
    result = invitable(row.community_id)
    grants = RoleGrant.objects.current().filter(unit__in=tree().within(row.community_id))
    if data.whom == "reporters":
        result = result.filter(pk__in=grants.filter(role=Role.REPORTER).values("user"))
    elif data.whom == "owing":
        owed = Obligation.objects.filter(kind=duty.ATTEND, period=row.quarter, met_at__isnull=True)
        result = result.filter(pk__in=owed.filter(waived_at__isnull=True).values("owner"))
    elif data.whom == "group":
        unit = tree().get(data.group)
        if unit is None or unit.kind != UnitKind.WORK_GROUP or row.community_id not in tree().communities(unit.pk):
            raise Invalid(fields={"group": [_("请选择工作小组。")]})
        result = result.filter(pk__in=RoleGrant.objects.current().filter(unit=unit.pk).values("user"))
    else:
        result = result.filter(pk__in=data.people)
    known = set(row.seats.values_list("person_id", flat=True))
    fresh = [pk for pk in result.values_list("pk", flat=True) if pk not in known]
    if len(known) + len(fresh) > MOST_SEATS:
        raise Conflict(_("一次培训最多 %(n)d 人，请分场安排。") % {"n": MOST_SEATS})
    Seat.objects.bulk_create((Seat(session=row, person_id=pk, invited_by=user) for pk in fresh), ignore_conflicts=True)
    if fresh:
        _notify(row, worded("请参加培训“%(title)s”：%(when)s，%(place)s。请报名或请假。"), "training.invited", fresh)
        audit.record(user, "training.invite", row, unit_id=row.community_id, rows=len(fresh))
    return len(fresh)


@transaction.atomic
def enrol(user: User, session_id: UUID) -> Seat:
    """Say that one comes, invited or not; once more changes nothing. Who was on leave comes after all."""
    row = get(user, session_id, lock=True)
    SESSION.check(row, "enrol", user)
    return seat_of(row, user)


def seat_of(session: Session, person: User) -> Seat:
    """The person's seat, enrolled; made when there is none (the session's row is locked by the caller)."""
    seat, made = Seat.objects.get_or_create(session=session, person=person, defaults={"status": SeatStatus.ENROLLED})
    if made and session.seats.count() > MOST_SEATS:
        raise Conflict(_("报名人数已满。"))
    if seat.status != SeatStatus.ENROLLED:
        SEAT.move(seat, "enrol")
    return seat


@transaction.atomic
def ask_leave(user: User, session_id: UUID, data: AskSessionLeave) -> Seat:
    """Ask for leave with a reason; the trainer decides. It does not free from the quarter's duty: a make-up does."""
    row = get(user, session_id, lock=True)
    SESSION.check(row, "enrol", user)
    seat, _made = Seat.objects.get_or_create(session=row, person=user)
    if seat.signed_in_at:
        raise Conflict(_("您已签到，不能再请假；如需提前离开，请签退。"))
    if seat.status == SeatStatus.LEAVE:
        return seat
    SEAT.move(seat, "ask_leave", leave_reason=data.reason)
    outbox.notify(
        row.created_by_id,
        worded("有人就培训“%(title)s”申请请假，请处理。") % {"title": row.title},
        kind="training.leave",
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
    )
    return seat


@transaction.atomic
def decide_leave(user: User, session_id: UUID, seat_id: UUID, data: DecideSessionLeave) -> Seat:
    """Grant or refuse leave; never one's own. Raises `Conflict` when it was decided already."""
    row = get(user, session_id, lock=True)
    allow(user, "training.run", row)
    seat = row.seats.filter(pk=seat_id).select_related("person").first()
    if seat is None:
        raise NotFound(_("没有这条报名。"))
    if seat.person_id == user.pk:
        raise Conflict(_("不能批准自己的请假，请由其他负责人办理。"))
    SEAT.move(seat, "grant_leave" if data.granted else "refuse_leave", decided_by=user)
    message = (
        worded("培训“%(title)s”已准假，请参加本季度的其他场次或下月的补训。")
        if data.granted
        else worded("培训“%(title)s”未准假，请按时参加。")
    )
    outbox.notify(
        seat.person_id,
        message % {"title": row.title},
        kind="training.leave_decided",
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
    )
    audit.record(user, "training.leave", row, unit_id=row.community_id, granted=data.granted)
    return seat


# --- lecturers and files ----------------------------------------------------------------------------------


@transaction.atomic
def teach(user: User, session_id: UUID, data: AddTeaching) -> Teaching:
    """Put a lecturer on a session, or correct what was taught and the fee (5.1.2). Raises `Invalid`, `Conflict`."""
    row = get(user, session_id, lock=True)
    SESSION.check(row, "supplement", user)
    who = Lecturer.objects.filter(community_id=row.community_id, active=True, pk=data.lecturer).first()
    if who is None:
        raise Invalid(fields={"lecturer": [_("请选择授课人。")]})
    defaults = {"about": data.about, "fee": data.fee, "fee_note": data.fee_note, "added_by": user}
    made, _new = Teaching.objects.update_or_create(session=row, lecturer=who, defaults=defaults)
    audit.record(user, "training.teach", row, unit_id=row.community_id, lecturer=str(who.pk), fee=str(data.fee or ""))
    return made


@transaction.atomic
def unteach(user: User, session_id: UUID, teaching_id: UUID) -> None:
    """Take a lecturer off; once more changes nothing."""
    row = get(user, session_id, lock=True)
    SESSION.check(row, "arrange", user)
    if row.teachings.filter(pk=teaching_id).delete()[0]:
        audit.record(user, "training.unteach", row, unit_id=row.community_id)


def add_material(user: User, session_id: UUID, *, data: bytes, name: str, case: bool = False) -> Material:
    """Store a handout or a case with the session; the same content twice is one row. Raises as `content.sniff`."""
    allow(user, "training.run", get(user, session_id))
    what = content.sniff(data, name)
    digest = hashlib.sha256(data).hexdigest()
    files.put(data)
    with transaction.atomic():
        row = get(user, session_id, lock=True)
        SESSION.check(row, "supplement")
        known = row.materials.filter(sha256=digest).first()
        if known is not None:
            return known
        if row.materials.count() >= MOST_MATERIALS:
            raise Invalid(fields={"file": [_("资料已达 %(n)d 个上限。") % {"n": MOST_MATERIALS}]})
        return Material.objects.create(
            session=row,
            name=content.safe_name(name, what.extension),
            content_type=what.content_type,
            size=len(data),
            sha256=digest,
            case=case,
            uploaded_by=user,
        )


@transaction.atomic
def remove_material(user: User, session_id: UUID, material_id: UUID) -> None:
    """Take a file off the session; once more changes nothing. Its content goes when nothing else needs it."""
    row = get(user, session_id, lock=True)
    allow(user, "training.run", row)
    match = row.materials.filter(pk=material_id).first()
    if match is None:
        return
    digest = match.sha256
    match.delete()
    audit.record(user, "training.material.remove", row, unit_id=row.community_id)
    transaction.on_commit(lambda: _forget(digest))


def _forget(digest: str) -> None:
    used = Attachment.objects.filter(Q(sha256=digest) | Q(shown=digest) | Q(thumb=digest))
    if not Material.objects.filter(sha256=digest).exists() and not used.exists():
        files.delete(digest)


def material(user: User, session_id: UUID, material_id: UUID) -> tuple[Material, bytes]:
    """A file of a session that `user` may see. Raises `NotFound`."""
    row = get(user, session_id)
    match = row.materials.filter(pk=material_id).first()
    try:
        if match is not None:
            return match, files.get(match.sha256)
    except FileNotFoundError:
        pass
    raise NotFound(_("没有这份资料，可能已被移除。"))


# --- inside ----------------------------------------------------------------------------------------------


def _arrange(row: Session, data: ArrangeSession) -> None:
    now, community = clock.now(), row.community_id
    errors: dict[str, list[str]] = {}
    quarter = quarters.of_moment(community, data.starts_at)
    if not now - EARLIEST <= data.starts_at <= now + LATEST:
        errors["starts_at"] = [_("开始时间须在过去一个月到今后一年之间。")]
    elif data.makes_up:
        quarter = quarters.before(quarter)
        if data.starts_at >= quarters.make_up_until(community, quarter):
            errors["makes_up"] = [_("补训只能安排在季度结束后的第一个月内。")]
    course = Course.objects.filter(community_id=community, pk=data.course).first() if data.course else None
    topic = Topic.objects.filter(plan__community_id=community, pk=data.topic).first() if data.topic else None
    for name, chosen, match in (("course", data.course, course), ("topic", data.topic, topic)):
        if chosen and match is None:
            errors[name] = [_("请从列表中选择。")]
    if errors:
        raise Invalid(fields=errors)
    row.title, row.place, row.cases, row.subjects = data.title, data.place, data.cases, [s.value for s in data.subjects]
    row.starts_at, row.minutes, row.quarter, row.course, row.topic = (
        data.starts_at,
        data.minutes,
        quarter,
        course,
        topic,
    )


def _notify(row: Session, message: Worded, kind: str, people: Sequence[UUID] | None = None) -> None:
    if people is None:
        people = list(row.seats.values_list("person_id", flat=True))
    when = clock.local(row.starts_at, quarters.zone_of(row.community_id)).strftime("%Y-%m-%d %H:%M")
    outbox.notify_many(
        people,
        message % {"title": row.title, "when": when, "place": row.place},
        kind=kind,
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
    )
