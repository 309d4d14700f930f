"""Collection activities: list, record, correct, show (2.1.1, 4.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.audit import services as audit
from linbao.core import clock, exports, http, ids, text
from linbao.core import dates as days
from linbao.core.http import answering, uploaded
from linbao.core.listing import Cursor
from linbao.core.problems import Conflict, Invalid, NotFound, Problem
from linbao.duties.models import Obligation
from linbao.items import fields, forms
from linbao.items.activities import services as activities
from linbao.items.attachments import services as attachments
from linbao.items.item_views import serve
from linbao.items.models import Activity, ActivityKind, AttachmentKind, Item
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree

SIZE, MOST_EXPORTED = 25, 20_000
PERIODS = ("week", "month", "quarter", "all")
ORDERS = {"new": Cursor("starts_at"), "old": Cursor("starts_at", descending=False), "people": Cursor("people")}


@answering
@require_GET
def list_(request: AuthenticatedRequest) -> HttpResponse:
    """What one may see, by kind, period and reporter; with this week's collection duty on top (4.1.1)."""
    chosen, rows = _filtered(request)
    result, following = ORDERS[chosen["order"]].page(
        rows.annotate(items_count=Count("items")), request.GET.get("cursor", ""), SIZE
    )
    monday = clock.monday(clock.today())
    duty = Obligation.objects.filter(owner=request.user, kind="weekly_collection", period=monday).first()
    query = request.GET.copy()
    query.pop("cursor", None)
    context = {
        "rows": result,
        "next": following,
        "query": query.urlencode(),
        "first": not request.GET.get("cursor"),
        "chosen": chosen,
        "kinds": ActivityKind.choices,
        "periods": [("week", _("本周")), ("month", _("近 30 天")), ("quarter", _("近 90 天")), ("all", _("全部"))],
        "orders": [("new", _("最近在前")), ("old", _("最早在前")), ("people", _("人数多在前"))],
        "reporters": _reporters(request.user),
        "duty": duty,
        "week": monday,
        "may_create": request.user.has_perm("activity.create"),
        "filtered": any(chosen[k] for k in ("kind", "reporter")) or chosen["period"] != "all",
    }
    return render(request, "items/activities.html", context)


@answering
@require_GET
def export(request: AuthenticatedRequest, kind: str) -> HttpResponseBase:
    """The list with the same filters as CSV or XLSX; on the audit log."""
    if kind not in ("csv", "xlsx"):
        raise NotFound
    _chosen, rows = _filtered(request)
    head = [
        _("方式"),
        _("开始时间"),
        _("时长（分钟）"),
        _("地点"),
        _("人数"),
        _("记录"),
        _("报告员"),
        _("网格"),
        _("信息条目"),
    ]
    matches = list(rows.annotate(items_count=Count("items")).order_by("-starts_at", "-id")[:MOST_EXPORTED])
    lines = [_line(r) for r in matches]
    audit.record(request.user, "export", rows=len(lines), what="activities", format=kind)
    return exports.answer(kind, "activities", _("收集活动"), head, lines, (14, 18, 12, 24, 8, 60, 12, 14, 10))


