"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations

from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.archive import compliance
from linbao.archive.compliance import DUE, MET, NONE, Duty, Facts
from linbao.audit import words
from linbao.units.tree import tree


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
    words.add(
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
            "moved": gettext_lazy("改了时间地点"), "granted": gettext_lazy("准假"), "lecturer": gettext_lazy("授课人编号"),
            "fee": gettext_lazy("课酬"), "person": gettext_lazy("人员编号"), "number": gettext_lazy("文号"),
            "version": gettext_lazy("版本"), "title": gettext_lazy("主题"), "external": gettext_lazy("外请"),
            "quarter": gettext_lazy("季度"), "subject": gettext_lazy("内容类别"),
        },
    )  # fmt: skip


def _list(f: Facts) -> str:
    return f.link("/training/?" + urlencode({"unit": f.unit, "status": "held"}), "training.see")


def _subjects(f: Facts) -> tuple[str, str, str]:
    from linbao.training.models import PRESCRIBED, Subject

    lists = list(_held(f).values_list("subjects", flat=True))
    if not lists:
        return NONE, _("本期没有举行培训"), _list(f)
    taught = {s for subjects in lists for s in subjects}
    lacking = [str(Subject(s).label) for s in PRESCRIBED if s not in taught]
    if lacking:
        told = {"n": len(lists), "names": _("、").join(lacking)}
        return DUE, _("举行 %(n)d 次，尚未讲到：%(names)s") % told, _list(f)
    return MET, _("举行 %(n)d 次，规定的四项内容都讲到了") % {"n": len(lists)}, _list(f)


def _experts(f: Facts) -> tuple[str, str, str]:
    from django.db.models import Exists, OuterRef, Q

    from linbao.training.models import Teaching

    rows = _held(f).annotate(
        invited=Exists(Teaching.objects.filter(session=OuterRef("pk"), lecturer__external=True))
    )  # fmt: skip
    told = list(rows.values_list("invited", flat=True))
    if not told:
        return NONE, _("本期没有举行培训"), _list(f)
    cases = _held(f).filter(~Q(cases="") | Q(materials__case=True)).distinct().count()
    words_ = _("举行 %(n)d 次，外请专家授课 %(e)d 次，有案例 %(c)d 次") % {
        "n": len(told), "e": sum(told), "c": cases
    }  # fmt: skip
    return (MET if any(told) and cases else DUE), words_, _list(f)


def _held(f: Facts):  # type: ignore[no-untyped-def]
    from linbao.training.models import Session, SessionStatus

    start, end = compliance.span(f.period)
    return Session.objects.visible_to(f.user).filter(
        community__in=tree().communities(f.unit), status=SessionStatus.HELD, starts_at__gte=start, starts_at__lt=end
    )
