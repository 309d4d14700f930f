"""Moments and spans as people there write them, in the unit's zone."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils.dateparse import parse_datetime
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from linbao.core import clock, periods
from linbao.shell.components.badges import badge, icon

register = template.Library()


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        value = parse_datetime(value)
    return value if isinstance(value, datetime) else None


@register.simple_tag(takes_context=True)
def localtime(context: template.Context, value: Any, zone: str = "") -> SafeString | str:
    """`2026-11-20 09:30` in the unit's zone, as a `<time>`; an em dash for none."""
    at = _moment(value)
    if at is None:
        return value.isoformat() if isinstance(value, date) else "—"
    return _time(at, zone or context.get("shell_zone") or "")


@register.filter
def moment(value: Any, zone: str = "") -> SafeString | str:
    """The same as a filter, in the installation's zone: `{{ item.due_at|moment }}`."""
    at = _moment(value)
    return _time(at, zone) if at else "—"


def _time(at: datetime, zone: str) -> SafeString:
    shown = clock.local(at, zone or None).isoformat(" ", "minutes")[:16]
    return SafeString(f'<time datetime="{at.isoformat(timespec="seconds")}">{shown}</time>')


register.filter("week_name", periods.week)


def span(seconds: float) -> str:
    """A span in words, two units at most: 2 天 3 小时, 5 小时 20 分, 40 分钟."""
    return _spanned(get_language() or "", seconds)


def _spanned(language: str, seconds: float) -> str:
    minutes = int(abs(seconds) // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    return _span(language, days, hours if days < 10 else 0, 0 if days else rest)


@lru_cache(maxsize=4000)
def _span(_language: str, days: int, hours: int, rest: int) -> str:
    if days:
        message = ngettext("%(n)d 天", "%(n)d 天", days) % {"n": days}
        return message + (" " + _("%(n)d 小时") % {"n": hours} if hours else "")
    if hours:
        return _("%(n)d 小时") % {"n": hours} + (" " + _("%(n)d 分") % {"n": rest} if rest else "")
    return _("%(n)d 分钟") % {"n": rest} if rest else _("不到 1 分钟")


@register.simple_tag(takes_context=True)
def countdown(context: template.Context, due_at: Any, met_at: Any = None) -> SafeString:
    """How long is left, or by how much it is late; kept current on the page. Met duties say when."""
    due, met = _moment(due_at), _moment(met_at)
    if due is None:
        return mark_safe("")
    zone = context.get("shell_zone", "")
    if met:
        late = met > due
        return badge(
            _("%(span)s后完成，已迟") % {"span": span((met - due).total_seconds())} if late else _("按时完成"),
            "warn" if late else "done",
        )
    left = (due - clock.now()).total_seconds()
    tone = "bad" if left < 0 else "warn" if left < 4 * 3600 else "neutral"
    language = get_language() or ""
    by, behind, ahead = _countdown_words(language)
    until = clock.local(due, zone or None).isoformat(" ", "minutes")[:16]
    return SafeString(
        f'<time class="lb-countdown lb-{tone}" data-countdown'
        f' datetime="{due.isoformat(timespec="seconds")}" title="{by % {"due": until}}">'
        f"{icon('clock-exclamation' if left < 0 else 'clock')}"
        f"<span>{(behind if left < 0 else ahead) % {'span': _spanned(language, left)}}</span></time>"
    )


@lru_cache(maxsize=4)
def _countdown_words(_language: str) -> tuple[str, str, str]:
    return escape(_("期限 %(due)s")), escape(_("已超期 %(span)s")), escape(_("还剩 %(span)s"))
