"""The reporter's week with one confirmation; the department's overview and review of the documents."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock
from linbao.core.inputs import posted
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.documents import glyphs
from linbao.documents import services as documents
from linbao.documents.download import hand_out
from linbao.documents.models import Document
from linbao.duties.models import Obligation
from linbao.items.catalogue.catalogue import catalogue
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.outbox.models import Delivery
from linbao.weekly_reports import assembly, listing, services, weeks
from linbao.weekly_reports.inputs import AssembleWeek, ConfirmReport, OwnTexts, ReviewComment, ReviewReport
from linbao.weekly_reports.models import ReportStatus, WeeklyReport
from linbao.weekly_reports.states import WEEKLY_REPORT


@require_GET
@login_required
def index(request: AuthenticatedRequest) -> HttpResponse:
    """Reports, newest first; for the department who has reported this week and who has not."""
    user = request.user
    monday = clock.monday(clock.today())
    page = listing.LISTING.page(request)
    context: dict[str, Any] = {"page": page, "week": monday}
    led = user.rights.communities(Role.REVIEWER, Role.MANAGER)
    if led:
        owed = list(
            Obligation.objects.filter(kind="weekly_report", period=monday, community__in=led)
            .select_related("owner", "unit")
            .order_by("owner__username")[:200]
        )
        context |= {"owed": owed, "sent": sum(1 for o in owed if o.met_at), "of": len(owed)}
    context |= {"mine": user.rights.has(Role.REPORTER, Role.GROUP_LEADER), "to_report": _to_report(user)}
    return render(request, "weekly_reports/list.html", context, status=page.status)


@require_GET
@login_required
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The same list as XLSX or CSV; on the audit log."""
    return listing.LISTING.export(request)


@require_POST
@login_required
def this_week(request: AuthenticatedRequest) -> HttpResponse:
    """Assemble the report of a week and open it: `week` is `this`, `last` or any day of it; `reporter` somebody whose
    report this person owes in their place."""
    user = request.user
    try:
        data = posted(AssembleWeek, request.POST)
        reporter = services.reporter_of(user, data.reporter or "", data.week)
        return redirect("weekly_reports:detail", services.assemble_week(reporter, data.week).pk)
    except Invalid as e:
        messages.error(request, " ".join(m for errors in (e.fields or {}).values() for m in errors) or e.message)
    return redirect("weekly_reports:list")


@require_http_methods(["GET", "POST"])
@login_required
def detail(request: AuthenticatedRequest, report_id: UUID) -> HttpResponse:
    """Read, amend parts three and four, confirm or take back; the department accepts or returns."""
    user = request.user
    report = services.get(user, report_id)
    own = user.has_perm("report.confirm", report)
    if own and request.method == "GET":
        report = services.read_anew(report)
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            messages.success(request, _act(request, user, report))
            return redirect("weekly_reports:detail", report.pk)
        except Invalid as e:
            errors = e.fields or {"": [e.message]}
            report.refresh_from_db()
            typed = {name: request.POST.dict().get(name) for name in OwnTexts.model_fields}
            report.texts |= {name: value for name, value in typed.items() if value is not None}
        except Conflict as e:
            messages.error(request, e.message)
            return redirect("weekly_reports:detail", report.pk)
    return render(
        request, "weekly_reports/detail.html", _detail(request, report, own, errors), status=422 if errors else 200
    )


@require_POST
@login_required
def preview(request: AuthenticatedRequest, report_id: UUID) -> HttpResponse:
    """The document's pages as pictures, as they would be sent now; saves what was typed (4.1.1)."""
    data = _confirmation(request)
    report = services.save_texts(request.user, report_id, data.texts or OwnTexts())
    report.nil_reason, report.timing_reason = data.nil_reason, data.reason
    content = assembly.content(report)
    pages = documents.preview(content)
    pictures = [f"data:image/png;base64,{base64.b64encode(page).decode()}" for page in pages]
    return render(request, "weekly_reports/preview.html", {"pictures": pictures, "unprintable": _unprintable(content)})


