"""What registering a place and writing its entry log asks for (6.2.3)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import Field, ValidationInfo, field_validator

from linbao.core.inputs import Input, Text
from linbao.security.inputs import Person

Purpose = Annotated[str, Text(100, 2, lazy("请填写进入的事由（2 至 100 字）。"))]


class ChangePlace(Input):
    """`contents`: what is kept or handled there. `keeper`: who answers for it."""

    kind: Literal["room", "cabinet"]
    name: Annotated[str, Text(60, 1)]
    where: Annotated[str, Text(100, 1)]
    contents: Annotated[str, Text(200, 1)]
    keeper: Person
    active: bool


class RegisterPlace(ChangePlace):
    unit: UUID


class PermitEntry(Input):
    person: Person


class Enter(Input):
    purpose: Purpose


class Admit(Input):
    """Who enters: `person` of the unit, or a `visitor` from outside with an `escort`."""

    person: Person = ""
    visitor: Annotated[str, Text(200), Field(validate_default=True)] = ""
    escort: Person = ""
    purpose: Purpose

    @field_validator("visitor")
    @classmethod
    def _visitor(cls, value: str, info: ValidationInfo) -> str:
        if not info.data.get("person") and not 2 <= len(value) <= 60:
            raise ValueError(_("请填写来访人的姓名和单位（2 至 60 字），或选择本单位人员。"))
        return value
