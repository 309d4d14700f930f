"""Items as JSON (design §6): the contract's body, idempotent by a client-chosen id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import ValidationError

from linbao.core import problems
from linbao.core.api import Router
from linbao.core.inputs import field_messages
from linbao.items import parties, representation, schemas, services
from linbao.items.inputs import Batch, ChangeItem, ItemContent, NewItem, SetUrgent, SubmitItem, WithdrawItem
from linbao.items.models import Item
from linbao.organisation.requests import AuthenticatedRequest

router = Router(tags=["items"])


def _content(body: ItemContent) -> dict[str, Any]:
    return body.model_dump(exclude_unset=True, exclude={"id", "status", "number", "attachments", "timeline", "version"})


@router.post("", response={201: schemas.Item}, summary="File an item")
def create(request: AuthenticatedRequest, body: NewItem) -> dict[str, Any]:
    """File an item, as a draft or submitted. Same id and body: the same answer; another body: 409.

    Clause 2.1.1, 2.1.2, 2.3.1, 3.1–3.4.
    """
    item = services.create(
        request.user, _content(body), item_id=body.id, submit=body.status == "submitted", channel="api"
    )
    return representation.whole(item, request.user, fresh=True)


@router.post("/batch", response=schemas.BatchResult, summary="File up to 500 items")
def batch(request: AuthenticatedRequest, body: Batch) -> dict[str, Any]:
    """File up to 500 items; each row answers for itself: `{id, status: 201, item}` or a problem. Clause 2.3.1."""
    rows: list[Any] = []
    taken: list[tuple[UUID | None, dict[str, Any], bool]] = []
    for data in body.items:
        try:
            row = NewItem.model_validate(data)
        except ValidationError as e:
            rows.append(_refused(e))
            continue
        rows.append(None)
        taken.append((row.id, _content(row), row.status == "submitted"))
    results = iter(services.create_many(request.user, taken)) if taken else iter(())
    answers = [row if row is not None else _row(next(results)) for row in rows]
    return {"results": answers, "created": sum(a["status"] == 201 for a in answers)}


@router.get("/{uuid:item_id}", response=schemas.Item, summary="Read an item")
def read(request: AuthenticatedRequest, item_id: UUID) -> dict[str, Any]:
    """The item with parties (masked), attachments and timeline; 404 when the caller may not see it.

    Clause 1.3.4, 2.2.1.
    """
    row = services.get(request.user, item_id)
    parties.opened(request.user, row)
    return representation.whole(row, request.user)


@router.patch("/{uuid:item_id}", response=schemas.Item, summary="Change a draft or a returned item")
def change(request: AuthenticatedRequest, item_id: UUID, body: ChangeItem) -> dict[str, Any]:
    """Change a draft or a returned item; only the given fields move. Clause 4.3.2."""
    item = services.change(request.user, item_id, _content(body), version=body.version)
    return representation.whole(item, request.user)


@router.post("/{uuid:item_id}/submit", response=schemas.Item, summary="Submit an item")
def submit(request: AuthenticatedRequest, item_id: UUID, body: SubmitItem | None = None) -> dict[str, Any]:
    """Submit a draft, resubmit a returned item (2.3.1, 4.3.2); 422 names what is missing. Safe to repeat.

    Clause 2.3.1, 4.3.2.
    """
    item = services.submit(request.user, item_id, body)
    return representation.whole(item, request.user)


@router.post("/{uuid:item_id}/withdraw", response=schemas.Item, summary="Withdraw an item")
def withdraw(request: AuthenticatedRequest, item_id: UUID, body: WithdrawItem | None = None) -> dict[str, Any]:
    """Take an item back before approval, with a reason. Clause 2.3.1."""
    item = services.withdraw(request.user, item_id, body or WithdrawItem())
    return representation.whole(item, request.user)


@router.post("/{uuid:item_id}/urgent", response=schemas.Item, summary="Mark an item as urgent, or take the mark")
def set_urgent(request: AuthenticatedRequest, item_id: UUID, body: SetUrgent) -> dict[str, Any]:
    """Recognise a submitted item as urgent: its emergency opens (2.3.2); or, by the department, that it is not.

    Clause 2.3.2, 4.3.1.
    """
    verb = services.mark_urgent if body.urgent else services.unmark_urgent
    return representation.whole(verb(request.user, item_id, body), request.user)


def _row(result: Item | Exception) -> dict[str, Any]:
    if isinstance(result, Item):
        return {"status": 201, "id": result.pk, "number": result.number, "item_status": result.status}
    if isinstance(result, problems.Problem):
        return {"status": result.status, "code": result.code, "detail": result.message, "fields": result.fields}
    raise result


def _refused(e: ValidationError) -> dict[str, Any]:
    """The row of a batch whose fields cannot be read."""
    return {"status": 422, "code": "invalid", "detail": str(problems.Invalid.title), "fields": field_messages(e)}
