"""The pages of the drawn sample: what waits, one call, its result (2.4.2)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linbao.audit import services as audit
from linbao.core.inputs import posted
from linbao.core.problems import Conflict, Invalid, NotAllowed, Problem
from linbao.handling.call_backs import services as call_backs
from linbao.handling.call_backs.inputs import RecordCallBack
from linbao.handling.call_backs.services import CALLERS, pending, visible_to
from linbao.handling.informing import residents
from linbao.handling.inputs import ShowNumber
from linbao.handling.models import CallBack, Evaluation
from linbao.items import parties
from linbao.items.catalogue.catalogue import catalogue
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The drawn sample: open ones first, then the results; one's own items are shown but not called."""
    user = request.user
    mine = user.rights.communities(*CALLERS)
    if not mine:
        raise NotAllowed
    rows = visible_to(user).select_related("item", "item__reporter", "item__handler", "caller")
    waiting = list(rows.filter(done_at__isnull=True).order_by("drawn_at", "id")[:100])
    done = list(rows.filter(done_at__isnull=False).order_by("-done_at", "-id")[:50])
    context = {
        "waiting": [(r, user.has_perm("call_back.record", r)) for r in waiting],
        "done": done,
        "share": [(tree().get(c), tree().setting(c, "call_back_share")) for c in sorted(mine, key=str)],
    }
    return render(request, "handling/callbacks.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def call(request: AuthenticatedRequest, call_back_id: UUID) -> HttpResponse:
    """Call the resident of one drawn item and record what they say."""
    user = request.user
    row = pending(user, call_back_id)
    problem: Problem | None = None
    revealed = None
    if request.method == "POST" and "party" in request.POST:
        revealed = _reveal_for_call(request, row)
    elif request.method == "POST":
        try:
            call_backs.record_call_back(user, call_back_id, posted(RecordCallBack, request.POST))
        except (Invalid, Conflict) as e:
            problem = e
            row.refresh_from_db()
        else:
            messages.success(request, _("回访已记录。"))
            return redirect("handling:callbacks")
    judged = Evaluation.objects.filter(item=row.item).order_by("-round").first()
    context = {
        "row": row,
        "item": row.item,
        "may": user.has_perm("call_back.record", row) and row.done_at is None,
        "people": parties.masked(residents(row.item), revealed),
        "evaluation": judged,
        "subcategory": catalogue().name(row.item.subcategory),
        "problem": problem,
        "messages_of": problem.sentences if problem else [],
        "post": request.POST if problem else None,
    }
    response = render(request, "handling/callback.html", context, status=problem.status if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


def _reveal_for_call(request: AuthenticatedRequest, row: CallBack) -> UUID | None:
    """One resident's number for the person who calls back, on the audit log."""
    party = posted(ShowNumber, request.POST).party
    if not request.user.has_perm("call_back.record", row) or party not in {p.pk for p in residents(row.item)}:
        raise NotAllowed
    audit.record(
        request.user,
        "party.reveal",
        row.item,
        unit_id=row.community_id,
        reason=_("回访抽查（2.4.2）"),
        address=request.META.get("REMOTE_ADDR"),
        party=str(party),
    )
    return party
