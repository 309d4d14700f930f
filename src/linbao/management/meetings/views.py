"""Meetings, opinions and the list of problems on screen (5.3.3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.http import as_uuid
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound, Problem
from linbao.documents.download import hand_out
from linbao.management import listing, people
from linbao.management.forms import MeetingForm, OpinionForm, ProblemForm
from linbao.management.meetings import minutes, opinions
from linbao.management.meetings import services as meetings
from linbao.management.meetings.inputs import (
    AddPoint,
    AnswerOpinion,
    CallMeeting,
    CancelMeeting,
    CloseProblem,
    Decide,
    GiveOpinion,
    HoldMeeting,
    MarkAttendance,
    RaiseProblem,
    Report,
)
from linbao.management.models import Meeting, MeetingState, Opinion, Presence, ProblemState
from linbao.management.models import Problem as Matter
from linbao.management.presentation import Verb, listed, perform, refusal
from linbao.organisation.models import User
from linbao.organisation.people import name_of
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The meetings that one is invited to or leads, the newest first."""
    may_call = request.user.has_perm("meeting.call")
    return listed(request, listing.MEETINGS, "management/meetings.html", may_call=may_call)


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The list of meetings as XLSX or CSV; on the audit log."""
    return listing.MEETINGS.export(request)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    """Call a meeting; what is open stands on its agenda."""
    user = request.user
    allow(user, "meeting.call")
    units = people.led_by(user)
    form = MeetingForm(user, units, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            row = meetings.call(user, posted(CallMeeting, request.POST, zone=people.zone_of(user)))
            messages.success(request, _("会议已召集，参会人会收到通知。"))
            return redirect("management:meeting", row.pk)
        except Invalid as e:
            set_errors(form, e)
    points = meetings.open_points(units[0].pk) if units else []
    context = {"form": form, "open_points": points}
    return render(request, "management/meeting_form.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def meeting(request: AuthenticatedRequest, meeting_id: UUID) -> HttpResponse:
    """One meeting: who comes, the agenda, reports, opinions, decisions, problems, minutes."""
    return _show(request, meeting_id)


def _show(
    request: AuthenticatedRequest, subject_id: UUID, *, problem: Problem | None = None, verb: str = ""
) -> HttpResponse:
    user = request.user
    row = meetings.find(user, subject_id)
    invited = list(row.people.select_related("person").order_by("person__name", "pk"))
    me = next((p for p in invited if p.person_id == user.pk), None)
    keeps = user.has_perm("meeting.keep", row)
    typed = request.POST if problem else QueryDict()
    agenda = list(row.agenda.all())
    for point in agenda:
        field = f"point-{point.pk}"
        point.field, point.typed = field, typed.get(field, point.discussion)  # type: ignore[attr-defined]  # for the template
    opinions_given = (
        Opinion.objects.visible_to(user).filter(meeting=row).select_related("author", "problem").order_by("day", "pk")
    )
    decided = list(row.decisions.prefetch_related("parts__person").order_by("given_at", "pk"))
    for task in decided:
        names = _("、").join(sorted(p.person.name for p in task.parts.all()))
        task.names = names  # type: ignore[attr-defined]  # for the template
    context = {
        "meeting": row,
        "place": name_of(tree().get(row.unit_id)),
        "people": invited,
        "me": me,
        "keeps": keeps,
        "present": sum(p.presence == Presence.PRESENT for p in invited),
        "agenda": agenda,
        "opinions": opinions_given,
        "decisions": decided,
        "problems": row.problems.select_related("owner").order_by("raised_at", "pk"),
        "minutes": row.minutes.select_related("document", "by").order_by("-version"),
        "reports": [p for p in invited if p.report],
        "on": row.state != MeetingState.CANCELLED,
        "begun": row.starts_at <= clock.now(),
        "working": people.working_in(row.unit_id) if keeps and row.state != MeetingState.CANCELLED else [],
        "chosen": typed.getlist("people"),
        "may_opine": user.has_perm("opinion.give", tree().get(row.unit_id)),
    } | refusal(request, problem, verb)
    return render(request, "management/meeting.html", context, status=problem.status if problem else 200)


def _sign_in(request: AuthenticatedRequest, user: User, id: UUID) -> str:
    meetings.sign_in(user, id)
    return _("已签到。")


def _mark(request: AuthenticatedRequest, user: User, id: UUID) -> str:
    meetings.mark(user, id, posted(MarkAttendance, request.POST))
    return _("到会情况已保存。")


def _report(request: AuthenticatedRequest, user: User, id: UUID) -> str:
    meetings.report(user, id, posted(Report, request.POST))
    return _("工作汇报已提交。")


def _point(request: AuthenticatedRequest, user: User, id: UUID) -> str:
    meetings.add_point(user, id, posted(AddPoint, request.POST))
    return _("议题已列入。")


def _hold(request: AuthenticatedRequest, user: User, id: UUID) -> str:
    points = {u: str(v) for k, v in request.POST.items() if k.startswith("point-") and (u := as_uuid(k[6:]))}
    meetings.hold(user, id, posted(HoldMeeting, request.POST, points=points))
    return _("会议情况已保存，可以签发纪要。")


def _decide(request: AuthenticatedRequest, user: User, id: UUID) -> str:
    meetings.decide(user, id, posted(Decide, request.POST, zone=people.zone_of(user)))
    return _("已议定，责任人会收到任务。")


def _problem(request: AuthenticatedRequest, user: User, id: UUID) -> str:
    row = meetings.find(user, id)
    zone = people.zone_of(user)
    opinions.raise_problem(user, posted(RaiseProblem, request.POST, zone=zone, unit=row.unit_id, meeting=row.pk))
    return _("已列入问题清单。")


def _opine(request: AuthenticatedRequest, user: User, id: UUID) -> str:
    row = meetings.find(user, id)
    opinions.give(user, posted(GiveOpinion, request.POST, unit=row.unit_id, meeting=row.pk))
    return _("意见建议已提交。")


def _cancel(request: AuthenticatedRequest, user: User, id: UUID) -> str:
    meetings.cancel(user, id, posted(CancelMeeting, request.POST))
    return _("会议已取消，参会人会收到通知。")


def _minutes(request: AuthenticatedRequest, user: User, id: UUID) -> str:
    row = minutes.issue(user, id)
    return _("第 %(n)d 版纪要已签发，文件正在生成。") % {"n": row.version}


VERBS: dict[str, Verb] = {
    "sign-in": _sign_in,
    "mark": _mark,
    "report": _report,
    "point": _point,
    "hold": _hold,
    "decide": _decide,
    "problem": _problem,
    "opinion": _opine,
    "cancel": _cancel,
    "minutes": _minutes,
}


@login_required
@require_POST
def act(request: AuthenticatedRequest, meeting_id: UUID, verb: str) -> HttpResponse:
    """Do one thing (`VERBS`) and come back; what was typed stays where it cannot be taken."""
    return perform(request, meeting_id, verb, verbs=VERBS, find=meetings.find, show=_show, page="management:meeting")


@login_required
@require_GET
def minutes_file(request: AuthenticatedRequest, meeting_id: UUID, version: int, form: str) -> HttpResponse:
    """Issued minutes as PDF or DOCX, for whoever may see the meeting."""
    row = meetings.find(request.user, meeting_id)
    # A version is a small number; the address may hold any.
    match = row.minutes.select_related("document").filter(version=version).first() if version < 10_000 else None
    document = match.document if match else None
    return hand_out(request.user, document, f"minutes-{clock.local(row.starts_at):%Y%m%d}-{version}", form=form)


# --- opinions -----------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def opinion_list(request: AuthenticatedRequest) -> HttpResponse:
    """Opinions that one gave or hears, and giving one, also between meetings."""
    user = request.user
    units = people.homes(user)
    form = OpinionForm(user, units, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        allow(user, "opinion.give")
        try:
            opinions.give(user, posted(GiveOpinion, request.POST))
            messages.success(request, _("意见建议已提交。"))
            return redirect("management:opinions")
        except Invalid as e:
            set_errors(form, e)
    made = listed(
        request,
        listing.OPINIONS,
        "management/opinions.html",
        form=form,
        may_give=user.has_perm("opinion.give") and bool(units),
    )
    if form.errors:
        made.status_code = 422
    return made


@login_required
@require_GET
def opinion_export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The list of opinions as XLSX or CSV; on the audit log."""
    return listing.OPINIONS.export(request)


