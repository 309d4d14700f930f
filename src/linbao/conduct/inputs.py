"""What the inputs of this room's verbs share."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator

from linbao.core import text
from linbao.core.inputs import LINES

MOST_ITEMS = 20


def _split(value: Any) -> Any:
    return re.split(r"[\s,，、;；]+", value) if isinstance(value, str) else value


def _few(value: list[str]) -> list[str]:
    numbers = list(dict.fromkeys(n[:24] for n in value))
    if len(numbers) > MOST_ITEMS:
        raise ValueError(_("最多填写 20 条。"))
    return numbers


# Numbers of items as people write them into one box: each once, at most twenty.
Numbers = Annotated[list[str], LINES, BeforeValidator(_split), AfterValidator(_few)]


def yuan(value: Any, message: str) -> Decimal:
    """An amount in yuan that somebody typed, not below zero, with two decimals at most. Raises `ValueError` with
    `message` for what is none."""
    try:
        amount = Decimal(text.clean(str(value)).replace(",", "").replace("，", ""))
        if not amount.is_finite() or amount < 0 or amount >= Decimal(10) ** 9 or amount != amount.quantize(CENT):
            raise ValueError(message)
    except InvalidOperation as e:
        raise ValueError(message) from e
    return amount


CENT = Decimal("0.01")
