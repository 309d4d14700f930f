"""What giving a job up and choosing a language ask for."""

from __future__ import annotations

from django.utils.translation import gettext as _
from pydantic import Field, field_validator

from linbao.core import text
from linbao.core.inputs import Input


class DiscardJob(Input):
    """Why a failed job is given up."""

    reason: str = Field(default="", validate_default=True)

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str) -> str:
        cleaned = text.clean(value)
        if not 4 <= len(cleaned) <= 200:
            raise ValueError(_("请写明放弃的理由（4 至 200 字）。"))
        return cleaned


class ChooseLanguage(Input):
    """`next`: the page to return to."""

    language: str = ""
    next: str = "/"
