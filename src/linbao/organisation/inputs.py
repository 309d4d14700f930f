"""What making and changing a unit, and correcting its calendar ask for (1.2)."""

from __future__ import annotations

import re
from datetime import date, time
from functools import partial
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator, BeforeValidator, field_validator

from linbao.core import text
from linbao.core.dates import Day
from linbao.core.inputs import Input
from linbao.organisation.models import UnitKind, WeeklyBy

EXPORT_ROLES = ("manager", "manager,reviewer", "manager,reviewer,handler", "manager,reviewer,group_leader")
# Whole numbers in `Unit.settings`, with the most that each can be.
NUMBERS = {"reward_approval_above": 999_999, "work_file_years": 50, "weekly_take_back_minutes": 60, "mail_max_mb": 50}
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}")
PHONE = re.compile(r"[0-9 ,，;；、转+()（）-]{3,30}")
MOST_SPANS = 4


def hours_of(value: str) -> list[list[str]]:
    """`09:00-12:00, 14:00-18:00` as `Unit.working_hours` stores it; raises `ValueError` for what is no working time of
    a day."""
    spans: list[list[str]] = []
    until = time.min
    for piece in re.split(r"[,，;；、\s]+", re.sub(r"\s*[-–—~～至]\s*", "-", value.replace("：", ":").strip())):
        begins, dash, ends = piece.partition("-")
        a, b = (time.fromisoformat(t.zfill(5)) for t in (begins, ends))
        if not dash or a >= b or (spans and a < until) or a.second or b.second:
            raise ValueError("spans must follow each other")
        spans.append([f"{a:%H:%M}", f"{b:%H:%M}"])
        until = b
    if len(spans) > MOST_SPANS:
        raise ValueError("too many spans")
    return spans


def _number(value: Any, *, least: int, most: int, message: str | Promise) -> int | None:
    typed = text.clean(str(value if value is not None else ""))
    if not typed:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", typed) or not least <= int(typed) <= most:
        raise ValueError(str(message))
    return int(typed)


def _whole(least: int, most: int, message: str | Promise) -> BeforeValidator:
    """A whole number as typed; nothing where it is empty (inherited). Anything else is answered with `message`."""
    return BeforeValidator(partial(_number, least=least, most=most, message=message))


def _spans(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    typed = text.clean(value)
    try:
        return hours_of(typed) if typed else None
    except ValueError as e:
        raise ValueError(_("请按“09:00-12:00，14:00-18:00”填写，先早后晚，最多 4 段。")) from e


Clean = Annotated[str, AfterValidator(text.clean)]


class UnitNames(Input):
    """What every unit has."""

    name: Clean
    short_name: Clean = ""
    code: Clean
    order: Annotated[int | None, _whole(0, 99_999, gettext_lazy("排序请填 0 至 99999 的整数。"))] = None

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not value or len(value) > 60:
            raise ValueError(_("请填写名称，不超过 60 字。"))
        return value

    @field_validator("short_name")
    @classmethod
    def _short_name(cls, value: str) -> str:
        if len(value) > 20:
            raise ValueError(_("简称不超过 20 字。"))
        return value

    @field_validator("code")
    @classmethod
    def _code(cls, value: str) -> str:
        if not CODE.fullmatch(value):
            raise ValueError(_("代码为 1 至 20 位数字或字母，可含点、横线；社区用 12 位区划代码，网格再加 3 位。"))
        return value


class UnitWithSettings(UnitNames):
    """What a community and the units above it have besides; what is empty is inherited."""

    mailbox: Clean = ""
    duty_phone: Clean = ""
    time_zone: Clean = ""
    working_hours: Annotated[list[list[str]] | None, BeforeValidator(_spans)] = None
    weekly_by: Clean = ""
    weekly_follows_holidays: Literal["", "yes", "no"] = ""
    call_back_share: Annotated[int | None, _whole(0, 100, gettext_lazy("请填 0 至 100 的整数。"))] = None
    export_roles: Clean = ""
    reward_approval_above: Annotated[
        int | None, _whole(0, NUMBERS["reward_approval_above"], gettext_lazy("请填 0 至 999999 的整数（元）。"))
    ] = None
    work_file_years: Annotated[
        int | None, _whole(1, NUMBERS["work_file_years"], gettext_lazy("请填 1 至 50 的整数（年）。"))
    ] = None
    weekly_take_back_minutes: Annotated[
        int | None, _whole(0, NUMBERS["weekly_take_back_minutes"], gettext_lazy("请填 0 至 60 的整数（分钟）。"))
    ] = None
    mail_max_mb: Annotated[
        int | None, _whole(1, NUMBERS["mail_max_mb"], gettext_lazy("请填 1 至 50 的整数（MB）。"))
    ] = None

    @field_validator("mailbox")
    @classmethod
    def _mailbox(cls, value: str) -> str:
        try:
            if value:
                validate_email(value)
        except ValidationError as e:
            raise ValueError(_("电子邮箱格式不正确。")) from e
        if len(value) > 254:
            raise ValueError(_("电子邮箱格式不正确。"))
        return value

    @field_validator("duty_phone")
    @classmethod
    def _duty_phone(cls, value: str) -> str:
        if value and not PHONE.fullmatch(value):
            raise ValueError(_("请填写电话号码，如 028-8655 1234 或 12345，不超过 30 位。"))
        return value

    @field_validator("time_zone")
    @classmethod
    def _time_zone(cls, value: str) -> str:
        if value and (len(value) > 40 or value not in available_timezones()):
            raise ValueError(_("没有这个时区，例：Asia/Shanghai、Asia/Urumqi。"))
        return value

    @field_validator("weekly_by")
    @classmethod
    def _weekly_by(cls, value: str) -> str:
        if value and value not in WeeklyBy.values:
            raise ValueError(_("请选择周报方式。"))
        return value

    @field_validator("export_roles")
    @classmethod
    def _export_roles(cls, value: str) -> str:
        if value and value not in EXPORT_ROLES:
            raise ValueError(_("请选择谁可以导出信息条目。"))
        return value


class CreateUnit(UnitWithSettings):
    """A new unit of a `kind` that may hang under its parent."""

    kind: UnitKind


class ChangeUnit(UnitWithSettings):
    """`seen`: the `services.version` that the form was filled from; without one, nothing is compared."""

    seen: str = ""


class SetActive(Input):
    """Whether a unit or an account is in use."""

    active: bool


class CorrectDays(Input):
    """The days from `first` to `last` (`first` alone where it is left out) are worked or not; `name` says why."""

    first: Day
    last: Day | None = None
    working: Literal["yes", "no"]
    name: Clean

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not value or len(value) > 40:
            raise ValueError(_("请填写说明（依据哪份通知、什么原因），不超过 40 字。"))
        return value


class RemoveDay(Input):
    """The unit's own correction that is taken away."""

    day: date
