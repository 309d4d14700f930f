"""What the roster and the waiving of a duty ask for (2.3.2, 5.3.1)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator

from linbao.core import text
from linbao.core.inputs import Input, LocalMoment, Text


def _phone(value: str) -> str:
    try:
        return text.phone(value) if value else ""
    except ValueError as e:
        raise ValueError(_("请填写 11 位手机号或带区号的座机号。")) from e


class AddShift(Input):
    """Who is on duty from when to when; `phone`: the number of this shift."""

    person: UUID
    stand_in: UUID | None = None
    starts: LocalMoment
    ends: LocalMoment
    phone: Annotated[str, AfterValidator(_phone)] = ""


class LeaveNote(Input):
    """A note for the next shift (交接班)."""

    note: Annotated[str, Text(1000, 1, gettext_lazy("请写明交接内容，不超过 1000 字。"))]


class WaiveDuty(Input):
    """Why somebody is freed from a duty (leave, a stand-in, a fault of the system)."""

    reason: Annotated[str, Text(200, 1, gettext_lazy("请填写免除的理由。"))]
