"""Oneself, the units and the people that one works with, as JSON (design §6)."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any
from uuid import UUID

from linbao.accounts import schemas
from linbao.core import text
from linbao.core.api import Router
from linbao.core.problems import NotFound
from linbao.organisation import people
from linbao.organisation.models import Role, RoleGrant, Unit, UnitKind, User
from linbao.organisation.requests import AuthenticatedRequest, Limit
from linbao.organisation.rights import Rights
from linbao.organisation.tree import tree

router = Router()


@router.get("/me", response=schemas.Me, summary="Who the caller is", tags=["people"])
def me(request: AuthenticatedRequest) -> dict[str, Any]:
    """Who the caller is, and the roles in force today with their periods (days, both included). Clause 1.3.4."""
    user = request.user
    return {
        "id": user.pk,
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "phone": text.mask_phone(user.phone) if user.phone else None,
        "language": user.language or None,
        "roles": [_role(g) for g in user.grants.current().order_by("role", "starts")],
    }


@router.get("/units", response=schemas.UnitPage, summary="List units", tags=["units"])
def units(
    request: AuthenticatedRequest,
    kind: UnitKind | None = None,
    parent: UUID | None = None,
    cursor: str = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Units that the caller's roles reach, with the line above them, by code. No query.

    `parent` gives the units directly below one; `next` is null on the last page.

    Clause 1.2.
    """
    user = request.user
    known, near = tree(), _near(user.rights)
    codes = sorted(known.by_id[u].code for u in near)
    rows: list[Unit] = []
    for code in codes[bisect_right(codes, cursor[:40]) :]:
        unit = known.by_code[code]
        if (kind is None or unit.kind == kind) and (parent is None or unit.parent_id == parent):
            rows.append(unit)
        if len(rows) > limit:
            break
    return {
        "units": [_unit(u, full=True) for u in rows[:limit]],
        "next": rows[limit - 1].code if len(rows) > limit else None,
    }


@router.get("/units/{uuid:unit_id}", response=schemas.Unit, summary="Read a unit", tags=["units"])
def unit(request: AuthenticatedRequest, unit_id: UUID) -> dict[str, Any]:
    """One unit that the caller's roles reach; 404 for any other. Clause 1.2."""
    user = request.user
    row = tree().get(unit_id)
    if row is None or row.pk not in _near(user.rights):
        raise NotFound
    return _unit(row, full=True)


@router.get("/people", response=schemas.PersonPage, summary="List people", tags=["people"])
def list_people(
    request: AuthenticatedRequest,
    q: str = "",
    role: Role | None = None,
    unit: UUID | None = None,
    state: str = "",
    sort: str = "",
    cursor: str = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """People whom the caller needs to know (1.3.4), with their roles in force, by cursor.

    Administrators and managers get those of their units with mail address and masked phone; reviewers the names,
    so that they can assign; everybody else themselves alone. `state`: active, inactive, idle, first; `sort`:
    username, name, created, or `-` before it. 422 for any other word.

    Clause 1.3.4.
    """
    user = request.user
    data = {"q": q, "role": role or "", "unit": str(unit or ""), "state": state, "sort": sort}
    page = people.LISTING.slice(user, data, cursor, limit)
    reachable = user.has_perm("people.view")
    return {"people": [_person(p, reachable or p.pk == user.pk) for p in page.rows], "next": page.next}


@router.get("/people/{uuid:person_id}", response=schemas.Person, summary="Read a person", tags=["people"])
def person(request: AuthenticatedRequest, person_id: UUID) -> dict[str, Any]:
    """One person whom the caller needs to know; 404 for any other. Clause 1.3.4."""
    user = request.user
    result = people.find(user, person_id)
    if result is None:
        raise NotFound
    result.now = list(result.grants.current().order_by("role", "starts"))  # type: ignore[attr-defined]  # as the list of people prefetches it
    return _person(result, user.has_perm("people.view") or result.pk == user.pk)


# --- inside ------------------------------------------------------------------------------------


def _near(rights: Rights) -> set[UUID]:
    """Units below the caller's roles, in the communities that they serve, and the line above all these."""
    known = tree()
    near = set(rights.units())
    for community in rights.communities():
        near |= known.within(community)
    for units in rights.granted.values():
        for unit_id in units:
            near |= {u.pk for u in known.line(unit_id)}
    return near


def _unit(unit: Unit, *, full: bool = False) -> dict[str, Any]:
    details = {"id": unit.pk, "code": unit.code, "name": unit.name, "kind": unit.kind}
    if not full:
        return details
    return details | {"short_name": unit.short_name, "parent": unit.parent_id, "active": unit.active}


def _role(grant: RoleGrant) -> dict[str, Any]:
    unit = tree().get(grant.unit_id)
    return {"role": grant.role, "unit": _unit(unit) if unit else None, "starts": grant.starts, "ends": grant.ends}


def _person(person: User, reachable: bool) -> dict[str, Any]:
    details = {
        "id": person.pk,
        "username": person.username,
        "name": person.name,
        "active": person.is_active,
        "roles": [_role(g) for g in person.now],  # type: ignore[attr-defined]  # as `people.page` prefetches it
    }
    if reachable:
        details |= {"email": person.email, "phone": text.mask_phone(person.phone) if person.phone else None}
    return details
