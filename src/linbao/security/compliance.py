"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.audit import wording
from linbao.audit.models import Block
from linbao.compliance.inspection import MET, NONE, OVERDUE, OWED, Behind, Duty, Facts, Finding, Number, finding
from linbao.compliance.services import add
from linbao.core import clock
from linbao.core.figures import COMPLIANCE, figure
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.outbox.models import Delivery
from linbao.security.hosts import services as hosts
from linbao.security.models import Alert, AlertState, Entry, GuardState, Incident, IncidentState, Place, SecurityRule

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
    add(
        "6.1.3",
        Duty(lazy("防火墙、入侵检测等主机防护在运行"), OFFICER, lazy("随时"), fact=_guards),
        Duty(lazy("安全警报有人处理"), OFFICER, lazy("随时"), fact=_alerts),
    )
    add(
        "6.2.3",
        Duty(lazy("重要场所定期检查"), OFFICER, lazy("每季度"), kinds=("place_inspection",)),
        Duty(lazy("进出登记，未获准的不得进入"), lazy("责任人"), lazy("随时"), fact=_entries),
    )
    wording.add(
        lazy("信息安全"),
        {
            "alert.take": lazy("处理警报"),
            "alert.close": lazy("办结警报"),
            "device.register": lazy("登记设备"),
            "device.change": lazy("修改设备"),
            "device.assign": lazy("交接设备"),
            "device.lost": lazy("设备报失"),
            "device.found": lazy("设备找回"),
            "device.dispose": lazy("处置设备"),
            "check_list.change": lazy("修改检查表"),
            "inspection.record": lazy("记录检查"),
            "finding.fix": lazy("填写整改"),
            "finding.close": lazy("核验整改"),
            "finding.again": lazy("退回整改"),
            "place.save": lazy("登记场所"),
            "place.permit": lazy("准许进入场所"),
            "place.forbid": lazy("取消准入"),
            "place.enter": lazy("进入场所"),
            "place.refused": lazy("未获准进入场所"),
            "rule.issue": lazy("发布安全制度"),
            "rule.end": lazy("停用安全制度"),
            "rule.confirm": lazy("确认安全制度"),
            "check.plan": lazy("安排检查或演练"),
            "check.record": lazy("登记检查或演练结果"),
            "check.cancel": lazy("取消检查或演练"),
            "incident.notice": lazy("报告安全事件"),
            "incident.classify": lazy("研判安全事件"),
            "incident.contain": lazy("控制安全事件"),
            "incident.notify": lazy("记录法定告知"),
            "incident.close": lazy("安全事件结案"),
            "host.cover": lazy("登记主机防护的替代措施"),
            "host.cover_end": lazy("结束替代措施"),
            "host.cover_expire": lazy("替代措施到期"),
            "host.cover_look": lazy("下载替代措施的证明"),
            "rights.review": lazy("完成权限复核"),
            "security.export": lazy("导出安全台账"),
        },
        {
            "security.alert": lazy("安全警报"),
            "security.device": lazy("设备"),
            "security.checklist": lazy("检查表"),
            "security.inspection": lazy("检查"),
            "security.finding": lazy("检查发现的问题"),
            "security.place": lazy("场所"),
            "security.securityrule": lazy("安全制度"),
            "security.securitycheck": lazy("检查与演练"),
            "security.incident": lazy("安全事件"),
            "security.rightsreview": lazy("权限复核"),
            "security.substitute": lazy("主机防护的替代措施"),
        },
        {
            "sessions": lazy("退出的登录"),
            "tokens": lazy("撤销的令牌"),
            "wipes": lazy("要求清除的设备"),
            "passed": lazy("合格"),
            "version": lazy("版本"),
            "personal": lazy("涉及个人信息"),
            "guard": lazy("防护"),
        },
    )


@figure(
    "c-incidents",
    COMPLIANCE,
    lazy("安全事件"),
    lazy("期间报告的安全事件，及其中未结案的；有未结案的为待办，没有事件为无义务"),
    unit=lazy("起"),
    source=lazy("安全事件登记"),
    clause="6.1.1",
)
def _incidents(f: Facts) -> Finding:
    rows = Incident.objects.filter(f.during("noticed_at"), unit__in_array=f.units)
    going = rows.exclude(state=IncidentState.CLOSED)
    n, open_ = rows.count(), going.count()

    def behind(part: QuerySet[Incident]) -> Behind:
        return Behind(part, "noticed_at", lambda r: r.number, Incident.objects.visible_to, "security:incident")

    return finding(
        OWED if open_ else MET if n else NONE,
        Number(_("本期 %(n)d 起") % {"n": n}, behind=behind(rows)),
        Number(_("未结 %(o)d 起") % {"o": open_}, behind=behind(going)),
    )


