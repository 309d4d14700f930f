"""The numbers that a manager asks first, from the daily sums (2.2.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.archive import scope
from linbao.archive.models import GridDay, Rollup
from linbao.archive.statistics import rollups
from linbao.core import clock, dates
from linbao.core.figures import STATISTICS, figure
from linbao.core.problems import Invalid, NotAllowed
from linbao.emergencies import services as emergencies
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import OPEN_STATUSES, Category, Item, Status
from linbao.organisation.models import Role, Unit, UnitKind, User
from linbao.organisation.tree import tree

CAPPED = 1000
SUMS = rollups.SUMS
WEEKS = 12
SUM = gettext_lazy("每日汇总（条目、时间线、评价），每五分钟更新")


@dataclass(frozen=True)
class Period:
    since: date
    until: date

    @classmethod
    def read(cls, since: str, until: str) -> Period:
        """The days given, or the last twelve weeks; raises `Invalid`."""
        today = clock.today()
        try:
            last = dates.day(until) if until else today
            first = dates.day(since) if since else clock.monday(last) - timedelta(weeks=WEEKS - 1)
        except ValueError as e:
            raise Invalid(fields={"since": [_("日期应写成 2026-11-20 的样子。")]}) from e
        if first > last or (last - first).days > 1100 or first.year < 1990 or last.year > 2200:
            raise Invalid(fields={"until": [_("结束日期不能早于开始日期，期间最长三年。")]})
        return cls(first, last)


def units_for(user: User) -> list[dict[str, Any]]:
    """Units whose every community this person leads, upper ones first."""
    units = tree()
    led = user.rights.communities(Role.REVIEWER, Role.MANAGER)
    shown: dict[UUID, int] = {}
    for community in sorted(led, key=lambda c: units.by_id[c].code):
        line = [u for u in reversed(units.line(community)) if units.communities(u.id) <= led]
        for depth, unit in enumerate(
            u for u in line if u.kind == UnitKind.COMMUNITY or len(units.communities(u.id)) > 1
        ):
            shown.setdefault(unit.id, depth)
    return [{"id": u, "name": "　" * depth + units.by_id[u].name} for u, depth in shown.items()]


def unit_of(user: User, value: str) -> UUID:
    """The unit asked for, or the widest one of this person. Raises `NotAllowed` for one that is not theirs."""
    offered: list[UUID] = [u["id"] for u in units_for(user)]
    if value:
        try:
            wanted = UUID(value)
        except ValueError as e:
            raise Invalid(fields={"unit": [_("没有这个单位。")]}) from e
        if wanted not in offered:
            raise NotAllowed(_("您无权查看这个单位的统计。"))
        return wanted
    if not offered:
        raise NotAllowed(_("您没有可以查看的单位。"))
    return offered[0]


@dataclass(frozen=True)
class Sums:
    """The sums of one unit and period, by the names of `rollups.SUMS`."""

    total: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        return self.total[name]


@dataclass(frozen=True)
class Share:
    """`part` of `whole`, both shown beside the percentage."""

    part: float
    whole: float

    @property
    def percent(self) -> float | None:
        """To one decimal; None where there is nothing to share."""
        return round(100 * self.part / self.whole, 1) if self.whole else None

    def __str__(self) -> str:
        return "—" if self.percent is None else f"{self.percent:g}%"


_ITEMS, _TIMES = gettext_lazy("条"), gettext_lazy("次")


@figure(
    "new",
    STATISTICS,
    gettext_lazy("本周新上报"),
    gettext_lazy("本周一零时起上报的条目，草稿和已撤回的不计"),
    unit=_ITEMS,
    source=SUM,
    clause="2.2.2",
)
def new(rows: Sequence[tuple[Any, ...]], monday: date) -> int:
    """Items reported since `monday`; `rows` as `rollups.read` gives them."""
    return int(sum(r[3] for r in rows if r[0] >= monday))


@figure(
    "submitted",
    STATISTICS,
    gettext_lazy("期间上报"),
    gettext_lazy("期间上报的条目，草稿和已撤回的不计，合并的计在内"),
    unit=_ITEMS,
    source=SUM,
    clause="2.2.2",
)
def submitted(sums: Sums) -> int:
    """Items reported in the period."""
    return int(sums["submitted"])


@figure(
    "returned",
    STATISTICS,
    gettext_lazy("曾被退回的条目"),
    gettext_lazy("期间上报的条目中，至少被退回补正过一次的；撤回的不计"),
    unit=_ITEMS,
    source=SUM,
    clause="4.3.2",
)
def returned(sums: Sums) -> int:
    """Items of the period that were returned at least once."""
    return int(sums["returned"])


@figure(
    "open",
    STATISTICS,
    gettext_lazy("未办结"),
    gettext_lazy("此刻已上报而没有归档、合并或撤回的条目，不论何时上报"),
    unit=_ITEMS,
    source=gettext_lazy("条目，实时"),
    clause="4.3.2",
)
def open_items(unit: Unit) -> str:
    """Capped at `CAPPED`."""
    return _capped(Item.objects.filter(scope.items(unit), status__in=OPEN_STATUSES))


@figure(
    "overdue",
    STATISTICS,
    gettext_lazy("办理超期"),
    gettext_lazy("此刻办理中、已过办理期限的条目"),
    unit=_ITEMS,
    source=gettext_lazy("条目，实时"),
    clause="4.3.2",
)
def overdue_items(unit: Unit) -> str:
    """Capped at `CAPPED`."""
    return _capped(Item.objects.filter(scope.items(unit), status=Status.HANDLING, due_at__lt=clock.now()))


@figure(
    "urgent_open",
    STATISTICS,
    gettext_lazy("紧急未终报"),
    gettext_lazy("此刻尚未终报、也未并入另一起的紧急情况"),
    unit=gettext_lazy("起"),
    source=gettext_lazy("紧急报告，实时"),
    clause="2.3.2",
)
def open_emergencies(unit: Unit) -> str:
    """Emergencies without a final report, at this moment."""
    return str(emergencies.count_open(tree().communities(unit.pk)))


@figure(
    "closings",
    STATISTICS,
    gettext_lazy("期间归档"),
    gettext_lazy("期间归档的次数；归档后又重办的，每次归档都计"),
    unit=_TIMES,
    source=SUM,
    clause="2.4.2",
)
def closings(sums: Sums) -> int:
    """Closings in the period."""
    return int(sums["closed"])


@figure(
    "on_time",
    STATISTICS,
    gettext_lazy("按期办结率"),
    gettext_lazy("期间的归档中，该轮办理没有超过期限的比例；免除期限的按没有超过计"),
    unit="%",
    source=SUM,
    clause="4.3.2",
)
def on_time(sums: Sums) -> Share:
    """Closings whose handling kept its limit, of all."""
    return Share(sums["closed"] - sums["overdue"], sums["closed"])


@figure(
    "satisfaction",
    STATISTICS,
    gettext_lazy("居民满意率"),
    gettext_lazy(
        "期间居民作出的全部评价中，满意和基本满意的比例；每次评价都计，条目后来重办或合并也不消失；未能评价的不计"
    ),
    unit="%",
    source=SUM,
    clause="2.4.2",
)
def satisfaction(sums: Sums) -> Share:
    """Judgements satisfied or mostly satisfied, of all."""
    content = sums["satisfied"] + sums["mostly_satisfied"]
    return Share(content, content + sums["unsatisfied"])


@figure(
    "first_satisfaction",
    STATISTICS,
    gettext_lazy("首次满意率"),
    gettext_lazy("期间评价中，属于该条目第一次评价的，其满意和基本满意的比例"),
    unit="%",
    source=SUM,
    clause="2.4.2",
)
def first_satisfaction(sums: Sums) -> Share:
    """The same of the first judgement on each item."""
    return Share(sums["first_content"], sums["first_answers"])


@figure(
    "last_satisfaction",
    STATISTICS,
    gettext_lazy("最终满意率"),
    gettext_lazy("期间评价中，没有被该条目后来的评价取代的，其满意和基本满意的比例"),
    unit="%",
    source=SUM,
    clause="2.4.2",
)
def last_satisfaction(sums: Sums) -> Share:
    """The same of judgements that no later one replaced."""
    return Share(sums["last_content"], sums["last_answers"])


@figure(
    "unrated",
    STATISTICS,
    gettext_lazy("未能评价"),
    gettext_lazy("期间记录为没有评价的次数（不愿、联系不上、匿名、没有提出人），都写有原因"),
    unit=_TIMES,
    source=SUM,
    clause="2.4.2",
)
def unrated(sums: Sums) -> int:
    """Evaluations without a judgement."""
    return int(sums["unrated"])


@figure(
    "first_pass",
    STATISTICS,
    gettext_lazy("一次通过率"),
    gettext_lazy(
        "期间上报、已有首次审核结论的条目中，首次结论为通过的比例；合并和撤回的条目不计；统计、考核和工作档案同用"
    ),
    unit="%",
    source=SUM,
    clause="4.3.1",
)
def first_pass(sums: Sums) -> Share:
    """Items approved by their first review, of those with one."""
    return Share(sums["first_pass"], sums["judged"])


@figure(
    "decisions",
    STATISTICS,
    gettext_lazy("审核结论"),
    gettext_lazy("期间审核员通过或退回的次数，从时间线计，不论条目后来如何"),
    unit=_TIMES,
    source=SUM,
    clause="4.3.1",
)
def decisions(sums: Sums) -> int:
    """Decisions of reviewers in the period."""
    return int(sums["decisions"])


@figure(
    "returns",
    STATISTICS,
    gettext_lazy("退回补正"),
    gettext_lazy("期间退回补正的次数，从时间线计；同一条目每次退回都计"),
    unit=_TIMES,
    source=SUM,
    clause="4.3.2",
)
def returns(sums: Sums) -> int:
    """Returns in the period."""
    return int(sums["returns"])


@figure(
    "close_days",
    STATISTICS,
    gettext_lazy("平均办结"),
    gettext_lazy("期间每次归档，从上报到归档的日历天数，取平均"),
    unit=gettext_lazy("天"),
    source=SUM,
    clause="4.3.2",
)
def close_days(sums: Sums) -> float | None:
    """Calendar days from report to closing, on average; None without a closing."""
    return round(sums["close_hours"] / sums["closed"] / 24, 1) if sums["closed"] else None


COUNTS = {
    "submitted": submitted,
    "returned": returned,
    "closings": closings,
    "on_time": on_time,
    "satisfaction": satisfaction,
    "first_satisfaction": first_satisfaction,
    "last_satisfaction": last_satisfaction,
    "unrated": unrated,
    "first_pass": first_pass,
    "decisions": decisions,
    "returns": returns,
    "close_days": close_days,
}


def read(unit: Unit, period: Period) -> Sums:
    """The sums of a unit and period, the same for every reader."""
    rows = rollups.read(unit, period.since, period.until)
    return Sums({name: sum(r[3 + n] for r in rows) for n, name in enumerate(SUMS)})


def as_json(unit: Unit, period: Period) -> dict[str, Any]:
    """Every figure of the statistics by its code; a share as {percent, part, whole}."""
    counted_since = rollups.begun()
    sums = read(unit, period)
    values: dict[str, Any] = {code: count(sums) for code, count in COUNTS.items()}
    return {
        "unit": unit.code,
        "since": period.since,
        "until": period.until,
        "counted_since": counted_since if counted_since and counted_since > period.since else None,
        "figures": {
            code: {"percent": v.percent, "part": int(v.part), "whole": int(v.whole)} if isinstance(v, Share) else v
            for code, v in values.items()
        },
    }


def numbers(unit_id: UUID, period: Period) -> dict[str, Any]:
    """Everything the overview shows, the same for every reader of the unit; one read of the sums, one of the grids,
    three capped counts. `counted_since`: the day from which on the sums are complete, where the job has not got down
    to the period's first yet."""
    counted_since = rollups.begun()
    unit = tree().by_id[unit_id]
    today = clock.today(tree().setting(unit_id, "time_zone"))
    this_week = clock.monday(today)
    rows = rollups.read(unit, min(period.since, this_week), max(period.until, today))
    inside = [r for r in rows if period.since <= r[0] <= period.until]
    sums = Sums({name: sum(r[3 + n] for r in inside) for n, name in enumerate(SUMS)})
    total = sums.total
    return {
        "counted_since": counted_since if counted_since and counted_since > period.since else None,
        "total": total,
        "new": new(rows, this_week),
        "this_week": this_week,
        "open": open_items(unit),
        "overdue": overdue_items(unit),
        "urgent_open": open_emergencies(unit),
        **{code: count(sums) for code, count in COUNTS.items()},
        "by_week": _by_week(inside, period),
        "by_subcategory": _top(inside),
        "verdicts": _verdicts(total),
        "by_place": _by_place(unit_id, period),
        "flow": _flow(inside, period),
    }


