"""What a resident's request about their own data, and the way to its answer, ask for (1.3.4; PIPL art. 44 to 50)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from linbao.confidentiality.models import RequestKind
from linbao.core import text
from linbao.core.inputs import Chosen, Input, Text


def _phone(value: str) -> str:
    try:
        return text.phone(value)
    except ValueError as e:
        raise ValueError(_("请填写 11 位手机号，或带区号的固定电话。")) from e


class FileRequest(Input):
    """A resident's request over the public form; `new_name` or `new_phone` is what a correction asks for."""

    kind: RequestKind
    name: Annotated[str, Text(40, 2, lazy("请填写姓名（2 至 40 字）。"))]
    phone: Annotated[str, AfterValidator(_phone)]
    note: Annotated[str, Text(1000, 0, lazy("说明不超过 1000 字。"))] = ""
    new_phone: Annotated[str, AfterValidator(lambda value: _phone(value) if value.strip() else "")] = ""
    new_name: Annotated[str, Text(40, 0, lazy("姓名不超过 40 字。")), Field(validate_default=True)] = ""

    @field_validator("new_name")
    @classmethod
    def _new_name(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("kind") == RequestKind.CORRECT and not value and not info.data.get("new_phone", "?"):
            raise ValueError(_("请写明更正后的姓名或电话。"))
        return value


class EnterRequest(FileRequest):
    """A request entered for a resident who came, called or wrote."""

    channel: Literal["visit", "phone", "paper"]


class Identify(Input):
    """How it was made sure who asks."""

    identity: Annotated[str, Text(200, 4, lazy("请写明怎样核验的，如“当面查验身份证，未留存复印件”（4 至 200 字）。"))]


class DecideRequest(Input):
    """Grant the request for the `parties` that are the resident, or refuse it with the legal reason."""

    grant: Annotated[bool | None, Chosen(lazy("请选择同意或不同意。")), Field(validate_default=True)] = None
    parties: list[UUID] = []
    reason: Annotated[str, Text(500, 0, lazy("理由不超过 500 字。")), Field(validate_default=True)] = ""

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("grant") is False and len(value) < 6:
            raise ValueError(_("不同意的，请写明法律依据和理由（6 至 500 字），会写入答复。"))
        return value


class Countersign(Input):
    """Agree to the decision, or send it back with a reason."""

    agree: bool
    reason: Annotated[str, Text(500), Field(validate_default=True)] = ""

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("agree") is False and len(value) < 4:
            raise ValueError(_("退回的，请写明理由（4 至 500 字）。"))
        return value
