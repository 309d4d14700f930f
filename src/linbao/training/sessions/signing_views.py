"""The screen with the code that changes, and the phone that opens it (5.1.3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linbao.core.permissions import allow
from linbao.organisation.requests import AuthenticatedRequest
from linbao.training.models import Seat, Session
from linbao.training.sessions import attendance
from linbao.training.sessions import services as sessions


@login_required
@require_GET
@never_cache
def screen(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """For the wall: the code for signing in or out, renewed by a script; without it the page is reloaded by hand."""
    row = _run(request, session_id)
    context = {"session": row, "open": attendance.may_sign(row), **_shown(request, row)}
    return render(request, "training/screen.html", context)


@login_required
@require_GET
@never_cache
def code(request: AuthenticatedRequest, session_id: UUID) -> JsonResponse:
    """What the screen's script asks for: the code of this half minute and how many are there."""
    row = _run(request, session_id)
    return JsonResponse({**_shown(request, row), "open": attendance.may_sign(row)})


def _run(request: AuthenticatedRequest, session_id: UUID) -> Session:
    row = sessions.get(request.user, session_id)
    allow(request.user, "training.run", row)
    return row


def _shown(request: AuthenticatedRequest, row: Session) -> dict[str, Any]:
    way = attendance.OUT if request.GET.get("way") == attendance.OUT else attendance.IN
    details: dict[str, Any] = {"way": way, "left": attendance.left(), "svg": ""}
    if attendance.may_sign(row):
        address = settings.BASE_URL + reverse("training:sign", args=[row.pk, attendance.token(row.pk, way)])
        drawn = segno.make(address, error="m", micro=False).svg_inline(scale=6, border=2, omitsize=True)
        details["svg"] = mark_safe(drawn)
    seats = list(Seat.objects.filter(session=row).values_list("signed_in_at", "signed_out_at"))
    details["asked"] = len(seats)
    details["there"] = sum(1 for came, _left in seats if came)
    details["gone"] = sum(1 for _came, left in seats if left)
    return details


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def sign(request: AuthenticatedRequest, session_id: UUID, token: str) -> HttpResponse:
    """The phone that scanned: one tap (or the page's script) signs in or out. Codes older than 60 s are refused."""
    row = sessions.get(request.user, session_id)
    allow(request.user, "training.attend", row)
    way = attendance.way_of(row.pk, token)
    if request.method == "POST":
        seat = attendance.sign(request.user, row.pk, token)
        if way == attendance.IN:
            messages.success(request, _("签到成功。结束时请记得扫码签退，签退后才计算在场时间。"))
        else:
            messages.success(request, _("签退成功，在场 %(n)d 分钟。") % {"n": seat.minutes})
        return redirect("training:session", row.pk)
    return render(request, "training/sign.html", {"session": row, "way": way, "token": token})
