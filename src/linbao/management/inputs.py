"""What asking for leave and deciding on it, and copies of work files ask for (5.3.1, 5.3.2)."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import Field, ValidationInfo, field_validator

from linbao.core.dates import Day
from linbao.core.inputs import Input, Text
from linbao.duties.models import LeaveKind


class AskLeave(Input):
    """Whole days, the first and the last included; `stand_in`: the colleague who takes over what falls due."""

    kind: LeaveKind
    starts: Day
    ends: Day
    stand_in: UUID | None = None
    note: Annotated[str, Text(500)] = ""


class DecideLeave(Input):
    """Refusing needs a reason."""

    approved: bool
    remark: Annotated[str, Text(300)] = Field(default="", validate_default=True)

    @field_validator("remark")
    @classmethod
    def _reason(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("approved") is False and len(value) < 2:
            raise ValueError(_("不同意的，请写明理由。"))
        return value


class ExportFile(Input):
    """A sealed copy of a work file over some days; `seal`: one in the keeping of whoever asks."""

    since: date
    until: date
    seal: UUID | None = Field(default=None, validate_default=True)

    @field_validator("seal")
    @classmethod
    def _required(cls, value: UUID | None) -> UUID:
        if value is None:
            raise ValueError(_("请选择由您保管的印章；没有印章的，请由负责人导出。"))
        return value
