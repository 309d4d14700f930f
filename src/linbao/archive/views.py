"""The archive as people see it: list or map, saved views, export (2.2.1)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linbao.archive import exporting, search, services
from linbao.archive.filters import GROUPS, ORDERS, VERDICTS, Filters
from linbao.archive.inputs import SaveView
from linbao.archive.models import SavedView
from linbao.archive.statistics import counted
from linbao.audit import services as audit
from linbao.core import clock, exports, text
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Invalid
from linbao.handling.models import Verdict
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import Category, Sensitivity, Source, Status
from linbao.organisation.models import UnitKind, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.platform.encryption.crypto import blind_index

PAGE = 50
ON_MAP, MOST_POINTS = 2000, 300


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """List or map of the items that pass the filters; filters with errors are named, not refused."""
    allow(request.user, "archive.view")
    errors: list[str] = []
    try:
        filters = Filters.read(request.GET)
    except Invalid as e:
        filters, errors = Filters(), e.sentences
    on_map = request.GET.get("view") == "map"
    result = search.ResultPage()
    if not errors:
        try:
            result = (
                search.find(request.user, filters, "" if on_map else request.GET.get("cursor", ""), PAGE)
                if not on_map
                else result
            )
            points = _points(request.user, filters) if on_map else []
        except Invalid as e:
            errors, points = e.sentences, []
        if filters.person and not errors:
            # Who searched for a person stands on the log; for whom, only as a keyed digest, by which a search for
            # oneself or one's relatives is noticed (1.3.4).
            audit.record(
                request.user,
                "party.search",
                unit_id=request.user.rights.home,
                rows=len(result.rows),
                index=blind_index(filters.person),
                family=text.mask_name(filters.person) == text.mask_name(request.user.name),
            )
    context = choices(request.user, filters) | {
        "rows": [_shown(r) for r in result.rows],
        "page": result,
        "filters": filters,
        "errors": errors,
        "on_map": on_map,
        "points": points if on_map and not errors else [],
        "query": filters.query(),
        "params": list(request.GET.items()),  # a template would take `?items=1` for the method
        "may_reveal": request.user.has_perm("archive.reveal"),
        "may_export": request.user.has_perm("item.export"),
    }
    return render(request, "archive/list.html", context, status=422 if errors else 200)


def choices(user: User, filters: Filters) -> dict[str, Any]:
    """What the filters offer; reference data only, no query."""
    return {
        "categories": Category.choices,
        "subcategories": catalogue().by_category.get(filters.category, []),
        "statuses": [*GROUPS.items(), *((c, n) for c, n in Status.choices if c != Status.DRAFT)],
        "units": units_of(user),
        "sources": Source.choices,
        "sensitivities": Sensitivity.choices,
        "verdicts": [(v, Verdict(v).label) for v in VERDICTS],
        "orders": ORDERS.items(),
        "figures": [(code, f.name) for code, f in counted.ITEMS.items()],
    }


def units_of(user: User) -> list[dict[str, Any]]:
    """The units that one may choose from, indented under each other: the upper ones of a wide view, all of a narrow
    one."""
    units, scope = tree(), user.rights.communities()
    shown: dict[UUID, int] = {}
    wide = len(scope) > 12
    for community in sorted(scope, key=lambda c: units.by_id[c].code):
        line = [
            u
            for u in reversed(units.line(community))
            if units.communities(u.id) <= scope and (u.id == community or len(units.communities(u.id)) > 1)
        ]
        for depth, unit in enumerate(line):
            if not wide or unit.kind != UnitKind.COMMUNITY or len(scope) <= 60:
                shown.setdefault(unit.id, depth)
        if not wide:
            for unit in units.children(community):
                if unit.kind in (UnitKind.GRID, UnitKind.WORK_GROUP, UnitKind.DEPARTMENT):
                    shown.setdefault(unit.id, len(line))
    return [{"id": str(u), "name": "　" * depth + units.by_id[u].name} for u, depth in shown.items()]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    units = tree()
    community, grid = units.get(row["community_id"]), units.get(row["grid_id"])
    due = row["due_at"] if row["status"] == Status.HANDLING else None
    return {
        "href": f"/items/{row['id']}/",
        "urgent": row["urgent"],
        "title": row.get("marked") or row["title"],
        "snippet": row.get("snippet"),
        "meta": (
            row["number"],
            catalogue().heading(row["category"], row["subcategory"]),
            " · ".join(u.name for u in (community, grid) if u),
            row["reporter"],
            row["reported_at"],
        ),
        "status": row["status"],
        "due_at": due,
        "verdict": "" if due else row["verdict"],
    }


def _points(user: User, filters: Filters) -> list[dict[str, Any]]:
    """The newest finds that have a point; many are gathered by cells of a lattice, counted."""
    rows = [r for r in search.walk(user, filters, ON_MAP) if r["lat"] is not None and r["lon"] is not None]
    if len(rows) <= MOST_POINTS:
        return [_point(r) for r in rows]
    span = max(
        max(r["lat"] for r in rows) - min(r["lat"] for r in rows),
        max(r["lon"] for r in rows) - min(r["lon"] for r in rows),
        0.001,
    )
    cell = span / 24
    cells: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for r in rows:
        cells[int(r["lat"] // cell), int(r["lon"] // cell)].append(r)
    return [
        _point(result[0])
        if len(result) == 1
        else {
            "lat": sum(r["lat"] for r in result) / len(result),
            "lon": sum(r["lon"] for r in result) / len(result),
            "url": "",
            "count": len(result),
            "title": _("此处 %(n)d 条：%(first)s 等") % {"n": len(result), "first": result[0]["title"][:20]},
            "tone": "bad" if any(r["priority"] for r in result) else "work",
        }
        for result in cells.values()
    ]


def _point(row: dict[str, Any]) -> dict[str, Any]:
    tone = "bad" if row["priority"] else "done" if row["status"] in ("closed", "merged", "withdrawn") else "work"
    return {"lat": row["lat"], "lon": row["lon"], "title": row["title"], "url": f"/items/{row['id']}/", "tone": tone}


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The same filters as XLSX (with the data dictionary as its second sheet), CSV or GeoJSON, persons masked."""
    filters = Filters.read(request.GET)
    form = exporting.format_of(request.GET.get("format", ""))
    exporting.begin(request.user, filters, form)
    if form == "geojson":
        answer = StreamingHttpResponse(
            exporting.geojson(request.user, filters), content_type="application/geo+json; charset=utf-8"
        )
        name = f"linbao-{clock.local(clock.now()):%Y%m%d-%H%M}.geojson"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Cache-Control"] = "private, no-store"
        return answer
    rows = exporting.lines(request.user, filters)
    beside = (str(exporting.SHEET_OF_COLUMNS), *exporting.dictionary())
    return exports.answer(form, "linbao", _("信息条目"), exporting.header(), rows, exporting.widths(), beside)


