"""What stands around a list: filters, sorting, pages, export."""

from __future__ import annotations

from typing import Any, Protocol

from django import template
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from linbao.core.listing import Page
from linbao.shell.components.badges import icon

register = template.Library()


class Walked(Protocol):
    """A page that knows its neighbours."""

    @property
    def next(self) -> str | None: ...
    @property
    def previous(self) -> str | None: ...
    @property
    def number(self) -> int: ...


def _query(context: template.Context) -> QueryDict:
    request = context.get("request")
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


@register.simple_block_tag(takes_context=True, end_name="endfilterbar")
def filterbar(
    context: template.Context, content: str, clear: bool = True, search: str = "", placeholder: str = ""
) -> SafeString:
    """A bar of filters over a list (a GET form). Choices apply themselves; `search="q"` adds a text box."""
    query = _query(context)
    active = [k for k, v in query.items() if v and k not in ("cursor", "sort")]
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


@register.inclusion_tag("components/listing_bar.html", takes_context=True)
def listing_bar(context: template.Context, page: Page) -> dict[str, Any]:
    """What stands over a list: its filters and orders (a GET form), the active filters with a way out of each, and
    messages about an address that holds what is none."""
    chips = []
    for name, label in page.chips:
        query = _query(context)
        query[name] = ""
        chips.append({"label": label, "href": _address(query)})
    orders = page.orders
    return {"page": page, "path": context["request"].path, "controls": page.controls, "orders": orders, "chips": chips}


def _address(query: QueryDict) -> str:
    """A query string from the first page on, without what is empty."""
    for key in [k for k, v in query.items() if k == "cursor" or not v]:
        query.pop(key)
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def sort_header(context: template.Context, key: str, label: str, css: str = "") -> SafeString:
    """A `<th>` that sorts the template's `page` by the column `key` (`?sort=key`, `?sort=-key`); screen readers hear
    the present order."""
    query = _query(context)
    now = context["page"].sort
    query["sort"] = f"-{key}" if now == key else key
    state = {key: "ascending", f"-{key}": "descending"}.get(now, "none")
    mark = {"ascending": "chevron-up", "descending": "chevron-down"}.get(state, "selector")
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}"><a class="lb-sort" href="{}">{}{}</a></th>',
        css,
        state,
        _address(query),
        label,
        icon(mark),
    )


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: template.Context, page: Walked) -> dict[str, Any]:
    """«上一页 / 下一页» by the cursors of a page (an empty one: the first page)."""
    links = {}
    for name, cursor in (("next", page.next), ("previous", page.previous)):
        query = _query(context)
        query["cursor"] = cursor or ""
        links[name] = "?" + query.urlencode() if cursor is not None else ""
    return {**links, "page": page.number}


@register.inclusion_tag("components/export.html", takes_context=True)
def export_button(context: template.Context, url: str, formats: str = "xlsx,csv") -> dict[str, Any]:
    """Export with the same filters: a menu of formats (`?format=xlsx&…`)."""
    query = _query(context)
    for key in ("cursor", "format"):
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
    for key, value in changes.items():
        query[key] = "" if value is None else str(value)
    return _address(query)
