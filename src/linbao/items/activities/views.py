"""Collection activities: list, record, correct, show (2.1.1, 4.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock, http, ids, text
from linbao.core.http import uploaded, wants_json
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Control, Ident, Listing
from linbao.core.permissions import allow
from linbao.core.problems import NotFound, Problem
from linbao.duties.models import Obligation
from linbao.items import fields, forms
from linbao.items.activities import services as activities
from linbao.items.activities.inputs import ChangeActivity, RecordActivity
from linbao.items.attachments import presentation
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile
from linbao.items.item_views import serve
from linbao.items.models import Activity, ActivityKind, AttachmentKind, Item
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

PERIODS = {"week": lazy("本周"), "month": lazy("近 30 天"), "quarter": lazy("近 90 天")}


class ReporterFilter(Ident):
    """Whose activities a leader sees; offered to nobody else, who sees only their own."""

    def controls(self, user: User, raw: Mapping[str, str]) -> list[Control]:
        pairs = _reporters(user)
        value = str(http.as_uuid(raw.get(self.name)) or "")
        return [Control("select", self.name, self.label, value, _("全部报告员"), [("", pairs)])] if pairs else []

    def shown(self, user: User, value: UUID) -> str:
        person = User.objects.visible_to(user).filter(pk=value).first()
        return person.name if person else super().shown(user, value)


def _rows(user: User, values: Mapping[str, Any]) -> QuerySet[Activity]:
    rows = Activity.objects.visible_to(user).select_related("reporter")
    since = _since(values["period"], user)
    return rows.filter(starts_at__gte=since) if since else rows


def _prepare(user: User, rows: list[Any], export: bool) -> None:
    """Beside each activity how many items it brought; one statement."""
    brought = Item.objects.filter(activity__in=[r.pk for r in rows]).order_by()
    counted = dict(brought.values_list("activity").annotate(n=Count("pk")))
    for row in rows:
        row.items_count = counted.get(row.pk, 0)


LISTING = Listing(
    name="activities",
    title=lazy("收集活动"),
    action="export",
    url="items:activities",
    export_url="items:activities-export",
    size=25,
    rows=_rows,
    filters=(
        Choice("kind", lazy("方式"), "kind", every=lazy("全部方式"), options=ActivityKind.choices),
        Choice("period", lazy("时间"), every=lazy("全部时间"), options=PERIODS.items(), codes=frozenset({"all"})),
        ReporterFilter("reporter", lazy("报告员"), "reporter"),
    ),
    columns=(
        Column("kind", lazy("方式"), lambda a: a.get_kind_display(), 14),
        Column("starts", lazy("开始时间"), lambda a: a.starts_at, 18, sort="starts_at"),
        Column("minutes", lazy("时长（分钟）"), lambda a: a.minutes or "", 12),
        Column("place", lazy("地点"), lambda a: text.mask_within(a.place), 24),
        Column("people", lazy("人数"), lambda a: a.people, 8, sort="people"),
        Column("notes", lazy("记录"), lambda a: text.mask_within(a.notes), 60),
        Column("reporter", lazy("报告员"), lambda a: a.reporter.name, 12),
        Column("grid", lazy("网格"), lambda a: tree().name(a.grid_id), 14),
        Column("items", lazy("信息条目"), lambda a: a.items_count, 10),
    ),
    sort="-starts",
    prepare=_prepare,
    zone=lambda user, activity: tree().setting(activity.community_id, "time_zone"),
)


@login_required
@require_GET
def list_(request: AuthenticatedRequest) -> HttpResponse:
    """What one may see, by kind, period and reporter; with this week's collection duty on top (4.1.1)."""
    page = LISTING.page(request)
    monday = clock.monday(clock.today())
    duty = Obligation.objects.filter(owner=request.user, kind="weekly_collection", period=monday).first()
    context = {"page": page, "duty": duty, "week": monday, "may_create": request.user.has_perm("activity.create")}
    return render(request, "items/activities.html", context, status=page.status)


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The list with the same filters as CSV or XLSX; on the audit log."""
    return LISTING.export(request)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    """Record an activity; photos can come with the same form."""
    allow(request.user, "activity.create")
    if request.method == "POST":
        return _posted(request, None)
    home = fields.home(request.user)
    now = clock.local(clock.now(), tree().setting(home, "time_zone")).strftime("%Y-%m-%dT%H:%M")
    data = {
        "kind": request.GET.get("kind", ActivityKind.VISIT),
        "starts_at": now,
        "grid": forms.home_grid(request.user),
        "people": "",
    }
    return _form(request, None, ids.new(), data)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: AuthenticatedRequest, activity_id: UUID) -> HttpResponse:
    """Correct an activity of one's own."""
    row = activities.get(request.user, activity_id)
    allow(request.user, "activity.change", row)
    if request.method == "POST":
        return _posted(request, row)
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


