"""What deciding on a delivery, setting up a channel and choosing one's mail ask for (2.3.2, 4.1.1)."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from linbao.core import text
from linbao.core.inputs import Input
from linbao.outbox.models import ByMail, ChannelKind


class MarkSent(Input):
    """How one knows that it arrived after all."""

    reason: str = Field(default="", validate_default=True)

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str) -> str:
        cleaned = text.clean(value)
        if not 4 <= len(cleaned) <= 200:
            raise ValueError(_("请写明是怎样核实的（4 至 200 字），如“已电话核对，邮箱已收到”。"))
        return cleaned


class Resend(Input):
    """`present`: to the mailbox that the unit has now (it failed because the old one was wrong)."""

    address: Literal["", "present"] = ""


class ForUnit(Input):
    """The unit that a new channel is for."""

    unit: UUID


class SaveChannel(Input):
    """`address`: Apprise's, with its secret; an empty one leaves the one that is stored. `stand_in`: another channel of
    the unit, for what this one refuses; `stands_in_only`: it is used for nothing else."""

    name: str
    kind: ChannelKind
    address: str = ""
    stand_in: UUID | None = None
    stands_in_only: bool = False
    active: bool = True

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        cleaned = text.clean(value)
        if not cleaned or len(cleaned) > 40:
            raise ValueError(_("请填写名称，不超过 40 字。"))
        return cleaned

    @field_validator("address")
    @classmethod
    def _address(cls, value: str) -> str:
        return value.strip()


def _time(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return time.fromisoformat(value.strip()[:8]).replace(tzinfo=None, microsecond=0) if value.strip() else None
    except ValueError as e:
        raise ValueError(_("请填写时刻，如 08:30。")) from e


TimeOfDay = Annotated[time | None, BeforeValidator(_time)]


class ChoosePreference(Input):
    """Times in the installation's zone as `HH:MM`; quiet hours need both of them, or none."""

    by_mail: ByMail
    digest_at: TimeOfDay = None
    quiet_from: TimeOfDay = None
    quiet_to: TimeOfDay = Field(default=None, validate_default=True)

    @field_validator("quiet_to")
    @classmethod
    def _both(cls, value: time | None, info: ValidationInfo) -> time | None:
        if "quiet_from" in info.data and (info.data["quiet_from"] is None) != (value is None):
            raise ValueError(_("免打扰时段请填写起止两个时刻，或都不填。"))
        return value
