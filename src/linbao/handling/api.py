"""`POST /items/{id}/assign|progress|resolve|inform|evaluate|close|reopen` (design §6, 2.4.1, 2.4.2, 4.3.2).

Every verb is safe to repeat: the same again gives the same answer, another body a 409.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from linbao.core.api import Router
from linbao.core.dates import Moment
from linbao.core.http import as_uuid
from linbao.core.inputs import Input
from linbao.core.schemas import example
from linbao.handling import assigning, loop, work
from linbao.items import representation, schemas
from linbao.items.models import Item
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

router = Router(tags=["handling"])
# A name or code that nobody has: refused where one of another community is, with the same words (1.3.4).
NOBODY = UUID(int=0)


class AssignIn(Input):
    """`unit` by id or code, `handler` by id or user name; `due_at` with zone, else the unit's own."""

    model_config = example(
        {"unit": "D1", "handler": "handler1", "instruction": "请两日内清运", "due_at": "2026-11-26T10:00:00Z"}
    )
    unit: str | None = Field(None, max_length=60)
    handler: str | None = Field(None, max_length=60)
    instruction: str = Field("", max_length=500)
    due_at: Moment | None = None
    version: int | None = None


class TransferIn(Input):
    """Who handles it from now on, and why."""

    model_config = example({"unit": "D2", "reason": "该路段由市政办公室负责"})
    unit: str | None = Field(None, max_length=60)
    handler: str | None = Field(None, max_length=60)
    reason: str = Field(max_length=300)
    due_at: Moment | None = None


class ProgressIn(Input):
    """What has been done so far; files by id."""

    model_config = example({"text": "已联系清运公司，今日下午到场。"})
    text: str
    attachments: list[UUID] = Field(default_factory=list, max_length=30)


class ResolveIn(Input):
    """What was done; files by id."""

    model_config = example({"result": "已清运干净，并加装一只垃圾桶。"})
    result: str
    attachments: list[UUID] = Field(default_factory=list, max_length=30)
    version: int | None = None


class InformIn(Input):
    """An attempt to inform the resident, and what came of it."""

    model_config = example({"outcome": "reached", "method": "phone", "words": "已电话告知"})
    outcome: Literal["reached", "no_answer", "refused", "anonymous", "no_resident", "unreachable"]
    method: Literal["phone", "visit", "sms", "slip", ""] = ""
    words: str = Field("", max_length=500)
    reason: str = Field("", max_length=300)


class EvaluateIn(Input):
    """The resident's judgement; `reason` why there is none."""

    model_config = example({"verdict": "satisfied", "remark": "处理得很快"})
    verdict: Literal["satisfied", "mostly_satisfied", "unsatisfied", "none"]
    remark: str = Field("", max_length=1000)
    reason: str = Field("", max_length=300)


class CloseIn(Input):
    """`reason` of the manager, for an item whose resident was unsatisfied."""

    model_config = example({"reason": ""})
    reason: str = Field("", max_length=300)


class ReopenIn(Input):
    """Why, and who handles it now; the same as before without `unit` and `handler`."""

    model_config = example({"reason": "居民反映又已满溢", "handler": "handler1"})
    reason: str = Field(max_length=300)
    unit: str | None = Field(None, max_length=60)
    handler: str | None = Field(None, max_length=60)
    due_at: Moment | None = None


class Words(Input):
    """A note for the handler."""

    model_config = example({"words": "居民再次来电，请尽快"})
    words: str = Field("", max_length=300)


@router.post("/{uuid:item_id}/assign", response=schemas.Item, summary="Assign an item")
def assign(request: AuthenticatedRequest, item_id: UUID, body: AssignIn) -> dict[str, Any]:
    """Give an approved item to a unit or person; `due_at` defaults to the catalogue's limit (urgent: 24 hours).

    Clause 4.3.2.
    """
    item = assigning.assign(
        request.user,
        item_id,
        unit=_unit(body.unit),
        handler=_person(body.handler),
        instruction=body.instruction,
        due_at=body.due_at,
        version=body.version,
    )
    return _answer(item, request)