def _verdicts(total: Mapping[str, float]) -> dict[str, Any]:
    names = {"satisfied": _("满意"), "mostly_satisfied": _("基本满意"), "unsatisfied": _("不满意")}
    return {
        "labels": list(names.values()),
        "codes": list(names),
        "series": [{"name": _("次"), "values": [total[n] for n in names]}],
    }


def _capped(rows: Any) -> str:
    result = len(rows.order_by().values_list("pk")[: CAPPED + 1])
    return f"{CAPPED}+" if result > CAPPED else str(result)


def _weeks(period: Period) -> list[date]:
    first, weeks = clock.monday(period.since), []
    while first <= period.until:
        weeks.append(first)
        first += timedelta(weeks=1)
    return weeks[-53:]


def _by_week(rows: list[Any], period: Period) -> dict[str, Any]:
    weeks = _weeks(period)
    sums: dict[tuple[str, date], int] = defaultdict(int)
    for r in rows:
        sums[r[1], clock.monday(r[0])] += r[3]
    return {
        "labels": [f"{w:%m-%d}" for w in weeks],
        "series": [{"name": str(label), "values": [sums[code, w] for w in weeks]} for code, label in Category.choices],
    }


def _flow(rows: list[Any], period: Period) -> dict[str, Any]:
    weeks = _weeks(period)
    came: dict[date, int] = defaultdict(int)
    went: dict[date, int] = defaultdict(int)
    for r in rows:
        came[clock.monday(r[0])] += r[3]
        went[clock.monday(r[0])] += r[4]
    return {
        "labels": [f"{w:%m-%d}" for w in weeks],
        "series": [
            {"name": _("新上报"), "values": [came[w] for w in weeks]},
            {"name": _("已归档"), "values": [went[w] for w in weeks]},
        ],
    }


