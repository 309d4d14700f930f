"""Items as JSON (design §6): the contract's body, idempotent by a client-chosen id."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field, ValidationError

from linbao.core import problems
from linbao.core.api import Router
from linbao.core.dates import Moment
from linbao.core.inputs import Input, field_messages
from linbao.core.schemas import example
from linbao.items import parties, representation, schemas, services
from linbao.items.models import Item
from linbao.organisation.requests import AuthenticatedRequest

router = Router(tags=["items"])
MOST_ROWS = 500
# The examples of the description.
ITEM: dict[str, Any] = {
    "id": "0193a0f2-6d3e-7c11-8a51-3f2a9c04d1e7",
    "category": "sanitation",
    "subcategory": "waste",
    "title": "荷塘里3号垃圾桶满溢",
    "status": "submitted",
    "narrative": "荷塘里3号旁垃圾桶满溢，已有三天，附近六户居民反映气味明显。",
    "occurred_at": "2026-11-22T01:30:00Z",
    "seen_at": "2026-11-22T02:00:00Z",
    "place": {"text": "荷塘里3号", "lat": 30.654, "lon": 104.066},
    "grid": "510104017003001",
    "source": {"method": "visit"},
    "key_points": ["垃圾桶满溢三天"],
    "analysis": "清运频次不足。",
    "suggestion": "增加清运班次。",
    "details": {"area": "荷塘里3号", "factor": "frequency", "factor_words": "每周只清运两次", "severity": "middle"},
    "parties": [{"role": "proposer", "name": "张桂兰", "phone": "13812341234"}],
}
DRAFT = {k: ITEM[k] for k in ("category", "title", "narrative")}


class PlaceIn(Input):
    text: str | None = Field(None, max_length=2000)
    lat: float | None = None
    lon: float | None = None


class SourceIn(Input):
    method: str | None = None
    activity: UUID | None = None


class PartyIn(Input):
    id: UUID | None = None
    role: str | None = None
    name: str | None = None
    phone: str | None = None


class NoticeIn(Input):
    """Whether the persons named were told (`informed`), and the basis of writing them down (PIPL art. 13, 17)."""

    basis: Literal["", "duty", "consent", "emergency"] | None = None
    informed: bool | None = None


class ItemChange(Input):
    """What a reporter tells; see the catalogue (`GET /catalogue`) for `details`."""

    category: Literal["opinion", "event", "construction", "sanitation"] | None = None
    subcategory: str | None = None
    topic: str | None = None
    title: str | None = None
    narrative: str | None = None
    occurred_at: Moment | None = None
    seen_at: Moment | None = None
    reported_at: Moment | None = None
    place: PlaceIn | None = None
    grid: str | None = None
    source: SourceIn | None = None
    parties: list[PartyIn] | None = None
    notice: NoticeIn | None = None
    details: dict[str, Any] | None = None
    key_points: list[str] | None = None
    analysis: str | None = None
    suggestion: str | None = None
    sensitivity: Literal["public", "internal", "sensitive", "confidential"] | None = None
    urgent: bool | None = None
    named: list[UUID] | None = None


class ItemPatch(ItemChange):
    """`version` is the one that the change was made on; another raises 409."""

    model_config = example({"title": "荷塘里3号、5号垃圾桶满溢", "version": 1})
    version: int | None = None


class ItemIn(ItemChange):
    """A new item. `status: "submitted"` files it at once; a draft else. `number`, `attachments` and
    `timeline` are the server's: a body that carries them must leave them empty."""

    model_config = example(ITEM)
    id: UUID | None = None
    status: Literal["draft", "submitted"] = "draft"
    number: None = None
    attachments: list[Any] = Field(default_factory=list, max_length=0)
    timeline: list[Any] = Field(default_factory=list, max_length=0)


class Batch(Input):
    """Up to 500 items, each as the body of `POST /items`."""

    model_config = example({"items": [ITEM, DRAFT]})
    items: list[dict[str, Any]] = Field(max_length=MOST_ROWS)


class Withdrawal(Input):
    """Why an item is taken back."""

    model_config = example({"reason": "与昨日所报为同一件事"})
    reason: str = Field("", max_length=300)


class Urgency(Input):
    """Whether the item is urgent, and why it is recognised as such, or is not."""

    model_config = example({"urgent": True, "reason": "燃气味越来越浓"})
    urgent: bool
    reason: str = Field("", max_length=300)


class Submission(Input):
    """`reported_at`: when it was sent off, for one that waited on a phone without a network (1.3.2)."""

    model_config = example({"version": 1})
    version: int | None = None
    reported_at: Moment | None = None


def _content(body: ItemChange) -> dict[str, Any]:
    return body.model_dump(exclude_unset=True, exclude={"id", "status", "number", "attachments", "timeline", "version"})


@router.post("", response={201: schemas.Item}, summary="File an item")
def create(request: AuthenticatedRequest, body: ItemIn) -> dict[str, Any]:
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
            row = ItemIn.model_validate(data)
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
    """The item with parties (masked), attachments and timeline; 404 when it is not for these eyes.

    Clause 1.3.4, 2.2.1.
    """
    row = services.get(request.user, item_id)
    parties.opened(request.user, row)
    return representation.whole(row, request.user)


@router.patch("/{uuid:item_id}", response=schemas.Item, summary="Change a draft or a returned item")
def change(request: AuthenticatedRequest, item_id: UUID, body: ItemPatch) -> dict[str, Any]:
    """Change a draft or a returned item; only the given fields move. Clause 4.3.2."""
    item = services.change(request.user, item_id, _content(body), version=body.version)
    return representation.whole(item, request.user)


@router.post("/{uuid:item_id}/submit", response=schemas.Item, summary="Submit an item")
def submit(request: AuthenticatedRequest, item_id: UUID, body: Submission | None = None) -> dict[str, Any]:
    """Submit a draft, resubmit a returned item (2.3.1, 4.3.2); 422 names what is missing. Safe to repeat.

    Clause 2.3.1, 4.3.2.
    """
    body = body or Submission()
    item = services.submit(request.user, item_id, version=body.version, reported_at=body.reported_at)
    return representation.whole(item, request.user)


@router.post("/{uuid:item_id}/withdraw", response=schemas.Item, summary="Withdraw an item")
def withdraw(request: AuthenticatedRequest, item_id: UUID, body: Withdrawal | None = None) -> dict[str, Any]:
    """Take an item back before approval, with a reason. Clause 2.3.1."""
    item = services.withdraw(request.user, item_id, body.reason if body else "")
    return representation.whole(item, request.user)


@router.post("/{uuid:item_id}/urgent", response=schemas.Item, summary="Mark an item as urgent, or take the mark")
def set_urgent(request: AuthenticatedRequest, item_id: UUID, body: Urgency) -> dict[str, Any]:
    """Recognise a submitted item as urgent: its emergency opens (2.3.2); or, by the department, that it is not.

    Clause 2.3.2, 4.3.1.
    """
    verb = services.mark_urgent if body.urgent else services.unmark_urgent
    return representation.whole(verb(request.user, item_id, body.reason), request.user)


def _row(result: Item | Exception) -> dict[str, Any]:
    if isinstance(result, Item):
        return {"status": 201, "id": result.pk, "number": result.number, "item_status": result.status}
    if isinstance(result, problems.Problem):
        return {"status": result.status, "code": result.code, "detail": result.message, "fields": result.fields}
    raise result


def _refused(e: ValidationError) -> dict[str, Any]:
    """The row of a batch whose fields cannot be read."""
    return {"status": 422, "code": "invalid", "detail": str(problems.Invalid.title), "fields": field_messages(e)}
