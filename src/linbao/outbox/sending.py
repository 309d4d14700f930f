"""Carrying a delivery out exactly once (design §2.3).

`waiting → sending → sent`, with what can go wrong between: the server is away (waiting again, with
growing pauses), says no (failed, and somebody is told), or we die. A delivery found in `sending` after
a crash goes again if the last byte was not yet handed over; else its outcome is unknown, and a person
decides: the same Message-ID lets most mailboxes drop a second copy.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Count, Min, QuerySet
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.wording import Worded, worded
from linbao.outbox import mail, mime
from linbao.outbox.channels import services as channels
from linbao.outbox.models import Delivery, DeliveryState, DeliveryStep, StepKind, StepOutcome
from linbao.outbox.services import notify
from linbao.outbox.states import DELIVERY
from linbao.platform import queue
from linbao.platform.observability import health

log = logging.getLogger(__name__)
PAUSES = [timedelta(minutes=m) for m in (1, 2, 5, 15, 60)]
GIVE_UP_AFTER = timedelta(days=3)
TURN = 120.0  # seconds of one sweep
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
        next_at = clock.now() + STUCK_AFTER
        DELIVERY.move(row, "try", attempts=row.attempts + 1, handed_over=False, next_at=next_at)
        DeliveryStep.objects.create(delivery=row, at=clock.now(), recipient=row.recipient)

    def handing_over() -> None:
        Delivery.objects.filter(pk=row.pk).update(handed_over=True)

    try:
        answer = (channels if row.channel == "channel" else mail).send(row, handing_over)
    except mail.TryLater as e:
        _later(row, str(e))
    except mail.Refused as e:
        _failed(row, str(e))
    except mail.Unknown:
        with transaction.atomic():
            _uncertain(row)
    except DatabaseError:
        raise  # nothing can be kept now; the sweep finds it
    except Exception as e:  # whatever it is: a delivery is never left under way
        _broken(row, e)
    else:
        answer = _excerpt(answer)
        with transaction.atomic():
            DELIVERY.move_all(_only(row), "arrive", sent_at=clock.now(), next_at=None, answer=answer)
            _ended([row.pk], StepOutcome.SENT, answer)


def _only(row: Delivery) -> QuerySet[Delivery]:
    """The row as it stands now: another worker may have moved it while the server answered."""
    return Delivery.objects.filter(pk=row.pk)


def _broken(row: Delivery, fault: Exception) -> None:
    """A fault of the product's own: again later, or for a person to decide where the mail may have gone."""
    log.error("delivery %s failed by a fault", row.pk, exc_info=fault)
    if Delivery.objects.filter(pk=row.pk, handed_over=True).exists():
        with transaction.atomic():
            _uncertain(row)
    else:
        _later(row, f"{type(fault).__name__}: {fault}")


def sweep() -> int:
    """Find what is due or was left behind by a dead worker, and see to it; returns how many."""
    now = clock.now()
    stuck = Delivery.objects.filter(state=S.SENDING, next_at__lte=now)
    due = Delivery.objects.filter(state=S.WAITING, next_at__lte=now).order_by("next_at")

    def take_back(pk: UUID) -> int:
        row = stuck.select_for_update(skip_locked=True).filter(pk=pk).first()
        if row is None:
            return 0
        if row.handed_over:
            _uncertain(row)
        else:
            DELIVERY.move(row, "try_later", next_at=now)
            _ended([pk], StepOutcome.LOST, "")
        return 1

    def send_all() -> int:
        # Not within one transaction: what was handed over must stand whatever becomes of the others.
        pks = list(due.values_list("pk", flat=True)[:200])
        until = time.monotonic() + TURN
        queue.steps(*(partial(_send_until, until, pk) for pk in pks))
        return len(pks)

    _freed, seen = queue.steps(lambda: queue.each(list(stuck.values_list("pk", flat=True)), take_back), send_all)
    return int(seen)


def _send_until(until: float, delivery_id: UUID) -> None:
    """A server that does not answer holds a turn for its time only: the next minute goes on."""
    if time.monotonic() < until:
        send(delivery_id)


def troubles() -> Iterator[health.Trouble]:
    """Deliveries that do not go on by themselves, for those who keep the system."""
    late = clock.now() - health.OLD
    hung = Delivery.objects.filter(next_at__lt=late).aggregate(n=Count("pk"), oldest=Min("next_at"))
    if hung["n"]:
        yield health.Trouble("deliveries_hung", hung["n"], hung["oldest"])
    stopped = Delivery.objects.filter(state__in=(S.FAILED, S.UNCERTAIN)).aggregate(
        n=Count("pk"), oldest=Min("created_at")
    )
    if stopped["n"]:
        yield health.Trouble("deliveries_stopped", stopped["n"], stopped["oldest"], stops_work=False)


def _ended(deliveries: Sequence[UUID], outcome: StepOutcome, answer: str) -> None:
    """Keep what became of the try under way."""
    DeliveryStep.objects.filter(delivery__in=deliveries, kind=StepKind.TRY, ended_at__isnull=True).update(
        ended_at=clock.now(), outcome=outcome, answer=answer[:500]
    )


def _excerpt(answer: str) -> str:
    """An answer as a column takes it: strangers' servers send NUL and halves of characters too."""
    return mime.one_line(answer, 500)


@transaction.atomic
def _later(row: Delivery, why: str) -> None:
    why = _excerpt(why)
    if clock.now() - _wanted_since(row) > GIVE_UP_AFTER:
        return _failed(row, why, StepOutcome.GIVEN_UP)
    pause = PAUSES[min(row.attempts, len(PAUSES)) - 1] * random.uniform(0.8, 1.2)
    DELIVERY.move_all(_only(row), "try_later", handed_over=False, next_at=clock.now() + pause, answer=why)
    _ended([row.pk], StepOutcome.LATER, why)


def _wanted_since(row: Delivery) -> datetime:
    """When it was posted, or when a person last decided to send it again."""
    if clock.now() - row.created_at <= GIVE_UP_AFTER:
        return row.created_at
    decided = row.steps.exclude(kind=StepKind.TRY).order_by("-at").values_list("at", flat=True).first()
    return decided or row.created_at


@transaction.atomic
def _failed(row: Delivery, why: str, outcome: StepOutcome = StepOutcome.REFUSED) -> None:
    why = _excerpt(why)
    if not DELIVERY.move_all(_only(row), "fail", next_at=None, answer=why):
        return
    _ended([row.pk], outcome, why)
    _notify(row, worded("一封邮件发送失败，请处理：%(subject)s"))


def _uncertain(row: Delivery) -> None:
    answer = _("已交给邮件服务器，但未收到回执；请核对收件邮箱后决定是否重发。")
    if not DELIVERY.move_all(_only(row), "doubt", next_at=None, answer=answer):
        return
    _ended([row.pk], StepOutcome.UNKNOWN, answer)
    _notify(row, worded("一封邮件结果未知，请核对：%(subject)s"))


def _notify(row: Delivery, message: Worded) -> None:
    if row.caused_by_id:
        notify(
            row.caused_by_id,
            message % {"subject": row.subject},
            kind="delivery.failed",
            subject_type=row.subject_type,
            subject_id=row.subject_id,
        )
