"""The audit log as an auditor reads it (1.3.4, 6.1.1). There is nothing that one could change here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from linbao.audit import listing, wording
from linbao.organisation.requests import AuthenticatedRequest


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """Who did what, when, to what; wrong filters are named, not refused."""
    page = listing.LISTING.page(request)
    for row in page.rows:
        row["facts"] = wording.details(row.row.data)
    context = {
        "page": page,
        "chain": listing.state(),
        "person_name": page.rows[0].row.actor_name if page.values.get("person") and page.rows else "",
    }
    return render(request, "audit/list.html", context, status=page.status)


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The same lines as XLSX or CSV; this too stands on the log."""
    return listing.LISTING.export(request)
