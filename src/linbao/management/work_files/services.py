"""The work file (工作档案): one page per reporter, put together from what the rooms know; nothing is typed for it
(5.3.2).

A room below adds its section to `SECTIONS`: a function of (person, since, until, viewer) that gives lines in a constant
number of statements, and decides itself what this viewer may read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.archive.statistics import counted
from linbao.core import clock, dates
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound
from linbao.duties.kinds import KINDS
from linbao.duties.models import Leave, LeaveState, Obligation, State, conditions
from linbao.handling.models import Adoption
from linbao.items.models import Activity, Category, Item, Status
from linbao.management import people
from linbao.management.models import MeetingPerson, MeetingState, PartState, Presence, Removal, TaskPart
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.people import name_of
from linbao.organisation.tree import tree

REPORTING = (Role.REPORTER, Role.GROUP_LEADER)
MOST_LINES = 60  # of a section; what is over is counted in a last line
EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True)
class Line:
    """One fact, with the day it belongs to (None: the whole period) and the page that it comes from ("" where the
    viewer may not open it)."""

    at: date | None
    text: str
    link: str = ""
    clause: str = ""


Reads = Callable[[User, date, date, User], list[Line]]


@dataclass(frozen=True)
class Section:
    """A heading of the file and what reads its lines."""

    code: str
    name: str | Promise
    clause: str
    reads: Reads


def moments(since: date, until: date, person: User) -> tuple[datetime, datetime]:
    """From the first moment of `since` to the first after `until`, in the zone of the person's unit."""
    zone = clock.zone(people.zone(person))
    return datetime.combine(since, time(), zone), datetime.combine(until + timedelta(days=1), time(), zone)


def day_of(moment: datetime) -> date:
    """The day of a moment, in the installation's zone."""
    return clock.local(moment).date()


def _appointment(person: User, since: date, until: date, viewer: User) -> list[Line]:
    rows = RoleGrant.objects.filter(user=person, starts__lte=until).filter(Q(ends__isnull=True) | Q(ends__gte=since))
    link = reverse("accounts:person", args=[person.pk]) if viewer.has_perm("people.view") else ""
    lines = []
    for grant in rows.order_by("starts", "role"):
        details = {"role": Role(grant.role).label, "unit": name_of(tree().get(grant.unit_id)), "day": grant.ends}
        message = _("任%(unit)s%(role)s，至 %(day)s") if grant.ends else _("任%(unit)s%(role)s，至今")
        lines.append(Line(grant.starts, message % details, link, "5.3.2"))
    return lines


def _work(person: User, since: date, until: date, viewer: User) -> list[Line]:
    first, after = moments(since, until, person)
    filed = Item.objects.filter(
        counted.ITEMS["submitted"].where, reporter=person, reported_at__gte=first, reported_at__lt=after
    )
    sums = filed.values("category").annotate(
        n=Count("pk"),
        passed=Count("pk", filter=counted.ITEMS["first_pass"].where),
        judged=Count("pk", filter=counted.ITEMS["judged"].where),
        closed=Count("pk", filter=Q(status=Status.CLOSED)),
        urgent=Count("pk", filter=Q(urgent=True)),
    )
    lines = []
    for row in sorted(sums, key=lambda r: Category.values.index(r["category"])):
        message = _(
            "%(category)s %(n)d 条，有首次审核结论 %(judged)d 条，其中一次通过"
            " %(passed)d 条，已归档 %(closed)d 条，紧急 %(urgent)d 条"
        )
        details = row | {"category": Category(row["category"]).label}
        query = {
            "reporter": person.pk,
            "category": row["category"],
            "figure": "submitted",
            "since": since,
            "until": until,
        }
        lines.append(Line(None, message % details, "/archive/?" + urlencode(query), "5.2.1"))
    activities = Activity.objects.filter(reporter=person, starts_at__gte=first, starts_at__lt=after)
    if n := activities.count():
        lines.append(Line(None, _("走访、座谈等收集活动 %(n)d 次") % {"n": n}, reverse("items:activities"), "2.1.1"))
    adopted = Adoption.objects.filter(
        item__reporter=person, confirmed_at__gte=first, confirmed_at__lt=after
    ).select_related("item")
    for adoption in adopted.order_by("-confirmed_at")[:20]:
        message = _("信息被采用（%(kind)s）：%(number)s") % {
            "kind": adoption.get_kind_display(),
            "number": adoption.item.number,
        }
        link = reverse("items:item", args=[adoption.item_id])
        day = day_of(adoption.confirmed_at) if adoption.confirmed_at else None
        lines.append(Line(day, message, link, "7.1.1"))
    return lines


