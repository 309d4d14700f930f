"""One's own ratings and results; for managers the cycles, their calibration and publication (5.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.appraisal import cycles, listing, metrics, names
from linbao.appraisal import proposals as proposals_
from linbao.appraisal.inputs import DecideProposal, OpenCycle, ReopenCycle
from linbao.appraisal.models import (
    GRADES,
    Appraisal,
    Cycle,
    CycleState,
    Objection,
    Proposal,
    ProposalState,
    Rating,
    half_name,
)
from linbao.appraisal.rating.services import ends_at, is_open
from linbao.appraisal.states import PROPOSAL
from linbao.core import clock
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound, Problem
from linbao.documents.seals import services as seals
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponseBase:
    """The user's open ratings and results, and the cycles that they manage; a constant number of statements.
    `?format=` exports the cycles."""
    if request.GET.get("format"):
        allow(request.user, "appraisal.manage")
        return listing.CYCLES.export(request)
    return _index(request)


def _index(request: AuthenticatedRequest, problem: Problem | None = None) -> HttpResponse:
    user = request.user
    ratings = list(
        Rating.objects.filter(rater=user, appraisal__cycle__state=CycleState.OPEN)
        .select_related("appraisal__cycle", "appraisal__group")
        .order_by("kind", "appraisal__name")[:200]
    )
    own = list(
        Appraisal.objects.filter(person=user)
        .exclude(cycle__state=CycleState.SUPERSEDED)
        .select_related("cycle__unit")
        .order_by("-cycle__half", "-id")[:20]
    )
    manager = user.rights.has(Role.MANAGER)
    context: dict[str, Any] = {
        "ratings": [
            {"row": r, "open": is_open(r, r.appraisal.cycle), "ends": ends_at(r, r.appraisal.cycle)} for r in ratings
        ],
        "own": own,
        "manager": manager,
        "problem": problem,
        "refusals": problem.sentences if problem else [],
        "post": request.POST if problem else {},
        "trend": trend([a for a in reversed(own) if a.published]),
    }
    if manager:
        context |= _managed(request, user)
    status = problem.status if problem else context["page"].status if manager else 200
    return render(request, "appraisal/index.html", context, status=status)


def _managed(request: AuthenticatedRequest, user: User) -> dict[str, Any]:
    units = listing.communities(user)
    objections = Objection.objects.filter(
        decided_at__isnull=True, appraisal__cycle__unit__in_array=[u.pk for u in units]
    )
    return {
        "page": listing.CYCLES.page(request),
        "units": units,
        "halves": [(h.isoformat(), half_name(h)) for h in cycles.offered(clock.today())],
        "objections": list(objections.select_related("appraisal__cycle", "decider").order_by("due_at")[:50]),
    }


def trend(rows: list[Appraisal]) -> dict[str, Any] | None:
    """Total and figures over the half-years, for the picture and its table; None for fewer than two."""
    if len(rows) < 2:
        return None
    series = [{"name": _("综合得分"), "values": [float(a.total) if a.total is not None else None for a in rows]}]
    series += [
        {"name": str(names.METRICS[m]), "values": [a.figures.get(m, {}).get("score") for a in rows]}
        for m in metrics.METRICS
    ]
    return {"labels": [a.cycle.name for a in rows], "series": series}


@login_required
@require_POST
def open_(request: AuthenticatedRequest) -> HttpResponse:
    """Begin the appraisal of one's community for a half-year."""
    user = request.user
    allow(user, "appraisal.manage")
    try:
        data = posted(OpenCycle, request.POST)
        if tree().get(data.unit) is not None and not user.rights.on(data.unit, Role.MANAGER):
            raise NotFound(_("没有这个单位。"))
        cycle = cycles.open_(user, data)
    except (Invalid, Conflict) as e:
        return _index(request, e)
    messages.success(request, _("考核已开始，参加的人都已收到通知。"))
    return redirect("appraisal:cycle", cycle.pk)


@login_required
@require_GET
def cycle(request: AuthenticatedRequest, cycle_id: UUID) -> HttpResponse:
    """The manager's view of one cycle; others who take part are led to what is theirs."""
    user = request.user
    if not Cycle.objects.visible_to(user).filter(pk=cycle_id).exists():
        own = Appraisal.objects.filter(cycle=cycle_id, person=user).select_related("cycle").first()
        if own is not None and own.published:
            return redirect("appraisal:person", own.pk)
        if own is not None or Rating.objects.filter(appraisal__cycle=cycle_id, rater=user).exists():
            return redirect("appraisal:list")
    return _cycle(request, cycles.get(user, cycle_id))


