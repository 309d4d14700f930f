"""The question bank, the quiz of a session, one answer per person, and feedback (5.1.1, 5.1.3)."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.organisation.models import User
from linbao.training.inputs import MOST_OPTIONS, GiveFeedback, HandInQuiz, SaveQuestion, SetQuiz
from linbao.training.models import Feedback, Question, QuestionKind, Quiz, Seat, Session, Sheet
from linbao.training.sessions.services import get
from linbao.training.sessions.states import SESSION

MOST_QUESTIONS = 20
SHUFFLE = secrets.SystemRandom()


@transaction.atomic
def save_question(user: User, community_id: UUID, data: SaveQuestion, question_id: UUID | None = None) -> Question:
    """A question of the bank, new or corrected; sheets that were opened keep what they showed. Raises `NotFound`,
    `Invalid` beside the field."""
    row = Question(community_id=community_id, created_by=user)
    if question_id:
        match = Question.objects.visible_to(user).select_for_update(of=("self",)).filter(pk=question_id).first()
        if match is None:
            raise NotFound(_("没有这道题，或您无权查看。"))
        row = match
    allow(user, "training.run", row)
    row.subject, row.kind, row.text, row.why, row.active = data.subject, data.kind, data.text, data.why, data.active
    values = ["正确", "错误"] if row.kind == QuestionKind.TRUE_FALSE else data.options
    row.options = [o for o in values if o]
    errors: dict[str, list[str]] = {}
    if not 2 <= len(row.options) <= MOST_OPTIONS or len(set(row.options)) != len(row.options):
        errors["options"] = [_("请填 2 至 %(n)d 个互不相同的选项。") % {"n": MOST_OPTIONS}]
    right = sorted({r for r in data.right if 0 <= r < len(values) and values[r]})
    row.right = [row.options.index(values[r]) for r in right]
    if not row.right or (row.kind != QuestionKind.MULTIPLE and len(row.right) != 1):
        errors["right"] = [_("请标出正确答案：单选题和判断题一个，多选题至少一个。")]
    if errors:
        raise Invalid(fields=errors)
    row.save()
    audit.record(user, "training.question", row, unit_id=row.community_id)
    return row


@transaction.atomic
def set_quiz(user: User, session_id: UUID, data: SetQuiz) -> Quiz:
    """Give a session its quiz: 1 to 20 questions of the community's bank. Raises `Conflict` once it was opened."""
    row = get(user, session_id, lock=True)
    SESSION.check(row, "supplement", user)
    rows = list(Question.objects.filter(community_id=row.community_id, active=True, pk__in=data.questions))
    if not 1 <= len(rows) <= MOST_QUESTIONS:
        raise Invalid(fields={"questions": [_("请选择 1 至 %(n)d 道题。") % {"n": MOST_QUESTIONS}]})
    quiz, _made = Quiz.objects.get_or_create(session=row, defaults={"set_by": user})
    if quiz.sheets.exists():
        raise Conflict(_("已有人开始作答，测验题目不能再改。"))
    quiz.questions.set(rows)
    audit.record(user, "training.quiz", row, unit_id=row.community_id, rows=len(rows))
    return quiz


@transaction.atomic
def open_sheet(user: User, session_id: UUID) -> Sheet:
    """One's copy of the quiz, shuffled at the first opening and the same from then on; only for who signed in.

    Raises `NotFound` without a quiz, `NotAllowed` for who was not there.
    """
    row = get(user, session_id)
    allow(user, "training.attend", row)
    quiz = Quiz.objects.select_for_update(of=("self",)).filter(session=row).first()
    if quiz is None:
        raise NotFound(_("这次培训没有测验。"))
    if (known := quiz.sheets.filter(person=user).first()) is not None:
        return known
    if not Seat.objects.filter(session=row, person=user, signed_in_at__isnull=False).exists():
        raise NotAllowed(_("参加培训并签到后才能作答。"))
    return Sheet.objects.create(quiz=quiz, person=user, content=[_shuffled(q) for q in _in_any_order(quiz)])


def _in_any_order(quiz: Quiz) -> list[Question]:
    rows = list(quiz.questions.all())
    SHUFFLE.shuffle(rows)
    return rows


def _shuffled(question: Question) -> dict[str, Any]:
    """The question as this person sees it; true and false keep their order, which nobody expects otherwise."""
    order = list(range(len(question.options)))
    if question.kind != QuestionKind.TRUE_FALSE:
        SHUFFLE.shuffle(order)
    return {
        "text": question.text,
        "kind": question.kind,
        "options": [question.options[i] for i in order],
        "right": sorted(order.index(r) for r in question.right),
        "why": question.why,
    }


@transaction.atomic
def answer(user: User, session_id: UUID, data: HandInQuiz) -> Sheet:
    """Hand in the quiz: for each question the chosen places; every question needs one. Once only.

    Raises `Conflict` when it was handed in already (the first one counts), `Invalid` naming open questions.
    """
    sheet = open_sheet(user, session_id)
    sheet = Sheet.objects.select_for_update().get(pk=sheet.pk)
    if sheet.answered_at:
        raise Conflict(_("您已经交过卷，以第一次为准。"))
    errors: dict[str, list[str]] = {}
    answers = data.answers
    chosen: list[list[int]] = []
    for number, question in enumerate(sheet.content):
        values = sorted(
            {a for a in (answers[number] if number < len(answers) else ()) if 0 <= a < len(question["options"])}
        )
        if not values:
            errors[f"q{number}"] = [_("请作答。")]
        elif len(values) > 1 and question["kind"] != QuestionKind.MULTIPLE:
            errors[f"q{number}"] = [_("这道题只能选一项。")]
        chosen.append(values)
    if errors:
        raise Invalid(_("还有 %(n)d 道题需要作答。") % {"n": len(errors)}, errors)
    hit = sum(a == q["right"] for a, q in zip(chosen, sheet.content, strict=True))
    sheet.answers, sheet.score, sheet.answered_at = chosen, round(100 * hit / len(chosen)), clock.now()
    sheet.save()
    return sheet


# --- feedback ------------------------------------------------------------------------------------------------


def may_judge(row: Session, seat: Seat | None) -> bool:
    """Whether this person was there to the end: signed out, or it is over."""
    if seat is None or seat.signed_in_at is None:
        return False
    return seat.signed_out_at is not None or row.ends_at <= clock.now()


@transaction.atomic
def give_feedback(user: User, session_id: UUID, data: GiveFeedback) -> Feedback:
    """Judge a session once, as somebody who was there; whoever runs it reads it without names (5.1.3).

    Raises `Conflict` for a second time and before its end, `NotAllowed` for who was not there.
    """
    row: Session = get(user, session_id)
    allow(user, "training.attend", row)
    seat = Seat.objects.filter(session=row, person=user, signed_in_at__isnull=False).first()
    if seat is None:
        raise NotAllowed(_("参加培训并签到后才能评价。"))
    if not may_judge(row, seat):
        raise Conflict(_("培训结束或签退后才能评价。"))
    marks = {"content_mark": data.content, "lecturer_mark": data.lecturer, "useful_mark": data.useful}
    defaults = marks | {"comment": data.comment}
    made, new = Feedback.objects.get_or_create(session=row, person=user, defaults=defaults)
    if not new:
        raise Conflict(_("您已经评价过这次培训。"))
    return made
