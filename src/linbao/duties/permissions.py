"""Who may waive a duty (the manager, never for themselves), edit the roster, and work at the duty desk."""

from __future__ import annotations

import rules

from linbao.duties.models import Obligation
from linbao.duties.roster import on_duty_for
from linbao.organisation.models import Role, Unit, User


@rules.predicate
def manages(user: User, obligation: Obligation) -> bool:
    """Manager of the duty's community or unit."""
    return user.rights.on(obligation.community_id or obligation.unit_id, Role.MANAGER)


@rules.predicate
def is_owner(user: User, obligation: Obligation) -> bool:
    """The person who owes the duty."""
    return obligation.owner_id == user.pk


@rules.predicate
def edits_roster(user: User, unit: Unit | None = None) -> bool:
    """Manager of the unit."""
    return unit is not None and user.rights.on(unit.pk, Role.MANAGER)


@rules.predicate
def is_at_desk(user: User, unit: Unit | None = None) -> bool:
    """Manager or reviewer of the unit, or on duty there now."""
    if unit is None:
        return False
    return user.rights.on(unit.pk, Role.MANAGER, Role.REVIEWER) or unit.pk in on_duty_for(user)


rules.add_perm("roster.keep", edits_roster)
rules.add_perm("duty.stand", is_at_desk)
rules.add_perm("obligation.waive", manages & ~is_owner)
