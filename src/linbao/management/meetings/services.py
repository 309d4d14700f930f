"""Calling meetings, their agenda from what is open, signing in, reports, decisions (5.3.3). Minutes: `minutes`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.calendar import Calendar
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import Worded, worded
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.handling.models import Verdict
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import Category, Item, Sensitivity, Status
from linbao.management import people
from linbao.management.meetings.inputs import (
    AddPoint,
    CallMeeting,
    CancelMeeting,
    Decide,
    HoldMeeting,
    MarkAttendance,
    Report,
)
from linbao.management.meetings.states import MEETING
from linbao.management.models import (
    AgendaPoint,
    Meeting,
    MeetingPerson,
    MeetingState,
    PointKind,
    Presence,
    Problem,
    Task,
    TaskState,
)
from linbao.management.work_tasks import services as tasks
from linbao.management.work_tasks.inputs import GiveTask
from linbao.organisation.models import UnitKind, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many

S = MeetingState
MOST_POINTS = 40
FROM_EACH = 10  # open points of a kind that are put on an agenda by themselves


def find(user: User, meeting_id: UUID, *, lock: bool = False) -> Meeting:
    """A meeting that `user` may see; `NotFound` for any other."""
    rows = Meeting.objects.visible_to(user)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("called_by")
    row = rows.filter(pk=meeting_id).first()
    if row is None:
        raise NotFound(_("没有这次会议。"))
    return row


@transaction.atomic
def call(user: User, data: CallMeeting) -> Meeting:
    """Call a meeting of a community or work group: those invited are notified, and what is open stands on its agenda.
    Raises `Invalid` beside the field."""
    unit = tree().get(data.unit)
    if unit is None or unit.kind not in (UnitKind.COMMUNITY, UnitKind.WORK_GROUP):
        raise Invalid(fields={"unit": [_("请选择社区或工作小组。")]})
    allow(user, "meeting.call", unit)
    errors: dict[str, list[str]] = {}
    now = clock.now()
    if not now - timedelta(days=7) <= data.starts_at <= now + timedelta(days=366):
        errors["starts_at"] = [_("请填写会议时间，可补记 7 天之内的会议。")]
    working = {p.pk for p in people.working_in(unit.pk)} | {user.pk}
    invited = working if data.everybody else set(data.people)
    if invited - working:
        errors["people"] = [_("只能邀请本单位在岗的人员，请重新选择。")]
    elif not invited:
        errors["people"] = [_("请选择参会人。")]
    if errors:
        raise Invalid(fields=errors)
    zone = clock.zone(tree().setting(unit.pk, "time_zone"))
    row = Meeting.objects.create(
        unit_id=unit.pk,
        title=data.title,
        starts_at=data.starts_at,
        place=data.place,
        called_by=user,
        month=data.starts_at.astimezone(zone).date().replace(day=1),
    )
    MeetingPerson.objects.bulk_create(MeetingPerson(meeting=row, person_id=p) for p in sorted(invited, key=str))
    if any(len(p) > 120 for p in data.points):
        raise Invalid(fields={"points": [_("每项议题不能超过 %(n)d 个字。") % {"n": 120}]})
    _put([*open_points(unit.pk), *(AgendaPoint(title=p) for p in data.points)], row)
    audit.record(user, "meeting.call", row, unit_id=unit.pk, people=len(invited))
    _notify(row, invited - {user.pk}, worded("会议通知：%(title)s") % {"title": row.title})
    return row


def open_points(unit_id: UUID) -> list[AgendaPoint]:
    """What is open in the unit, the oldest first: problems, tasks overdue, items whose resident was not satisfied.
    Items are named by number and subject alone: not all who meet may see them (1.3.4). Three statements."""
    scope = tree().within(unit_id)
    rows = [
        AgendaPoint(kind=PointKind.PROBLEM, subject_id=p.pk, title=p.title)
        for p in Problem.objects.open().filter(unit__in_array=scope).order_by("due_at")[:FROM_EACH]
    ]
    late = Task.objects.filter(unit__in_array=scope, state=TaskState.OPEN, due_at__lt=clock.now())
    rows += [
        AgendaPoint(kind=PointKind.TASK, subject_id=t.pk, title=t.title) for t in late.order_by("due_at")[:FROM_EACH]
    ]
    items = Item.objects.filter(verdict=Verdict.UNSATISFIED).exclude(
        status__in=(Status.CLOSED, Status.MERGED, Status.WITHDRAWN)
    )
    home = tree().above(unit_id, UnitKind.COMMUNITY)
    items = items.filter(community=home.pk if home else unit_id).exclude(sensitivity=Sensitivity.CONFIDENTIAL)
    if home is None or home.pk != unit_id:
        items = items.filter(work_group=unit_id)
    rows += [
        AgendaPoint(kind=PointKind.ITEM, subject_id=i.pk, title=f"{i.number} {_kind_of(i)}")
        for i in items.order_by("reported_at")[:FROM_EACH]
    ]
    return rows


def _kind_of(item: Item) -> str:
    """What the agenda and the minutes say of an item; of a restricted one the category alone (1.3.4)."""
    return str(Category(item.category).label) if item.restricted else catalogue().name(item.subcategory)


def _put(points: list[AgendaPoint], meeting: Meeting) -> None:
    if len(points) > MOST_POINTS:
        raise Invalid(fields={"points": [_("议题最多 %(n)d 项。") % {"n": MOST_POINTS}]})
    for order, point in enumerate(points):
        point.meeting, point.order = meeting, order
    AgendaPoint.objects.bulk_create(points, ignore_conflicts=True)


@transaction.atomic
def add_point(user: User, meeting_id: UUID, data: AddPoint) -> AgendaPoint:
    """Put a matter on the agenda: whoever is invited can."""
    row = find(user, meeting_id, lock=True)
    if not user.has_perm("meeting.keep", row) and not row.people.filter(person=user).exists():
        allow(user, "meeting.keep", row)
    MEETING.check(row, "attend")
    if row.agenda.count() >= MOST_POINTS:
        raise Invalid(fields={"point": [_("议题最多 %(n)d 项。") % {"n": MOST_POINTS}]})
    last = row.agenda.order_by("-order").values_list("order", flat=True).first()
    return AgendaPoint.objects.create(meeting=row, title=data.point, order=0 if last is None else last + 1)


@transaction.atomic
def sign_in(user: User, meeting_id: UUID) -> MeetingPerson:
    """Sign in for oneself, from half an hour before until the end of the day. Repeating it changes nothing."""
    row = find(user, meeting_id, lock=True)
    MEETING.check(row, "attend")
    zone = clock.zone(tree().setting(row.unit_id, "time_zone"))
    closes = datetime.combine(row.starts_at.astimezone(zone).date() + timedelta(days=1), time(), zone)
    if not row.starts_at - timedelta(minutes=30) <= clock.now() < closes:
        raise Conflict(_("会前 30 分钟至当天结束可以签到；事后请由召集人登记。"))
    person = _invited(row, user.pk)
    if person.presence != Presence.PRESENT:
        person.presence, person.signed_at, person.signed_by = Presence.PRESENT, clock.now(), user
        person.save(update_fields=["presence", "signed_at", "signed_by"])
    return person


@transaction.atomic
def mark(user: User, meeting_id: UUID, data: MarkAttendance) -> Meeting:
    """Record who came and who had excused themselves, as the caller of the meeting saw it. A person's own signature
    stays."""
    row = find(user, meeting_id, lock=True)
    MEETING.check(row, "keep", user)
    came, sorry, now = set(data.present), set(data.excused), clock.now()
    for person in row.people.all():
        wanted = (
            Presence.PRESENT
            if person.person_id in came
            else Presence.EXCUSED
            if person.person_id in sorry
            else Presence.INVITED
        )
        if person.presence == wanted or (person.signed_by_id == person.person_id and wanted != Presence.PRESENT):
            continue
        person.presence = wanted
        person.signed_at, person.signed_by = (now, user) if wanted == Presence.PRESENT else (None, None)
        person.save(update_fields=["presence", "signed_at", "signed_by"])
    return row


@transaction.atomic
def report(user: User, meeting_id: UUID, data: Report) -> MeetingPerson:
    """Hand in one's work report (工作汇报) for a meeting that one is invited to, before or at it."""
    row = find(user, meeting_id, lock=True)
    MEETING.check(row, "attend")
    person = _invited(row, user.pk)
    person.report = data.report
    person.save(update_fields=["report"])
    return person


