"""Units, people, roles and tokens: who works where, as what, and since when."""

from linbao.units.models.people import (
    ApiToken,
    PasswordReset,
    PasswordResetQuerySet,
    People,
    Phone,
    ProposalState,
    RoleGrant,
    RoleGrantQuerySet,
    RoleProposal,
    RoleProposalQuerySet,
    User,
    UserQuerySet,
)
from linbao.units.models.units import CalendarDay, Unit, UnitKind, WeeklyBy
from linbao.units.roles import SEPARATED, Role

__all__ = [
    "SEPARATED",
    "ApiToken",
    "CalendarDay",
    "PasswordReset",
    "PasswordResetQuerySet",
    "People",
    "Phone",
    "ProposalState",
    "Role",
    "RoleGrant",
    "RoleGrantQuerySet",
    "RoleProposal",
    "RoleProposalQuerySet",
    "Unit",
    "UnitKind",
    "User",
    "UserQuerySet",
    "WeeklyBy",
]
