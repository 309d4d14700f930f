"""Units, people and roles: who works where, as what, and since when."""

from linbao.organisation.models.people import People, RoleGrant, RoleGrantQuerySet, User, UserQuerySet
from linbao.organisation.models.units import CalendarDay, Unit, UnitKind, WeeklyBy
from linbao.organisation.roles import SEPARATED, Role

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
