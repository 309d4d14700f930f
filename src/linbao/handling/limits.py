"""The times of handling and feedback (domain.md §3), and the duties that carry them.

Each function returns an obligation that is not saved yet. Limits in days are working days of the
unit's calendar; the emergency's 24 hours are real time. A unit changes them in `limits.<kind>` (hours).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.dispatch import receiver

from linbao.core import clock
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.handling.models import Assignment, CallBack, Supervision
from linbao.items import signals
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import Item
from linbao.organisation.tree import tree

HANDLE_WITHIN_URGENT = timedelta(hours=24)  # 4.3.2
HANDLE_DAYS = 7  # where the catalogue names no other
INFORM_DAYS = 2  # 2.4.1: after each result
PROGRESS_DAYS = 5  # 2.4.1: while open
EVALUATE_DAYS = 3  # 2.4.2: after informing
DECIDE_DAYS = 2  # 2.4.2: what becomes of an unsatisfied resident's matter
CALL_BACK_DAYS = 5  # 2.4.2
TRIES = 3  # on different days, before "unreachable"


def _after(item: Item, kind: str, days: int) -> datetime:
    calendar = tree().calendar(item.community_id)
    return calendar.add_working_time(clock.now(), duties.limit(item.community_id, kind, calendar.day_length * days))


def handle_due(item: Item) -> datetime:
    """When handling is due: urgent 24 hours from now, else the subcategory's working days."""
    if item.urgent:
        return clock.now() + duties.limit(item.community_id, "handle_urgent", HANDLE_WITHIN_URGENT)
    sub = catalogue().subcategories.get(item.subcategory)
    return tree().calendar(item.community_id).add_working_days(clock.now(), sub.handle_days if sub else HANDLE_DAYS)


@receiver(signals.urgent_marked)
def shorten_handling(sender: Any, *, item: Item, **_more: Any) -> None:
    """An item found urgent while it is handled is due within the emergency's 24 hours from then on (4.3.2)."""
    due = handle_due(item)
    if item.due_at is not None and item.due_at > due and duties.hasten(Q(kind="handle", subject_id=item.pk), due):
        item.due_at = due
        item.save(update_fields=["due_at"])


def handle(item: Item, assignment: Assignment, nth: int) -> Obligation:
    """To handle an item by the assignment's limit; without a handler by the unit's pool (4.3.2). `nth` assignment."""
    return duties.make(
        "handle",
        unit_id=assignment.unit_id,
        owner_id=assignment.handler_id,
        due_at=assignment.due_at,
        subject=item,
        round=nth,
        title=item.heading,
    )


def inform_progress(item: Item, nth: int) -> Obligation:
    """To inform the resident of progress while it is handled, within five working days (2.4.1)."""
    due = _after(item, "inform_progress", PROGRESS_DAYS)
    return duties.make(
        "inform_progress",
        unit_id=item.community_id,
        owner_id=item.reporter_id,
        due_at=due,
        subject=item,
        round=item.round * 1000 + nth,
        title=item.heading,
    )


def inform_resident(item: Item) -> Obligation:
    """To inform the resident of the result, within two working days (2.4.1)."""
    due = _after(item, "inform_resident", INFORM_DAYS)
    return duties.make(
        "inform_resident",
        unit_id=item.community_id,
        owner_id=item.reporter_id,
        due_at=due,
        subject=item,
        round=item.round,
        title=item.heading,
    )


def evaluate(item: Item) -> Obligation:
    """To ask the resident for a judgement, within three working days of informing (2.4.2)."""
    due = _after(item, "evaluate", EVALUATE_DAYS)
    return duties.make(
        "evaluate",
        unit_id=item.community_id,
        owner_id=item.reporter_id,
        due_at=due,
        subject=item,
        round=item.round,
        title=item.heading,
    )


def decide_unsatisfied(item: Item) -> Obligation:
    """To decide on an unsatisfied resident's matter, within two working days; of the managers (2.4.2)."""
    due = _after(item, "decide_unsatisfied", DECIDE_DAYS)
    return duties.make(
        "decide_unsatisfied", unit_id=item.community_id, due_at=due, subject=item, round=item.round, title=item.heading
    )


def supervise(item: Item, row: Supervision, handler_id: UUID | None) -> Obligation:
    """To answer a supervision by its own limit (4.3.2)."""
    return duties.make(
        "supervise",
        unit_id=item.handling_unit_id or item.community_id,
        owner_id=handler_id,
        due_at=row.due_at,
        subject=row,
        title=item.heading,
    )


def call_back(item: Item, row: CallBack) -> Obligation:
    """To call back about a drawn item, within five working days (2.4.2)."""
    due = _after(item, "call_back", CALL_BACK_DAYS)
    return duties.make("call_back", unit_id=item.community_id, due_at=due, subject=row, title=item.heading)
