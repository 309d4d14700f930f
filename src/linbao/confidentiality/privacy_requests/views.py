"""Residents' requests about their own data: the public form, and the department's way to the answer (1.3.4)."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linbao.audit import services as audit
from linbao.confidentiality.access_monitoring import presentation
from linbao.confidentiality.models import PrivacyRequest, RequestChannel, RequestKind, RequestState
from linbao.confidentiality.privacy_requests import services as privacy
from linbao.confidentiality.privacy_requests.inputs import (
    Countersign,
    DecideRequest,
    EnterRequest,
    FileRequest,
    Identify,
)
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound, Problem
from linbao.documents.download import hand_out
from linbao.organisation.models import UnitKind
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.platform.models import count

MOST_A_DAY = 20  # public requests from one address


@require_http_methods(["GET", "POST"])
def public(request: HttpRequest, code: str) -> HttpResponse:
    """For residents, by the community's code: ask to see, correct or delete one's own data. No account."""
    unit = tree().by_code.get(code)
    if unit is None or unit.kind != UnitKind.COMMUNITY or not unit.active:
        raise Http404
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _not_too_often(request)
            row = privacy.receive(unit, posted(FileRequest, request.POST))
        except Invalid as e:
            problem = e
        else:
            return render(request, "confidentiality/public_done.html", {"row": row, "unit": unit})
    context = {
        "unit": unit,
        "kinds": RequestKind.choices,
        "post": request.POST,
        "errors": presentation.error_messages(problem),
        "days": privacy.ANSWER_WITHIN,
    }
    return render(request, "confidentiality/public.html", context, status=problem.status if problem else 200)


def _not_too_often(request: HttpRequest) -> None:
    if count(f"privacy:{request.META.get('REMOTE_ADDR', '')}", 86400) > MOST_A_DAY:
        raise Invalid(_("今天从这里提交的请求过多，请明天再试，或到社区办理。"))


LISTING = Listing(
    name="privacy-requests",
    title=lazy("个人信息请求"),
    permission="privacy.view",
    action="list.export",
    url="confidentiality:requests",
    size=30,
    rows=lambda user, values: PrivacyRequest.objects.visible_to(user).select_related("unit"),
    filters=(
        Choice("state", lazy("状态"), "state", every=lazy("全部状态"), options=RequestState.choices),
        Choice("kind", lazy("请求"), "kind", every=lazy("全部请求"), options=RequestKind.choices),
    ),
    columns=(
        Column("receipt", lazy("受理号"), lambda r: r.receipt, 20),
        Column("kind", lazy("请求"), lambda r: r.get_kind_display(), 16),
        Column("unit", lazy("单位"), lambda r: r.unit.name, 20),
        Column("channel", lazy("渠道"), lambda r: r.get_channel_display(), 12),
        Column("received", lazy("收到时间"), lambda r: r.received_at, 18, sort="received_at"),
        Column("due", lazy("答复期限"), lambda r: r.due_at, 18, sort="due_at"),
        Column("state", lazy("状态"), lambda r: r.get_state_display(), 12),
    ),
    sort="-received",
)


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponseBase:
    """Requests, newest first; without names. `?format=` exports them."""
    user = request.user
    if request.GET.get("format"):
        return LISTING.export(request)
    page = LISTING.page(request)
    homes = [u for u in (tree().get(c) for c in user.rights.communities(*privacy_roles())) if u is not None]
    context = {
        "tabs": presentation.tabs(request),
        "page": page,
        "may_enter": user.has_perm("privacy.enter"),
        "links": [
            (u.name, settings.BASE_URL + reverse("confidentiality:public", args=[u.code]))
            for u in sorted(homes, key=lambda u: u.code)[:5]
        ],
    }
    return render(request, "confidentiality/requests.html", context, status=page.status)


def privacy_roles() -> tuple[str, ...]:
    """The roles that deal with requests."""
    return ("reviewer", "manager", "security_officer")


@login_required
@require_http_methods(["GET", "POST"])
def enter(request: AuthenticatedRequest) -> HttpResponse:
    """Enter a request for a resident who came, called or wrote."""
    user = request.user
    allow(user, "privacy.enter")
    units = [u for u in presentation.units_of(user, "reviewer", "manager") if u.kind == UnitKind.COMMUNITY]
    problem: Problem | None = None
    if request.method == "POST":
        unit = presentation.unit_among(request, units)
        try:
            if unit is None:
                raise NotFound(_("您没有可以登记的社区。"))
            row = privacy.enter(user, unit, posted(EnterRequest, request.POST))
        except Invalid as e:
            problem = e
        else:
            messages.success(request, _("已登记，回执编号 %(receipt)s。") % {"receipt": row.receipt})
            return redirect("confidentiality:request", row.pk)
    context = {
        "tabs": presentation.tabs(request),
        "units": units[:200],
        "kinds": RequestKind.choices,
        "channels": [c for c in RequestChannel.choices if c[0] != RequestChannel.LINK],
        "post": request.POST,
        "errors": presentation.error_messages(problem),
    }
    return render(request, "confidentiality/request_new.html", context, status=problem.status if problem else 200)


@login_required
@require_http_methods(["GET", "POST"])
def detail(request: AuthenticatedRequest, request_id: UUID) -> HttpResponse:
    """One request and its next step."""
    user = request.user
    row = privacy.get(user, request_id)
    problem: Problem | None = None
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do == "identify":
                privacy.identify(user, row.pk, posted(Identify, request.POST))
            elif do == "decide":
                privacy.decide(user, row.pk, posted(DecideRequest, request.POST))
            elif do in ("agree", "return"):
                privacy.countersign(user, row.pk, posted(Countersign, request.POST, agree=do == "agree"))
            else:
                raise Invalid(_("请选择要办理的操作。"))
        except (Invalid, Conflict) as e:
            problem = e
            row = privacy.get(user, request_id)
        else:
            messages.success(request, _("已保存。"))
            return redirect("confidentiality:request", row.pk)
    decides = user.has_perm("privacy.decide", row)
    enters = user.has_perm("privacy.enter", row.unit)
    matching = decides and row.state in (RequestState.IDENTIFIED, RequestState.DECIDED)
    if enters and request.method == "GET":
        audit.record(user, "privacy.see", row, unit_id=row.unit_id)
    context = {
        "row": row,
        "enters": enters,
        "matches": privacy.matches(user, row) if matching else [],
        "may_identify": enters and row.state == RequestState.RECEIVED,
        "may_decide": decides and row.state == RequestState.IDENTIFIED,
        "may_agree": row.state == RequestState.DECIDED and user.has_perm("privacy.agree", row),
        "errors": presentation.error_messages(problem),
        "post": request.POST,
        "ticked": set(request.POST.getlist("parties")),
    }
    response = render(request, "confidentiality/request.html", context, status=problem.status if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_GET
def answer(request: AuthenticatedRequest, request_id: UUID) -> HttpResponse:
    """The answer as a sealed PDF, for the resident; for those who may enter and decide."""
    user = request.user
    row = privacy.get(user, request_id)
    allow(user, "privacy.enter", row.unit)
    if row.state != RequestState.ANSWERED or not row.answer:
        raise Conflict(_("还没有答复。"))
    return hand_out(user, privacy.document(row), f"answer-{row.receipt}")
