"""What handlers and managers see of handling: the board and one item’s panel (4.3.2, 2.4.2).

What may be posted stands in `forms`, informing the resident in `informing_views`, call-backs in `call_backs.views`,
the resident's own page in `public`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linbao.core import clock
from linbao.core.http import uploaded
from linbao.core.inputs import posted
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from linbao.handling import assigning, board, oversight
from linbao.handling.forms import VERBS, fresh_files
from linbao.handling.models import Adoption, AdoptionKind, Assignment, Evaluation, Extension, Supervision, Verdict
from linbao.items import masking, timeline
from linbao.items import services as item_services
from linbao.items.attachments import presentation
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.drawing import drawing
from linbao.items.models import Attachment, AttachmentKind, Category, Item, Status
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

# --- the board -----------------------------------------------------------------------------------


@login_required
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


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The board with the same tab and filters as XLSX or CSV; on the audit log."""
    if not board.tabs(request.user):
        raise NotAllowed
    return board.LISTING.export(request)


# --- one item ------------------------------------------------------------------------------------


@login_required
@require_GET
def item(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """One item for its handler or the department: instruction, time left, what can be done next (4.3.2)."""
    return _show(request, item_services.get(request.user, item_id))


@login_required
@require_GET
def supervision(request: AuthenticatedRequest, supervision_id: UUID) -> HttpResponse:
    """From the duty to answer a supervision (督办) to its item."""
    return redirect("handling:item", oversight.supervised_item(request.user, supervision_id).pk)


@login_required
@require_POST
def act(request: AuthenticatedRequest, item_id: UUID, verb: str) -> HttpResponse:
    """Do one of `VERBS` and show the item again; what is refused stays in its form."""
    if verb not in VERBS:
        raise NotFound
    try:
        message = VERBS[verb](request.user, item_id, request.POST)
    except (Invalid, Conflict, NotAllowed) as problem:
        return _show(request, item_services.get(request.user, item_id), problem=problem, verb=verb)
    messages.success(request, message)
    return redirect("handling:item", item_id)


@login_required
@require_POST
def upload(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Save one photo or file of the progress or the result; it is attached when these are recorded."""
    file, name = uploaded(request)
    stage = request.POST.get("stage") or "progress"
    data = posted(AttachFile, request.POST, item=item_id, activity=None, stage=stage)
    row = attachments.attach(request.user, data, file=file, name=name)
    return presentation.answer(row, reverse("items:item", args=[item_id]))


# --- inside ------------------------------------------------------------------------------------


def _show(request: AuthenticatedRequest, item: Item, *, problem: Problem | None = None, verb: str = "") -> HttpResponse:
    user, units = request.user, tree()
    files = masking.files(item, item.attachments.all())
    history = list(
        Assignment.objects.filter(item=item).select_related("handler", "assigned_by").order_by("-assigned_at")
    )
    current = next((a for a in history if a.ended_at is None), None)
    extension = (
        Extension.objects.filter(assignment=current)
        .select_related("asked_by", "decided_by", "assignment__item")
        .first()
        if current
        else None
    )
    may = {name: user.has_perm(perm, item) for name, perm in PERMS.items()}
    handling, evaluated = item.status == Status.HANDLING, item.status == Status.EVALUATED
    verdict = (
        Evaluation.objects.filter(item=item, round=item.round).select_related("recorded_by").first()
        if item.verdict
        else None
    )
    chooses = (
        (may["assign"] and item.status == Status.APPROVED)
        or (handling and may["transfer"])
        or (may["reopen"] and item.status in (Status.EVALUATED, Status.CLOSED))
    )
    receivers = assigning.receivers(item) if chooses else []
    context = {
        "item": item,
        "category": Category(item.category).label,
        "subcategory": catalogue().name(item.subcategory),
        "narrative": item.narrative,
        "grid": units.get(item.grid_id),
        "unit": units.get(item.handling_unit_id),
        "photos": [f for f in files if f.kind == AttachmentKind.PHOTO and f.stage == "report"],
        "stage_photos": [f for f in files if f.kind == AttachmentKind.PHOTO and f.stage != "report"],
        "documents": [f for f in files if f.kind != AttachmentKind.PHOTO],
        "uploads": {stage: _uploads(files, user, item, stage) for stage in ("progress", "result")},
        "map": drawing(item.community_id, item.grid_id, item.lat, item.lon) if item.lat is not None else None,
        "current": current,
        "history": history,
        "extension": extension,
        "supervisions": list(
            Supervision.objects.filter(assignment__in=history).select_related("by", "answered_by").order_by("-at")
        ),
        "adoptions": list(Adoption.objects.filter(item=item).select_related("recorded_by", "confirmed_by")),
        "assistants": list(User.objects.filter(pk__in=item.assistants).values_list("name", flat=True))
        if item.assistants
        else [],
        "evaluation": verdict,
        "overdue": bool(handling and item.due_at and item.due_at < clock.now()),
        **_permitted(user, item, extension, may),
        "department": may["assign"],
        "unsatisfied": evaluated and item.verdict == Verdict.UNSATISFIED,
        "units": receivers,
        "handlers": _handlers(item, receivers) if receivers or (handling and may["assist"]) else [],
        "default_unit": _default_unit(item),
        "last_handler": history[0].handler_id if history else None,
        "kinds": AdoptionKind.choices,
        "lines": timeline.lines(item),
        "problem": problem,
        "messages_of": problem.sentences if problem else [],
        "verb": verb,
        "post": request.POST if problem else None,
        "tz": units.setting(item.community_id, "time_zone") or str(clock.zone()),
    }
    response = render(request, "handling/item.html", context, status=problem.status if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


def _permitted(user: User, item: Item, extension: Extension | None, may: dict[str, bool]) -> dict[str, bool]:
    """Which forms the page offers: what the item's state allows and this person may do."""
    handling, evaluated = item.status == Status.HANDLING, item.status == Status.EVALUATED
    overdue = bool(item.due_at and item.due_at < clock.now())
    return {
        "may_assign": may["assign"] and item.status == Status.APPROVED,
        "may_take_up": handling and may["take_up"] and item.handler_id is None,
        "may_progress": handling and may["handle"],
        "may_resolve": handling and may["resolve"],
        "may_transfer": handling and may["transfer"],
        "may_assist": handling and may["assist"],
        "may_supervise": handling and may["supervise"],
        "may_remind": handling and may["remind"],
        "may_ask": handling and may["resolve"] and extension is None and not overdue,
        "may_decide_extension": handling
        and extension is not None
        and extension.granted is None
        and user.has_perm("extension.decide", extension),
        "may_inform": may["inform"] and item.status in (Status.HANDLING, Status.RESOLVED, Status.INFORMED),
        "may_close": evaluated and may["close"] and (item.verdict != Verdict.UNSATISFIED or may["decide"]),
        "may_reopen": may["reopen"] and item.status in (Status.EVALUATED, Status.CLOSED),
        "may_adopt": may["adopt"]
        and item.status not in (Status.SUBMITTED, Status.RETURNED, Status.DRAFT, Status.MERGED, Status.WITHDRAWN),
        "may_confirm": may["confirm"],
    }


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


def _handlers(item: Item, receivers: list[Any]) -> list[dict[str, Any]]:
    """Everybody who may handle this item, with the unit that they handle for."""
    units = tree()
    near = {u.id for u in receivers} or {u.id for u in assigning.receivers(item)}
    above = {line.id for u in near for line in units.line(u)}
    rows = (
        RoleGrant.objects.current()
        .filter(role=Role.HANDLER, unit__in=above, user__is_active=True)
        .values_list("user_id", "user__name", "unit_id")
        .order_by("user__name")
    )
    return [
        {"id": u, "name": n, "unit": units.get(unit), "chosen": u in item.assistants}
        for u, n, unit in rows
        if item.community_id in units.communities(unit)
    ]


def _default_unit(item: Item) -> UUID | None:
    sub = catalogue().subcategories.get(item.subcategory)
    return item.handling_unit_id or (sub.default_unit_id if sub else None)


def _uploads(files: list[Attachment], user: User, item: Item, stage: str) -> list[dict[str, str]]:
    if item.status != Status.HANDLING or not any(f.stage == stage and f.owner_id == user.pk for f in files):
        return []
    fresh = set(fresh_files(user, item.pk, stage))
    base = reverse("items:item", args=[item.pk])
    return [presentation.links(f, base) for f in files if f.pk in fresh]