@answering
@require_http_methods(["GET", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    """Record an activity; photos can come with the same form."""
    allow(request.user, "activity.create")
    if request.method == "POST":
        id = http.as_uuid(request.POST.get("id")) or ids.new()
        return _posted(request, None, id)
    home = fields.home(request.user)
    now = clock.local(clock.now(), tree().setting(home, "time_zone")).strftime("%Y-%m-%dT%H:%M")
    data = {
        "kind": request.GET.get("kind", ActivityKind.VISIT),
        "starts_at": now,
        "grid": forms.home_grid(request.user),
        "people": "",
    }
    return _form(request, None, ids.new(), data)


@answering
@require_http_methods(["GET", "POST"])
def edit(request: AuthenticatedRequest, activity_id: UUID) -> HttpResponse:
    """Correct an activity of one's own."""
    row = activities.get(request.user, activity_id)
    allow(request.user, "activity.change", row)
    if request.method == "POST":
        return _posted(request, row, activity_id)
    local = clock.local(row.starts_at, tree().setting(row.community_id, "time_zone"))
    data = {
        "kind": row.kind,
        "starts_at": local.strftime("%Y-%m-%dT%H:%M"),
        "minutes": row.minutes or "",
        "place": row.place,
        "people": row.people,
        "notes": row.notes,
        "grid": str(row.grid_id or ""),
    }
    return _form(request, row, activity_id, data)


@answering
@require_GET
def detail(request: AuthenticatedRequest, activity_id: UUID) -> HttpResponse:
    """One activity: the facts, its photos, and the items that came of it."""
    row = activities.get(request.user, activity_id)
    files = list(row.attachments.all())
    mine = request.user.has_perm("activity.change", row)
    units = tree()
    context = {
        "row": row,
        "kind": ActivityKind(row.kind),
        "photos": [f for f in files if f.kind == AttachmentKind.PHOTO],
        "others": [f for f in files if f.kind != AttachmentKind.PHOTO],
        "items": list(Item.objects.visible_to(request.user).filter(activity=row).order_by("-created_at")[:50]),
        "grid": units.get(row.grid_id),
        "community": units.get(row.community_id),
        "mine": mine,
        "captioned": [f for f in files if f.kind == AttachmentKind.PHOTO and mine],
        "tz": str(clock.zone(units.setting(row.community_id, "time_zone"))),
    }
    return render(request, "items/activity.html", context)


@answering
@require_POST
def captions(request: AuthenticatedRequest, activity_id: UUID) -> HttpResponse:
    """Set captions of the photos of an activity of one's own (`caption.<attachment id>`; 2.1.2)."""
    row = activities.get(request.user, activity_id)
    allow(request.user, "activity.change", row)
    attachments.describe_all(request.user, row.attachments.all(), request.POST)
    messages.success(request, _("照片说明已保存。"))
    return redirect("items:activity", activity_id)


@answering
@require_POST
def remove(request: AuthenticatedRequest, activity_id: UUID) -> HttpResponse:
    """Delete an activity of one's own that no item came of."""
    activities.remove(request.user, activity_id)
    messages.success(request, _("已删除。"))
    return redirect("items:activities")


@answering
@require_POST
def upload(request: AuthenticatedRequest, activity_id: UUID) -> HttpResponse:
    """Take one file for an activity of one's own."""
    data, name = uploaded(request)
    row = attachments.attach(
        request.user,
        data=data,
        name=name,
        activity_id=activity_id,
        id=http.as_uuid(request.POST.get("id")),
        sha256=request.POST.get("sha256", ""),
    )
    if "application/json" not in request.headers.get("Accept", ""):
        return redirect("items:activity", activity_id)
    base = reverse("items:activity", args=[activity_id])
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


@answering
@require_POST
def remove_file(request: AuthenticatedRequest, activity_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Take back a file of one's own activity."""
    attachments.remove(request.user, attachment_id)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({})
    return redirect("items:activity", activity_id)


@answering
@require_GET
def file(request: AuthenticatedRequest, activity_id: UUID, attachment_id: UUID, version: str) -> HttpResponse:
    """A file of an activity that this person may see."""
    row = (
        activities.get(request.user, activity_id)
        .attachments.select_related("activity")
        .filter(pk=attachment_id)
        .first()
    )
    if row is None:
        raise NotFound
    return serve(request, row, version)


# --- inside ------------------------------------------------------------------------------------


def _filtered(request: AuthenticatedRequest) -> tuple[dict[str, Any], QuerySet[Activity]]:
    get = request.GET
    chosen: dict[str, Any] = {
        "kind": get.get("kind", "") if get.get("kind") in ActivityKind.values else "",
        "period": get.get("period") if get.get("period") in PERIODS else "all",
        "reporter": str(http.as_uuid(get.get("reporter")) or ""),
        "order": get.get("order") if get.get("order") in ORDERS else "new",
    }
    rows = Activity.objects.visible_to(request.user).select_related("reporter")
    if chosen["kind"]:
        rows = rows.filter(kind=chosen["kind"])
    if chosen["reporter"]:
        rows = rows.filter(reporter=chosen["reporter"])
    since = _since(chosen["period"], request.user)
    if since:
        rows = rows.filter(starts_at__gte=since)
    return chosen, rows


def _since(period: str, user: User) -> datetime | None:
    today = clock.today()
    days: dict[str, date] = {
        "week": clock.monday(today),
        "month": today - timedelta(days=30),
        "quarter": today - timedelta(days=90),
    }
    if period not in days:
        return None
    zone = clock.zone(tree().setting(fields.home(user), "time_zone"))
    return datetime.combine(days[period], time(), zone)


def _reporters(user: User) -> list[tuple[str, str]]:
    """Whose activities a leader can choose among; nobody's for a reporter, who sees only their own."""
    led = user.rights.communities("manager", "reviewer", "group_leader")
    if not led:
        return []
    rows = User.objects.filter(activities__community__in=led).distinct().order_by("name")[:200]
    return [(str(u.pk), u.name) for u in rows]


def _line(row: Any) -> list[str]:
    units = tree()
    grid = units.get(row.grid_id)
    local = clock.local(row.starts_at, units.setting(row.community_id, "time_zone"))
    return [
        str(ActivityKind(row.kind).label),
        local.strftime("%Y-%m-%d %H:%M"),
        str(row.minutes or ""),
        text.mask_within(row.place),
        str(row.people if row.people is not None else ""),
        text.mask_within(row.notes),
        row.reporter.name,
        grid.name if grid else "",
        str(row.items_count),
    ]


def _told(post: QueryDict) -> dict[str, Any]:
    return {
        k: post.get(k, "")
        for k in ("kind", "starts_at", "minutes", "place", "people", "notes", "grid", "community")
        if k in post
    }


def _posted(request: AuthenticatedRequest, row: Activity | None, id: UUID) -> HttpResponse:
    data = _told(request.POST)
    try:
        if row is None:
            saved = activities.create(request.user, data, activity_id=id)
        else:
            shown = request.POST.get("shown_at", "")
            if shown and days.moment(shown).tzinfo is None:
                raise ValueError("no moment of ours")
            saved = activities.change(request.user, id, data, shown_at=days.moment(shown) if shown else None)
        for upload_ in request.FILES.getlist("files"):
            file = attachments.attach(request.user, data=upload_.read(), name=upload_.name or "", activity_id=saved.pk)
            if file.notice:
                messages.warning(request, file.notice)
    except (Invalid, Conflict, Problem) as e:
        if e.status in (403, 404):
            raise
        if row is None:
            row = Activity.objects.filter(pk=id, reporter=request.user).first()  # saved, only a file was refused
        return _form(request, row, id, data, e)
    except ValueError as e:
        raise Invalid(_("页面已过期，请刷新后重试。")) from e
    messages.success(request, _("已保存。"))
    if request.POST.get("action") == "report":
        return redirect(f"{reverse('items:new')}?activity={saved.pk}")
    return redirect("items:activity", saved.pk)


def _form(
    request: AuthenticatedRequest,
    row: Activity | None,
    id: UUID,
    given: Mapping[str, Any],
    problem: Problem | None = None,
) -> HttpResponse:
    errors = dict(problem.fields) if problem else {}
    if problem and not errors:
        errors = {"file" if problem.status in (413, 415) else "": [problem.message]}
    home = row.community_id if row else fields.home(request.user)
    context = {
        "row": row,
        "id": id,
        "given": given,
        "kinds": ActivityKind.choices,
        "grids": forms.grids(request.user),
        "communities": several if row is None and len(several := fields.homes(request.user)) > 1 else [],
        "errors": errors,
        "problem": problem,
        "shown_at": row.changed_at.isoformat() if row else "",
        "now": clock.local(clock.now(), tree().setting(home, "time_zone")).strftime("%Y-%m-%dT%H:%M"),
    }
    return render(request, "items/activity_form.html", context, status=problem.status if problem else 200)
