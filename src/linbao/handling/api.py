"""`POST /items/{id}/assign|progress|resolve|inform|evaluate|close|reopen` (design §6, 2.4.1, 2.4.2, 4.3.2).

Every verb is safe to repeat: the same again gives the same answer, another body a 409.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linbao.core.api import Router
from linbao.handling import assigning, loop, work
from linbao.handling.inputs import (
    AssignItem,
    CloseItem,
    EvaluateItem,
    InformResident,
    RecordProgress,
    RemindHandler,
    ReopenItem,
    ResolveItem,
    TransferItem,
)
from linbao.items import representation, schemas
from linbao.items.models import Item
from linbao.organisation.requests import AuthenticatedRequest

router = Router(tags=["handling"])


@router.post("/{uuid:item_id}/assign", response=schemas.Item, summary="Assign an item")
def assign(request: AuthenticatedRequest, item_id: UUID, body: AssignItem) -> dict[str, Any]:
    """Give an approved item to a unit or person; `due_at` defaults to the catalogue's limit (urgent: 24 hours).

    Clause 4.3.2.
    """
    return _answer(assigning.assign(request.user, item_id, body), request)


@router.post("/{uuid:item_id}/transfer", response=schemas.Item, summary="Hand an item over")
def transfer(request: AuthenticatedRequest, item_id: UUID, body: TransferItem) -> dict[str, Any]:
    """Hand over to another unit or person, with a reason. Clause 4.3.2."""
    return _answer(assigning.transfer(request.user, item_id, body), request)


@router.post("/{uuid:item_id}/remind", response=schemas.Item, summary="Remind the handler")
def remind(request: AuthenticatedRequest, item_id: UUID, body: RemindHandler | None = None) -> dict[str, Any]:
    """Remind the handler (催办). Clause 2.4.1."""
    return _answer(work.remind(request.user, item_id, body or RemindHandler()), request)


@router.post("/{uuid:item_id}/progress", response=schemas.Item, summary="Record progress")
def progress(request: AuthenticatedRequest, item_id: UUID, body: RecordProgress) -> dict[str, Any]:
    """Record what has been done so far; files are uploaded before with stage `progress`. Clause 2.4.1."""
    return _answer(work.progress(request.user, item_id, body), request)


@router.post("/{uuid:item_id}/resolve", response=schemas.Item, summary="Record the result")
def resolve(request: AuthenticatedRequest, item_id: UUID, body: ResolveItem) -> dict[str, Any]:
    """Record the result; the reporter then tells the resident (4.3.2). Clause 4.3.2."""
    return _answer(work.resolve(request.user, item_id, body), request)


@router.post("/{uuid:item_id}/inform", response=schemas.Item, summary="Record that the resident was informed")
def inform(request: AuthenticatedRequest, item_id: UUID, body: InformResident) -> dict[str, Any]:
    """Record an attempt to inform the resident (2.4.1); `unreachable` needs tries on three different days.

    Clause 2.4.1.
    """
    return _answer(loop.inform(request.user, item_id, body), request)


@router.post("/{uuid:item_id}/evaluate", response=schemas.Item, summary="Record the resident's judgement")
def evaluate(request: AuthenticatedRequest, item_id: UUID, body: EvaluateItem) -> dict[str, Any]:
    """Record the resident's judgement, given by word of mouth (2.4.2). Clause 2.4.2."""
    return _answer(loop.evaluate(request.user, item_id, body), request)


@router.post("/{uuid:item_id}/close", response=schemas.Item, summary="Close an item")
def close(request: AuthenticatedRequest, item_id: UUID, body: CloseItem | None = None) -> dict[str, Any]:
    """Close an item whose loop is complete; an unsatisfied one needs the manager's reason (2.4.2). Clause 2.4.2."""
    return _answer(loop.close(request.user, item_id, body or CloseItem()), request)


@router.post("/{uuid:item_id}/reopen", response=schemas.Item, summary="Handle a matter again")
def reopen(request: AuthenticatedRequest, item_id: UUID, body: ReopenItem) -> dict[str, Any]:
    """Handle the matter again: the manager's decision, with a reason (2.4.2). Clause 2.4.2."""
    return _answer(loop.reopen(request.user, item_id, body), request)


def _answer(item: Item, request: AuthenticatedRequest) -> dict[str, Any]:
    return representation.whole(item, request.user)
