"""The numbers that a manager asks first, from the daily sums (2.2.2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from linbao.archive import rollups
from linbao.archive.models import GridDay, Rollup
from linbao.base import clock, days
from linbao.base.problems import Invalid, NotAllowed
from linbao.collection.catalogue import catalogue
from linbao.collection.models import OPEN_STATUSES, Category, Item
from linbao.reporting import emergencies
from linbao.units.models import Role, UnitKind, User
from linbao.units.tree import tree

CAPPED = 1000
SUMS = (
    "submitted",
    "closed",
    "returned",
    "urgent",
    "judged",
    "first_pass",
    "close_hours",
    "overdue",
    "satisfied",
    "mostly_satisfied",
    "unsatisfied",
)
WEEKS = 12


@dataclass(frozen=True)
class Period:
    since: date
    until: date

    @classmethod
    def read(cls, since: str, until: str) -> Period:
        """The days given, or the last twelve weeks; raises `Invalid`."""
        today = clock.today()
        try:
            last = days.day(until) if until else today
            first = days.day(since) if since else clock.monday(last) - timedelta(weeks=WEEKS - 1)
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


def unit_of(user: User, given: str) -> UUID:
    """The unit asked for, or the widest one of this person. Raises `NotAllowed` for one that is not theirs."""
    offered = [u["id"] for u in units_for(user)]
    if given:
        try:
            wanted = UUID(given)
        except ValueError as e:
            raise Invalid(fields={"unit": [_("没有这个单位。")]}) from e
        if wanted not in offered:
            raise NotAllowed(_("您无权查看这个单位的统计。"))
        return wanted
    if not offered:
        raise NotAllowed(_("您没有可以查看的单位。"))
    return offered[0]


def numbers(user: User, unit_id: UUID, period: Period) -> dict[str, Any]:
    """Everything the overview shows; two reads of the sums, one of the grids, three capped counts. `counted_since`:
    the day from which on the sums are complete, where the job has not got down to the period's first yet."""
    counted_since = rollups.begun()
    rows = list(
        Rollup.objects.filter(
            community_id=unit_id, day__range=(min(period.since, clock.monday(clock.today())), period.until)
        ).values_list("day", "category", "subcategory", *SUMS)
    )
    inside = [r for r in rows if r[0] >= period.since]
    total = {name: sum(r[3 + n] for r in inside) for n, name in enumerate(SUMS)}
    this_week = clock.monday(clock.today())
    judged = total["satisfied"] + total["mostly_satisfied"] + total["unsatisfied"]
    seen = Item.objects.visible_to(user).filter(community_id__in=tree().communities(unit_id))
    return {
        "counted_since": counted_since if counted_since and counted_since > period.since else None,
        "total": total,
        "new": sum(r[3] for r in rows if r[0] >= this_week),
        "this_week": this_week,
        "open": _capped(seen.filter(status__in=OPEN_STATUSES)),
        "overdue": _capped(seen.filter(status="handling", due_at__lt=clock.now())),
        "urgent_open": str(emergencies.count_open(tree().communities(unit_id))),
        "on_time": _share(total["closed"] - total["overdue"], total["closed"]),
        "satisfaction": _share(total["satisfied"] + total["mostly_satisfied"], judged),
        "judged": judged,
        "first_pass": _share(total["first_pass"], total["judged"]),
        "close_days": round(total["close_hours"] / total["closed"] / 24, 1) if total["closed"] else None,
        "by_week": _by_week(inside, period),
        "by_subcategory": _top(inside),
        "verdicts": {"labels": [_("满意"), _("基本满意"), _("不满意")], "series": [{"name": _("条"), "values": [total["satisfied"], total["mostly_satisfied"], total["unsatisfied"]]}]},
        "by_place": _by_place(unit_id, period),
        "flow": _flow(inside, period),
    }  # fmt: skip


def _capped(rows: Any) -> str:
    found = len(rows.order_by().values_list("pk")[: CAPPED + 1])
    return f"{CAPPED}+" if found > CAPPED else str(found)


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "—"


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
    if unit.kind == UnitKind.COMMUNITY:
        found = (
            GridDay.objects.filter(within, community_id=unit_id)
            .values_list("grid_id")
            .annotate(Sum("submitted"), Sum("closed"))
        )
    else:
        below = [u.id for u in units.children(unit_id) if units.communities(u.id)]
        found = (
            Rollup.objects.filter(within, community_id__in=below)
            .values_list("community_id")
            .annotate(Sum("submitted"), Sum("closed"))
        )
    rows = sorted(
        ((units.by_id[u].name, str(u), a or 0, b or 0, units.by_id[u].code) for u, a, b in found if u in units.by_id),
        key=lambda r: r[4],
    )[:60]
    return {
        "labels": [r[0] for r in rows], "ids": [r[1] for r in rows],
        "series": [{"name": _("新上报"), "values": [r[2] for r in rows]}, {"name": _("已归档"), "values": [r[3] for r in rows]}],
    }  # fmt: skip
