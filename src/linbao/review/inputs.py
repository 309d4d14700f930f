"""What reviewing asks for: approve, return, merge, and the administrator's standard reasons (4.3.1, 4.3.2, 2.2.1)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import AfterValidator, ConfigDict, Field, field_validator

from linbao.core.inputs import Input, Text
from linbao.core.schemas import example
from linbao.review import snapshot
from linbao.review.models import Check

MOST_FINDINGS = 60


def _mark(value: int | None) -> int | None:
    if value is not None and not 1 <= value <= 5:
        raise ValueError(_("评分为 1 至 5 分。"))
    return value


Mark = Annotated[int | None, AfterValidator(_mark)]


class CheckAnswer(Input):
    """The answer to one of the four questions; `overruled` is why a computed hint is set aside."""

    model_config = ConfigDict(populate_by_name=True)
    passed: bool | None = Field(None, alias="pass")
    remark: Annotated[str, Text(300)] = ""
    overruled: Annotated[str, Text(300)] = ""


class FindingInput(Input):
    """A field at fault: `reason` is the code of a standard reason; it or `note` is needed."""

    model_config = ConfigDict(populate_by_name=True)
    field: str = Field(max_length=60)
    check: Check | None = None
    reason: str | None = Field(None, max_length=40)
    note: Annotated[str, Text(300)] = Field("", alias="words")


class Decision(Input):
    """`version` is that of the item which was read; another raises `Conflict`."""

    checks: dict[Check, CheckAnswer] = {}
    remark: Annotated[str, Text(500)] = ""
    version: int | None = None


class Approve(Decision):
    """All four checks must have passed. Marks are 1 to 5, read by appraisal (5.2)."""

    completeness_mark: Mark = None
    analysis_mark: Mark = None


class ReturnItem(Decision):
    """A check with a finding has failed, whatever `checks` says."""

    findings: list[FindingInput] = Field([], max_length=MOST_FINDINGS)


class ReviewItem(Approve, ReturnItem):
    """An approval affirms the four checks: one that `checks` leaves out counts as passed."""

    model_config = example(
        {
            "decision": "return",
            "checks": {"accuracy": {"pass": False, "remark": "地点不清"}},
            "findings": [{"field": "place", "check": "accuracy", "words": "请写明楼栋号"}],
        }
    )
    decision: Literal["approve", "return"]


class Merge(Input):
    """The item that carries the matter on, and why."""

    model_config = example({"into": "0193a0f3-1b7c-7a90-9d44-52b1c8e07f36", "reason": "与该条反映同一处垃圾桶"})
    into: UUID
    reason: Annotated[str, Text(300)]

    @field_validator("reason")
    @classmethod
    def _needed(cls, value: str) -> str:
        if not value:
            raise ValueError(_("请写明为什么是同一件事。"))
        return value


class MergeTarget(Input):
    """The item that carries the matter on, as the desk names it: by id or number."""

    into: Annotated[str, Text(36)] = ""


class DismissDuplicate(Input):
    """The item that is another matter."""

    other: UUID


class SaveReason(Input):
    """A standard reason; `field` is where one click puts it (`place`, `details.course`), empty for none."""

    check_kind: Check
    text: Annotated[str, Text(200)]
    text_en: Annotated[str, Text(200)] = ""
    field: str = Field("", max_length=60)
    order: int = 0
    active: bool

    @field_validator("text")
    @classmethod
    def _needed(cls, value: str) -> str:
        if not value:
            raise ValueError(_("请填写理由，不超过 200 字。"))
        return value

    @field_validator("field")
    @classmethod
    def _known(cls, value: str) -> str:
        if value and value not in snapshot.FIELDS and not value.startswith("details."):
            raise ValueError(_("没有这个栏目。"))
        return value

    @field_validator("order")
    @classmethod
    def _within(cls, value: int) -> int:
        if not 0 <= value <= 99_999:
            raise ValueError(_("排序请填 0 至 99999 的整数。"))
        return value
