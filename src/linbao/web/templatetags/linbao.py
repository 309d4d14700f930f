"""The components of the design system; each with its usage in docs/components.md.

Loaded into every template (setting TEMPLATES.builtins), so pages need no `{% load %}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select, SelectMultiple
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from linbao.base import clock, text
from linbao.base.regulation import CLAUSES
from linbao.web import assets

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
        "cancelled": ("neutral", "circle-minus"),
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


# --- small marks --------------------------------------------------------------------------------


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
def badge(words: Any, tone: str = "neutral", icon_name: str = "") -> SafeString:
    """A word on a tone: neutral, wait, work, warn, bad, done."""
    return _badge(str(words), COLOURS.get(tone, tone), icon_name, "")


@lru_cache(maxsize=1000)
def _badge(words: str, tone: str, icon_name: str, code: str) -> SafeString:
    return format_html(
        '<span class="lb-badge lb-{}"{}>{}{}</span>',
        tone, format_html(' data-status="{}"', code) if code else "", icon(icon_name) if icon_name else "", words,
    )  # fmt: skip


@register.simple_tag
def status_badge(value: Any, kind: str = "", label: str = "") -> SafeString:
    """The state of an item, report, delivery or obligation (the object), or a code with its `kind`."""
    code, words = value, label
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
        words = label or (shown() if shown else getattr(code, "label", code))
    elif not words:
        words = getattr(value, "label", None) or _label(str(value), kind or "item")
    tone, mark = TONES.get(kind or "item", {}).get(str(code), ("neutral", "point"))
    return _badge(str(words), tone, mark, str(code))


def _label(code: str, kind: str) -> str:
    found = _choices().get(kind)
    return str(found(code).label) if found and code in found.values else code


@lru_cache(maxsize=1)
def _choices() -> dict[str, Any]:
    from linbao.collection.models import Sensitivity, Status
    from linbao.duties.models import State
    from linbao.handling.models import Verdict
    from linbao.outbox.models import DeliveryState
    from linbao.reporting.models import ReportStatus

    return {
        "item": Status, "report": ReportStatus, "delivery": DeliveryState, "obligation": State,
        "verdict": Verdict, "sensitivity": Sensitivity,
    }  # fmt: skip


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
def clause(number: str, words: str = "") -> SafeString:
    """The clause a rule comes from; its text on hover, focus or tap, and one link to the compliance page."""
    told = words or CLAUSES.get(str(number), "")
    return format_html(
        '<a class="lb-clause" href="/compliance/#c-{0}" data-tip="{1}" aria-label="{2}">{0}</a>',
        number,
        told,
        _("依据第 %(n)s 条：%(text)s") % {"n": number, "text": told},
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
    """The navigation's entries (`navigation.Link`), by group. The same few stand on every page, so each list is drawn once."""
    return _sidebar(get_language() or "", tuple(links))


@lru_cache(maxsize=400)
def _sidebar(_language: str, links: tuple[Any, ...]) -> SafeString:
    return render_to_string("components/sidebar.html", {"links": links})


# --- time ---------------------------------------------------------------------------------------


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
    return _time(at, zone or context.get("shell_zone", ""))


@register.filter
def moment(value: Any, zone: str = "") -> SafeString | str:
    """The same as a filter, in the installation's zone: `{{ item.due_at|moment }}`."""
    at = _moment(value)
    return _time(at, zone) if at else "—"


def _time(at: datetime, zone: str) -> SafeString:
    shown = clock.local(at, zone or None).isoformat(" ", "minutes")[:16]
    return SafeString(f'<time datetime="{at.isoformat(timespec="seconds")}">{shown}</time>')


