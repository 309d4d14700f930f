"""The other halves of one-time passwords, for whoever opens them (6.1.1)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from linbao.accounts.models import PasswordReset
from linbao.accounts.passwords import services as password_resets
from linbao.core.permissions import allow
from linbao.core.problems import Conflict
from linbao.organisation.requests import AuthenticatedRequest
from linbao.platform.protection.reauthentication import dangerous, require_proof

MOST = 200


@require_GET
@login_required
def index(request: AuthenticatedRequest) -> HttpResponse:
    """What waits to be opened, and what was opened lately."""
    user = request.user
    allow(user, "password.open")
    rows = PasswordReset.objects.visible_to(user).select_related("person", "asked_by", "opened_by")
    context = {
        "waiting": list(rows.waiting().order_by("asked_at")[:MOST]),
        "opened": list(rows.filter(opened_at__isnull=False).order_by("-opened_at")[:20]),
    }
    return render(request, "accounts/passwords.html", context)


@dangerous("password.open")
@require_POST
@login_required
@never_cache
def open_half(request: AuthenticatedRequest, reset_id: UUID) -> HttpResponseBase:
    """Open the second half; it is in the answer to the POST and nowhere else."""
    user = request.user
    allow(user, "password.open")
    require_proof(request)
    try:
        person, half = password_resets.open_half(user, reset_id)
    except Conflict as e:
        messages.error(request, e.message)
        return redirect("accounts:passwords")
    return render(request, "accounts/person_password.html", {"person": person, "secret": half, "second": True})
