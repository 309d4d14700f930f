"""What the log takes from the rooms below it (6.1.1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.dispatch import receiver

from linbao.audit import services
from linbao.core.listing import Listing, exported
from linbao.organisation import signals
from linbao.organisation.models import User


@receiver(signals.recorded)
def record(
    sender: Any,
    *,
    actor: User | None,
    action: str,
    subject: models.Model | None,
    unit_id: UUID | None,
    reason: str,
    data: dict[str, Any],
    **kwargs: Any,
) -> None:
    """Write the line in the transaction of what was done."""
    services.record(actor, action, subject, unit_id=unit_id, reason=reason, **data)


@receiver(exported)
def list_exported(
    sender: Any,
    *,
    user: User,
    listing: Listing,
    filters: dict[str, str],
    searched: bool,
    format: str,
    subject: models.Model | None,
    unit_id: UUID | None,
    **kwargs: Any,
) -> None:
    """A list that leaves the system stands on the log with its filters, without the words searched for (1.3.4)."""
    services.record(
        user,
        listing.action,
        subject,
        unit_id=unit_id or user.rights.home,
        what=listing.name,
        format=format,
        filters=filters,
        searched=searched,
    )