@register.filter
def week_name(start: date) -> str:
    """2026年第47周（11月16日—11月22日）, in the language of the page."""
    end = start + timedelta(days=6)
    year, week, _day = start.isocalendar()
    return _("%(y)s年第%(w)s周（%(a)s月%(b)s日—%(c)s月%(d)s日）") % {
        "y": year, "w": week, "a": start.month, "b": start.day, "c": end.month, "d": end.day
    }  # fmt: skip


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
        told = ngettext("%(n)d 天", "%(n)d 天", days) % {"n": days}
        return told + (" " + _("%(n)d 小时") % {"n": hours} if hours else "")
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
    told, late, ahead = _countdown_words(language)
    until = clock.local(due, zone or None).isoformat(" ", "minutes")[:16]
    return SafeString(
        f'<time class="lb-countdown lb-{tone}" data-countdown datetime="{due.isoformat(timespec="seconds")}" title="{told % {"due": until}}">'
        f"{icon('clock-exclamation' if left < 0 else 'clock')}<span>{(late if left < 0 else ahead) % {'span': _spanned(language, left)}}</span></time>"
    )


@lru_cache(maxsize=4)
def _countdown_words(_language: str) -> tuple[str, str, str]:
    return escape(_("期限 %(due)s")), escape(_("已超期 %(span)s")), escape(_("还剩 %(span)s"))


# --- forms --------------------------------------------------------------------------------------


def _listed(value: Any) -> list[Any]:
    """One message or several as a list; `_("…")` in a template is a promise of a string, not one."""
    return [value] if isinstance(value, (str, Promise)) and value else list(value or [])


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField, label: str = "", help: str = "", clause: str = "", words: Any = (), hide_label: bool = False
) -> dict[str, Any]:
    """A Django form field: label with its required mark, control, help and error beside it.

    `words` is what a reviewer said about it (a string or several).
    """
    widget = bound.field.widget
    css = {"class": _control_class(widget)}
    described = []
    name = bound.html_name
    told = _listed(words)
    if help or bound.help_text:
        described.append(f"help-{name}")
    if bound.errors:
        described.append(f"error-{name}")
        css["aria-invalid"] = "true"
        css["class"] += " is-invalid"
    if told:
        described.append(f"words-{name}")
    if described:
        css["aria-describedby"] = " ".join(described)
    if bound.field.required:
        css["aria-required"] = "true"
    many = isinstance(widget, (RadioSelect, CheckboxSelectMultiple))
    return {
        "control": bound.as_widget(attrs=css), "label": label or bound.label, "help": help or bound.help_text, "errors": bound.errors,
        "required": bound.field.required, "name": name, "id": bound.id_for_label, "clause": clause, "words": told,
        "many": many, "check": isinstance(widget, CheckboxInput), "hide_label": hide_label, "hidden": bound.is_hidden,
    }  # fmt: skip


def _control_class(widget: Any) -> str:
    if isinstance(widget, (CheckboxInput, RadioSelect, CheckboxSelectMultiple)):
        return "form-check-input"
    return "form-select" if isinstance(widget, (Select, SelectMultiple)) else "form-control"


@register.simple_block_tag(end_name="endfieldbox")
def fieldbox(
    content: str, label: str = "", name: str = "", required: bool = False, help: str = "", errors: Any = (), clause: str = "",
    words: Any = (), many: bool = False, id: str = "",
) -> SafeString:  # fmt: skip
    """The same frame around a control of one's own: `{% fieldbox label="标题" name="title" %}<input …>{% endfieldbox %}`.

    The control's id is `id_<name>` unless `id` says otherwise; ids of help and error: `help-<name>`, `error-<name>`.
    """

    return render_to_string(
        "components/field.html",
        {
            "control": content, "label": label, "help": help, "errors": _listed(errors), "required": required, "name": name,
            "id": id or f"id_{name}", "clause": clause, "words": _listed(words), "many": many,
        },
    )  # fmt: skip


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any = None, errors: Any = (), title: str = "") -> dict[str, Any]:
    """What is wrong with a form, first: its own errors, and a link to each field at fault."""
    own = _listed(errors)
    fields = []
    if form is not None:
        own += list(form.non_field_errors())
        fields = [{"label": f.label, "id": f.id_for_label, "errors": f.errors} for f in form if f.errors]
    return {"own": own, "fields": fields, "title": title}


