"""Lines of the access table for training: who plans and runs, who takes part (1.3.4, 5.1.1–5.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.documents.models import Document, DocumentKind
from linbao.duties.models import Obligation
from linbao.platform import files
from linbao.training import duty
from linbao.training.inputs import (
    AddTeaching,
    AddTopic,
    ArrangeSession,
    AskSessionLeave,
    SaveCourse,
    SaveLecturer,
    SaveQuestion,
    SetQuiz,
)
from linbao.training.planning import services as planning
from linbao.training.quizzes import services as quizzes
from linbao.training.sessions import attendance
from linbao.training.sessions import services as sessions
from tests.access.who import HANDLER, LEADER, MANAGER, REPORTER, REVIEWER, SIGNED_IN, TRAINER, Access, to
from tests.training.school import QUESTION

if TYPE_CHECKING:
    from tests.access.world import Side

LEARNING = (REPORTER, LEADER, REVIEWER, HANDLER)
RUNNING = (MANAGER, TRAINER)
SEEING = (*LEARNING, *RUNNING)
THERE = (REPORTER,)  # who signed in to the session of the table


def _unit(side: Side) -> dict[str, Any]:
    return {
        "unit": str(side.community.pk),
        "quarter": "",
        "title": side.mark + "新主题",
        "subject": "law",
        "why": side.mark,
    }


def _session(side: Side) -> dict[str, Any]:
    return {
        "title": "新的一次培训",
        "subjects": ["law"],
        "place": "会议室",
        "starts_at": "2026-12-01T09:00",
        "minutes": "130",
    }


def _file(side: Side) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("a.txt", "讲义".encode())}


PAGES: dict[str, Access] = {
    "training:list": Access(SEEING),
    "training:export": Access(RUNNING),
    "training:mine": Access(LEARNING),
    "training:new": Access(RUNNING, post=RUNNING, data=_session),
    "training:plan": Access(RUNNING),
    "training:add-topic": Access(post=RUNNING, data=_unit),
    "training:remove-topic": Access(post=RUNNING),
    "training:waive": Access(post=(MANAGER,), data=to(reason="长期病假")),
    "training:courses": Access(RUNNING, post=RUNNING, data=to(title="新课程", subject="law")),
    "training:course": Access(RUNNING, post=RUNNING, data=to(title="改名课程", subject="law")),
    "training:lecturers": Access(RUNNING, post=RUNNING, data=to(name="新讲师")),
    "training:lecturer": Access(RUNNING, post=RUNNING, data=to(name="改名讲师")),
    "training:questions": Access(RUNNING),
    "training:new-question": Access(RUNNING, post=RUNNING, data=to(kind="single", subject="law", text="题目题目")),
    "training:question": Access(RUNNING, post=RUNNING, data=to(kind="single", subject="law", text="题目题目")),
    "training:session": Access(SEEING),
    "training:edit": Access(RUNNING, post=RUNNING, data=_session),
    "training:cancel": Access(post=RUNNING, data=to(reason="会议室检修")),
    "training:invite": Access(post=RUNNING, data=to(whom="reporters")),
    "training:enrol": Access(post=LEARNING),
    "training:leave": Access(post=LEARNING, data=to(reason="家人住院")),
    "training:decide-leave": Access(post=RUNNING, data=to(granted="yes")),
    "training:tick": Access(post=RUNNING, data=to(reason="现场签名")),
    "training:end": Access(post=RUNNING, data=to(summary="讲评")),
    "training:teach": Access(
        post=RUNNING, data=lambda side: {"lecturer": str(side.training["lecturer"].pk), "fee": "1"}
    ),
    "training:unteach": Access(post=RUNNING),
    "training:add-material": Access(post=RUNNING, data=_file),
    "training:material": Access(SEEING),
    "training:remove-material": Access(post=RUNNING),
    "training:record": Access(post=RUNNING, data=to(seal="")),
    "training:download": Access(RUNNING),
    "training:feedback": Access(post=THERE, data=to(content="5", lecturer="5", useful="5")),
    "training:quiz": Access(THERE, post=THERE),
    "training:set-quiz": Access(RUNNING, post=RUNNING),
    "training:screen": Access(RUNNING),
    "training:code": Access(RUNNING),
    "training:sign": Access(LEARNING, post=LEARNING),
}
API: dict[str, Access] = {
    "GET /training/sessions": Access(SEEING),
    "GET /training/sessions/{session_id}": Access(SEEING),
    "POST /training/sessions/{session_id}/enrol": Access(post=LEARNING),
    "POST /training/sessions/{session_id}/leave": Access(post=LEARNING, data=to(reason="家人住院")),
    "GET /training/record": Access(SIGNED_IN),
}


def fill(side: Side) -> None:
    """A session that runs at this moment, with a plan, a quiz, files, people and a record."""
    trainer, home, mark = side.trainer, side.community.pk, side.mark
    duty.open_quarter()
    made: dict[str, Any] = {}
    quarter = clock.today().replace(month=10, day=1)
    made["topic"] = planning.add_topic(
        trainer, home, quarter, checked(AddTopic, {"title": mark + "主题", "subject": "law", "why": mark + "退回多"})
    )
    made["course"] = planning.save_course(
        trainer, home, checked(SaveCourse, {"title": mark + "课程", "subject": "law", "outline": mark})
    )
    made["lecturer"] = planning.save_lecturer(
        trainer,
        home,
        checked(
            SaveLecturer,
            {"external": True, "name": mark + "教授", "organization": mark + "学院", "profile": mark + "社会工作"},
        ),
    )
    made["question"] = quizzes.save_question(
        trainer, home, checked(SaveQuestion, {**QUESTION, "text": mark + QUESTION["text"], "why": mark + "不留存"})
    )
    row = made["session"] = sessions.create(
        trainer,
        home,
        checked(
            ArrangeSession,
            {
                "title": mark + "培训",
                "subjects": ["law"],
                "place": mark + "会议室",
                "starts_at": clock.now(),
                "minutes": 130,
                "cases": mark + "案例",
                "course": made["course"].pk,
            },
        ),
    )
    made["teaching"] = sessions.teach(
        trainer, row.pk, checked(AddTeaching, {"lecturer": made["lecturer"].pk, "about": mark, "fee": "800"})
    )
    made["material"] = sessions.add_material(trainer, row.pk, data=f"{mark}讲义".encode(), name=f"{mark}讲义.txt")
    quizzes.set_quiz(trainer, row.pk, checked(SetQuiz, {"questions": [made["question"].pk]}))
    attendance.sign(side.reporter, row.pk, attendance.token(row.pk, "in"))
    made["seat"] = sessions.ask_leave(
        side.people["colleague"], row.pk, checked(AskSessionLeave, {"reason": mark + "家人住院"})
    )
    made["duty"] = Obligation.objects.get(kind="training_attend", owner=side.people["colleague"])
    Document.objects.create(
        kind=DocumentKind.TRAINING_RECORD,
        unit=side.community,
        title=mark + "培训记录",
        subject_id=row.pk,
        version=1,
        pdf=files.put(mark.encode() + b"%PDF training"),
        docx=files.put(mark.encode() + b"docx training"),
    )
    side.__dict__["training"] = made


def _of(name: str) -> Any:
    return lambda side, persona: side.training[name].pk


OBJECTS: dict[tuple[str, str], Any] = {
    **{
        (f"{n}_id", "training"): _of(n)
        for n in ("session", "topic", "course", "lecturer", "question", "teaching", "material", "seat", "duty")
    },
    ("session_id", ""): _of("session"),
    ("form", "training"): lambda side, persona: "pdf",
    ("token", "training"): lambda side, persona: attendance.token(side.training["session"].pk, "in"),
}
