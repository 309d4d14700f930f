"""One person's appraisal: figures that open to their evidence, result, objection, calibration (5.2.1, 5.2.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.appraisal import evidence, grading, letters, metrics, names
from linbao.appraisal.inputs import ASPECTS, Calibrate, DecideObjection, Object
from linbao.appraisal.models import Appraisal, Grade, Objection, Proposal, ProposalState, Rating, RatingKind
from linbao.appraisal.states import CYCLE
from linbao.appraisal.views import trend
from linbao.core import clock
from linbao.core.inputs import posted
from linbao.core.problems import Conflict, Invalid, NotFound, Problem
from linbao.documents.download import hand_out
from linbao.organisation.models import Role
from linbao.organisation.requests import AuthenticatedRequest


@login_required
@require_GET
def person(request: AuthenticatedRequest, appraisal_id: UUID) -> HttpResponse:
    """The figures at any time, the result once it is published; what peers wrote without their names."""
    return _person(request, appraisal_id)


def _person(
    request: AuthenticatedRequest, appraisal_id: UUID, problem: Problem | None = None, at: str = ""
) -> HttpResponse:
    user = request.user
    row = grading.get(user, appraisal_id)
    manager, own = user.rights.on(row.cycle.unit_id, Role.MANAGER), row.person_id == user.pk
    visible = manager or (own and row.published)
    objection = Objection.objects.filter(appraisal=row).select_related("decided_by", "decider").first()
    context = {
        "row": row,
        "cycle": row.cycle,
        "own": own,
        "manager": manager,
        "visible": visible,
        "figures": figures_of(row),
        "parts": _parts(row) if visible else [],
        "absences": names.absences(row.absences),
        "radar": _radar(row),
        "trend": trend(grading.halves_of(row.person_id)) if own or manager else None,
        "ratings": _ratings(row, own=own) if visible else [],
        "objection": objection if own or manager else None,
        "may_object": own and objection is None and _objecting(row),
        "letter": letters.document(row) if visible else None,
        "may_calibrate": CYCLE.allows(row.cycle, "calibrate") and user.has_perm("appraisal.calibrate", row),
        "changes": list(row.changes.select_related("by")) if manager else [],
        "grades": Grade.choices,
        "proposals": list(Proposal.objects.filter(appraisal=row).exclude(state=ProposalState.WITHDRAWN))
        if manager
        else [],
        "problem": problem,
        "refusals": problem.sentences if problem else [],
        "errors": problem.fields if problem else {},
        "at": at,
        "post": request.POST if problem else {},
        "rules": row.cycle.rules,
    }
    response = render(request, "appraisal/person.html", context, status=problem.status if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


def _objecting(row: Appraisal) -> bool:
    due = row.cycle.objection_due
    return CYCLE.allows(row.cycle, "object") and due is not None and due >= clock.now()


def figures_of(row: Appraisal) -> list[dict[str, Any]]:
    """The figures of an appraisal with their names, weights and evidence pages."""
    return [
        {
            "code": m,
            "name": names.METRICS[m],
            "means": names.MEANS[m],
            "weight": row.cycle.rules["metrics"][m],
            "score": result.get("score"),
            "small": result.get("small", False),
            "n": result.get("n", 0),
            "lines": names.lines(result),
            "url": reverse("appraisal:evidence", args=[row.pk, m]),
        }
        for m in metrics.METRICS
        for result in [row.figures.get(m, {})]
    ]


def _parts(row: Appraisal) -> list[dict[str, Any]]:
    """The four parts with the weights that they have by the rules and, where one is left out, in fact."""
    scores = {p: getattr(row, f"{p}_score") for p in metrics.PARTS}
    values = {p: None if s is None else float(s) for p, s in scores.items()}
    _total, weights = metrics.shared(values, row.cycle.rules["parts"])
    return [
        {
            "name": names.PARTS[p],
            "score": scores[p],
            "weight": row.cycle.rules["parts"][p],
            "in_fact": round(weights.get(p, 0), 1),
        }
        for p in metrics.PARTS
    ]


def _radar(row: Appraisal) -> dict[str, Any]:
    """The figures that there are: what is left out has no corner, since 0 would be said of nothing."""
    scores = {m: row.figures.get(m, {}).get("score") for m in metrics.METRICS}
    there = [m for m in metrics.METRICS if scores[m] is not None]
    return {
        "labels": [names.METRICS[m] for m in there],
        "series": [{"name": row.cycle.name, "values": [scores[m] for m in there]}],
    }


def _ratings(row: Appraisal, *, own: bool) -> list[dict[str, Any]]:
    """The answers that were given. A peer's name is never read for this page, and their order tells nothing."""
    rows = Rating.objects.filter(appraisal=row, submitted_at__isnull=False).only(
        "id", "kind", "marks", "score", "evidence", "remark", "appraisal_id"
    )
    matches = sorted(rows, key=lambda r: (metrics.PARTS.index(r.kind), str(r.score), str(r.pk)[-12:]))
    return [
        {
            "kind": RatingKind(r.kind).label,
            "score": r.score,
            "evidence": r.evidence or "",
            "remark": r.remark or "",
            "marks": [(ASPECTS[a], m) for a, m in r.marks.items() if a in ASPECTS],
        }
        for r in matches
    ]


