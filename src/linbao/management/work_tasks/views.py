"""Tasks on screen: the list, giving one, and one task with its thread (5.3.1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.http import uploaded
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound, Problem
from linbao.management import listing, people
from linbao.management.forms import TaskForm
from linbao.management.models import PartState, TaskFile, TaskPart, TaskState
from linbao.management.presentation import Verb, listed, perform, refusal
from linbao.management.work_tasks import repetition
from linbao.management.work_tasks import services as tasks
from linbao.management.work_tasks.inputs import (
    AddNote,
    ChooseShare,
    FinishShare,
    GiveTask,
    MoveDue,
    RepeatTask,
    TakeBack,
    TickPoints,
)
from linbao.organisation.models import User
from linbao.organisation.people import name_of
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.platform import files


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """My tasks, those that I gave, those that ended; a constant number of statements."""
    may_give = request.user.has_perm("task.give")
    return listed(request, listing.TASKS, "management/tasks.html", may_give=may_give)


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The list of tasks as XLSX or CSV; on the audit log."""
    return listing.TASKS.export(request)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    """Give a task once, or let it come again."""
    user = request.user
    allow(user, "task.give")
    form = TaskForm(user, people.led_by(user), request.POST if request.method == "POST" else None)
    if request.method == "POST":
        zone = people.zone_of(user)
        try:
            if request.POST.get("rhythm"):
                series = repetition.start(user, posted(RepeatTask, request.POST, zone=zone))
                _materials(request, user, series=series)
                messages.success(request, _("已设为重复任务，每个周期自动布置一次。"))
                return redirect("management:repeating")
            task = tasks.give(user, posted(GiveTask, request.POST, zone=zone))
            _materials(request, user, task_id=task.pk)
            messages.success(request, _("任务已布置，承担人会收到通知。"))
            return redirect("management:task", task.pk)
        except Invalid as e:
            set_errors(form, e)
    return render(request, "management/task_form.html", {"form": form}, status=422 if form.errors else 200)


def _materials(request: AuthenticatedRequest, user: User, **whose: Any) -> None:
    """Files that came with the form; one that cannot be taken is said, and does not stand in the task's way."""
    for file in request.FILES.getlist("file")[: tasks.MOST_FILES]:
        try:
            tasks.attach(user, data=file.read(), name=file.name or "", **whose)
        except Problem as e:
            label = e.text
            messages.warning(request, _("“%(name)s”没有收下：%(why)s") % {"name": (file.name or "")[:60], "why": label})


@login_required
@require_GET
def series(request: AuthenticatedRequest) -> HttpResponse:
    """The tasks that come again."""
    user = request.user
    allow(user, "task.give")
    rows = repetition.visible_to(user)
    names = people.names({p for r in rows for p in r.people})
    for row in rows:
        row.unit_name = name_of(tree().get(row.unit_id))  # type: ignore[attr-defined]  # for the template
        row.names = _("、").join(names[p] for p in row.people if p in names)  # type: ignore[attr-defined]  # for the template
    return render(request, "management/series.html", {"rows": rows})


@login_required
@require_POST
def stop(request: AuthenticatedRequest, series_id: UUID) -> HttpResponse:
    """Stop a repeated task."""
    repetition.stop(request.user, series_id)
    messages.success(request, _("已停止，以后不再自动布置；已经布置的照常进行。"))
    return redirect("management:repeating")


# --- one task ----------------------------------------------------------------------------------------


@login_required
@require_GET
def task(request: AuthenticatedRequest, task_id: UUID) -> HttpResponse:
    """One task: what is asked, my share with its check list, who is how far, the thread."""
    return _show(request, task_id)


