"""The register of what was given out, asking for it, deciding, and the one copy (6.2.2)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linbao.archive.filters import Filters
from linbao.confidentiality.access_monitoring import presentation
from linbao.confidentiality.disclosures import services as disclosures
from linbao.confidentiality.disclosures.inputs import AskDisclosure, DecideDisclosure
from linbao.confidentiality.models import Disclosure, DisclosureState, Form
from linbao.core import clock, exports
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Period, Text
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, Problem
from linbao.items.models import Sensitivity
from linbao.organisation.requests import AuthenticatedRequest
from linbao.platform.protection.reauthentication import dangerous, require_proof


def _approvers(row: Disclosure) -> str:
    return _("、").join(a.by.name for a in row.approvals.all() if a.approved)


LISTING = Listing(
    name="disclosures",
    title=lazy("对外提供登记"),
    permission="disclosure.register",
    action="disclosure.export",
    url="confidentiality:disclosures",
    export_url="confidentiality:disclosures-export",
    size=30,
    rows=lambda user, values: (
        Disclosure.objects.visible_to(user).select_related("unit", "asked_by").prefetch_related("approvals__by")
    ),
    filters=(
        Choice("state", lazy("状态"), "state", every=lazy("全部状态"), options=DisclosureState.choices),
        Text("to", lazy("接收方"), "recipient__icontains"),
        Period("asked_at", lazy("申请时间"), first=1990),
    ),
    columns=(
        Column("number", lazy("编号"), lambda r: r.number, 24),
        Column("state", lazy("状态"), lambda r: r.get_state_display(), 10),
        Column("by", lazy("申请人"), lambda r: r.asked_by.name, 12),
        Column("asked", lazy("申请时间"), lambda r: r.asked_at, 17, sort="asked_at"),
        Column("recipient", lazy("接收方"), lambda r: r.recipient, 24),
        Column("purpose", lazy("用途"), lambda r: r.purpose, 40),
        Column("basis", lazy("法律依据"), lambda r: r.legal_basis, 30),
        Column("form", lazy("形式"), lambda r: r.get_form_display(), 12),
        Column("items", lazy("条目数"), lambda r: len(r.items), 8),
        Column("identified", lazy("含个人信息"), lambda r: r.identified, 12),
        Column("until", lazy("使用期限"), lambda r: r.until, 12, sort="until"),
        Column("produced", lazy("提供时间"), lambda r: r.produced_at, 17),
        Column("approved", lazy("审批人"), _approvers, 20),
    ),
    sort="-asked",
)


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """对外提供登记: every request with its state."""
    user = request.user
    page = LISTING.page(request)
    for row in page.rows:
        row["waiting"] = user.has_perm("disclosure.decide", row.row) and row.row.state == DisclosureState.ASKED
    context = {"tabs": presentation.tabs(request), "page": page, "may_ask": user.has_perm("disclosure.ask")}
    return render(request, "confidentiality/disclosures.html", context, status=page.status)


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The register as XLSX or CSV."""
    return LISTING.export(request)


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: AuthenticatedRequest) -> HttpResponse:
    """Ask to give out the items that the archive's filters find; the filters come in the address, from the archive."""
    user = request.user
    allow(user, "disclosure.ask")
    problem: Problem | None = None
    filters, items = Filters(), []
    try:
        filters = Filters.read(request.GET)
        items = disclosures.scope(user, filters) if filters.active else []
    except Invalid as e:
        problem = e
    if request.method == "POST" and problem is None:
        try:
            if not filters.active:
                raise Invalid(fields={"scope": [_("请先在档案中选定条件，再提出申请；不受理没有条件的申请。")]})
            made = disclosures.ask(user, posted(AskDisclosure, request.POST), filters)
        except (Invalid, Conflict) as e:
            problem = e
        else:
            messages.success(request, _("申请已提交：%(number)s。批准后由您生成文件。") % {"number": made.number})
            return redirect("confidentiality:disclosure", made.pk)
    context = {
        "tabs": presentation.tabs(request),
        "filters": filters,
        "count": len(items),
        "too_many": len(items) > disclosures.MOST_ITEMS,
        "most": disclosures.MOST_ITEMS,
        "listed": items[:10],
        "confidential": sum(i.sensitivity == Sensitivity.CONFIDENTIAL for i in items),
        "post": request.POST,
        "errors": presentation.error_messages(problem),
        "forms": Form.choices,
        "query": filters.query(),
    }
    return render(request, "confidentiality/ask.html", context, status=problem.status if problem else 200)


@dangerous("disclosure.give")
@login_required
@require_http_methods(["GET", "POST"])
def detail(request: AuthenticatedRequest, disclosure_id: UUID) -> HttpResponse:
    """One request: what is asked, who decided, and for the asker the copy."""
    user = request.user
    row = disclosures.get(user, disclosure_id)
    problem: Problem | None = None
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do in ("approve", "produce"):
                allow(user, "disclosure.decide" if do == "approve" else "disclosure.own", row)
                require_proof(request)
            if do in ("approve", "refuse"):
                disclosures.decide(user, row.pk, posted(DecideDisclosure, request.POST, approve=do == "approve"))
                messages.success(request, _("已批准。") if do == "approve" else _("已退回申请人，未批准。"))
            elif do == "withdraw":
                disclosures.withdraw(user, row.pk)
                messages.success(request, _("申请已撤回。"))
            elif do == "produce":
                disclosures.produce(user, row.pk)
                messages.success(request, _("文件已生成，请下载后交给接收方。"))
            else:
                raise Invalid(_("请选择要办理的操作。"))
        except (Invalid, Conflict) as e:
            problem = e
            row = disclosures.get(user, disclosure_id)
        else:
            return redirect("confidentiality:disclosure", row.pk)
    approvals = list(row.approvals.select_related("by"))
    mine = row.asked_by_id == user.pk
    context = {
        "row": row,
        "approvals": approvals,
        "scope": disclosures.scope_facts(row, user),
        "mine": mine,
        "left": row.needed - sum(a.approved for a in approvals),
        "may_decide": row.state == DisclosureState.ASKED
        and user.has_perm("disclosure.decide", row)
        and all(a.by_id != user.pk for a in approvals),
        "may_produce": mine and row.state == DisclosureState.APPROVED,
        "may_withdraw": mine and row.state in (DisclosureState.ASKED, DisclosureState.APPROVED),
        "may_download": mine and row.state == DisclosureState.PRODUCED and row.until >= clock.today(),
        "errors": presentation.error_messages(problem),
        "post": request.POST,
    }
    return render(request, "confidentiality/disclosure.html", context, status=problem.status if problem else 200)


@login_required
@require_GET
def file(request: AuthenticatedRequest, disclosure_id: UUID) -> HttpResponse:
    """The one copy, for the asker until it expires."""
    row, data = disclosures.download(request.user, disclosure_id, address=request.META.get("REMOTE_ADDR"))
    kind = "application/pdf" if row.form == Form.PDF else exports.XLSX
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="disclosure-{clock.local(row.asked_at):%Y%m%d}.{row.form}"'
    response["Cache-Control"] = "private, no-store"
    return response
