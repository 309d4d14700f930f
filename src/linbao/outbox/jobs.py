"""Sending, and finding what a dead worker left behind."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.task(name="outbox.send", queue="outbox", pass_context=False)
def send(delivery: str) -> None:
    """Hand one delivery to its channel."""
    from linbao.outbox import sending

    sending.send(delivery)
