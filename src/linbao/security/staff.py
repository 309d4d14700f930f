"""The people of a unit, as its security officer names them; and the periods that duties run by."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.problems import Invalid
from linbao.duties.services import holders
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.tree import tree

MOST_PROPOSED = 300
DUE_AT = time(18)


def of(units: Collection[UUID]) -> QuerySet[User]:
    """Active people who hold a role on one of the units today."""
    people = RoleGrant.objects.current().filter(unit__in_array=units).values("user")
    return User.objects.filter(pk__in=people, is_active=True)


def near(user: User) -> QuerySet[User]:
    """Active people of the communities that `user` works in."""
    units = user.rights.units().union(*(tree().within(c) for c in user.rights.communities()))
    return of(units)


def proposed(rows: QuerySet[User]) -> list[tuple[str, str]]:
    """Username and name, for a list to choose from; one statement."""
    return list(rows.order_by("name").values_list("username", "name")[:MOST_PROPOSED])


def named(value: str, rows: QuerySet[User], field: str, *, needed: bool = True) -> User | None:
    """The one of `rows` whom a form names by username or, where only one is called so, by name; None for an empty value
    that is not `needed`. Raises `Invalid` beside `field`."""
    name = value.strip()[:80]
    if not name:
        if needed:
            raise Invalid(fields={field: [_("请选择人员。")]})
        return None
    matches = list(rows.filter(username=name.split()[0].lower())[:1]) or list(rows.filter(name=name)[:2])
    if len(matches) != 1:
        raise Invalid(fields={field: [_("没有这个人员，请输入用户名并从列表中选择。")]})
    return matches[0]


def officer_of(unit_id: UUID) -> UUID | None:
    """The officer who owes a unit's security duties: of the nearest unit that has one, always the same of several."""
    rows = sorted(holders(unit_id, Role.SECURITY_OFFICER), key=str)
    return rows[0] if rows else None


def in_charge_of_host() -> list[UUID]:
    """The units whose security officers look after the host, which all units share: the topmost that have one; the
    root where nobody is officer. Empty before there are units; one statement."""
    grants = RoleGrant.objects.current().filter(role=Role.SECURITY_OFFICER, user__is_active=True)
    depths = {u: len(tree().line(u)) for u in grants.values_list("unit_id", flat=True).distinct() if tree().get(u)}
    if not depths:
        return [u.pk for u in tree().roots()[:1]]
    return sorted(u for u, depth in depths.items() if depth == min(depths.values()))


def host_unit(user: User) -> UUID | None:
    """The unit in charge of the host whose officer this person is; none for anybody else."""
    return next((u for u in in_charge_of_host() if user.rights.on(u, Role.SECURITY_OFFICER)), None)


def zone_of(unit_id: UUID) -> str:
    """The name of the zone in which a unit keeps its days; empty for the installation's."""
    return str(tree().setting(unit_id, "time_zone") or "")


def quarter(day: date) -> tuple[date, date]:
    """First and last day of the quarter that `day` lies in."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return first, months_on(first, 3) - timedelta(days=1)


def month(day: date) -> tuple[date, date]:
    """First and last day of the month that `day` lies in."""
    return day.replace(day=1), months_on(day.replace(day=1), 1) - timedelta(days=1)


def months_on(day: date, months: int) -> date:
    """The same day so many months later, or that month's last."""
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    following = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))


def due(unit_id: UUID, day: date) -> datetime:
    """The end of a day's work (18:00 in the unit's zone), as the limit of a duty."""
    return datetime.combine(day, DUE_AT, clock.zone(zone_of(unit_id)))
