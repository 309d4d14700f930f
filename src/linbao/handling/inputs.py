"""What the verbs of handling and of the closed loop ask for (4.3.2, 2.4.1, 2.4.2)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from linbao.core.inputs import Input, LocalMoment, Text
from linbao.core.schemas import example
from linbao.handling.models import AdoptionKind, Outcome, Verdict

# A unit by id or code, a person by id or user name.
ByName = Annotated[str, Field(max_length=60), BeforeValidator(lambda v: str(v) if isinstance(v, UUID) else v)]
Files = Annotated[list[UUID], Field(max_length=30)]
Note = Annotated[str, Text(300)]
Rated = Literal["satisfied", "mostly_satisfied", "unsatisfied"]


class AssignItem(Input):
    """`unit` by id or code, `handler` by id or user name; `due_at` with zone, else the unit's own."""

    model_config = example(
        {"unit": "D1", "handler": "handler1", "instruction": "请两日内清运", "due_at": "2026-11-26T10:00:00Z"}
    )
    unit: ByName | None = None
    handler: ByName | None = None
    instruction: Annotated[str, Text(500)] = ""
    due_at: LocalMoment | None = None
    version: int | None = None


class TransferItem(Input):
    """Who handles it from now on, and why."""

    model_config = example({"unit": "D2", "reason": "该路段由市政办公室负责"})
    unit: ByName | None = None
    handler: ByName | None = None
    reason: Annotated[str, Text(300, 1, gettext_lazy("请写明转办的原因。"))]
    due_at: LocalMoment | None = None


class AssistItem(Input):
    """The co-handlers (协办), in the place of those named before; `note`: what they are asked to do."""

    handlers: list[UUID] = []
    note: Note = ""


class RecordProgress(Input):
    """What has been done so far; files by id."""

    model_config = example({"text": "已联系清运公司，今日下午到场。"})
    text: Annotated[str, Text(2000, 1, gettext_lazy("请填写办理进展，不超过 2000 字。"))]
    attachments: Files = []


class ResolveItem(Input):
    """What was done; files by id. `version`: that of the item which the result was written for."""

    model_config = example({"result": "已清运干净，并加装一只垃圾桶。"})
    result: Annotated[str, Text(5000, 5, gettext_lazy("请写明办理结果（5 至 5000 字），居民要能看懂。"))]
    attachments: Files = []
    version: int | None = None


class RemindHandler(Input):
    """A note for the handler."""

    model_config = ConfigDict(
        populate_by_name=True, json_schema_extra={"examples": [{"words": "居民再次来电，请尽快"}]}
    )
    note: Note = Field("", alias="words")


class SuperviseItem(Input):
    """`due_at`: when it is to be answered, by default within a working day."""

    requirements: Annotated[str, Text(500, 1, gettext_lazy("请写明督办要求。"))]
    due_at: LocalMoment | None = None


class AnswerSupervision(Input):
    """The handler's answer to a supervision (督办)."""

    supervision: UUID
    answer: Annotated[str, Text(1000, 1, gettext_lazy("请填写答复。"))]


class RequestExtension(Input):
    """Until when more time is asked for, and why."""

    until: LocalMoment
    reason: Annotated[str, Text(300, 1, gettext_lazy("请写明延期的理由。"))]


class DecideExtension(Input):
    """A refusal needs a remark."""

    granted: bool
    remark: Note = Field("", validate_default=True)

    @field_validator("remark")
    @classmethod
    def _refusals_say_why(cls, remark: str, info: ValidationInfo) -> str:
        if info.data.get("granted") is False and not remark:
            raise ValueError(_("不同意延期的，请写明原因。"))
        return remark


class AdoptItem(Input):
    """`note`: what the item led to."""

    kind: AdoptionKind
    note: Annotated[str, Text(500, 1, gettext_lazy("请说明促成了什么。"))]


class ConfirmAdoption(Input):
    """The adoption that a manager confirms."""

    adoption: UUID


class InformResident(Input):
    """An attempt to inform the resident, and what came of it; `message` (`words`) is what was said to them."""

    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={"examples": [{"outcome": "reached", "method": "phone", "words": "已电话告知"}]},
    )
    outcome: Outcome
    method: Literal["phone", "visit", "sms", "slip", ""] = Field("", validate_default=True)
    message: Annotated[str, Text(500)] = Field("", alias="words")
    reason: Note = ""

    @field_validator("method")
    @classmethod
    def _contacts_have_a_method(cls, method: str, info: ValidationInfo) -> str:
        if not method and info.data.get("outcome") in (Outcome.REACHED, Outcome.NO_ANSWER):
            raise ValueError(_("请选择用什么方式联系的。"))
        return method


class EvaluateItem(Input):
    """The resident's judgement; `reason` why there is none: a sentence, or `unreachable`."""

    model_config = example({"verdict": "satisfied", "remark": "处理得很快"})
    verdict: Verdict
    remark: Annotated[str, Text(1000)] = ""
    reason: Note = Field("", validate_default=True)

    @field_validator("reason")
    @classmethod
    def _no_verdict_has_a_reason(cls, reason: str, info: ValidationInfo) -> str:
        if info.data.get("verdict") == Verdict.NONE and not (reason or info.data.get("remark")):
            raise ValueError(_("没有评价的，请写明原因。"))
        return reason


class CloseItem(Input):
    """`reason` of the manager, for an item whose resident was unsatisfied."""

    model_config = example({"reason": ""})
    reason: Note = ""


class ReopenItem(Input):
    """Why, and who handles it now; the same as before without `unit` and `handler`."""

    model_config = example({"reason": "居民反映又已满溢", "handler": "handler1"})
    reason: Annotated[str, Text(300, 1, gettext_lazy("请写明重办的理由。"))]
    unit: ByName | None = None
    handler: ByName | None = None
    due_at: LocalMoment | None = None


class EvaluateByLink(Input):
    """What the resident answers on the page of the private link."""

    verdict: Rated
    remark: Annotated[str, Text(500)] = ""


class ShowNumber(Input):
    """Whose number is shown: a party of the item."""

    party: UUID