def _cycle(request: AuthenticatedRequest, row: Cycle, problem: Problem | None = None) -> HttpResponse:
    page = listing.PEOPLE.page(request, listing.of_cycle(row))
    groups = sorted(tree().children(row.unit_id, "work_group"), key=lambda u: u.code)
    page.offers["group"] = [(str(u.pk), u.name) for u in groups]
    spread = listing.distribution(row)
    proposals = Proposal.objects.filter(appraisal__cycle=row, state=ProposalState.PROPOSED).select_related("appraisal")
    open_ = row.state == CycleState.OPEN
    context = {
        "seal": seals.of_unit(request.user, row.unit_id) if open_ else None,
        "cycle": row,
        "page": page,
        "phases": listing.progress(row),
        "spread": spread,
        "waiting": cycles.waiting(row) if row.state == CycleState.OPEN else {},
        "proposals": list(proposals.order_by("kind", "appraisal__name")[:100]),
        "problem": problem,
        "refusals": problem.sentences if problem else [],
        "post": request.POST if problem else {},
        "too_many": spread["excellent"] > spread["most"],
        "now": clock.now(),
        "following": Cycle.objects.filter(previous=row).first(),
        "all_grades": GRADES,
    }
    status = problem.status if problem else page.status
    return render(request, "appraisal/cycle.html", context, status=status)


def _act(request: AuthenticatedRequest, cycle_id: UUID, verb: Callable[[User], Cycle], message: str) -> HttpResponse:
    user = request.user
    row = cycles.get(user, cycle_id)
    try:
        done = verb(user)
    except (Invalid, Conflict) as e:
        row.refresh_from_db()
        return _cycle(request, row, e)
    messages.success(request, message)
    return redirect("appraisal:cycle", done.pk)


@login_required
@require_POST
def recount(request: AuthenticatedRequest, cycle_id: UUID) -> HttpResponse:
    """Read the facts anew."""
    return _act(request, cycle_id, lambda user: cycles.recalculate(user, cycle_id), _("已按现有事实重新统计。"))


@login_required
@require_POST
def publish(request: AuthenticatedRequest, cycle_id: UUID) -> HttpResponse:
    """Tell everybody their result."""
    return _act(request, cycle_id, lambda user: cycles.publish(user, cycle_id), _("结果已告知本人，告知书正在生成。"))


@login_required
@require_POST
def reopen(request: AuthenticatedRequest, cycle_id: UUID) -> HttpResponse:
    """Do a published cycle again, with a reason."""

    def verb(user: User) -> Cycle:
        return cycles.reopen(user, cycle_id, posted(ReopenCycle, request.POST))

    return _act(request, cycle_id, verb, _("已开始重新考核，原结果保留备查。"))


@login_required
@require_GET
def export(request: AuthenticatedRequest, cycle_id: UUID) -> HttpResponseBase:
    """The list of people as XLSX or CSV; on the audit log."""
    user = request.user
    row = cycles.get(user, cycle_id)
    return listing.PEOPLE.export(request, listing.of_cycle(row), subject=row, unit_id=row.unit_id)


@login_required
@require_http_methods(["GET", "POST"])
def proposal(request: AuthenticatedRequest, proposal_id: UUID) -> HttpResponse:
    """Accept or decline what a result suggests (5.2.3)."""
    user = request.user
    led = user.rights.communities(Role.MANAGER)
    row = (
        Proposal.objects.filter(pk=proposal_id, appraisal__cycle__unit__in_array=led)
        .select_related("appraisal__cycle__unit", "appraisal__group", "decided_by")
        .first()
    )
    if row is None:
        raise NotFound(_("没有这项建议。"))
    problem: Problem | None = None
    if request.method == "POST":
        try:
            proposals_.decide_proposal(user, row.pk, posted(DecideProposal, request.POST))
            messages.success(request, _("已记录决定。"))
            return redirect("appraisal:cycle", row.appraisal.cycle_id)
        except (Invalid, Conflict) as e:
            problem = e
    context = {
        "row": row,
        "may": PROPOSAL.may(user, "accept", row),
        "problem": problem,
        "refusals": problem.sentences if problem else [],
        "errors": problem.fields if problem else {},
        "post": request.POST if problem else {},
        "metric": names.METRICS.get(row.metric, ""),
    }
    return render(request, "appraisal/proposal.html", context, status=problem.status if problem else 200)