@require_GET
@login_required
def download(request: AuthenticatedRequest, report_id: UUID, form: str) -> HttpResponse:
    """The document of the report's present version."""
    report = services.get(request.user, report_id)
    if not assembly.documents_open_to(report, request.user):
        raise NotFound(_("这份文件含有后来改为敏感的条目，您无权查看；其余内容请在周报页面查阅。"))
    document = Document.objects.filter(subject_id=report.pk, version=report.version).first()
    return hand_out(request.user, document, f"weekly-{report.week:%Y%m%d}", form=form)


def _unprintable(content: Any) -> str:
    """The warning before a document goes out with letters that no font has; empty when all can be printed."""
    lacking = glyphs.missing_in(content)
    return glyphs.notice(lacking) if lacking else ""


def _to_report(user: User) -> QuerySet[Obligation]:
    """Weeks that this person still owes a report of: their own, their group's, and those they owe for others."""
    unmet = Obligation.objects.filter(kind="weekly_report", owner=user, met_at__isnull=True, waived_at__isnull=True)
    return unmet.select_related("moved_from", "unit").order_by("-period")


def _confirmation(request: AuthenticatedRequest) -> ConfirmReport:
    texts = posted(OwnTexts, request.POST)
    return posted(ConfirmReport, request.POST, texts=texts if texts.model_fields_set else None)


def _act(request: AuthenticatedRequest, user: User, report: WeeklyReport) -> str:
    """Do what a button of the page says; returns the message that it was done."""
    do = request.POST.get("do", "confirm")
    if do == "review":
        findings = [{"comment": posted(ReviewComment, request.POST).comment}]
        services.review(user, report.pk, posted(ReviewReport, request.POST, findings=findings))
        return _("已记录审阅意见。")
    if do == "take_back":
        services.take_back(user, report.pk)
        return _("已撤回，可以修改后再确认。")
    confirmed = services.confirm(user, report.pk, _confirmation(request))
    if confirmed.take_back_until is None:
        return _("周报已报送，正在生成文件并发送邮件。")
    until = clock.local(confirmed.take_back_until, tree().setting(confirmed.community_id, "time_zone"))
    return _("已确认，%(when)s 编号并发送；在此之前可以撤回。") % {"when": f"{until:%H:%M}"}


def _detail(
    request: AuthenticatedRequest, report: WeeklyReport, own: bool, errors: dict[str, list[str]]
) -> dict[str, Any]:
    user = request.user
    report = assembly.for_reader(report, user)
    open_ = WEEKLY_REPORT.allows(report, "confirm")
    due_at = weeks.due(report.community_id, report.week)
    opens_at = weeks.due(report.community_id, report.week, weeks.OPENS_AT)
    now = clock.now()
    first = report.status == ReportStatus.ASSEMBLED
    return {
        "report": report,
        "own": own,
        "errors": errors,
        "overtaken_by": assembly.overtaken_by(report),
        "items": [
            {**i, "kind": catalogue().name(i.get("subcategory_code", "")) or i.get("subcategory", "")}
            for i in report.facts.get("items", ())
        ],
        "counts": {name: len(report.facts.get(name, ())) for name in ("items", "activities")},
        "texts": {**assembly.draft(report.facts), **report.texts},
        "typed": {"nil_reason": report.nil_reason, "reason": report.timing_reason} | request.POST.dict(),
        "document": Document.objects.filter(subject_id=report.pk, version=report.version).first(),
        "delivery": Delivery.objects.filter(subject_id=report.pk).order_by("-created_at").first(),
        "due_at": due_at,
        "opens_at": opens_at,
        "early": first and now < opens_at,
        "late": first and now > due_at,
        "take_back_until": report.take_back_until,
        "may_confirm": own and open_,
        "may_review": report.sent_at is not None and WEEKLY_REPORT.may(user, "accept", report),
        "empty": not report.facts.get("items") and not report.facts.get("activities"),
        "unprintable": _unprintable([report.facts, report.texts]) if own and open_ else "",
    }
