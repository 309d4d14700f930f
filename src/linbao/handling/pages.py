"""What handlers, managers and reporters see of handling: the board, one item's panel, call-backs (4.3.2, 2.4.2).

Telling the resident stands in `pages_informing`, what the resident sees in `public`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.audit import actions as audit
from linbao.base import clock, text
from linbao.base.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from linbao.collection import actions as collection
from linbao.collection import attachments, parties, timeline
from linbao.collection.answering import answering
from linbao.collection.api_activities import uploaded
from linbao.collection.catalogue import catalogue
from linbao.collection.drawing import drawing
from linbao.collection.fields import as_uuid
from linbao.collection.models import (
    Attachment,
    AttachmentKind,
    Category,
    Entry,
    Item,
    Status,
)
from linbao.handling import actions, board
from linbao.handling.callbacks import pending
from linbao.handling.models import (
    Adoption,
    AdoptionKind,
    Assignment,
    CallBack,
    Evaluation,
    Extension,
    Supervision,
    Verdict,
)
from linbao.handling.telling import residents
from linbao.units.models import Role, RoleGrant, UnitKind, User
from linbao.units.tree import tree

FILTERS = ("category", "subcategory", "unit", "grid", "q")


# --- the board -----------------------------------------------------------------------------------


@answering
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The board: tabs by what is to be done, filters, keyset pages."""
    user = request.user
    tabs, tab, given = _chosen(request)
    rows, following = board.page(user, tab, given)
    units, now = tree(), clock.now()
    context = {
        "tabs": tabs,
        "tab": tab,
        "rows": [
            {
                "row": r, "category": Category(r.category).label, "subcategory": catalogue().name(r.subcategory), "unit": units.get(r.unit_id),
                "grid": units.get(r.grid_id), "overdue": r.status == Status.HANDLING and r.due_at is not None and r.due_at < now,
                "href": reverse("handling:inform" if tab.code in ("inform", "evaluate") else "handling:item", args=[r.id]),
            }
            for r in rows
        ],
        "next": following,
        "given": given,
        "filtered": any(given.get(k) for k in FILTERS),
        "categories": Category.choices,
        "may_call_back": user.has_perm("call_back.record"),
        "units": _units(user),
        "grids": [g for c in sorted(user.rights.communities(), key=str) for g in units.children(c, UnitKind.GRID)],
    }  # fmt: skip
    return render(request, "handling/board.html", context)


@answering
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The board with the same tab and filters as XLSX or CSV, at most 5,000 lines; on the audit log."""
    user = request.user
    _tabs, tab, given = _chosen(request)
    form = request.GET.get("format", "xlsx")
    if form not in ("csv", "xlsx"):
        raise NotFound
    rows, _following = board.page(user, tab, {k: v for k, v in given.items() if k != "cursor"}, size=board.MOST_EXPORTED)
    zone = tree().setting(user.rights.home, "time_zone")
    units = tree()

    def at(moment: datetime | None) -> str:
        return clock.local(moment, zone).strftime("%Y-%m-%d %H:%M") if moment else ""

    head = [_("编号"), _("标题"), _("类别"), _("子类"), _("状态"), _("紧急"), _("网格"), _("办理单位"), _("办理人"), _("报告员"), _("上报时间"), _("办理期限"), _("评价")]
    lines = [
        [
            r.number, text.mask_within(r.title), str(Category(r.category).label), catalogue().name(r.subcategory), str(Status(r.status).label),
            _("是") if r.urgent else "", _name(units.get(r.grid_id)), _name(units.get(r.unit_id)), r.handler, r.reporter, at(r.reported_at), at(r.due_at),
            str(Verdict(r.verdict).label) if r.verdict else "",
        ]
        for r in rows
    ]  # fmt: skip
    audit.record(user, "export", rows=len(lines), what=f"handling.{tab.code}", format=form)
    body = _xlsx(str(tab.name), head, lines) if form == "xlsx" else _csv(head, lines)
    types = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    response = HttpResponse(body, content_type=types[form])
    response["Content-Disposition"] = f'attachment; filename="handling-{tab.code}-{clock.today():%Y%m%d}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


# --- one item ------------------------------------------------------------------------------------


@answering
@require_GET
def item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """One item for whoever handles or manages it: instruction, time left, what to do next."""
    return _show(request, collection.get(request.user, item_id))


@answering
@require_POST
def act(request: HttpRequest, item_id: UUID, verb: str) -> HttpResponse:
    """Do one thing (`VERBS`) and come back; what was typed stays where it cannot be taken."""
    if verb not in VERBS:
        raise NotFound
    try:
        told = VERBS[verb](request.user, item_id, request.POST)
    except (Invalid, Conflict, NotAllowed) as problem:
        return _show(request, collection.get(request.user, item_id), problem=problem, verb=verb)
    messages.success(request, told)
    return redirect("handling:item", item_id)


@answering
@require_POST
def upload(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Take one photo or file of the progress or the result; it is named when these are recorded."""
    data, name = uploaded(request)
    row = attachments.attach(
        request.user, data=data, name=name, item_id=item_id, id=as_uuid(request.POST.get("id")),
        sha256=request.POST.get("sha256", ""), stage=request.POST.get("stage") or "progress",
    )  # fmt: skip
    base = reverse("collection:item", args=[item_id])
    thumb = f"{base}files/{row.pk}/thumb" if row.kind == AttachmentKind.PHOTO else ""
    return JsonResponse({"id": str(row.pk), "kind": row.kind, "name": row.name, "size": row.size, "thumb": thumb, "remove": f"{base}files/{row.pk}/remove"}, status=201)


