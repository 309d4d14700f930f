"""What filing, changing, submitting and withdrawing an item asks for, and unmasking a person (2.1, 2.3, 1.3.4)."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from linbao.core.dates import Moment
from linbao.core.inputs import Input, Text
from linbao.core.schemas import example

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
    """Where: in words, and as a point in degrees of WGS-84."""

    text: str | None = Field(None, max_length=2000)
    lat: float | None = None
    lon: float | None = None


class SourceIn(Input):
    """How the information was come by: a method, or the activity it was collected on."""

    method: str | None = None
    activity: UUID | None = None


class PartyIn(Input):
    """A person whom the item names."""

    id: UUID | None = None
    role: str | None = None
    name: str | None = None
    phone: str | None = None


class NoticeIn(Input):
    """Whether the persons named were informed, and the basis of writing them down (PIPL art. 13, 17)."""

    basis: Literal["", "duty", "consent", "emergency"] | None = None
    informed: bool | None = None


class ItemContent(Input):
    """The content of an item; see the catalogue (`GET /catalogue`) for `details`. What each category asks,
    and the limits of each field, `items.fields` decides: a draft may lack anything."""

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


class ChangeItem(ItemContent):
    """`version` is the one that the change was made on; another raises 409."""

    model_config = example({"title": "荷塘里3号、5号垃圾桶满溢", "version": 1})
    version: int | None = None


class NewItem(ItemContent):
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


class FormState(Input):
    """What the item's form says besides its answers: the version it showed (0: none yet), and of a returned item the
    names of questions that are asked again by a rule (`also`)."""

    version: int = 0
    category: str = ""
    also: str = ""


class WithdrawItem(Input):
    """Why an item is taken back; a draft goes without a reason."""

    model_config = example({"reason": "与昨日所报为同一件事"})
    reason: Annotated[str, Text(300)] = ""


class UrgentReason(Input):
    """Why an item is recognised as urgent, or is not (2.3.2, 4.3.1)."""

    reason: Annotated[str, Text(300, least=2)]


class SetUrgent(UrgentReason):
    """Whether the item is urgent, and why it is recognised as such, or is not."""

    model_config = example({"urgent": True, "reason": "燃气味越来越浓"})
    urgent: bool


class SubmitItem(Input):
    """`version`: of the item that was read; another raises `Conflict`. `reported_at`: when it was sent off, for one
    that waited on a phone without a network (1.3.2); without a zone: UTC."""

    model_config = example({"version": 1})
    version: int | None = None
    reported_at: Moment | None = None


class Reveal(Input):
    """Why somebody reads what is masked; on the audit log (1.3.4)."""

    reason: Annotated[str, Text(300, least=2)]


class RevealParty(Reveal):
    """One person of the item."""

    party: UUID