@transaction.atomic
def hold(user: User, meeting_id: UUID, data: HoldMeeting) -> Meeting:
    """Record the discussion of each point of the agenda, and the summary. From then on the meeting counts as held; the
    record can be amended so, and minutes issued of it. Raises `Invalid` where nobody came, `Conflict` before it begins.
    """
    row = find(user, meeting_id, lock=True)
    MEETING.check(row, "hold", user)
    if row.starts_at > clock.now():
        raise Conflict(_("会议还没有开始，不能记录会议情况。"))
    agenda = list(row.agenda.all())
    for point in agenda:
        point.discussion = data.points.get(point.pk, point.discussion)
    if not row.people.filter(presence=Presence.PRESENT).exists():
        raise Invalid(fields={"summary": [_("还没有人签到，请先登记到会人员。")]})
    AgendaPoint.objects.bulk_update(agenda, ["discussion"])
    first = row.state == S.CALLED
    MEETING.move(row, "hold", summary=data.summary, held_at=row.held_at or clock.now())
    if first:
        audit.record(user, "meeting.hold", row, unit_id=row.unit_id)
    return row


@transaction.atomic
def decide(user: User, meeting_id: UUID, data: Decide) -> Task:
    """A decision of the meeting, as a task with owner and due time."""
    row = find(user, meeting_id, lock=True)
    MEETING.check(row, "keep", user)
    task = GiveTask(unit=row.unit_id, title=data.title, people=data.people, due_at=data.due_at)
    return tasks.give(user, task, meeting=row)