def _assign(user: User, id: UUID, post: QueryDict) -> str:
    item = actions.assign(user, id, due_at=_moment(user, post), instruction=post.get("instruction", ""), version=_number(post), **_receiver(post))
    return _("已交办给%(unit)s。") % {"unit": _name(tree().get(item.handling_unit_id))}


def _transfer(user: User, id: UUID, post: QueryDict) -> str:
    item = actions.transfer(user, id, reason=post.get("reason", ""), due_at=_moment(user, post), **_receiver(post))
    return _("已转给%(unit)s。") % {"unit": _name(tree().get(item.handling_unit_id))}


def _take_up(user: User, id: UUID, post: QueryDict) -> str:
    actions.take_up(user, id)
    return _("已领办，请按期限办结。")


def _assist(user: User, id: UUID, post: QueryDict) -> str:
    actions.assist(user, id, [u for v in post.getlist("handlers") if (u := as_uuid(v))], post.get("words", ""))
    return _("协办人已更新。")


def _progress(user: User, id: UUID, post: QueryDict) -> str:
    actions.progress(user, id, post.get("text", ""), attachments=_fresh(user, id, "progress"))
    return _("进展已记录，报告员会收到通知。")


def _resolve(user: User, id: UUID, post: QueryDict) -> str:
    actions.resolve(user, id, post.get("result", ""), attachments=_fresh(user, id, "result"), version=_number(post))
    return _("已办结，结果已转给报告员反馈居民。")


def _remind(user: User, id: UUID, post: QueryDict) -> str:
    actions.remind(user, id, post.get("words", ""))
    return _("已催办。")


def _supervise(user: User, id: UUID, post: QueryDict) -> str:
    actions.supervise(user, id, post.get("words", ""), due_at=_moment(user, post))
    return _("督办已发出。")


def _answer(user: User, id: UUID, post: QueryDict) -> str:
    supervision = as_uuid(post.get("supervision"))
    if supervision is None:
        raise NotFound
    actions.answer_supervision(user, supervision, post.get("answer", ""))
    return _("督办已答复。")


def _ask_extension(user: User, id: UUID, post: QueryDict) -> str:
    until = _moment(user, post, "until")
    if until is None:
        raise Invalid(fields={"until": [_("请填写延至的时间。")]})
    actions.request_extension(user, id, until=until, reason=post.get("reason", ""))
    return _("延期申请已提交，等待决定。")


