"""What writing, signing and recording confidentiality agreements asks for (6.2.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import Field, ValidationInfo, field_validator

from linbao.core import clock, text
from linbao.core.dates import Day
from linbao.core.inputs import Input, Lines, Text

VALID_DAYS = 365  # 6.2.1, domain.md §3: renewed yearly
PHRASE = "我已逐条阅读并同意"
MOST_RELATIVES = 20
LARGEST = 20 * 1024 * 1024  # bytes of a scan


class SaveDraft(Input):
    title: Annotated[str, Text(60, 4, lazy("标题应为 4 至 60 字。"))]
    body: Annotated[str, Text(20_000, 200, lazy("正文应为 200 至 20000 字，写明责任和义务。"))]


class Publish(Input):
    """`required_from`: the day from which earlier versions no longer hold, within 90 days; today without."""

    required_from: Day | None = None

    @field_validator("required_from")
    @classmethod
    def _required_from(cls, value: date | None) -> date | None:
        today = clock.today()
        if value is not None and not today <= value <= today + timedelta(days=90):
            raise ValueError(_("旧版失效日应在今天至 90 天之内。"))
        return value


class Sign(Input):
    """`read`: the page was scrolled to the text's end; without script `agreed` is the phrase, typed. `relatives`: near
    relatives who live in the community, each as `姓名 电话`, the phone left out where there is none."""

    agreement: UUID
    password: str = Field(max_length=200)
    agreed: str = ""
    read: Annotated[bool, Field(validate_default=True)] = False
    relatives: Lines = []

    @field_validator("read")
    @classmethod
    def _read(cls, value: bool, info: ValidationInfo) -> bool:
        if not value and "".join(info.data.get("agreed", "").split()) != PHRASE:
            raise ValueError(_("请阅读到末尾并勾选；或照写“%(phrase)s”。") % {"phrase": PHRASE})
        return value

    @field_validator("relatives")
    @classmethod
    def _relatives(cls, value: list[str]) -> list[str]:
        if len(value) > MOST_RELATIVES:
            raise ValueError(_("最多申报 %(n)d 人。") % {"n": MOST_RELATIVES})
        for line in value:
            _relative(line)
        return value

    def declared(self) -> list[tuple[str, str]]:
        """The relatives as (name, phone), the phone empty where there is none."""
        return [_relative(line) for line in self.relatives]


def _relative(line: str) -> tuple[str, str]:
    name, _space, phone = line.replace("，", " ").replace(",", " ").partition(" ")
    if len(name) > 20:
        raise ValueError(_("姓名过长，每行写一人：姓名 电话。"))
    try:
        return name, text.phone(phone) if phone.strip() else ""
    except ValueError as e:
        message = _("“%(line)s”的电话无法识别，每行写一人：姓名 电话。") % {"line": name[:10]}
        raise ValueError(message) from e


class RecordPaper(Input):
    """`person`: the username of who signed. `signed_on`: the day on the paper, within the year that it holds. `scan`: a
    PDF or photo of at most 20 MB, called `name`."""

    person: str
    signed_on: Day
    scan: bytes | None = Field(validate_default=True, default=None)
    name: str = ""

    @field_validator("signed_on")
    @classmethod
    def _signed_on(cls, value: date) -> date:
        today = clock.today()
        if not today - timedelta(days=VALID_DAYS) < value <= today:
            raise ValueError(_("请填写纸上的签订日期：一年之内，不晚于今天。"))
        return value

    @field_validator("scan")
    @classmethod
    def _scan(cls, value: bytes | None) -> bytes | None:
        if not value:
            raise ValueError(_("请上传签字页的扫描件或照片。"))
        if len(value) > LARGEST:
            raise ValueError(_("文件超过 20 MB。"))
        return value


class DecidePaper(Input):
    """Confirm the signature, or refuse it with a reason."""

    confirm: bool
    reason: Annotated[str, Text(300), Field(validate_default=True)] = ""

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("confirm") is False and len(value) < 4:
            raise ValueError(_("不予确认的，请写明理由（4 至 300 字）。"))
        return value