@figure(
    "c-rules",
    COMPLIANCE,
    lazy("现行安全制度"),
    lazy("此刻对本单位有效的安全制度，包括上级单位发布的；没有为无义务"),
    unit=lazy("项"),
    source=lazy("安全制度"),
    clause="6.1.1",
)
def _rules(f: Facts) -> Finding:
    rows = SecurityRule.objects.filter(unit__in=[u.pk for u in tree().line(f.unit)], active=True)
    n = rows.count()
    if not n:
        return finding(NONE, Number(_("还没有发布安全制度")))
    behind = Behind(rows, "made_at", lambda r: r.title, SecurityRule.objects.visible_to, "security:rule")
    return finding(MET, Number(_("现行制度 %(n)d 项") % {"n": n}, behind=behind))


@figure(
    "c-chain",
    COMPLIANCE,
    lazy("审计日志的链"),
    lazy("此刻已连成的区块数；有断点为超期，近两天没有把根送出为待办；整个系统一条链，各单位相同"),
    unit=lazy("个"),
    source=lazy("审计日志、发送记录"),
    clause="6.1.1",
)
def _chain(f: Facts) -> Finding:
    """The chain of the audit log: unbroken as far as the hourly checks know, and its root sent out of late."""
    block = Block.objects.order_by("-number").only("number", "sealed_at").first()
    if block is None:
        return finding(NONE, Number(_("审计日志还没有区块；后台任务运行后自动连成")))
    if Alert.objects.open().filter(kind="audit.tampered").exists():
        return finding(OVERDUE, Number(_("审计日志有断点，尚未查明"), bad=True))
    sent = Delivery.objects.filter(key__startswith="audit-root:").order_by("-created_at").first()
    chained = Number(_("已连成 %(n)d 个区块") % {"n": block.number})
    if sent is None or clock.now() - sent.created_at > ROOT_WITHIN:
        return finding(OWED, chained, Number(_("近两天没有送出根，请设置 LINBAO_AUDIT_MAIL 或审计员邮箱")))
    return finding(MET, chained, Number(_("定时核对无断点，每天的根已送出")))


@figure(
    "c-guards",
    COMPLIANCE,
    lazy("主机防护"),
    lazy(
        "此刻防火墙、自动封禁、入侵检测、时间同步、磁盘加密五项，以主机最近的报告为准；"
        "15 分钟没有报告的、没有运行的为超期，从未报告的为待办，"
        "有替代措施的视为有防护；整个系统共用主机，各单位相同"
    ),
    unit=lazy("项"),
    source=lazy("主机报告、替代措施"),
    clause="6.1.3",
)
def _guards(f: Facts) -> Finding:
    """The guards of the host, each by its state and since when; a link for who may open their page."""
    stand = hosts.standings()
    faults = [s for s in stand if s.fault]
    never = all(s.state == GuardState.SILENT and s.since is None for s in faults)
    url = reverse("security:hosts") if f.user.has_perm("security.look") else ""
    return finding(
        MET if not faults else OWED if never else OVERDUE,
        *(Number(hosts.described(s), url=url, bad=s.fault) for s in stand),
    )


@figure(
    "c-alerts",
    COMPLIANCE,
    lazy("安全警报"),
    lazy("期间的安全警报，及其中未办结的；有未办结的为待办，没有警报为无义务"),
    unit=lazy("个"),
    source=lazy("安全警报"),
    clause="6.1.3",
)
def _alerts(f: Facts) -> Finding:
    rows = Alert.objects.filter(f.during("opened_at"), unit__in_array=f.units)
    going = rows.exclude(state=AlertState.CLOSED)
    n, open_ = rows.count(), going.count()

    def behind(part: QuerySet[Alert]) -> Behind:
        return Behind(part, "opened_at", lambda r: r.get_state_display(), Alert.objects.visible_to, "security:alert")

    return finding(
        OWED if open_ else MET if n else NONE,
        Number(_("本期警报 %(n)d 个") % {"n": n}, behind=behind(rows)),
        Number(_("待处理 %(o)d 个") % {"o": open_}, behind=behind(going)),
    )


@figure(
    "c-entries",
    COMPLIANCE,
    lazy("进出登记"),
    lazy("期间登记进入重要场所的次数，及未获准被拦下的次数；都没有为无义务"),
    unit=lazy("次"),
    source=lazy("进出登记"),
    clause="6.2.3",
)
def _entries(f: Facts) -> Finding:
    rows = Entry.objects.filter(f.during("at"), place__unit__in_array=f.units).select_related("place")
    entered, refused = rows.filter(refused=False), rows.filter(refused=True)
    n, stopped = entered.count(), refused.count()

    def seen(user: User) -> QuerySet[Entry]:
        return Entry.objects.filter(place__in=Place.objects.visible_to(user))

    def behind(part: QuerySet[Entry]) -> Behind:
        return Behind(part, "at", lambda r: r.place.name, seen)

    return finding(
        MET if n or stopped else NONE,
        Number(_("本期登记进入 %(n)d 次") % {"n": n}, behind=behind(entered)),
        Number(_("拦下 %(r)d 次") % {"r": stopped}, behind=behind(refused)),
    )
