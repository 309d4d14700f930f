"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.audit import wording
from linbao.compliance import services as compliance
from linbao.compliance.inspection import MET, NONE, OWED, Behind, Duty, Facts, Finding, Number, finding
from linbao.core.figures import COMPLIANCE, figure
from linbao.training.models import PRESCRIBED, Material, Session, SessionStatus, Subject, Teaching


def register() -> None:
    """Called once, when the room is made ready."""
    trainer, quarter = gettext_lazy("培训专员"), gettext_lazy("每季度")
    compliance.add("5.1.1", Duty(gettext_lazy("按规定内容定期培训"), trainer, quarter, fact=_subjects))
    compliance.add("5.1.2", Duty(gettext_lazy("邀请专家授课，分享案例"), trainer, quarter, fact=_experts))
    compliance.add(
        "5.1.3",
        Duty(gettext_lazy("每季度一次，不少于 2 小时"), gettext_lazy("社区"), quarter, ("training_quarter",)),
        Duty(gettext_lazy("参加季度培训，有签到记录"), gettext_lazy("信息报告员"), quarter, ("training_attend",)),
    )
    wording.add(
        gettext_lazy("培训"),
        {
            "training.topic.add": gettext_lazy("培训主题列入计划"),
            "training.topic.remove": gettext_lazy("移除培训主题"),
            "training.course": gettext_lazy("保存课程"),
            "training.lecturer": gettext_lazy("保存授课人"),
            "training.question": gettext_lazy("保存题目"),
            "training.session.create": gettext_lazy("安排培训"),
            "training.session.change": gettext_lazy("修改培训"),
            "training.session.cancel": gettext_lazy("取消培训"),
            "training.session.end": gettext_lazy("结束培训"),
            "training.invite": gettext_lazy("邀请参加培训"),
            "training.leave": gettext_lazy("批复培训请假"),
            "training.teach": gettext_lazy("登记授课和课酬"),
            "training.unteach": gettext_lazy("移除授课人"),
            "training.material.remove": gettext_lazy("移除培训资料"),
            "training.tick": gettext_lazy("补登签到"),
            "training.quiz": gettext_lazy("设置测验"),
            "training.record": gettext_lazy("生成培训记录"),
            "training.export": gettext_lazy("导出培训清单"),
        },
        {
            "training.session": gettext_lazy("培训"),
            "training.topic": gettext_lazy("培训主题"),
            "training.course": gettext_lazy("课程"),
            "training.lecturer": gettext_lazy("授课人"),
            "training.question": gettext_lazy("题目"),
        },
        {
            "moved": gettext_lazy("改了时间地点"),
            "granted": gettext_lazy("准假"),
            "lecturer": gettext_lazy("授课人编号"),
            "fee": gettext_lazy("课酬"),
            "person": gettext_lazy("人员编号"),
            "number": gettext_lazy("文号"),
            "version": gettext_lazy("版本"),
            "title": gettext_lazy("主题"),
            "external": gettext_lazy("外请"),
            "quarter": gettext_lazy("季度"),
            "subject": gettext_lazy("内容类别"),
        },
    )


def _sessions_held(f: Facts) -> QuerySet[Session]:
    return Session.objects.filter(f.during("starts_at"), community__in=f.communities, status=SessionStatus.HELD)


def _behind(rows: QuerySet[Session]) -> Behind:
    return Behind(rows, "starts_at", lambda r: r.title, Session.objects.visible_to, "training:session")


@figure(
    "c-subjects",
    COMPLIANCE,
    gettext_lazy("培训内容"),
    gettext_lazy("期间举行的培训，及规定的四项内容中讲到的；都讲到为按时完成，尚缺为待办，没有举行为无义务"),
    unit=gettext_lazy("次"),
    source=gettext_lazy("培训记录"),
    clause="5.1.1",
)
def _subjects(f: Facts) -> Finding:
    rows = _sessions_held(f)
    lists = list(rows.values_list("subjects", flat=True))
    if not lists:
        return finding(NONE, Number(_("本期没有举行培训")))
    taught = {s for subjects in lists for s in subjects}
    lacking = [str(Subject(s).label) for s in PRESCRIBED if s not in taught]
    details = Number(_("举行 %(n)d 次") % {"n": len(lists)}, behind=_behind(rows))
    if lacking:
        return finding(OWED, details, Number(_("尚未讲到：%(names)s") % {"names": _("、").join(lacking)}, bad=True))
    return finding(MET, details, Number(_("规定的四项内容都讲到了")))


@figure(
    "c-experts",
    COMPLIANCE,
    gettext_lazy("专家授课与案例"),
    gettext_lazy("期间举行的培训中，有外请授课人的和有案例的；两者都有为按时完成，缺一为待办，没有举行为无义务"),
    unit=gettext_lazy("次"),
    source=gettext_lazy("培训记录"),
    clause="5.1.2",
)
def _experts(f: Facts) -> Finding:
    rows = _sessions_held(f)
    invited = rows.filter(Exists(Teaching.objects.filter(session=OuterRef("pk"), lecturer__external=True)))
    cases = rows.filter(~Q(cases="") | Exists(Material.objects.filter(session=OuterRef("pk"), case=True)))
    n, experts, details = rows.count(), invited.count(), cases.count()
    if not n:
        return finding(NONE, Number(_("本期没有举行培训")))
    return finding(
        MET if experts and details else OWED,
        Number(_("举行 %(n)d 次") % {"n": n}, behind=_behind(rows)),
        Number(_("外请专家授课 %(e)d 次") % {"e": experts}, bad=not experts, behind=_behind(invited)),
        Number(_("有案例 %(c)d 次") % {"c": details}, bad=not details, behind=_behind(cases)),
    )
