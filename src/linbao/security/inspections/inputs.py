"""What an inspection, its check list and the correction of what it found ask for (6.1.2, 6.2.3)."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from linbao.core.inputs import Chosen, Input, Lines, Text

MOST_POINTS = 20


def _points(value: list[str]) -> list[str]:
    points = list(dict.fromkeys(value))
    if not 1 <= len(points) <= MOST_POINTS or any(len(p) > 80 for p in points):
        raise ValueError(_("请填写 1 至 20 项，每行一项，每项不超过 80 字。"))
    return points


class SetCheckList(Input):
    """The points that are asked, each once."""

    points: Annotated[Lines, AfterValidator(_points)] = Field(validate_default=True, default=[])


class Answer(Input):
    """Whether a point was in order; one that was not needs a remark."""

    ok: Annotated[bool | None, Chosen(lazy("请选择是否合格。")), Field(validate_default=True)] = None
    remark: Annotated[str, Text(200, 0, lazy("不超过 200 字。")), Field(validate_default=True)] = ""

    @field_validator("remark")
    @classmethod
    def _remark(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("ok") is False and len(value) < 2:
            raise ValueError(_("请写明问题（2 至 200 字），以便整改。"))
        return value


class Inspect(Input):
    """The answers in the order of the check list. `count`: how many points the list had that was filled in."""

    answers: list[Answer]
    count: int | None = None


class FixFinding(Input):
    correction: Annotated[str, Text(300, 4, lazy("请写明如何整改（4 至 300 字）。"))]