@login_required
@require_GET
def dictionary(request: AuthenticatedRequest) -> HttpResponseBase:
    """The data dictionary of the export: every column, its meaning and its values."""
    allow(request.user, "archive.view")
    form = exports.form_of(request.GET.get("format", "") or "csv")
    head, rows = exporting.dictionary()
    return exports.answer(form, "linbao-dictionary", str(exporting.SHEET_OF_COLUMNS), head, rows)


@login_required
@require_GET
def views(request: AuthenticatedRequest) -> HttpResponse:
    """One's saved views, asked for when the menu is opened."""
    allow(request.user, "archive.view")
    return render(
        request, "archive/views.html", {"views": SavedView.objects.filter(user=request.user).order_by("name")}
    )


@login_required
@require_POST
def save_view(request: AuthenticatedRequest) -> HttpResponse:
    """Save the filters of the list under a name."""
    try:
        filters = Filters.read(request.POST)
        view = services.save_view(request.user, posted(SaveView, request.POST), filters)
    except Invalid as e:
        messages.error(request, e.text)
        return redirect("archive:list")
    messages.success(request, _("已保存视图“%(name)s”。") % {"name": view.name})
    return redirect(f"/archive/?{view.query}")


@login_required
@require_POST
def delete_view(request: AuthenticatedRequest, view_id: UUID) -> HttpResponse:
    """Delete a view of one's own."""
    services.delete_view(request.user, view_id)
    messages.success(request, _("已删除该视图。"))
    return redirect("archive:list")
