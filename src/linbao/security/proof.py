"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from linbao.archive.compliance import DUE, MET, NONE, OVERDUE, Duty, Facts, add
from linbao.audit import words
from linbao.audit.models import Block
from linbao.base import clock
from linbao.outbox.models import Delivery
from linbao.security.models import Alert, AlertState, Entry, Incident, IncidentState, SecurityRule
from linbao.units.tree import tree

OFFICER = lazy("安全保密员")
ROOT_WITHIN = timedelta(days=2)


def register() -> None:
    """Called once, when the room is made ready."""
    add(
        "6.1.1",
        Duty(lazy("安全制度经每个人阅读确认"), lazy("全体人员"), lazy("发布后 7 天内"), kinds=("rule_confirm",)),
        Duty(lazy("按日历检查和演练，含备份恢复"), OFFICER, lazy("按计划"), kinds=("security_check",)),
        Duty(lazy("逐人复核权限"), OFFICER, lazy("每季度"), kinds=("rights_review",)),
        Duty(lazy("安全事件从报告到结案"), OFFICER, lazy("4 小时内研判"), kinds=("incident",)),
        Duty(lazy("安全事件都有着落"), OFFICER, lazy("随时"), fact=_incidents),
        Duty(lazy("有安全制度在执行"), OFFICER, lazy("随时"), fact=_rules),
        Duty(lazy("审计日志成链，每天的根送出系统之外"), lazy("审计员"), lazy("每天"), fact=_chain),
    )
    add(
        "6.1.2",
        Duty(lazy("办公设备定期检查"), OFFICER, lazy("每季度"), kinds=("device_inspection",)),
        Duty(lazy("存储介质定期检查"), OFFICER, lazy("每月"), kinds=("media_inspection",)),
        Duty(lazy("检查发现的问题整改"), lazy("责任人"), lazy("5 个工作日"), kinds=("finding",)),
    )
    add("6.1.3", Duty(lazy("安全警报有人处理"), OFFICER, lazy("随时"), fact=_alerts))
    add(
        "6.2.3",
        Duty(lazy("重要场所定期检查"), OFFICER, lazy("每季度"), kinds=("place_inspection",)),
        Duty(lazy("进出登记，未获准的不得进入"), lazy("责任人"), lazy("随时"), fact=_entries),
    )
    words.add(
        lazy("信息安全"),
        {
            "alert.take": lazy("处理警报"), "alert.close": lazy("办结警报"),
            "device.register": lazy("登记设备"), "device.change": lazy("修改设备"), "device.assign": lazy("交接设备"),
            "device.lost": lazy("设备报失"), "device.found": lazy("设备找回"), "device.dispose": lazy("处置设备"),
            "check_list.change": lazy("修改检查表"), "inspection.record": lazy("记录检查"), "finding.fix": lazy("填写整改"),
            "finding.close": lazy("核验整改"), "finding.again": lazy("退回整改"), "place.save": lazy("登记场所"),
            "place.permit": lazy("准许进入场所"), "place.forbid": lazy("取消准入"), "place.enter": lazy("进入场所"),
            "place.refused": lazy("未获准进入场所"), "rule.issue": lazy("发布安全制度"), "rule.end": lazy("停用安全制度"),
            "rule.confirm": lazy("确认安全制度"), "check.plan": lazy("安排检查或演练"), "check.record": lazy("登记检查或演练结果"),
            "check.cancel": lazy("取消检查或演练"), "incident.notice": lazy("报告安全事件"), "incident.classify": lazy("研判安全事件"),
            "incident.contain": lazy("控制安全事件"), "incident.notify": lazy("记录法定告知"), "incident.close": lazy("安全事件结案"),
            "rights.review": lazy("完成权限复核"), "security.export": lazy("导出安全台账"),
        },
        {
            "security.alert": lazy("安全警报"), "security.device": lazy("设备"), "security.checklist": lazy("检查表"),
            "security.inspection": lazy("检查"), "security.finding": lazy("检查发现的问题"), "security.place": lazy("场所"),
            "security.securityrule": lazy("安全制度"), "security.securitycheck": lazy("检查与演练"),
            "security.incident": lazy("安全事件"), "security.rightsreview": lazy("权限复核"),
        },
        {
            "sessions": lazy("退出的登录"), "tokens": lazy("撤销的令牌"), "wipes": lazy("要求清除的设备"), "passed": lazy("合格"),
            "version": lazy("版本"), "personal": lazy("涉及个人信息"),
        },
    )  # fmt: skip