@login_required
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


@login_required
@require_POST
def captions(request: AuthenticatedRequest, activity_id: UUID) -> HttpResponse:
    """Set captions of the photos of an activity of one's own (`caption.<attachment id>`; 2.1.2)."""
    row = activities.get(request.user, activity_id)
    allow(request.user, "activity.change", row)
    attachments.describe_all(request.user, row.attachments.all(), request.POST)
    messages.success(request, _("照片说明已保存。"))
    return redirect("items:activity", activity_id)


@login_required
@require_POST
def remove(request: AuthenticatedRequest, activity_id: UUID) -> HttpResponse:
    """Delete an activity of one's own that no item came of."""
    activities.remove(request.user, activity_id)
    messages.success(request, _("已删除。"))
    return redirect("items:activities")


@login_required
@require_POST
def upload(request: AuthenticatedRequest, activity_id: UUID) -> HttpResponse:
    """Take one file for an activity of one's own."""
    file, name = uploaded(request)
    data = posted(AttachFile, request.POST, activity=activity_id, item=None, stage="report")
    row = attachments.attach(request.user, data, file=file, name=name)
    if not wants_json(request):
        return redirect("items:activity", activity_id)
    return presentation.answer(row, reverse("items:activity", args=[activity_id]))


@login_required
@require_POST
def remove_file(request: AuthenticatedRequest, activity_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Take back a file of one's own activity."""
    attachments.remove(request.user, attachment_id)
    if wants_json(request):
        return JsonResponse({})
    return redirect("items:activity", activity_id)


@login_required
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


def _posted(request: AuthenticatedRequest, row: Activity | None) -> HttpResponse:
    id = row.pk if row else http.as_uuid(request.POST.get("id")) or ids.new()
    try:
        if row is None:
            saved = activities.create(request.user, posted(RecordActivity, request.POST, id=id))
        else:
            saved = activities.change(request.user, id, posted(ChangeActivity, request.POST))
        for upload_ in request.FILES.getlist("files"):
            file = attachments.attach(
                request.user, AttachFile(activity=saved.pk), file=upload_.read(), name=upload_.name or ""
            )
            if file.notice:
                messages.warning(request, file.notice)
    except Problem as e:
        if e.status in (403, 404):
            raise
        if row is None:
            row = Activity.objects.filter(pk=id, reporter=request.user).first()  # saved, only a file was refused
        return _form(request, row, id, request.POST, e)
    messages.success(request, _("已保存。"))
    if request.POST.get("action") == "report":
        return redirect(f"{reverse('items:new')}?activity={saved.pk}")
    return redirect("items:activity", saved.pk)


def _form(
    request: AuthenticatedRequest,
    row: Activity | None,
    id: UUID,
    values: Mapping[str, Any],
    problem: Problem | None = None,
) -> HttpResponse:
    errors = dict(problem.fields) if problem else {}
    if problem and not errors:
        errors = {"file" if problem.status in (413, 415) else "": [problem.message]}
    home = row.community_id if row else fields.home(request.user)
    context = {
        "row": row,
        "id": id,
        "values": values,
        "kinds": ActivityKind.choices,
        "grids": forms.grids(request.user),
        "communities": several if row is None and len(several := fields.homes(request.user)) > 1 else [],
        "errors": errors,
        "problem": problem,
        "shown_at": row.changed_at.isoformat() if row else "",
        "now": clock.local(clock.now(), tree().setting(home, "time_zone")).strftime("%Y-%m-%dT%H:%M"),
    }
    return render(request, "items/activity_form.html", context, status=problem.status if problem else 200)
