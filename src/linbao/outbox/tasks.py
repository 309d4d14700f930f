"""Sending, and finding what waits or was left behind."""

from __future__ import annotations

from linbao.outbox import notices_by_mail as by_mail
from linbao.outbox import sending
from linbao.platform import queue


@queue.task("outbox.send", queue="outbox")
def send(delivery: str) -> None:
    """Hand one delivery to its channel."""
    sending.send(delivery)


@queue.periodic("* * * * *", "outbox.sweep")
def sweep(timestamp: int) -> None:
    """Deliveries that wait for their next try, or whose worker died (every minute)."""
    sending.sweep()


@queue.periodic("*/2 * * * *", "outbox.notices_by_mail")
def notices_by_mail(timestamp: int) -> None:
    """Notices that people want by mail (every other minute)."""
    by_mail.send_due()
