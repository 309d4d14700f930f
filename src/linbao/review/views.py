"""What a reviewer sees: the queue, the desk, and the administrator's list of standard reasons (4.3.1, 4.3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock
from linbao.core.http import as_uuid
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, Problem
from linbao.duties.models import Obligation
from linbao.items import forms, masking, parties, timeline
from linbao.items import hints as checks
from linbao.items import services as item_services
from linbao.items.attachments import services as attachments
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.drawing import drawing
from linbao.items.models import AttachmentKind, Category, FieldKind, Item, Sensitivity, Source, Status
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.review import queue, reasons, services, snapshot
from linbao.review.inputs import MOST_FINDINGS, DismissDuplicate, Merge, MergeTarget, ReviewItem, SaveReason
from linbao.review.models import Check, Claim, Review, StandardReason


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponseBase:
    """The queue: urgent first, then oldest; `?format=` exports it."""
    if request.GET.get("format"):
        return queue.LISTING.export(request)
    page = queue.LISTING.page(request)
    units, here = tree(), reverse("review:queue")
    context = {
        "page": page,
        "rows": [
            {
                "href": f"{here}{r['id']}/",
                "urgent": r["urgent"],
                "title": r["title"],
                "meta": (
                    r["number"] or "",
                    catalogue().heading(r["category"], r["subcategory"]),
                    units.name(r["grid_id"]),
                    r["reporter_name"],
                    r["reported_at"],
                ),
                "due_at": r["review_due"],
                "badges": _marks(request.user, r),
            }
            for r in page.objects
        ],
        "may_export": request.user.has_perm("item.export"),
    }
    return render(request, "review/queue.html", context, status=page.status)


@login_required
@require_GET
def following(request: AuthenticatedRequest) -> HttpResponse:
    """Straight to the first item that one may judge."""
    allow(request.user, "review.queue")
    place = queue.place(request.user, None)
    return redirect("review:desk", place.after) if place.after else redirect("review:queue")


@login_required
@require_GET
def desk(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """One item with everything to judge it by; opening it claims it for 15 minutes."""
    return _show(request, _judging(request.user, item_id))


@login_required
@require_POST
def decide(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Approve or return, then on to the next; what was typed stays where it cannot be taken."""
    user = request.user
    _judging(user, item_id)
    answers, findings = _answers(request.POST), _findings(request.POST)
    after = queue.place(user, item_id).after
    try:
        data = posted(ReviewItem, request.POST, checks=answers, findings=findings)
        if data.decision == "approve":
            item = services.approve(user, item_id, data)
            message = _("%(number)s 已通过。")
        else:
            item = services.return_(user, item_id, data)
            message = _("%(number)s 已退回报告员补正。")
    except (Invalid, Conflict) as problem:
        return _show(
            request, item_services.get(user, item_id), problem=problem, typed={"answers": answers, "findings": findings}
        )
    messages.success(request, message % {"number": item.number})
    if after is None:
        messages.info(request, _("队列已审完。"))
        return redirect("review:queue")
    return redirect("review:desk", after)


