"""What giving information out and tracing a leak ask for (6.2.2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import Field, ValidationInfo, field_validator

from linbao.confidentiality.models import Form
from linbao.core import clock
from linbao.core.dates import Day
from linbao.core.inputs import Input, Text

LONGEST_DAYS = 365
LEAST_TEXT = 6  # characters to go by when tracing


class AskDisclosure(Input):
    """`identified`: with names and phones of residents, for which `why_identified` says why nothing less will do.
    `until`: the last day of use, from tomorrow at most a year."""

    recipient: Annotated[str, Text(80, 2)]
    purpose: Annotated[str, Text(500, 6)]
    legal_basis: Annotated[str, Text(300, 4)]
    form: Form
    identified: bool = False
    why_identified: Annotated[str, Text(500), Field(validate_default=True)] = ""
    until: Day

    @field_validator("why_identified")
    @classmethod
    def _why_identified(cls, value: str, info: ValidationInfo) -> str:
        if not info.data.get("identified"):
            return ""
        if len(value) < 6:
            raise ValueError(_("提供居民姓名和电话，须写明非此不可的理由（6 至 500 字）。"))
        return value

    @field_validator("until")
    @classmethod
    def _until(cls, value: date) -> date:
        today = clock.today()
        if not today < value <= today + timedelta(days=LONGEST_DAYS):
            raise ValueError(_("使用期限应在明天至一年之内。"))
        return value


class DecideDisclosure(Input):
    """Approve a request, or refuse it with a reason in the `comment`."""

    approve: bool
    comment: Annotated[str, Text(500, 0, lazy("意见不超过 500 字。")), Field(validate_default=True)] = ""

    @field_validator("comment")
    @classmethod
    def _comment(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("approve") is False and len(value) < 4:
            raise ValueError(_("不批准的，请写明理由（4 至 500 字）。"))
        return value


class TraceLeak(Input):
    """What leaked: a `file` (PDF, XLSX or text) called `name`, or a `text` as pasted, hidden characters and all."""

    file: bytes | None = None
    name: str = ""
    text: Annotated[str, Field(validate_default=True)] = ""

    @field_validator("text")
    @classmethod
    def _text(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("file") is None and too_short(value):
            raise ValueError(_("请粘贴泄露的文字（至少一句），或上传文件。"))
        return value


def too_short(value: str) -> bool:
    """Whether a text holds too little to go by."""
    return len("".join(value.split())) < LEAST_TEXT
