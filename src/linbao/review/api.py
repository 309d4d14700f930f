"""`POST /items/{id}/review` and what a reviewer's own tools need (design §6, 4.3.1, 4.3.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linbao.core.api import Router
from linbao.items import representation
from linbao.items import schemas as item_schemas
from linbao.items import services as item_services
from linbao.organisation.requests import AuthenticatedRequest
from linbao.review import schemas, services
from linbao.review.inputs import CheckAnswer, Merge, ReviewItem
from linbao.review.models import Check

router = Router(tags=["review"])


@router.post("/{uuid:item_id}/review", response=item_schemas.Item, summary="Approve or return an item")
def review(request: AuthenticatedRequest, item_id: UUID, body: ReviewItem) -> dict[str, Any]:
    """Approve, or return with findings by field. Safe to repeat; 409 when somebody else decided or has it.

    Clause 4.3.1, 4.3.2.
    """
    if body.decision == "approve":
        passed = {check: CheckAnswer(passed=True) for check in Check}
        item = services.approve(request.user, item_id, body.model_copy(update={"checks": passed | body.checks}))
    else:
        item = services.return_(request.user, item_id, body)
    return representation.whole(item, request.user)


@router.post("/{uuid:item_id}/claim", response=schemas.Claim, summary="Claim an item for review")
def claim(request: AuthenticatedRequest, item_id: UUID) -> dict[str, Any]:
    """Reserve an item for review for 15 minutes; 409 names who has it. Clause 4.3.1."""
    row = services.claim(request.user, item_id)
    return {"item": item_id, "until": row.until}


@router.post("/{uuid:item_id}/merge", response=item_schemas.Item, summary="Merge a duplicate")
def merge(request: AuthenticatedRequest, item_id: UUID, body: Merge) -> dict[str, Any]:
    """Merge a duplicate into the item that carries the matter on (2.2.1). Safe to repeat. Clause 2.2.1."""
    services.merge(request.user, item_id, body)
    return representation.whole(item_services.get(request.user, item_id), request.user)
