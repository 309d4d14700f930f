"""Urgent is one state with one entry (2.3.2): what items announce opens and ends emergencies, in their transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from linbao.emergencies import ending
from linbao.emergencies import services as emergencies
from linbao.items import signals
from linbao.items.models import Item
from linbao.organisation.models import User


@receiver(signals.urgent_submitted)
def open_emergencies(sender: Any, *, items: Sequence[Item], by: User, marked_at: datetime | None, **_more: Any) -> None:
    """Submitted urgent items open their emergencies."""
    emergencies.open_for_items(items, by, marked_at=marked_at)


@receiver(signals.urgent_unset)
def refuse_unset(sender: Any, *, item: Item, **_more: Any) -> None:
    """Raises `Invalid` where a reporter takes the mark off an open emergency."""
    ending.refuse_unset(item)


@receiver(signals.urgent_ended)
def end_emergency(
    sender: Any, *, item: Item, by: User, outcome: str, reason: str, into: Item | None, **_more: Any
) -> None:
    """The emergency ends with its item's withdrawal, merging or the mark that is taken off."""
    ending.end(item, by, outcome, reason, into)
