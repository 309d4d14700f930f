"""The calendar and leave on screen (5.3.1)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.accounts.forms import tell
from linbao.core import clock
from linbao.core.http import answering, as_uuid
from linbao.core.problems import Conflict, Invalid, NotFound, Problem
from linbao.duties.kinds import KINDS
from linbao.duties.models import LeaveState, Obligation
from linbao.management import leave, listing, people
from linbao.management.calendar import services as schedule
from linbao.management.forms import LeaveForm
from linbao.management.work_tasks.views import listed
from linbao.organisation.people import name_of
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree


@answering
@require_GET
def calendar(request: AuthenticatedRequest) -> HttpResponse:
    """A month of duties, tasks, meetings, shifts and leave: as a sheet and as a list (the list on a phone)."""
    user = request.user
    today = clock.today(people.zone(user))
    error, month = "", today.replace(day=1)
    try:
        month = schedule.month_of(request.GET.get("month", ""), today)
    except Invalid as e:
        error = e.fields["month"][0]
    weeks, days = schedule.weeks(user, month)
    context = {
        "weeks": weeks,
        "days": days,
        "month": month,
        "wrong": error,
        "view": "list" if request.GET.get("view") == "list" else "month",
        "before": (month - timedelta(days=1)).replace(day=1),
        "after": (month + timedelta(days=32)).replace(day=1),
        "this": today.replace(day=1),
    }
    return render(request, "management/calendar.html", context, status=422 if error else 200)


@answering
@require_GET
def ics(request: AuthenticatedRequest) -> HttpResponse:
    """The coming three months for a phone's calendar, without anything personal."""
    made = HttpResponse(schedule.ics(request.user), content_type="text/calendar; charset=utf-8")
    made["Content-Disposition"], made["Cache-Control"] = 'attachment; filename="linbao.ics"', "private, no-store"
    return made


# --- leave --------------------------------------------------------------------------------------------


@answering
@require_GET
def leaves(request: AuthenticatedRequest) -> HttpResponse:
    """My leave, what waits for my decision, my colleagues' leave."""
    return listed(request, listing.LEAVES, "management/leaves.html")


@answering
@require_GET
def leave_export(request: AuthenticatedRequest) -> HttpResponseBase:
    return listing.LEAVES.export(request)


@answering
@require_http_methods(["GET", "POST"])
def leave_new(request: AuthenticatedRequest) -> HttpResponse:
    """Ask for leave."""
    user = request.user
    allow(user, "leave.ask")
    form = LeaveForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row = leave.ask(
                user,
                kind=data["kind"],
                starts=data["starts"],
                ends=data["ends"],
                stand_in_id=as_uuid(data["stand_in"]),
                words=data["words"],
            )
            messages.success(request, _("申请已提交，等待审批。"))
            return redirect("management:leave", row.pk)
        except Invalid as e:
            tell(form, e)
    return render(request, "management/leave_form.html", {"form": form}, status=422 if form.errors else 200)


@answering
@require_GET
def one_leave(request: AuthenticatedRequest, leave_id: UUID) -> HttpResponse:
    """One application: when, who stands in, what moved, and deciding on it."""
    return _show_leave(request, leave_id)


def _show_leave(request: AuthenticatedRequest, leave_id: UUID, problem: Problem | None = None) -> HttpResponse:
    user = request.user
    row = leave.find(user, leave_id)
    decides = user.has_perm("leave.decide", row)
    today = clock.today(tree().setting(row.unit_id, "time_zone"))
    standing = row.state in (LeaveState.ASKED, LeaveState.APPROVED) and row.ends >= today
    moved = list(Obligation.objects.filter(leave=row).order_by("due_at")[:50])
    for duty in moved:
        duty.kind_name = KINDS[duty.kind].name if duty.kind in KINDS else duty.kind  # type: ignore[attr-defined]  # for the template
    context = {
        "leave": row,
        "place": name_of(tree().get(row.unit_id)),
        "days": (row.ends - row.starts).days + 1,
        "words": row.words if decides or row.person_id == user.pk else "",
        "problem": problem,
        "moved": moved,
        "may_decide": row.state == LeaveState.ASKED and decides,
        "may_cancel": standing and user.has_perm("leave.cancel", row),
        "left": leave.confidential_left(row) if decides and row.state == LeaveState.APPROVED else 0,
        "wrong": problem.fields if problem else {},
        "post": request.POST if problem else {},
    }
    return render(request, "management/leave.html", context, status=problem.status if problem else 200)


@answering
@require_POST
def leave_act(request: AuthenticatedRequest, leave_id: UUID, verb: str) -> HttpResponse:
    """approve, refuse, cancel."""
    user = request.user
    if verb not in ("approve", "refuse", "cancel"):
        raise NotFound(_("没有这项操作。"))
    leave.find(user, leave_id)
    try:
        if verb == "cancel":
            leave.cancel(user, leave_id)
            messages.success(request, _("已取消；还没到期的待办转回本人。"))
        else:
            leave.decide(user, leave_id, approved=verb == "approve", remark=request.POST.get("remark", ""))
            messages.success(request, _("已批准。") if verb == "approve" else _("已答复不同意。"))
    except (Invalid, Conflict) as e:
        return _show_leave(request, leave_id, e)
    return redirect("management:leave", leave_id)
