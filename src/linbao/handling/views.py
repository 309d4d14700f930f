"""What handlers and managers see of handling: the board and one item’s panel (4.3.2, 2.4.2).

Forms stand in `forms`, telling the resident in `pages_informing`, call-backs in `pages_callbacks`,
what the resident sees in `public`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linbao.core import clock
from linbao.core.http import answering, uploaded
from linbao.core.inputs import posted
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from linbao.handling import assigning, board, oversight
from linbao.handling.forms import VERBS, fresh_files
from linbao.handling.models import Adoption, AdoptionKind, Assignment, Evaluation, Extension, Supervision, Verdict
from linbao.items import masking, timeline
from linbao.items import services as item_services
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.drawing import drawing
from linbao.items.models import Attachment, AttachmentKind, Category, Item, Status
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

# --- the board -----------------------------------------------------------------------------------


@answering
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The board: tabs by what is to be done, filters, keyset pages."""
    user = request.user
    if not board.tabs(user):
        raise NotAllowed
    page = board.LISTING.page(request)
    kind = "inform" if page.values.get("tab") in ("inform", "evaluate") else "item"
    context = {
        "page": page,
        "tab": next((name for _code, name, here in page.tabs if here), ""),
        "rows": [_row(r, kind) for r in page.objects],
        "may_call_back": user.has_perm("call_back.record"),
        "may_export": user.has_perm("item.export"),
    }
    return render(request, "handling/board.html", context, status=page.status)


def _row(row: dict[str, Any], page: str) -> dict[str, Any]:
    """A line of the board, for `item_rows`."""
    units, handling = tree(), row["status"] == Status.HANDLING
    badges = [
        (_("督办"), "bad", "flag") if row["pressed"] else None,
        (_("申请延期"), "warn", "calendar-plus") if row["asked"] else None,
        (_("第 %(n)s 轮") % {"n": row["round"]}, "warn", "refresh") if row["round"] > 1 else None,
    ]
    return {
        "href": reverse(f"handling:{page}", args=[row["id"]]),
        "urgent": row["urgent"],
        "title": row["title"],
        "meta": (
            row["number"] or "",
            catalogue().heading(row["category"], row["subcategory"]),
            units.name(row["grid_id"]),
            " ".join(filter(None, (_("办理"), units.name(row["handling_unit_id"]), row["handler_name"])))
            if row["handling_unit_id"]
            else "",
            f"{_('报告员')} {row['reporter_name']}",
        ),
        "status": "" if handling else row["status"],
        "due_at": row["due_at"] if handling else None,
        "verdict": row["verdict"],
        "badges": [b for b in badges if b],
    }


@answering
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The board with the same tab and filters as XLSX or CSV; on the audit log."""
    if not board.tabs(request.user):
        raise NotAllowed
    return board.LISTING.export(request)


# --- one item ------------------------------------------------------------------------------------


@answering
@require_GET
def item(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """One item for whoever handles or manages it: instruction, time left, what to do next."""
    return _show(request, item_services.get(request.user, item_id))


@answering
@require_GET
def supervision(request: AuthenticatedRequest, supervision_id: UUID) -> HttpResponse:
    """The item that was pressed (督办), from the duty to answer."""
    return redirect("handling:item", oversight.supervised_item(request.user, supervision_id).pk)


@answering
@require_POST
def act(request: AuthenticatedRequest, item_id: UUID, verb: str) -> HttpResponse:
    """Do one thing (`VERBS`) and come back; what was typed stays where it cannot be taken."""
    if verb not in VERBS:
        raise NotFound
    try:
        details = VERBS[verb](request.user, item_id, request.POST)
    except (Invalid, Conflict, NotAllowed) as problem:
        return _show(request, item_services.get(request.user, item_id), problem=problem, verb=verb)
    messages.success(request, details)
    return redirect("handling:item", item_id)


@answering
@require_POST
def upload(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Take one photo or file of the progress or the result; it is named when these are recorded."""
    file, name = uploaded(request)
    stage = request.POST.get("stage") or "progress"
    data = posted(AttachFile, request.POST, item=item_id, activity=None, stage=stage)
    row = attachments.attach(request.user, data, file=file, name=name)
    base = reverse("items:item", args=[item_id])
    thumb = f"{base}files/{row.pk}/thumb" if row.kind == AttachmentKind.PHOTO else ""
    return JsonResponse(
        {
            "id": str(row.pk),
            "kind": row.kind,
            "name": row.name,
            "size": row.size,
            "notice": row.notice,
            "thumb": thumb,
            "remove": f"{base}files/{row.pk}/remove",
        },
        status=201,
    )


# --- inside ------------------------------------------------------------------------------------


