"""Who works where: the list of people with its filters, for page, export and interface (need to know, 1.3.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core import clock, text
from linbao.core.listing import Cursor
from linbao.core.problems import Invalid
from linbao.organisation import signals
from linbao.organisation.models import Role, RoleGrant, Unit, UnitKind, User, UserQuerySet
from linbao.organisation.rights import Rights, allow
from linbao.organisation.tree import tree

PAGE = 50
MOST_EXPORTED = 50_000
MOST_OFFERED = 400  # units in one list to choose from; beyond it, the small ones are asked for by name
ORDERS = {
    "": Cursor("username", descending=False),
    "username": Cursor("username", descending=False),
    "-username": Cursor("username"),
    "name": Cursor("name", descending=False),
    "-name": Cursor("name"),
    "created": Cursor("created_at", descending=False),
    "-created": Cursor("created_at"),
}
STATES = {
    "active": gettext_lazy("启用中"),
    "inactive": gettext_lazy("已停用"),
    "idle": gettext_lazy("没有角色"),
    "first": gettext_lazy("未改初始口令"),
}
SMALL = (UnitKind.GRID, UnitKind.WORK_GROUP, UnitKind.DEPARTMENT)


@dataclass(frozen=True)
class Filters:
    """Whom to look for; empty means all. `unit` reaches down to everything below it."""

    q: str = ""
    role: str = ""
    unit: UUID | None = None
    state: str = ""
    sort: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Filters:
        """From a query string; raises `Invalid` with a message for each value that is none."""
        values: dict[str, Any] = {"q": text.clean(str(given.get("q") or ""))[:60]}
        errors: dict[str, list[str]] = {}
        for name, known in (("role", Role.values), ("state", STATES), ("sort", ORDERS)):
            values[name] = str(given.get(name) or "")
            if values[name] and values[name] not in known:
                errors[name] = [_("“%(value)s”不是有效的筛选条件。") % {"value": values[name][:40]}]
        if raw := str(given.get("unit") or ""):
            unit = unit_named(raw)
            values["unit"] = unit.pk if unit else None
            if unit is None:
                errors["unit"] = [_("没有这个单位。")]
        if errors:
            raise Invalid(_("有筛选条件无法识别，请修改后重试。"), errors)
        return cls(**values)

    @property
    def active(self) -> bool:
        return bool(self.q or self.role or self.unit or self.state)

    def apply(self, rows: UserQuerySet) -> UserQuerySet:
        """`rows` narrowed; order and page are the cursor's."""
        if self.q:
            rows = rows.filter(Q(name__icontains=self.q) | Q(username__icontains=self.q))
        if self.role or self.unit:
            grants = RoleGrant.objects.current()
            if self.role:
                grants = grants.filter(role=self.role)
            if self.unit:
                grants = grants.filter(unit__in_array=tree().within(self.unit))
            rows = rows.filter(pk__in=grants.values("user"))
        if self.state == "idle":
            rows = rows.filter(is_active=True).exclude(pk__in=RoleGrant.objects.current().values("user"))
        elif self.state == "first":
            rows = rows.filter(is_active=True, must_change_password=True)
        elif self.state:
            rows = rows.filter(is_active=self.state == "active")
        return rows


def page(viewer: User, filters: Filters, cursor: str, size: int = PAGE) -> tuple[list[User], str | None]:
    """A page of people with their roles in force (`now`), and the cursor of the next. Two statements."""
    rows = filters.apply(User.objects.visible_to(viewer)).prefetch_related(_now())
    return ORDERS[filters.sort].page(rows, cursor, size)


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


# --- taking the list out --------------------------------------------------------------------------


def header() -> list[str]:
    return [_("姓名"), _("用户名"), _("角色与单位"), _("手机"), _("电子邮箱"), _("状态"), _("建立日期")]


WIDTHS = (12, 16, 44, 16, 28, 12, 12)


def begin_export(viewer: User, filters: Filters) -> None:
    """Ask whether `viewer` may take the list out, and put it on the audit log (1.3.4). Raises `NotAllowed`."""
    allow(viewer, "people.view")
    details = {"role": filters.role, "unit": str(filters.unit or ""), "state": filters.state}
    _record(viewer, "people.export", unit_id=viewer.rights.home, filters=details, searched=bool(filters.q))


def lines(viewer: User, filters: Filters) -> Iterator[list[str]]:
    """The rows of the export, phones masked; read page by page, so that memory does not grow."""
    cursor: str | None = ""
    while cursor is not None:
        result, cursor = page(viewer, filters, cursor, 500)
        for person in result:
            yield [
                person.name,
                person.username,
                "；".join(f"{r} {u}" for r, u in roles_of(person)),
                text.mask_phone(person.phone) if person.phone else "",
                person.email,
                state_of(person),
                clock.local(person.created_at).strftime("%Y-%m-%d"),
            ]


def state_of(person: User) -> str:
    """How an account stands, in a word."""
    if not person.is_active:
        return str(STATES["inactive"])
    return str(STATES["first"] if person.must_change_password else STATES["active"])


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


def _record(
    actor: User, action: str, subject: Unit | None = None, *, unit_id: UUID | None, reason: str = "", **data: Any
) -> None:
    signals.recorded.send(Unit, actor=actor, action=action, subject=subject, unit_id=unit_id, reason=reason, data=data)
