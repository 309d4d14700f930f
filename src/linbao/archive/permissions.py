"""Who may search the archive, export it, and search it by person (1.3.4, 2.2.1)."""

from __future__ import annotations

import rules

from linbao.archive.models import SavedView
from linbao.organisation.models import Role, User


@rules.predicate
def works_with_items(user: User, _obj: object = None) -> bool:
    """Whether `user` works with items anywhere."""
    return bool(user.rights.informed)


@rules.predicate
def leads(user: User, _obj: object = None) -> bool:
    """Whether `user` reviews or manages anywhere."""
    return bool(user.rights.has(Role.REVIEWER, Role.MANAGER))


@rules.predicate
def inspects(user: User, _obj: object = None) -> bool:
    """Whether `user` may see how duties are met anywhere."""
    return bool(user.rights.has(Role.REPORTER, Role.GROUP_LEADER, Role.REVIEWER, Role.MANAGER, Role.AUDITOR))


@rules.predicate
def owns_view(user: User, view: SavedView) -> bool:
    """Whether the view is the user's own."""
    return view.user_id == user.pk


rules.add_perm("archive.view", works_with_items)
rules.add_perm("archive.reveal", leads)
rules.add_perm("archive.stats", leads)
rules.add_perm("archive.view.delete", owns_view)
rules.add_perm("compliance.view", inspects)
