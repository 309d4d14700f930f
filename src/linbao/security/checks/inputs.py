"""What planning check-ups and drills, recording their results and reviewing rights asks for (6.1.1)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from linbao.core.dates import Day
from linbao.core.inputs import Chosen, Input, Text
from linbao.security.models import CheckKind

MOST_MONTHS = 24


def _months(value: int) -> int:
    if not 0 <= value <= MOST_MONTHS:
        raise ValueError(_("间隔为 0 至 24 个月，0 表示只做一次。"))
    return value


def _count(most: int) -> Any:
    def check(value: int | None) -> int | None:
        if value is not None and not 0 <= value <= most:
            raise ValueError(_("请填写 0 或正整数。"))
        return value

    return AfterValidator(check)


class PlanCheck(Input):
    """`every`: so many months; 0 for once."""

    unit: UUID
    kind: CheckKind
    title: Annotated[str, Text(80, 2, lazy("请填写名称（2 至 80 字）。"))]
    due_on: Day
    every: Annotated[int, AfterValidator(_months)] = 0


class RecordResult(Input):
    """Of a restore drill also the day of the backup, how many minutes it took, how many rows or files were missing
    (`lost`)."""

    passed: Annotated[bool | None, Chosen(lazy("请选择是否合格。")), Field(validate_default=True)] = None
    result: Annotated[str, Text(1000, 4, lazy("请写明经过、发现的问题和改进（4 至 1000 字）。"))]
    backup_on: Day | None = None
    minutes: Annotated[int | None, _count(100_000)] = None
    lost: Annotated[int | None, _count(10**9)] = None


class GrantVerdict(Input):
    """Whether to keep a grant (None: not decided yet); ending it needs a reason."""

    keep: bool | None = None
    reason: Annotated[str, Text(100), Field(validate_default=True)] = ""

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("keep") is False and len(value) < 2:
            raise ValueError(_("请写明结束的理由（2 至 100 字）。"))
        return value


class FinishReview(Input):
    """The verdict on each grant, by its id."""

    verdicts: dict[UUID, GrantVerdict]
