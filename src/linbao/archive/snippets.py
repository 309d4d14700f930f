"""Where a search was met: titles with marks, and the stretch of text around the first hit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString

from linbao.core import text


def search_phrases(q: str) -> list[str]:
    """The pieces of a search as they stand in the text, in small letters, longest first."""
    pieces = {q.strip(), *q.split(), *text.query_terms(q)}
    return sorted((text.comparable(p) for p in pieces if p), key=len, reverse=True)[:40]


def marked(value: str, phrases: Sequence[str]) -> SafeString:
    """`value`, escaped, with what was searched (`search_phrases`) in <mark>."""
    spans = _spans(value, phrases)
    out, at = [], 0
    for start, end in spans:
        out += [escape(value[at:start]), "<mark>", escape(value[start:end]), "</mark>"]
        at = end
    return SafeString("".join([*out, escape(value[at:])]))


def snippet(value: str, phrases: Sequence[str], width: int = 90) -> SafeString:
    """The stretch of `value` around the first hit, personal numbers masked, hits marked."""
    value = " ".join(value.split())
    spans = _spans(value, phrases)
    # Where most of the searched phrases stand together.
    best = max(spans, key=lambda s: (sum(s[0] <= o[0] < s[0] + width for o in spans), s[1] - s[0]), default=(0, 0))[0]
    start = max(0, best - 20)
    piece = value[start : start + width]
    before, after = "…" if start else "", "…" if start + width < len(value) else ""
    return SafeString(before + marked(piece, phrases) + after)


def _spans(value: str, phrases: Sequence[str]) -> list[tuple[int, int]]:
    low = text.comparable(value)
    taken: list[tuple[int, int]] = []
    for needle in phrases:
        at = 0
        while len(taken) < 60 and (at := low.find(needle, at)) >= 0:
            end = at + len(needle)
            if not any(a < end and at < b for a, b in taken):
                taken.append((at, end))
            at = end
    return sorted(taken)