@login_required
@require_GET
def behind(request: AuthenticatedRequest, appraisal_id: UUID, metric: str) -> HttpResponse:
    """The items and obligations that a figure was counted from."""
    user = request.user
    row = grading.get(user, appraisal_id)
    if metric not in metrics.METRICS:
        raise NotFound(_("没有这项指标。"))
    both = metric in evidence.OF_ITEMS and metric in evidence.OF_DUTIES
    what = request.GET.get("what", "")
    answered = metric == metrics.FEEDBACK
    if what not in ("items", "duties", *(["answers"] if answered else [])) or not both:
        what = "items" if metric in evidence.OF_ITEMS else "duties"
    read = {"items": evidence.items, "duties": evidence.duties, "answers": evidence.answers}[what]
    page = read(user, row, metric, request.GET.get("cursor", ""))
    figure = next(f for f in figures_of(row) if f["code"] == metric)
    context = {
        "row": row,
        "figure": figure,
        "what": what,
        "both": both,
        "answered": answered,
        "page": page,
        "own": row.person_id == user.pk,
    }
    return render(request, "appraisal/evidence.html", context)


@login_required
@require_POST
def calibrate(request: AuthenticatedRequest, appraisal_id: UUID) -> HttpResponse:
    """Another grade than the suggested, with a reason."""
    user = request.user
    try:
        grading.calibrate(user, appraisal_id, posted(Calibrate, request.POST))
    except (Invalid, Conflict) as e:
        return _person(request, appraisal_id, e, "calibrate")
    messages.success(request, _("等次已审定，前后均已记录。"))
    return redirect("appraisal:person", appraisal_id)


@login_required
@require_POST
def object_(request: AuthenticatedRequest, appraisal_id: UUID) -> HttpResponse:
    """Object to one's own result."""
    user = request.user
    try:
        made = grading.object_(user, appraisal_id, posted(Object, request.POST))
    except (Invalid, Conflict) as e:
        return _person(request, appraisal_id, e, "object")
    if made.decider_id is None:
        messages.warning(request, _("申诉已收到，但目前没有可以答复的人；已提醒上级和管理员指定，不会自动作出决定。"))
    else:
        messages.success(request, _("申诉已提出，将由未参与评定的负责人答复。"))
    return redirect("appraisal:person", appraisal_id)


@login_required
@require_http_methods(["GET", "POST"])
def objection(request: AuthenticatedRequest, objection_id: UUID) -> HttpResponse:
    """Read and answer an objection; the one who made it is led to their own page."""
    user = request.user
    row = grading.objection_of(user, objection_id)
    if row.appraisal.person_id == user.pk and request.method == "GET":
        return redirect("appraisal:person", row.appraisal_id)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            grading.decide(user, row.pk, posted(DecideObjection, request.POST))
            messages.success(request, _("已答复，本人会收到通知。"))
            return redirect("appraisal:objection", row.pk)
        except (Invalid, Conflict) as e:
            problem = e
            row.refresh_from_db()
    context = {
        "row": row,
        "appraisal": row.appraisal,
        "may": row.decided_at is None and user.has_perm("appraisal.decide", row),
        "grades": Grade.choices,
        "problem": problem,
        "refusals": problem.sentences if problem else [],
        "errors": problem.fields if problem else {},
        "post": request.POST if problem else {},
    }
    response = render(request, "appraisal/objection.html", context, status=problem.status if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_GET
def letter(request: AuthenticatedRequest, appraisal_id: UUID, form: str) -> HttpResponse:
    """The letter with the result, for its person and the managers."""
    user = request.user
    row = grading.get(user, appraisal_id)
    if not (row.person_id == user.pk or user.rights.on(row.cycle.unit_id, Role.MANAGER)):
        raise NotFound(_("没有这份文件。"))
    return hand_out(user, letters.document(row), f"appraisal-{row.cycle.half:%Y%m}", form=form)
