"""Who works where: the list of people with its filters, for page, export and interface (need to know, 1.3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core import text
from linbao.core.listing import Choice, Column, Control, Label, Listing, Search, contains
from linbao.organisation.models import Role, RoleGrant, Unit, UnitKind, User
from linbao.organisation.rights import Rights
from linbao.organisation.tree import tree

MOST_OFFERED = 400  # units in one list to choose from; beyond it, the small ones are asked for by name
STATES = {
    "active": gettext_lazy("启用中"),
    "inactive": gettext_lazy("已停用"),
    "idle": gettext_lazy("没有角色"),
    "first": gettext_lazy("未改初始口令"),
}
UNIT, EVERY_UNIT = gettext_lazy("单位"), gettext_lazy("全部单位")
SMALL = (UnitKind.GRID, UnitKind.WORK_GROUP, UnitKind.DEPARTMENT)


def find(viewer: User, person_id: UUID) -> User | None:
    """One person that `viewer` may see; None for anybody else."""
    return User.objects.visible_to(viewer).filter(pk=person_id).first()


def _now() -> Prefetch[Any]:
    return Prefetch("grants", RoleGrant.objects.current().order_by("role", "starts"), to_attr="now")


def roles_of(person: User) -> list[tuple[str, str]]:
    """(role, unit) in words, of somebody that came with `page`."""
    units = tree()
    return [(str(Role(g.role).label), name_of(units.get(g.unit_id))) for g in person.now]  # type: ignore[attr-defined]  # prefetched by `page`


def name_of(unit: Unit | None) -> str:
    """A unit's name; a small one with the community that it lies in."""
    if unit is None:
        return ""
    home = tree().above(unit, UnitKind.COMMUNITY)
    return f"{home.name} · {unit.name}" if home and unit.kind in SMALL and home.pk != unit.pk else unit.name


def state_of(person: User) -> str:
    """How an account stands, in a word."""
    if not person.is_active:
        return str(STATES["inactive"])
    return str(STATES["first"] if person.must_change_password else STATES["active"])


def _with_roles(rows: QuerySet[User], values: Mapping[str, Any]) -> QuerySet[User]:
    """Who has the role asked for on the unit asked for, or below it."""
    if not values["role"] and not values["unit"]:
        return rows
    grants = RoleGrant.objects.current()
    if values["role"]:
        grants = grants.filter(role=values["role"])
    if values["unit"]:
        grants = grants.filter(unit__in_array=tree().within(values["unit"]))
    return rows.filter(pk__in=grants.values("user"))


def _in_state(rows: QuerySet[User], state: str) -> QuerySet[User]:
    if state == "idle":
        return rows.filter(is_active=True).exclude(pk__in=RoleGrant.objects.current().values("user"))
    if state == "first":
        return rows.filter(is_active=True, must_change_password=True)
    return rows.filter(is_active=state == "active")


# --- units to choose from --------------------------------------------------------------------------


def offered(rights: Rights, *roles: str) -> list[tuple[str, str]]:
    """(id, indented name) of the units that `roles` reach, under each other; grids, groups and then communities
    are left out where there would be more than `MOST_OFFERED`. No query."""
    units = tree()
    tops = [units.get(u) for role in roles for u in rights.granted.get(role, ())]
    heads = [t for t in dict.fromkeys(tops) if t and not any(o in units.line(t)[1:] for o in tops)]
    for left_out in ((), (UnitKind.GRID, UnitKind.WORK_GROUP), SMALL, (*SMALL, UnitKind.COMMUNITY)):
        rows: list[tuple[str, str]] = []
        for head in heads:
            _below(head, 0, left_out, rows)
            if len(rows) > MOST_OFFERED:
                break
        if len(rows) <= MOST_OFFERED:
            return rows
    return rows[:MOST_OFFERED]


def _below(unit: Unit, depth: int, left_out: tuple[str, ...], options: list[tuple[str, str]]) -> None:
    if unit.kind in left_out or not unit.active or len(options) > MOST_OFFERED:
        return
    options.append((str(unit.pk), "　" * depth + unit.name))
    for child in tree().children(unit):
        _below(child, depth + 1, left_out, options)


def all_offered(rights: Rights, *roles: str) -> bool:
    """Whether a list to choose from holds every unit that `roles` reach."""
    return len(rights.units(*roles)) <= MOST_OFFERED


