"""Who plans and runs training, who takes part, who sees what of it (5.1.1–5.1.3)."""

from __future__ import annotations

from uuid import UUID

import rules

from linbao.organisation.models import User
from linbao.training.models import LEARNING, RUNNING, Session


def _community(obj: object) -> UUID | None:
    """Of a session, a row of the catalogue, or a community's id itself."""
    return obj if isinstance(obj, UUID) else getattr(obj, "community_id", None)


@rules.predicate
def runs(user: User, obj: object = None) -> bool:
    """Trainer or manager of the community."""
    if obj is None:
        return user.rights.has(*RUNNING)
    return _community(obj) in user.rights.communities(*RUNNING)


@rules.predicate
def learns(user: User, session: Session | None = None) -> bool:
    """Works in the community as reporter, leader, reviewer or handler."""
    if session is None:
        return user.rights.has(*LEARNING)
    return session.community_id in user.rights.communities(*LEARNING)


rules.add_perm("training.see", runs | learns)
rules.add_perm("training.run", runs)
rules.add_perm("training.attend", learns)
