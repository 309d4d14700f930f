"""What registering, handing over, losing and disposing of a device asks for (6.1.2)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import field_validator

from linbao.core.inputs import Input, Text
from linbao.security.inputs import Person
from linbao.security.models import DeviceKind


class ChangeDevice(Input):
    kind: DeviceKind
    name: Annotated[str, Text(60, 1, lazy("请填写名称，不超过 60 字。"))]
    number: Annotated[str, Text(40, 1, lazy("请填写资产编号或序列号，不超过 40 字。"))]


class RegisterDevice(ChangeDevice):
    """`holder`: who uses it; empty while the unit keeps it. `phone`: the row of the app on it."""

    unit: UUID
    holder: Person = ""
    phone: UUID | None = None


class AssignDevice(Input):
    """`holder`: empty to take the device back."""

    holder: Person = ""


class ReportLoss(Input):
    """`colleague`: it is the device of `person`, not one's own. `device` or `phone`: which one; none where it is not
    known."""

    colleague: bool = False
    person: Person = ""
    device: UUID | None = None
    phone: UUID | None = None
    description: Annotated[str, Text(500, 4, lazy("请写明何时何地丢失、上面有什么（4 至 500 字）。"))]


class RecoverDevice(Input):
    note: Annotated[str, Text(300, 4, lazy("请写明如何找回、是否检查过（4 至 300 字）。"))]


class DisposeOfDevice(Input):
    """`cleared`: its storage cannot be read any more. `witness`: who watched."""

    method: Literal["wiped", "destroyed", "returned"]
    cleared: bool
    witness: Person
    note: Annotated[str, Text(300, 4, lazy("请写明处置经过（4 至 300 字）。"))]

    @field_validator("cleared")
    @classmethod
    def _cleared(cls, value: bool) -> bool:
        if not value:
            raise ValueError(_("处置前必须先清除存储内容。"))
        return value
