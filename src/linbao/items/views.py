"""The pages of a reporter: the four cards, the form that saves itself, drafts and returned items (2.1, 3, 4.3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock, http, ids
from linbao.core.http import uploaded, wants_json
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from linbao.items import fields, forms, masking, privacy_notice, services
from linbao.items.attachments import presentation
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile
from linbao.items.drawing import drawing
from linbao.items.inputs import FormState, SetUrgent, WithdrawItem
from linbao.items.item_views import answers, findings
from linbao.items.models import Activity, Basis, Category, Item, Party, Source, Status
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

CARDS = {
    Category.OPINION: ("message-2", "3.1"),
    Category.EVENT: ("alert-triangle", "3.2"),
    Category.CONSTRUCTION: ("building-community", "3.3"),
    Category.SANITATION: ("leaf", "3.4"),
}
# How such things usually become known: chosen on the form, one tap to change. Of an event nothing is taken for granted.
USUAL_SOURCE = {
    Category.OPINION: Source.RESIDENT,
    Category.EVENT: "",
    Category.CONSTRUCTION: Source.PATROL,
    Category.SANITATION: Source.PATROL,
}


# --- writing -----------------------------------------------------------------------------------


@login_required
@require_GET
def new(request: AuthenticatedRequest) -> HttpResponse:
    """Four big cards, and the drafts that wait to be finished. `?offline` is the copy for the phone: no content."""
    allow(request.user, "item.create")
    blank = "offline" in request.GET
    hints = {
        Category.OPINION: _("意见、建议、需求、投诉、表扬"),
        Category.EVENT: _("突发事件、纠纷矛盾、安全隐患"),
        Category.CONSTRUCTION: _("基础设施、设施损坏、规划、项目进展"),
        Category.SANITATION: _("垃圾、绿化、死角、污水、噪声"),
    }
    cards = [
        {"code": c.value, "label": c.label, "icon": CARDS[c][0], "clause": CARDS[c][1], "hint": hints[c]}
        for c in Category
    ]
    drafts = (
        Item.objects.visible_to(request.user)
        .filter(reporter=request.user, status=Status.DRAFT)
        .order_by("-created_at")[:6]
    )
    query = f"?activity={request.GET['activity']}" if http.as_uuid(request.GET.get("activity")) else ""
    context = {"cards": cards, "drafts": [] if blank else list(drafts), "query": query}
    return render(request, "items/new.html", context)


@login_required
@require_GET
def form(request: AuthenticatedRequest, category: str) -> HttpResponse:
    """An empty form of one category, with what is known already filled in. `?offline` is the copy that the
    phone keeps for when there is no network: it gets its id and times when it is opened (offline.js)."""
    allow(request.user, "item.create")
    if category not in Category.values:
        raise NotFound
    return _show_form(request, _fresh(request, category), [], version=0)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Edit a draft, or amend a returned item: then only the fields at fault are asked (4.3.2)."""
    item = _own(request, item_id)
    if request.method == "GET":
        if item is None:
            raise NotFound
        if item.status not in (Status.DRAFT, Status.RETURNED):
            return redirect("items:item", item_id)
        return _show_form(request, item, list(item.parties.all()), version=item.version)
    return _posted(request, item_id, item)