@router.post("/{uuid:item_id}/transfer", response=schemas.Item, summary="Hand an item over")
def transfer(request: AuthenticatedRequest, item_id: UUID, body: TransferIn) -> dict[str, Any]:
    """Hand over to another unit or person, with a reason. Clause 4.3.2."""
    item = assigning.transfer(
        request.user,
        item_id,
        unit=_unit(body.unit),
        handler=_person(body.handler),
        reason=body.reason,
        due_at=body.due_at,
    )
    return _answer(item, request)


@router.post("/{uuid:item_id}/remind", response=schemas.Item, summary="Remind the handler")
def remind(request: AuthenticatedRequest, item_id: UUID, body: Words | None = None) -> dict[str, Any]:
    """Remind the handler (催办). Clause 2.4.1."""
    return _answer(work.remind(request.user, item_id, body.words if body else ""), request)


@router.post("/{uuid:item_id}/progress", response=schemas.Item, summary="Record progress")
def progress(request: AuthenticatedRequest, item_id: UUID, body: ProgressIn) -> dict[str, Any]:
    """Record what has been done so far; files are uploaded before with stage `progress`. Clause 2.4.1."""
    return _answer(work.progress(request.user, item_id, body.text, attachments=body.attachments), request)


@router.post("/{uuid:item_id}/resolve", response=schemas.Item, summary="Record the result")
def resolve(request: AuthenticatedRequest, item_id: UUID, body: ResolveIn) -> dict[str, Any]:
    """Record the result; the reporter then tells the resident (4.3.2). Clause 4.3.2."""
    return _answer(
        work.resolve(request.user, item_id, body.result, attachments=body.attachments, version=body.version), request
    )


@router.post("/{uuid:item_id}/inform", response=schemas.Item, summary="Record that the resident was told")
def inform(request: AuthenticatedRequest, item_id: UUID, body: InformIn) -> dict[str, Any]:
    """Record an attempt to tell the resident (2.4.1); `unreachable` needs tries on three different days.

    Clause 2.4.1.
    """
    item = loop.inform(
        request.user, item_id, outcome=body.outcome, method=body.method, words=body.words, reason=body.reason
    )
    return _answer(item, request)


@router.post("/{uuid:item_id}/evaluate", response=schemas.Item, summary="Record the resident's judgement")
def evaluate(request: AuthenticatedRequest, item_id: UUID, body: EvaluateIn) -> dict[str, Any]:
    """Record the resident's judgement as told by word of mouth (2.4.2). Clause 2.4.2."""
    return _answer(
        loop.evaluate(request.user, item_id, verdict=body.verdict, remark=body.remark, reason=body.reason), request
    )


@router.post("/{uuid:item_id}/close", response=schemas.Item, summary="Close an item")
def close(request: AuthenticatedRequest, item_id: UUID, body: CloseIn | None = None) -> dict[str, Any]:
    """Close an item whose loop is complete; an unsatisfied one needs the manager's reason (2.4.2). Clause 2.4.2."""
    return _answer(loop.close(request.user, item_id, reason=body.reason if body else ""), request)


@router.post("/{uuid:item_id}/reopen", response=schemas.Item, summary="Handle a matter again")
def reopen(request: AuthenticatedRequest, item_id: UUID, body: ReopenIn) -> dict[str, Any]:
    """Handle the matter again: the manager's decision, with a reason (2.4.2). Clause 2.4.2."""
    item = loop.reopen(
        request.user, item_id, body.reason, unit=_unit(body.unit), handler=_person(body.handler), due_at=body.due_at
    )
    return _answer(item, request)


def _answer(item: Item, request: AuthenticatedRequest) -> dict[str, Any]:
    return representation.whole(item, request.user)


def _unit(given: str | None) -> UUID | None:
    if not given:
        return None
    row = tree().by_code.get(given)
    return row.id if row else as_uuid(given) or NOBODY


def _person(given: str | None) -> UUID | None:
    if not given:
        return None
    return as_uuid(given) or User.objects.filter(username=given.lower()).values_list("pk", flat=True).first() or NOBODY
