"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.appraisal.models import Cycle, CycleState, Proposal, ProposalState
from linbao.archive import compliance
from linbao.audit import words
from linbao.units.tree import tree

HALF = lazy("每半年")


def _counted(f: compliance.Facts) -> tuple[str, str, str]:
    """Cycles opened in the period, with how many people each figure was counted for."""
    made = Cycle.objects.filter(
        unit__in_array=tree().communities(f.unit), opened_at__range=compliance.span(f.period)
    ).exclude(state=CycleState.SUPERSEDED)
    n = made.filter(counted_at__isnull=False).count()
    told = _("本期组织考核 %(n)d 次，指标全部由条目和应办事项计算，可逐项打开") % {"n": n}
    return (compliance.MET if n else compliance.NONE), told, "/appraisal/"


def _proposed(f: compliance.Facts) -> tuple[str, str, str]:
    """Proposals of results told in the period, and how many wait for a decision."""
    rows = Proposal.objects.filter(
        appraisal__cycle__unit__in_array=tree().communities(f.unit), at__range=compliance.span(f.period)
    ).exclude(state=ProposalState.WITHDRAWN)
    n, open_ = rows.count(), rows.filter(state=ProposalState.PROPOSED).count()
    told = _("考核结果提出建议 %(n)d 项，待决定 %(open)d 项") % {"n": n, "open": open_}
    return (compliance.DUE if open_ else compliance.MET if n else compliance.NONE), told, "/appraisal/"


def register() -> None:
    """Called once, when the room is made ready."""
    department, everybody = compliance.DEPARTMENT, lazy("管理部门、组长、报告员")
    compliance.add(
        "5.2.1", compliance.Duty(lazy("按数量、质量、及时、准确、反馈五项指标考核"), department, HALF, fact=_counted)
    )
    compliance.add(
        "5.2.2",
        compliance.Duty(lazy("每半年组织一次全面考核"), department, HALF, ("appraisal_open",)),
        compliance.Duty(
            lazy("自评、互评、上级评价"), everybody, HALF, ("appraisal_self", "appraisal_peer", "appraisal_superior")
        ),
        compliance.Duty(lazy("告知结果，答复申诉"), department, HALF, ("appraisal_publish", "appraisal_objection")),
    )
    compliance.add(
        "5.2.3", compliance.Duty(lazy("优秀者表彰，不称职者批评教育或调整岗位"), department, HALF, fact=_proposed)
    )
    words.add(
        lazy("考核"),
        {
            "appraisal.open": lazy("组织考核"),
            "appraisal.publish": lazy("告知考核结果"),
            "appraisal.reopen": lazy("重新考核"),
            "appraisal.calibrate": lazy("审定等次"),
            "appraisal.object": lazy("提出考核申诉"),
            "appraisal.decide": lazy("答复考核申诉"),
            "appraisal.proposal": lazy("决定考核建议"),
            "appraisal.rules": lazy("修改考核规则"),
            "appraisal.cap": lazy("限定考核等次"),
            "appraisal.lift_cap": lazy("取消等次限定"),
            "appraisal.export": lazy("导出考核结果"),
        },
        {"appraisal.cycle": lazy("考核周期"), "appraisal.appraisal": lazy("考核结果")},
        {
            "half": lazy("考核期"), "halves": lazy("考核期"), "rules_version": lazy("规则版本"), "version": lazy("版本"),
            "before": lazy("原等次"), "after": lazy("新等次"), "upheld": lazy("申诉成立"), "state": lazy("决定"),
        },
    )  # fmt: skip
