"""Who may see and change an item while it is the reporter's (2.3.1)."""

from __future__ import annotations

import rules

from linbao.collection.models import Item, Status
from linbao.units.models import Role, User


@rules.predicate
def is_reporter_of(user: User, item: Item) -> bool:
    return item.reporter_id == user.pk


@rules.predicate
def is_with_reporter(user: User, item: Item) -> bool:
    return item.status in (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)


@rules.predicate
def reports(user: User, item: object = None) -> bool:
    return bool(user.rights.has(Role.REPORTER, Role.GROUP_LEADER))


@rules.predicate
def administers(user: User, unit: object = None) -> bool:
    return bool(user.rights.has(Role.ADMINISTRATOR))


rules.add_perm("item.create", reports)
rules.add_perm("item.edit", is_reporter_of & is_with_reporter)
rules.add_perm("activity.create", reports)
rules.add_perm("catalogue.change", administers)
