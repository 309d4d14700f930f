"""Posting deliveries and notices, inside the transaction of their cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import models

from linbao.outbox.models import Delivery, Notice
from linbao.units.models import User


def post(
    *,
    key: str,
    channel: str,
    recipient: str,
    subject: str,
    body: str = "",
    attachments: Sequence[dict[str, Any]] = (),
    unit_id: UUID | None = None,
    caused_by: User | None = None,
    about: models.Model | None = None,
) -> Delivery:
    """Write the delivery that `key` names, unless it stands already, and wake a worker.

    `key` is the cause, e.g. `weekly:<report id>:<version>`; posting twice returns the first.
    """
    row, created = Delivery.objects.get_or_create(
        key=key,
        defaults={
            "channel": channel,
            "recipient": recipient,
            "subject": subject,
            "body": body,
            "attachments": list(attachments),
            "unit_id": unit_id,
            "caused_by": caused_by,
            "subject_type": about._meta.label_lower if about is not None else "",
            "subject_id": about.pk if about is not None else None,
        },
    )
    if created:
        from linbao.outbox.jobs import send

        send.defer(delivery=str(row.pk))
    return row


def notify(user_id: UUID, text: str, *, kind: str, subject_type: str = "", subject_id: UUID | None = None) -> None:
    """Tell one person inside the product."""
    notify_many([user_id], text, kind=kind, subject_type=subject_type, subject_id=subject_id)


def notify_many(
    user_ids: Sequence[UUID], text: str, *, kind: str, subject_type: str = "", subject_id: UUID | None = None
) -> None:
    """Tell several people the same; one statement."""
    Notice.objects.bulk_create(
        Notice(user_id=u, kind=kind, text=text[:300], subject_type=subject_type, subject_id=subject_id)
        for u in user_ids
    )
