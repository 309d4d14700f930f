"""Who opens, rates, calibrates, objects and decides (5.2.2): nobody judges their own case."""

from __future__ import annotations

import rules

from linbao.appraisal.models import Appraisal, Cycle, Objection, Proposal, Rating, RatingKind
from linbao.organisation.models import Role, Unit, User


@rules.predicate
def manages_unit(user: User, unit: Unit | None = None) -> bool:
    """Manages the unit; without one: any."""
    if unit is None:
        return user.rights.has(Role.MANAGER)
    return user.rights.on(unit.pk, Role.MANAGER)


@rules.predicate
def manages_cycle(user: User, cycle: Cycle | None = None) -> bool:
    """Manages the cycle's unit."""
    if cycle is None:
        return user.rights.has(Role.MANAGER)
    return user.rights.on(cycle.unit_id, Role.MANAGER)


@rules.predicate
def manages_it(user: User, appraisal: Appraisal) -> bool:
    """Manages the unit of the appraisal's cycle."""
    return user.rights.on(appraisal.cycle.unit_id, Role.MANAGER)


@rules.predicate
def is_of(user: User, appraisal: Appraisal) -> bool:
    """The appraisal is their own."""
    return appraisal.person_id == user.pk


@rules.predicate
def is_rater(user: User, rating: Rating) -> bool:
    """The rating is theirs to give."""
    return rating.rater_id == user.pk


@rules.predicate
def could_decide(user: User, objection: Objection) -> bool:
    """A manager of the community or above, and not the one who objects."""
    appraisal = objection.appraisal
    return user.rights.on(appraisal.cycle.unit_id, Role.MANAGER) and appraisal.person_id != user.pk


@rules.predicate
def graded(user: User, objection: Objection) -> bool:
    """Told the result, changed its grade, or rated the person as superior or peer."""
    return user.pk in graders(objection.appraisal)


@rules.predicate
def manages_proposal(user: User, proposal: Proposal) -> bool:
    """Manages the unit of the proposal's cycle."""
    return user.rights.on(proposal.appraisal.cycle.unit_id, Role.MANAGER) and proposal.appraisal.person_id != user.pk


def graders(appraisal: Appraisal) -> set[object]:
    """Everybody who had a hand in the grade: they do not decide the objection to it."""
    rows: set[object] = {appraisal.cycle.published_by_id}
    rows |= set(appraisal.changes.filter(objection=False).values_list("by", flat=True))
    rows |= set(appraisal.ratings.exclude(kind=RatingKind.SELF).values_list("rater", flat=True))
    return rows - {None}


rules.add_perm("appraisal.rules", manages_unit)
rules.add_perm("appraisal.open", manages_unit)
rules.add_perm("appraisal.manage", manages_cycle)
rules.add_perm("appraisal.calibrate", manages_it & ~is_of)
rules.add_perm("appraisal.rate", is_rater)
rules.add_perm("appraisal.object", is_of)
rules.add_perm("appraisal.decide", could_decide & ~graded)
rules.add_perm("appraisal.propose", manages_proposal)