@login_required
@require_POST
def draft(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Save what is typed so far, for the page's own script. Answers version and time; 409 for a stale form."""
    item, lost = _save(request, item_id, _own(request, item_id), lenient=True)
    attachments.describe_all(request.user, item.attachments.all(), request.POST)
    zone = tree().setting(item.community_id, "time_zone")
    return JsonResponse(
        {
            "version": item.version,
            "saved_at": clock.local(clock.now(), zone).strftime("%H:%M"),
            "url": reverse("items:edit", args=[item.pk]),
            "lost": lost,
        }
    )


@login_required
@require_POST
def upload(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Take one file for an item of one's own; answers how to show it."""
    file, name = uploaded(request)
    data = posted(AttachFile, request.POST, item=item_id, activity=None, stage="report")
    row = attachments.attach(request.user, data, file=file, name=name)
    if not wants_json(request):
        return redirect("items:edit", item_id)
    return presentation.answer(row, reverse("items:item", args=[item_id]))


@login_required
@require_POST
def captions(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Set captions of photos, typed on the item's page (`caption.<attachment id>`)."""
    item = services.get(request.user, item_id)
    if not attachments.captioned(request.user, item, item.attachments.all()):
        raise NotAllowed(_("照片说明由添加照片的人填写。"))
    attachments.describe_all(request.user, item.attachments.all(), request.POST)
    messages.success(request, _("照片说明已保存。"))
    return redirect("items:item", item_id)


@login_required
@require_POST
def remove_file(request: AuthenticatedRequest, item_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Take back a file of one's own."""
    attachments.remove(request.user, attachment_id)
    return JsonResponse({}) if wants_json(request) else redirect("items:edit", item_id)


@login_required
@require_POST
def withdraw(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Take an item back, with a reason; a draft is simply thrown away."""
    item = services.withdraw(request.user, item_id, posted(WithdrawItem, request.POST))
    messages.success(request, _("已撤回。") if item.number else _("草稿已删除。"))
    return redirect("items:item", item_id) if item.number else redirect("items:new")


@login_required
@require_POST
def urgent(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Recognise a submitted item as urgent, or that it is not, with the reason (2.3.2, 4.3.1)."""
    try:
        data = posted(SetUrgent, request.POST)
        verb = services.mark_urgent if data.urgent else services.unmark_urgent
        verb(request.user, item_id, data)
    except Invalid as e:
        messages.error(request, e.text)
        return redirect("items:item", item_id)
    messages.success(request, _("已标为紧急，警报已发出。") if data.urgent else _("已取消紧急。"))
    return redirect("emergencies:urgent-of-item" if data.urgent else "items:item", item_id)


# --- inside ------------------------------------------------------------------------------------


def _fresh(request: AuthenticatedRequest, category: str) -> Item:
    """An item that is not saved: its times are now, its grid and source what they usually are."""
    now = clock.now().replace(second=0, microsecond=0)
    home = fields.home(request.user)
    if home is None:
        raise NotAllowed(_("您还没有被分配到社区，请联系管理员。"))
    row = Item(
        id=ids.new(),
        reporter=request.user,
        category=category,
        community_id=home,
        grid_id=http.as_uuid(forms.home_grid(request.user)),
        occurred_at=now,
        seen_at=now,
        source=USUAL_SOURCE[Category(category)],
    )
    wanted = http.as_uuid(request.GET.get("activity"))
    activity = (
        Activity.objects.visible_to(request.user).filter(pk=wanted, reporter=request.user).first() if wanted else None
    )
    if activity is not None:
        row.activity, row.source, row.place = activity, activity.kind, activity.place
        row.grid_id = activity.grid_id or row.grid_id
        row.seen_at = row.occurred_at = activity.starts_at
    return row


def _own(request: AuthenticatedRequest, item_id: UUID) -> Item | None:
    """The item if it exists and is one's own to edit; None when there is none under this id yet."""
    row = Item.objects.visible_to(request.user).filter(pk=item_id).first()
    if row is None:
        if Item.objects.filter(pk=item_id).exists():
            raise NotFound
        return None
    allow(request.user, "item.edit", row)
    return masking.as_typed(row)


def _state(request: AuthenticatedRequest) -> FormState:
    """The state of a form that is shown again: that of an untouched one where it cannot be read."""
    try:
        return posted(FormState, request.POST)
    except Invalid:
        return FormState()


def _save(
    request: AuthenticatedRequest, item_id: UUID, item: Item | None, *, lenient: bool = False
) -> tuple[Item, list[str]]:
    """Write the posted form to the item, making it if need be. `lenient` (saving by itself) leaves out
    what has errors, so that the rest is saved; returns the names left out."""
    state = posted(FormState, request.POST)
    category = (item.category if item else "") or state.category
    if category not in Category.values:
        raise Invalid(fields={"category": [_("请选择类别。")]})
    data = _read(request, item, state)
    lost: list[str] = []
    while True:
        try:
            if item is None:
                return services.create(request.user, data, item_id=item_id), lost
            # A draft whose first answer was lost on the way has no version on the page yet.
            return services.change(request.user, item_id, data, version=state.version or None), lost
        except Invalid as e:
            if not lenient or not e.fields:
                raise
            stored = _without(data, e.fields)
            if stored == data:
                raise
            data, lost = stored, [*lost, *e.fields]


def _read(request: AuthenticatedRequest, item: Item | None, state: FormState) -> dict[str, Any]:
    """The posted form; of a returned item only the questions that were asked again."""
    category = (item.category if item else "") or state.category
    if item is None or item.status != Status.RETURNED:
        return forms.read(request.POST, category)
    details = findings(item)
    rows = forms.with_messages(forms.questions(item, [], request.user, details), {}, details)
    extra = set(state.also.split())
    only = [r for r in rows if r.findings or r.name in extra] or rows
    return forms.read(request.POST, category, only=only, item=item)


def _without(data: Mapping[str, Any], errors: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping without the fields that have errors: `details.loss` alone, `parties.0.phone` with its row's phone."""
    stored: dict[str, Any] = {
        k: (dict(v) if isinstance(v, dict) else list(v) if isinstance(v, list) else v) for k, v in data.items()
    }
    for path in errors:
        head, _dot, rest = path.partition(".")
        if head == "parties" and rest.partition(".")[0].isdigit() and "parties" in stored:
            number, _dot, part = rest.partition(".")
            if int(number) < len(stored["parties"]) and part:
                stored["parties"][int(number)] = {**stored["parties"][int(number)], part: ""}
                continue
        if rest and isinstance(stored.get(head), dict):
            stored[head].pop(rest.partition(".")[0], None)
            if head == "place" and rest in ("lat", "lon"):
                stored[head].pop("lat", None)
                stored[head].pop("lon", None)
        else:
            stored.pop(head, None)
    return stored


def _posted(request: AuthenticatedRequest, item_id: UUID, item: Item | None) -> HttpResponse:
    """A posted form: save, take the files that came with it, submit if asked. Errors are shown
    beside their fields, with everything typed."""
    if item is not None and item.status not in (Status.DRAFT, Status.RETURNED):
        return redirect("items:item", item_id)
    try:
        saved, _lost = _save(request, item_id, item)
        attachments.describe_all(request.user, saved.attachments.all(), request.POST)
        for upload_ in request.FILES.getlist("files"):
            row = attachments.attach(
                request.user, AttachFile(item=saved.pk), file=upload_.read(), name=upload_.name or ""
            )
            if row.notice:
                messages.warning(request, row.notice)
        if request.POST.get("action") == "submit":
            again = saved.status == Status.RETURNED
            done = services.submit(request.user, item_id)
            messages.success(
                request, _("已重新上报。") if again else _("已上报，编号 %(number)s。") % {"number": done.number}
            )
            return redirect("emergencies:urgent-of-item" if done.urgent else "items:item", item_id)
    except Problem as e:
        if isinstance(e, (NotFound, NotAllowed)):
            raise
        return _show_errors(request, item_id, item, e)
    messages.success(request, _("草稿已保存。"))
    return redirect("items:edit", item_id)


def _show_errors(request: AuthenticatedRequest, item_id: UUID, item: Item | None, e: Problem) -> HttpResponse:
    """The form again, as it was posted, with the errors beside each field."""
    stored = Item.objects.visible_to(request.user).filter(pk=item_id).first()
    current = masking.as_typed(stored) if stored else None
    state = _state(request)
    row = current or Item(id=item_id, reporter=request.user, category=state.category)
    if current is None and (home := fields.home(request.user)):
        row.community_id = home
    stale = isinstance(e, Conflict)
    data = _read(request, current, state)
    people: list[Party] = []
    accepted = _without(data, e.fields)
    try:
        people = fields.fill(row, accepted, request.user) or []
    except Invalid:
        people = []
    row.version = current.version if current else 0
    errors = dict(e.fields)
    if errors and request.POST.get("action") == "submit":
        errors = {**fields.missing(row, people), **errors}  # everything at once, not one after the other
    if not errors and not stale:
        errors = {"attachments": [e.message]} if e.status in (413, 415) else {"": [e.message]}
    if "file" in errors:
        errors["attachments"] = errors.pop("file")
    return _show_form(
        request,
        row,
        people or (list(row.parties.all()) if current else []),
        version=row.version,
        errors=errors,
        typed=data,
        problem=e,
        stale=stale,
        status=e.status,
    )


def _show_form(
    request: AuthenticatedRequest,
    row: Item,
    people: Sequence[Party],
    *,
    version: int,
    errors: Mapping[str, list[str]] | None = None,
    typed: Mapping[str, Any] | None = None,
    problem: Problem | None = None,
    stale: bool = False,
    status: int = 200,
) -> HttpResponse:
    saved = version > 0
    details = findings(row)
    rows = forms.questions(row, people, request.user, details)
    if typed is not None:
        rows = forms.as_typed(rows, typed, request.POST)
    rows = forms.with_messages(rows, errors or {}, details)
    returned = row.status == Status.RETURNED
    # A returned item asks only what is at fault: by the reviewer's finding, or by a rule since.
    fault = [r for r in rows if r.findings or r.errors] if returned else []
    asked = (fault or rows) if returned else rows
    switches = {
        r.name.partition(".")[2]: r
        for r in rows
        if r.name in ("details.anonymous", "details.anonymous_reason", "details.none_involved")
    }
    blank = "offline" in request.GET and not saved and request.method == "GET"
    activities = (
        Activity.objects.visible_to(request.user).filter(reporter=request.user).order_by("-starts_at", "-id")[:8]
    )
    zone = tree().setting(row.community_id, "time_zone")
    context = {
        "item": row,
        "version": version,
        "category": Category(row.category),
        "returned": returned,
        "questions": {r.name.replace(".", "_"): r for r in asked},
        "own": [
            r for r in asked if (r.name.startswith("details.") or r.name == "parties") and r not in switches.values()
        ],
        "asked": [r for r in asked if r not in switches.values()],
        "switches": switches,
        "also": " ".join(r.name for r in fault if not r.findings),
        "others": answers(row, skip={r.name for r in asked}) if returned and fault else [],
        "files": list(row.attachments.all()) if saved else [],
        "activities": [] if blank else list(activities),
        "blank": blank,
        "tiles": getattr(settings, "MAP_TILES", ""),
        "map": drawing(row.community_id, row.grid_id, row.lat, row.lon),
        "problem": problem,
        "stale": stale,
        "unasked": forms.unplaced(rows, details),
        "loose": forms.unplaced(rows, errors or {}),
        "count": sum(1 for r in rows if r.errors),
        "notice": privacy_notice.notice(row.community_id),
        "bases": Basis.choices,
        "now": clock.local(clock.now(), zone).strftime("%Y-%m-%dT%H:%M"),
        "new_ids": [str(ids.new()) for _n in range(3)],
    }
    response = render(request, "items/form.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
