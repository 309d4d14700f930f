"""What a person may do, asked in one way everywhere: role and unit (issue of need to know, 1.3.4).

`Rights` answers "does this person hold role R on unit U or above?". Each room's `permissions.py`
builds its predicates on it; `allow` (core) asks one and raises.
"""

from __future__ import annotations

from functools import cached_property
from uuid import UUID

from linbao.organisation.roles import Role
from linbao.organisation.tree import tree


class Rights:
    """The roles in force for one person: `{role: {unit ids}}`, and what follows from them."""

    def __init__(self, granted: dict[str, set[UUID]]) -> None:
        self.granted = granted

    def has(self, *roles: str) -> bool:
        """Holds one of `roles` anywhere."""
        return any(role in self.granted for role in roles)

    def on(self, unit_id: UUID | None, *roles: str) -> bool:
        """Holds one of `roles` on `unit_id` or on a unit above it."""
        line = {u.id for u in tree().line(unit_id)}
        return any(self.granted.get(role, set()) & line for role in roles)

    def communities(self, *roles: str) -> frozenset[UUID]:
        """Communities that the given roles reach (all roles when none is named)."""
        units = {u for role in (roles or self.granted) for u in self.granted.get(role, ())}
        if len(units) == 1:
            return tree().communities(next(iter(units)))
        return frozenset().union(*(tree().communities(u) for u in units)) if units else frozenset()

    def units(self, *roles: str) -> frozenset[UUID]:
        """Units that the given roles are held on, with everything below them."""
        units = {u for role in (roles or self.granted) for u in self.granted.get(role, ())}
        return frozenset().union(*(tree().within(u) for u in units)) if units else frozenset()

    @cached_property
    def home(self) -> UUID | None:
        """The community whose zone and settings this person sees first."""
        return min(self.communities(), default=None)

    @property
    def informed(self) -> bool:
        """Works with residents' information at all; trainer, security officer, auditor and administrator do not."""
        return self.has(Role.REPORTER, Role.GROUP_LEADER, Role.REVIEWER, Role.HANDLER, Role.MANAGER)

    @property
    def department(self) -> bool:
        """Works in the department (desktop layout) rather than only as a reporter (phone layout)."""
        return bool(set(self.granted) - {Role.REPORTER, Role.GROUP_LEADER})
