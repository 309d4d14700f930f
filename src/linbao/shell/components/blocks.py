"""Blocks of a page: empty states, timelines, tiles, charts, maps, uploads, dialogs, facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from linbao.organisation.models import UnitKind
from linbao.organisation.tree import tree
from linbao.shell import assets
from linbao.shell.components.badges import COLOURS, icon

register = template.Library()


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
    """The history of an item: `items.timeline.lines(item)`, or mappings with at, name, by, note, after, tone."""
    rows = []
    for line in lines:
        get = line.get if isinstance(line, Mapping) else lambda k, d=None, line=line: getattr(line, k, d)
        tone = get("tone", "") or "wait"
        rows.append(
            {k: get(k, "") for k in ("at", "name", "by", "note", "after", "href", "clause")}
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
    """A chart and its table. `data`: `{"labels": […], "series": [{"name", "values": […]}]}`; kind: bar, hbar, line,
    pie, radar (values from 0 to 100).

    The page also loads the chart bundle: `{% block scripts %}{% chart_script %}{% endblock %}`.
    """
    labels, series = list(data.get("labels", [])), list(data.get("series", []))
    rows = [
        {"label": label, "values": [s["values"][i] if i < len(s["values"]) else None for s in series]}
        for i, label in enumerate(labels)
    ]
    payload = {
        "kind": kind,
        "unit": unit,
        "stacked": stacked,
        "labels": [str(x) for x in labels],
        "series": [{"name": str(s["name"]), "values": list(s["values"])} for s in series],
    }
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
    id: str = "map",
    points: Sequence[Mapping[str, Any]] = (),
    areas: Sequence[Mapping[str, Any]] = (),
    lat: Any = None,
    lon: Any = None,
    pick: bool = False,
    lat_name: str = "lat",
    lon_name: str = "lon",
    label: str = "",
    height: str = "m",
) -> dict[str, Any]:
    """A Leaflet map. `points`: `[{"lat", "lon", "title", "url", "tone"}]`; `areas`: `[{"name", "outline": GeoJSON,
    "kind"}]`.

    `pick=True` draws a picker that fills two inputs. Without tiles (setting MAP_TILES) only the areas are drawn.
    """
    payload = {
        "points": [dict(p) for p in points],
        "areas": [
            {"name": str(a["name"]), "outline": a["outline"], "kind": str(a.get("kind", ""))}
            for a in areas
            if a.get("outline")
        ],
        "lat": lat,
        "lon": lon,
        "pick": pick,
        "tiles": getattr(settings, "MAP_TILES", ""),
        "attribution": getattr(settings, "MAP_ATTRIBUTION", ""),
        "shift": getattr(settings, "MAP_GCJ02", False),
    }
    return {
        "id": id,
        "payload": payload,
        "pick": pick,
        "lat": "" if lat is None else lat,
        "lon": "" if lon is None else lon,
        "lat_name": lat_name,
        "lon_name": lon_name,
        "label": label or _("地图"),
        "height": height,
    }


@register.simple_tag
def areas_of(community_id: Any) -> list[dict[str, Any]]:
    """The outlines of a community and its grids, for `{% map %}`; no query."""
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
def upload(
    url: str,
    files: Sequence[Any] = (),
    name: str = "file",
    item: Any = "",
    multiple: bool = True,
    capture: bool = False,
    label: str = "",
    accept: str = "image/*,.heic,.heif",
    stage: str = "",
    id: str = "upload",
) -> dict[str, Any]:
    """Photos and files with thumbnails, progress and retry. Each goes at once to `url` (multipart: `file`, `id`,
    `item`, `stage`, CSRF); `files`: mappings or rows with id, name, thumb, remove (addresses)."""
    rows = [
        {
            k: (f.get(k, "") if isinstance(f, Mapping) else getattr(f, k, ""))
            for k in ("id", "name", "thumb", "remove", "url")
        }
        for f in files
    ]
    return {
        "url": url,
        "rows": rows,
        "name": name,
        "item": item,
        "multiple": multiple,
        "capture": capture,
        "label": label or _("添加照片"),
        "accept": accept,
        "stage": stage,
        "id": id,
    }


@register.simple_block_tag(end_name="enddialog")
def dialog(content: str, id: str, title: str, wide: bool = False) -> SafeString:
    """A dialog opened by `<button type="button" data-open="#id">`; closed by Esc, its cross or `data-close`."""
    return format_html(
        (
            '<dialog id="{}" class="lb-dialog {}" aria-labelledby="{}-title"><div'
            ' class="lb-dialog-head"><h2 id="{}-title">{}</h2>'
            '<button type="button" class="btn-icon lb-ghost" data-close'
            ' aria-label="{}">{}</button></div><div class="lb-dialog-body">{}</div></dialog>'
        ),
        id,
        "lb-wide" if wide else "",
        id,
        id,
        title,
        _("关闭"),
        icon("x"),
        mark_safe(content),
    )


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
