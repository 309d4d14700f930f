"""Who may send a weekly report, and who reviews it (4.1.1, 4.3.1)."""

from __future__ import annotations

import rules

from linbao.duties.models import Obligation
from linbao.duties.roster import on_duty_for
from linbao.reporting.models import UrgentReport, WeeklyReport, of_report
from linbao.units.models import Role, User


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


@rules.predicate
def tells_of_it(user: User, report: UrgentReport) -> bool:
    return report.reporter_id == user.pk


@rules.predicate
def leads_its_community(user: User, report: UrgentReport) -> bool:
    return user.rights.on(report.community_id, Role.REVIEWER, Role.MANAGER)


@rules.predicate
def watches_its_community(user: User, report: UrgentReport) -> bool:
    """The department, or who is on duty there: it receives the calls."""
    return leads_its_community(user, report) or report.community_id in on_duty_for(user)


@rules.predicate
def nobody_tells_of_it(user: User, report: UrgentReport) -> bool:
    """It came under an account that nobody uses (a file from elsewhere): the department writes."""
    return not report.reporter.is_active


rules.add_perm("urgent.write", tells_of_it | leads_its_community & nobody_tells_of_it)
rules.add_perm("urgent.call", tells_of_it | watches_its_community)
rules.add_perm("urgent.conclude", leads_its_community)
rules.add_perm("urgent.join", tells_of_it | leads_its_community)
