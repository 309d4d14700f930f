"""Courses and lecturers of a community (5.1.1, 5.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from linbao.core import text
from linbao.core.fields import set_errors
from linbao.core.inputs import Model, posted
from linbao.core.listing import Choice, Column, Listing, Search, contains
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.training.forms import CourseForm, LecturerForm
from linbao.training.inputs import ForCommunity, SaveCourse, SaveLecturer
from linbao.training.models import Course, Lecturer, SessionStatus, Subject
from linbao.training.planning import services as planning

PAGE = 50


def _lecturers(user: User, values: Mapping[str, Any]) -> QuerySet[Lecturer]:
    taught = Q(teachings__session__status=SessionStatus.HELD)
    return Lecturer.objects.visible_to(user).annotate(
        times=Count("teachings", filter=taught), fees=Sum("teachings__fee", filter=taught)
    )


COURSES = Listing(
    name="courses",
    title=lazy("课程"),
    permission="training.run",
    action="list.export",
    url="training:courses",
    size=PAGE,
    rows=lambda user, values: Course.objects.visible_to(user),
    filters=(
        Search("q", lazy("搜索课程"), contains("title", "outline")),
        Choice("subject", lazy("内容类别"), "subject", every=lazy("全部内容"), options=Subject.choices),
    ),
    columns=(
        Column("title", lazy("课程"), lambda c: c.title, 30, sort="title"),
        Column("subject", lazy("内容类别"), lambda c: c.get_subject_display(), 16),
        Column("outline", lazy("提纲"), lambda c: c.outline, 60),
        Column("active", lazy("启用"), lambda c: c.active, 8),
        Column("created", lazy("建立时间"), lambda c: c.created_at, 18, sort="created_at"),
    ),
    sort="-created",
)
LECTURERS = Listing(
    name="lecturers",
    title=lazy("授课人"),
    permission="training.run",
    action="list.export",
    url="training:lecturers",
    size=PAGE,
    rows=_lecturers,
    filters=(
        Search("q", lazy("姓名或单位"), contains("name", "organization")),
        Choice(
            "kind",
            lazy("来自"),
            lambda rows, value: rows.filter(external=value == "external"),
            every=lazy("全部"),
            options=[("external", lazy("外请专家")), ("internal", lazy("本单位"))],
        ),
    ),
    columns=(
        Column("name", lazy("姓名"), lambda r: r.name, 12, sort="name"),
        Column("kind", lazy("来自"), lambda r: _("外请专家") if r.external else _("本单位"), 12),
        Column("organization", lazy("单位"), lambda r: r.organization, 24),
        Column("title", lazy("职务职称"), lambda r: r.title, 16),
        Column("phone", lazy("电话"), lambda r: text.mask_phone(r.phone) if r.phone else "", 16),
        Column("times", lazy("授课次数"), lambda r: r.times, 10),
        Column("fees", lazy("课酬合计（元）"), lambda r: r.fees, 14),
        Column("active", lazy("启用"), lambda r: r.active, 8),
        Column("created", lazy("建立时间"), lambda r: r.created_at, 18, sort="created_at"),
    ),
    sort="-created",
)


@login_required
@require_http_methods(["GET", "POST"])
def courses(request: AuthenticatedRequest) -> HttpResponseBase:
    """The courses, the newest first, and adding one; `?format=` exports them."""
    user = request.user
    home = planning.home(user, posted(ForCommunity, request.POST).unit)
    form = CourseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            planning.save_course(user, home, _typed(SaveCourse, request))
            messages.success(request, _("课程已保存。"))
            return redirect("training:courses")
        except Invalid as e:
            set_errors(form, e)
    if request.GET.get("format"):
        return COURSES.export(request)
    page = COURSES.page(request)
    status = 422 if form.errors else page.status
    return render(request, "training/courses.html", {"page": page, "form": form}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def course(request: AuthenticatedRequest, course_id: UUID) -> HttpResponse:
    """Correct a course, or put it out of use."""
    row = _seen(Course, request, course_id)
    details = {n: getattr(row, n) for n in ("title", "subject", "outline", "active")}
    form = CourseForm(request.POST if request.method == "POST" else None, initial=details)
    if request.method == "POST":
        try:
            planning.save_course(request.user, row.community_id, _typed(SaveCourse, request), row.pk)
            messages.success(request, _("课程已保存。"))
            return redirect("training:courses")
        except Invalid as e:
            set_errors(form, e)
    return render(request, "training/course.html", {"row": row, "form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def lecturers(request: AuthenticatedRequest) -> HttpResponseBase:
    """Who teaches, with how often and the fees in all; and adding one. `?format=` exports them."""
    user = request.user
    home = planning.home(user, posted(ForCommunity, request.POST).unit)
    form = LecturerForm(home, request.POST if request.method == "POST" else None, initial={"external": True})
    if request.method == "POST":
        try:
            planning.save_lecturer(user, home, _typed(SaveLecturer, request))
            messages.success(request, _("授课人已保存。"))
            return redirect("training:lecturers")
        except Invalid as e:
            set_errors(form, e)
    if request.GET.get("format"):
        return LECTURERS.export(request)
    page = LECTURERS.page(request)
    status = 422 if form.errors else page.status
    return render(request, "training/lecturers.html", {"page": page, "form": form}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def lecturer(request: AuthenticatedRequest, lecturer_id: UUID) -> HttpResponse:
    """One lecturer: profile, what they taught and for what fee."""
    row = _seen(Lecturer, request, lecturer_id)
    details: dict[str, Any] = {
        n: getattr(row, n) for n in ("name", "external", "organization", "title", "profile", "active")
    }
    form = LecturerForm(
        row.community_id,
        request.POST if request.method == "POST" else None,
        initial={**details, "person": row.person_id},
    )
    if row.phone:
        form.fields["phone"].help_text = _("已登记 %(phone)s；不更换请留空。") % {"phone": text.mask_phone(row.phone)}
    if request.method == "POST":
        try:
            planning.save_lecturer(request.user, row.community_id, _typed(SaveLecturer, request), row.pk)
            messages.success(request, _("授课人已保存。"))
            return redirect("training:lecturer", row.pk)
        except Invalid as e:
            set_errors(form, e)
    taught = row.teachings.select_related("session").order_by("-session__starts_at")[:100]
    context = {"row": row, "form": form, "taught": taught}
    return render(request, "training/lecturer.html", context, status=422 if form.errors else 200)


def _typed(model: type[Model], request: AuthenticatedRequest) -> Model:
    """What the form posted; a box that is not ticked takes the row out of use."""
    return posted(model, request.POST, active="active" in request.POST)


def _seen(model: Any, request: AuthenticatedRequest, row_id: UUID) -> Any:
    allow(request.user, "training.run")
    row = model.objects.visible_to(request.user).filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("没有找到，或您无权查看。"))
    return row
