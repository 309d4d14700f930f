"""What a substitute for a guard of the host asks for (6.1.3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import Field, ValidationInfo, field_validator

from linbao.core import clock
from linbao.core.dates import Day
from linbao.core.inputs import Input, Text
from linbao.security.models import Guard

LARGEST_PROOF = 20 * 1024 * 1024  # bytes
LONGEST_COVER = 365  # days of a substitute


class RegisterSubstitute(Input):
    """`proof`: a text of 10 to 300 characters, or the `file` (PDF or photo, at most 20 MB), or both. `expires_on`: the
    last day, from tomorrow at most a year."""

    guard: Guard
    measure: Annotated[str, Text(100, 4, lazy("请写明由什么代替这项防护（4 至 100 字）。"))]
    file: bytes | None = None
    file_name: str = ""
    proof: Annotated[str, Text(300, 0, lazy("证明的说明为 10 至 300 字。")), Field(validate_default=True)] = ""
    expires_on: Day

    @field_validator("file")
    @classmethod
    def _file(cls, value: bytes | None) -> bytes | None:
        if value is not None and len(value) > LARGEST_PROOF:
            raise ValueError(_("文件超过 20 MB。"))
        return value or None

    @field_validator("proof")
    @classmethod
    def _proof(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("file", b"refused") is None:
            raise ValueError(_("请填写证明的说明（10 至 300 字），或上传证明文件。"))
        if value and len(value) < 10:
            raise ValueError(_("证明的说明为 10 至 300 字。"))
        return value

    @field_validator("expires_on")
    @classmethod
    def _expires_on(cls, value: date) -> date:
        today = clock.today()
        if not today < value <= today + timedelta(days=LONGEST_COVER):
            raise ValueError(_("请填写明天起一年以内的日期。"))
        return value
