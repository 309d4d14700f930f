"""Lists of tasks, meetings, problems, opinions and leave: filters, order, pages and export."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.http import as_uuid
from linbao.core.listing import Cursor
from linbao.core.problems import Invalid
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
from linbao.organisation.people import name_of
from linbao.organisation.tree import tree

PAGE = 50


@dataclass(frozen=True)
class Given:
    """What a list was asked for; empty means all."""

    tab: str = ""
    state: str = ""
    unit: UUID | None = None
    q: str = ""
    cursor: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any], *, tabs: Mapping[str, Any], states: Mapping[str, Any]) -> Given:
        """From a query string; raises `Invalid` with a message for each value that is none."""
        errors: dict[str, list[str]] = {}
        for name, known in (("tab", tabs), ("state", states)):
            value = str(given.get(name) or "")
            if value and value not in known:
                errors[name] = [_("“%(value)s”不是有效的筛选条件。") % {"value": value[:40]}]
        raw = str(given.get("unit") or "")
        unit = as_uuid(raw) if raw else None
        if raw and (unit is None or tree().get(unit) is None):
            errors["unit"] = [_("没有这个单位。")]
        if errors:
            raise Invalid(_("有筛选条件无法识别，请修改后重试。"), errors)
        return cls(
            tab=str(given.get("tab") or "") or next(iter(tabs), ""),
            state=str(given.get("state") or ""),
            unit=unit,
            q=text.clean(str(given.get("q") or ""))[:60],
            cursor=str(given.get("cursor") or ""),
        )

    @property
    def active(self) -> bool:
        return bool(self.state or self.unit or self.q)


@dataclass(frozen=True)
class List:
    """One kind of list: which rows, in which order, and its columns as a spreadsheet."""

    name: str | Promise
    file: str
    tabs: Mapping[str, str | Promise]
    states: Mapping[str, str | Promise]
    rows: Callable[[User, Given], QuerySet[Any]]
    order: Callable[[Given], Cursor]
    header: Callable[[], list[str]]
    line: Callable[[Any, str | None], list[str]]
    widths: tuple[int, ...]
    visible_tabs: Callable[[User], list[str]]

    def read(self, given: Mapping[str, Any]) -> Given:
        return Given.read(given, tabs=self.tabs, states=self.states)

    def page(self, user: User, given: Given, size: int = PAGE) -> tuple[list[Any], str | None]:
        return self.order(given).page(self.rows(user, given), given.cursor, size)

    def lines(self, user: User, given: Given) -> Iterator[list[str]]:
        """The rows of the export, read page by page; on the audit log."""
        details = {"state": given.state, "unit": str(given.unit or ""), "tab": given.tab}
        audit.record(
            user, "management.export", unit_id=user.rights.home, what=self.file, filters=details, searched=bool(given.q)
        )
        return self._lines(user, given)

    def _lines(self, user: User, given: Given) -> Iterator[list[str]]:
        zone = people.zone(user)
        following: str | None = ""
        while following is not None:
            result, following = self.order(given).page(self.rows(user, given), following, 500)
            for row in result:
                yield self.line(row, zone)


def _at(moment: Any, zone: str | None) -> str:
    return clock.local(moment, zone).strftime("%Y-%m-%d %H:%M") if moment else ""


def _unit(unit_id: UUID) -> str:
    return name_of(tree().get(unit_id))


Rows = TypeVar("Rows", bound=QuerySet[Any])


def _in(rows: Rows, given: Given, field: str = "title") -> Rows:
    if given.unit:
        rows = rows.filter(unit__in_array=tree().within(given.unit))
    return rows.filter(**{f"{field}__icontains": given.q}) if given.q else rows


# --- tasks -------------------------------------------------------------------------------------------


def _tasks(user: User, given: Given) -> QuerySet[Task]:
    rows = Task.objects.visible_to(user)
    mine = TaskPart.objects.filter(task=OuterRef("pk"), person=user)
    if given.tab == "mine":
        stood = Obligation.objects.stood_by(user).open().filter(kind="task", subject_id=OuterRef("pk"))
        rows = rows.filter(Exists(mine.filter(state=PartState.OPEN)) | Exists(stood), state=TaskState.OPEN)
    elif given.tab == "given":
        led = user.rights.units(Role.MANAGER, Role.GROUP_LEADER)
        rows = rows.filter(Q(given_by=user) | Q(unit__in_array=led))
        if not given.state:
            rows = rows.filter(state=TaskState.OPEN)
    elif not given.state:
        rows = rows.filter(~Q(state=TaskState.OPEN) | Exists(mine.filter(state=PartState.DONE)))
    if given.state == "overdue":
        rows = rows.filter(state=TaskState.OPEN, due_at__lt=clock.now())
    elif given.state:
        rows = rows.filter(state=given.state)
    rows = _in(rows, given).select_related("given_by")
    return rows.annotate(
        shares=Count("parts", filter=~Q(parts__state=PartState.TAKEN_BACK)),
        finished=Count("parts", filter=Q(parts__state=PartState.DONE)),
    )


TASKS = List(
    name=gettext_lazy("任务"),
    file="tasks",
    tabs={"mine": gettext_lazy("我的任务"), "given": gettext_lazy("布置的任务"), "ended": gettext_lazy("已结束")},
    states={
        "open": gettext_lazy("进行中"),
        "overdue": gettext_lazy("已超期"),
        "done": gettext_lazy("已完成"),
        "ended": gettext_lazy("已收回"),
    },
    rows=_tasks,
    order=lambda given: Cursor("due_at", descending=given.tab == "ended" or given.state in ("done", "ended")),
    header=lambda: [_("任务"), _("单位"), _("布置人"), _("期限"), _("状态"), _("已完成人数"), _("人数"), _("布置时间")],
    line=lambda t, zone: [
        t.title,
        _unit(t.unit_id),
        t.given_by.name,
        _at(t.due_at, zone),
        t.get_state_display(),
        str(t.finished),
        str(t.shares),
        _at(t.given_at, zone),
    ],
    widths=(40, 20, 12, 18, 10, 12, 8, 18),
    visible_tabs=lambda user: (
        ["mine", "given", "ended"] if user.rights.has(Role.MANAGER, Role.GROUP_LEADER) else ["mine", "ended"]
    ),
)


# --- meetings, problems, opinions ---------------------------------------------------------------------


def _meetings(user: User, given: Given) -> QuerySet[Meeting]:
    rows = _in(Meeting.objects.visible_to(user), given).select_related("called_by")
    if given.state:
        rows = rows.filter(state=given.state)
    return rows.annotate(
        invited=Count("people", distinct=True),
        present=Count("people", filter=Q(people__presence="present"), distinct=True),
        issued=Count("minutes", distinct=True),
    )


MEETINGS = List(
    name=gettext_lazy("会议"),
    file="meetings",
    tabs={},
    states=dict(MeetingState.choices),
    rows=_meetings,
    order=lambda given: Cursor("starts_at"),
    header=lambda: [
        _("会议名称"),
        _("单位"),
        _("时间"),
        _("地点"),
        _("召集人"),
        _("状态"),
        _("应到"),
        _("实到"),
        _("纪要"),
    ],
    line=lambda m, zone: [
        m.title,
        _unit(m.unit_id),
        _at(m.starts_at, zone),
        m.place,
        m.called_by.name,
        m.get_state_display(),
        str(m.invited),
        str(m.present),
        _("已签发") if m.issued else "",
    ],
    widths=(36, 20, 18, 24, 12, 10, 8, 8, 10),
    visible_tabs=lambda user: [],
)


def _problems(user: User, given: Given) -> QuerySet[Problem]:
    rows = _in(Problem.objects.visible_to(user), given).select_related("owner", "meeting")
    if given.state == "overdue":
        return rows.open().filter(due_at__lt=clock.now())
    return rows.filter(state=given.state) if given.state else rows


PROBLEMS = List(
    name=gettext_lazy("问题清单"),
    file="problems",
    tabs={},
    states={**dict(ProblemState.choices), "overdue": gettext_lazy("已超期")},
    rows=_problems,
    order=lambda given: Cursor("raised_at"),
    header=lambda: [
        _("问题"),
        _("单位"),
        _("负责人"),
        _("提出时间"),
        _("期限"),
        _("状态"),
        _("解决情况"),
        _("来自会议"),
    ],
    line=lambda p, zone: [
        p.title,
        _unit(p.unit_id),
        p.owner.name,
        _at(p.raised_at, zone),
        _at(p.due_at, zone),
        p.get_state_display(),
        p.result,
        p.meeting.title if p.meeting else "",
    ],
    widths=(40, 20, 12, 18, 18, 10, 50, 30),
    visible_tabs=lambda user: [],
)


def _opinions(user: User, given: Given) -> QuerySet[Opinion]:
    rows = _in(Opinion.objects.visible_to(user), given, "comment").select_related("author", "problem")
    if given.state:
        rows = rows.filter(answered_at__isnull=given.state == "open")
    return rows


OPINIONS = List(
    name=gettext_lazy("意见建议"),
    file="opinions",
    tabs={},
    states={"open": gettext_lazy("待答复"), "answered": gettext_lazy("已答复")},
    rows=_opinions,
    order=lambda given: Cursor("day"),
    header=lambda: [_("日期"), _("单位"), _("提出人"), _("意见建议"), _("答复"), _("转为问题")],
    line=lambda o, zone: [
        f"{o.day:%Y-%m-%d}",
        _unit(o.unit_id),
        _("匿名") if o.anonymous else o.author.name,
        o.comment,
        o.answer,
        _("是") if hasattr(o, "problem") else "",
    ],
    widths=(12, 20, 12, 60, 60, 10),
    visible_tabs=lambda user: [],
)


# --- leave --------------------------------------------------------------------------------------------


def _leaves(user: User, given: Given) -> QuerySet[Leave]:
    rows = Leave.objects.visible_to(user).select_related("person", "stand_in")
    if given.tab == "mine":
        rows = rows.filter(person=user)
    elif given.tab == "decide":
        rows = rows.filter(state=LeaveState.ASKED).exclude(person=user)
    else:
        rows = rows.exclude(person=user)
    if given.state:
        rows = rows.filter(state=given.state)
    return _in(rows, given, "person__name")


LEAVES = List(
    name=gettext_lazy("请假"),
    file="leave",
    tabs={
        "mine": gettext_lazy("我的请假"),
        "decide": gettext_lazy("待我审批"),
        "others": gettext_lazy("同事请假与代班"),
    },
    states=dict(LeaveState.choices),
    rows=_leaves,
    order=lambda given: Cursor("starts", descending=given.tab != "decide"),
    header=lambda: [_("请假人"), _("单位"), _("事由"), _("自"), _("至"), _("天数"), _("代班人"), _("状态")],
    line=lambda r, zone: [
        r.person.name,
        _unit(r.unit_id),
        r.get_kind_display(),
        f"{r.starts:%Y-%m-%d}",
        f"{r.ends:%Y-%m-%d}",
        str((r.ends - r.starts).days + 1),
        r.stand_in.name if r.stand_in else "",
        r.get_state_display(),
    ],
    widths=(12, 20, 12, 12, 12, 8, 12, 10),
    visible_tabs=lambda user: (
        ["mine", "decide", "others"] if user.rights.has(Role.MANAGER, Role.GROUP_LEADER) else ["mine", "others"]
    ),
)
