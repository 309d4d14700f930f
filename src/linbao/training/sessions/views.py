"""One session: what it is, who comes, lecturers, files, the end, the record; a form that is refused stays filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Avg, Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.http import uploaded
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, Problem, TooLarge, Unsupported
from linbao.documents.download import hand_out
from linbao.documents.models import Document, DocumentKind
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.training import duty, quarters
from linbao.training.forms import EndForm, FeedbackForm, InviteForm, ReasonForm, RecordForm, TeachForm, TickForm
from linbao.training.inputs import (
    AddTeaching,
    AskSessionLeave,
    CancelSession,
    ChooseSeal,
    DecideSessionLeave,
    DescribeMaterial,
    EndSession,
    GiveFeedback,
    Invite,
    RegisterAttendance,
)
from linbao.training.models import Quiz, Seat, SeatStatus, Session, SessionStatus, Sheet, Subject
from linbao.training.quizzes import services as quizzes
from linbao.training.sessions import attendance, minutes
from linbao.training.sessions import services as sessions


@login_required
@require_GET
def session(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """The session as it stands for this person."""
    return _show(request, sessions.get(request.user, session_id))


def _act(
    request: AuthenticatedRequest,
    session_id: UUID,
    perm: str,
    key: str,
    make: Callable[[Session], forms.Form],
    do: Callable[[Session], str],
) -> HttpResponse:
    """Do it and come back; what is refused stands beside its field in the form `key` on the same page."""
    row = sessions.get(request.user, session_id)
    allow(request.user, perm, row)
    try:
        messages.success(request, do(row))
        return redirect("training:session", row.pk)
    except (Invalid, Conflict) as e:
        row = sessions.get(request.user, session_id)
        form = make(row)
        set_errors(form, e)
    forms_: dict[str, Any] = {key: form}
    return _show(request, row, **forms_)


@login_required
@require_POST
def cancel(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Call it off, with the reason."""

    def do(row: Session) -> str:
        sessions.cancel(request.user, row.pk, posted(CancelSession, request.POST))
        return _("培训已取消，已通知相关人员。")

    return _act(
        request, session_id, "training.run", "cancel_form", lambda s: ReasonForm(request.POST, auto_id="cancel_%s"), do
    )


