"""What the templates of the collection room ask of their values; nothing but showing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template

from linbao.items.forms import Question

register = template.Library()


@register.filter
def has_optional(rows: Sequence[Question]) -> bool:
    """Whether any question may be left out."""
    return any(not r.required for r in rows)


@register.filter
def optional_filled(rows: Sequence[Question]) -> bool:
    """Whether a question that may be left out has an answer or a message."""
    return any(not r.required and (r.value or r.errors or any(o.get("value") for o in r.options)) for r in rows)


@register.filter
def unlocal(value: float | str | None) -> str | None:
    """A coordinate as the machine writes it, whatever the language."""
    return None if value in (None, "") else repr(value) if isinstance(value, float) else str(value)


@register.filter
def of(value: Mapping[Any, Any], key: Any) -> Any:
    """`mapping|of:key`."""
    return value.get(key)


@register.filter
def when(moment: datetime | None, zone: str) -> str:
    """`2026-11-20 09:30` in the unit's zone (domain.md §10)."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if moment else ""


@register.filter
def kilobytes(size: int) -> str:
    """A file's size in words."""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, size // 1000)} kB"