def unit_named(name: str) -> Unit | None:
    """A unit by its id or code; what follows the code (its name, from a list of proposals) is not read."""
    name = name.strip()
    try:
        return tree().get(UUID(name))
    except ValueError:
        return tree().by_code.get(name.partition(" ")[0])


def proposals(rights: Rights, query: str, *roles: str, most: int = 20) -> list[Unit]:
    """Units below the asker's own whose name or code holds `query`. No query."""
    query = text.clean(query)[:40]
    scope = rights.units(*roles) if query else frozenset()
    result = (u for u in tree().by_id.values() if u.pk in scope and u.active and (query in u.name or query in u.code))
    return sorted(result, key=lambda u: (not u.name.startswith(query), u.code))[:most]


def holders_over(unit_id: UUID, *roles: str) -> set[UUID]:
    """The active people who hold one of `roles` on a unit or above it today; one statement."""
    line = [u.id for u in tree().line(unit_id)]
    rows = RoleGrant.objects.current().filter(unit__in=line, role__in=roles, user__is_active=True)
    return set(rows.values_list("user_id", flat=True))


# --- the list -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnitFilter(Choice):
    """A unit by its id or code, and everything below it. Offered are the units that `roles` reach, in a list of more
    than one. `narrow`: a look-up for ids of units (`unit__in_array`), a function of rows and the unit's id, or None."""

    label: Label = UNIT
    every: Label = EVERY_UNIT
    roles: tuple[str, ...] = ()

    def clean(self, user: User, raw: str) -> UUID:
        unit = unit_named(text.clean(raw)[:60])
        if unit is None:
            raise ValueError("no unit")
        return unit.pk

    def refusal(self, raw: str) -> str:
        return _("没有这个单位。")

    def apply(self, rows: QuerySet[Any], values: Mapping[str, Any]) -> QuerySet[Any]:
        if isinstance(self.narrow, str) and values.get(self.name):
            return rows.filter(**{self.narrow: tree().within(values[self.name])})
        return super().apply(rows, values)

    def pairs(self, user: User) -> list[tuple[str, str]]:
        """(id, name) of the units that are offered."""
        return offered(user.rights, *self.roles)

    def controls(self, user: User, raw: Mapping[str, str]) -> list[Control]:
        pairs = self.pairs(user)
        unit = unit_named(raw[self.name]) if raw.get(self.name) else None
        value = str(unit.pk) if unit else ""
        if len(pairs) < 2:
            return [Control("hidden", self.name, self.label, value)] if value else []
        return [Control("select", self.name, self.label, value, self.every, [("", pairs)])]

    def shown(self, user: User, value: Any) -> str:
        return name_of(tree().get(value))


LISTING = Listing(
    name="people",
    title=gettext_lazy("人员"),
    permission="people.view",
    action="people.export",
    url="accounts:people",
    export_url="accounts:people-export",
    rows=lambda user, values: _with_roles(User.objects.visible_to(user), values).prefetch_related(_now()),
    filters=(
        Search("q", gettext_lazy("姓名或用户名"), contains("name", "username")),
        Choice("role", gettext_lazy("角色"), every=gettext_lazy("全部角色"), options=Role.choices),
        UnitFilter("unit", roles=(Role.ADMINISTRATOR, Role.MANAGER)),
        Choice("state", gettext_lazy("状态"), _in_state, every=gettext_lazy("全部状态"), options=STATES.items()),
    ),
    columns=(
        Column("name", gettext_lazy("姓名"), lambda p: p.name, 12, sort="name"),
        Column("username", gettext_lazy("用户名"), lambda p: p.username, 16, sort="username"),
        Column(
            "roles", gettext_lazy("角色与单位"), lambda p: "；".join(f"{role} {unit}" for role, unit in roles_of(p)), 44
        ),
        Column("phone", gettext_lazy("手机"), lambda p: text.mask_phone(p.phone) if p.phone else "", 16),
        Column("email", gettext_lazy("电子邮箱"), lambda p: p.email, 28),
        Column("state", gettext_lazy("状态"), state_of, 12),
        Column("created", gettext_lazy("建立日期"), lambda p: p.created_at, 12, sort="created_at", format="%Y-%m-%d"),
    ),
    sort="username",
)
