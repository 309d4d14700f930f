"""Posting deliveries and notices, inside the transaction of their cause; and what a person decides on one that
stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import models, transaction

from linbao.audit.services import record
from linbao.core import clock, text
from linbao.core.text import mask_within
from linbao.core.wording import Worded
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.outbox import mime, preferences
from linbao.outbox.inputs import MarkSent
from linbao.outbox.models import Delivery, DeliveryState, DeliveryStep, Notice, StepKind
from linbao.outbox.states import DELIVERY
from linbao.platform import queue

S = DeliveryState
URGENT = ("alarm", "urgent")  # kinds that go out by ways of their own, at once (emergencies.alarms)


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
    alarm: bool = False,
) -> Delivery:
    """Write the delivery that `key` names, unless it stands already, and wake a worker.

    `key` is the cause, e.g. `weekly:<report id>:<version>`; posting twice returns the first. An `alarm` goes
    before everything else.
    """
    row, created = Delivery.objects.get_or_create(
        key=key,
        defaults={
            "channel": channel,
            "recipient": mime.one_line(recipient, 300),
            # Numbers that somebody typed into a title stay inside; so does whatever would break a header.
            "subject": mime.one_line(text.mask_within(subject)),
            "body": text.mask_within(mime.lines(body)),
            "attachments": [a | {"name": mime.file_name(str(a["name"]))} for a in attachments],
            "unit_id": unit_id,
            "caused_by": caused_by,
            "subject_type": about._meta.label_lower if about is not None else "",
            "subject_id": about.pk if about is not None else None,
        },
    )
    if created:
        queue.defer("outbox.send", ahead=alarm, delivery=row.pk)
    return row


@transaction.atomic
def resend(user: User, delivery_id: UUID | str, *, to_present_address: bool = False) -> Delivery:
    """Send again what failed or is uncertain, or try at once what waits, on a person's decision; on the audit log.

    `to_present_address`: to the mailbox that the unit has now (it failed because the old one was wrong).
    Raises `Delivery.DoesNotExist` for one that `user` may not see, `Conflict` when it has arrived or is under way.
    """
    row = Delivery.objects.visible_to(user).select_for_update(of=("self",)).get(pk=delivery_id)
    DELIVERY.check(row, "resend", user)
    kind = StepKind.NOW if row.state == S.WAITING else StepKind.RESEND
    if to_present_address and (address := present_address(row)):
        row.recipient = address
    DELIVERY.move(row, "resend", next_at=clock.now(), handed_over=False, save=("recipient",))
    DeliveryStep.objects.create(delivery=row, kind=kind, at=clock.now(), by=user, recipient=row.recipient)
    record(user, "delivery.resend", row, unit_id=row.unit_id, new_address=to_present_address)

    queue.defer("outbox.send", delivery=row.pk)
    return row


@transaction.atomic
def mark_sent(user: User, delivery_id: UUID | str, data: MarkSent) -> Delivery:
    """Record that a failed or uncertain delivery arrived after all, and how one knows; on the audit log.

    Raises `Delivery.DoesNotExist`, `Conflict` when it is not stopped.
    """
    row = Delivery.objects.visible_to(user).select_for_update(of=("self",)).get(pk=delivery_id)
    DELIVERY.check(row, "mark_sent", user)
    DELIVERY.move(row, "mark_sent", next_at=None, sent_at=clock.now())
    DeliveryStep.objects.create(delivery=row, kind=StepKind.MARKED, at=clock.now(), by=user, reason=data.reason)
    record(user, "delivery.mark_sent", row, unit_id=row.unit_id, reason=text.mask_within(data.reason))
    return row


def present_address(row: Delivery) -> str:
    """The mailbox that the delivery's unit has now, where it is another than the delivery's; else ""."""
    if row.channel != "mail" or row.subject_type != "weekly_reports.weeklyreport":
        return ""
    mailbox = str(tree().setting(row.unit_id, "mailbox") or "")
    return mailbox if mailbox != row.recipient else ""


def notify(
    user_id: UUID, text: str | Worded, *, kind: str, subject_type: str = "", subject_id: UUID | None = None
) -> None:
    """Write a notice to one person inside the product."""
    notify_many([user_id], text, kind=kind, subject_type=subject_type, subject_id=subject_id)


def notify_many(
    user_ids: Sequence[UUID], text: str | Worded, *, kind: str, subject_type: str = "", subject_id: UUID | None = None
) -> None:
    """Write the same notice to several people, each in the language they chose (else the office's), and note when it
    goes by mail; two statements.

    `text` as `Worded`: whoever acts may read another language than the recipients.
    """
    notices = []
    payload: dict[str, str] = {}
    for user_id, language, mail_at in preferences.when(user_ids, urgent=kind.startswith(URGENT)):
        if language not in payload:
            details = text.in_language(language) if isinstance(text, Worded) else text
            payload[language] = mask_within(details)[:300]
        notices.append(
            Notice(
                user_id=user_id,
                kind=kind,
                text=payload[language],
                subject_type=subject_type,
                subject_id=subject_id,
                mail_at=mail_at,
            )
        )
    Notice.objects.bulk_create(notices)