# --- lists --------------------------------------------------------------------------------------


def _query(context: template.Context) -> QueryDict:
    request = context.get("request")
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


@register.simple_block_tag(takes_context=True, end_name="endfilterbar")
def filterbar(
    context: template.Context, content: str, clear: bool = True, search: str = "", placeholder: str = ""
) -> SafeString:
    """A bar of filters over a list (a GET form). Choices apply themselves; `search="q"` adds a text box."""
    query = _query(context)
    active = [k for k, v in query.items() if v and k not in ("cursor", "trail", "sort")]
    request = context.get("request")
    return render_to_string(
        "components/filterbar.html",
        {
            "content": content, "clear": clear and active, "search": search, "placeholder": placeholder or _("搜索"),
            "value": query.get(search, "") if search else "", "sort": query.get("sort", ""), "path": request.path if request is not None else "",
        },
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def sort_header(context: template.Context, key: str, words: str, css: str = "") -> SafeString:
    """A `<th>` that sorts by `key` (`?sort=key`, `?sort=-key`), told to screen readers."""
    query = _query(context)
    now = query.get("sort", "")
    for gone in ("cursor", "trail"):
        query.pop(gone, None)
    query["sort"] = f"-{key}" if now == key else key
    state = {key: "ascending", f"-{key}": "descending"}.get(now, "none")
    mark = {"ascending": "chevron-up", "descending": "chevron-down"}.get(state, "selector")
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}"><a class="lb-sort" href="?{}">{}{}</a></th>',
        css,
        state,
        query.urlencode(),
        words,
        icon(mark),
    )


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: template.Context, next: str | None = None, shown: int | None = None) -> dict[str, Any]:
    """«上一页 / 下一页» by cursor. The way back is kept in the address (`trail`), so cursors need go one way only."""
    query = _query(context)
    here, trail = query.get("cursor", ""), [t for t in query.get("trail", "").split(",") if t][-20:]
    links = {}
    for name, cursor, way in (
        ("next", next, [*trail, here] if here else trail),
        ("previous", trail[-1] if trail else "", trail[:-1]),
    ):
        q = query.copy()
        for key in ("cursor", "trail"):
            q.pop(key, None)
        if cursor:
            q["cursor"] = cursor
        if way and cursor:
            q["trail"] = ",".join(way[-20:])
        links[name] = "?" + q.urlencode()
    return {
        "next": links["next"] if next else "",
        "previous": links["previous"] if here else "",
        "page": len(trail) + (2 if here else 1),
        "shown": shown,
    }


@register.inclusion_tag("components/export.html", takes_context=True)
def export_button(context: template.Context, url: str, formats: str = "xlsx,csv") -> dict[str, Any]:
    """Export with the same filters: a menu of formats (`?format=xlsx&…`)."""
    query = _query(context)
    for key in ("cursor", "trail", "format"):
        query.pop(key, None)
    names = {"xlsx": _("Excel 表格（XLSX）"), "csv": _("文本表格（CSV）"), "pdf": "PDF", "docx": _("Word 文档（DOCX）")}
    rows = []
    for form in formats.split(","):
        query["format"] = form
        rows.append({"name": names.get(form, form), "href": f"{url}?{query.urlencode()}"})
    return {"rows": rows}


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: Any) -> str:
    """The present query string with changes (empty removes), the place in the list forgotten."""
    query = _query(context)
    for key in ("cursor", "trail"):
        query.pop(key, None)
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return "?" + query.urlencode()


# --- blocks -------------------------------------------------------------------------------------


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    icon: str = "inbox", title: str = "", text: str = "", url: str = "", action: str = "", action_icon: str = ""
) -> dict[str, Any]:
    """Nothing here, why, and what to do next."""
    return {
        "icon": icon,
        "title": title or _("这里还没有内容"),
        "text": text,
        "url": url,
        "action": action,
        "action_icon": action_icon,
    }


