"""What opening, rating, calibrating and objecting ask for (5.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, create_model, field_validator

from linbao.appraisal.metrics import METRICS, PARTS
from linbao.appraisal.models import Grade
from linbao.core import text
from linbao.core.dates import Day
from linbao.core.inputs import Input, Text

# What people judge about each other; what can be counted is counted, not asked.
ASPECTS: dict[str, Any] = {
    "duty": gettext_lazy("履职尽责：按时完成走访、上报和交办的工作"),
    "skill": gettext_lazy("业务能力：情况看得准，写得清，分析有用"),
    "people": gettext_lazy("群众工作：待人耐心，回应居民，居民信任"),
    "together": gettext_lazy("协作守纪：与同事配合，遵守制度和保密要求"),
}
MARKS: list[tuple[int, Any]] = [
    (5, gettext_lazy("很好")),
    (4, gettext_lazy("好")),
    (3, gettext_lazy("一般")),
    (2, gettext_lazy("较差")),
    (1, gettext_lazy("差")),
]
LONGEST = 1000
# What a manager may set on the page: field → (where it lies, lowest, highest, whole number). The rest is fixed.
RULES: dict[str, tuple[tuple[str, ...], float, float, bool]] = {
    **{f"metrics_{m}": (("metrics", m), 0, 100, True) for m in METRICS},
    **{f"parts_{p}": (("parts", p), 0, 100, True) for p in PARTS},
    **{f"grades_{g}": (("grades", g), 1, 100, True) for g in ("excellent", "competent", "basic")},
    "excellent_share": (("excellent_share",), 0, 20, True),  # 5.2.3 by domain.md §6: at most 20 %
    "worth_onsite": (("worth", "onsite"), 1, 3, False),
    "worth_complex": (("worth", "complex"), 1, 5, False),
    "complex_days": (("complex_days",), 1, 90, True),
    "urgent_weight": (("urgent_weight",), 1, 5, False),
    "wilson_z": (("wilson_z",), 0, 3, False),
    "peers": (("peers",), 1, 5, True),
    **{f"days_{p}": (("days", p), 1, 20, True) for p in ("self", "peer", "superior", "publish", "objection")},
}


def _written(least: int, most: int, message: str | Promise) -> Callable[[str], str]:
    """A check of a text of `least` to `most` characters; any other length is answered with `message`."""

    def check(value: str) -> str:
        cleaned = text.clean(value)
        if not least <= len(cleaned) <= most:
            raise ValueError(str(message))
        return cleaned

    return check


class OpenCycle(Input):
    """`half`: the first day of the half-year."""

    unit: UUID
    half: Day


class ReopenCycle(Input):
    """Why a published cycle is done again."""

    reason: Annotated[str, AfterValidator(_written(4, 300, gettext_lazy("请写明重新考核的理由（4 至 300 字）。")))]


class Rate(Input):
    """A mark from 1 to 5 for each aspect. `evidence`: the facts behind it, with numbers of items."""

    duty: int | None = Field(default=None, validate_default=True)
    skill: int | None = Field(default=None, validate_default=True)
    people: int | None = Field(default=None, validate_default=True)
    together: int | None = Field(default=None, validate_default=True)
    evidence: Annotated[str, Text(LONGEST)] = ""
    remark: Annotated[str, Text(LONGEST)] = ""

    @field_validator(*ASPECTS)
    @classmethod
    def _from_one_to_five(cls, value: int | None, info: ValidationInfo) -> int:
        if value is None or not 1 <= value <= 5:
            raise ValueError(_("请给“%(aspect)s”打分。") % {"aspect": ASPECTS[str(info.field_name)]})
        return value

    @property
    def marks(self) -> dict[str, int]:
        """The mark of each aspect."""
        return {aspect: getattr(self, aspect) for aspect in ASPECTS}


class Calibrate(Input):
    """Another grade than the suggested, and why."""

    grade: Grade
    reason: Annotated[str, AfterValidator(_written(4, 300, gettext_lazy("请写明调整的理由（4 至 300 字）。")))]


class Object(Input):
    """`grounds`: what one does not agree with, and the facts."""

    grounds: Annotated[
        str, AfterValidator(_written(4, 2000, gettext_lazy("请写明不同意哪一项、事实是什么（4 至 2000 字）。")))
    ]


class DecideObjection(Input):
    """The grade stands (`keep`), or is changed to `grade`; the person reads the `reply`."""

    decision: Literal["keep", "change"]
    reply: Annotated[
        str, AfterValidator(_written(4, 2000, gettext_lazy("请写明答复和理由（4 至 2000 字），本人会看到。")))
    ]
    grade: Grade | None = None


class DecideProposal(Input):
    """Whether what a result suggests is done, and why."""

    decision: Literal["accept", "decline"]
    reason: Annotated[str, AfterValidator(_written(2, 300, gettext_lazy("请写明采纳或不采纳的理由（2 至 300 字）。")))]


class ForUnit(Input):
    """The unit that a page's form is about; the user's own where it is left out."""

    unit: UUID | None = None


class RulesInput(Input):
    """Base of `SaveRules`: a new version of a unit's rules, each field of `RULES` as a number."""

    note: Annotated[str, Text(200)] = ""

    @property
    def values(self) -> dict[str, float]:
        """The numbers by the names of `RULES`."""
        return self.model_dump(include=set(RULES))


def _number(value: Any, *, field: str) -> float:
    _path, low, high, whole = RULES[field]
    typed = str(value if value is not None else "").strip()
    pattern = r"[0-9]{1,3}" if whole else r"[0-9]{1,3}(\.[0-9]{1,2})?"
    if not re.fullmatch(pattern, typed) or not low <= float(typed) <= high:
        kind = _("整数") if whole else _("数（最多两位小数）")
        raise ValueError(_("请填 %(low)g 到 %(high)g 之间的%(kind)s。") % {"low": low, "high": high, "kind": kind})
    return int(typed) if whole else float(typed)


_FIELDS: dict[str, Any] = {
    field: (Annotated[int if rule[3] else float, BeforeValidator(partial(_number, field=field))], ...)
    for field, rule in RULES.items()
}
SaveRules: type[RulesInput] = create_model("SaveRules", __base__=RulesInput, **_FIELDS)
