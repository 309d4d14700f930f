"""Units, people and roles: who works where, as what, and since when."""

from linbao.units.models.people import (
    People,
    RoleGrant,
    RoleGrantQuerySet,
    User,
    UserQuerySet,
)
from linbao.units.models.units import CalendarDay, Unit, UnitKind, WeeklyBy
from linbao.units.roles import SEPARATED, Role

__all__ = [
    "SEPARATED",
    "CalendarDay",
    "People",
    "Role",
    "RoleGrant",
    "RoleGrantQuerySet",
    "Unit",
    "UnitKind",
    "User",
    "UserQuerySet",
    "WeeklyBy",
]