def _show(
    request: AuthenticatedRequest, found: Item, *, problem: Problem | None = None, verb: str = ""
) -> HttpResponse:
    user, units = request.user, tree()
    files = masking.files(found, found.attachments.all())
    history = list(
        Assignment.objects.filter(item=found).select_related("handler", "assigned_by").order_by("-assigned_at")
    )
    current = next((a for a in history if a.ended_at is None), None)
    extension = (
        Extension.objects.filter(assignment=current)
        .select_related("asked_by", "decided_by", "assignment__item")
        .first()
        if current
        else None
    )
    may = {name: user.has_perm(perm, found) for name, perm in PERMS.items()}
    handling, evaluated = found.status == Status.HANDLING, found.status == Status.EVALUATED
    verdict = (
        Evaluation.objects.filter(item=found, round=found.round).select_related("recorded_by").first()
        if found.verdict
        else None
    )
    chooses = (
        (may["assign"] and found.status == Status.APPROVED)
        or (handling and may["transfer"])
        or (may["reopen"] and found.status in (Status.EVALUATED, Status.CLOSED))
    )
    receivers = assigning.receivers(found) if chooses else []
    context = {
        "item": found,
        "category": Category(found.category).label,
        "subcategory": catalogue().name(found.subcategory),
        "narrative": found.narrative,
        "grid": units.get(found.grid_id),
        "unit": units.get(found.handling_unit_id),
        "photos": [f for f in files if f.kind == AttachmentKind.PHOTO and f.stage == "report"],
        "stage_photos": [f for f in files if f.kind == AttachmentKind.PHOTO and f.stage != "report"],
        "documents": [f for f in files if f.kind != AttachmentKind.PHOTO],
        "uploads": {stage: _uploads(files, user, found, stage) for stage in ("progress", "result")},
        "map": drawing(found.community_id, found.grid_id, found.lat, found.lon) if found.lat is not None else None,
        "current": current,
        "history": history,
        "extension": extension,
        "supervisions": list(
            Supervision.objects.filter(assignment__in=history).select_related("by", "answered_by").order_by("-at")
        ),
        "adoptions": list(Adoption.objects.filter(item=found).select_related("recorded_by", "confirmed_by")),
        "assistants": list(User.objects.filter(pk__in=found.assistants).values_list("name", flat=True))
        if found.assistants
        else [],
        "evaluation": verdict,
        "overdue": bool(handling and found.due_at and found.due_at < clock.now()),
        "may_assign": may["assign"] and found.status == Status.APPROVED,
        "may_take_up": handling and may["take_up"] and found.handler_id is None,
        "may_progress": handling and may["handle"],
        "may_resolve": handling and may["resolve"],
        "may_transfer": handling and may["transfer"],
        "may_assist": handling and may["assist"],
        "may_supervise": handling and may["supervise"],
        "may_remind": handling and may["remind"],
        "may_ask": handling
        and may["resolve"]
        and extension is None
        and not (found.due_at and found.due_at < clock.now()),
        "may_decide_extension": handling
        and extension is not None
        and extension.granted is None
        and user.has_perm("extension.decide", extension),
        "may_inform": may["inform"] and found.status in (Status.HANDLING, Status.RESOLVED, Status.INFORMED),
        "may_close": evaluated and may["close"] and (found.verdict != Verdict.UNSATISFIED or may["decide"]),
        "may_reopen": may["reopen"] and found.status in (Status.EVALUATED, Status.CLOSED),
        "may_adopt": may["adopt"]
        and found.status not in (Status.SUBMITTED, Status.RETURNED, Status.DRAFT, Status.MERGED, Status.WITHDRAWN),
        "may_confirm": may["confirm"],
        "department": may["assign"],
        "unsatisfied": evaluated and found.verdict == Verdict.UNSATISFIED,
        "units": receivers,
        "handlers": _handlers(found, receivers) if receivers or (handling and may["assist"]) else [],
        "default_unit": _default_unit(found),
        "last_handler": history[0].handler_id if history else None,
        "kinds": AdoptionKind.choices,
        "lines": timeline.lines(found),
        "problem": problem,
        "messages_of": messages_of(problem),
        "verb": verb,
        "post": request.POST if problem else None,
        "tz": units.setting(found.community_id, "time_zone") or str(clock.zone()),
    }
    response = render(request, "handling/item.html", context, status=problem.status if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


PERMS = {
    "assign": "item.assign",
    "take_up": "item.take_up",
    "handle": "item.handle",
    "resolve": "item.resolve",
    "transfer": "item.transfer",
    "assist": "item.assist",
    "supervise": "item.supervise",
    "remind": "item.remind",
    "inform": "item.inform",
    "close": "item.close",
    "decide": "item.decide",
    "reopen": "item.reopen",
    "adopt": "item.adopt",
    "confirm": "item.confirm_adoption",
}


def _handlers(found: Item, receivers: list[Any]) -> list[dict[str, Any]]:
    """Everybody who may handle this item, with the unit that they handle for."""
    units = tree()
    near = {u.id for u in receivers} or {u.id for u in assigning.receivers(found)}
    above = {line.id for u in near for line in units.line(u)}
    rows = (
        RoleGrant.objects.current()
        .filter(role=Role.HANDLER, unit__in=above, user__is_active=True)
        .values_list("user_id", "user__name", "unit_id")
        .order_by("user__name")
    )
    return [
        {"id": u, "name": n, "unit": units.get(unit), "chosen": u in found.assistants}
        for u, n, unit in rows
        if found.community_id in units.communities(unit)
    ]


def _default_unit(found: Item) -> UUID | None:
    sub = catalogue().subcategories.get(found.subcategory)
    return found.handling_unit_id or (sub.default_unit_id if sub else None)


def _uploads(files: list[Attachment], user: User, found: Item, stage: str) -> list[dict[str, str]]:
    if found.status != Status.HANDLING or not any(f.stage == stage and f.owner_id == user.pk for f in files):
        return []
    fresh = set(fresh_files(user, found.pk, stage))
    base = reverse("items:item", args=[found.pk])
    return [
        {
            "id": str(f.pk),
            "name": f.name,
            "thumb": f"{base}files/{f.pk}/thumb" if f.kind == AttachmentKind.PHOTO else "",
            "remove": f"{base}files/{f.pk}/remove",
        }
        for f in files
        if f.pk in fresh
    ]


def messages_of(problem: Problem | None) -> list[str]:
    if problem is None:
        return []
    return [m for result in problem.fields.values() for m in result] or [problem.message]
