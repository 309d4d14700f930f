"""What the API answers of deliveries (design §6)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from linbao.core.schemas import Answer, Cursor
from linbao.outbox.models import DeliveryState


class DeliverySubject(Answer):
    """What a delivery is about."""

    type: str = Field(description="E.g. `items.item`; empty: nothing that has an id.")
    id: UUID | None


class Delivery(Answer):
    """A message to the outside."""

    id: UUID
    channel: str = Field(description="`mail`, `sms`, `robot`, `webhook`.")
    recipient: str
    subject: str
    state: DeliveryState
    attempts: int = Field(ge=0)
    created_at: datetime
    sent_at: datetime | None
    answer: str = Field(description="What the other side answered last; may be empty.")
    about: DeliverySubject


class DeliveryPage(Answer):
    """Deliveries, the newest first."""

    deliveries: list[Delivery]
    next: Cursor
