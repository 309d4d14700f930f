"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.appraisal.models import Appraisal, Cycle, CycleState, Proposal, ProposalState
from linbao.audit import wording
from linbao.compliance import services as compliance
from linbao.compliance.inspection import MET, NONE, OWED, Behind, Duty, Facts, Finding, Number, finding
from linbao.core.figures import COMPLIANCE, figure
from linbao.organisation.models import User

HALF = lazy("每半年")


@figure(
    "c-cycles",
    COMPLIANCE,
    lazy("组织考核"),
    lazy("期间组织的考核中，指标已由条目和应办事项计算的次数；被重新考核代替的不计"),
    unit=lazy("次"),
    source=lazy("考核周期"),
    clause="5.2.1",
)
def _counted(f: Facts) -> Finding:
    """Cycles opened in the period whose figures are counted."""
    rows = Cycle.objects.filter(f.during("opened_at"), unit__in_array=f.communities, counted_at__isnull=False).exclude(
        state=CycleState.SUPERSEDED
    )
    n = rows.count()
    behind = Behind(rows, "opened_at", lambda r: f"{r.half:%Y-%m}", Cycle.objects.visible_to, "appraisal:cycle")
    return finding(
        MET if n else NONE,
        Number(_("本期组织考核 %(n)d 次") % {"n": n}, behind=behind),
        Number(_("指标全部由条目和应办事项计算，可逐项打开")),
    )


@figure(
    "c-proposals",
    COMPLIANCE,
    lazy("考核结果的运用"),
    lazy("期间由考核结果提出的建议，及其中待决定的；撤回的不计；有待决定的为待办"),
    unit=lazy("项"),
    source=lazy("考核建议"),
    clause="5.2.3",
)
def _proposed(f: Facts) -> Finding:
    """Proposals of results told in the period, and how many wait for a decision."""
    rows = Proposal.objects.filter(f.during("at"), appraisal__cycle__unit__in_array=f.communities).exclude(
        state=ProposalState.WITHDRAWN
    )
    waiting = rows.filter(state=ProposalState.PROPOSED)
    n, open_ = rows.count(), waiting.count()

    def seen(user: User) -> QuerySet[Proposal]:
        return Proposal.objects.filter(appraisal__in=Appraisal.objects.visible_to(user))

    def label(row: Proposal) -> str:
        return f"{row.get_kind_display()} · {row.get_state_display()}"

    return finding(
        OWED if open_ else MET if n else NONE,
        Number(_("考核结果提出建议 %(n)d 项") % {"n": n}, behind=Behind(rows, "at", label, seen)),
        Number(_("待决定 %(open)d 项") % {"open": open_}, behind=Behind(waiting, "at", label, seen)),
    )


def register() -> None:
    """Called once, when the room is made ready."""
    department, everybody = compliance.DEPARTMENT, lazy("管理部门、组长、报告员")
    compliance.add("5.2.1", Duty(lazy("按数量、质量、及时、准确、反馈五项指标考核"), department, HALF, fact=_counted))
    compliance.add(
        "5.2.2",
        Duty(lazy("每半年组织一次全面考核"), department, HALF, ("appraisal_open",)),
        Duty(lazy("自评、互评、上级评价"), everybody, HALF, ("appraisal_self", "appraisal_peer", "appraisal_superior")),
        Duty(lazy("告知结果，答复申诉"), department, HALF, ("appraisal_publish", "appraisal_objection")),
    )
    compliance.add("5.2.3", Duty(lazy("优秀者表彰，不称职者批评教育或调整岗位"), department, HALF, fact=_proposed))
    wording.add(
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
            "half": lazy("考核期"),
            "halves": lazy("考核期"),
            "rules_version": lazy("规则版本"),
            "version": lazy("版本"),
            "before": lazy("原等次"),
            "after": lazy("新等次"),
            "upheld": lazy("申诉成立"),
            "state": lazy("决定"),
        },
    )
