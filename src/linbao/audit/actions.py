"""Writing to the audit log; there is nothing else that one can do to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models

from linbao.audit.models import Record
from linbao.units.models import User


def record(
    actor: User | None,
    action: str,
    subject: models.Model | None = None,
    *,
    unit_id: UUID | None = None,
    reason: str = "",
    address: str | None = None,
    **data: Any,
) -> None:
    """Note that `actor` did `action` to `subject`; in the transaction of the deed itself.

    `data` must hold no personal data of residents: ids, counts, names of fields.
    """
    Record.objects.create(
        actor_id=actor.pk if actor else None,
        actor_name=actor.name if actor else "",
        action=action,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        unit_id=unit_id,
        reason=reason,
        address=address,
        data=data,
    )
