"""Small marks: icons, badges with their tones, clauses, masked names and numbers; and the navigation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linbao.core import figures, text
from linbao.core.regulation import CLAUSES
from linbao.duties.models import State
from linbao.handling.models import Verdict
from linbao.items.models import Sensitivity, Status
from linbao.outbox.models import DeliveryState
from linbao.shell import assets
from linbao.weekly_reports.models import ReportStatus

register = template.Library()

# Word plus colour: the tone says how it stands, never alone (WCAG 1.4.1).
TONES = {
    "item": {
        "draft": ("neutral", "pencil"),
        "submitted": ("wait", "hourglass"),
        "returned": ("warn", "arrow-back-up"),
        "approved": ("wait", "clipboard-check"),
        "handling": ("work", "tools"),
        "resolved": ("work", "message-forward"),
        "informed": ("work", "message-star"),
        "evaluated": ("work", "archive"),
        "closed": ("done", "circle-check"),
        "merged": ("neutral", "git-merge"),
        "withdrawn": ("neutral", "arrow-back"),
    },
    "report": {
        "assembled": ("wait", "hourglass"),
        "confirmed": ("work", "send"),
        "returned": ("warn", "arrow-back-up"),
        "accepted": ("done", "circle-check"),
    },
    "delivery": {
        "waiting": ("wait", "hourglass"),
        "sending": ("work", "send"),
        "sent": ("done", "circle-check"),
        "failed": ("bad", "circle-x"),
        "uncertain": ("warn", "help-circle"),
    },
    "obligation": {
        "open": ("wait", "hourglass"),
        "overdue": ("bad", "clock-exclamation"),
        "met": ("done", "circle-check"),
        "late": ("warn", "clock-check"),
        "missed": ("bad", "circle-x"),
        "waived": ("neutral", "circle-minus"),
    },
    "verdict": {
        "satisfied": ("done", "mood-smile"),
        "mostly_satisfied": ("work", "mood-neutral"),
        "unsatisfied": ("bad", "mood-sad"),
        "none": ("neutral", "circle-minus"),
    },
    "sensitivity": {
        "public": ("neutral", "world"),
        "internal": ("neutral", "building"),
        "sensitive": ("warn", "eye-off"),
        "confidential": ("bad", "lock"),
    },
}
COLOURS = {"orange": "warn", "green": "done", "red": "bad", "blue": "wait", "secondary": "neutral", "azure": "work"}


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file: `{% asset "app.css" %}`."""
    return assets.url(name)


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon of the sprite; decorative unless it has a `label`."""
    return _svg(f"{assets.url('icons.svg')}#{name}", str(label), css)


@lru_cache(maxsize=1000)
def _svg(href: str, label: str, css: str) -> SafeString:
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, href
        )
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', css, href
    )


@register.simple_tag
def badge(label: Any, tone: str = "neutral", icon_name: str = "") -> SafeString:
    """A word on a tone: neutral, wait, work, warn, bad, done."""
    return _badge(str(label), COLOURS.get(tone, tone), icon_name, "")


@lru_cache(maxsize=1000)
def _badge(label: str, tone: str, icon_name: str, code: str) -> SafeString:
    return format_html(
        '<span class="lb-badge lb-{}"{}>{}{}</span>',
        tone,
        format_html(' data-status="{}"', code) if code else "",
        icon(icon_name) if icon_name else "",
        label,
    )


@register.simple_tag
def status_badge(value: Any, kind: str = "", label: str = "") -> SafeString:
    """The state of an item, report, delivery or obligation (the object), or a code with its `kind`."""
    code, message = value, label
    if value is None or value == "":
        return mark_safe("")
    if hasattr(value, "_meta"):
        model = value._meta.model_name
        kind = kind or {
            "item": "item",
            "weeklyreport": "report",
            "delivery": "delivery",
            "obligation": "obligation",
        }.get(model, "item")
        name = "status" if hasattr(value, "status") else "state"
        code = getattr(value, name)
        shown = getattr(value, f"get_{name}_display", None)
        message = label or (shown() if shown else getattr(code, "label", code))
    elif not message:
        message = getattr(value, "label", None) or _label(str(value), kind or "item")
    tone, mark = TONES.get(kind or "item", {}).get(str(code), ("neutral", "point"))
    return _badge(str(message), tone, mark, str(code))


def _label(code: str, kind: str) -> str:
    row = _choices().get(kind)
    return str(row(code).label) if row and code in row.values else code


@lru_cache(maxsize=1)
def _choices() -> dict[str, Any]:
    return {
        "item": Status,
        "report": ReportStatus,
        "delivery": DeliveryState,
        "obligation": State,
        "verdict": Verdict,
        "sensitivity": Sensitivity,
    }


@register.simple_tag
def urgent_badge(item: Any) -> SafeString:
    """紧急, where the item is; nothing else."""
    urgent = item if isinstance(item, bool) else getattr(item, "urgent", False)
    return (
        format_html('<span class="lb-badge lb-urgent">{}{}</span>', icon("urgent"), _("紧急"))
        if urgent
        else mark_safe("")
    )


@register.simple_tag
def clause(number: str, label: str = "") -> SafeString:
    """The clause a rule comes from; its text on hover, focus or tap, and one link to the compliance page."""
    details = label or CLAUSES.get(str(number), "")
    return format_html(
        '<a class="lb-clause" href="/compliance/#c-{0}" data-tip="{1}" aria-label="{2}">{0}</a>',
        number,
        details,
        _("依据第 %(n)s 条：%(text)s") % {"n": number, "text": details},
    )


@register.simple_tag
def figure_link(code: str) -> SafeString:
    """A small link to the definition of a figure in the catalogue; nothing for a code that is not declared."""
    declared = figures.FIGURES.get(str(code))
    if declared is None:
        return SafeString("")
    return format_html(
        '<a class="lb-figure-link" href="/stats/figures/#{0}" data-tip="{1}" aria-label="{2}">{3}</a>',
        declared.code,
        declared.definition,
        _("指标定义：%(name)s") % {"name": declared.name},
        _("定义"),
    )


@register.simple_tag
def masked_phone(value: Any) -> str:
    """138****1234 (domain.md §5)."""
    return text.mask_phone(str(value or ""))


@register.simple_tag
def masked_name(value: Any) -> str:
    """张* (domain.md §5)."""
    return text.mask_name(str(value or ""))


@register.filter
def masked(value: Any) -> str:
    """Phones and ID numbers inside running text, masked."""
    return text.mask_within(str(value or ""))


@register.simple_tag
def sidebar(links: Sequence[Any]) -> SafeString:
    """The navigation's entries (`navigation.Link`), by group. The same few stand on every page, so each list is
    drawn once."""
    return _sidebar(get_language() or "", tuple(links))


@lru_cache(maxsize=400)
def _sidebar(_language: str, links: tuple[Any, ...]) -> SafeString:
    return render_to_string("components/sidebar.html", {"links": links})
