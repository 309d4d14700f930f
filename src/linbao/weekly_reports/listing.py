"""Weekly reports by state, week, unit and person, for the page and its export (4.1.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, dates, periods, text
from linbao.core.listing import Cursor
from linbao.core.problems import Invalid
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.weekly_reports.models import ReportStatus, WeeklyReport, WeeklyReportQuerySet

PAGE = 30
ORDERS = {"": Cursor("week"), "-week": Cursor("week"), "week": Cursor("week", descending=False)}
WIDTHS = (26, 16, 14, 14, 24, 8, 18, 8, 8, 40)


@dataclass(frozen=True)
class Filters:
    """What to look for; empty means all. `week` is the Monday of the day that was chosen."""

    status: str = ""
    week: date | None = None
    unit: UUID | None = None
    who: str = ""
    sort: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Filters:
        """From a query string; raises `Invalid` with a message for each value that is none."""
        typed = {n: text.clean(str(given.get(n) or ""))[:60] for n in ("status", "week", "unit", "who", "sort")}
        errors: dict[str, list[str]] = {}
        week, unit = None, None
        try:
            week = clock.monday(dates.day(typed["week"])) if typed["week"] else None
            if week and not 2000 <= week.year <= 2200:
                raise ValueError
        except (ValueError, OverflowError):
            errors["week"] = []
        try:
            unit = UUID(typed["unit"]) if typed["unit"] else None
            if unit and tree().get(unit) is None:
                raise ValueError
        except ValueError:
            errors["unit"] = []
        if typed["status"] and typed["status"] not in ReportStatus.values:
            errors["status"] = []
        if typed["sort"] not in ORDERS:
            errors["sort"] = []
        if errors:
            details = {n: [_("“%(value)s”不是有效的筛选条件。") % {"value": typed[n][:40]}] for n in errors}
            raise Invalid(_("有筛选条件无法识别，请修改后重试。"), details)
        return cls(typed["status"], week, unit, typed["who"], typed["sort"])

    @property
    def active(self) -> bool:
        return any((self.status, self.week, self.unit, self.who))

    def apply(self, rows: WeeklyReportQuerySet) -> WeeklyReportQuerySet:
        if self.status:
            rows = rows.filter(status=self.status)
        if self.week:
            rows = rows.filter(week=self.week)
        if self.unit:
            below = tree().within(self.unit)
            unit = tree().by_id[self.unit]
            rows = rows.filter(work_group_id=unit.pk) if unit.kind == "work_group" else rows.filter(community__in=below)
        if self.who:
            rows = rows.filter(reporter__name__icontains=self.who)
        return rows


def page(user: User, filters: Filters, cursor: str, size: int = PAGE) -> tuple[list[WeeklyReport], str | None]:
    """A page of the reports that `user` may see; one statement."""
    rows = filters.apply(WeeklyReport.objects.visible_to(user)).select_related("reporter", "work_group", "community")
    return ORDERS[filters.sort].page(rows, cursor, size)


def header() -> list[str]:
    return [
        _("周"),
        _("社区"),
        _("工作小组"),
        _("报告员"),
        _("文号"),
        _("版本"),
        _("报送时间"),
        _("信息条数"),
        _("活动次数"),
        _("状态"),
    ]


def begin_export(user: User, filters: Filters) -> None:
    """Put it on the audit log that the list is taken out."""
    details = {"status": filters.status, "week": str(filters.week or ""), "unit": str(filters.unit or "")}
    audit.record(user, "weekly.export", unit_id=user.rights.home, filters=details, searched=bool(filters.who))


def lines(user: User, filters: Filters) -> Iterator[list[str]]:
    """The rows of the export, read page by page."""
    cursor: str | None = ""
    while cursor is not None:
        result, cursor = page(user, filters, cursor, 500)
        for r in result:
            sent = clock.local(r.confirmed_at).strftime("%Y-%m-%d %H:%M") if r.confirmed_at else ""
            yield [
                periods.week(r.week),
                r.community.name,
                r.work_group.name if r.work_group else "",
                r.reporter.name,
                r.number,
                str(r.version),
                sent,
                str(len(r.facts.get("items", ()))),
                str(len(r.facts.get("activities", ()))),
                str(r.get_status_display()),
            ]
