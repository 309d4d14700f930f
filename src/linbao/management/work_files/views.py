"""Work files on screen: the list, one file, its sealed copies (5.3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from linbao.audit import services as audit
from linbao.core import clock, exports, text
from linbao.core.http import answering, as_uuid
from linbao.core.listing import Cursor
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from linbao.documents.download import hand_out
from linbao.documents.seals import services as seals
from linbao.management.models import FileCopy
from linbao.management.work_files import exports as taking_out
from linbao.management.work_files import retention
from linbao.management.work_files import services as work_file
from linbao.organisation import people as staff
from linbao.organisation.models import RoleGrant, User
from linbao.organisation.people import name_of
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

STATES = {"left": gettext_lazy("已离任")}
ORDERS = {"": Cursor("username", descending=False), "name": Cursor("name", descending=False), "-name": Cursor("name")}


def _given(request: AuthenticatedRequest) -> dict[str, str]:
    data = {
        "q": text.clean(request.GET.get("q", ""))[:60],
        "state": request.GET.get("state", ""),
        "sort": request.GET.get("sort", ""),
    }
    if (data["state"] and data["state"] not in STATES) or data["sort"] not in ORDERS:
        raise Invalid(fields={"state": [_("有筛选条件无法识别，请修改后重试。")]})
    return data


def _rows(user: User, given: dict[str, str], cursor: str, size: int) -> tuple[list[dict[str, Any]], str | None]:
    """A page of files: three statements."""
    result, following = ORDERS[given["sort"]].page(
        work_file.listed(user, q=given["q"], state=given["state"]), cursor, size
    )
    ids = [p.pk for p in result]
    posts: dict[UUID, list[RoleGrant]] = {}
    for grant in RoleGrant.objects.filter(user__in=ids, role__in=work_file.REPORTING).order_by("starts", "pk"):
        posts.setdefault(grant.user_id, []).append(grant)
    last = work_file.last_days(ids)
    rows = []
    for person in result:
        held = posts.get(person.pk, [])
        latest = held[-1].unit_id if held else None
        gone = last.get(person.pk) if given["state"] == "left" else None
        rows.append(
            {
                "person": person,
                "posts": list(dict.fromkeys((g.get_role_display(), name_of(tree().get(g.unit_id))) for g in held)),
                "since": held[0].starts if held else None,
                "gone": gone,
                "kept": retention.ends_on(gone, latest) if gone and latest else None,
            }
        )
    return rows, following


@answering
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """Files that one may open: one's own, and of the people whom one leads."""
    user = request.user
    rows: list[dict[str, Any]] = []
    following, errors, data = None, [], {"q": "", "state": "", "sort": ""}
    try:
        data = _given(request)
        rows, following = _rows(user, data, request.GET.get("cursor", ""), 50)
    except Invalid as e:
        errors = [m for message in e.fields.values() for m in message] or [e.message]
    context = {"rows": rows, "next": following, "given": data, "wrong": errors, "states": STATES.items()}
    return render(request, "management/files.html", context, status=422 if errors else 200)


@answering
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The list as a spreadsheet; on the audit log."""
    user = request.user
    data, form = _given(request), exports.form_of(request.GET.get("format", ""))
    audit.record(
        user,
        "management.export",
        unit_id=user.rights.home,
        what="files",
        filters={"state": data["state"]},
        searched=bool(data["q"]),
    )

    def lines() -> Iterator[list[str]]:
        cursor: str | None = ""
        while cursor is not None:
            result, cursor = _rows(user, data, cursor, 500)
            for row in result:
                yield [
                    row["person"].name,
                    row["person"].username,
                    "；".join(f"{r} {u}" for r, u in row["posts"]),
                    f"{row['since']:%Y-%m-%d}" if row["since"] else "",
                    f"{row['gone']:%Y-%m-%d}" if row["gone"] else "",
                ]

    head = [_("姓名"), _("用户名"), _("任职情况"), _("任职自"), _("离任日期")]
    return exports.answer(form, "work-files", _("工作档案"), head, exports.at_most(lines()), (12, 16, 50, 12, 12))


@answering
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
    context = {
        "person": person,
        "since": since,
        "until": until,
        "sections": work_file.read(user, person, since, until),
        "own": person.pk == user.pk,
        "posts": staff_roles(person),
        "copies": taking_out.copies(user, person),
        "may_export": may_export,
        "problem": problem,
        "seals": seals.usable_by(user) if may_export else [],
        "wrong": errors,
        "chosen": request.POST.get("seal", ""),
    }
    return render(
        request, "management/file.html", context, status=problem.status if problem else 422 if errors else 200
    )


def staff_roles(person: User) -> list[str]:
    """The person's posts today, in words; one statement."""
    rows = RoleGrant.objects.current().filter(user=person).order_by("role", "starts")
    return [f"{staff.name_of(tree().get(g.unit_id))} {g.get_role_display()}" for g in rows]


@answering
@require_POST
def take_out(request: AuthenticatedRequest, person_id: UUID) -> HttpResponse:
    """Ask for a sealed copy over the days shown."""
    user = request.user
    work_file.find(user, person_id)
    try:
        since, until = work_file.period(request.POST.get("since", ""), request.POST.get("until", ""))
        taking_out.take_out(user, person_id, since=since, until=until, seal_id=as_uuid(request.POST.get("seal")))
    except (Invalid, Conflict) as e:
        return _show(request, person_id, e)
    except NotAllowed as e:
        if not user.has_perm("work_file.export", work_file.find(user, person_id)):
            raise
        return _show(request, person_id, Invalid(fields={"seal": [e.message]}))
    messages.success(request, _("正在生成加盖印章的档案，稍后刷新本页即可下载。"))
    return redirect("management:file", person_id)


@answering
@require_GET
def copy(request: AuthenticatedRequest, person_id: UUID, copy_id: UUID) -> HttpResponse:
    """The sealed PDF, for whoever took it out and for the person."""
    user = request.user
    person = work_file.find(user, person_id)
    row = FileCopy.objects.filter(pk=copy_id, person=person, document__isnull=False).select_related("document").first()
    if row is None or user.pk not in (row.by_id, person.pk):
        raise NotFound(_("没有这份文件。"))
    return hand_out(user, row.document, f"work-file-{clock.local(row.at):%Y%m%d}")
