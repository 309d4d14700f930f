"""The audit log as an auditor reads it (1.3.4, 6.1.1). There is nothing that one could change here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linbao.audit import listing, wording
from linbao.audit.models import Record
from linbao.core import exports
from linbao.core.problems import Invalid
from linbao.organisation import people
from linbao.organisation.models import Role
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.rights import allow


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """Who did what, when, to what; wrong filters are named, not refused."""
    user = request.user
    allow(user, "audit.view")
    errors: list[str] = []
    rows: list[Record] = []
    filters, following = listing.Filters(), None
    try:
        filters = listing.Filters.read(request.GET)
        rows, following = listing.page(user, filters, request.GET.get("cursor", ""))
    except Invalid as e:
        errors = [m for message in e.fields.values() for m in message] or [e.message]
    data = {k: request.GET.get(k, "")[:64] for k in ("who", "what", "subject", "unit", "since", "until", "person")}
    context = {
        "rows": [listing.shown(r) for r in rows],
        "next": following,
        "chain": listing.state(),
        "wrong": errors,
        "filters": filters,
        "given": data,
        "groups": wording.ACTIONS.items(),
        "units": people.offered(user.rights, Role.AUDITOR),
        "person_name": rows[0].actor_name if filters.person and rows else "",
    }
    return render(request, "audit/list.html", context, status=422 if errors else 200)


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The same lines as XLSX or CSV; this too stands on the log."""
    user = request.user
    allow(user, "audit.view")
    filters, form = listing.Filters.read(request.GET), exports.form_of(request.GET.get("format", ""))
    listing.begin_export(user, filters)
    rows = exports.at_most(listing.lines(user, filters))
    return exports.answer(form, "audit", _("审计日志"), listing.header(), rows, listing.WIDTHS)
