"""Who may waive a duty: the manager of the unit, never for themselves."""

from __future__ import annotations

import rules

from linbao.duties.models import Obligation
from linbao.units.models import Role, User


@rules.predicate
def manages(user: User, obligation: Obligation) -> bool:
    return user.rights.on(obligation.community_id or obligation.unit_id, Role.MANAGER)


@rules.predicate
def is_owner(user: User, obligation: Obligation) -> bool:
    return obligation.owner_id == user.pk


rules.add_perm("obligation.waive", manages & ~is_owner)