@register.inclusion_tag("components/timeline.html", takes_context=True)
def timeline(context: template.Context, lines: Sequence[Any], newest_first: bool = False) -> dict[str, Any]:
    """The history of an item: `collection.timeline.lines(item)`, or mappings with at, name, by, words, after, tone."""
    rows = []
    for line in lines:
        get = line.get if isinstance(line, Mapping) else lambda k, d=None, line=line: getattr(line, k, d)
        tone = get("tone", "") or "wait"
        rows.append(
            {k: get(k, "") for k in ("at", "name", "by", "words", "after", "href", "clause")}
            | {"tone": COLOURS.get(tone, tone)}
        )
    if newest_first:
        rows.reverse()
    return {"rows": rows, "shell_zone": context.get("shell_zone", "")}


@register.inclusion_tag("components/fact_tile.html")
def fact_tile(
    label: str,
    value: Any,
    unit: str = "",
    url: str = "",
    tone: str = "",
    icon: str = "",
    note: str = "",
    clause: str = "",
) -> dict[str, Any]:
    """One figure with its name; `tone` only where it asks for action (bad, warn)."""
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "url": url,
        "tone": tone,
        "icon": icon,
        "note": note,
        "clause": clause,
    }


@register.inclusion_tag("components/chart.html")
def chart(
    id: str,
    data: Mapping[str, Any],
    kind: str = "bar",
    title: str = "",
    unit: str = "",
    stacked: bool = False,
    open: bool = False,
    note: str = "",
) -> dict[str, Any]:
    """A chart and its table. `data`: `{"labels": […], "series": [{"name", "values": […]}]}`; kind: bar, hbar, line, pie,
    radar (values from 0 to 100).

    The page also loads the chart bundle: `{% block scripts %}{% chart_script %}{% endblock %}`.
    """
    labels, series = list(data.get("labels", [])), list(data.get("series", []))
    rows = [
        {"label": label, "values": [s["values"][i] if i < len(s["values"]) else None for s in series]}
        for i, label in enumerate(labels)
    ]
    payload = {"kind": kind, "unit": unit, "stacked": stacked, "labels": [str(x) for x in labels],
               "series": [{"name": str(s["name"]), "values": list(s["values"])} for s in series]}  # fmt: skip
    empty = not any(v for s in series for v in s["values"])
    return {
        "id": id,
        "payload": payload,
        "title": title,
        "series": series,
        "rows": rows,
        "open": open,
        "note": note,
        "empty": empty,
        "unit": unit,
        "pie": kind in ("pie", "hbar"),
    }


@register.simple_tag
@lru_cache(maxsize=8)
def script_words(language: str) -> SafeString:
    """What scripts say, in the reader's language: forty texts, put together once per language."""
    return render_to_string("components/words.html")


@register.simple_tag
def chart_script() -> SafeString:
    """The ECharts bundle, only on pages with charts."""
    return format_html('<script src="{}" defer></script>', assets.url("chart.js"))


@register.simple_tag
def map_script() -> SafeString:
    """The Leaflet bundle with its style, only on pages with maps."""
    return format_html(
        '<link rel="stylesheet" href="{}"><script src="{}" defer></script>', assets.url("map.css"), assets.url("map.js")
    )