def _timeliness(person: User, since: date, until: date, viewer: User) -> list[Line]:
    first, after = moments(since, until, person)
    state = conditions()
    sums = (
        Obligation.objects.filter(owner=person, due_at__gte=first, due_at__lt=after)
        .values("kind")
        .annotate(
            n=Count("pk"),
            met=Count("pk", filter=state[State.MET]),
            late=Count("pk", filter=state[State.LATE]),
            missed=Count("pk", filter=state[State.MISSED] | state[State.OVERDUE]),
            waived=Count("pk", filter=state[State.WAIVED]),
        )
        .order_by("kind")
    )
    lines = []
    for row in sums:
        kind = KINDS.get(row["kind"])
        message = _("%(name)s %(n)d 项：按时 %(met)d，迟办 %(late)d，未办 %(missed)d，免除 %(waived)d")
        query = {"owner": person.pk, "kind": row["kind"], "since": since, "until": until}
        lines.append(
            Line(
                None,
                message % (row | {"name": kind.name if kind else row["kind"]}),
                reverse("compliance:duties") + "?" + urlencode(query),
                kind.clause if kind else "",
            )
        )
    return lines


def _tasks(person: User, since: date, until: date, viewer: User) -> list[Line]:
    first, after = moments(since, until, person)
    rows = TaskPart.objects.filter(person=person, task__due_at__gte=first, task__due_at__lt=after)
    lines = []
    for part in rows.select_related("task").order_by("-task__due_at", "pk")[: MOST_LINES + 1]:
        state = part.get_state_display()
        if part.state == PartState.DONE and part.done_at and part.done_at > part.task.due_at:
            state = _("迟办")
        elif part.state == PartState.OPEN and part.task.due_at < clock.now():
            state = _("超期未办")
        message = _("%(title)s：%(state)s") % {"title": part.task.title, "state": state}
        lines.append(Line(day_of(part.task.due_at), message, reverse("management:task", args=[part.task_id]), "5.3.1"))
    return lines


def _meetings(person: User, since: date, until: date, viewer: User) -> list[Line]:
    first, after = moments(since, until, person)
    rows = MeetingPerson.objects.filter(
        person=person, meeting__starts_at__gte=first, meeting__starts_at__lt=after, meeting__state=MeetingState.HELD
    ).select_related("meeting")
    lines = []
    for row in rows.order_by("-meeting__starts_at")[: MOST_LINES + 1]:
        state = _("缺席") if row.presence == Presence.INVITED else row.get_presence_display()
        message = _("%(title)s：%(state)s") % {"title": row.meeting.title, "state": state}
        if row.report:
            message += _("，提交了工作汇报")
        link = reverse("management:meeting", args=[row.meeting_id])
        lines.append(Line(day_of(row.meeting.starts_at), message, link, "5.3.3"))
    return lines


def _leave(person: User, since: date, until: date, viewer: User) -> list[Line]:
    rows = (
        Leave.objects.filter(person=person, state=LeaveState.APPROVED).during(since, until).select_related("stand_in")
    )
    lines = []
    for row in rows.order_by("-starts")[: MOST_LINES + 1]:
        details = {"n": (row.ends - row.starts).days + 1, "who": row.stand_in.name if row.stand_in else ""}
        message = _("请假 %(n)d 天，由%(who)s代班") if row.stand_in else _("请假 %(n)d 天")
        lines.append(Line(row.starts, message % details, reverse("management:leave", args=[row.pk]), "5.3.1"))
    return lines


