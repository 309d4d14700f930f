"""Courses and lecturers of a community (5.1.1, 5.1.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linbao.accounts.forms import tell
from linbao.core import text
from linbao.core.http import answering, as_uuid
from linbao.core.keyset import newest
from linbao.core.problems import Invalid, NotFound
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.rights import allow
from linbao.training.forms import CourseForm, LecturerForm
from linbao.training.models import Course, Lecturer, SessionStatus, Subject
from linbao.training.planning import services as planning

PAGE = 50


@answering
@require_http_methods(["GET", "POST"])
def courses(request: AuthenticatedRequest) -> HttpResponse:
    """The courses, the newest first, and adding one."""
    user = request.user
    home = planning.home(user, as_uuid(request.POST.get("unit")))
    form = CourseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            planning.save_course(user, home, form.cleaned_data)
            messages.success(request, _("课程已保存。"))
            return redirect("training:courses")
        except Invalid as e:
            tell(form, e)
    rows = Course.objects.visible_to(user)
    chosen = request.GET.get("subject", "")
    if chosen in Subject.values:
        rows = rows.filter(subject=chosen)
    result, following = newest(rows, request.GET.get("cursor", ""), PAGE)
    context = {"rows": result, "next": following, "form": form, "subjects": Subject.choices, "chosen": chosen}
    return render(request, "training/courses.html", context, status=422 if form.errors else 200)


@answering
@require_http_methods(["GET", "POST"])
def course(request: AuthenticatedRequest, course_id: UUID) -> HttpResponse:
    """Correct a course, or put it out of use."""
    row = _seen(Course, request, course_id)
    details = {n: getattr(row, n) for n in ("title", "subject", "outline", "active")}
    form = CourseForm(request.POST if request.method == "POST" else None, initial=details)
    if request.method == "POST" and form.is_valid():
        try:
            planning.save_course(request.user, row.community_id, form.cleaned_data, row.pk)
            messages.success(request, _("课程已保存。"))
            return redirect("training:courses")
        except Invalid as e:
            tell(form, e)
    return render(request, "training/course.html", {"row": row, "form": form}, status=422 if form.errors else 200)


@answering
@require_http_methods(["GET", "POST"])
def lecturers(request: AuthenticatedRequest) -> HttpResponse:
    """Who teaches, with how often and the fees in all; and adding one."""
    user = request.user
    home = planning.home(user, as_uuid(request.POST.get("unit")))
    form = LecturerForm(home, request.POST if request.method == "POST" else None, initial={"external": True})
    if request.method == "POST" and form.is_valid():
        try:
            planning.save_lecturer(user, home, form.cleaned_data)
            messages.success(request, _("授课人已保存。"))
            return redirect("training:lecturers")
        except Invalid as e:
            tell(form, e)
    held = Q(teachings__session__status=SessionStatus.HELD)
    rows = Lecturer.objects.visible_to(user).annotate(
        times=Count("teachings", filter=held), fees=Sum("teachings__fee", filter=held)
    )
    if (kind := request.GET.get("kind", "")) in ("external", "internal"):
        rows = rows.filter(external=kind == "external")
    result, following = newest(rows, request.GET.get("cursor", ""), PAGE)
    context = {"rows": result, "next": following, "form": form, "kind": kind}
    return render(request, "training/lecturers.html", context, status=422 if form.errors else 200)


@answering
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
    if request.method == "POST" and form.is_valid():
        try:
            planning.save_lecturer(request.user, row.community_id, form.cleaned_data, row.pk)
            messages.success(request, _("授课人已保存。"))
            return redirect("training:lecturer", row.pk)
        except Invalid as e:
            tell(form, e)
    taught = row.teachings.select_related("session").order_by("-session__starts_at")[:100]
    context = {"row": row, "form": form, "taught": taught}
    return render(request, "training/lecturer.html", context, status=422 if form.errors else 200)


def _seen(model: Any, request: AuthenticatedRequest, row_id: UUID) -> Any:
    allow(request.user, "training.run")
    row = model.objects.visible_to(request.user).filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("没有找到，或您无权查看。"))
    return row
