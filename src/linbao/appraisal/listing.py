"""Lists of appraisal: people of a cycle by name (never by score), cycles, sums by unit; and their spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from linbao.appraisal import metrics, names
from linbao.appraisal.models import GRADES, Appraisal, Change, Cycle, CycleState, Grade, Rating, RatingKind, half_name
from linbao.core.http import as_uuid
from linbao.core.listing import Cursor
from linbao.core.problems import Invalid
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree

PAGE = 50
BY_NAME = Cursor("name", descending=False)
BY_HALF = Cursor("half")
NO_GRADE = "none"


@dataclass(frozen=True)
class Filters:
    """What the list of a cycle's people is narrowed to."""

    q: str = ""
    group: UUID | None = None
    grade: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Filters:
        """From a query string; raises `Invalid` for what no field offers."""
        group, grade = given.get("group", ""), given.get("grade", "")
        if group and as_uuid(group) is None:
            raise Invalid(fields={"group": [_("没有这个工作小组。")]})
        if grade and grade not in (*GRADES, NO_GRADE):
            raise Invalid(fields={"grade": [_("没有这个等次。")]})
        return cls(given.get("q", "").strip()[:40], as_uuid(group) if group else None, grade)

    @property
    def active(self) -> bool:
        return bool(self.q or self.group or self.grade)

    def of(self, cycle: Cycle) -> Any:
        rows = cycle.people.select_related("group")
        if self.q:
            rows = rows.filter(name__contains=self.q)
        if self.group:
            rows = rows.filter(group=self.group)
        if self.grade:
            rows = rows.filter(grade="" if self.grade == NO_GRADE else self.grade)
        return rows


def people(cycle: Cycle, filters: Filters, cursor: str) -> tuple[list[Appraisal], str | None]:
    """A page of people by name; each with `changed`, whether a person set its grade. Two statements."""
    rows, following = BY_NAME.page(filters.of(cycle), cursor, PAGE)
    changed = set(Change.objects.filter(appraisal__in=[r.pk for r in rows]).values_list("appraisal", flat=True))
    for row in rows:
        row.changed = row.pk in changed
    return rows, following


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


def header() -> list[str]:
    return [
        _("姓名"),
        _("工作小组"),
        _("在岗月数"),
        *(str(names.METRICS[m]) for m in metrics.METRICS),
        *(str(names.PARTS[p]) for p in metrics.PARTS),
        _("综合得分"),
        _("条目数"),
        _("建议等次"),
        _("审定等次"),
    ]


WIDTHS = [12, 16, 10, *([10] * 9), 10, 8, 12, 12]


def lines(cycle: Cycle, filters: Filters) -> Iterator[list[str]]:
    """The people of the list for a spreadsheet, by name."""
    for row in filters.of(cycle).order_by("name", "id").iterator(chunk_size=500):
        yield [
            row.name,
            row.group.name if row.group else "",
            shown(row.months),
            *(shown(row.figures.get(m, {}).get("score")) for m in metrics.METRICS),
            *(shown(getattr(row, f"{p}_score")) for p in metrics.PARTS),
            shown(row.total),
            str(row.items),
            row.get_suggested_display() if row.suggested else _("不定等次"),
            row.get_grade_display() if row.grade else _("不定等次"),
        ]


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


def _sums(by: str, units: Sequence[UUID], more: str = "", **given: Any) -> list[dict[str, Any]]:
    means = ", ".join(f"avg((a.figures->'{m}'->>'score')::float)" for m in metrics.METRICS)
    grades = ", ".join(f"count(*) FILTER (WHERE a.grade = '{g}')" for g in [*GRADES, ""])
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(by=by, means=means, grades=grades, more=more), {"units": list(units), **given})
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
    return [
        _("单位"),
        _("人数"),
        _("平均得分"),
        *(str(names.METRICS[m]) for m in metrics.METRICS),
        *(str(Grade(g).label) for g in GRADES),
        _("不定等次"),
    ]


def unit_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    for row in rows:
        yield [
            row["unit"].name,
            str(row["people"]),
            shown(row["total"]),
            *map(shown, row["means"]),
            *map(str, row["grades"]),
        ]