@login_required
@require_POST
def invite(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Invite a group of people, or some of them."""

    def do(row: Session) -> str:
        n = sessions.invite(request.user, row.pk, posted(Invite, request.POST))
        if not n:
            return _("名单里的人都已经邀请过了，没有重复通知。")
        return ngettext("已邀请 %(n)d 人，并发出通知。", "已邀请 %(n)d 人，并发出通知。", n) % {"n": n}

    return _act(
        request, session_id, "training.run", "invite_form", lambda s: InviteForm(s.community_id, request.POST), do
    )


@login_required
@require_POST
def enrol(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Say that one comes."""
    sessions.enrol(request.user, session_id)
    messages.success(request, _("已报名，请按时参加。"))
    return redirect("training:session", session_id)


@login_required
@require_POST
def leave(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Ask for leave, with the reason."""

    def do(row: Session) -> str:
        sessions.ask_leave(request.user, row.pk, posted(AskSessionLeave, request.POST))
        return _("请假已提交，等待批准。")

    return _act(
        request, session_id, "training.attend", "leave_form", lambda s: ReasonForm(request.POST, auto_id="leave_%s"), do
    )


@login_required
@require_POST
def decide_leave(request: AuthenticatedRequest, session_id: UUID, seat_id: UUID) -> HttpResponse:
    """Grant leave, or refuse it."""
    data = posted(DecideSessionLeave, request.POST)
    sessions.decide_leave(request.user, session_id, seat_id, data)
    messages.success(request, _("已准假。") if data.granted else _("已答复不准假。"))
    return redirect("training:session", session_id)


@login_required
@require_POST
def tick(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Enter somebody's presence by hand."""

    def do(row: Session) -> str:
        zone = quarters.zone(row.community_id)
        seat = attendance.tick(request.user, row.pk, posted(RegisterAttendance, request.POST, zone=zone))
        return _("已补登，在场 %(n)d 分钟。") % {"n": seat.minutes}

    return _act(request, session_id, "training.run", "tick_form", lambda s: TickForm(s, request.POST), do)


@login_required
@require_POST
def end(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """The session is over, or its summary is corrected."""

    def do(row: Session) -> str:
        data = posted(EndSession, request.POST, zone=quarters.zone(row.community_id))
        attendance.end(request.user, row.pk, data)
        return _("已保存。") if row.ended_at else _("培训已结束并登记，可以生成培训记录。")

    return _act(request, session_id, "training.run", "end_form", lambda s: EndForm(s, request.POST), do)


@login_required
@require_POST
def teach(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Put a lecturer on the session."""

    def do(row: Session) -> str:
        sessions.teach(request.user, row.pk, posted(AddTeaching, request.POST))
        return _("授课人已登记。")

    return _act(request, session_id, "training.run", "teach_form", lambda s: TeachForm(s, request.POST), do)


@login_required
@require_POST
def unteach(request: AuthenticatedRequest, session_id: UUID, teaching_id: UUID) -> HttpResponse:
    """Take a lecturer off the session."""
    sessions.unteach(request.user, session_id, teaching_id)
    return redirect("training:session", session_id)


@login_required
@require_POST
def add_material(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Store a file; it is refused by its size before it is read, and by what it really is."""
    row = sessions.get(request.user, session_id)
    allow(request.user, "training.run", row)
    try:
        data, name = uploaded(request)
        sessions.add_material(
            request.user, row.pk, data=data, name=name, case=posted(DescribeMaterial, request.POST).case
        )
    except (Invalid, TooLarge, Unsupported) as e:
        return _show(request, row, status=e.status, file_error=_message(e))
    messages.success(request, _("资料已上传。"))
    return redirect("training:session", row.pk)


@login_required
@require_GET
def material(request: AuthenticatedRequest, session_id: UUID, material_id: UUID) -> HttpResponse:
    """The content of a file, always as a download."""
    row, data = sessions.material(request.user, session_id, material_id)
    answer = HttpResponse(data, content_type=row.content_type, headers={"Cache-Control": "private, no-store"})
    answer.headers["Content-Disposition"] = _attachment(row.name)
    return answer


@login_required
@require_POST
def remove_material(request: AuthenticatedRequest, session_id: UUID, material_id: UUID) -> HttpResponse:
    """Take a file off the session."""
    sessions.remove_material(request.user, session_id, material_id)
    messages.success(request, _("资料已移除。"))
    return redirect("training:session", session_id)


@login_required
@require_POST
def record(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Have the session's document made."""

    def do(row: Session) -> str:
        minutes.issue(request.user, row.pk, seal_id=posted(ChooseSeal, request.POST).seal)
        return _("正在生成培训记录，完成后会通知您。")

    return _act(
        request, session_id, "training.run", "record_form", lambda s: RecordForm(request.user, s, request.POST), do
    )


@login_required
@require_GET
def download(request: AuthenticatedRequest, session_id: UUID, form: str) -> HttpResponse:
    """The newest record of the session as PDF or DOCX, for who runs training there."""
    row = sessions.get(request.user, session_id)
    allow(request.user, "training.run", row)
    return hand_out(request.user, _document(row), f"training-{clock.local(row.starts_at):%Y%m%d}", form=form)


@login_required
@require_POST
def feedback(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Judge the session."""

    def do(row: Session) -> str:
        quizzes.give_feedback(request.user, row.pk, posted(GiveFeedback, request.POST))
        return _("谢谢，您的评价已收到。")

    return _act(request, session_id, "training.attend", "feedback_form", lambda s: FeedbackForm(request.POST), do)


# --- inside ------------------------------------------------------------------------------------------------


def _show(
    request: AuthenticatedRequest, row: Session, *, status: int = 0, file_error: str = "", **refused: Any
) -> HttpResponse:
    user = request.user
    allow(user, "training.see", row)
    runs, attends = user.has_perm("training.run", row), user.has_perm("training.attend", row)
    planned = row.status == SessionStatus.PLANNED
    seats = list(row.seats.select_related("person", "by_hand")) if runs else list(row.seats.filter(person=user))
    own = next((s for s in seats if s.person_id == user.pk), None)
    quiz = Quiz.objects.filter(session=row).annotate(n=Count("questions")).first()
    context: dict[str, Any] = {
        "session": row,
        "runs": runs,
        "attends": attends,
        "planned": planned,
        "own": own,
        "now": clock.now(),
        "quiz": quiz,
        "subjects": [Subject(s).label for s in row.subjects],
        "quarter": quarters.name(row.quarter),
        "made_up": quarters.of_moment(row.community_id, row.starts_at) != row.quarter,
        "teachings": row.teachings.select_related("lecturer"),
        "materials": row.materials.all(),
        "file_error": file_error,
        "may_sign": attendance.may_sign(row),
        "zone": quarters.zone_of(row.community_id) or "",
        "was_there": attends and own is not None and own.signed_in_at is not None,
        "may_feedback": attends and quizzes.may_judge(row, own),
        "sheet": Sheet.objects.filter(quiz=row.pk, person=user).first() if quiz and own else None,
    }
    if runs:
        context |= _running(row, seats, planned) | _forms(user, row, planned)
    if context["may_feedback"]:
        context["given_feedback"] = row.feedback.filter(person=user).exists()
        context["feedback_form"] = FeedbackForm()
    if attends and planned:
        context["leave_form"] = ReasonForm(auto_id="leave_%s")
    context |= refused
    errors = next((f for f in refused.values() if isinstance(f, forms.Form) and f.errors), None)
    context["refused_form"] = errors
    return render(request, "training/session.html", context, status=status or (422 if errors is not None else 200))


def _running(row: Session, seats: list[Seat], planned: bool) -> dict[str, Any]:
    """What who runs it sees besides: attendance, feedback without names, the document."""
    document = _document(row)
    return {
        "seats": [{"seat": s, "counts": duty.counts(row, s)} for s in seats],
        "there": sum(1 for s in seats if s.signed_in_at),
        "enough": sum(1 for s in seats if s.enough),
        "asking": [s for s in seats if s.status == SeatStatus.LEAVE_ASKED],
        "marks": row.feedback.aggregate(
            n=Count("pk"), content=Avg("content_mark"), lecturer=Avg("lecturer_mark"), useful=Avg("useful_mark")
        ),
        "comments": list(row.feedback.exclude(comment="").order_by("id").values_list("comment", flat=True)[:50]),
        "scores": Sheet.objects.filter(quiz=row.pk, score__isnull=False).aggregate(n=Count("pk"), mean=Avg("score")),
        "document": document,
        "making": row.record_version > (document.version if document else 0),
        "begun": row.starts_at < clock.now(),
    }


def _forms(user: User, row: Session, planned: bool) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if row.status != SessionStatus.CANCELLED:
        made = {"teach_form": TeachForm(row), "end_form": EndForm(row), "tick_form": TickForm(row)}
    if planned:
        made |= {
            "invite_form": InviteForm(row.community_id, initial={"whom": "owing"}),
            "cancel_form": ReasonForm(auto_id="cancel_%s"),
        }
    if row.status == SessionStatus.HELD:
        made["record_form"] = RecordForm(user, row)
    return made


def _document(row: Session) -> Document | None:
    rows = Document.objects.filter(kind=DocumentKind.TRAINING_RECORD, subject_id=row.pk).select_related("seal")
    return rows.order_by("-version").first()


def _attachment(name: str) -> str:
    return content_disposition_header(True, name) or "attachment"


def _message(e: Problem) -> str:
    return e.text