@login_required
@require_POST
def release(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Put the item back and return to the queue."""
    _judging(request.user, item_id)
    services.release(request.user, item_id)
    return redirect("review:queue")


@login_required
@require_POST
def merge(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Merge this item into the one chosen or named by number (2.2.1)."""
    user = request.user
    item = _judging(user, item_id)
    after = queue.place(user, item_id).after
    try:
        target = posted(MergeTarget, request.POST).into
        into = as_uuid(target) or services.id_of_number(user, item, target)
        services.merge(user, item_id, posted(Merge, request.POST, into=into))
    except (Invalid, Conflict) as problem:
        return _show(request, item_services.get(user, item_id), problem=problem, typed={"merge": request.POST})
    messages.success(request, _("%(number)s 已合并。") % {"number": item.number})
    return redirect("review:desk", after) if after else redirect("review:queue")


@login_required
@require_POST
def dismiss(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Not the same matter: the pair is not offered again."""
    services.dismiss_duplicate(request.user, item_id, posted(DismissDuplicate, request.POST).other)
    return redirect("review:desk", item_id)


@login_required
@require_http_methods(["GET", "POST"])
def standard_reasons(request: AuthenticatedRequest, code: str | None = None) -> HttpResponse:
    """The list of standard reasons, each edited in its place; codes stay for old findings."""
    user = request.user
    allow(user, "review.reasons")
    problem: Problem | None = None
    if request.method == "POST":
        try:
            row = reasons.save(user, posted(SaveReason, request.POST), code=code)
        except Invalid as e:
            problem = e
        else:
            messages.success(request, _("已保存：%(text)s") % {"text": row.text})
            return redirect("review:reasons")
    rows = list(StandardReason.objects.all())
    context = {
        "lists": [(c.label, c.value, [r for r in rows if r.check_kind == c.value]) for c in Check],
        "checks": Check.choices,
        "fields": [(k, str(v)) for k, v in snapshot.FIELDS.items()],
        "problem": problem,
        "typed": request.POST if problem else None,
        "code": code,
    }
    return render(request, "review/reasons.html", context, status=problem.status if problem else 200)


# --- inside ------------------------------------------------------------------------------------


def _show(
    request: AuthenticatedRequest, item: Item, *, problem: Problem | None = None, typed: Mapping[str, Any] | None = None
) -> HttpResponse:
    user, typed = request.user, typed or {}
    claim, other_claim = _claim(user, item)
    people = list(item.parties.all())
    item._names = masking.names_in(people)
    files = masking.files(item, item.attachments.all())
    dismissed = services.dismissed_duplicates(item)
    hints = [h for h in checks.of(item) if h.code != "duplicate" or h.other_id not in dismissed]
    reviews = list(
        Review.objects.filter(item=item).select_related("reviewer").prefetch_related("findings__reason").order_by("-at")
    )
    last = next((r for r in reviews if not r.approved), None)
    changed = (
        snapshot.changes(item, last.snapshot, snapshot.take(item, people, files))
        if last and item.status == Status.SUBMITTED
        else []
    )
    due = Obligation.objects.open().filter(subject_id=item.pk, kind="review").values_list("due_at", flat=True).first()
    standard = reasons.active().values()
    may_review = item.status == Status.SUBMITTED and user.has_perm("item.review", item) and other_claim is None
    context = {
        "item": item,
        "reporter": item.reporter.name,
        "category": Category(item.category).label,
        "subcategory": catalogue().name(item.subcategory),
        "fields": _fields(item, {c.name for c in changed}),
        "people": parties.masked(people),
        "photos": [(f, attachments.exif_of(f)) for f in files if f.kind == AttachmentKind.PHOTO],
        "others": [f for f in files if f.kind != AttachmentKind.PHOTO],
        "files_changed": "attachments" in {c.name for c in changed},
        "people_changed": "parties" in {c.name for c in changed},
        "map": drawing(item.community_id, item.grid_id, item.lat, item.lon) if item.lat is not None else None,
        "checks": _checks(hints, typed.get("answers", {})),
        "duplicates": [h.other for h in hints if h.code == "duplicate" and h.other is not None],
        "marks": [1, 2, 3, 4, 5],
        "mark_rows": [
            ("completeness_mark", _("完整程度（1–5 分，可不填）"), ""),
            ("analysis_mark", _("分析质量（1–5 分，可不填）"), ""),
        ],
        "overrule_phrases": [_("已电话核实"), _("已到现场核实"), _("提示与实际不符")],
        "choice_codes": [code for code, _label in snapshot.field_choices(item)],
        "reasons": [(c.label, c.value, [r for r in standard if r.check_kind == c.value]) for c in Check],
        "choices": snapshot.field_choices(item),
        "findings": typed.get("findings") or [],
        "earlier": [(r, [(snapshot.field_label(item, f.field), f) for f in r.findings.all()]) for r in reviews],
        "changed": changed,
        "last": last,
        "due_at": due,
        "overdue": due is not None and due < clock.now(),
        "claim": claim,
        "other_claim": other_claim,
        "may_review": may_review,
        "may_merge": user.has_perm("item.merge", item)
        and item.status in (Status.SUBMITTED, Status.APPROVED)
        and other_claim is None,
        "own": item.reporter_id == user.pk,
        "place": queue.place(user, item.pk),
        "lines": timeline.lines(item),
        "problem": problem,
        "messages_of": problem.sentences if problem else [],
        "post": request.POST if problem else None,
        "typed_merge": typed.get("merge"),
        "tz": tree().setting(item.community_id, "time_zone") or str(clock.zone()),
    }
    response = render(request, "review/desk.html", context, status=problem.status if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


def _judging(user: User, item_id: UUID) -> Item:
    """The item for somebody who judges items of its community: the desk shows more than its reporter may see."""
    item = item_services.get(user, item_id)
    allow(user, "review.queue", item)
    return item


def _claim(user: User, item: Item) -> tuple[Claim | None, Claim | None]:
    """One's own claim on the item, or that of somebody else."""
    if item.status != Status.SUBMITTED or not user.has_perm("item.review", item):
        return None, None
    try:
        return services.claim(user, item.pk), None
    except Conflict:
        return None, Claim.objects.filter(item=item, until__gt=clock.now()).exclude(reviewer=user).select_related(
            "reviewer"
        ).first()


def _fields(item: Item, changed: set[str]) -> list[dict[str, Any]]:
    """The content of the item, field by field in the order of the form, for reading beside the checks."""
    zone = tree().setting(item.community_id, "time_zone")
    grid = tree().get(item.grid_id)

    def at(moment: Any) -> str:
        return clock.local(moment, zone).strftime("%Y-%m-%d %H:%M") if moment else ""

    rows: list[tuple[str, str, bool]] = [
        ("narrative", item.narrative, True),
        ("occurred_at", at(item.occurred_at), False),
        ("seen_at", at(item.seen_at), False),
        ("place", item.place, False),
        ("grid", grid.name if grid else "", False),
        ("source", str(Source(item.source).label) if item.source in Source.values else "", False),
        ("sensitivity", str(Sensitivity(item.sensitivity).label), False),
    ]
    for f in catalogue().fields(item.category, item.subcategory):
        if f.kind != FieldKind.PARTIES:
            message = forms.answer(f, item.details.get(f.code))
            if message and message != item.narrative:
                rows.append((f"details.{f.code}", message, f.kind == FieldKind.LONG))
    rows += [
        ("key_points", "\n".join(item.key_points), True),
        ("analysis", item.analysis, True),
        ("suggestion", item.suggestion, True),
    ]
    return [
        {
            "name": name,
            "label": snapshot.field_label(item, name),
            "text": message,
            "long": long,
            "changed": name in changed,
        }
        for name, message, long in rows
    ]


def _checks(hints: list[Any], answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for number, check in enumerate(Check, start=1):
        about = [h for h in hints if h.check_kind == check.value]
        value = answers.get(check.value, {})
        rows.append(
            {
                "number": number,
                "code": check.value,
                "label": check.label,
                "hints": about,
                "must_overrule": any(h.code not in services.ADVICE for h in about),
                "pass": value.get("pass"),
                "remark": value.get("remark", ""),
                "overruled": value.get("overruled", ""),
            }
        )
    return rows


def _answers(post: Any) -> dict[str, dict[str, Any]]:
    result: dict[str, dict[str, Any]] = {}
    for check in Check:
        message = post.get(f"check-{check.value}", "")
        result[check.value] = {
            "pass": {"pass": True, "fail": False}.get(message),
            "remark": post.get(f"remark-{check.value}", ""),
            "overruled": post.get(f"overruled-{check.value}", ""),
        }
    return result


def _findings(post: Any) -> list[dict[str, str | None]]:
    """The rows of the return form that hold anything."""
    rows: list[dict[str, str | None]] = []
    columns = [post.getlist(f"finding-{k}")[:MOST_FINDINGS] for k in ("field", "check", "reason", "note")]
    for field, check, reason, note in zip(*columns, strict=False):
        if reason or note.strip() or (field and check):
            rows.append({"field": field, "check": check or None, "reason": reason or None, "note": note})
    return rows


def _marks(user: User, row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The badges of a line of the queue: label, tone, icon."""
    if row["reporter_id"] == user.pk:
        return [(_("本人上报"), "neutral", "user")]
    if row["claimed_by"] == user.pk:
        return [(_("我正在审"), "work", "pencil")]
    if row["claimed_by"]:
        return [(_("%(name)s正在审") % {"name": row["claimed_name"]}, "wait", "user-check")]
    return [(_("重新上报"), "work", "refresh")] if row["returns"] else []
