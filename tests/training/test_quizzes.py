"""Quizzes from the bank, shuffled, answered once, explained; feedback without names (5.1.1, 5.1.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.training.inputs import GiveFeedback, HandInQuiz, SaveQuestion, SetQuiz
from linbao.training.models import Question, Session, Sheet
from linbao.training.quizzes import services as quizzes
from tests.loop import Town
from tests.training.school import QUESTION, held, plan, sign


def bank(town: Town, count: int = 6) -> list[Question]:
    return [
        quizzes.save_question(
            town.trainer, town.community.pk, checked(SaveQuestion, {**QUESTION, "text": f"第{n}题照片怎样处理？"})
        )
        for n in range(count)
    ]


@pytest.fixture
def session(town: Town, time: Any) -> Session:
    result = held(town, time, "reporter", "reporter2")
    quizzes.set_quiz(town.trainer, result.pk, checked(SetQuiz, {"questions": [q.pk for q in bank(town)]}))
    return result


@pytest.mark.clause("5.1.1")
def test_everybody_gets_an_order_of_their_own_that_stays(town: Town, session: Session, monkeypatch: Any) -> None:
    class Backwards:
        def shuffle(self, rows: list[Any]) -> None:
            rows.reverse()

    first = quizzes.open_sheet(town.reporter, session.pk)
    monkeypatch.setattr(quizzes, "SHUFFLE", Backwards())
    second = quizzes.open_sheet(town.reporter2, session.pk)
    assert sorted(q["text"] for q in first.content) == sorted(q["text"] for q in second.content)
    assert second.content[0]["options"] == QUESTION["options"][::-1]
    assert second.content[0]["right"] == [2]  # the right answer moves with its option
    assert quizzes.open_sheet(town.reporter, session.pk).content == first.content


@pytest.mark.clause("5.1.1")
def test_a_quiz_is_answered_once_and_shows_the_right_answers_and_why(town: Town, session: Session) -> None:
    browser, address = town.browser("reporter"), f"/training/{session.pk}/quiz"
    before = browser.get(address).content.decode()
    assert "手机里不留存" not in before
    sheet = Sheet.objects.get()
    answers = {f"q{n}": str(q["right"][0]) for n, q in enumerate(sheet.content)}
    half = browser.post(address, {k: v for k, v in answers.items() if k != "q0"})
    assert half.status_code == 422 and half.content.decode().count("checked") == 5  # what was chosen stays
    answers["q0"] = str((sheet.content[0]["right"][0] + 1) % 3)
    assert browser.post(address, answers).status_code == 302
    sheet.refresh_from_db()
    assert sheet.score == 83
    after = browser.get(address).content.decode()
    assert "手机里不留存" in after and after.count("答错") == 1 and after.count("答对") == 5
    again = browser.post(address, answers | {"q0": answers["q1"]})
    assert again.status_code == 409 and "第一次" in again.content.decode()
    sheet.refresh_from_db()
    assert sheet.score == 83


@pytest.mark.clause("5.1.1")
def test_broken_answers_are_refused(town: Town, session: Session) -> None:
    browser, address = town.browser("reporter"), f"/training/{session.pk}/quiz"
    for bad in ("-1", "99", "²", "9" * 300, "x", ""):
        assert browser.post(address, {f"q{n}": bad for n in range(6)}).status_code == 422
    with pytest.raises(Invalid):
        quizzes.answer(
            town.reporter, session.pk, checked(HandInQuiz, {"answers": [[0, 1]] * 6})
        )  # two of a single choice
    assert Sheet.objects.get().answered_at is None


@pytest.mark.clause("5.1.1")
def test_all_of_a_multiple_choice_and_nothing_else_is_right(town: Town, time: Any) -> None:
    made = held(town, time, "reporter", "reporter2")
    row = quizzes.save_question(
        town.trainer,
        town.community.pk,
        checked(SaveQuestion, {**QUESTION, "kind": "multiple", "options": ["甲", "", "乙", "丙"], "right": [0, 3]}),
    )
    assert (row.options, row.right) == (["甲", "乙", "丙"], [0, 2])  # an empty line between shifts nothing
    quizzes.set_quiz(town.trainer, made.pk, checked(SetQuiz, {"questions": [row.pk]}))
    right = quizzes.open_sheet(town.reporter, made.pk).content[0]["right"]
    assert quizzes.answer(town.reporter, made.pk, checked(HandInQuiz, {"answers": [right]})).score == 100
    some = quizzes.open_sheet(town.reporter2, made.pk).content[0]["right"][:1]
    assert quizzes.answer(town.reporter2, made.pk, checked(HandInQuiz, {"answers": [some]})).score == 0


@pytest.mark.clause("5.1.1")
def test_a_question_needs_options_a_right_answer_and_why(town: Town) -> None:
    for change, field in (
        ({"options": ["一"], "right": [0]}, "options"),
        ({"options": ["一", "一"]}, "options"),
        ({"right": []}, "right"),
        ({"right": [0, 1]}, "right"),
        ({"right": [7]}, "right"),
        ({"why": ""}, "why"),
        ({"kind": "essay"}, "kind"),
    ):
        with pytest.raises(Invalid) as refused:
            quizzes.save_question(town.trainer, town.community.pk, checked(SaveQuestion, {**QUESTION, **change}))
        assert field in refused.value.fields
    yes = quizzes.save_question(
        town.trainer,
        town.community.pk,
        checked(SaveQuestion, {**QUESTION, "kind": "true_false", "options": [], "right": [1]}),
    )
    assert (yes.options, yes.right) == (["正确", "错误"], [1])
    page = town.browser("trainer").post(
        "/training/questions/new",
        {"kind": "single", "subject": "law", "text": "写了一半的题目", "why": "因为", "option0": "甲"},
    )
    assert (
        page.status_code == 422 and "写了一半的题目" in page.content.decode() and 'value="甲"' in page.content.decode()
    )


@pytest.mark.clause("5.1.1")
def test_the_quiz_stands_once_opened_and_a_sheet_keeps_what_it_showed(town: Town, session: Session) -> None:
    sheet = quizzes.open_sheet(town.reporter, session.pk)
    question = Question.objects.first()
    assert question is not None
    quizzes.save_question(
        town.trainer, town.community.pk, checked(SaveQuestion, {**QUESTION, "text": "改过的题目是这样"}), question.pk
    )
    assert quizzes.open_sheet(town.reporter, session.pk).content == sheet.content
    with pytest.raises(Conflict):
        quizzes.set_quiz(town.trainer, session.pk, checked(SetQuiz, {"questions": [question.pk]}))


@pytest.mark.clause("5.1.1")
def test_only_who_was_there_answers_and_judges(town: Town, session: Session) -> None:
    marks = {"content": 5, "lecturer": 4, "useful": 5}
    with pytest.raises(NotAllowed):
        quizzes.open_sheet(town.handler, session.pk)
    with pytest.raises(NotAllowed):
        quizzes.give_feedback(town.handler, session.pk, checked(GiveFeedback, marks))
    with pytest.raises(NotAllowed):
        quizzes.open_sheet(town.trainer, session.pk)
    with pytest.raises(NotFound):
        quizzes.open_sheet(town.stranger, session.pk)
    plain = plan(town)
    sign(town, plain, "reporter", "in")
    with pytest.raises(NotFound):
        quizzes.open_sheet(town.reporter, plain.pk)


@pytest.mark.clause("5.1.3")
def test_feedback_is_asked_for_when_it_is_over(town: Town, time: Any) -> None:
    row, marks = plan(town), {"content": 5, "lecturer": 4, "useful": 3}
    time.move_to(row.starts_at)
    sign(town, row, "reporter", "in")
    sign(town, row, "reporter2", "in")
    page = f"/training/{row.pk}/"
    assert "评价这次培训" not in town.browser("reporter").get(page).content.decode()
    with pytest.raises(Conflict):
        quizzes.give_feedback(town.reporter, row.pk, checked(GiveFeedback, marks))
    time.shift(timedelta(minutes=100))
    sign(town, row, "reporter", "out")
    assert "评价这次培训" in town.browser("reporter").get(page).content.decode()
    assert quizzes.give_feedback(town.reporter, row.pk, checked(GiveFeedback, marks)).useful_mark == 3
    assert "评价这次培训" not in town.browser("reporter2").get(page).content.decode()
    time.move_to(row.ends_at)
    assert quizzes.give_feedback(town.reporter2, row.pk, checked(GiveFeedback, marks))


@pytest.mark.clause("5.1.3")
def test_feedback_is_given_once_and_read_without_names(town: Town, session: Session) -> None:
    marks = {"content": 5, "lecturer": 4, "useful": 3}
    with pytest.raises(Invalid) as refused:
        quizzes.give_feedback(town.reporter, session.pk, checked(GiveFeedback, {**marks, "useful": 6}))
    assert list(refused.value.fields) == ["useful"]
    address = f"/training/{session.pk}/feedback"
    stored = town.browser("reporter").post(address, {"content": "5", "comment": "多讲案例"})
    assert stored.status_code == 422 and "多讲案例" in stored.content.decode()
    assert town.browser("reporter").post(address, {**marks, "comment": "多讲案例"}).status_code == 302
    with pytest.raises(Conflict):
        quizzes.give_feedback(town.reporter, session.pk, checked(GiveFeedback, marks))
    page = town.browser("trainer").get(f"/training/{session.pk}/")
    assert page.context["marks"] == {"n": 1, "content": 5.0, "lecturer": 4.0, "useful": 3.0}
    assert page.context["comments"] == ["多讲案例"]
    assert "多讲案例" not in town.browser("reporter2").get(f"/training/{session.pk}/").content.decode()
