"""Where a duty is fulfilled, and where what a notice speaks of is seen.

Each room names its own in its `apps.py`:

- `places`: kind of duty → (page, whether the page takes the duty's subject);
- `subjects`: model label → page taking the id, or the list of such things, for notices, and for duties whose kind
has no place.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.urls import NoReverseMatch, reverse


@cache
def _named(what: str) -> dict[str, Any]:
    return {k: v for room in apps.get_app_configs() for k, v in getattr(room, what, {}).items()}


def of_duty(kind: str, subject_type: str, subject: UUID | None) -> str:
    """The page where a duty of `kind` is done; empty when there is none."""
    if kind not in _named("places"):
        return of_subject(subject_type, subject)
    page, takes_subject = _named("places")[kind]
    return _address(page, subject if takes_subject else None)


def of_subject(subject_type: str, subject: UUID | None) -> str:
    """The page of an object by its model's label, or of the list that it stands in; empty when it has none."""
    page = _named("subjects").get(subject_type, "")
    return page and ((_address(page, subject) if subject else "") or _address(page, None))


def _address(page: str, subject: UUID | None) -> str:
    try:
        return reverse(page, args=[subject] if subject else [])
    except NoReverseMatch:
        return ""
