"""What contributions, nominations, rewards and budgets ask for (7.1.1, 7.1.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from linbao.conduct.inputs import CENT, Numbers, yuan
from linbao.conduct.models import Kind, Worth
from linbao.core.inputs import Input, Text

MOST = Decimal("999999.99")  # yuan, of one reward


class RecordContribution(Input):
    """`number`: of the item. `note`: what it led to, and what shows that."""

    number: Annotated[str, Text(24)]
    worth: Worth
    note: Annotated[str, Text(500, 1, lazy("请写明促成了什么、依据是什么。"))]


def _some(value: list[str]) -> list[str]:
    if not value:
        raise ValueError(_("请至少填写一条相关信息的编号。"))
    return value


class Nominate(Input):
    """`items`: numbers of the nominee's items that are concerned."""

    nominee: UUID
    reasons: Annotated[str, Text(2000, 10, lazy("请写明理由，10 至 2000 字：做了什么、起了什么作用。"))]
    items: Annotated[Numbers, AfterValidator(_some), Field(validate_default=True)] = []


class DecideNomination(Input):
    """The forms of the reward, none to decline with a remark. `bonus`, and `goods_price` of the `goods`, in yuan."""

    kinds: list[Kind] = []
    title: Annotated[str, Text(40), Field(validate_default=True)] = ""
    citation: Annotated[str, Text(200), Field(validate_default=True)] = ""
    bonus: Annotated[Decimal, Field(validate_default=True)] = Decimal(0)
    goods: Annotated[str, Text(200), Field(validate_default=True)] = ""
    goods_price: Annotated[Decimal, Field(validate_default=True)] = Decimal(0)
    remark: Annotated[str, Text(500), Field(validate_default=True)] = ""

    @field_validator("bonus", "goods_price", mode="before")
    @classmethod
    def _amount(cls, value: Any, info: ValidationInfo) -> Decimal:
        kind = Kind.BONUS if info.field_name == "bonus" else Kind.GOODS
        if kind not in info.data.get("kinds", []):
            return Decimal(0)
        message = _("请填写金额（元），大于 0，最多两位小数。")
        amount = yuan(value, message)
        if not CENT <= amount <= MOST:
            raise ValueError(message)
        return amount

    @field_validator("title")
    @classmethod
    def _title(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("kinds") and not value:
            raise ValueError(_("请填写荣誉名称，如“2026年下半年优秀信息报告员”。"))
        return value

    @field_validator("citation")
    @classmethod
    def _citation(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("kinds") and not value:
            raise ValueError(_("请用一句话写明表彰事由，将印在证书上。"))
        return value

    @field_validator("goods")
    @classmethod
    def _goods(cls, value: str, info: ValidationInfo) -> str:
        if Kind.GOODS not in info.data.get("kinds", []):
            return ""
        if not 0 < len(value) <= 80:
            raise ValueError(_("请填写物品，不超过 80 字。"))
        return value

    @field_validator("remark")
    @classmethod
    def _remark(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("kinds") == [] and not value:
            raise ValueError(_("不予表彰时请写明理由。"))
        return value


def _budget(value: Any) -> Decimal:
    return yuan(value, _("请填写预算金额（元），最多两位小数。"))


def _year(value: int) -> int:
    if not 2000 <= value <= 2200:
        raise ValueError(_("请填写年份。"))
    return value


class SetBudget(Input):
    """What the unit may spend on rewards in a calendar year, in yuan."""

    unit: UUID
    year: Annotated[int, AfterValidator(_year)]
    amount: Annotated[Decimal, BeforeValidator(_budget)]


class AskCertificate(Input):
    """`seal`: of those in the asker's own keeping."""

    seal: UUID | None = None
