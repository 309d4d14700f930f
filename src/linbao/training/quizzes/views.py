"""The question bank, choosing a session's quiz, and taking it (5.1.1, 5.1.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linbao.core.fields import set_errors
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Search, contains
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.organisation.requests import AuthenticatedRequest
from linbao.training.forms import QuestionForm, QuizForm
from linbao.training.inputs import HandInQuiz, SaveQuestion, SetQuiz
from linbao.training.models import Question, QuestionKind, Quiz, Sheet, Subject
from linbao.training.planning import services as planning
from linbao.training.quizzes import services as quizzes
from linbao.training.sessions import services as sessions

QUESTIONS = Listing(
    name="questions",
    title=lazy("题库"),
    permission="training.run",
    action="list.export",
    url="training:questions",
    rows=lambda user, values: Question.objects.visible_to(user),
    filters=(
        Search("q", lazy("搜索题目"), contains("text")),
        Choice("subject", lazy("内容类别"), "subject", every=lazy("全部内容"), options=Subject.choices),
        Choice("kind", lazy("题型"), "kind", every=lazy("全部题型"), options=QuestionKind.choices),
    ),
    columns=(
        Column("text", lazy("题目"), lambda q: q.text, 60),
        Column("kind", lazy("题型"), lambda q: q.get_kind_display(), 10),
        Column("subject", lazy("内容类别"), lambda q: q.get_subject_display(), 16),
        Column("active", lazy("启用"), lambda q: q.active, 8),
        Column("created", lazy("建立时间"), lambda q: q.created_at, 18, sort="created_at"),
    ),
    sort="-created",
)


@login_required
@require_GET
def bank(request: AuthenticatedRequest) -> HttpResponseBase:
    """The questions, the newest first, by subject, kind and text; `?format=` exports them."""
    if request.GET.get("format"):
        return QUESTIONS.export(request)
    page = QUESTIONS.page(request)
    return render(request, "training/questions.html", {"page": page}, status=page.status)


@login_required
@require_http_methods(["GET", "POST"])
def new_question(request: AuthenticatedRequest) -> HttpResponse:
    """A new question of the bank."""
    return _question(request, planning.home(request.user), None)


@login_required
@require_http_methods(["GET", "POST"])
def question(request: AuthenticatedRequest, question_id: UUID) -> HttpResponse:
    """Correct a question, or put it out of use."""
    allow(request.user, "training.run")
    row = Question.objects.visible_to(request.user).filter(pk=question_id).first()
    if row is None:
        raise NotFound(_("没有这道题，或您无权查看。"))
    return _question(request, row.community_id, row)


def _question(request: AuthenticatedRequest, home: UUID, row: Question | None) -> HttpResponse:
    form = QuestionForm(request.POST if request.method == "POST" else None, question=row)
    if request.method == "POST":
        data, active = request.POST, "active" in request.POST
        try:
            question = posted(SaveQuestion, data, options=form.options(), right=form.right(), active=active)
            quizzes.save_question(request.user, home, question, row.pk if row else None)
            messages.success(request, _("题目已保存。"))
            return redirect("training:questions")
        except Invalid as e:
            set_errors(form, e, options="option0", right="right0")
    return render(request, "training/question.html", {"row": row, "form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def set_quiz(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Choose the questions of a session's quiz."""
    row = sessions.get(request.user, session_id)
    allow(request.user, "training.run", row)
    known = Quiz.objects.filter(session=row).first()
    chosen = [str(pk) for pk in known.questions.values_list("pk", flat=True)] if known else []
    form = QuizForm(row, request.POST if request.method == "POST" else None, initial={"questions": chosen})
    if request.method == "POST":
        try:
            quizzes.set_quiz(request.user, row.pk, posted(SetQuiz, request.POST))
            messages.success(request, _("测验已设好，签到的人可以作答。"))
            return redirect("training:session", row.pk)
        except (Invalid, Conflict) as e:
            set_errors(form, e)
    context = {"session": row, "form": form, "subject_of": row.subjects}
    return render(request, "training/quiz_set.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def quiz(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Take the quiz; once handed in, the result with the right answers and why."""
    user = request.user
    row = sessions.get(user, session_id)
    sheet = quizzes.open_sheet(user, row.pk)
    problem: Invalid | None = None
    chosen: list[list[int]] = sheet.answers or [[] for _q in sheet.content]
    if request.method == "POST":
        chosen = _places(dict(request.POST.lists()), len(sheet.content))
        try:
            quizzes.answer(user, row.pk, HandInQuiz(answers=chosen))
            messages.success(request, _("已交卷。"))
            return redirect("training:quiz", row.pk)
        except Invalid as e:
            problem = e
    context = {"session": row, "sheet": sheet, "lines": _lines(sheet, chosen, problem), "problem": problem}
    return render(request, "training/quiz.html", context, status=422 if problem else 200)


def _places(post: Mapping[str, Sequence[object]], questions: int) -> list[list[int]]:
    """The places ticked under each question (`q0`, `q1`, …); what is no place was not offered and is left aside."""
    rows = ([str(v) for v in post.get(f"q{n}", ())[:20]] for n in range(questions))
    return [[int(v) for v in values if v.isascii() and v.isdigit() and len(v) < 3] for values in rows]


def _lines(sheet: Sheet, chosen: list[list[int]], problem: Invalid | None) -> list[dict[str, Any]]:
    done = sheet.answered_at is not None
    lines = []
    for number, question in enumerate(sheet.content):
        mine = chosen[number]
        options = [
            {"place": i, "text": _option(question, o), "mine": i in mine, "right": done and i in question["right"]}
            for i, o in enumerate(question["options"])
        ]
        lines.append(
            {
                "number": number,
                "name": f"q{number}",
                "text": question["text"],
                "kind": QuestionKind(question["kind"]).label,
                "many": question["kind"] == QuestionKind.MULTIPLE,
                "options": options,
                "why": question["why"] if done else "",
                "hit": done and sorted(mine) == question["right"],
                "errors": problem.fields.get(f"q{number}", []) if problem else [],
            }
        )
    return lines


def _option(question: dict[str, Any], option: str) -> str:
    """True and false are stored in Chinese and shown in the reader's language."""
    if question["kind"] != QuestionKind.TRUE_FALSE:
        return option
    return _("正确") if option == "正确" else _("错误")
