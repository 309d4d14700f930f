"""The one question of permission, for rooms of every floor: may this person do that to this thing (1.3.4)?"""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import gettext as _

from linbao.core.problems import NotAllowed


class Permitted(Protocol):
    """Whoever can be asked for a permission: a `User`."""

    def has_perm(self, perm: str, obj: object = None) -> bool: ...


def allow(user: Permitted, perm: str, obj: object = None) -> None:
    """Raise `NotAllowed` unless `user` has `perm` on `obj` (a predicate of some room's `permissions.py`)."""
    if not user.has_perm(perm, obj):
        raise NotAllowed(_("您没有进行此操作的权限；如确需办理，请联系本单位负责人。"))
