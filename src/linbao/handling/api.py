"""`POST /items/{id}/assign|progress|resolve|inform|evaluate|close|reopen` (design §6, 2.4.1, 2.4.2, 4.3.2).

Every verb is safe to repeat: the same again gives the same answer, another body a 409.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from ninja import Router, Schema
from pydantic import ConfigDict, Field

from linbao.core.dates import Moment
from linbao.core.http import as_uuid
from linbao.handling import assigning, loop, work
from linbao.items import representation
from linbao.items.models import Item
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

router = Router(tags=["handling"])
# A name or code that nobody has: refused where one of another community is, with the same words (1.3.4).
NOBODY = UUID(int=0)


class Strict(Schema):
    """Unknown fields are refused, with a message beside them."""

    model_config = ConfigDict(extra="forbid")


class AssignIn(Strict):
    """`unit` by id or code, `handler` by id or user name; `due_at` with zone, else the unit's own."""

    unit: str | None = Field(None, max_length=60)
    handler: str | None = Field(None, max_length=60)
    instruction: str = Field("", max_length=500)
    due_at: Moment | None = None
    version: int | None = None


class TransferIn(Strict):
    unit: str | None = Field(None, max_length=60)
    handler: str | None = Field(None, max_length=60)
    reason: str = Field(max_length=300)
    due_at: Moment | None = None


class ProgressIn(Strict):
    text: str
    attachments: list[UUID] = Field(default_factory=list, max_length=30)


class ResolveIn(Strict):
    result: str
    attachments: list[UUID] = Field(default_factory=list, max_length=30)
    version: int | None = None


class InformIn(Strict):
    outcome: Literal["reached", "no_answer", "refused", "anonymous", "no_resident", "unreachable"]
    method: Literal["phone", "visit", "sms", "slip", ""] = ""
    words: str = Field("", max_length=500)
    reason: str = Field("", max_length=300)


class EvaluateIn(Strict):
    verdict: Literal["satisfied", "mostly_satisfied", "unsatisfied", "none"]
    remark: str = Field("", max_length=1000)
    reason: str = Field("", max_length=300)


class CloseIn(Strict):
    reason: str = Field("", max_length=300)


class ReopenIn(Strict):
    reason: str = Field(max_length=300)
    unit: str | None = Field(None, max_length=60)
    handler: str | None = Field(None, max_length=60)
    due_at: Moment | None = None


class Words(Strict):
    words: str = Field("", max_length=300)


@router.post("/{uuid:item_id}/assign")
def assign(request: AuthenticatedRequest, item_id: UUID, body: AssignIn) -> dict[str, Any]:
    """Give an approved item to a unit or person; `due_at` defaults to the catalogue's limit (urgent: 24 hours)."""
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


@router.post("/{uuid:item_id}/transfer")
def transfer(request: AuthenticatedRequest, item_id: UUID, body: TransferIn) -> dict[str, Any]:
    """Hand over to another unit or person, with a reason."""
    item = assigning.transfer(
        request.user,
        item_id,
        unit=_unit(body.unit),
        handler=_person(body.handler),
        reason=body.reason,
        due_at=body.due_at,
    )
    return _answer(item, request)


@router.post("/{uuid:item_id}/remind")
def remind(request: AuthenticatedRequest, item_id: UUID, body: Words | None = None) -> dict[str, Any]:
    """Remind the handler (催办)."""
    return _answer(work.remind(request.user, item_id, body.words if body else ""), request)


@router.post("/{uuid:item_id}/progress")
def progress(request: AuthenticatedRequest, item_id: UUID, body: ProgressIn) -> dict[str, Any]:
    """Record what has been done so far; files are uploaded before with stage `progress`."""
    return _answer(work.progress(request.user, item_id, body.text, attachments=body.attachments), request)


@router.post("/{uuid:item_id}/resolve")
def resolve(request: AuthenticatedRequest, item_id: UUID, body: ResolveIn) -> dict[str, Any]:
    """Record the result; the reporter then tells the resident (4.3.2)."""
    return _answer(
        work.resolve(request.user, item_id, body.result, attachments=body.attachments, version=body.version), request
    )


@router.post("/{uuid:item_id}/inform")
def inform(request: AuthenticatedRequest, item_id: UUID, body: InformIn) -> dict[str, Any]:
    """Record an attempt to tell the resident (2.4.1); `unreachable` needs tries on three different days."""
    item = loop.inform(
        request.user, item_id, outcome=body.outcome, method=body.method, words=body.words, reason=body.reason
    )
    return _answer(item, request)


@router.post("/{uuid:item_id}/evaluate")
def evaluate(request: AuthenticatedRequest, item_id: UUID, body: EvaluateIn) -> dict[str, Any]:
    """Record the resident's judgement as told by word of mouth (2.4.2)."""
    return _answer(
        loop.evaluate(request.user, item_id, verdict=body.verdict, remark=body.remark, reason=body.reason), request
    )


@router.post("/{uuid:item_id}/close")
def close(request: AuthenticatedRequest, item_id: UUID, body: CloseIn | None = None) -> dict[str, Any]:
    """Close an item whose loop is complete; an unsatisfied one needs the manager's reason (2.4.2)."""
    return _answer(loop.close(request.user, item_id, reason=body.reason if body else ""), request)


@router.post("/{uuid:item_id}/reopen")
def reopen(request: AuthenticatedRequest, item_id: UUID, body: ReopenIn) -> dict[str, Any]:
    """Handle the matter again: the manager's decision, with a reason (2.4.2)."""
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
