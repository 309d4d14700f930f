"""The other halves of one-time passwords, for whoever opens them (6.1.1)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from linbao.base.problems import Conflict
from linbao.units import password_resets
from linbao.units.danger import dangerous, require_proof
from linbao.units.models import PasswordReset, User
from linbao.units.rights import allow

MOST = 200


@require_GET
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """What waits to be opened, and what was opened lately."""
    user: User = request.user  # type: ignore[assignment]
    allow(user, "password.open")
    rows = PasswordReset.objects.visible_to(user).select_related("person", "asked_by", "opened_by")
    context = {
        "waiting": list(rows.waiting().order_by("asked_at")[:MOST]),
        "opened": list(rows.filter(opened_at__isnull=False).order_by("-opened_at")[:20]),
    }
    return render(request, "units/passwords.html", context)


@dangerous("password.open")
@require_POST
@login_required
@never_cache
def open_half(request: HttpRequest, reset_id: UUID) -> HttpResponseBase:
    """Open the second half; it is in the answer to the POST and nowhere else."""
    user: User = request.user  # type: ignore[assignment]
    allow(user, "password.open")
    require_proof(request)
    try:
        person, half = password_resets.open_half(user, reset_id)
    except Conflict as e:
        messages.error(request, e.message)
        return redirect("units:passwords")
    return render(request, "units/person_password.html", {"person": person, "secret": half, "second": True})
