"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.audit import wording
from linbao.compliance import services as compliance
from linbao.compliance.inspection import MET, NONE, OVERDUE, OWED, Behind, Duty, Facts, Finding, Number, finding
from linbao.confidentiality.access_monitoring import services as watching
from linbao.confidentiality.agreements import gate
from linbao.confidentiality.models import Disclosure, Signature
from linbao.core import clock
from linbao.core.figures import COMPLIANCE, figure
from linbao.organisation.models import RoleGrant
from linbao.security.alerts import services as alerts
from linbao.security.models import Alert

EVERYBODY, OFFICER, MANAGER = lazy("全体人员"), lazy("安全保密员"), lazy("管理部门负责人")


@figure(
    "c-agreement",
    COMPLIANCE,
    lazy("保密协议签订"),
    lazy("此刻对本单位有效的协议约束的人员中，已签订且未到期的人数；没有协议为超期，有人未签为待办"),
    unit=lazy("人"),
    source=lazy("保密协议、签订记录"),
    clause="6.2.1",
)
def _agreement(f: Facts) -> Finding:
    """Whether an agreement is in force, and how many of those bound in the unit have signed."""
    force = gate.in_force(f.unit)
    if force is None:
        message = _("尚未发布保密协议，任何人都不受协议约束；请安全保密员发布")
        return finding(OVERDUE, Number(message, bad=True))
    bound = RoleGrant.objects.current().filter(unit__in_array=f.units, user__is_active=True).values("user")
    people = bound.distinct().count()
    valid = Signature.objects.filter(unit_id=force.unit, user__in=bound, valid_until__gte=clock.today())
    n = valid.values("user").distinct().count()
    latest = valid.filter(
        ~Exists(valid.filter(user=OuterRef("user"), signed_at__gt=OuterRef("signed_at")))
    ).select_related("user")
    behind = Behind(latest, "signed_at", lambda r: r.user.name, Signature.objects.visible_to)
    return finding(
        MET if n >= people else OWED,
        Number(_("第 %(v)d 版有效") % {"v": force.number}),
        Number(_("%(all)d 人中 %(n)d 人已签订，未签订的不能使用系统") % {"all": people, "n": n}, behind=behind),
    )


@figure(
    "c-disclosures",
    COMPLIANCE,
    lazy("对外提供"),
    lazy("期间申请对外提供的次数，及其中批准并提供的；没有申请为无义务"),
    unit=lazy("次"),
    source=lazy("对外提供登记"),
    clause="6.2.2",
)
def _disclosures(f: Facts) -> Finding:
    rows = Disclosure.objects.filter(f.during("asked_at"), unit__in_array=f.units)
    produced = rows.filter(produced_at__isnull=False)
    asked, data = rows.count(), produced.count()
    if not asked:
        return finding(NONE, Number(_("本期没有对外提供信息")))

    def behind(part: QuerySet[Disclosure]) -> Behind:
        return Behind(
            part,
            "asked_at",
            lambda r: f"{r.number} {r.recipient}",
            Disclosure.objects.visible_to,
            "confidentiality:disclosure",
        )

    return finding(
        MET,
        Number(_("申请 %(asked)d 次") % {"asked": asked}, behind=behind(rows)),
        Number(_("批准并提供 %(given)d 次") % {"given": data}, behind=behind(produced)),
        Number(_("均有审批和登记")),
    )


@figure(
    "c-looking",
    COMPLIANCE,
    lazy("异常查看"),
    lazy("期间的异常查看提醒，及其中未了结的；有未了结的为待办，没有提醒为按时完成"),
    unit=lazy("项"),
    source=lazy("安全警报"),
    clause="1.3.4",
)
def _alerts(f: Facts) -> Finding:
    rows = Alert.objects.filter(f.during("opened_at"), kind__startswith="looking.", unit__in_array=f.units)
    n, open_ = rows.count(), rows.open().count()
    if not n:
        return finding(MET, Number(_("本期没有异常查看")))

    def behind(part: QuerySet[Alert]) -> Behind:
        return Behind(part, "opened_at", lambda r: r.get_state_display(), Alert.objects.visible_to, "security:alert")

    return finding(
        OWED if open_ else MET,
        Number(_("异常查看提醒 %(n)d 项") % {"n": n}, behind=behind(rows)),
        Number(_("未了结 %(open)d 项") % {"open": open_}, behind=behind(rows.open())),
    )


