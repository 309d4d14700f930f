"""Who keeps agreements, looks after alerts, asks and approves, and decides residents' requests (1.3.4, 6.2)."""

from __future__ import annotations

import rules

from linbao.confidentiality.models import Disclosure, PrivacyRequest
from linbao.items.models import Item
from linbao.organisation.models import Role, Unit, User


@rules.predicate
def keeps_secrets(user: User, unit: Unit | None = None) -> bool:
    if unit is None:
        return user.rights.has(Role.SECURITY_OFFICER)
    return user.rights.on(unit.pk, Role.SECURITY_OFFICER)


@rules.predicate
def oversees(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.SECURITY_OFFICER, Role.MANAGER, Role.AUDITOR)


@rules.predicate
def keeps_or_manages(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.SECURITY_OFFICER, Role.MANAGER)


@rules.predicate
def manages_item(user: User, item: Item) -> bool:
    return user.rights.on(item.community_id, Role.MANAGER)


@rules.predicate
def asks(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.REVIEWER, Role.MANAGER)


@rules.predicate
def is_asker(user: User, row: Disclosure) -> bool:
    return row.asked_by_id == user.pk


@rules.predicate
def approves(user: User, row: Disclosure) -> bool:
    """A manager of the unit, and as the second of two the security officer too; never the asker."""
    if row.asked_by_id == user.pk:
        return False
    if user.rights.on(row.unit_id, Role.MANAGER):
        return True
    return row.needed > 1 and user.rights.on(row.unit_id, Role.SECURITY_OFFICER)


@rules.predicate
def receives_requests(user: User, unit: Unit | None = None) -> bool:
    if unit is None:
        return user.rights.has(Role.REVIEWER, Role.MANAGER)
    return user.rights.on(unit.pk, Role.REVIEWER, Role.MANAGER)


@rules.predicate
def sees_requests(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.REVIEWER, Role.MANAGER, Role.SECURITY_OFFICER)


@rules.predicate
def decides_request(user: User, row: PrivacyRequest) -> bool:
    return user.rights.on(row.unit_id, Role.MANAGER)


@rules.predicate
def countersigns(user: User, row: PrivacyRequest) -> bool:
    return user.rights.on(row.unit_id, Role.SECURITY_OFFICER) and row.decided_by_id != user.pk


rules.add_perm("agreement.write", keeps_secrets)
rules.add_perm("agreement.oversee", oversees)
rules.add_perm("agreement.paper", keeps_or_manages)
rules.add_perm("accesses.view", manages_item)
rules.add_perm("disclosure.ask", asks)
rules.add_perm("disclosure.register", asks | oversees)
rules.add_perm("disclosure.own", is_asker)
rules.add_perm("disclosure.decide", approves)
rules.add_perm("trace.use", keeps_secrets)
rules.add_perm("processing.view", oversees)
rules.add_perm("retention.set", keeps_secrets)
rules.add_perm("hold.keep", manages_item)
rules.add_perm("privacy.enter", receives_requests)
rules.add_perm("privacy.view", sees_requests)
rules.add_perm("privacy.decide", decides_request)
rules.add_perm("privacy.agree", countersigns)
