"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.archive import compliance
from linbao.archive.compliance import DUE, MET, NONE, Duty, Facts
from linbao.audit import words
from linbao.units.models import Role
from linbao.units.tree import tree


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
    words.add(
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
        {"year": gettext_lazy("年度"), "amount": gettext_lazy("金额"), "digest": gettext_lazy("摘要"), "part": gettext_lazy("部分")},
    )  # fmt: skip


def _contributions(f: Facts) -> tuple[str, str, str]:
    from linbao.conduct.models import Contribution

    start, end = compliance.span(f.period)
    rows = Contribution.objects.filter(
        community__in=tree().communities(f.unit), recorded_at__gte=start, recorded_at__lt=end
    )
    open_, done = rows.filter(confirmed_at__isnull=True).count(), rows.filter(confirmed_at__isnull=False).count()
    told = _("已确认 %(done)d 项，待确认 %(open)d 项") % {"done": done, "open": open_}
    return (DUE if open_ else MET if done else NONE), told, f.link("/rewards/contributions/", "contribution.view")


def _awards(f: Facts) -> tuple[str, str, str]:
    from linbao.conduct.models import Award

    start, end = compliance.span(f.period)
    n = Award.objects.filter(
        community__in=tree().communities(f.unit), decided_at__gte=start, decided_at__lt=end
    ).count()
    return (MET if n else NONE), _("表彰奖励 %(n)d 项；标准按已确认的贡献值确定") % {"n": n}, "/rewards/"


def _cases(*kinds: str) -> Callable[[Facts], tuple[str, str, str]]:
    def fact(f: Facts) -> tuple[str, str, str]:
        """Whether the procedure runs; how many there were is for managers and auditors alone (1.3.4)."""
        from linbao.conduct.models import Case, CaseState

        start, end = compliance.span(f.period)
        rows = Case.objects.filter(
            community__in=tree().communities(f.unit), kind__in=kinds, opened_at__gte=start, opened_at__lt=end
        )
        if not f.user.rights.has(Role.MANAGER, Role.AUDITOR):
            return NONE, _("登记、申辩、认定、处分、申诉按程序办理，内容只对相关人员公开"), "/cases/"
        states = list(rows.values_list("state", flat=True)[:1000])
        going = sum(s in (CaseState.OPEN, CaseState.DECIDED, CaseState.APPEALED) for s in states)
        told = _("立案 %(n)d 件，其中办理中 %(going)d 件；内容只对相关人员公开") % {"n": len(states), "going": going}
        return (DUE if going else MET if states else NONE), told, "/cases/"

    return fact