@transaction.atomic
def cancel(user: User, meeting_id: UUID, data: CancelMeeting) -> Meeting:
    """Call it off, with a reason; those invited are notified. Repeating it changes nothing."""
    row = find(user, meeting_id, lock=True)
    MEETING.permit(row, "cancel", user)
    if row.state == S.CANCELLED:
        return row
    MEETING.move(row, "cancel", reason=data.reason)
    audit.record(user, "meeting.cancel", row, unit_id=row.unit_id)
    who = set(row.people.values_list("person_id", flat=True)) - {user.pk}
    _notify(row, who, worded("会议取消：%(title)s") % {"title": row.title})
    return row


def _invited(row: Meeting, person_id: UUID) -> MeetingPerson:
    person = row.people.filter(person=person_id).first()
    if person is None:
        raise Conflict(_("您不在这次会议的名单上，请联系召集人。"))
    return person


def _notify(row: Meeting, recipients: Iterable[UUID], message: Worded) -> None:
    notify_many(
        sorted(recipients, key=str), message, kind="meeting", subject_type="management.meeting", subject_id=row.pk
    )


# --- the month's duty --------------------------------------------------------------------------------


def open_month() -> int:
    """Open the month's duty of a meeting in every active community (5.3.3), due on its last working day at the end of
    work; met by a meeting with minutes. Safe to repeat; returns how many communities owe one."""
    owed = []
    for unit in tree().of_kind(UnitKind.COMMUNITY):
        if not unit.active:
            continue
        calendar = tree().calendar(unit)
        month = clock.now().astimezone(calendar.zone).date().replace(day=1)
        owed.append((unit.pk, month, _last_moment(calendar, month)))
    managers = {pk: min(people.leaders_over(pk), key=str, default=None) for pk, _m, _d in _unopened(owed)}
    duties.open_(
        *(
            duties.make("meeting", unit_id=pk, owner_id=managers[pk], subject=tree().get(pk), period=month, due_at=due)
            for pk, month, due in owed
            if managers.get(pk)
        )
    )
    return len(owed)


def _unopened(owed: list[tuple[UUID, date, datetime]]) -> list[tuple[UUID, date, datetime]]:
    """Those whose month has no duty yet: another manager does not owe it a second time."""
    months = {month for _pk, month, _due in owed}
    standing = set(Obligation.objects.filter(kind="meeting", period__in=months).values_list("subject_id", "period"))
    return [o for o in owed if (o[0], o[1]) not in standing]


def _last_moment(calendar: Calendar, month: date) -> datetime:
    following = (month + timedelta(days=32)).replace(day=1)
    days = [following - timedelta(days=n) for n in range(1, (following - month).days + 1)]
    day = next((d for d in days if calendar.is_working_day(d)), days[0])
    return datetime.combine(day, calendar.hours[-1][1] if calendar.hours else time(18), calendar.zone)
