"""Import on screen: upload, read and map the columns, try, then import, with progress; the file is only ever opened
by jobs (2.2.1, 6.1.3)."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock, text
from linbao.core.http import answering, progress
from linbao.core.problems import Conflict, Invalid, NotFound, Problem
from linbao.items.imports import services as importing
from linbao.items.models import ImportRun
from linbao.organisation.models import Role, Unit, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.platform import files, queue

MOST_BYTES = 100_000_000
WORKING = ("reading", "waiting", "running")


@answering
@require_http_methods(["GET", "POST"])
def upload(request: AuthenticatedRequest) -> HttpResponse:
    """The file and the community; what is wrong with it stands on the same page."""
    allow(request.user, "item.import")
    problems: list[str] = []
    if request.method == "POST":
        try:
            return redirect("items:import-run", _take(request).pk)
        except Problem as e:
            problems = [m for message in e.fields.values() for m in message] or [e.message]
    context = {
        "wrong": problems,
        "communities": _communities(request.user),
        "runs": ImportRun.objects.filter(user=request.user).select_related("community").order_by("-created_at")[:10],
    }
    return render(request, "items/import.html", context, status=422 if problems else 200)


@answering
@require_GET
def show(request: AuthenticatedRequest, run_id: UUID) -> HttpResponse:
    """How it stands: mapping, progress, report."""
    run = _get(request.user, run_id)
    fields = [{"key": k, "name": n, "chosen": run.mapping.get(k, "")} for k, n in importing.NAMES.items()]
    page, part = "items/import_run.html", "items/import_state.html"
    return progress(request, page, part, {"run": run, "fields": fields}, working=run.state in WORKING)


@answering
@require_POST
def start(request: AuthenticatedRequest, run_id: UUID) -> HttpResponse:
    """Try it (`dry`) or import it, as a job."""

    run = _get(request.user, run_id)
    if run.state in WORKING:
        return redirect("items:import-run", run.pk)
    data = {k: request.POST.get(k, "") for k in importing.COLUMNS}
    mapping = {k: v for k, v in data.items() if v in run.columns and v}
    tried = run.state == "tried"
    if any(data.values()) or not run.mapping:
        tried = tried and mapping == run.mapping
        run.mapping = mapping
    dry = request.POST.get("dry") == "1"
    if not dry and not tried:  # nothing is filed before it was shown how the file is understood
        dry = True
        messages.info(request, _("先按这样的对应检查一遍，请看过结果后再正式导入。"))
    if not run.columns:
        raise Conflict(_("这个文件没有读出列名，不能导入；请检查后重新上传。"))
    if not {"title", "text"} & set(run.mapping):
        messages.error(request, _("请至少指明标题或内容是哪一列。"))
        return redirect("items:import-run", run.pk)
    run.state, run.dry, run.report, run.problem, run.changed_at = ("waiting", dry, {}, "", clock.now())
    run.save()
    queue.defer("items.run_import", run=run.pk)
    return redirect("items:import-run", run.pk)


@answering
@require_GET
def errors(request: AuthenticatedRequest, run_id: UUID) -> HttpResponse:
    """The rows that were refused, as a table to work through."""
    run = _get(request.user, run_id)
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


def read(run_id: UUID) -> None:
    """The first job: the names of the columns, and which of them hold what. Safe to start again."""
    run = ImportRun.objects.get(pk=run_id)
    if run.state != "reading":
        return
    try:
        with _opened(run) as path:
            _row, columns = importing.header(path)
    except Problem as e:
        run.state, run.problem = "failed", _said(e)
    except Exception:
        _broken(run)
        raise
    else:
        run.state, run.columns = "mapping", [c for c in columns if c][:200]
        run.mapping = importing.guess(columns)
    run.changed_at = clock.now()
    run.save()


def work(run_id: UUID) -> None:
    """The second job: the whole file, with the report kept up to date. Safe to start again."""
    run = ImportRun.objects.select_related("user").get(pk=run_id)
    run.state = "running"
    run.save(update_fields=["state"])

    def progress(report: importing.Report) -> None:
        ImportRun.objects.filter(pk=run.pk).update(report=report.as_dict(), changed_at=clock.now())

    try:
        with _opened(run) as path:
            report = importing.run(
                path, mapping=run.mapping, community=run.community_id, user=run.user, dry=run.dry, progress=progress
            )
        run.state = "tried" if run.dry else "done"
        run.report = {**report.as_dict(), "errors": report.errors}
        run.changed_at = clock.now()
        run.save()
    except Problem as e:
        ImportRun.objects.filter(pk=run.pk).update(state="failed", problem=_said(e), changed_at=clock.now())
    except Exception:
        _broken(run)
        raise


def _broken(run: ImportRun) -> int:
    """A fault of the product's own: whoever waits on the page sees that nothing more will come. Returns 1."""
    return ImportRun.objects.filter(pk=run.pk).update(
        state="failed",
        problem=_("系统出错，导入没有完成；已导入的不会重复。请重新上传，仍不成请联系管理员。"),
        changed_at=clock.now(),
    )


_LOST = """
    SELECT r.id FROM items_importrun r WHERE r.state = ANY (%s) AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs j WHERE j.queue_name = 'imports' AND j.status IN ('todo', 'doing')
           AND j.args ->> 'run' = r.id::text)
"""


def end_lost() -> int:
    """Imports whose job is no more (its worker died too often, or an administrator took it away) have failed: whoever
    waits on the page sees it. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_LOST, [list(WORKING)])
        lost = [id for (id,) in cursor.fetchall()]
    return queue.each(ImportRun.objects.filter(pk__in=lost, state__in=WORKING), _broken)


@contextmanager
def _opened(run: ImportRun) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet"
        path.write_bytes(files.get(run.sha256))
        yield path


def _said(e: Problem) -> str:
    return ("；".join(m for message in e.fields.values() for m in message) or e.message)[:300]


def _take(request: AuthenticatedRequest) -> ImportRun:
    value = request.FILES.get("file")
    if value is None or not value.size:
        raise Invalid(fields={"file": [_("请选择要导入的表格文件。")]})
    if value.size > MOST_BYTES:
        raise Invalid(fields={"file": [_("文件超过 100 MB，请分成几个文件导入。")]})
    communities = {str(u.id): u for u in _communities(request.user)}
    unit = communities.get(request.POST.get("community", "")) or (
        next(iter(communities.values())) if len(communities) == 1 else None
    )
    if unit is None:
        raise Invalid(fields={"community": [_("请选择导入到哪个社区。")]})

    name = text.clean(Path(value.name or "").name)[-120:] or "sheet"
    run = ImportRun.objects.create(
        user=request.user, community=unit, name=name, sha256=files.put(value.read()), state="reading"
    )
    queue.defer("items.read_import", run=run.pk)
    return run


def _get(user: User, run_id: UUID) -> ImportRun:
    allow(user, "item.import")
    row = ImportRun.objects.select_related("community").filter(pk=run_id, user=user).first()
    if row is None:
        raise NotFound(_("没有这次导入。"))
    return row


def _communities(user: User) -> list[Unit]:
    units = tree()
    return sorted(
        (units.by_id[c] for c in user.rights.communities(Role.REVIEWER, Role.MANAGER, Role.ADMINISTRATOR)),
        key=lambda u: u.code,
    )
