"""Roles that wait for a security officer's confirmation (三员分立, 6.1.1)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linbao.accounts.models import ProposalState, RoleProposal
from linbao.accounts.proposals import services as proposals
from linbao.core.listing import Cursor
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.organisation import people
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.platform.protection.reauthentication import dangerous, require_proof

PAGE = 50


@require_GET
@login_required
def index(request: AuthenticatedRequest) -> HttpResponse:
    """What waits, and what was decided; the newest first. Two statements."""
    return _page(request)


@dangerous("role.confirm")
@require_POST
@login_required
def confirm(request: AuthenticatedRequest, proposal_id: UUID) -> HttpResponseBase:
    """Put the role in force."""
    user = request.user
    allow(user, "grant.confirm", tree().get(_seen(user, proposal_id).unit_id))
    require_proof(request)
    try:
        proposals.confirm(user, proposal_id)
        messages.success(request, _("已确认，角色已生效。"))
    except (Conflict, Invalid) as e:
        messages.error(request, "；".join(m for message in e.fields.values() for m in message) or e.message)
    return redirect("accounts:proposals")


@require_POST
@login_required
def refuse(request: AuthenticatedRequest, proposal_id: UUID) -> HttpResponse:
    """Refuse it, with the reason."""
    user = request.user
    allow(user, "grant.confirm", tree().get(_seen(user, proposal_id).unit_id))
    reason = request.POST.get("reason", "")
    try:
        proposals.refuse(user, proposal_id, reason)
        messages.success(request, _("已告知提出人。"))
    except Invalid as e:
        return _page(request, errors={str(proposal_id): (reason[:400], e.fields.get("reason", [e.message])[0])})
    except Conflict as e:
        messages.error(request, e.message)
    return redirect("accounts:proposals")


@require_POST
@login_required
def withdraw(request: AuthenticatedRequest, proposal_id: UUID) -> HttpResponse:
    """The administrator takes it back."""
    user = request.user
    _seen(user, proposal_id)
    try:
        proposals.withdraw(user, proposal_id)
        messages.success(request, _("已撤回。"))
    except Conflict as e:
        messages.error(request, e.message)
    return redirect("accounts:proposals")


def _seen(user: User, proposal_id: UUID) -> RoleProposal:
    allow(user, "grants.weigh")
    row = RoleProposal.objects.visible_to(user).filter(pk=proposal_id).first()
    if row is None:
        raise NotFound(_("没有这项申请。"))
    return row


def _page(request: AuthenticatedRequest, errors: dict[str, tuple[str, str]] | None = None) -> HttpResponse:
    user = request.user
    allow(user, "grants.weigh")
    rows = RoleProposal.objects.visible_to(user).select_related("user", "proposed_by", "decided_by")
    waiting = list(rows.waiting().order_by("proposed_at")[:200])
    bad, following = "", None
    decided: list[RoleProposal] = []
    try:
        done = rows.exclude(state=ProposalState.WAITING)
        decided, following = Cursor("proposed_at").page(done, request.GET.get("cursor", ""), PAGE)
    except Invalid as e:
        bad = e.message
    known = tree()
    context = {
        "waiting": [
            {
                "row": r,
                "unit": people.name_of(known.get(r.unit_id)),
                "may_confirm": user.has_perm("grant.confirm", known.get(r.unit_id))
                and user.pk not in (r.user_id, r.proposed_by_id),
                "may_withdraw": user.has_perm("unit.manage", known.get(r.unit_id)),
                "given": (errors or {}).get(str(r.pk), ("", ""))[0],
                "wrong": (errors or {}).get(str(r.pk), ("", ""))[1],
            }
            for r in waiting
        ],
        "decided": [{"row": r, "unit": people.name_of(known.get(r.unit_id))} for r in decided],
        "next": following,
        "bad": bad,
    }
    return render(request, "accounts/proposals.html", context, status=422 if errors or bad else 200)
