"""Lists of appraisal: people of a cycle by name (never by score), cycles, sums by unit; and their spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.appraisal import metrics, names
from linbao.appraisal.models import GRADES, Appraisal, Change, Cycle, CycleState, Grade, Rating, RatingKind, half_name
from linbao.core.listing import Choice, Column, Listing, Search
from linbao.organisation.models import Role, Unit, User
from linbao.organisation.people import UnitFilter
from linbao.organisation.tree import tree

NO_GRADE = "none"


def communities(user: User) -> list[Unit]:
    """The communities whose appraisal `user` organises, by code."""
    return sorted((tree().by_id[u] for u in user.rights.communities(Role.MANAGER)), key=lambda u: u.code)


class ManagedUnit(UnitFilter):
    """A community whose appraisal one organises."""

    def pairs(self, user: User) -> list[tuple[str, str]]:
        return [(str(u.pk), u.name) for u in communities(user)]


class GroupFilter(UnitFilter):
    """A work group of the cycle's community; `page` is asked with the cycle's own groups."""

    def pairs(self, user: User) -> list[tuple[str, str]]:
        groups = {g for c in communities(user) for g in tree().children(c.pk, "work_group")}
        return [(str(u.pk), u.name) for u in sorted(groups, key=lambda u: u.code)]

    def refusal(self, raw: str) -> str:
        return _("没有这个工作小组。")


def _cycles(user: User, values: Mapping[str, Any]) -> QuerySet[Cycle]:
    rows = Cycle.objects.visible_to(user).select_related("unit")
    return rows.filter(state=values["state"]) if values["state"] else rows.exclude(state=CycleState.SUPERSEDED)


CYCLES = Listing(
    name="appraisal-cycles",
    title=lazy("历次考核"),
    action="appraisal.export",
    url="appraisal:list",
    rows=_cycles,
    filters=(
        ManagedUnit("unit", narrow="unit__in"),
        Choice("state", lazy("状态"), every=lazy("全部状态"), options=CycleState.choices),
    ),
    columns=(
        Column("half", lazy("考核期"), lambda c: c.name, 20, sort="half"),
        Column("unit", lazy("单位"), lambda c: c.unit.name, 20),
        Column("version", lazy("次数"), lambda c: c.version, 8),
        Column("state", lazy("状态"), lambda c: c.get_state_display(), 12),
        Column("opened", lazy("开始"), lambda c: c.opened_at, 18, sort="opened_at"),
        Column("published", lazy("告知结果"), lambda c: c.published_at, 18),
    ),
    sort="-half",
)


def _changed(user: User, rows: list[Any], export: bool) -> None:
    """Mark whose grade a person set."""
    changed = set(Change.objects.filter(appraisal__in=[r.pk for r in rows]).values_list("appraisal", flat=True))
    for row in rows:
        row.changed = row.pk in changed


def _metric(code: str) -> Column:
    return Column(code, names.METRICS[code], lambda a: shown(a.figures.get(code, {}).get("score")), 10)


def _part(code: str) -> Column:
    return Column(f"{code}_score", names.PARTS[code], lambda a: shown(getattr(a, f"{code}_score")), 10)


def _grade(code: str, label: str) -> str:
    return label if code else _("不定等次")


# By name alone: people are not ranked by score (5.2.2).
PEOPLE = Listing(
    name="appraisal",
    title=lazy("考核结果"),
    action="appraisal.export",
    url="appraisal:cycle",
    export_url="appraisal:export",
    rows=lambda user, values: Appraisal.objects.filter(cycle__in=Cycle.objects.visible_to(user)).select_related(
        "group"
    ),
    filters=(
        Search("q", lazy("搜索姓名"), "name__contains"),
        GroupFilter("group", lazy("工作小组"), "group__in", every=lazy("全部小组")),
        Choice(
            "grade",
            lazy("等次"),
            lambda rows, value: rows.filter(grade="" if value == NO_GRADE else value),
            every=lazy("全部等次"),
            options=[*Grade.choices, (NO_GRADE, lazy("不定等次"))],
        ),
    ),
    columns=(
        Column("name", lazy("姓名"), lambda a: a.name, 12, sort="name"),
        Column("group", lazy("工作小组"), lambda a: a.group.name if a.group else "", 16),
        Column("months", lazy("在岗月数"), lambda a: shown(a.months), 10),
        *map(_metric, metrics.METRICS),
        *map(_part, metrics.PARTS),
        Column("total", lazy("综合得分"), lambda a: shown(a.total), 10),
        Column("items", lazy("条目数"), lambda a: a.items, 8),
        Column("suggested", lazy("建议等次"), lambda a: _grade(a.suggested, a.get_suggested_display()), 12),
        Column("grade", lazy("审定等次"), lambda a: _grade(a.grade, a.get_grade_display()), 12),
    ),
    sort="name",
    prepare=_changed,
)


def of_cycle(cycle: Cycle) -> QuerySet[Appraisal]:
    """The rows of `PEOPLE` that one cycle has."""
    return cycle.people.select_related("group")


def progress(cycle: Cycle) -> list[dict[str, Any]]:
    """The timetable: each phase with its end and how many answers there are."""
    counts = {
        r["kind"]: r
        for r in Rating.objects.filter(appraisal__cycle=cycle)
        .order_by()
        .values("kind")
        .annotate(
            n=Count("pk"),
            done=Count("pk", filter=Q(submitted_at__isnull=False)),
            out=Count("pk", filter=Q(left_out_at__isnull=False)),
        )
    }
    due = {RatingKind.SELF: cycle.self_due, RatingKind.PEER: cycle.peer_due, RatingKind.SUPERIOR: cycle.superior_due}
    rows = [
        {"name": kind.label, "due": at, **counts.get(kind, {"n": 0, "done": 0, "out": 0})} for kind, at in due.items()
    ]
    rows.append({"name": _("告知结果"), "due": cycle.publish_due, "met": cycle.published_at})
    if cycle.objection_due:
        rows.append({"name": _("申诉期"), "due": cycle.objection_due, "met": cycle.closed_at})
    return rows


def distribution(cycle: Cycle) -> dict[str, Any]:
    """How many people have which grade, suggested and final, with the most that may be 优秀."""
    counted = {
        kind: {r[kind]: r["n"] for r in cycle.people.order_by().values(kind).annotate(n=Count("pk"))}
        for kind in ("suggested", "grade")
    }
    shown = [*GRADES, ""]
    total = sum(counted["grade"].values())
    return {
        "labels": [Grade(g).label if g else _("不定等次") for g in shown],
        "series": [
            {"name": _("按规则建议"), "values": [counted["suggested"].get(g, 0) for g in shown]},
            {"name": _("审定等次"), "values": [counted["grade"].get(g, 0) for g in shown]},
        ],
        "total": total,
        "excellent": counted["grade"].get(Grade.EXCELLENT, 0),
        "most": metrics.most_excellent(total, cycle.rules),
    }


def shown(score: Any) -> str:
    return "" if score is None else f"{float(score):g}"


# --- by unit ------------------------------------------------------------------------------------


def halves(user: User) -> list[date]:
    """The half-years with told results in one's communities, the last one first."""
    rows = Cycle.objects.visible_to(user).filter(published_at__isnull=False).exclude(state=CycleState.SUPERSEDED)
    return list(rows.order_by("-half").values_list("half", flat=True).distinct()[:20])


