"""The regulation made visible: each clause with its duty, its state in a period, and the proof (design §1).

The unit is asked, not the reader: states and figures are the same for all who may open the page; of the rows behind a
figure each reader is shown those that they may see. Reads obligations, items, the timeline's sums and the audit log;
stores nothing of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.archive import scope
from linbao.audit.models import Record
from linbao.compliance.inspection import (
    CHAPTERS,
    COUNTS,
    MET,
    MOST_POINTLESS,
    NONE,
    ORDER,
    OVERDUE,
    OWED,
    STATES,
    Behind,
    Duty,
    Fact,
    Facts,
    Finding,
    Number,
    Period,
    finding,
    read,
    seal_left,
    state_of,
    urgent_reviews,
    written_versions,
)
from linbao.core.figures import COMPLIANCE, figure
from linbao.core.problems import NotFound
from linbao.core.regulation import CLAUSES
from linbao.core.text import mask_within
from linbao.duties.kinds import KINDS
from linbao.duties.models import Obligation, State, conditions
from linbao.emergencies.models import UrgentReport, UrgentVersion
from linbao.items.models import Activity, Category
from linbao.organisation.models import User

REPORTER, REVIEWER, HANDLER, DEPARTMENT = (
    gettext_lazy("信息报告员"),
    gettext_lazy("审核员"),
    gettext_lazy("办理人"),
    gettext_lazy("管理部门"),
)


_ITEMS_OF = gettext_lazy("条目（按上报日）")
_ITEM, _TIME = gettext_lazy("条"), gettext_lazy("次")


@figure(
    "c-category",
    COMPLIANCE,
    gettext_lazy("分类上报与退回"),
    gettext_lazy("期间上报的该类条目（不含草稿和撤回的），及其中曾被退回补正的；没有上报的为无义务"),
    unit=_ITEM,
    source=_ITEMS_OF,
    clause="3.1",
)
def _category(*codes: str) -> Fact:
    def fact(f: Facts) -> Finding:
        n, back = f.count("submitted", *codes), f.count("returned", *codes)
        if not n:
            return finding(NONE, _no_items(f))
        numbers = []
        for code in codes:
            details = {"n": f.count("submitted", code), "name": Category(code).label}
            message = _("上报 %(n)d 条") if len(codes) == 1 else _("%(name)s上报 %(n)d 条")
            numbers.append(Number(message % details, f.items(figure="submitted", category=code)))
            if f.count("returned", code):
                message = _("其中 %(n)d 条曾被退回补正") % {"n": f.count("returned", code)}
                numbers.append(Number(message, f.items(figure="returned", category=code)))
        if not back:
            numbers.append(Number(_("没有被退回的；必填项未齐的不能上报")))
        return finding(MET, *numbers)

    return fact


def _no_items(f: Facts, **filters: Any) -> Number:
    return Number(_("本期没有上报信息"), f.items(figure="submitted", **filters))


@figure(
    "c-complete",
    COMPLIANCE,
    gettext_lazy("四类信息"),
    gettext_lazy("期间四个类别各上报的条目；四类都有为按时完成，缺少的为待办，都没有为无义务"),
    unit=_ITEM,
    source=_ITEMS_OF,
    clause="1.3.3",
)
def _complete(f: Facts) -> Finding:
    if not f.count("submitted"):
        return finding(NONE, _no_items(f))
    numbers = [
        Number(
            _("%(name)s %(n)d 条") % {"name": label, "n": f.count("submitted", code)},
            f.items(figure="submitted", category=code),
            bad=not f.count("submitted", code),
        )
        for code, label in Category.choices
    ]
    return finding(OWED if any(n.bad for n in numbers) else MET, *numbers)


@figure(
    "c-reveals",
    COMPLIANCE,
    gettext_lazy("揭示个人信息"),
    gettext_lazy("期间揭示或导出未脱敏居民信息的次数；每次都有理由和记录，否则不能揭示"),
    unit=_TIME,
    source=gettext_lazy("审计日志"),
    clause="1.3.4",
)
def _secret(f: Facts) -> Finding:
    rows = Record.objects.filter(f.during("at"), action__in=("party.reveal", "export.reveal"), unit_id__in=f.units)
    behind = Behind(rows, "at", lambda r: f"{r.actor_name} · {r.reason}", _audited)
    message = _("本期揭示或导出未脱敏信息 %(n)d 次") % {"n": rows.count()}
    return finding(MET, Number(_("居民信息加密保存、逐条揭示")), Number(message, behind=behind))


def _audited(user: User) -> QuerySet[Record]:
    return Record.objects.all() if user.has_perm("audit.view") else Record.objects.none()


@figure(
    "c-classified",
    COMPLIANCE,
    gettext_lazy("归类"),
    gettext_lazy("期间上报的条目中没有子类的；没有这样的为按时完成"),
    unit=_ITEM,
    source=_ITEMS_OF,
    clause="2.2.1",
)
def _classified(f: Facts) -> Finding:
    n = f.count("submitted")
    if not n:
        return finding(NONE, _no_items(f))
    if f.unclassified:
        message = _("%(bad)d 条没有子类") % {"bad": f.unclassified}
        return finding(OVERDUE, Number(message, f.items(figure="unclassified"), bad=True))
    return finding(MET, Number(_("%(n)d 条均已归入类别和子类") % {"n": n}, f.items(figure="submitted")))


@figure(
    "c-key-points",
    COMPLIANCE,
    gettext_lazy("关键要点"),
    gettext_lazy("期间上报的条目中没有关键要点的（多为导入的）；有这样的为待办"),
    unit=_ITEM,
    source=_ITEMS_OF,
    clause="2.2.2",
)
def _key_points(f: Facts) -> Finding:
    n = f.count("submitted")
    if not n:
        return finding(NONE, _no_items(f))
    if f.pointless:
        bad = f"{f.pointless - 1}+" if f.pointless > MOST_POINTLESS else str(f.pointless)
        message = _("%(bad)s 条没有关键要点（多为导入的信息）") % {"bad": bad}
        return finding(OWED, Number(message, f.items(figure="pointless"), bad=True))
    return finding(MET, Number(_("%(n)d 条都提炼了关键要点") % {"n": n}, f.items(figure="submitted")))


@figure(
    "c-activities",
    COMPLIANCE,
    gettext_lazy("收集活动"),
    gettext_lazy("期间开始的走访、座谈、问卷等活动，及上报的居民意见建议；两者都没有为无义务"),
    unit=_TIME,
    source=gettext_lazy("收集活动、条目"),
    clause="2.1.1",
)
def _activities(f: Facts) -> Finding:
    rows = Activity.objects.filter(f.during("starts_at")).filter(scope.activities(f.place))
    count, n = rows.count(), f.count("submitted", "opinion")
    behind = Behind(
        rows, "starts_at", lambda r: f"{r.get_kind_display()} · {mask_within(r.place)}", Activity.objects.visible_to
    )
    return finding(
        MET if count or n else NONE,
        Number(_("收集活动 %(a)d 次") % {"a": count}, behind=behind),
        Number(_("居民意见建议 %(n)d 条") % {"n": n}, f.items(figure="submitted", category="opinion")),
    )


@figure(
    "c-urgent",
    COMPLIANCE,
    gettext_lazy("紧急信息"),
    gettext_lazy("期间上报的紧急条目，及对它们的审核义务按时、迟办、待办、超期的项数"),
    unit=_ITEM,
    source=gettext_lazy("条目、义务"),
    clause="2.3.2",
)
def _urgent(f: Facts) -> Finding:
    n = f.count("urgent")
    if not n:
        return finding(NONE, Number(_("本期没有紧急信息"), f.items(figure="urgent")))
    numbers = [Number(_("紧急信息 %(n)d 条") % {"n": n}, f.items(figure="urgent"))]
    for state, name in COUNTS.items():
        if done := f.urgent_reviews.get(state, 0):
            rows = urgent_reviews(f).filter(conditions()[state])
            behind = Behind(rows, "due_at", _duty_label, Obligation.objects.visible_to)
            message = _("审核%(count)s") % {"count": str(name) % {"n": done}}
            numbers.append(Number(message, behind=behind, bad=state in (State.OVERDUE, State.MISSED)))
    return finding(state_of(f.urgent_reviews) if f.urgent_reviews else MET, *numbers)


def _duty_label(row: Obligation) -> str:
    """The kind of the duty; what it is about is on its own page (1.3.4)."""
    return str(KINDS[row.kind].name) if row.kind in KINDS else row.kind


@figure(
    "c-sealed",
    COMPLIANCE,
    gettext_lazy("紧急书面报告盖章"),
    gettext_lazy("期间的紧急书面报告各版本，其中加盖印章的，及写报告的人当时有章而未盖的；有章未盖为超期"),
    unit=gettext_lazy("份"),
    source=gettext_lazy("紧急书面报告、印章"),
    clause="4.2.2",
)
def _sealed(f: Facts) -> Finding:
    if not f.written:
        return finding(NONE, Number(_("本期没有紧急书面报告")))
    rows = written_versions(f)
    parts = {
        "written": (_("紧急书面报告 %(n)d 份") % {"n": f.written}, rows),
        "sealed": (_("加盖印章 %(n)d 份") % {"n": f.sealed}, rows.filter(seal__isnull=False)),
        "unsealed": (_("有章未盖 %(n)d 份") % {"n": f.unsealed}, rows.filter(seal_left())),
    }

    def seen(user: User) -> QuerySet[UrgentVersion]:
        return UrgentVersion.objects.filter(report__in=UrgentReport.objects.visible_to(user))

    numbers = [
        Number(
            message,
            bad=name == "unsealed" and bool(f.unsealed),
            behind=Behind(behind, "written_at", lambda r: f"{r.report.number} {r.get_stage_display()}", seen),
        )
        for name, (message, behind) in parts.items()
    ]
    return finding(OVERDUE if f.unsealed else MET, *numbers)


WEEK, EACH = gettext_lazy("每周"), gettext_lazy("每条信息")
DUTIES: dict[str, tuple[Duty, ...]] = {
    "1.3.1": (Duty(gettext_lazy("每条信息经专人核实后才办理"), REVIEWER, EACH, ("review",)),),
    "1.3.2": (Duty(gettext_lazy("各项期限内完成"), gettext_lazy("各责任人"), gettext_lazy("随时"), tuple(KINDS)),),
    "1.3.3": (Duty(gettext_lazy("四类信息全面收集"), REPORTER, gettext_lazy("本期"), fact=_complete),),
    "1.3.4": (
        Duty(
            gettext_lazy("居民信息加密、脱敏、按需揭示"), gettext_lazy("全体人员"), gettext_lazy("随时"), fact=_secret
        ),
    ),
    "2.1.1": (Duty(gettext_lazy("走访、问卷、座谈等收集意见"), REPORTER, gettext_lazy("日常"), fact=_activities),),
    "2.1.2": (Duty(gettext_lazy("关注事件并及时获取信息"), REPORTER, gettext_lazy("日常"), fact=_category("event")),),
    "2.1.3": (
        Duty(
            gettext_lazy("记录设施与环境问题"),
            REPORTER,
            gettext_lazy("日常"),
            fact=_category("construction", "sanitation"),
        ),
    ),
    "2.2.1": (Duty(gettext_lazy("按类别和主题归档"), REPORTER, EACH, fact=_classified),),
    "2.2.2": (Duty(gettext_lazy("提炼关键要点"), REPORTER, EACH, fact=_key_points),),
    "2.3.1": (Duty(gettext_lazy("定期撰写信息报告"), REPORTER, WEEK, ("weekly_report",)),),
    "2.3.2": (
        Duty(
            gettext_lazy("紧急信息立即上报、优先审核"),
            gettext_lazy("报告员、审核员"),
            gettext_lazy("立即"),
            fact=_urgent,
        ),
        Duty(
            gettext_lazy("警报有人签收，续报到终报"),
            gettext_lazy("值班人、报告员"),
            EACH,
            ("alarm_acknowledge", "urgent_follow_up"),
        ),
    ),
    "2.4.1": (Duty(gettext_lazy("向居民反馈进展和结果"), REPORTER, EACH, ("inform_resident", "inform_progress")),),
    "2.4.2": (
        Duty(gettext_lazy("收集居民评价"), REPORTER, EACH, ("evaluate",)),
        Duty(gettext_lazy("处理不满意评价、回访抽查"), DEPARTMENT, EACH, ("decide_unsatisfied", "call_back")),
    ),
    "3.1": (Duty(gettext_lazy("意见建议类内容齐全、可追溯"), REPORTER, EACH, fact=_category("opinion")),),
    "3.2": (Duty(gettext_lazy("事件类要素准确完整"), REPORTER, EACH, fact=_category("event")),),
    "3.3": (Duty(gettext_lazy("建设类内容、阶段、问题齐全"), REPORTER, EACH, fact=_category("construction")),),
    "3.4": (Duty(gettext_lazy("环境卫生类区域、因素、分析齐全"), REPORTER, EACH, fact=_category("sanitation")),),
    "4.1.1": (
        Duty(gettext_lazy("每周至少收集一次"), REPORTER, WEEK, ("weekly_collection",)),
        Duty(gettext_lazy("周五下午发送电子报告"), REPORTER, WEEK, ("weekly_report",)),
    ),
    "4.1.2": (Duty(gettext_lazy("按固定格式编写，经审阅"), gettext_lazy("报告员、审核员"), WEEK, ("review_report",)),),
    "4.2.1": (
        Duty(gettext_lazy("立即电话报告"), REPORTER, gettext_lazy("立即"), ("urgent_call",)),
        Duty(gettext_lazy("1 小时内书面报告"), REPORTER, EACH, ("urgent_written",)),
    ),
    "4.2.2": (Duty(gettext_lazy("书面报告加盖印章（如有）"), REPORTER, EACH, fact=_sealed),),
    "4.3.1": (Duty(gettext_lazy("专人按四项审核"), REVIEWER, EACH, ("review", "review_report")),),
    "4.3.2": (
        Duty(gettext_lazy("退回的按要求补正"), REPORTER, EACH, ("amend",)),
        Duty(gettext_lazy("通过的及时交办"), DEPARTMENT, EACH, ("assign",)),
        Duty(gettext_lazy("按期办理并回告结果"), HANDLER, EACH, ("handle",)),
    ),
}


def add(clause: str, *duties: Duty) -> None:
    """A room above this one shows how it serves `clause`; called once, when the room is made ready (its apps.py)."""
    DUTIES[clause] = (*DUTIES.get(clause, ()), *duties)


def clauses() -> list[dict[str, Any]]:
    """The regulation itself by chapter, for those whom it binds and who do not inspect."""
    return [
        {"number": n, "name": name, "clauses": [{"number": c, "text": t} for c, t in CLAUSES.items() if c[0] == n]}
        for n, name in CHAPTERS.items()
    ]


def inspect(user: User, unit_id: UUID, period: Period) -> list[dict[str, Any]]:
    """Every clause by chapter with its duties and their states, the same for every reader; a handful of reads for
    all."""
    facts = read(user, unit_id, period)
    chapters = clauses()
    for clause in (c for part in chapters for c in part["clauses"]):
        duties = [_shown(facts, clause["number"], n, d) for n, d in enumerate(DUTIES.get(clause["number"], ()))]
        result = next((s for s in ORDER if any(d["state"] == s for d in duties)), NONE)
        name, tone = STATES[result]
        clause |= {"state": result, "state_name": name, "tone": tone, "duties": duties}
    return chapters


def narrowed(chapters: Sequence[dict[str, Any]], state: str = "", chapter: str = "") -> list[dict[str, Any]]:
    """The chapters with the clauses of one state, or one chapter; without, all."""
    stored = [
        part | {"clauses": [c for c in part["clauses"] if not state or c["state"] == state]}
        for part in chapters
        if not chapter or part["number"] == chapter
    ]
    return [part for part in stored if part["clauses"]]


def _standing(f: Facts, duty: Duty) -> Finding:
    if duty.fact is not None:
        return duty.fact(f)
    sums = {s: sum(f.duties.get(k, {}).get(s, 0) for k in duty.kinds) for s in COUNTS}
    filters: dict[str, str] = {}
    if len(duty.kinds) == 1:
        filters = {"kind": duty.kinds[0]}
    elif len(duty.kinds) < len(KINDS):
        filters = {"clause_kinds": ",".join(duty.kinds)}
    numbers = [
        Number(str(name) % {"n": sums[s]}, f.list_of(state=s, **filters), s in (State.MISSED, State.OVERDUE))
        for s, name in COUNTS.items()
        if sums[s]
    ]
    return Finding(state_of(sums), numbers or [Number(_("本期没有应办事项"), f.list_of(**filters))])


def _shown(f: Facts, clause: str, place: int, duty: Duty) -> dict[str, Any]:
    result = _standing(f, duty)
    name, tone = STATES[result.state]
    rows = {"clause": clause, "duty": place, "unit": f.unit, "since": f.period.since, "until": f.period.until}
    numbers = [
        {
            "label": n.label,
            "bad": n.bad,
            "url": n.url or ("/compliance/rows/?" + urlencode({**rows, "number": at}) if n.behind else ""),
        }
        for at, n in enumerate(result.numbers)
    ]
    return {
        "what": duty.what,
        "who": duty.who,
        "rhythm": duty.rhythm,
        "state": result.state,
        "state_name": name,
        "tone": tone,
        "proofs": numbers,
    }


def number_of(user: User, unit_id: UUID, period: Period, clause: str, duty: int, number: int) -> tuple[Duty, Number]:
    """A number of the page with its duty, by its place. Raises `NotFound`."""
    try:
        asked = DUTIES[clause][duty]
        row = _standing(read(user, unit_id, period), asked).numbers[number]
    except (KeyError, IndexError) as e:
        raise NotFound(_("没有这项数据。")) from e
    if row.behind is None or duty < 0 or number < 0:
        raise NotFound(_("没有这项数据。"))
    return asked, row
