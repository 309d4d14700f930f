"""Who may send a weekly report, and who reviews it (4.1.1, 4.3.1)."""

from __future__ import annotations

import rules

from linbao.duties.models import Obligation
from linbao.organisation.models import Role, User
from linbao.weekly_reports.models import WeeklyReport, of_report


@rules.predicate
def reports_it(user: User, report: WeeklyReport) -> bool:
    """The reporter, or who stands in for them; anybody of the group where it reports as one."""
    if report.by_group:
        return user.rights.on(report.work_group_id, Role.REPORTER, Role.GROUP_LEADER)
    return report.reporter_id == user.pk or _stands_in(user, report)


def _stands_in(user: User, report: WeeklyReport) -> bool:
    return Obligation.objects.stood_by(user).filter(of_report(report.pk, report.reporter_id, report.week)).exists()


@rules.predicate
def reviews_it(user: User, report: WeeklyReport) -> bool:
    return user.rights.on(report.community_id, Role.REVIEWER, Role.MANAGER)


rules.add_perm("report.confirm", reports_it)
rules.add_perm("report.review", reviews_it & ~reports_it)
