"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.archive import compliance
from linbao.archive.compliance import Duty, Facts
from linbao.audit import words
from linbao.base import clock
from linbao.management.models import Problem
from linbao.management.work_file import REPORTING
from linbao.units.models import RoleGrant
from linbao.units.tree import tree


def _files(f: Facts) -> tuple[str, str, str]:
    held = RoleGrant.objects.current().filter(unit__in_array=tree().within(f.unit), role__in=REPORTING)
    n = held.values("user").distinct().count()
    if not n:
        return compliance.NONE, _("本单位没有报告员"), ""
    return compliance.MET, _("%(n)d 名报告员各有一份工作档案，由系统自动汇集") % {"n": n}, reverse("management:files")


def _problems(f: Facts) -> tuple[str, str, str]:
    zone = clock.zone(tree().setting(f.unit, "time_zone"))
    since = datetime.combine(f.period.since, time(), zone)
    until = datetime.combine(f.period.until + timedelta(days=1), time(), zone)
    rows = Problem.objects.filter(unit__in_array=tree().within(f.unit), raised_at__gte=since, raised_at__lt=until)
    states = list(rows.values_list("state", "due_at"))
    if not states:
        return compliance.NONE, _("本期没有提出问题"), reverse("management:problems")
    open_ = [due for state, due in states if state == "open"]
    late = sum(due < clock.now() for due in open_)
    told = _("提出问题 %(n)d 个，已有结果 %(done)d 个，超期 %(late)d 个") % {
        "n": len(states),
        "done": len(states) - len(open_),
        "late": late,
    }
    state = compliance.OVERDUE if late else compliance.DUE if open_ else compliance.MET
    return state, told, reverse("management:problems")


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
    words.add(
        lazy("任务、会议与工作档案"),
        {
            "task.give": lazy("布置任务"), "task.take_back": lazy("收回一人的任务"), "task.end": lazy("收回任务"),
            "series.start": lazy("设置重复任务"), "series.stop": lazy("停止重复任务"), "leave.approved": lazy("批准请假"),
            "leave.refused": lazy("不批准请假"), "leave.cancel": lazy("取消请假"), "meeting.call": lazy("召集会议"),
            "meeting.hold": lazy("记录会议"), "meeting.cancel": lazy("取消会议"), "minutes.issue": lazy("签发会议纪要"),
            "opinion.give": lazy("提出意见建议"), "opinion.answer": lazy("答复意见建议"), "problem.raise": lazy("列入问题清单"),
            "problem.close": lazy("公布问题结果"), "work_file.export": lazy("导出工作档案"), "work_file.remove": lazy("到期删除工作档案"),
            "management.export": lazy("导出任务会议清单"),
        },
        {
            "management.task": lazy("任务"), "management.series": lazy("重复任务"), "duties.leave": lazy("请假"),
            "management.meeting": lazy("会议"), "management.opinion": lazy("意见建议"), "management.problem": lazy("问题"),
        },
        {
            "people": lazy("人数"), "group": lazy("整个小组"), "person": lazy("人员编号"), "moved": lazy("转交待办"),
            "waived": lazy("免除待办"), "back": lazy("转回待办"), "version": lazy("版本"), "rhythm": lazy("重复"), "state": lazy("状态"),
            "last_day": lazy("最后一天"), "tab": lazy("类别"), "unit": lazy("单位"),
        },
    )  # fmt: skip
