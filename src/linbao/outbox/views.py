"""What was sent, with every try and answer; and what a person decides where it stopped (design §2.3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linbao.core.inputs import posted
from linbao.core.listing import Row
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound, Problem
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.outbox import listing, services
from linbao.outbox.inputs import MarkSent, Resend
from linbao.outbox.models import Delivery, DeliveryState, DeliveryStep, StepKind, StepOutcome

MOST_STEPS = 200
TONES = {
    StepOutcome.SENT: "done",
    StepOutcome.LATER: "warn",
    StepOutcome.REFUSED: "bad",
    StepOutcome.UNKNOWN: "warn",
    StepOutcome.LOST: "warn",
    StepOutcome.GIVEN_UP: "bad",
}


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The deliveries of one's units and one's own; wrong filters are named, not refused."""
    page = listing.LISTING.page(request)
    for row in page.rows:
        row["meaning"] = listing.explained(row.row.answer)
    conditions = {k for k, v in page.values.items() if v and k != "sort"}
    context = {
        "page": page,
        "only_stopped": conditions == {"status"} and page.values["status"] == "stopped",
        "administers": request.user.has_perm("units.view"),
    }
    return render(request, "outbox/list.html", context, status=page.status)


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The same list as XLSX or CSV, addresses of persons masked; on the audit log."""
    return listing.LISTING.export(request)


@login_required
@require_http_methods(["GET", "POST"])
def detail(request: AuthenticatedRequest, delivery_id: UUID) -> HttpResponse:
    """One delivery with its steps; POST `verb`: resend (also: try now) or mark, with a reason."""
    user = request.user
    allow(user, "deliveries.view")
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _decide(user, delivery_id, request)
        except Delivery.DoesNotExist:
            raise NotFound from None
        except Problem as e:
            if e.status in (403, 404):
                raise
            problem = e
        else:
            return redirect("outbox:detail", delivery_id)
    row = Delivery.objects.visible_to(user).select_related("caused_by").filter(pk=delivery_id).first()
    if row is None:
        raise NotFound
    return render(
        request, "outbox/detail.html", _context(user, row, request, problem), status=problem.status if problem else 200
    )


def _decide(user: User, delivery_id: UUID, request: AuthenticatedRequest) -> None:
    if request.POST.get("verb") == "mark":
        services.mark_sent(user, delivery_id, posted(MarkSent, request.POST))
        messages.success(request, _("已记为送达，您的核实情况留在记录里。"))
        return
    if request.POST.get("verb") != "resend":
        raise Invalid(fields={"verb": [_("请选择要做什么。")]})
    present = posted(Resend, request.POST).address == "present"
    services.resend(user, delivery_id, to_present_address=present)
    messages.success(request, _("已交给后台发送，稍候刷新查看结果。"))


def _context(user: User, row: Delivery, request: AuthenticatedRequest, problem: Problem | None) -> dict[str, Any]:
    steps = list(row.steps.select_related("by").order_by("-at", "-id")[:MOST_STEPS])
    may = user.has_perm("delivery.resend", row) and row.state in (*listing.STOPPED, DeliveryState.WAITING)
    return {
        "row": row,
        "cells": Row(listing.LISTING, user, row),
        "meaning": listing.explained(row.answer),
        "steps": [_line(s, row) for s in steps],
        "about": listing.about(row) if user.rights.informed else "",
        "files": [str(a.get("name", "")) for a in row.attachments if isinstance(a, dict)],
        "body": listing.masked(row.body, row),
        "may_resend": may,
        "may_mark": row.state in listing.STOPPED and user.has_perm("delivery.mark_sent", row),
        "present": services.present_address(row) if may else "",
        "unit_page": user.has_perm("units.view"),
        "problem": problem,
        "errors": problem.fields if problem else {},
        "post": request.POST,
        "waiting": row.state == DeliveryState.WAITING,
        "uncertain": row.state == DeliveryState.UNCERTAIN,
    }


def _line(step: DeliveryStep, row: Delivery) -> dict[str, Any]:
    """A step as a line of the timeline."""
    tried = step.kind == StepKind.TRY
    message = "\n".join(
        w for w in (listing.explained(step.answer), listing.masked(step.answer or step.reason, row)) if w
    )
    if step.recipient and (step.recipient != row.recipient or step.kind == StepKind.RESEND):
        to = _("发往 %(address)s") % {"address": listing.masked(step.recipient, row)}
        message = f"{to}\n{message}" if message else to
    return {
        "at": step.at,
        "name": str(StepKind(step.kind).label),
        "note": message,
        "by": step.by.name if step.by else "",
        "after": str(StepOutcome(step.outcome).label)
        if step.outcome
        else (_("正在进行") if tried and not step.ended_at else ""),
        "tone": TONES.get(StepOutcome(step.outcome), "wait") if step.outcome else ("work" if not tried else "wait"),
    }
