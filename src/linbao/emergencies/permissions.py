"""Who may call in, write and conclude an emergency (2.3.2, 4.2)."""

from __future__ import annotations

import rules

from linbao.duties.roster import on_duty_for
from linbao.emergencies.models import UrgentReport
from linbao.organisation.models import Role, User


@rules.predicate
def is_reporter(user: User, report: UrgentReport) -> bool:
    """The reporter of the emergency."""
    return report.reporter_id == user.pk


@rules.predicate
def leads_its_community(user: User, report: UrgentReport) -> bool:
    """Reviewer or manager of its community."""
    return user.rights.on(report.community_id, Role.REVIEWER, Role.MANAGER)


@rules.predicate
def watches_its_community(user: User, report: UrgentReport) -> bool:
    """The department, or who is on duty there: it receives the calls."""
    return leads_its_community(user, report) or report.community_id in on_duty_for(user)


@rules.predicate
def has_no_reporter(user: User, report: UrgentReport) -> bool:
    """It came under an account that nobody uses (a file from elsewhere): the department writes."""
    return not report.reporter.is_active


rules.add_perm("urgent.write", is_reporter | leads_its_community & has_no_reporter)
rules.add_perm("urgent.call", is_reporter | watches_its_community)
rules.add_perm("urgent.conclude", leads_its_community)
rules.add_perm("urgent.join", is_reporter | leads_its_community)
