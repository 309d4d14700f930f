"""The verbs of training, by the file that holds each (5.1.1–5.1.3)."""

from linbao.training.duty import open_quarter
from linbao.training.planning.services import add_topic, remove_topic, save_course, save_lecturer
from linbao.training.quizzes.services import answer, give_feedback, open_sheet, save_question, set_quiz
from linbao.training.sessions.attendance import end, sign, tick
from linbao.training.sessions.record import issue as issue_record
from linbao.training.sessions.services import (
    add_material,
    ask_leave,
    cancel,
    change,
    create,
    decide_leave,
    enrol,
    get,
    invite,
    remove_material,
    teach,
    unteach,
)

__all__ = [
    "add_material", "add_topic", "answer", "ask_leave", "cancel", "change", "create", "decide_leave", "end", "enrol",
    "get", "give_feedback", "invite", "issue_record", "open_quarter", "open_sheet", "remove_material", "remove_topic",
    "save_course", "save_lecturer", "save_question", "set_quiz", "sign", "teach", "tick", "unteach",
]  # fmt: skip