def _top(rows: list[Any]) -> dict[str, Any]:
    sums: dict[str, int] = defaultdict(int)
    for r in rows:
        sums[r[2]] += r[3]
    top = [(code, n) for code, n in sorted(sums.items(), key=lambda p: -p[1]) if n][:10]
    return {
        "labels": [catalogue().name(code) or _("未分类") for code, _n in top],
        "codes": [c for c, _n in top],
        "series": [{"name": _("条"), "values": [n for _c, n in top]}],
    }


def _by_place(unit_id: UUID, period: Period) -> dict[str, Any]:
    """By grid in a community, by unit below in a wider one."""
    units, unit = tree(), tree().by_id[unit_id]
    within = Q(day__range=(period.since, period.until))
    result: QuerySet[Any, tuple[Any, ...]]
    if unit.kind == UnitKind.COMMUNITY:
        result = (
            GridDay.objects.filter(within, community_id=unit_id)
            .values_list("grid_id")
            .annotate(Sum("submitted"), Sum("closed"))
        )
    else:
        below = [u.id for u in units.children(unit_id) if units.communities(u.id)]
        result = (
            Rollup.objects.filter(within, community_id__in=below)
            .values_list("community_id")
            .annotate(Sum("submitted"), Sum("closed"))
        )
    rows = sorted(
        ((units.by_id[u].name, str(u), a or 0, b or 0, units.by_id[u].code) for u, a, b in result if u in units.by_id),
        key=lambda r: r[4],
    )[:60]
    return {
        "labels": [r[0] for r in rows],
        "ids": [r[1] for r in rows],
        "series": [
            {"name": _("新上报"), "values": [r[2] for r in rows]},
            {"name": _("已归档"), "values": [r[3] for r in rows]},
        ],
    }
