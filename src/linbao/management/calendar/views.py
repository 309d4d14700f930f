"""The calendar and leave on screen (5.3.1)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, Problem
from linbao.duties.kinds import KINDS
from linbao.duties.models import LeaveState, Obligation
from linbao.management import leave, listing, people
from linbao.management.calendar import services as schedule
from linbao.management.forms import LeaveForm
from linbao.management.inputs import AskLeave, DecideLeave
from linbao.management.presentation import Verb, listed, perform, refusal
from linbao.organisation.models import User
from linbao.organisation.people import name_of
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree


@login_required
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
        "error": error,
        "view": "list" if request.GET.get("view") == "list" else "month",
        "before": (month - timedelta(days=1)).replace(day=1),
        "after": (month + timedelta(days=32)).replace(day=1),
        "this": today.replace(day=1),
    }
    return render(request, "management/calendar.html", context, status=422 if error else 200)


@login_required
@require_GET
def ics(request: AuthenticatedRequest) -> HttpResponse:
    """The coming three months for a phone's calendar, without anything personal."""
    made = HttpResponse(schedule.ics(request.user), content_type="text/calendar; charset=utf-8")
    made["Content-Disposition"], made["Cache-Control"] = 'attachment; filename="linbao.ics"', "private, no-store"
    return made


# --- leave --------------------------------------------------------------------------------------------


@login_required
@require_GET
def leaves(request: AuthenticatedRequest) -> HttpResponse:
    """My leave, what waits for my decision, my colleagues' leave."""
    return listed(request, listing.LEAVES, "management/leaves.html")


@login_required
@require_GET
def leave_export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The list of leave as XLSX or CSV; on the audit log."""
    return listing.LEAVES.export(request)


@login_required
@require_http_methods(["GET", "POST"])
def leave_new(request: AuthenticatedRequest) -> HttpResponse:
    """Ask for leave."""
    user = request.user
    allow(user, "leave.ask")
    form = LeaveForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            row = leave.ask(user, posted(AskLeave, request.POST))
            messages.success(request, _("申请已提交，等待审批。"))
            return redirect("management:leave", row.pk)
        except Invalid as e:
            set_errors(form, e)
    return render(request, "management/leave_form.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_GET
def one_leave(request: AuthenticatedRequest, leave_id: UUID) -> HttpResponse:
    """One application: when, who stands in, what moved, and deciding on it."""
    return _show_leave(request, leave_id)


def _show_leave(
    request: AuthenticatedRequest, subject_id: UUID, *, problem: Problem | None = None, verb: str = ""
) -> HttpResponse:
    user = request.user
    row = leave.find(user, subject_id)
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
        "note": row.note if decides or row.person_id == user.pk else "",
        "moved": moved,
        "may_decide": row.state == LeaveState.ASKED and decides,
        "may_cancel": standing and user.has_perm("leave.cancel", row),
        "left": leave.confidential_left(row) if decides and row.state == LeaveState.APPROVED else 0,
    } | refusal(request, problem, verb)
    return render(request, "management/leave.html", context, status=problem.status if problem else 200)


def _approve(request: AuthenticatedRequest, user: User, leave_id: UUID) -> str:
    leave.decide(user, leave_id, posted(DecideLeave, request.POST, approved=True))
    return _("已批准。")


def _refuse(request: AuthenticatedRequest, user: User, leave_id: UUID) -> str:
    leave.decide(user, leave_id, posted(DecideLeave, request.POST, approved=False))
    return _("已答复不同意。")


def _cancel(request: AuthenticatedRequest, user: User, leave_id: UUID) -> str:
    leave.cancel(user, leave_id)
    return _("已取消；还没到期的待办转回本人。")


VERBS: dict[str, Verb] = {"approve": _approve, "refuse": _refuse, "cancel": _cancel}


@login_required
@require_POST
def leave_act(request: AuthenticatedRequest, leave_id: UUID, verb: str) -> HttpResponse:
    """Do one thing (`VERBS`) and come back; what was typed stays where it cannot be taken."""
    return perform(request, leave_id, verb, verbs=VERBS, find=leave.find, show=_show_leave, page="management:leave")
