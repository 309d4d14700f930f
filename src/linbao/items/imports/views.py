"""Import on screen: upload, read and map the columns, try, then import, with progress (2.2.1, 6.1.3)."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core.http import progress
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, Problem
from linbao.items.imports import runs
from linbao.items.imports.columns import NAMES
from linbao.items.imports.inputs import StartImport, UploadSheet
from linbao.items.models import ImportRun
from linbao.organisation.requests import AuthenticatedRequest


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: AuthenticatedRequest) -> HttpResponse:
    """The file and the community; errors stand on the same page."""
    allow(request.user, "item.import")
    errors: list[str] = []
    if request.method == "POST":
        try:
            run = runs.upload(request.user, posted(UploadSheet, request.POST), request.FILES.get("file"))
            return redirect("items:import-run", run.pk)
        except Problem as e:
            errors = e.sentences
    context = {
        "errors": errors,
        "communities": runs.communities(request.user),
        "runs": ImportRun.objects.filter(user=request.user).select_related("community").order_by("-created_at")[:10],
    }
    return render(request, "items/import.html", context, status=422 if errors else 200)


@login_required
@require_GET
def show(request: AuthenticatedRequest, run_id: UUID) -> HttpResponse:
    """How it stands: mapping, progress, report."""
    run = runs.get(request.user, run_id)
    fields = [{"key": k, "name": n, "chosen": run.mapping.get(k, "")} for k, n in NAMES.items()]
    page, part = "items/import_run.html", "items/import_state.html"
    return progress(request, page, part, {"run": run, "fields": fields}, working=run.state in runs.WORKING)


@login_required
@require_POST
def start(request: AuthenticatedRequest, run_id: UUID) -> HttpResponse:
    """Try it (`dry`) or import it, as a job."""
    data = posted(StartImport, request.POST)
    try:
        run = runs.start(request.user, run_id, data)
    except Invalid as e:
        messages.error(request, e.text)
    else:
        if run.dry and not data.dry:
            messages.info(request, _("先按这样的对应检查一遍，请看过结果后再正式导入。"))
    return redirect("items:import-run", run_id)


@login_required
@require_GET
def errors(request: AuthenticatedRequest, run_id: UUID) -> HttpResponse:
    """The rows that were refused, as a table to work through."""
    run = runs.get(request.user, run_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("行号"), _("列"), _("问题")])
    writer.writerows(
        ["'" + str(v) if str(v).startswith(("=", "+", "-", "@")) else v for v in row]
        for row in run.report.get("errors", [])
    )
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="import-errors.csv"'
    return answer
