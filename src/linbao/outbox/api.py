"""What was sent where, when, and with what answer (design §6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linbao.core.api import Router
from linbao.core.keyset import Cursor
from linbao.core.problems import NotFound
from linbao.organisation.requests import AuthenticatedRequest, Limit
from linbao.outbox import schemas, services
from linbao.outbox.models import Delivery, DeliveryState

router = Router(tags=["deliveries"])


def _line(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.pk,
        "channel": row.channel,
        "recipient": row.recipient,
        "subject": row.subject,
        "state": row.state,
        "attempts": row.attempts,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
        "answer": row.answer,
        "about": {"type": row.subject_type, "id": row.subject_id},
    }


@router.get("", response=schemas.DeliveryPage, summary="List deliveries")
def list_(
    request: AuthenticatedRequest,
    state: DeliveryState | None = None,
    about: UUID | None = None,
    cursor: str = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Deliveries that this person caused or whose unit they look after, the newest first. Clause 4.1.1."""
    rows = Delivery.objects.visible_to(request.user)
    if state:
        rows = rows.filter(state=state)
    if about:
        rows = rows.filter(subject_id=about)
    page = Cursor("-created_at").page(rows, cursor, limit)
    return {"deliveries": [_line(r) for r in page.rows], "next": page.next}


@router.post("/{uuid:delivery_id}/resend", response=schemas.Delivery, summary="Send a delivery again")
def resend(request: AuthenticatedRequest, delivery_id: UUID) -> dict[str, Any]:
    """Send again what failed or whose outcome is unknown. Clause 4.1.1."""
    try:
        return _line(services.resend(request.user, delivery_id))
    except Delivery.DoesNotExist:
        raise NotFound from None