def _show(
    request: AuthenticatedRequest, subject_id: UUID, *, problem: Problem | None = None, verb: str = ""
) -> HttpResponse:
    user = request.user
    result = tasks.find(user, subject_id)
    parts = list(result.parts.select_related("person", "done_by").order_by("person__name", "pk"))
    deputised = set(tasks.deputised_for(user, result))
    mine = [p for p in parts if p.state == PartState.OPEN and (p.person_id == user.pk or p.person_id in deputised)]
    for part in mine:
        part.points = [(n, message, n in part.ticked) for n, message in enumerate(result.checklist)]  # type: ignore[attr-defined]  # for the template
    leads = user.has_perm("task.lead", result)
    context = {
        "task": result,
        "place": name_of(tree().get(result.unit_id)),
        "parts": parts,
        "mine": mine,
        "now": clock.now(),
        "notes": result.notes.select_related("by").order_by("at", "pk")[:500],
        "files": result.files.order_by("at", "pk"),
        "may_note": leads
        or bool(deputised)
        or any(p.person_id == user.pk and p.state != PartState.TAKEN_BACK for p in parts),
        "leads": leads,
        "open": result.state == TaskState.OPEN,
        "done": sum(p.state == PartState.DONE for p in parts),
        "count": sum(p.state != PartState.TAKEN_BACK for p in parts),
    } | refusal(request, problem, verb)
    return render(request, "management/task.html", context, status=problem.status if problem else 200)


def _note(request: AuthenticatedRequest, user: User, task_id: UUID) -> str:
    tasks.note(user, task_id, posted(AddNote, request.POST))
    return _("已发出。")


def _tick(request: AuthenticatedRequest, user: User, task_id: UUID) -> str:
    part_id = _part(request, task_id)
    tasks.tick(user, part_id, posted(TickPoints, request.POST))
    if request.POST.get("then") != "done":
        return _("清单已保存。")
    tasks.done(user, part_id, posted(FinishShare, request.POST))
    return _("已完成，布置人会收到通知。")


def _take_back(request: AuthenticatedRequest, user: User, task_id: UUID) -> str:
    tasks.take_back(user, _part(request, task_id), posted(TakeBack, request.POST))
    return _("已收回这份任务。")


def _end(request: AuthenticatedRequest, user: User, task_id: UUID) -> str:
    tasks.end(user, task_id, posted(TakeBack, request.POST))
    return _("任务已收回。")


def _move_due(request: AuthenticatedRequest, user: User, task_id: UUID) -> str:
    tasks.move_due(user, task_id, posted(MoveDue, request.POST, zone=people.zone_of(user)))
    return _("期限已调整。")


def _attach(request: AuthenticatedRequest, user: User, task_id: UUID) -> str:
    data, name = uploaded(request)
    tasks.attach(user, data=data, name=name, task_id=task_id)
    return _("文件已添加。")


def _part(request: AuthenticatedRequest, task_id: UUID) -> UUID:
    part_id = posted(ChooseShare, request.POST).part
    if not TaskPart.objects.filter(pk=part_id, task=task_id).exists():
        raise NotFound(_("没有这项任务。"))
    return part_id


VERBS: dict[str, Verb] = {
    "note": _note,
    "tick": _tick,
    "take-back": _take_back,
    "end": _end,
    "move-due": _move_due,
    "attach": _attach,
}


@login_required
@require_POST
def act(request: AuthenticatedRequest, task_id: UUID, verb: str) -> HttpResponse:
    """Do one thing (`VERBS`) and come back; what was typed stays where it cannot be taken."""
    return perform(request, task_id, verb, verbs=VERBS, find=tasks.find, show=_show, page="management:task")


@login_required
@require_GET
def file(request: AuthenticatedRequest, task_id: UUID, file_id: UUID) -> HttpResponse:
    """A file of a task that one may see; always as a download."""
    result = tasks.find(request.user, task_id)
    row = TaskFile.objects.filter(task=result, pk=file_id).first()
    if row is None:
        raise NotFound(_("没有这个文件。"))
    response = HttpResponse(files.get(row.sha256), content_type=row.content_type)
    response["Content-Disposition"] = content_disposition_header(True, row.name) or "attachment"
    response["X-Content-Type-Options"], response["Cache-Control"] = "nosniff", "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
