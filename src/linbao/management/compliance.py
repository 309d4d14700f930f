"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.audit import wording
from linbao.compliance import services as compliance
from linbao.compliance.inspection import LATE, MET, NONE, OVERDUE, OWED, Behind, Duty, Facts, Finding, Number, finding
from linbao.core import clock
from linbao.core.figures import COMPLIANCE, figure
from linbao.management.models import Problem
from linbao.management.work_files.services import REPORTING
from linbao.organisation.models import RoleGrant, User


@figure(
    "c-files",
    COMPLIANCE,
    lazy("工作档案"),
    lazy("此刻在单位任报告员或组长的人数；每人的工作档案由系统自动汇集"),
    unit=lazy("人"),
    source=lazy("任职记录"),
    clause="5.3.2",
)
def _files(f: Facts) -> Finding:
    current = RoleGrant.objects.current().filter(unit__in_array=f.units, role__in=REPORTING)
    rows = User.objects.filter(pk__in=current.values("user"))
    n = rows.count()
    if not n:
        return finding(NONE, Number(_("本单位没有报告员")))
    behind = Behind(rows, "created_at", lambda r: r.name, User.objects.visible_to)
    return finding(MET, Number(_("%(n)d 名报告员各有一份工作档案，由系统自动汇集") % {"n": n}, behind=behind))


@figure(
    "c-problems",
    COMPLIANCE,
    lazy("问题清单"),
    lazy(
        "期间列入清单的问题，其中已有结果的，及未有结果而过了期限的；有超期的为超期，有未结的为待办，结果晚于期限的为迟办"
    ),
    unit=lazy("个"),
    source=lazy("问题清单"),
    clause="5.3.3",
)
def _problems(f: Facts) -> Finding:
    rows = Problem.objects.filter(f.during("raised_at"), unit__in_array=f.units)
    now = clock.now()
    parts = {
        "all": (_("提出问题 %(n)d 个"), rows),
        "done": (_("已有结果 %(n)d 个"), rows.exclude(state="open")),
        "late": (_("迟于期限 %(n)d 个"), rows.exclude(state="open").filter(closed_at__gt=F("due_at"))),
        "overdue": (_("超期 %(n)d 个"), rows.filter(state="open", due_at__lt=now)),
    }
    n = {name: part.count() for name, (_message, part) in parts.items()}
    if not n["all"]:
        return finding(NONE, Number(_("本期没有提出问题")))
    numbers = [
        Number(
            message % {"n": n[name]},
            bad=name == "overdue" and bool(n[name]),
            behind=Behind(part, "raised_at", lambda r: r.title, Problem.objects.visible_to, "management:problem"),
        )
        for name, (message, part) in parts.items()
    ]
    state = OWED if n["all"] > n["done"] else LATE if n["late"] else MET
    return finding(OVERDUE if n["overdue"] else state, *numbers)


def register() -> None:
    """Called once, when the room is made ready."""
    leaders, department = lazy("负责人、组长"), lazy("管理部门")
    compliance.add("5.3.1", Duty(lazy("安排的任务按期完成，有指导"), leaders, lazy("日常"), ("task",)))
    compliance.add("5.3.2", Duty(lazy("每名报告员有工作档案"), department, lazy("日常"), fact=_files))
    compliance.add(
        "5.3.3",
        Duty(lazy("每月召开工作会议并有纪要"), department, lazy("每月"), ("meeting",)),
        Duty(lazy("会议提出的问题得到答复"), leaders, lazy("日常"), ("problem",)),
        Duty(lazy("问题及时解决"), department, lazy("本期"), fact=_problems),
    )
    wording.add(
        lazy("任务、会议与工作档案"),
        {
            "task.give": lazy("布置任务"),
            "task.take_back": lazy("收回一人的任务"),
            "task.end": lazy("收回任务"),
            "series.start": lazy("设置重复任务"),
            "series.stop": lazy("停止重复任务"),
            "leave.approved": lazy("批准请假"),
            "leave.refused": lazy("不批准请假"),
            "leave.cancel": lazy("取消请假"),
            "meeting.call": lazy("召集会议"),
            "meeting.hold": lazy("记录会议"),
            "meeting.cancel": lazy("取消会议"),
            "minutes.issue": lazy("签发会议纪要"),
            "opinion.give": lazy("提出意见建议"),
            "opinion.answer": lazy("答复意见建议"),
            "problem.raise": lazy("列入问题清单"),
            "problem.close": lazy("公布问题结果"),
            "work_file.export": lazy("导出工作档案"),
            "work_file.remove": lazy("到期删除工作档案"),
            "management.export": lazy("导出任务会议清单"),
        },
        {
            "management.task": lazy("任务"),
            "management.series": lazy("重复任务"),
            "duties.leave": lazy("请假"),
            "management.meeting": lazy("会议"),
            "management.opinion": lazy("意见建议"),
            "management.problem": lazy("问题"),
        },
        {
            "people": lazy("人数"),
            "group": lazy("整个小组"),
            "person": lazy("人员编号"),
            "moved": lazy("转交待办"),
            "waived": lazy("免除待办"),
            "back": lazy("转回待办"),
            "version": lazy("版本"),
            "rhythm": lazy("重复"),
            "state": lazy("状态"),
            "last_day": lazy("最后一天"),
            "tab": lazy("类别"),
            "unit": lazy("单位"),
        },
    )
