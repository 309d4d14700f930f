"""Words that others read later, each in their own language: kept apart from their values until the reader is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import translation
from django.utils.translation import gettext


@dataclass(frozen=True)
class Worded:
    """A source string and its values: `worded("%(number)s 已归档。") % {"number": …}`."""

    source: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __mod__(self, values: Mapping[str, Any]) -> Worded:
        return replace(self, values=values)

    def __str__(self) -> str:
        """In the language of the request."""
        return gettext(self.source) % self.values if self.values else gettext(self.source)

    def in_language(self, language: str) -> str:
        with translation.override(language):
            return str(self)


def official() -> translation.override:
    """Decorates what makes the words of an official document, which is Chinese whatever language its maker reads."""
    return translation.override("zh-hans")


def worded(source: str) -> Worded:
    """Marks the string for the catalogue, as gettext does."""
    return Worded(source)