@login_required
@require_http_methods(["GET", "POST"])
def opinion(request: AuthenticatedRequest, opinion_id: UUID) -> HttpResponse:
    """One opinion: answering it, and putting it on the list of problems."""
    user = request.user
    row = opinions.find(user, opinion_id)
    unit = tree().get(row.unit_id)
    problem: Problem | None = None
    form = ProblemForm(user, [unit] if unit else [], None)
    if request.method == "POST":
        try:
            if request.POST.get("verb") == "problem":
                allow(user, "problem.raise", unit)
                form = ProblemForm(user, [unit] if unit else [], request.POST)
                data = posted(RaiseProblem, request.POST, zone=people.zone_of(user), unit=row.unit_id, opinion=row.pk)
                made = opinions.raise_problem(user, data)
                messages.success(request, _("已列入问题清单。"))
                return redirect("management:problem", made.pk)
            else:
                opinions.answer(user, row.pk, posted(AnswerOpinion, request.POST))
                messages.success(request, _("已答复。"))
                return redirect("management:opinion", row.pk)
        except (Invalid, Conflict) as e:
            if request.POST.get("verb") == "problem":
                set_errors(form, e)
            else:
                problem = e
    status = problem.status if problem else 422 if form.errors else 200
    context = {
        "opinion": row,
        "place": name_of(unit),
        "matter": Matter.objects.filter(opinion=row).first(),
        "form": form,
        "may_answer": row.answered_at is None and user.has_perm("opinion.answer", row),
        "may_raise": user.has_perm("problem.raise", unit),
    } | refusal(request, problem)
    return render(request, "management/opinion.html", context, status=status)