@register.inclusion_tag("components/map.html")
def map(
    id: str = "map", points: Sequence[Mapping[str, Any]] = (), areas: Sequence[Mapping[str, Any]] = (), lat: Any = None, lon: Any = None,
    pick: bool = False, lat_name: str = "lat", lon_name: str = "lon", label: str = "", height: str = "m",
) -> dict[str, Any]:  # fmt: skip
    """A Leaflet map. `points`: `[{"lat", "lon", "title", "url", "tone"}]`; `areas`: `[{"name", "outline": GeoJSON, "kind"}]`.

    `pick=True` draws a picker that fills two inputs. Without tiles (setting MAP_TILES) only the areas are drawn.
    """
    from django.conf import settings

    payload = {
        "points": [dict(p) for p in points], "areas": [{"name": str(a["name"]), "outline": a["outline"], "kind": str(a.get("kind", ""))} for a in areas if a.get("outline")],
        "lat": lat, "lon": lon, "pick": pick, "tiles": getattr(settings, "MAP_TILES", ""), "attribution": getattr(settings, "MAP_ATTRIBUTION", ""),
        "shift": getattr(settings, "MAP_GCJ02", False),
    }  # fmt: skip
    return {"id": id, "payload": payload, "pick": pick, "lat": "" if lat is None else lat, "lon": "" if lon is None else lon,
            "lat_name": lat_name, "lon_name": lon_name, "label": label or _("地图"), "height": height}  # fmt: skip


@register.simple_tag
def areas_of(community_id: Any) -> list[dict[str, Any]]:
    """The outlines of a community and its grids, for `{% map %}`; no query."""
    from linbao.units.models import UnitKind
    from linbao.units.tree import tree

    units = tree()
    home = units.get(community_id)
    if home is None:
        return []
    return [
        {"name": u.name, "outline": u.outline, "kind": u.kind}
        for u in [home, *units.children(home, UnitKind.GRID)]
        if u.outline
    ]


@register.inclusion_tag("components/upload.html")
def upload(url: str, files: Sequence[Any] = (), name: str = "file", item: Any = "", multiple: bool = True, capture: bool = False, label: str = "",
           accept: str = "image/*,.heic,.heif", stage: str = "", id: str = "upload") -> dict[str, Any]:  # fmt: skip
    """Photos and files with thumbnails, progress and retry. Each goes at once to `url` (multipart: `file`, `id`,
    `item`, `stage`, CSRF); `files`: mappings or rows with id, name, thumb, remove (addresses)."""
    rows = [
        {
            k: (f.get(k, "") if isinstance(f, Mapping) else getattr(f, k, ""))
            for k in ("id", "name", "thumb", "remove", "url")
        }
        for f in files
    ]
    return {"url": url, "rows": rows, "name": name, "item": item, "multiple": multiple, "capture": capture,
            "label": label or _("添加照片"), "accept": accept, "stage": stage, "id": id}  # fmt: skip


@register.simple_block_tag(end_name="enddialog")
def dialog(content: str, id: str, title: str, wide: bool = False) -> SafeString:
    """A dialog opened by `<button type="button" data-open="#id">`; closed by Esc, its cross or `data-close`."""
    return format_html(
        '<dialog id="{}" class="lb-dialog {}" aria-labelledby="{}-title"><div class="lb-dialog-head"><h2 id="{}-title">{}</h2>'
        '<button type="button" class="btn-icon lb-ghost" data-close aria-label="{}">{}</button></div><div class="lb-dialog-body">{}</div></dialog>',
        id, "lb-wide" if wide else "", id, id, title, _("关闭"), icon("x"), mark_safe(content),
    )  # fmt: skip


@register.simple_tag
def facts(pairs: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> SafeString:
    """Names and values of one thing, as a definition list; empty values are left out."""
    rows = pairs.items() if isinstance(pairs, Mapping) else pairs
    return format_html(
        '<dl class="lb-facts">{}</dl>',
        format_html_join("", "<dt>{}</dt><dd>{}</dd>", ((k, v) for k, v in rows if v not in (None, ""))),
    )


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`{{ counts|get:code }}`; empty when it is not there."""
    try:
        return mapping.get(key, "")
    except AttributeError:
        return ""


@register.simple_tag
def urlquery(**values: Any) -> str:
    """A query string of the given values."""
    return "?" + urlencode({k: v for k, v in values.items() if v not in (None, "")})
