"""Carrying a delivery out exactly once (design §2.3).

`waiting → sending → sent`, with what can go wrong between: the server is away (waiting again, with
growing pauses), says no (failed, and somebody is told), or we die. A delivery found in `sending` after
a crash goes again if the last byte was not yet handed over; else its outcome is unknown, and a person
decides: the same Message-ID lets most mailboxes drop a second copy.
"""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit.actions import record
from linbao.base import clock
from linbao.base.problems import Conflict
from linbao.outbox import mail
from linbao.outbox.actions import notify
from linbao.outbox.models import Delivery, DeliveryState
from linbao.units.models import User
from linbao.units.rights import allow

PAUSES = [timedelta(minutes=m) for m in (1, 2, 5, 15, 60)]
GIVE_UP_AFTER = timedelta(days=3)
STUCK_AFTER = timedelta(minutes=5)  # longer than any answer of a server takes

S = DeliveryState


def send(delivery_id: UUID | str) -> None:
    """Send one delivery if it is due; returns without a word when another worker has it or it is done."""
    with transaction.atomic():
        row = (
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(pk=delivery_id, state=S.WAITING, next_at__lte=clock.now())
            .first()
        )
        if row is None:
            return
        row.state, row.attempts, row.handed_over = S.SENDING, row.attempts + 1, False
        row.next_at = clock.now() + STUCK_AFTER
        row.save(update_fields=["state", "attempts", "handed_over", "next_at"])

    def handing_over() -> None:
        Delivery.objects.filter(pk=row.pk).update(handed_over=True)

    try:
        answer = mail.send(row, handing_over)
    except mail.TryLater as e:
        _later(row, str(e))
    except mail.Refused as e:
        _failed(row, str(e))
    except mail.Unknown:
        with transaction.atomic():
            _uncertain(row)
    else:
        Delivery.objects.filter(pk=row.pk).update(state=S.SENT, sent_at=clock.now(), next_at=None, answer=answer)


def sweep() -> int:
    """Find what is due or was left behind by a dead worker, and see to it; returns how many."""
    now = clock.now()
    stuck = Delivery.objects.filter(state=S.SENDING, next_at__lte=now)
    with transaction.atomic():
        for row in stuck.filter(handed_over=True).select_for_update(skip_locked=True):
            _uncertain(row)
        stuck.filter(handed_over=False).update(state=S.WAITING, next_at=now)
    due = list(
        Delivery.objects.filter(state=S.WAITING, next_at__lte=now)
        .order_by("next_at")
        .values_list("pk", flat=True)[:200]
    )
    for pk in due:
        send(pk)
    return len(due)


@transaction.atomic
def resend(user: User, delivery_id: UUID | str) -> Delivery:
    """Send again what failed or is uncertain, on a person's decision; on the audit log."""
    row = Delivery.objects.visible_to(user).select_for_update(of=("self",)).get(pk=delivery_id)
    allow(user, "delivery.resend", row)
    if row.state not in (S.FAILED, S.UNCERTAIN, S.WAITING):
        raise Conflict(_("这封邮件已经送达，无需重发。"))
    row.state, row.next_at, row.handed_over = S.WAITING, clock.now(), False
    row.save(update_fields=["state", "next_at", "handed_over"])
    record(user, "delivery.resend", row, unit_id=row.unit_id)
    from linbao.outbox.jobs import send as job

    job.defer(delivery=str(row.pk))
    return row


def _later(row: Delivery, why: str) -> None:
    if clock.now() - row.created_at > GIVE_UP_AFTER:
        return _failed(row, why)
    pause = PAUSES[min(row.attempts, len(PAUSES)) - 1] * random.uniform(0.8, 1.2)
    Delivery.objects.filter(pk=row.pk).update(
        state=S.WAITING, handed_over=False, next_at=clock.now() + pause, answer=why[:500]
    )


@transaction.atomic
def _failed(row: Delivery, why: str) -> None:
    Delivery.objects.filter(pk=row.pk).update(state=S.FAILED, next_at=None, answer=why[:500])
    _tell(row, _("一封邮件发送失败，请处理：%(subject)s"))


def _uncertain(row: Delivery) -> None:
    row.state, row.next_at = S.UNCERTAIN, None
    row.answer = _("已交给邮件服务器，但未收到回执；请核对收件邮箱后决定是否重发。")
    row.save(update_fields=["state", "next_at", "answer"])
    _tell(row, _("一封邮件结果未知，请核对：%(subject)s"))


def _tell(row: Delivery, words: str) -> None:
    if row.caused_by_id:
        notify(
            row.caused_by_id, words % {"subject": row.subject}, kind="delivery.failed",
            subject_type=row.subject_type, subject_id=row.subject_id,
        )  # fmt: skip