def _scope(facts: Facts) -> tuple[frozenset[UUID], tuple[datetime, datetime]]:
    """The unit with what lies below it, and the first and last moment of the period in the unit's zone."""
    zone = clock.zone(str(tree().setting(facts.unit, "time_zone") or ""))
    since = datetime.combine(facts.period.since, time(0), zone)
    return tree().within(facts.unit), (since, datetime.combine(facts.period.until, time.max, zone))


def _link(facts: Facts, page: str) -> str:
    """Only for who may open it."""
    perm = "security.officer" if page == "security:alerts" else "security.look"
    return facts.link(reverse(page), perm)


def _incidents(facts: Facts) -> tuple[str, str, str]:
    units, span = _scope(facts)
    rows = Incident.objects.filter(unit__in_array=units, noticed_at__range=span)
    found, open_ = rows.count(), rows.exclude(state=IncidentState.CLOSED).count()
    told = ngettext("本期 %(n)d 起，未结 %(o)d 起", "本期 %(n)d 起，未结 %(o)d 起", found) % {"n": found, "o": open_}
    return (DUE if open_ else MET if found else NONE), told, _link(facts, "security:incidents")


def _rules(facts: Facts) -> tuple[str, str, str]:
    line = [u.pk for u in tree().line(facts.unit)]
    found = SecurityRule.objects.filter(unit__in=line, active=True).count()
    if not found:
        return NONE, _("还没有发布安全制度"), _link(facts, "security:rules")
    told = ngettext("现行制度 %(n)d 项", "现行制度 %(n)d 项", found) % {"n": found}
    return MET, told, _link(facts, "security:rules")


def _chain(facts: Facts) -> tuple[str, str, str]:
    """The chain of the audit log: unbroken as far as the hourly checks know, and its root sent out of late."""
    block = Block.objects.order_by("-number").only("number", "sealed_at").first()
    if block is None:
        return NONE, _("审计日志还没有区块；后台任务运行后自动连成"), ""
    if Alert.objects.open().filter(kind="audit.tampered").exists():
        return OVERDUE, _("审计日志有断点，尚未查明"), ""
    sent = Delivery.objects.filter(key__startswith="audit-root:").order_by("-created_at").first()
    if sent is None or clock.now() - sent.created_at > ROOT_WITHIN:
        return (
            DUE,
            _("已连成 %(n)d 个区块；近两天没有送出根，请设置 LINBAO_AUDIT_MAIL 或审计员邮箱") % {"n": block.number},
            "",
        )
    return MET, _("已连成 %(n)d 个区块，定时核对无断点，每天的根已送出") % {"n": block.number}, ""


def _alerts(facts: Facts) -> tuple[str, str, str]:
    units, span = _scope(facts)
    rows = Alert.objects.filter(unit__in_array=units, opened_at__range=span)
    found, open_ = rows.count(), rows.exclude(state=AlertState.CLOSED).count()
    told = ngettext("本期警报 %(n)d 个，待处理 %(o)d 个", "本期警报 %(n)d 个，待处理 %(o)d 个", found)
    return (DUE if open_ else MET if found else NONE), told % {"n": found, "o": open_}, _link(facts, "security:alerts")


def _entries(facts: Facts) -> tuple[str, str, str]:
    units, span = _scope(facts)
    rows = Entry.objects.filter(place__unit__in_array=units, at__range=span)
    found, refused = rows.filter(refused=False).count(), rows.filter(refused=True).count()
    told = _("本期登记进入 %(n)d 次，拦下 %(r)d 次") % {"n": found, "r": refused}
    return (MET if found or refused else NONE), told, _link(facts, "security:places")
