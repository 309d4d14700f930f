"""Who keeps seals: the unit's manager makes and changes them; their custodians use them (4.2.2)."""

from __future__ import annotations

import rules

from linbao.organisation.models import Role, Unit, User


@rules.predicate
def keeps_seals(user: User, unit: Unit | None = None) -> bool:
    if unit is None:
        return user.rights.has(Role.MANAGER)
    return user.rights.on(unit.pk, Role.MANAGER)


@rules.predicate
def keeps_templates(user: User, unit: Unit | None = None) -> bool:
    if unit is None:
        return user.rights.has(Role.MANAGER, Role.ADMINISTRATOR)
    return user.rights.on(unit.pk, Role.MANAGER, Role.ADMINISTRATOR)


rules.add_perm("seal.manage", keeps_seals)
rules.add_perm("documents.templates", keeps_templates)
