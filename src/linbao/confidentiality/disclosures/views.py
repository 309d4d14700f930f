"""The register of what was given out, asking for it, deciding, and the one copy (6.2.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linbao.archive.filters import Filters
from linbao.audit import services as audit
from linbao.confidentiality.access_monitoring import presentation
from linbao.confidentiality.disclosures import services as disclosures
from linbao.confidentiality.models import Disclosure, DisclosureState, Form
from linbao.core import clock, exports
from linbao.core.http import answering
from linbao.core.keyset import newest
from linbao.core.problems import Conflict, Invalid, Problem
from linbao.items.models import Sensitivity
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.rights import allow
from linbao.platform.protection.reauthentication import dangerous, require_proof

PAGE = 30


def _rows(request: AuthenticatedRequest) -> Any:
    rows = Disclosure.objects.visible_to(request.user).select_related("unit", "asked_by")
    state = request.GET.get("state", "")
    if state in DisclosureState.values:
        rows = rows.filter(state=state)
    since, until = presentation.day(request.GET.get("since", "")), presentation.day(request.GET.get("until", ""))
    if since:
        rows = rows.filter(asked_at__date__gte=since)
    if until:
        rows = rows.filter(asked_at__date__lte=until)
    if who := request.GET.get("to", "").strip()[:80]:
        rows = rows.filter(recipient__icontains=who)
    return rows


@answering
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """对外提供登记: every request with its state."""
    user = request.user
    allow(user, "disclosure.register")
    result, following = newest(_rows(request), request.GET.get("cursor", ""), PAGE, moment="asked_at")
    context = {
        "tabs": presentation.tabs(request),
        "rows": [(r, user.has_perm("disclosure.decide", r) and r.state == DisclosureState.ASKED) for r in result],
        "next": following,
        "states": DisclosureState.choices,
        "state": request.GET.get("state", ""),
        "to": request.GET.get("to", "")[:80],
        "since": request.GET.get("since", "")[:10],
        "until": request.GET.get("until", "")[:10],
        "may_ask": user.has_perm("disclosure.ask"),
    }
    return render(request, "confidentiality/disclosures.html", context)


@answering
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The register as XLSX or CSV."""
    user = request.user
    allow(user, "disclosure.register")
    form = exports.form_of(request.GET.get("format", ""))
    audit.record(user, "disclosure.export", unit_id=user.rights.home, format=form)
    head = [
        _("编号"),
        _("状态"),
        _("申请人"),
        _("申请时间"),
        _("接收方"),
        _("用途"),
        _("法律依据"),
        _("形式"),
        _("条目数"),
        _("含个人信息"),
        _("使用期限"),
        _("提供时间"),
        _("审批人"),
    ]

    def at(moment: Any) -> str:
        return clock.local(moment).strftime("%Y-%m-%d %H:%M") if moment else ""

    rows = _rows(request).prefetch_related("approvals__by").order_by("-asked_at")
    lines = (
        [
            r.number,
            str(r.get_state_display()),
            r.asked_by.name,
            at(r.asked_at),
            r.recipient,
            r.purpose,
            r.legal_basis,
            str(r.get_form_display()),
            str(len(r.items)),
            _("是") if r.identified else _("否"),
            r.until.isoformat(),
            at(r.produced_at),
            _("、").join(a.by.name for a in r.approvals.all() if a.approved),
        ]
        for r in rows.iterator(chunk_size=500)
    )
    widths = (24, 10, 12, 17, 24, 40, 30, 12, 8, 12, 12, 17, 20)
    return exports.answer(form, "disclosures", _("对外提供登记"), head, exports.at_most(lines), widths)


@answering
@require_http_methods(["GET", "POST"])
def ask(request: AuthenticatedRequest) -> HttpResponse:
    """Ask to give out what the archive's filters find. The filters come from the archive's own page."""
    user = request.user
    allow(user, "disclosure.ask")
    problem: Problem | None = None
    filters, items = Filters(), []
    try:
        filters = Filters.read(request.GET)
        items = disclosures.scope(user, filters) if filters.active else []
    except Invalid as e:
        problem = e
    data = request.POST if request.method == "POST" else {}
    if request.method == "POST" and problem is None:
        details = {n: data.get(n, "") for n in ("recipient", "purpose", "legal_basis", "form", "why_identified")}
        try:
            if not filters.active:
                raise Invalid(fields={"scope": [_("请先在档案中选定条件，再提出申请；不受理没有条件的申请。")]})
            made = disclosures.ask(
                user,
                details
                | {"identified": data.get("identified") == "1", "until": presentation.day(data.get("until", ""))},
                filters,
            )
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
        "given": data,
        "errors": presentation.said(problem),
        "forms": Form.choices,
        "query": filters.query(),
    }
    return render(request, "confidentiality/ask.html", context, status=problem.status if problem else 200)


@dangerous("disclosure.give")
@answering
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
                disclosures.decide(user, row.pk, approve=do == "approve", words=request.POST.get("words", ""))
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
        "errors": presentation.said(problem),
        "words": request.POST.get("words", "")[:500],
    }
    return render(request, "confidentiality/disclosure.html", context, status=problem.status if problem else 200)


@answering
@require_GET
def file(request: AuthenticatedRequest, disclosure_id: UUID) -> HttpResponse:
    """The one copy, for the asker until it expires."""
    row, data = disclosures.download(request.user, disclosure_id, address=request.META.get("REMOTE_ADDR"))
    kind = "application/pdf" if row.form == Form.PDF else exports.XLSX
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="disclosure-{clock.local(row.asked_at):%Y%m%d}.{row.form}"'
    response["Cache-Control"] = "private, no-store"
    return response
