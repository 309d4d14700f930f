"""Who may call in, write and conclude an emergency (2.3.2, 4.2)."""

from __future__ import annotations

import rules

from linbao.duties.roster import on_duty_for
from linbao.emergencies.models import UrgentReport
from linbao.organisation.models import Role, User


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
