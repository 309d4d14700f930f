"""What reporting an incident and carrying it to its report asks for (6.1.1; PIPL art. 57)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import Field, ValidationInfo, field_validator

from linbao.core import clock
from linbao.core.inputs import Chosen, Input, LocalMoment, Text
from linbao.security.models import IncidentKind, Severity

Note = Annotated[str, Text(2000, 4, lazy("请写明情况（4 至 2000 字）。"))]


class ReportIncident(Input):
    """`seen_at`: when it was noticed, not later than now nor earlier than a year ago."""

    kind: IncidentKind
    seen_at: LocalMoment
    description: Annotated[str, Text(2000, 4, lazy("请写明发现了什么（4 至 2000 字）。"))]

    @field_validator("seen_at")
    @classmethod
    def _seen(cls, value: datetime) -> datetime:
        now = clock.now()
        if not now - timedelta(days=366) <= value <= now + timedelta(minutes=1):
            raise ValueError(_("发现时间不能晚于现在，也不能早于一年前。"))
        return value


class AddNote(Input):
    """A step of the officer: measures that contain it, a note, or the causes and lessons that close it."""

    note: Note


class ClassifyIncident(AddNote):
    """`personal`: whether it touches personal data, and then of how many `people`, an estimate at least."""

    kind: IncidentKind
    severity: Severity
    personal: Annotated[bool | None, Chosen(lazy("请判断是否涉及个人信息。")), Field(validate_default=True)] = None
    people: Annotated[int | None, Field(validate_default=True)] = None

    @field_validator("people")
    @classmethod
    def _people(cls, value: int | None, info: ValidationInfo) -> int | None:
        if info.data.get("personal") and (value is None or not 1 <= value <= 10_000_000):
            raise ValueError(_("请填写涉及的人数（估计数也可）。"))
        return value if info.data.get("personal") else None


class RecordNotice(AddNote):
    """Who was notified, or that the people concerned need not be (`exempt`)."""

    recipient: Literal["authority", "people", "exempt"]
