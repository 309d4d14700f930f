"""What recording a call-back asks for (2.4.2)."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field, ValidationInfo, field_validator

from linbao.core.inputs import Input, Text
from linbao.handling.inputs import Rated
from linbao.handling.models import CallBackOutcome


class RecordCallBack(Input):
    """What the resident said, or what was seen on site. `matches`: whether that agrees with the record."""

    outcome: CallBackOutcome
    verdict: Rated | None = None
    matches: bool | None = Field(None, validate_default=True)
    remark: Annotated[str, Text(1000)] = Field("", validate_default=True)

    @field_validator("verdict")
    @classmethod
    def _verdicts_are_of_residents(cls, verdict: Rated | None, info: ValidationInfo) -> Rated | None:
        if verdict and info.data.get("outcome") == CallBackOutcome.ON_SITE:
            raise ValueError(_("没有联系居民的，不能记录居民评价。"))
        return verdict

    @field_validator("matches")
    @classmethod
    def _compared_with_the_record(cls, matches: bool | None, info: ValidationInfo) -> bool | None:
        if matches is None and info.data.get("outcome") in (CallBackOutcome.REACHED, CallBackOutcome.ON_SITE):
            raise ValueError(_("请选择居民所说或现场情况与记录是否一致。"))
        return matches

    @field_validator("remark")
    @classmethod
    def _described(cls, remark: str, info: ValidationInfo) -> str:
        outcome, matches = info.data.get("outcome"), info.data.get("matches")
        if not remark and (outcome in (CallBackOutcome.REFUSED, CallBackOutcome.ON_SITE) or matches is False):
            raise ValueError(_("请写明情况。"))
        return remark
