"""What the security officer should hear of (6.1.3): kept as rows, handed to the room that alerts.

A room above registers with `on_event`; the job of the minute gives it each event once, in a transaction of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import Error, connection, transaction

from linbao.audit.models import Event
from linbao.core import clock

QUIET = timedelta(minutes=10)  # the same action from the same address is one event for so long
HANDLERS: list[Callable[[Event], None]] = []
log = logging.getLogger("linbao.audit")


def on_event(handler: Callable[[Event], None]) -> None:
    """`handler` is called once for every event, inside a transaction; what it raises leaves the event for the next
    time."""
    if handler not in HANDLERS:
        HANDLERS.append(handler)


def keep(action: str, severity: str, address: str | None, user: str | None, data: dict[str, Any]) -> None:
    """A sink of `platform.observability.security_log`: keep the event, unless the like of it was kept just now.
    Never raises for the database's sake: the security log has the line already."""
    try:
        # Where a transaction is under way that may be rolled back, the row waits for its end.
        transaction.on_commit(lambda: _write(action, severity, address, user, data), robust=True)
    except Error:
        log.warning("event not kept: %s", action)


def _write(action: str, severity: str, address: str | None, user: str | None, data: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            (
                "SELECT EXISTS (SELECT 1 FROM audit_event WHERE action = %s AND"
                " address IS NOT DISTINCT FROM %s::inet AND at > %s)"
            ),
            [action, address, clock.now() - QUIET],
        )
        if cursor.fetchone()[0]:
            return
    Event.objects.create(
        action=action,
        severity=severity,
        address=address,
        user_id=UUID(user) if user else None,
        data={k: v for k, v in data.items() if v not in (None, "")},
    )


def tell() -> int:
    """Hand every untold event to the handlers; returns how many. None are taken while no room listens."""
    if not HANDLERS:
        return 0
    details = 0
    for pk in list(Event.objects.filter(told_at__isnull=True).order_by("at").values_list("pk", flat=True)[:200]):
        try:
            with transaction.atomic():
                event = Event.objects.select_for_update(skip_locked=True).filter(pk=pk, told_at__isnull=True).first()
                if event is None:
                    continue
                for handler in HANDLERS:
                    handler(event)
                event.told_at = clock.now()
                event.save(update_fields=["told_at"])
                details += 1
        except Exception:  # one that cannot be told must not hold up the others; it is tried again in a minute
            log.exception("event not told: %s", pk)
    return details
