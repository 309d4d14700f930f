"""Items whose hints are to be made anew: marked in the statement that changes them, checked by one job for all."""

from __future__ import annotations

from collections.abc import Iterable

from linbao.items.models import Item, UncheckedItem
from linbao.platform import queue

GATHERED = 1.0  # seconds in which changes are gathered for one job


def marks(items: Iterable[Item]) -> list[UncheckedItem]:
    """Rows to insert with what changed these items; `check_soon` belongs into the same transaction."""
    return [UncheckedItem(item=item) for item in items]


def check_soon() -> None:
    """Wake the job that takes all marks (`hints.check_marked`), unless it waits already."""
    queue.defer("items.check_items", wait=GATHERED)
