"""Who may waive a duty (the manager, never for themselves), edit the roster, and work at the duty desk."""

from __future__ import annotations

import rules

from linbao.duties.models import Obligation
from linbao.duties.roster import on_duty_for
from linbao.organisation.models import Role, Unit, User


@rules.predicate
def manages(user: User, obligation: Obligation) -> bool:
    return user.rights.on(obligation.community_id or obligation.unit_id, Role.MANAGER)


@rules.predicate
def is_owner(user: User, obligation: Obligation) -> bool:
    return obligation.owner_id == user.pk


@rules.predicate
def edits_roster(user: User, unit: Unit | None = None) -> bool:
    return unit is not None and user.rights.on(unit.pk, Role.MANAGER)


@rules.predicate
def is_at_desk(user: User, unit: Unit | None = None) -> bool:
    if unit is None:
        return False
    return user.rights.on(unit.pk, Role.MANAGER, Role.REVIEWER) or unit.pk in on_duty_for(user)


rules.add_perm("roster.keep", edits_roster)
rules.add_perm("duty.stand", is_at_desk)
rules.add_perm("obligation.waive", manages & ~is_owner)
