"""The regulation made visible: each clause with its duty, its state in a period, and the proof (design §1).

Reads obligations, the timeline's sums and the audit log; stores nothing of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.archive import rollups
from linbao.archive.models import Rollup
from linbao.audit.models import Record
from linbao.base import clock, days
from linbao.base.problems import Invalid, NotAllowed
from linbao.base.regulation import CLAUSES
from linbao.collection.models import Activity, Category, Item, Status
from linbao.documents.models import Seal
from linbao.duties.kinds import KINDS
from linbao.duties.models import Obligation
from linbao.reporting.models import UrgentReport, UrgentVersion
from linbao.units.models import User
from linbao.units.tree import tree

MET, DUE, OVERDUE, NONE, NOT_YET = "met", "due", "overdue", "none", "not_yet"
STATES = {
    MET: (gettext_lazy("已落实"), "done"),
    DUE: (gettext_lazy("进行中"), "wait"),
    OVERDUE: (gettext_lazy("未落实"), "bad"),
    NONE: (gettext_lazy("本期没有发生"), "neutral"),
    NOT_YET: (gettext_lazy("尚未启用"), "neutral"),
}
CHAPTERS = {"1": gettext_lazy("总则"), "2": gettext_lazy("报告员职责"), "3": gettext_lazy("报告内容及要求"), "4": gettext_lazy("信息报告流程"), "5": gettext_lazy("培训与管理"), "6": gettext_lazy("信息安全与保密"), "7": gettext_lazy("奖励与惩罚")}  # fmt: skip

REPORTER, REVIEWER, HANDLER, DEPARTMENT = (
    gettext_lazy("信息报告员"),
    gettext_lazy("审核员"),
    gettext_lazy("办理人"),
    gettext_lazy("管理部门"),
)


@dataclass(frozen=True)
class Duty:
    """What a clause asks: of whom, and where it is seen. `kinds` are obligations that prove it;
    `fact` reads a figure when no obligation does."""

    what: str | Promise
    who: str | Promise
    rhythm: str | Promise
    kinds: tuple[str, ...] = ()
    fact: Callable[[Facts], tuple[str, str, str]] | None = None  # state, words, link


@dataclass
class Period:
    since: date
    until: date
    name: str


@dataclass
class Facts:
    """What one inspection reads, once for all clauses."""

    user: User
    unit: UUID
    period: Period
    sums: dict[str, dict[str, int]] = field(default_factory=dict)  # category → figures
    duties: dict[str, dict[str, int]] = field(default_factory=dict)  # kind → states
    activities: int = 0
    reveals: int = 0
    unclassified: int = 0
    pointless: int = 0
    urgent_late: int = 0
    written: int = 0  # versions of urgent reports
    sealed: int = 0
    unsealed: int = 0  # although their writer kept a seal

    def link(self, href: str, perm: str) -> str:
        """`href` for who may open it, which `perm` says; else nothing: who inspects does not see every room."""
        return href if self.user.has_perm(perm) else ""

    def items(self, **filters: Any) -> str:
        asked = urlencode({"unit": self.unit, "since": self.period.since, "until": self.period.until, **filters})
        return self.link(f"/archive/?{asked}", "archive.view")

    def list_of(self, **filters: Any) -> str:
        return "/compliance/duties/?" + urlencode(
            {"unit": self.unit, "since": self.period.since, "until": self.period.until, **filters}
        )

    def count(self, figure: str, *categories: str) -> int:
        return sum(self.sums.get(c, {}).get(figure, 0) for c in (categories or Category.values))


def _category(*codes: str) -> Callable[[Facts], tuple[str, str, str]]:
    def fact(f: Facts) -> tuple[str, str, str]:
        n, back = f.count("submitted", *codes), f.count("returned", *codes)
        words = _("上报 %(n)d 条，其中 %(back)d 条曾被退回补正；必填项未齐的不能上报") % {"n": n, "back": back}
        return (MET if n else NONE), words, f.items(category=codes[0]) if len(codes) == 1 else f.items()

    return fact


def _complete(f: Facts) -> tuple[str, str, str]:
    lacking = [str(label) for code, label in Category.choices if not f.count("submitted", code)]
    if not f.count("submitted"):
        return NONE, _("本期没有上报信息"), f.items()
    if lacking:
        return DUE, _("本期尚无：%(names)s；四类都有信息才算覆盖全面") % {"names": _("、").join(lacking)}, f.items()
    return MET, _("四个类别都有信息"), f.items()


def _secret(f: Facts) -> tuple[str, str, str]:
    return (
        MET,
        _("居民信息加密保存、逐条揭示；本期揭示或导出未脱敏信息 %(n)d 次，均有理由和记录") % {"n": f.reveals},
        "",
    )


def _classified(f: Facts) -> tuple[str, str, str]:
    n = f.count("submitted")
    if not n:
        return NONE, _("本期没有上报信息"), f.items()
    words = (
        _("%(n)d 条均已归入类别和子类") % {"n": n}
        if not f.unclassified
        else _("%(bad)d 条没有子类") % {"bad": f.unclassified}
    )
    return (OVERDUE if f.unclassified else MET), words, f.items()


def _key_points(f: Facts) -> tuple[str, str, str]:
    n = f.count("submitted")
    if not n:
        return NONE, _("本期没有上报信息"), f.items()
    told = f"{f.pointless}+" if f.pointless > 1000 else str(f.pointless)
    words = (
        _("每条都提炼了关键要点") if not f.pointless else _("%(bad)s 条没有关键要点（多为导入的信息）") % {"bad": told}
    )
    return (DUE if f.pointless else MET), words, f.items()


def _activities(f: Facts) -> tuple[str, str, str]:
    n = f.count("submitted", "opinion")
    words = _("收集活动 %(a)d 次，居民意见建议 %(n)d 条") % {"a": f.activities, "n": n}
    return (MET if f.activities or n else NONE), words, f.items(category="opinion")


def _urgent(f: Facts) -> tuple[str, str, str]:
    n = f.count("urgent")
    if not n:
        return NONE, _("本期没有紧急信息"), f.items(urgent="1")
    words = _("紧急信息 %(n)d 条，审核超过 1 小时的 %(late)d 条") % {"n": n, "late": f.urgent_late}
    return (OVERDUE if f.urgent_late else MET), words, f.items(urgent="1")


def _sealed(f: Facts) -> tuple[str, str, str]:
    n, link = f.written, f.items(urgent="1")
    if not n:
        return NONE, _("本期没有紧急书面报告"), link
    words = _("紧急书面报告 %(n)d 份，加盖印章 %(sealed)d 份，有章未盖 %(bad)d 份") % {
        "n": n, "sealed": f.sealed, "bad": f.unsealed
    }  # fmt: skip
    return (OVERDUE if f.unsealed else MET), words, link


WEEK, EACH = gettext_lazy("每周"), gettext_lazy("每条信息")
DUTIES: dict[str, tuple[Duty, ...]] = {
    "1.3.1": (Duty(gettext_lazy("每条信息经专人核实后才办理"), REVIEWER, EACH, ("review",)),),
    "1.3.2": (Duty(gettext_lazy("各项期限内完成"), gettext_lazy("各责任人"), gettext_lazy("随时"), tuple(KINDS)),),
    "1.3.3": (Duty(gettext_lazy("四类信息全面收集"), REPORTER, gettext_lazy("本期"), fact=_complete),),
    "1.3.4": (Duty(gettext_lazy("居民信息加密、脱敏、按需揭示"), gettext_lazy("全体人员"), gettext_lazy("随时"), fact=_secret),),
    "2.1.1": (Duty(gettext_lazy("走访、问卷、座谈等收集意见"), REPORTER, gettext_lazy("日常"), fact=_activities),),
    "2.1.2": (Duty(gettext_lazy("关注事件并及时获取信息"), REPORTER, gettext_lazy("日常"), fact=_category("event")),),
    "2.1.3": (Duty(gettext_lazy("记录设施与环境问题"), REPORTER, gettext_lazy("日常"), fact=_category("construction", "sanitation")),),
    "2.2.1": (Duty(gettext_lazy("按类别和主题归档"), REPORTER, EACH, fact=_classified),),
    "2.2.2": (Duty(gettext_lazy("提炼关键要点"), REPORTER, EACH, fact=_key_points),),
    "2.3.1": (Duty(gettext_lazy("定期撰写信息报告"), REPORTER, WEEK, ("weekly_report",)),),
    "2.3.2": (
        Duty(gettext_lazy("紧急信息立即上报、优先审核"), gettext_lazy("报告员、审核员"), gettext_lazy("立即"), fact=_urgent),
        Duty(gettext_lazy("警报有人签收，续报到终报"), gettext_lazy("值班人、报告员"), EACH, ("alarm_acknowledge", "urgent_follow_up")),
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
}  # fmt: skip


def add(clause: str, *duties: Duty) -> None:
    """A room above this one shows how it serves `clause`; called once, when the room is made ready (its apps.py)."""
    DUTIES[clause] = (*DUTIES.get(clause, ()), *duties)


def period_of(given: str, since: str, until: str) -> Period:
    """`2026Q4`, `2026-11`, or two days; this quarter without. Raises `Invalid`."""
    today = clock.today()
    try:
        if since or until:
            first = days.day(since, 1990, 2200) if since else today.replace(day=1)
            last = days.day(until, 1990, 2200) if until else today
            if first > last:
                raise ValueError
            return Period(first, last, f"{first:%Y-%m-%d} — {last:%Y-%m-%d}")
        if not given:
            given = f"{today.year}Q{(today.month + 2) // 3}"
        year = int(given[:4])
        if not 1990 <= year <= 2200:
            raise ValueError
        if given[4] == "Q" and given[5:] in ("1", "2", "3", "4"):
            quarter = int(given[5:])
            first = date(year, 3 * quarter - 2, 1)
            after = date(year + quarter // 4, 3 * quarter % 12 + 1, 1)
            return Period(first, after - timedelta(days=1), _("%(y)d 年第 %(q)d 季度") % {"y": year, "q": quarter})
        if given[4] != "-":
            raise ValueError
        first = date(year, int(given[5:]), 1)
        after = date(year + first.month // 12, first.month % 12 + 1, 1)
        return Period(first, after - timedelta(days=1), _("%(y)d 年 %(m)d 月") % {"y": year, "m": first.month})
    except (ValueError, IndexError) as e:
        raise Invalid(fields={"period": [_("无法识别这个期间，请重新选择。")]}) from e


def unit_of(user: User, given: str) -> UUID:
    """The unit asked for; the widest that this person can see without. Raises `NotAllowed`, `Invalid`."""
    units, scope = tree(), user.rights.communities()
    if given:
        try:
            unit = units.get(UUID(given))
        except ValueError:
            unit = None
        if unit is None:
            raise Invalid(fields={"unit": [_("没有这个单位。")]})
        if not units.communities(unit.id) <= scope or not scope:
            raise NotAllowed(_("您无权查看这个单位。"))
        return unit.id
    home = user.rights.home
    if home is None:
        raise NotAllowed(_("您没有可以查看的单位。"))
    # The widest that is all theirs; a district of one community is shown as that community.
    return next(
        (
            u.id
            for u in reversed(units.line(home))
            if units.communities(u.id) <= scope and len(units.communities(u.id)) > 1
        ),
        home,
    )


def span(period: Period) -> tuple[datetime, datetime]:
    zone = clock.zone()
    return datetime.combine(period.since, time(0), zone), datetime.combine(
        period.until + timedelta(days=1), time(0), zone
    )


def clauses() -> list[dict[str, Any]]:
    """The regulation itself by chapter, for those whom it binds and who do not inspect."""
    return [
        {"number": n, "name": name, "clauses": [{"number": c, "words": w} for c, w in CLAUSES.items() if c[0] == n]}
        for n, name in CHAPTERS.items()
    ]


def inspect(user: User, unit_id: UUID, period: Period) -> list[dict[str, Any]]:
    """Every clause by chapter with its duties and their states; a handful of reads for all."""
    facts = _facts(user, unit_id, period)
    chapters = clauses()
    for clause in (c for chapter in chapters for c in chapter["clauses"]):
        duties = [_state(facts, d) for d in DUTIES.get(clause["number"], ())]
        order = (OVERDUE, DUE, MET, NONE)
        state = next((s for s in order if any(d["state"] == s for d in duties)), NOT_YET)
        name, tone = STATES[state]
        clause |= {"state": state, "state_name": name, "tone": tone, "duties": duties}
    return chapters


def _facts(user: User, unit_id: UUID, period: Period) -> Facts:
    rollups.begun()
    communities = tree().communities(unit_id)
    start, end = span(period)
    f = Facts(user, unit_id, period)
    days = Q(day__range=(period.since, period.until))
    for row in (
        Rollup.objects.filter(days, community_id=unit_id)
        .values("category")
        .annotate(submitted=Sum("submitted"), returned=Sum("returned"), urgent=Sum("urgent"))
    ):  # the model's own column names, summed
        f.sums[row["category"]] = {k: row[k] or 0 for k in ("submitted", "returned", "urgent")}
    f.unclassified = (
        Rollup.objects.filter(days, community_id=unit_id, subcategory="").aggregate(n=Sum("submitted"))["n"] or 0
    )
    now = clock.now()
    seen = Obligation.objects.visible_to(user).filter(community_id__in=communities, due_at__gte=start, due_at__lt=end)
    standing = Q(met_at__isnull=True, waived_at__isnull=True, missed_at__isnull=True)
    for row in (
        seen.order_by()
        .values("kind")
        .annotate(
            met=Count("pk", filter=Q(waived_at__isnull=True, met_at__lte=F("due_at"))),
            late=Count("pk", filter=Q(waived_at__isnull=True, met_at__gt=F("due_at"))),
            missed=Count("pk", filter=Q(waived_at__isnull=True, met_at__isnull=True, missed_at__isnull=False)),
            waived=Count("pk", filter=Q(waived_at__isnull=False)),
            overdue=Count("pk", filter=standing & Q(due_at__lt=now)),
            open=Count("pk", filter=standing & Q(due_at__gte=now)),
        )
    ):
        f.duties[row.pop("kind")] = row
    items = (
        Item.objects.visible_to(user)
        .filter(community_id__in=communities, reported_at__gte=start, reported_at__lt=end)
        .exclude(status=Status.DRAFT)
    )
    f.pointless = len(items.filter(key_points=[]).order_by().values_list("pk")[:1001])
    urgent = items.filter(urgent=True).order_by().values("pk")
    f.urgent_late = (
        seen.filter(kind="review", subject_id__in=urgent)
        .filter(Q(met_at__gt=F("due_at")) | standing & Q(due_at__lt=now))
        .count()
    )
    versions = UrgentVersion.objects.filter(
        report__in=UrgentReport.objects.visible_to(user).filter(community__in=communities),
        written_at__gte=start, written_at__lt=end,
    ).order_by()  # fmt: skip
    kept = Seal.objects.kept_at(OuterRef("by"), OuterRef("written_at"))
    f.written, f.sealed, f.unsealed = versions.aggregate(
        written=Count("pk"),
        sealed=Count("pk", filter=Q(seal__isnull=False)),
        unsealed=Count("pk", filter=Q(seal__isnull=True) & Exists(kept)),
    ).values()
    f.activities = (
        Activity.objects.visible_to(user)
        .filter(community_id__in=communities, starts_at__gte=start, starts_at__lt=end)
        .count()
    )
    f.reveals = Record.objects.filter(
        at__gte=start, at__lt=end, action__in=("party.reveal", "export.reveal"), unit_id__in=tree().within(unit_id)
    ).count()
    return f


def _state(f: Facts, duty: Duty) -> dict[str, Any]:
    if duty.fact is not None:
        state, words, link = duty.fact(f)
        proofs = [{"words": words, "url": link}]
    else:
        state, proofs = NONE, []
        sums = {
            s: sum(f.duties.get(k, {}).get(s, 0) for k in duty.kinds)
            for s in ("met", "late", "missed", "waived", "overdue", "open")
        }
        if sums["overdue"] or sums["missed"]:
            state = OVERDUE
        elif sums["open"]:
            state = DUE
        elif sums["met"] or sums["late"] or sums["waived"]:
            state = MET
        names = {
            "met": _("按时 %(n)d"),
            "late": _("迟办 %(n)d"),
            "missed": _("漏办 %(n)d"),
            "overdue": _("超期未办 %(n)d"),
            "open": _("待办 %(n)d"),
            "waived": _("免除 %(n)d"),
        }
        filters = (
            {"kind": duty.kinds[0]}
            if len(duty.kinds) == 1
            else {"clause_kinds": ",".join(duty.kinds)}
            if len(duty.kinds) < len(KINDS)
            else {}
        )
        proofs = [
            {"words": name % {"n": sums[key]}, "url": f.list_of(state=key, **filters), "bad": key in ("missed", "overdue")}
            for key, name in names.items() if sums[key]
        ]  # fmt: skip
        proofs = proofs or [{"words": _("本期没有应办事项"), "url": f.list_of(**filters)}]
    name, tone = STATES[state]
    return {
        "what": duty.what,
        "who": duty.who,
        "rhythm": duty.rhythm,
        "state": state,
        "state_name": name,
        "tone": tone,
        "proofs": proofs,
    }
