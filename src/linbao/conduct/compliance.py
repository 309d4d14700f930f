"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.audit import wording
from linbao.compliance import services as compliance
from linbao.compliance.inspection import MET, NONE, OWED, Behind, Duty, Fact, Facts, Finding, Number, finding
from linbao.conduct.models import Award, Case, CaseState, Contribution
from linbao.core.figures import COMPLIANCE, figure


def register() -> None:
    """Called once, when the room is made ready."""
    manager, each, half = gettext_lazy("管理部门"), gettext_lazy("发生时"), gettext_lazy("每半年")
    compliance.add(
        "7.1.1",
        Duty(gettext_lazy("确认信息的贡献"), manager, half, fact=_contributions),
        Duty(gettext_lazy("按期决定表彰提名"), manager, each, ("reward_decide",)),
    )
    compliance.add("7.1.2", Duty(gettext_lazy("按贡献大小给予奖励"), manager, half, fact=_awards))
    compliance.add(
        "7.2.1", Duty(gettext_lazy("虚假、延误、泄露按程序追究"), manager, each, fact=_cases("false", "delay", "leak"))
    )
    compliance.add("7.2.2", Duty(gettext_lazy("失职造成损失的按程序追究"), manager, each, fact=_cases("neglect")))
    wording.add(
        gettext_lazy("奖励与惩罚"),
        {
            "reward.nominate": gettext_lazy("提名表彰"),
            "reward.decide": gettext_lazy("决定表彰"),
            "reward.withdraw": gettext_lazy("撤回提名"),
            "reward.budget": gettext_lazy("设定奖励预算"),
            "reward.export": gettext_lazy("导出表彰提名"),
            "ledger.export": gettext_lazy("导出奖励台账"),
            "contribution.record": gettext_lazy("登记贡献"),
            "contribution.confirm": gettext_lazy("确认贡献"),
            "contribution.reject": gettext_lazy("删除未确认的贡献"),
            "contribution.export": gettext_lazy("导出贡献"),
            "award.certificate": gettext_lazy("生成荣誉证书"),
            "award.hand_over": gettext_lazy("发放奖励"),
            "award.consent": gettext_lazy("同意在光荣榜展示"),
            "award.withdraw_consent": gettext_lazy("撤回光荣榜展示"),
            "case.open": gettext_lazy("立案"),
            "case.evidence": gettext_lazy("固定证据"),
            "case.view": gettext_lazy("查看案件"),
            "case.statement": gettext_lazy("提交陈述申辩"),
            "case.deciders": gettext_lazy("指定案件决定人"),
            "case.decide": gettext_lazy("作出处理决定"),
            "case.issue": gettext_lazy("签发处理决定书"),
            "case.appeal": gettext_lazy("提出申诉"),
            "case.decide_appeal": gettext_lazy("决定申诉"),
            "case.revoke": gettext_lazy("取消资格"),
            "case.restore": gettext_lazy("恢复资格"),
            "case.export": gettext_lazy("导出案件清单"),
        },
        {
            "conduct.nomination": gettext_lazy("表彰提名"),
            "conduct.award": gettext_lazy("奖励"),
            "conduct.budget": gettext_lazy("奖励预算"),
            "conduct.contribution": gettext_lazy("贡献"),
            "conduct.case": gettext_lazy("案件"),
        },
        {
            "year": gettext_lazy("年度"),
            "amount": gettext_lazy("金额"),
            "digest": gettext_lazy("摘要"),
            "part": gettext_lazy("部分"),
        },
    )


@figure(
    "c-contributions",
    COMPLIANCE,
    gettext_lazy("贡献"),
    gettext_lazy("期间登记的贡献中已确认和待确认的；有待确认的为待办"),
    unit=gettext_lazy("项"),
    source=gettext_lazy("贡献登记"),
    clause="7.1.1",
)
def _contributions(f: Facts) -> Finding:
    rows = Contribution.objects.filter(f.during("recorded_at"), community__in=f.communities)
    confirmed, waiting = rows.filter(confirmed_at__isnull=False), rows.filter(confirmed_at__isnull=True)
    done, open_ = confirmed.count(), waiting.count()

    def behind(part: QuerySet[Contribution]) -> Behind:
        return Behind(part, "recorded_at", lambda r: r.get_worth_display(), Contribution.objects.visible_to)

    return finding(
        OWED if open_ else MET if done else NONE,
        Number(_("已确认 %(done)d 项") % {"done": done}, behind=behind(confirmed)),
        Number(_("待确认 %(open)d 项") % {"open": open_}, behind=behind(waiting)),
    )


@figure(
    "c-awards",
    COMPLIANCE,
    gettext_lazy("表彰奖励"),
    gettext_lazy("期间决定的表彰和奖励"),
    unit=gettext_lazy("项"),
    source=gettext_lazy("奖励台账"),
    clause="7.1.2",
)
def _awards(f: Facts) -> Finding:
    rows = Award.objects.filter(f.during("decided_at"), community__in=f.communities)
    n = rows.count()
    behind = Behind(rows, "decided_at", lambda r: r.title, Award.objects.visible_to, "conduct:award")
    return finding(
        MET if n else NONE,
        Number(_("表彰奖励 %(n)d 项") % {"n": n}, behind=behind),
        Number(_("标准按已确认的贡献值确定")),
    )


@figure(
    "c-cases",
    COMPLIANCE,
    gettext_lazy("案件"),
    gettext_lazy("期间立案的件数，及其中办理中的；内容只对相关人员公开，件数对所有能看本页的人相同"),
    unit=gettext_lazy("件"),
    source=gettext_lazy("案件"),
    clause="7.2.1",
)
def _cases(*kinds: str) -> Fact:
    def fact(f: Facts) -> Finding:
        """Whether the procedure runs; what a case says is for those concerned alone (1.3.4)."""
        rows = Case.objects.filter(f.during("opened_at"), community__in=f.communities, kind__in=kinds)
        going = rows.filter(state__in=(CaseState.OPEN, CaseState.DECIDED, CaseState.APPEALED))
        n, open_ = rows.count(), going.count()

        def behind(part: QuerySet[Case]) -> Behind:
            return Behind(part, "opened_at", lambda r: r.number, Case.objects.visible_to, "conduct:case")

        return finding(
            OWED if open_ else MET if n else NONE,
            Number(_("立案 %(n)d 件") % {"n": n}, behind=behind(rows)),
            Number(_("其中办理中 %(going)d 件") % {"going": open_}, behind=behind(going)),
            Number(_("内容只对相关人员公开")),
        )

    return fact
