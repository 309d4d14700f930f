"""Roles that wait for a security officer's confirmation (三员分立, 6.1.1)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from linbao.accounts.inputs import RefuseProposal
from linbao.accounts.models import ProposalState, RoleProposal
from linbao.accounts.proposals import services as proposals
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Search, contains
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.organisation import people
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.platform.protection.reauthentication import dangerous, require_proof

DECIDED = Listing(
    name="role-proposals",
    title=lazy("角色申请"),
    permission="grants.weigh",
    action="list.export",
    url="accounts:proposals",
    rows=lambda user, values: (
        RoleProposal.objects.visible_to(user)
        .exclude(state=ProposalState.WAITING)
        .select_related("user", "proposed_by", "decided_by")
    ),
    filters=(
        Search("q", lazy("姓名或用户名"), contains("user__name", "user__username")),
        Choice("role", lazy("角色"), "role", every=lazy("全部角色"), options=Role.choices),
        Choice(
            "state",
            lazy("状态"),
            "state",
            every=lazy("全部状态"),
            options=[c for c in ProposalState.choices if c[0] != ProposalState.WAITING],
        ),
    ),
    columns=(
        Column("user", lazy("姓名"), lambda r: r.user.name, 12),
        Column("role", lazy("角色"), lambda r: r.get_role_display(), 14),
        Column("unit", lazy("单位"), lambda r: people.name_of(tree().get(r.unit_id)), 24),
        Column("proposed_by", lazy("提出人"), lambda r: r.proposed_by.name, 12),
        Column("proposed", lazy("提出时间"), lambda r: r.proposed_at, 18, sort="proposed_at"),
        Column("decided_by", lazy("决定人"), lambda r: r.decided_by.name if r.decided_by else "", 12),
        Column("decided", lazy("决定时间"), lambda r: r.decided_at, 18),
        Column("state", lazy("状态"), lambda r: r.get_state_display(), 12),
        Column("reason", lazy("理由"), lambda r: r.reason, 30),
    ),
    sort="-proposed",
)


@require_GET
@login_required
def index(request: AuthenticatedRequest) -> HttpResponseBase:
    """What waits, and what was decided; the newest first. Two statements. `?format=` exports what was decided."""
    if request.GET.get("format"):
        return DECIDED.export(request)
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
        messages.error(request, e.text)
    return redirect("accounts:proposals")


@require_POST
@login_required
def refuse(request: AuthenticatedRequest, proposal_id: UUID) -> HttpResponse:
    """Refuse it, with the reason."""
    user = request.user
    allow(user, "grant.confirm", tree().get(_seen(user, proposal_id).unit_id))
    try:
        proposals.refuse(user, proposal_id, posted(RefuseProposal, request.POST))
        messages.success(request, _("已告知提出人。"))
    except Invalid as e:
        return _page(request, refused=(proposal_id, e))
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


def _page(request: AuthenticatedRequest, refused: tuple[UUID, Invalid] | None = None) -> HttpResponse:
    refused_id, problem = refused or (None, None)
    errors = problem.fields.get("reason", [problem.message]) if problem else []
    user = request.user
    allow(user, "grants.weigh")
    rows = RoleProposal.objects.visible_to(user).select_related("user", "proposed_by", "decided_by")
    waiting = list(rows.waiting().order_by("proposed_at")[:200])
    page = DECIDED.page(request)
    known = tree()
    context = {
        "waiting": [
            {
                "row": r,
                "unit": people.name_of(known.get(r.unit_id)),
                "may_confirm": user.has_perm("grant.confirm", known.get(r.unit_id))
                and user.pk not in (r.user_id, r.proposed_by_id),
                "may_withdraw": user.has_perm("unit.manage", known.get(r.unit_id)),
                "errors": errors if r.pk == refused_id else [],
            }
            for r in waiting
        ],
        "page": page,
        "post": request.POST if refused else {},
    }
    return render(request, "accounts/proposals.html", context, status=422 if refused else page.status)