def _decide_extension(user: User, id: UUID, post: QueryDict) -> str:
    granted = post.get("granted") == "yes"
    actions.decide_extension(user, id, granted=granted, remark=post.get("remark", ""))
    return _("已同意延期。") if granted else _("已答复不同意延期。")


def _close(user: User, id: UUID, post: QueryDict) -> str:
    actions.close(user, id, reason=post.get("reason", ""))
    return _("已归档。")


def _reopen(user: User, id: UUID, post: QueryDict) -> str:
    actions.reopen(user, id, post.get("reason", ""), due_at=_moment(user, post), **_receiver(post))
    return _("已决定重办，办理人会收到通知。")


def _adopt(user: User, id: UUID, post: QueryDict) -> str:
    actions.adopt(user, id, kind=post.get("kind", ""), words=post.get("words", ""))
    return _("采用已登记。")


def _confirm(user: User, id: UUID, post: QueryDict) -> str:
    adoption = as_uuid(post.get("adoption"))
    if adoption is None:
        raise NotFound
    actions.confirm_adoption(user, adoption)
    return _("采用已确认。")


VERBS: dict[str, Callable[[User, UUID, QueryDict], str]] = {
    "assign": _assign, "transfer": _transfer, "take-up": _take_up, "assist": _assist, "progress": _progress, "resolve": _resolve,
    "remind": _remind, "supervise": _supervise, "answer": _answer, "ask-extension": _ask_extension, "decide-extension": _decide_extension,
    "close": _close, "reopen": _reopen, "adopt": _adopt, "confirm-adoption": _confirm,
}  # fmt: skip


# --- call-backs ----------------------------------------------------------------------------------


@answering
@require_GET
def callbacks(request: HttpRequest) -> HttpResponse:
    """The drawn sample: open ones first, then what was found; one's own items are shown but not called."""
    user = request.user
    mine = user.rights.communities(Role.REVIEWER, Role.MANAGER, Role.GROUP_LEADER)
    if not mine:
        raise NotAllowed
    rows = CallBack.objects.filter(community__in=mine).select_related("item", "item__reporter", "item__handler", "caller")
    waiting = list(rows.filter(done_at__isnull=True).order_by("drawn_at", "id")[:100])
    done = list(rows.filter(done_at__isnull=False).order_by("-done_at", "-id")[:50])
    context = {
        "waiting": [(r, user.has_perm("call_back.record", r)) for r in waiting],
        "done": done,
        "share": [(tree().get(c), tree().setting(c, "call_back_share")) for c in sorted(mine, key=str)],
    }
    return render(request, "handling/callbacks.html", context)


