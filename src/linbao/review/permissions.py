"""Who judges an item (4.3.1): a reviewer or manager of its community, never its own reporter.

Nothing here lets an item through because nobody was there: without such a person it waits, and its duty escalates
(design §3).
"""

from __future__ import annotations

import rules

from linbao.items.models import Item
from linbao.organisation.models import Role, User


@rules.predicate
def reviews(user: User, item: Item | None = None) -> bool:
    """A reviewer or manager of the item's community; without an item: anywhere."""
    if item is None:
        return user.rights.has(Role.REVIEWER, Role.MANAGER)
    return user.rights.on(item.community_id, Role.REVIEWER, Role.MANAGER)


@rules.predicate
def reported(user: User, item: Item | None = None) -> bool:
    """Whether `user` reported the item: nobody reviews their own (4.3.1)."""
    return item is not None and item.reporter_id == user.pk


@rules.predicate
def administers(user: User, _unit: object = None) -> bool:
    """Whether `user` is an administrator anywhere."""
    return user.rights.has(Role.ADMINISTRATOR)


rules.add_perm("review.queue", reviews)
rules.add_perm("item.review", reviews & ~reported)
rules.add_perm("item.merge", reviews & ~reported)
rules.add_perm("review.reasons", administers)
