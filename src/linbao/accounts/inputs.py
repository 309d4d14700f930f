"""What accounts, roles, tokens and devices ask for (1.3.4, 6.1.1, 6.1.2)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, field_validator

from linbao.core import text
from linbao.core.dates import Day
from linbao.core.inputs import Input
from linbao.organisation import people
from linbao.organisation.models import Role

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
SCOPES = (
    "items",
    "attachments",
    "activities",
    "catalogue",
    "weekly-reports",
    "emergencies",
    "archive",
    "obligations",
    "deliveries",
    "units",
    "people",
    "me",
    "training",
    "stats",
    "compliance",
)  # the first segments of the interface's addresses
MOST_TOKEN_DAYS = 3650


def scope_known(scope: str) -> bool:
    """`*`, an area, or an area with `:read` or `:write`."""
    area, _colon, verb = scope.partition(":")
    return scope == "*" or (area in SCOPES and verb in ("", "read", "write"))


def _username(value: str) -> str:
    cleaned = value.strip().lower()
    if not USERNAME.fullmatch(cleaned):
        raise ValueError(_("用户名为 2 至 40 位小写字母、数字、点、横线或下划线，以字母或数字开头。"))
    return cleaned


def _name(value: str) -> str:
    cleaned = text.clean(value)
    if not cleaned or len(cleaned) > 40:
        raise ValueError(_("请填写姓名，不超过 40 字。"))
    return cleaned


def _email(value: str) -> str:
    cleaned = value.strip()
    try:
        if cleaned:
            validate_email(cleaned)
    except ValidationError as e:
        raise ValueError(_("电子邮箱格式不正确。")) from e
    return cleaned


def _phone(value: str) -> str:
    cleaned = value.strip()
    try:
        return text.phone(cleaned) if cleaned else ""
    except ValueError as e:
        raise ValueError(_("请填写 11 位手机号或带区号的座机号。")) from e


def _unit(value: Any) -> Any:
    """A unit by its id or code, as pages and the command line name it."""
    if not isinstance(value, str):
        return value
    unit = people.unit_named(value)
    if unit is None:
        raise ValueError(_("请选择启用中的单位。"))
    return unit.pk


def _language(value: str) -> str:
    if value and value not in dict(settings.LANGUAGES):
        raise ValueError(_("没有这种语言。"))
    return value


class Reach(Input):
    """How to reach somebody. An empty `phone` leaves the one that is stored; `no_phone` takes it away."""

    email: Annotated[str, AfterValidator(_email)] = ""
    phone: Annotated[str, AfterValidator(_phone)] = ""
    no_phone: bool = False


class CreatePerson(Reach):
    """`username`: to sign in with; it stays."""

    username: Annotated[str, AfterValidator(_username)]
    name: Annotated[str, AfterValidator(_name)]


class ChangePerson(Reach):
    """What an administrator corrects of an account."""

    name: Annotated[str, AfterValidator(_name)]


class ChangeOwn(Reach):
    """`language`: of the pages; the installation's where it is empty."""

    language: Annotated[str, AfterValidator(_language)] = ""


class RolePeriod(Input):
    """Days, both included; from today, and without end, where they are left out."""

    starts: Day | None = None
    ends: Day | None = None


class GrantRole(RolePeriod):
    """A role on a unit for a period."""

    role: Role
    unit: Annotated[UUID, BeforeValidator(_unit)]


class ProposeRole(GrantRole):
    """As the page of a person asks it: the first day is named."""

    starts: Day


class EndGrant(Input):
    """`last_day`: on which the role is still in force; yesterday where it is left out."""

    last_day: Day | None = None


class RefuseProposal(Input):
    """Why a role is not confirmed; whoever proposed it reads it."""

    reason: str

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str) -> str:
        cleaned = text.clean(value)
        if not 4 <= len(cleaned) <= 200:
            raise ValueError(_("请写明不同意的理由（4 至 200 字）。"))
        return cleaned


class ChooseAreas(Input):
    """What a token's form asks for: areas, all of them to read, or to read and write."""

    areas: list[str] = []
    access: Literal["read", "write"]

    @property
    def scopes(self) -> list[str]:
        """As tokens store them: `items:read`, or `items` for both."""
        return [a if self.access == "write" else f"{a}:read" for a in self.areas]


class MakeToken(Input):
    """`days`: how long it is valid; None: without an end."""

    name: str
    scopes: list[str]
    days: int | None

    @field_validator("name")
    @classmethod
    def _label(cls, value: str) -> str:
        cleaned = text.clean(value)
        if not cleaned or len(cleaned) > 60:
            raise ValueError(_("请填写名称，不超过 60 字。"))
        return cleaned

    @field_validator("scopes")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        if not value or not all(scope_known(s) for s in value):
            raise ValueError(_("请至少选择一项权限。"))
        return list(dict.fromkeys(value))

    @field_validator("days")
    @classmethod
    def _within(cls, value: int | None) -> int | None:
        if value is not None and not 1 <= value <= MOST_TOKEN_DAYS:
            raise ValueError(_("有效天数应为 1 至 3650。"))
        return value


def _megabytes(value: Any) -> int | None:
    typed = str(value if value is not None else "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else None


class DescribePhone(Input):
    """What a device reports of itself. What is no such fact is left out: a phone that cannot say is still a phone."""

    platform: Annotated[str, AfterValidator(lambda v: text.clean(v)[:60])] = ""
    screen: Annotated[str, AfterValidator(lambda v: text.clean(v)[:20])] = ""
    version: Annotated[str, AfterValidator(lambda v: text.clean(v)[:20])] = ""
    storage_mb: Annotated[int | None, BeforeValidator(_megabytes)] = None
    standalone: bool = False
