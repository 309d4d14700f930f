"""Who nominates and decides rewards (7.1), who opens, answers and decides a case (7.2)."""

from __future__ import annotations

from uuid import UUID

import rules

from linbao.conduct.models import Award, Breach, Case, Contribution, Nomination
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree


def manages_above(user: User, community_id: UUID) -> bool:
    """Manager of a unit above the community, not of the community itself."""
    units = user.rights.granted.get(Role.MANAGER, set())
    return any(u.id in units for u in tree().line(community_id)[1:])


@rules.predicate
def works_here(user: User, nomination: Nomination | None = None) -> bool:
    """Anybody with a role may nominate (7.1.1)."""
    return bool(user.rights.granted)


@rules.predicate
def manages_nomination(user: User, nomination: Nomination | None = None) -> bool:
    if nomination is None:
        return user.rights.has(Role.MANAGER)
    return user.rights.on(nomination.community_id, Role.MANAGER)


@rules.predicate
def has_part(user: User, nomination: Nomination | None = None) -> bool:
    """Nominee and nominator never decide (7.1.1)."""
    return nomination is not None and user.pk in (nomination.nominee_id, nomination.nominated_by_id)


@rules.predicate
def nominated(user: User, nomination: Nomination | None = None) -> bool:
    return nomination is not None and nomination.nominated_by_id == user.pk


@rules.predicate
def sees_contributions(user: User, thing: object = None) -> bool:
    return user.rights.informed


@rules.predicate
def records(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.REVIEWER, Role.HANDLER, Role.MANAGER)


@rules.predicate
def confirms(user: User, contribution: Contribution | None = None) -> bool:
    """The item's handler or the community's manager (domain.md §7), but nobody a contribution of their own."""
    if contribution is None:
        return user.rights.has(Role.HANDLER, Role.MANAGER)
    if user.rights.on(contribution.community_id, Role.MANAGER):
        return True
    return contribution.item.handler_id == user.pk and user.rights.has(Role.HANDLER)


@rules.predicate
def is_reporter_of(user: User, contribution: Contribution | None = None) -> bool:
    return contribution is not None and any(s.person_id == user.pk for s in contribution.shares.all())


@rules.predicate
def keeps_ledger(user: User, unit_id: UUID | None = None) -> bool:
    return user.rights.has(Role.MANAGER) if unit_id is None else user.rights.on(unit_id, Role.MANAGER)


@rules.predicate
def hands_over(user: User, award: Award | None = None) -> bool:
    return award is not None and user.rights.on(award.community_id, Role.MANAGER) and award.person_id != user.pk


@rules.predicate
def holds_award(user: User, award: Award | None = None) -> bool:
    return award is not None and award.person_id == user.pk


@rules.predicate
def opens_cases(user: User, breach: tuple[UUID, str] | None = None) -> bool:
    """A manager, or for leaks the security officer; `breach` is (community, kind)."""
    if breach is None:
        return user.rights.has(Role.MANAGER, Role.SECURITY_OFFICER)
    community, kind = breach
    if user.rights.on(community, Role.MANAGER):
        return True
    return kind == Breach.LEAK and user.rights.on(community, Role.SECURITY_OFFICER)


@rules.predicate
def is_person(user: User, case: Case | None = None) -> bool:
    return case is not None and case.person_id == user.pk


@rules.predicate
def decides(user: User, case: Case | None = None) -> bool:
    """Named to decide, and still not involved."""
    return case is not None and user.pk in case.deciders and user.pk not in case.barred


@rules.predicate
def decides_appeal(user: User, case: Case | None = None) -> bool:
    """Another person still than who decided."""
    return (
        case is not None
        and user.pk in case.appeal_deciders
        and user.pk not in case.barred
        and user.pk != case.decided_by_id
    )


@rules.predicate
def opened(user: User, case: Case | None = None) -> bool:
    return case is not None and case.opened_by_id == user.pk


rules.add_perm("reward.nominate", works_here)
rules.add_perm("reward.decide", manages_nomination & ~has_part)
rules.add_perm("reward.withdraw", nominated)
rules.add_perm("contribution.view", sees_contributions)
rules.add_perm("contribution.record", records)
rules.add_perm("contribution.confirm", confirms & ~is_reporter_of)
rules.add_perm("reward.ledger", keeps_ledger)
rules.add_perm("award.issue", hands_over)
rules.add_perm("award.hand_over", hands_over)
rules.add_perm("award.consent", holds_award)
rules.add_perm("case.open", opens_cases)
rules.add_perm("case.state", is_person)
rules.add_perm("case.decide", decides)
rules.add_perm("case.appeal", is_person)
rules.add_perm("case.decide_appeal", decides_appeal)
rules.add_perm("case.add_evidence", opened)
