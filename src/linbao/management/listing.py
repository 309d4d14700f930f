"""Lists of tasks, meetings, problems, opinions and leave: filters, order, pages and export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core import clock
from linbao.core.listing import Choice, Column, Listing, Search, Tab, contains
from linbao.duties.models import Leave, LeaveState, Obligation
from linbao.management import people
from linbao.management.models import (
    Meeting,
    MeetingState,
    Opinion,
    PartState,
    Problem,
    ProblemState,
    Task,
    TaskPart,
    TaskState,
)
from linbao.organisation.models import Role, User
from linbao.organisation.people import UnitFilter, name_of
from linbao.organisation.tree import tree

Values = Mapping[str, Any]


class LedUnit(UnitFilter):
    """One of the units that one leads."""

    def pairs(self, user: User) -> list[tuple[str, str]]:
        return [(str(u.pk), u.name) for u in people.led_by(user)]


def _filters(label: Any, column: str, states: Any, narrow: Any) -> tuple[Any, ...]:
    """What every list here is narrowed by: text in `column`, unit, state."""
    return (
        Search("q", label, contains(column)),
        LedUnit("unit", narrow="unit__in_array"),
        Choice("state", gettext_lazy("状态"), narrow, every=gettext_lazy("全部状态"), options=states),
    )


def _unit(unit_id: UUID) -> str:
    return name_of(tree().get(unit_id))


def _zone(user: User, row: Any) -> str | None:
    return people.zone(user)


def _leads(user: User) -> bool:
    return user.rights.has(Role.MANAGER, Role.GROUP_LEADER)


# --- tasks -------------------------------------------------------------------------------------------


def _tasks(user: User, values: Values) -> QuerySet[Task]:
    rows, tab, state = Task.objects.visible_to(user), values["tab"], values["state"]
    mine = TaskPart.objects.filter(task=OuterRef("pk"), person=user)
    if tab == "mine":
        deputised = Obligation.objects.stood_by(user).open().filter(kind="task", subject_id=OuterRef("pk"))
        rows = rows.filter(Exists(mine.filter(state=PartState.OPEN)) | Exists(deputised), state=TaskState.OPEN)
    elif tab == "given":
        led = user.rights.units(Role.MANAGER, Role.GROUP_LEADER)
        rows = rows.filter(Q(given_by=user) | Q(unit__in_array=led))
        if not state:
            rows = rows.filter(state=TaskState.OPEN)
    elif not state:
        rows = rows.filter(~Q(state=TaskState.OPEN) | Exists(mine.filter(state=PartState.DONE)))
    if state == "overdue":
        rows = rows.filter(state=TaskState.OPEN, due_at__lt=clock.now())
    elif state:
        rows = rows.filter(state=state)
    rows = rows.select_related("given_by")
    return rows.annotate(
        shares=Count("parts", filter=~Q(parts__state=PartState.TAKEN_BACK)),
        finished=Count("parts", filter=Q(parts__state=PartState.DONE)),
    )


TASK_TABS = {"mine": gettext_lazy("我的任务"), "given": gettext_lazy("布置的任务"), "ended": gettext_lazy("已结束")}


def _task_tabs(user: User) -> list[tuple[str, Any]]:
    return [(code, name) for code, name in TASK_TABS.items() if code != "given" or _leads(user)]


def _task_order(values: Values) -> str:
    return "-due" if values["tab"] == "ended" or values["state"] in ("done", "ended") else "due"


TASKS = Listing(
    name="tasks",
    title=gettext_lazy("任务"),
    action="management.export",
    url="management:tasks",
    export_url="management:tasks-export",
    rows=_tasks,
    filters=(
        Tab("tab", gettext_lazy("范围"), options=_task_tabs, codes=frozenset(TASK_TABS)),
        *_filters(
            gettext_lazy("搜索任务"),
            "title",
            {
                "open": gettext_lazy("进行中"),
                "overdue": gettext_lazy("已超期"),
                "done": gettext_lazy("已完成"),
                "ended": gettext_lazy("已收回"),
            }.items(),
            None,
        ),
    ),
    columns=(
        Column("title", gettext_lazy("任务"), lambda t: t.title, 40),
        Column("unit", gettext_lazy("单位"), lambda t: _unit(t.unit_id), 20),
        Column("by", gettext_lazy("布置人"), lambda t: t.given_by.name, 12),
        Column("due", gettext_lazy("期限"), lambda t: t.due_at, 18, sort="due_at"),
        Column("state", gettext_lazy("状态"), lambda t: t.get_state_display(), 10),
        Column("finished", gettext_lazy("已完成人数"), lambda t: t.finished, 12),
        Column("shares", gettext_lazy("人数"), lambda t: t.shares, 8),
        Column("given", gettext_lazy("布置时间"), lambda t: t.given_at, 18, sort="given_at"),
    ),
    sort=_task_order,
    zone=_zone,
)


# --- meetings, problems, opinions ---------------------------------------------------------------------


def _meetings(user: User, values: Values) -> QuerySet[Meeting]:
    rows = Meeting.objects.visible_to(user).select_related("called_by")
    return rows.annotate(
        invited=Count("people", distinct=True),
        present=Count("people", filter=Q(people__presence="present"), distinct=True),
        issued=Count("minutes", distinct=True),
    )


MEETINGS = Listing(
    name="meetings",
    title=gettext_lazy("会议"),
    action="management.export",
    url="management:meetings",
    export_url="management:meetings-export",
    rows=_meetings,
    filters=_filters(gettext_lazy("搜索会议名称"), "title", MeetingState.choices, "state"),
    columns=(
        Column("title", gettext_lazy("会议名称"), lambda m: m.title, 36),
        Column("unit", gettext_lazy("单位"), lambda m: _unit(m.unit_id), 20),
        Column("starts", gettext_lazy("时间"), lambda m: m.starts_at, 18, sort="starts_at"),
        Column("place", gettext_lazy("地点"), lambda m: m.place, 24),
        Column("by", gettext_lazy("召集人"), lambda m: m.called_by.name, 12),
        Column("state", gettext_lazy("状态"), lambda m: m.get_state_display(), 10),
        Column("invited", gettext_lazy("应到"), lambda m: m.invited, 8),
        Column("present", gettext_lazy("实到"), lambda m: m.present, 8),
        Column("minutes", gettext_lazy("纪要"), lambda m: _("已签发") if m.issued else "", 10),
    ),
    sort="-starts",
    zone=_zone,
)


def _problem_state(rows: Any, state: str) -> Any:
    return rows.open().filter(due_at__lt=clock.now()) if state == "overdue" else rows.filter(state=state)


PROBLEMS = Listing(
    name="problems",
    title=gettext_lazy("问题清单"),
    action="management.export",
    url="management:problems",
    export_url="management:problems-export",
    rows=lambda user, values: Problem.objects.visible_to(user).select_related("owner", "meeting"),
    filters=_filters(
        gettext_lazy("搜索问题"), "title", [*ProblemState.choices, ("overdue", gettext_lazy("已超期"))], _problem_state
    ),
    columns=(
        Column("title", gettext_lazy("问题"), lambda p: p.title, 40),
        Column("unit", gettext_lazy("单位"), lambda p: _unit(p.unit_id), 20),
        Column("owner", gettext_lazy("负责人"), lambda p: p.owner.name, 12),
        Column("raised", gettext_lazy("提出时间"), lambda p: p.raised_at, 18, sort="raised_at"),
        Column("due", gettext_lazy("期限"), lambda p: p.due_at, 18, sort="due_at"),
        Column("state", gettext_lazy("状态"), lambda p: p.get_state_display(), 10),
        Column("result", gettext_lazy("解决情况"), lambda p: p.result, 50),
        Column("meeting", gettext_lazy("来自会议"), lambda p: p.meeting.title if p.meeting else "", 30),
    ),
    sort="-raised",
    zone=_zone,
)


OPINIONS = Listing(
    name="opinions",
    title=gettext_lazy("意见建议"),
    action="management.export",
    url="management:opinions",
    export_url="management:opinions-export",
    rows=lambda user, values: Opinion.objects.visible_to(user).select_related("author", "problem"),
    filters=_filters(
        gettext_lazy("搜索意见建议"),
        "comment",
        {"open": gettext_lazy("待答复"), "answered": gettext_lazy("已答复")}.items(),
        lambda rows, state: rows.filter(answered_at__isnull=state == "open"),
    ),
    columns=(
        Column("day", gettext_lazy("日期"), lambda o: o.day, 12, sort="day"),
        Column("unit", gettext_lazy("单位"), lambda o: _unit(o.unit_id), 20),
        Column("author", gettext_lazy("提出人"), lambda o: _("匿名") if o.anonymous else o.author.name, 12),
        Column("comment", gettext_lazy("意见建议"), lambda o: o.comment, 60),
        Column("answer", gettext_lazy("答复"), lambda o: o.answer, 60),
        Column("problem", gettext_lazy("转为问题"), lambda o: _("是") if hasattr(o, "problem") else "", 10),
    ),
    sort="-day",
    zone=_zone,
)


# --- leave --------------------------------------------------------------------------------------------


def _leaves(user: User, values: Values) -> QuerySet[Leave]:
    rows = Leave.objects.visible_to(user).select_related("person", "stand_in")
    if values["tab"] == "mine":
        return rows.filter(person=user)
    rows = rows.exclude(person=user)
    return rows.filter(state=LeaveState.ASKED) if values["tab"] == "decide" else rows


LEAVE_TABS = {
    "mine": gettext_lazy("我的请假"),
    "decide": gettext_lazy("待我审批"),
    "others": gettext_lazy("同事请假与代班"),
}


def _leave_tabs(user: User) -> list[tuple[str, Any]]:
    return [(code, name) for code, name in LEAVE_TABS.items() if code != "decide" or _leads(user)]


LEAVES = Listing(
    name="leave",
    title=gettext_lazy("请假"),
    action="management.export",
    url="management:leaves",
    export_url="management:leave-export",
    rows=_leaves,
    filters=(
        Tab("tab", gettext_lazy("范围"), options=_leave_tabs, codes=frozenset(LEAVE_TABS)),
        *_filters(gettext_lazy("搜索姓名"), "person__name", LeaveState.choices, "state"),
    ),
    columns=(
        Column("person", gettext_lazy("请假人"), lambda r: r.person.name, 12),
        Column("unit", gettext_lazy("单位"), lambda r: _unit(r.unit_id), 20),
        Column("kind", gettext_lazy("事由"), lambda r: r.get_kind_display(), 12),
        Column("starts", gettext_lazy("自"), lambda r: r.starts, 12, sort="starts"),
        Column("ends", gettext_lazy("至"), lambda r: r.ends, 12),
        Column("days", gettext_lazy("天数"), lambda r: (r.ends - r.starts).days + 1, 8),
        Column("stand_in", gettext_lazy("代班人"), lambda r: r.stand_in.name if r.stand_in else "", 12),
        Column("state", gettext_lazy("状态"), lambda r: r.get_state_display(), 10),
    ),
    sort=lambda values: "starts" if values["tab"] == "decide" else "-starts",
    zone=_zone,
)
