"""What the log takes from the rooms below it (6.1.1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.dispatch import receiver

from linbao.audit import services
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
