"""What the API answers of people and units (design §6)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from linbao.core.schemas import Answer, Cursor, MaskedPhone
from linbao.organisation.models import Role, UnitKind


class UnitName(Answer):
    """A unit where a role is held."""

    id: UUID
    code: str
    name: str
    kind: UnitKind


class Unit(UnitName):
    """A unit of the tree: city, district, subdistrict, community, grid; departments and work groups."""

    short_name: str = Field(description="As it stands in document numbers; may be empty.")
    parent: UUID | None
    active: bool


class UnitPage(Answer):
    """Units by code."""

    units: list[Unit]
    next: Cursor


class RoleInForce(Answer):
    """A role on a unit and all below it."""

    role: Role
    unit: UnitName | None
    starts: date
    ends: date | None = Field(description="The last day, included; null: without end.")


class Me(Answer):
    """The caller."""

    id: UUID
    username: str
    name: str
    email: str = Field(description="May be empty.")
    phone: MaskedPhone
    language: str | None = Field(description="`zh-hans` or `en`; null: the installation's.")
    roles: list[RoleInForce]


class Person(Answer):
    """Somebody the caller needs to know (1.3.4). `email` and `phone` are there only for those who look after them."""

    id: UUID
    username: str
    name: str
    active: bool
    roles: list[RoleInForce]
    email: str = ""
    phone: MaskedPhone = None


class PersonPage(Answer):
    """People, as sorted."""

    people: list[Person]
    next: Cursor