@answering
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, call_back_id: UUID) -> HttpResponse:
    """Call the resident of one drawn item and record what they say."""
    user = request.user
    row = pending(user, call_back_id)
    problem: Problem | None = None
    revealed = None
    if request.method == "POST" and "party" in request.POST:
        revealed = _reveal_for_call(request, row)
    elif request.method == "POST":
        post = request.POST
        matches = {"yes": True, "no": False}.get(post.get("matches", ""))
        try:
            actions.record_call_back(
                user, call_back_id, outcome=post.get("outcome", ""), verdict=post.get("verdict", ""), matches=matches, remark=post.get("remark", "")
            )
        except (Invalid, Conflict) as e:
            problem = e
            row.refresh_from_db()
        else:
            messages.success(request, _("回访已记录。"))
            return redirect("handling:callbacks")
    judged = Evaluation.objects.filter(item=row.item).order_by("-round").first()
    context = {
        "row": row,
        "item": row.item,
        "may": user.has_perm("call_back.record", row) and row.done_at is None,
        "people": parties.masked(residents(row.item), revealed),
        "evaluation": judged,
        "subcategory": catalogue().name(row.item.subcategory),
        "problem": problem,
        "messages_of": _messages(problem),
        "post": request.POST if problem else None,
    }
    response = render(request, "handling/callback.html", context, status=problem.status if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


def _reveal_for_call(request: HttpRequest, row: CallBack) -> UUID | None:
    """One resident's number for the person who calls back, on the audit log."""
    party = as_uuid(request.POST.get("party"))
    if not request.user.has_perm("call_back.record", row) or party not in {p.pk for p in residents(row.item)}:
        raise NotAllowed
    audit.record(
        request.user, "party.reveal", row.item, unit_id=row.community_id, reason=_("回访抽查（2.4.2）"),
        address=request.META.get("REMOTE_ADDR"), party=str(party),
    )  # fmt: skip
    return party


# --- inside ------------------------------------------------------------------------------------


def _show(request: HttpRequest, found: Item, *, problem: Problem | None = None, verb: str = "") -> HttpResponse:
    user, units = request.user, tree()
    files = list(found.attachments.all())
    history = list(Assignment.objects.filter(item=found).select_related("handler", "assigned_by").order_by("-assigned_at"))
    current = next((a for a in history if a.ended_at is None), None)
    extension = Extension.objects.filter(assignment=current).select_related("asked_by", "decided_by", "assignment__item").first() if current else None
    may = {name: user.has_perm(perm, found) for name, perm in PERMS.items()}
    handling, evaluated = found.status == Status.HANDLING, found.status == Status.EVALUATED
    verdict = Evaluation.objects.filter(item=found, round=found.round).select_related("recorded_by").first() if found.verdict else None
    chooses = (may["assign"] and found.status == Status.APPROVED) or (handling and may["transfer"]) or (may["reopen"] and found.status in (Status.EVALUATED, Status.CLOSED))
    receivers = actions.receivers(found) if chooses else []
    context = {
        "item": found,
        "category": Category(found.category).label,
        "subcategory": catalogue().name(found.subcategory),
        "narrative": text.mask_within(found.narrative),
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
        "supervisions": list(Supervision.objects.filter(assignment__in=history).select_related("by", "answered_by").order_by("-at")),
        "adoptions": list(Adoption.objects.filter(item=found).select_related("recorded_by", "confirmed_by")),
        "assistants": list(User.objects.filter(pk__in=found.assistants).values_list("name", flat=True)) if found.assistants else [],
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
        "may_ask": handling and may["resolve"] and extension is None and not (found.due_at and found.due_at < clock.now()),
        "may_decide_extension": handling and extension is not None and extension.granted is None and user.has_perm("extension.decide", extension),
        "may_inform": may["inform"] and found.status in (Status.HANDLING, Status.RESOLVED, Status.INFORMED),
        "may_close": evaluated and may["close"] and (found.verdict != Verdict.UNSATISFIED or may["decide"]),
        "may_reopen": may["reopen"] and found.status in (Status.EVALUATED, Status.CLOSED),
        "may_adopt": may["adopt"] and found.status not in (Status.SUBMITTED, Status.RETURNED, Status.DRAFT, Status.MERGED, Status.WITHDRAWN),
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
        "messages_of": _messages(problem),
        "verb": verb,
        "post": request.POST if problem else None,
        "tz": units.setting(found.community_id, "time_zone") or str(clock.zone()),
    }
    response = render(request, "handling/item.html", context, status=problem.status if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


PERMS = {
    "assign": "item.assign", "take_up": "item.take_up", "handle": "item.handle", "resolve": "item.resolve", "transfer": "item.transfer",
    "assist": "item.assist", "supervise": "item.supervise", "remind": "item.remind", "inform": "item.inform", "close": "item.close",
    "decide": "item.decide", "reopen": "item.reopen", "adopt": "item.adopt", "confirm": "item.confirm_adoption",
}  # fmt: skip


def _chosen(request: HttpRequest) -> tuple[list[board.Tab], board.Tab, dict[str, str]]:
    tabs = board.tabs(request.user)
    if not tabs:
        raise NotAllowed
    wanted = request.GET.get("tab", "")
    tab = next((t for t in tabs if t.code == wanted), tabs[0])
    return tabs, tab, {k: request.GET[k] for k in (*FILTERS, "cursor") if request.GET.get(k)}


def _units(user: User) -> list[Any]:
    reached = user.rights.communities()
    return [u for u in tree().by_id.values() if u.kind in (UnitKind.DEPARTMENT, UnitKind.COMMUNITY) and tree().communities(u.id) & reached]


def _handlers(found: Item, receivers: list[Any]) -> list[dict[str, Any]]:
    """Everybody who may handle this item, with the unit that they handle for."""
    units = tree()
    near = {u.id for u in receivers} or {u.id for u in actions.receivers(found)}
    above = {line.id for u in near for line in units.line(u)}
    rows = (
        RoleGrant.objects.current().filter(role=Role.HANDLER, unit__in=above, user__is_active=True)
        .values_list("user_id", "user__name", "unit_id").order_by("user__name")
    )  # fmt: skip
    return [{"id": u, "name": n, "unit": units.get(unit), "chosen": u in found.assistants} for u, n, unit in rows if found.community_id in units.communities(unit)]


def _default_unit(found: Item) -> UUID | None:
    sub = catalogue().subcategories.get(found.subcategory)
    return found.handling_unit_id or (sub.default_unit_id if sub else None)


def _fresh(user: User, item_id: UUID, stage: str) -> list[UUID]:
    """Files of this stage that this person uploaded and that no line of the timeline has named yet."""
    named = {a for data in Entry.objects.filter(item_id=item_id, verb__in=("progress", "resolve")).values_list("data", flat=True) for a in data.get("attachments", [])}
    mine = Attachment.objects.filter(item_id=item_id, stage=stage, owner=user).values_list("pk", flat=True)
    return [pk for pk in mine if str(pk) not in named]


def _uploads(files: list[Attachment], user: User, found: Item, stage: str) -> list[dict[str, str]]:
    if found.status != Status.HANDLING or not any(f.stage == stage and f.owner_id == user.pk for f in files):
        return []
    fresh = set(_fresh(user, found.pk, stage))
    base = reverse("collection:item", args=[found.pk])
    return [
        {"id": str(f.pk), "name": f.name, "thumb": f"{base}files/{f.pk}/thumb" if f.kind == AttachmentKind.PHOTO else "", "remove": f"{base}files/{f.pk}/remove"}
        for f in files
        if f.pk in fresh
    ]


def _receiver(post: Mapping[str, str]) -> dict[str, UUID | None]:
    """The chosen unit and person; a person alone brings their unit with them."""
    return {"unit": as_uuid(post.get("unit")), "handler": as_uuid(post.get("handler"))}


def _moment(user: User, post: Mapping[str, str], name: str = "due_at") -> datetime | None:
    """A `datetime-local` in the person's zone; `Invalid` for nonsense, None for empty."""
    given = post.get(name, "").strip()
    if not given:
        return None
    try:
        at = parse_datetime(given)
    except ValueError:
        at = None
    if at is None:
        raise Invalid(fields={name: [_("时间格式不正确。")]})
    return at if at.tzinfo else at.replace(tzinfo=clock.zone(tree().setting(user.rights.home, "time_zone")))


def _number(post: Mapping[str, str]) -> int | None:
    value = post.get("version", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else None


def _messages(problem: Problem | None) -> list[str]:
    if problem is None:
        return []
    return [m for found in problem.fields.values() for m in found] or [problem.message]


def _name(unit: Any) -> str:
    return unit.name if unit is not None else ""


def _csv(head: list[str], lines: list[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    # A cell that begins like a formula is told apart by an apostrophe, as spreadsheets expect.
    writer.writerows([["'" + v if v[:1] in "=+-@\t\r" and v else v for v in line] for line in lines])
    return ("\ufeff" + out.getvalue()).encode()


def _xlsx(name: str, head: list[str], lines: list[list[str]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(name[:31])
        sheet.write_row(0, 0, head, book.add_format({"bold": True}))
        for number, line in enumerate(lines, 1):
            for column, value in enumerate(line):
                sheet.write_string(number, column, value)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(head) - 1, 16)
        sheet.set_column(1, 1, 40)
    return out.getvalue()
