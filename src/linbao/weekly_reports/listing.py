"""Weekly reports by state, week, unit and person, for the page and its export (4.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy

from linbao.core import clock, dates, periods
from linbao.core.listing import Choice, Column, Control, Filter, Listing, Text
from linbao.organisation import people
from linbao.organisation.models import Role, UnitKind, User
from linbao.organisation.tree import tree
from linbao.weekly_reports.models import ReportStatus, WeeklyReport


@dataclass(frozen=True)
class WeekFilter(Filter):
    """The week of the day that was chosen, by its Monday."""

    def clean(self, user: User, raw: str) -> date:
        return clock.monday(dates.day(raw, 2000, 2200))

    def controls(self, user: User, raw: Any) -> list[Control]:
        return [Control("day", self.name, self.label, raw.get(self.name, ""))]

    def shown(self, user: User, value: date) -> str:
        return periods.week(value)


def _of_unit(rows: QuerySet[WeeklyReport], unit_id: UUID) -> QuerySet[WeeklyReport]:
    if tree().by_id[unit_id].kind == UnitKind.WORK_GROUP:
        return rows.filter(work_group_id=unit_id)
    return rows.filter(community__in=tree().within(unit_id))


class ReporterFilter(Text):
    """By a part of the name; offered to those who see more than their own."""

    def controls(self, user: User, raw: Any) -> list[Control]:
        offered = people.offered(user.rights, Role.REVIEWER, Role.MANAGER)
        return super().controls(user, raw) if offered or raw.get(self.name) else []


LISTING = Listing(
    name="weekly-reports",
    title=lazy("周报"),
    action="weekly.export",
    url="weekly_reports:list",
    export_url="weekly_reports:export",
    size=30,
    rows=lambda user, values: WeeklyReport.objects.visible_to(user).select_related(
        "reporter", "work_group", "community"
    ),
    filters=(
        Choice("status", lazy("状态"), "status", every=lazy("全部状态"), options=ReportStatus.choices),
        people.UnitFilter("unit", narrow=_of_unit, roles=(Role.REVIEWER, Role.MANAGER)),
        ReporterFilter("who", lazy("报告员姓名"), "reporter__name__icontains"),
        WeekFilter("week", lazy("哪一周"), "week"),
    ),
    columns=(
        Column("week", lazy("周"), lambda r: periods.week(r.week), 26, sort="week"),
        Column("community", lazy("社区"), lambda r: r.community.name, 16),
        Column("work_group", lazy("工作小组"), lambda r: r.work_group.name if r.work_group else "", 14),
        Column("reporter", lazy("报告员"), lambda r: r.reporter.name, 14),
        Column("number", lazy("文号"), lambda r: r.number, 24),
        Column("version", lazy("版本"), lambda r: r.version, 8),
        Column("confirmed", lazy("报送时间"), lambda r: r.confirmed_at, 18),
        Column("items", lazy("信息条数"), lambda r: len(r.facts.get("items", ())), 8),
        Column("activities", lazy("活动次数"), lambda r: len(r.facts.get("activities", ())), 8),
        Column("status", lazy("状态"), lambda r: r.get_status_display(), 40),
    ),
    sort="-week",
)