_SUMS = """SELECT {by}, count(*), avg(a.total)::float, {means}, {grades}
FROM appraisal_appraisal a JOIN appraisal_cycle c ON c.id = a.cycle_id
WHERE c.published_at IS NOT NULL AND c.state != 'superseded' AND c.unit_id = ANY(%(units)s) {more} GROUP BY 1
  ORDER BY 1"""


def _sums(by: str, units: Sequence[UUID], more: str = "", **params: Any) -> list[dict[str, Any]]:
    means = ", ".join(f"avg((a.figures->'{m}'->>'score')::float)" for m in metrics.METRICS)
    grades = ", ".join(f"count(*) FILTER (WHERE a.grade = '{g}')" for g in [*GRADES, ""])
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(by=by, means=means, grades=grades, more=more), {"units": list(units), **params})
        rows = cursor.fetchall()
    return [
        {
            "key": key,
            "people": n,
            "total": total if total is None else round(total, 1),
            "means": [None if v is None else round(v, 1) for v in rest[: len(metrics.METRICS)]],
            "grades": list(rest[len(metrics.METRICS) :]),
        }
        for key, n, total, *rest in rows
    ]


def by_unit(user: User, half: date) -> list[dict[str, Any]]:
    """Sums of one half-year by community, in the order of their codes: means and grades, nobody's name, no ranking."""
    rows = _sums("c.unit_id", list(user.rights.communities(Role.MANAGER)), "AND c.half = %(half)s", half=half)
    for row in rows:
        row["unit"] = tree().by_id[row["key"]]
    return sorted(rows, key=lambda r: r["unit"].code)


def by_half(user: User, unit_id: UUID | None = None) -> list[dict[str, Any]]:
    """The same sums by half-year, of one community or of all of one's own."""
    units = [unit_id] if unit_id else list(user.rights.communities(Role.MANAGER))
    rows = _sums("c.half", units)
    for row in rows:
        row["name"] = half_name(row["key"])
    return rows


def unit_header() -> list[str]:
    """The header of the table by unit."""
    return [
        _("单位"),
        _("人数"),
        _("平均得分"),
        *(str(names.METRICS[m]) for m in metrics.METRICS),
        *(str(Grade(g).label) for g in GRADES),
        _("不定等次"),
    ]


def unit_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    """The lines of the table by unit, as `unit_header` names them."""
    for row in rows:
        yield [
            row["unit"].name,
            str(row["people"]),
            shown(row["total"]),
            *map(shown, row["means"]),
            *map(str, row["grades"]),
        ]