# --- problems -----------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def problem_list(request: AuthenticatedRequest) -> HttpResponse:
    """The list of problems with what became of them, and putting one on it."""
    user = request.user
    may_raise = user.has_perm("problem.raise")
    if request.method == "POST":
        allow(user, "problem.raise")
    form = (
        ProblemForm(user, people.led_by(user), request.POST if request.method == "POST" else None)
        if may_raise
        else None
    )
    if form is not None and request.method == "POST":
        try:
            row = opinions.raise_problem(user, posted(RaiseProblem, request.POST, zone=people.zone_of(user)))
            messages.success(request, _("已列入问题清单。"))
            return redirect("management:problem", row.pk)
        except Invalid as e:
            set_errors(form, e)
    made = listed(request, listing.PROBLEMS, "management/problems.html", form=form)
    if form is not None and form.errors:
        made.status_code = 422
    return made


@login_required
@require_GET
def problem_export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The list of problems as XLSX or CSV; on the audit log."""
    return listing.PROBLEMS.export(request)


@login_required
@require_http_methods(["GET", "POST"])
def problem(request: AuthenticatedRequest, problem_id: UUID) -> HttpResponse:
    """One problem, and telling what became of it."""
    user = request.user
    row = (
        Matter.objects.visible_to(user)
        .select_related("owner", "raised_by", "closed_by", "meeting")
        .filter(pk=problem_id)
        .first()
    )
    if row is None:
        raise NotFound(_("没有这个问题。"))
    refused: Problem | None = None
    if request.method == "POST":
        try:
            opinions.close_problem(user, row.pk, posted(CloseProblem, request.POST))
            messages.success(request, _("结果已公布在问题清单上。"))
            return redirect("management:problem", row.pk)
        except (Invalid, Conflict) as e:
            refused = e
    context: dict[str, Any] = {
        "matter": row,
        "place": name_of(tree().get(row.unit_id)),
        "open": row.state == ProblemState.OPEN,
        "may_solve": user.has_perm("problem.solve", row),
        "may_drop": user.has_perm("problem.drop", row),
        "may_see_meeting": bool(row.meeting_id and Meeting.objects.visible_to(user).filter(pk=row.meeting_id).exists()),
    } | refusal(request, refused)
    return render(request, "management/problem.html", context, status=refused.status if refused else 200)
