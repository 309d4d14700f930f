"""The reporter's week with one confirmation; the department's overview and review of the documents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.base import clock, sheets
from linbao.base.problems import Conflict, Invalid
from linbao.documents.handing import hand_out
from linbao.documents.models import Document
from linbao.duties.models import Obligation
from linbao.outbox.models import Delivery
from linbao.reporting import actions, listing
from linbao.reporting.models import ReportStatus, WeeklyReport
from linbao.units import people
from linbao.units.models import Role, User


@require_GET
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Reports, newest first; for the department who has reported this week and who has not."""
    user: User = request.user  # type: ignore[assignment]
    monday = clock.monday(clock.today())
    wrong: list[str] = []
    found: list[WeeklyReport] = []
    filters, following = listing.Filters(), None
    try:
        filters = listing.Filters.read(request.GET)
        found, following = listing.page(user, filters, request.GET.get("cursor", ""))
    except Invalid as e:
        wrong = [m for said in e.fields.values() for m in said] or [e.message]
    context: dict[str, Any] = {
        "rows": found, "next": following, "wrong": wrong, "filters": filters, "statuses": ReportStatus.choices, "week": monday,
        "given": {k: request.GET.get(k, "")[:60] for k in ("status", "week", "unit", "who")},
        "units": people.offered(user.rights, Role.REVIEWER, Role.MANAGER),
    }  # fmt: skip
    led = user.rights.communities(Role.REVIEWER, Role.MANAGER)
    if led:
        owed = list(
            Obligation.objects.filter(kind="weekly_report", period=monday, community__in=led)
            .select_related("owner", "unit")
            .order_by("owner__username")[:200]
        )
        context |= {"owed": owed, "sent": sum(1 for o in owed if o.met_at), "of": len(owed)}
    context["mine"] = user.rights.has(Role.REPORTER) or actions.by_group(user) is not None
    return render(request, "reporting/list.html", context, status=422 if wrong else 200)


@require_GET
@login_required
def export(request: HttpRequest) -> HttpResponseBase:
    """The same list as XLSX or CSV; on the audit log."""
    user: User = request.user  # type: ignore[assignment]
    filters, form = listing.Filters.read(request.GET), sheets.form_of(request.GET.get("format", ""))
    listing.begin_export(user, filters)
    rows = sheets.at_most(listing.lines(user, filters))
    return sheets.answer(form, "weekly-reports", _("周报"), listing.header(), rows, listing.WIDTHS)


@require_POST
@login_required
def this_week(request: HttpRequest) -> HttpResponse:
    """Assemble one's own week (or the one before) and open it."""
    user: User = request.user  # type: ignore[assignment]
    monday = clock.monday(clock.today())
    if request.POST.get("week") == "last":
        monday -= timedelta(days=7)
    return redirect("reporting:detail", actions.assemble_week(user, monday).pk)


@require_http_methods(["GET", "POST"])
@login_required
def detail(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Read, amend the summary, confirm."""
    user: User = request.user  # type: ignore[assignment]
    report = actions.get(user, report_id)
    own = user.has_perm("report.confirm", report)
    if own and request.method == "GET":
        report = actions.read_anew(report)
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            if request.POST.get("do") == "review":
                found = [{"section": "format", "words": w} for w in request.POST.getlist("words") if w.strip()]
                actions.review(user, report.pk, accept=request.POST.get("accept") == "yes", findings=found)
                messages.success(request, _("已记录审阅意见。"))
            else:
                words = {k: request.POST.get(k, "") for k in ("analysis", "suggestion")}
                actions.confirm(user, report.pk, words=words, nil_reason=request.POST.get("nil_reason", ""))
                messages.success(request, _("周报已报送，正在生成文件并发送邮件。"))
            return redirect("reporting:detail", report.pk)
        except Invalid as e:
            errors = e.fields or {"": [e.message]}
            report.words = {k: request.POST.get(k, "") for k in ("analysis", "suggestion")}
        except Conflict as e:
            messages.error(request, e.message)
            return redirect("reporting:detail", report.pk)
    document = Document.objects.filter(subject_id=report.pk, version=report.version).first()
    context = {
        "report": report, "own": own, "counts": {"items": len(report.facts.get("items", ())), "activities": len(report.facts.get("activities", ()))}, "errors": errors, "document": document, "delivery": Delivery.objects.filter(subject_id=report.pk).order_by("-created_at").first(),
        "due_at": actions.due(report.community_id, report.week), "may_review": report.status == ReportStatus.CONFIRMED and user.has_perm("report.review", report),
        "may_confirm": own and report.status in (ReportStatus.ASSEMBLED, ReportStatus.RETURNED), "empty": not report.facts.get("items") and not report.facts.get("activities"),
    }  # fmt: skip
    return render(request, "reporting/detail.html", context, status=422 if errors else 200)


@require_GET
@login_required
def download(request: HttpRequest, report_id: UUID, form: str) -> HttpResponse:
    """The document of the report's present version."""
    report = actions.get(request.user, report_id)  # type: ignore[arg-type]
    document = Document.objects.filter(subject_id=report.pk, version=report.version).first()
    return hand_out(request.user, document, f"weekly-{report.week:%Y%m%d}", form=form)  # type: ignore[arg-type]
