"""Work files on screen: the list, one file, its sealed copies (5.3.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from linbao.core import clock
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Search, contains
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from linbao.documents.download import hand_out
from linbao.documents.seals import services as seals
from linbao.management.inputs import ExportFile
from linbao.management.models import FileCopy
from linbao.management.presentation import refusal
from linbao.management.work_files import exports, retention
from linbao.management.work_files import services as work_file
from linbao.organisation import people as staff
from linbao.organisation.models import RoleGrant, User
from linbao.organisation.people import name_of
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree


def _prepare(viewer: User, rows: list[Any], export: bool) -> None:
    """Beside each person the posts held, the first day in one and the last: two statements."""
    ids = [p.pk for p in rows]
    grants: dict[UUID, list[RoleGrant]] = {}
    for grant in RoleGrant.objects.filter(user__in=ids, role__in=work_file.REPORTING).order_by("starts", "pk"):
        grants.setdefault(grant.user_id, []).append(grant)
    last = work_file.last_days(ids)
    for person in rows:
        own = grants.get(person.pk, [])
        person.posts = list(dict.fromkeys((g.get_role_display(), name_of(tree().get(g.unit_id))) for g in own))
        person.in_post_since = own[0].starts if own else None
        person.last_day = last.get(person.pk)
        person.kept_until = retention.ends_on(person.last_day, own[-1].unit_id) if person.last_day and own else None


LISTING = Listing(
    name="work-files",
    title=gettext_lazy("工作档案"),
    action="management.export",
    url="management:files",
    export_url="management:files-export",
    rows=lambda user, values: work_file.listed(user, state=values["state"]),
    filters=(
        Search("q", gettext_lazy("搜索姓名或用户名"), contains("name", "username")),
        Choice("state", gettext_lazy("状态"), every=gettext_lazy("在任"), options=[("left", gettext_lazy("已离任"))]),
    ),
    columns=(
        Column("name", gettext_lazy("姓名"), lambda p: p.name, 12, sort="name"),
        Column("username", gettext_lazy("用户名"), lambda p: p.username, 16, sort="username"),
        Column("posts", gettext_lazy("任职情况"), lambda p: "；".join(f"{role} {unit}" for role, unit in p.posts), 50),
        Column("since", gettext_lazy("任职自"), lambda p: p.in_post_since, 12),
        Column("last", gettext_lazy("离任日期"), lambda p: p.last_day, 12),
        Column("kept", gettext_lazy("保存至"), lambda p: p.kept_until, 12),
    ),
    sort="username",
    prepare=_prepare,
)


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """Files that one may open: one's own, and of the people whom one leads. Three statements."""
    page = LISTING.page(request)
    return render(request, "management/files.html", {"page": page}, status=page.status)


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The list as a spreadsheet; on the audit log."""
    return LISTING.export(request)


@login_required
@require_GET
def file(request: AuthenticatedRequest, person_id: UUID) -> HttpResponse:
    """One file: a section for each matter, each line with its source."""
    return _show(request, person_id)


def _show(request: AuthenticatedRequest, person_id: UUID, problem: Problem | None = None) -> HttpResponse:
    user = request.user
    person = work_file.find(user, person_id)
    errors: dict[str, list[str]] = dict(problem.fields) if problem else {}
    data = request.POST if request.method == "POST" else request.GET
    try:
        since, until = work_file.period(data.get("since", ""), data.get("until", ""))
    except Invalid as e:
        errors |= e.fields
        since, until = work_file.period("", "")
    may_export = user.has_perm("work_file.export", person)
    context = (
        {
            "person": person,
            "since": since,
            "until": until,
            "sections": work_file.read(user, person, since, until),
            "own": person.pk == user.pk,
            "posts": staff_roles(person),
            "copies": exports.copies(user, person),
            "may_export": may_export,
            "seals": seals.usable_by(user) if may_export else [],
        }
        | refusal(request, problem)
        | {"errors": errors}
    )
    return render(
        request, "management/file.html", context, status=problem.status if problem else 422 if errors else 200
    )


def staff_roles(person: User) -> list[str]:
    """The person's posts today, in words; one statement."""
    rows = RoleGrant.objects.current().filter(user=person).order_by("role", "starts")
    return [f"{staff.name_of(tree().get(g.unit_id))} {g.get_role_display()}" for g in rows]


@login_required
@require_POST
def seal(request: AuthenticatedRequest, person_id: UUID) -> HttpResponse:
    """Ask for a sealed copy over the days shown."""
    user = request.user
    allow(user, "work_file.export", work_file.find(user, person_id))
    try:
        exports.export(user, person_id, posted(ExportFile, request.POST))
    except (Invalid, Conflict) as e:
        return _show(request, person_id, e)
    except NotAllowed as e:  # the seal is in somebody else's keeping
        return _show(request, person_id, Invalid(fields={"seal": [e.message]}))
    messages.success(request, _("正在生成加盖印章的档案，稍后刷新本页即可下载。"))
    return redirect("management:file", person_id)


@login_required
@require_GET
def copy(request: AuthenticatedRequest, person_id: UUID, copy_id: UUID) -> HttpResponse:
    """The sealed PDF, for whoever took it out and for the person."""
    user = request.user
    person = work_file.find(user, person_id)
    row = FileCopy.objects.filter(pk=copy_id, person=person, document__isnull=False).select_related("document").first()
    if row is None or user.pk not in (row.by_id, person.pk):
        raise NotFound(_("没有这份文件。"))
    return hand_out(user, row.document, f"work-file-{clock.local(row.at):%Y%m%d}")
