"""Agreements signed on paper, on screen: recording, the second person, the scan (6.2.1)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linbao.confidentiality.access_monitoring import presentation
from linbao.confidentiality.agreements import paper
from linbao.confidentiality.agreements.inputs import LARGEST, DecidePaper, RecordPaper
from linbao.confidentiality.models import PaperState
from linbao.core import clock
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, Problem
from linbao.organisation.requests import AuthenticatedRequest


@login_required
@require_http_methods(["GET", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    """Record a signature on paper, with its scan."""
    user = request.user
    allow(user, "agreement.paper")
    problem: Problem | None = None
    if request.method == "POST":
        file = request.FILES.get("scan")
        try:
            if file is not None and (file.size or 0) > LARGEST:
                raise Invalid(fields={"scan": [_("文件超过 20 MB。")]})
            data = posted(
                RecordPaper,
                request.POST,
                scan=file.read() if file is not None else None,
                name=file.name or "" if file is not None else "",
            )
            row = paper.record(user, data)
        except (Invalid, Conflict) as e:
            problem = e
        else:
            messages.success(request, _("已登记，等待第二个人确认；确认后系统对此人开放。"))
            return redirect("confidentiality:paper", row.pk)
    context = {
        "people": paper.people(user),
        "post": request.POST,
        "errors": presentation.error_messages(problem),
        "today": clock.today(),
    }
    return render(request, "confidentiality/paper_new.html", context, status=problem.status if problem else 200)


@login_required
@require_http_methods(["GET", "POST"])
def detail(request: AuthenticatedRequest, paper_id: UUID) -> HttpResponse:
    """One record, and the second person's decision."""
    user = request.user
    row = paper.get(user, paper_id)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            confirm = request.POST.get("do") == "confirm"
            paper.decide(user, paper_id, posted(DecidePaper, request.POST, confirm=confirm))
        except (Invalid, Conflict) as e:
            problem = e
            row = paper.get(user, paper_id)
        else:
            messages.success(request, _("已保存。"))
            return redirect("confidentiality:paper", paper_id)
    keeps = user.rights.on(row.unit_id, *paper.KEEPERS)
    waiting = row.state == PaperState.WAITING
    context = {
        "row": row,
        "may_decide": waiting and keeps and user.pk not in (row.recorded_by_id, row.user_id),
        "waits": waiting,
        "errors": presentation.error_messages(problem),
        "post": request.POST,
    }
    return render(request, "confidentiality/paper.html", context, status=problem.status if problem else 200)


@login_required
@require_GET
def scan(request: AuthenticatedRequest, paper_id: UUID) -> HttpResponse:
    """The scanned paper, always as a download."""
    row, data = paper.scan(request.user, paper_id)
    kind = paper.kind_of_scan(data)
    if kind is None:
        raise NotAllowed
    response = HttpResponse(data, content_type=kind.content_type)
    response["Content-Disposition"] = f'attachment; filename="agreement-{row.signed_on:%Y%m%d}.{kind.extension}"'
    response["X-Content-Type-Options"], response["Cache-Control"] = "nosniff", "private, no-store"
    return response
