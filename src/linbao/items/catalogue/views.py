"""The administrator's pages of the catalogue: subcategories and fields without code (3.1–3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linbao.core import http, ids
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import NotFound, Problem
from linbao.items import forms
from linbao.items.catalogue import services as catalogue_admin
from linbao.items.catalogue.inputs import SaveField, SaveSubcategory, options_as_lines
from linbao.items.models import CatalogueField, Category, FieldKind, Item, Subcategory
from linbao.organisation.models import UnitKind
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

COLUMNS = ("code", "name", "name_en", "group", "group_en", "handle_days", "gb30428", "open311", "topic", "order")


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The four categories."""
    allow(request.user, "catalogue.change")
    return redirect("items:catalogue-category", Category.OPINION.value)


@login_required
@require_GET
def category(request: AuthenticatedRequest, category: str) -> HttpResponse:
    """One category: its subcategories and its fields."""
    return _show(request, category)


@login_required
@require_GET
def preview(request: AuthenticatedRequest, category: str) -> HttpResponse:
    """The form as a reporter sees it now; nothing can be sent from here."""
    allow(request.user, "catalogue.change")
    _known(category)
    row = Item(id=ids.new(), category=category, reporter=request.user)
    rows = forms.questions(row, [], request.user)
    return render(request, "items/catalogue_preview.html", {"category": Category(category), "asked": rows, "item": row})


@login_required
@require_http_methods(["GET", "POST"])
def subcategory(request: AuthenticatedRequest, category: str) -> HttpResponse:
    """Add or change a subcategory."""
    allow(request.user, "catalogue.change")
    _known(category)
    code = request.GET.get("code", "")
    row = Subcategory.objects.filter(pk=code, category=category).first() if code else None
    if code and row is None:
        raise NotFound
    data: dict[str, Any] = {n: getattr(row, n) if row else "" for n in COLUMNS}
    data |= {
        "default_unit": str(row.default_unit_id or "") if row else "",
        "emergency": row.emergency if row else False,
        "active": row.active if row else True,
    }
    if row is None:
        data |= {"handle_days": 7, "order": (Subcategory.objects.filter(category=category).count() + 1) * 10 + 500}
    values: Mapping[str, Any] = data
    problem: Problem | None = None
    if request.method == "POST":
        try:
            catalogue_admin.save_subcategory(request.user, category, posted(SaveSubcategory, request.POST), code=code)
        except Problem as e:
            values, problem = request.POST, e
        else:
            messages.success(request, _("子类已保存，立即生效。"))
            return redirect("items:catalogue-category", category)
    units = sorted(
        (u for u in tree().by_id.values() if u.kind != UnitKind.GRID and u.active), key=lambda u: (u.kind, u.code)
    )
    context = {
        "category": Category(category),
        "values": values,
        "row": row,
        "errors": problem.fields if problem else {},
        "problem": problem,
        "units": units,
    }
    return render(request, "items/catalogue_subcategory.html", context, status=problem.status if problem else 200)


@login_required
@require_http_methods(["GET", "POST"])
def field(request: AuthenticatedRequest, category: str) -> HttpResponse:
    """Add or change a field."""
    allow(request.user, "catalogue.change")
    _known(category)
    id: UUID | None = http.as_uuid(request.GET.get("id"))
    row = CatalogueField.objects.filter(pk=id, category=category).first() if id else None
    if request.GET.get("id") and row is None:
        raise NotFound
    data: dict[str, Any] = {
        n: getattr(row, n) if row else "" for n in ("code", "kind", "label", "label_en", "help", "order", "required")
    }
    data |= {
        "active": row.active if row else True,
        "subcategory": (row.subcategory_id or "") if row else request.GET.get("subcategory", ""),
    }
    data["options"] = options_as_lines(row.options) if row else ""
    if row is None:
        data["order"] = (CatalogueField.objects.filter(category=category).count() + 1) * 10
    values: Mapping[str, Any] = data
    problem: Problem | None = None
    if request.method == "POST":
        try:
            catalogue_admin.save_field(request.user, category, posted(SaveField, request.POST), field_id=id)
        except Problem as e:
            values, problem = request.POST, e
        else:
            messages.success(request, _("字段已保存，立即生效。"))
            return redirect(reverse("items:catalogue-category", args=[category]) + "#fields")
    context = {
        "category": Category(category),
        "values": values,
        "row": row,
        "errors": problem.fields if problem else {},
        "problem": problem,
        "kinds": [(c, label) for c, label in FieldKind.choices if c != FieldKind.PARTIES],
        "subcategories": Subcategory.objects.filter(category=category),
    }
    return render(request, "items/catalogue_field.html", context, status=problem.status if problem else 200)


def _known(category: str) -> None:
    if category not in Category.values:
        raise NotFound


def _show(request: AuthenticatedRequest, category: str) -> HttpResponse:
    allow(request.user, "catalogue.change")
    _known(category)
    context = {
        "category": Category(category),
        "categories": Category.choices,
        "subcategories": list(Subcategory.objects.filter(category=category).select_related("default_unit")),
        "fields": list(
            CatalogueField.objects.filter(category=category)
            .select_related("subcategory")
            .order_by("subcategory_id", "order")
        ),
    }
    return render(request, "items/catalogue.html", context)
