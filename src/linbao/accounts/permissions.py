"""Who may keep accounts, roles and units, and who may only look (1.3.4)."""

from __future__ import annotations

import rules

from linbao.accounts.models import ApiToken
from linbao.core import clock
from linbao.organisation.models import Role, Unit, User
from linbao.organisation.people import holders_over
from linbao.organisation.tree import tree


@rules.predicate
def administers_somewhere(user: User, thing: object = None) -> bool:
    """Is an administrator of any unit."""
    return user.rights.has(Role.ADMINISTRATOR)


@rules.predicate
def administers_all(user: User, thing: object = None) -> bool:
    """Administers a root of the tree."""
    return any(user.rights.on(unit.pk, Role.ADMINISTRATOR) for unit in tree().roots())


@rules.predicate
def looks_at_people(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.ADMINISTRATOR, Role.MANAGER)


@rules.predicate
def administers_unit(user: User, unit: Unit | None = None) -> bool:
    """Administers the unit."""
    return unit is not None and user.rights.on(unit.pk, Role.ADMINISTRATOR)


@rules.predicate
def secures_unit(user: User, unit: Unit | None = None) -> bool:
    """Is a security officer over the unit."""
    return unit is not None and user.rights.on(unit.pk, Role.SECURITY_OFFICER)


@rules.predicate
def audits_without_officer(user: User, unit: Unit | None = None) -> bool:
    """Where no security officer is left over a unit, an auditor confirms in their place."""
    if unit is None or not user.rights.on(unit.pk, Role.AUDITOR):
        return False
    return not holders_over(unit.pk, Role.SECURITY_OFFICER)


@rules.predicate
def weighs_grants(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.SECURITY_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR)


@rules.predicate
def administers_person(user: User, person: User | None = None) -> bool:
    """Whoever administers every unit that the person has or will have a role on; of somebody who left, those
    where they were. Somebody who never had a role belongs to all administrators."""
    if person is None or not user.rights.has(Role.ADMINISTRATOR):
        return False
    grants = list(person.grants.values_list("unit", "ends"))
    today = clock.today()
    standing = {unit for unit, ends in grants if ends is None or ends >= today} or {unit for unit, _ends in grants}
    return all(user.rights.on(unit, Role.ADMINISTRATOR) for unit in standing)


@rules.predicate
def opens_passwords(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.SECURITY_OFFICER, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR)


@rules.predicate
def owns_token(user: User, token: ApiToken) -> bool:
    """The token is their own."""
    return token.user_id == user.pk


rules.add_perm("people.view", looks_at_people)
rules.add_perm("people.create", administers_somewhere)
rules.add_perm("person.manage", administers_person)
rules.add_perm("units.view", administers_somewhere)
rules.add_perm("unit.manage", administers_unit)
rules.add_perm("grants.weigh", weighs_grants)
rules.add_perm("grant.confirm", secures_unit | audits_without_officer)
rules.add_perm("grant.end", administers_unit | secures_unit)
rules.add_perm("password.open", opens_passwords)
rules.add_perm("token.revoke", owns_token)
rules.add_perm("jobs.manage", administers_all)
