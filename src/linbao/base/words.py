"""Words that others read later, each in their own language: kept apart from their values until the reader is known."""

from __future__ import annotations

import re
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
        values = {k: in_readers_language(v) if isinstance(v, str) else v for k, v in self.values.items()}
        return gettext(self.source) % values if values else gettext(self.source)

    def in_language(self, language: str) -> str:
        with translation.override(language):
            return str(self)


def worded(source: str) -> Worded:
    """Marks the string for the catalogue, as gettext does."""
    return Worded(source)


_WEEK = re.compile(r"(?P<y>\d{4})年第(?P<w>\d{1,2})周（(?P<a>\d+)月(?P<b>\d+)日—(?P<c>\d+)月(?P<d>\d+)日）")
_QUARTER = re.compile(r"(?P<y>\d{4})年第(?P<q>[1-4])季度")
_HALF = re.compile(r"(?P<y>\d{4}) ?年(?P<h>[上下])半年")


def in_readers_language(title: str) -> str:
    """A kept title, as duties have it, with its week, quarter or half-year in the language of the request."""
    language = translation.get_language() or ""
    if language.startswith("zh") or "年" not in title:
        return title
    title = _WEEK.sub(lambda m: gettext("%(y)s年第%(w)s周（%(a)s月%(b)s日—%(c)s月%(d)s日）") % m.groupdict(), title)
    title = _QUARTER.sub(lambda m: gettext("%(y)s年第%(q)s季度") % m.groupdict(), title)
    return _HALF.sub(
        lambda m: (gettext("%(y)s年上半年") if m["h"] == "上" else gettext("%(y)s年下半年")) % m.groupdict(), title
    )
