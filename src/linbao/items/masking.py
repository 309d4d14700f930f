"""The texts of an item without persons, and encrypted beside them as they were typed (1.3.4; domain.md §5).

What a reporter types names people, doors and plates, though fields of their own exist for persons. Kept in the item's
columns is what anybody may read: masked with the names of its parties. Where masking changed something, the words as
typed lie encrypted in `Item.typed`; their author reads them while writing, others reveal them one item at a time with a
reason. So every list, page, document, mail, export, index and figure is without persons, whoever writes it next.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from typing import Any

from linbao.core.fields import column
from linbao.core.masking import mask_within
from linbao.items.models import Attachment, Item, Party

TEXTS = ("title", "narrative", "place", "analysis", "suggestion", "key_points", "details")
_NOT_TEXTS = frozenset({"import_number"})  # details that are numbers of things


def hide(item: Item, parties: Iterable[Party]) -> None:
    """Mask the texts of `item`, which are as typed, and encrypt what was typed in `item.typed`. Nothing is saved."""
    names = names_in(parties)
    item._names = names
    typed: dict[str, Any] = {}
    for field in TEXTS:
        before = getattr(item, field)
        after = deep(before, names)
        if isinstance(after, str):
            after = after[: column(item, field).max_length]
        if after != before:
            typed[field] = before
            setattr(item, field, after)
    item.typed = json.dumps(typed, ensure_ascii=False) if typed else None


def restore(item: Item) -> None:
    """Put the texts as typed back onto `item`, to be changed; `hide` must follow before it is saved."""
    for field, message in _typed(item).items():
        setattr(item, field, message)
    item.typed = None


def as_typed(item: Item) -> Item:
    """A copy of `item` with the texts as typed, for readers who were checked; it cannot be saved."""
    shown = copy.copy(item)
    for field, message in _typed(item).items():
        setattr(shown, field, message)
    shown._read_only = True
    return shown


def within(item: Item, text: str) -> str:
    """What somebody writes about `item` (a remark, an instruction, a result), its persons masked (1.3.4); a statement
    for their names at the first use."""
    return mask_within(text, names_of(item)) if text else text


def names_of(item: Item) -> list[str]:
    """The names of the item's parties, opened once for each instance."""
    if "_names" not in item.__dict__:
        item._names = names_in(Party.objects.filter(item_id=item.pk))
    return item._names


def files(item: Item, rows: Iterable[Attachment]) -> list[Attachment]:
    """The files of `item` as they are shown: names and captions without persons (a photo is called after whose home
    it shows)."""
    shown = list(rows)
    for row in shown:
        row.name, row.caption = within(item, row.name), within(item, row.caption)
    return shown


def names_in(parties: Iterable[Party]) -> list[str]:
    """The names of parties that are masked in texts: of two characters at least."""
    return [p.name.strip() for p in parties if p.name and len(p.name.strip()) > 1]


def deep(value: Any, names: Iterable[str]) -> Any:
    """`value` with every text inside masked; numbers, dates and codes stay."""
    if isinstance(value, str):
        return mask_within(value, names)
    if isinstance(value, list):
        return [deep(v, names) for v in value]
    if isinstance(value, dict):
        return {k: v if k in _NOT_TEXTS else deep(v, names) for k, v in value.items()}
    return value


def _typed(item: Item) -> dict[str, Any]:
    return json.loads(item.typed) if item.typed else {}
