"""Lists of items, a line each: the archive, the reviewers' queue and the handlers' board look alike.

Written in one piece, not as a template: fifty lines of twenty template nodes each took three times as long as
all else on the page together (benchmarks/README.md, "Review queue").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from linbao.core import text
from linbao.shell.components.badges import badge, icon, status_badge, urgent_badge
from linbao.shell.components.times import countdown, localtime

register = template.Library()


@register.simple_tag(takes_context=True)
def item_rows(context: template.Context, rows: Iterable[Mapping[str, Any]]) -> SafeString:
    """`{% item_rows rows %}`: each row a mapping with

    - `href` and `title` (masked here; a `SafeString`, as a search marks its hits, is shown as it is), `urgent`;
    - `meta`: what stands below, texts or moments, none for what is missing; `snippet`, safe HTML;
    - at the side, each if given: `status`, `due_at`, `verdict`, and `badges` of (words, tone, icon).
    """
    urgent, onward, untitled = urgent_badge(True), icon("chevron-right"), _("（未填标题）")

    def line(row: Mapping[str, Any]) -> str:
        title = row["title"]
        shown = title if isinstance(title, SafeString) else escape(text.mask_within(title) or untitled)
        message = "".join(
            f"<span>{localtime(context, m) if isinstance(m, datetime) else escape(str(m))}</span>"
            for m in row["meta"]
            if m
        )
        side = [status_badge(row["status"], "item")] if row.get("status") else []
        if row.get("due_at"):
            side.append(countdown(context, row["due_at"]))
        if row.get("verdict"):
            side.append(status_badge(row["verdict"], "verdict"))
        side += (badge(*b) for b in row.get("badges", ()))
        snippet = f'<p class="archive-snippet">{row["snippet"]}</p>' if row.get("snippet") else ""
        beside = f'<div class="lb-row-side">{"".join(side)}</div>' if side else ""
        return (
            f'<li><a class="lb-row" href="{escape(row["href"])}"><div class="lb-row-main">'
            f'<p class="lb-row-title">{urgent if row["urgent"] else ""} {shown}</p>{snippet}'
            f'<p class="lb-row-meta">{message}</p></div>{beside}{onward}</a></li>'
        )

    return mark_safe(f'<div class="lb-card"><ul class="lb-rows lb-roomy">{"".join(map(line, rows))}</ul></div>')
