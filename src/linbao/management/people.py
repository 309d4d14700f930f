"""Who works in a unit now: whom tasks can be given to, who is invited, who can stand in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from uuid import UUID

from linbao.core import clock
from linbao.organisation.models import SEPARATED, Role, RoleGrant, Unit, UnitKind, User
from linbao.organisation.tree import tree


def working_in(unit_id: UUID) -> list[User]:
    """Active people with a role on the unit or below it, by name; one query. Security officer, auditor and
    administrator stand apart from the department's work (三员分立) and are not among them."""
    grants = RoleGrant.objects.current().filter(unit__in_array=tree().within(unit_id)).exclude(role__in=SEPARATED)
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("name", "username"))


def of_group(unit_id: UUID) -> set[UUID]:
    """Ids of the group's reporters and leaders (of a community: of all its reporters), as they stand today."""
    grants = RoleGrant.objects.current().filter(
        unit__in_array=tree().within(unit_id), role__in=(Role.REPORTER, Role.GROUP_LEADER), user__is_active=True
    )
    return set(grants.values_list("user_id", flat=True))


def led_by(user: User) -> list[Unit]:
    """The communities and work groups that the person manages or leads, communities first."""
    rows = [
        u
        for u in (tree().get(i) for i in user.rights.units(Role.MANAGER, Role.GROUP_LEADER))
        if u is not None and u.active and u.kind in (UnitKind.COMMUNITY, UnitKind.WORK_GROUP)
    ]
    rows.sort(key=lambda u: (u.kind != UnitKind.COMMUNITY, u.order, u.code))
    return rows[:200]


def workplace(user: User) -> Unit | None:
    """Where the person's leader is found: their work group, else their community."""
    groups = [u for u in (tree().get(i) for r in user.rights.granted.values() for i in r) if u is not None]
    groups.sort(key=lambda u: (u.kind != UnitKind.WORK_GROUP, u.order, u.code))
    for unit in groups:
        if unit.kind == UnitKind.WORK_GROUP:
            return unit
        home = tree().above(unit, UnitKind.COMMUNITY)
        if home is not None:
            return home
    return groups[0] if groups else None


def homes(user: User) -> list[Unit]:
    """The person's communities and work groups: where they can say what they think."""
    ids = set(user.rights.communities()) | set(user.rights.units())
    rows = [u for u in (tree().get(i) for i in ids) if u is not None]
    rows = [u for u in rows if u.kind in (UnitKind.COMMUNITY, UnitKind.WORK_GROUP)]
    rows.sort(key=lambda u: (u.kind != UnitKind.COMMUNITY, u.order, u.code))
    return rows[:50]


def leaders_over(unit_id: UUID) -> set[UUID]:
    """Leaders and managers of the unit itself, else of the nearest unit above that has any."""
    for unit in tree().line(unit_id):
        result = set(
            RoleGrant.objects.current()
            .filter(unit=unit, role__in=(Role.MANAGER, Role.GROUP_LEADER), user__is_active=True)
            .values_list("user_id", flat=True)
        )
        if result:
            return result
    return set()


def names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names by id; one query."""
    return dict(User.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def zone(user: User) -> str | None:
    """The name of the zone in which the person reads times."""
    name: str | None = tree().setting(user.rights.home, "time_zone")
    return name


def zone_of(user: User) -> tzinfo:
    """The zone in which the person writes times."""
    return clock.zone(zone(user))


def today(unit_id: UUID) -> object:
    """Today in the unit's zone."""
    return clock.today(tree().setting(unit_id, "time_zone"))
