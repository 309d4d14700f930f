"""Who keeps security: the officer of the unit or above; not the manager, administrator or auditor (三员分立, 6.1.1)."""

from __future__ import annotations

import rules

from linbao.organisation.models import Role, Unit, User
from linbao.security import staff


@rules.predicate
def keeps_unit(user: User, unit: Unit | None = None) -> bool:
    return unit is not None and user.rights.on(unit.pk, Role.SECURITY_OFFICER)


@rules.predicate
def keeps_somewhere(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.SECURITY_OFFICER)


@rules.predicate
def looks_somewhere(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.SECURITY_OFFICER, Role.MANAGER)


@rules.predicate
def keeps_host(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.SECURITY_OFFICER) and staff.host_unit(user) is not None


rules.add_perm("security.look", looks_somewhere)
rules.add_perm("security.keep", keeps_unit)
rules.add_perm("security.officer", keeps_somewhere)
rules.add_perm("security.host", keeps_host)