def register() -> None:
    """Called once, when the room is made ready."""
    alerts.name_kinds({"looking": lazy("异常查看")})  # all of them, as a filter
    alerts.name_kinds({f"looking.{k}": name for k, name in watching.KINDS.items()}, behind=watching.behind)
    compliance.add(
        "1.3.4",
        Duty(lazy("异常查看及时发现并核查"), OFFICER, lazy("随时"), fact=_alerts),
        Duty(lazy("居民的查阅、更正、删除请求按期答复"), MANAGER, lazy("15 个工作日"), ("privacy_request",)),
    )
    compliance.add(
        "6.2.1",
        Duty(lazy("保密协议已发布并有效"), OFFICER, lazy("每年"), fact=_agreement),
        Duty(lazy("签订保密协议"), EVERYBODY, lazy("上岗前，每年"), ("agreement",)),
    )
    compliance.add(
        "6.2.2",
        Duty(lazy("对外提供信息经过审批"), MANAGER, lazy("每次"), fact=_disclosures),
        Duty(lazy("按时审批对外提供申请"), MANAGER, lazy("2 个工作日"), ("disclosure_decide",)),
    )
    wording.add(
        lazy("保密"),
        {
            "agreement.write": lazy("起草保密协议"),
            "agreement.publish": lazy("发布保密协议"),
            "agreement.sign": lazy("签订保密协议"),
            "agreement.fail": lazy("签订时口令不正确"),
            "agreement.paper": lazy("登记纸质协议"),
            "agreement.paper_confirm": lazy("确认纸质协议"),
            "agreement.paper_refuse": lazy("不予确认纸质协议"),
            "agreement.paper_look": lazy("查看纸质协议扫描件"),
            "agreement.export": lazy("导出签订情况"),
            # The two of alerts that had a page of their own: old lines of the log still say so.
            "looking.take": lazy("核查异常查看"),
            "looking.close": lazy("了结异常查看"),
            "disclosure.ask": lazy("申请对外提供"),
            "disclosure.approve": lazy("批准对外提供"),
            "disclosure.refuse": lazy("不批准对外提供"),
            "disclosure.withdraw": lazy("撤回对外提供申请"),
            "disclosure.produce": lazy("生成对外提供文件"),
            "disclosure.download": lazy("取得对外提供文件"),
            "disclosure.expire": lazy("对外提供到期"),
            "disclosure.trace": lazy("泄露溯源"),
            "disclosure.export": lazy("导出对外提供登记"),
            "accesses.view": lazy("查看谁看过"),
            "looking.set": lazy("设置异常查看的界限"),
            "retention.set": lazy("设置保存期限"),
            "retention.remove": lazy("到期匿名化或删除"),
            "hold.set": lazy("依法保全"),
            "hold.release": lazy("解除保全"),
            "privacy.receive": lazy("收到个人信息请求"),
            "privacy.identify": lazy("核验请求人身份"),
            "privacy.decide": lazy("决定个人信息请求"),
            "privacy.return": lazy("退回个人信息请求"),
            "privacy.answer": lazy("答复个人信息请求"),
            "privacy.see": lazy("查看请求人信息"),
        },
        {
            "confidentiality.agreement": lazy("保密协议"),
            "confidentiality.papersignature": lazy("纸质协议"),
            "confidentiality.signature": lazy("协议签订"),
            "confidentiality.alert": lazy("异常查看提醒"),
            "confidentiality.disclosure": lazy("对外提供"),
            "confidentiality.privacyrequest": lazy("个人信息请求"),
        },
        {
            "version": lazy("版本"),
            "identified": lazy("含个人信息"),
            "recipient": lazy("接收方"),
            "best": lazy("把握"),
            "granted": lazy("同意"),
            "justified": lazy("有正当理由"),
            "channel": lazy("来源"),
            "items": lazy("条目数"),
            "persons": lazy("人数"),
            "texts": lazy("改写处数"),
            "files": lazy("文件数"),
            "links": lazy("链接数"),
            "contacts": lazy("联系方式数"),
            "remarks": lazy("意见数"),
            "family": lazy("同姓"),
            "index": lazy("检索摘要"),
        },
    )