SECTIONS: list[Section] = [
    Section("appointment", gettext_lazy("任职情况"), "5.3.2", _appointment),
    Section("work", gettext_lazy("工作完成情况"), "5.2.1", _work),
    Section("timeliness", gettext_lazy("及时性"), "1.3.2", _timeliness),
    Section("tasks", gettext_lazy("任务"), "5.3.1", _tasks),
    Section("meetings", gettext_lazy("会议"), "5.3.3", _meetings),
    Section("leave", gettext_lazy("请假"), "5.3.1", _leave),
]


def find(viewer: User, person_id: UUID) -> User:
    """Somebody whose file `viewer` may open: their own, or of people in the units that they lead. `NotFound` for
    others, and when its time was over and it was removed."""
    person = User.objects.filter(pk=person_id).first()
    if person is None or not viewer.has_perm("work_file.view", person):
        raise NotFound(_("没有这份工作档案。"))
    if not RoleGrant.objects.filter(user=person, role__in=REPORTING).exists():
        raise NotFound(_("没有这份工作档案。"))
    return person


def kept_from(person: User) -> date:
    """The first day that the file still holds: after a removal, only what came later."""
    removed = Removal.objects.filter(person=person).values_list("at", flat=True).first()
    return day_of(removed) + timedelta(days=1) if removed else EARLIEST


def read(viewer: User, person: User, since: date, until: date) -> list[dict[str, Any]]:
    """The sections of the file over some days, each with its lines; empty ones too, so that one sees what is lacking.
    As many statements as there are sections, whatever they hold."""
    allow(viewer, "work_file.view", person)
    since = max(since, kept_from(person))
    rows = []
    for section in SECTIONS:
        lines = section.reads(person, since, until, viewer) if since <= until else []
        rows.append({"section": section, "lines": lines[:MOST_LINES], "more": len(lines) > MOST_LINES})
    return rows


def period(since: str, until: str) -> tuple[date, date]:
    """Two days from an address; the running half-year without. Raises `Invalid`."""
    today = clock.today()
    try:
        first = dates.day(since) if since else date(today.year, 1 if today.month < 7 else 7, 1)
        last = dates.day(until) if until else today
        if not EARLIEST <= first <= last <= date(2200, 1, 1):
            raise ValueError
    except ValueError as e:
        raise Invalid(fields={"since": [_("请填写正确的起止日期。")]}) from e
    return first, last


# --- the list of files --------------------------------------------------------------------------------


def listed(viewer: User, *, state: str = "") -> QuerySet[User]:
    """People whose files `viewer` may open, those serving by default; `state` "left": those who no longer report."""
    led = viewer.rights.units(Role.MANAGER, Role.GROUP_LEADER)
    grants = RoleGrant.objects.filter(role__in=REPORTING)
    seen = Q(pk__in=grants.filter(unit__in_array=led).values("user"))
    if viewer.rights.has(*REPORTING):
        seen |= Q(pk=viewer.pk)
    serving = RoleGrant.objects.current().filter(role__in=REPORTING).values("user")
    rows = User.objects.filter(seen)
    rows = rows.exclude(pk__in=serving) if state == "left" else rows.filter(pk__in=serving)
    rows = rows.exclude(Q(pk__in=Removal.objects.values("person")) & ~Q(pk__in=serving))
    return rows


def last_days(person_ids: list[UUID]) -> dict[UUID, date | None]:
    """The last day in post of each of these people, None while a grant runs without end; one statement."""
    rows = RoleGrant.objects.filter(user__in=person_ids, role__in=REPORTING).values("user")
    rows = rows.annotate(last=Max("ends"), open=Count("pk", filter=Q(ends__isnull=True)))
    return {r["user"]: None if r["open"] else r["last"] for r in rows}
