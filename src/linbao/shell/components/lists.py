"""What stands around a list: filters, sorting, pages, export."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from linbao.shell.components.marks import icon

register = template.Library()


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
            "content": content,
            "clear": clear and active,
            "search": search,
            "placeholder": placeholder or _("搜索"),
            "value": query.get(search, "") if search else "",
            "sort": query.get("sort", ""),
            "path": request.path if request is not None else "",
        },
    )


@register.simple_tag(takes_context=True)
def sort_header(context: template.Context, key: str, label: str, css: str = "") -> SafeString:
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
        label,
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
    names = {
        "xlsx": _("Excel 表格（XLSX）"),
        "csv": _("文本表格（CSV）"),
        "geojson": _("地图数据（GeoJSON）"),
        "pdf": "PDF",
        "docx": _("Word 文档（DOCX）"),
    }
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
