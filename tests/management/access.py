"""The room's lines of the access table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from linbao.core import clock
from linbao.documents.inputs import MakeSeal
from linbao.documents.seals import services as seals
from linbao.duties.models import Leave
from linbao.management.inputs import ExportFile
from linbao.management.meetings import minutes, opinions
from linbao.management.meetings import services as meetings
from linbao.management.meetings.inputs import CallMeeting, GiveOpinion, HoldMeeting, RaiseProblem, Report
from linbao.management.work_files import exports
from linbao.management.work_tasks import repetition
from linbao.management.work_tasks import services as tasks
from linbao.management.work_tasks.inputs import AddNote, GiveTask, RepeatTask
from tests.access.who import HOLDING, LEADER, MANAGER, REPORTER, REVIEWER, SIGNED_IN, Access, to

if TYPE_CHECKING:
    from tests.access.world import Side

LEADING = (LEADER, MANAGER)
IN_TASK = (REPORTER, MANAGER)  # it was given by the manager to the reporter
SEEING = (REPORTER, LEADER, REVIEWER, MANAGER, "handler", "trainer")  # the meeting was called for all who work there


PAGES: dict[str, Access] = {
    "management:tasks": Access(get=SIGNED_IN),
    "management:tasks-export": Access(get=SIGNED_IN),
    "management:task-new": Access(get=LEADING, post=LEADING),
    "management:repeating": Access(get=LEADING),
    "management:repeating-stop": Access(post=(MANAGER,)),
    "management:task": Access(get=IN_TASK),
    "management:task-act/note": Access(post=IN_TASK, data=to(text="进展")),
    "management:task-act/end": Access(post=(MANAGER,), data=to(reason="不再需要")),
    "management:task-file": Access(get=IN_TASK),
    "management:calendar": Access(get=SIGNED_IN),
    "management:ics": Access(get=SIGNED_IN),
    "management:leaves": Access(get=SIGNED_IN),
    "management:leave-export": Access(get=SIGNED_IN),
    "management:leave-new": Access(get=HOLDING, post=HOLDING),
    "management:leave": Access(get=(REPORTER, LEADER, MANAGER)),
    "management:leave-act/approve": Access(post=LEADING),
    "management:leave-act/cancel": Access(post=(REPORTER, LEADER, MANAGER)),
    "management:meetings": Access(get=SIGNED_IN),
    "management:meetings-export": Access(get=SIGNED_IN),
    "management:meeting-new": Access(get=LEADING, post=LEADING),
    "management:meeting": Access(get=SEEING),
    "management:meeting-act/report": Access(post=SEEING, data=to(report="汇报")),
    "management:meeting-act/minutes": Access(post=(MANAGER,)),
    "management:minutes": Access(get=SEEING),
    "management:opinions": Access(get=SIGNED_IN, post=(REPORTER, LEADER)),
    "management:opinions-export": Access(get=SIGNED_IN),
    "management:opinion": Access(get=(REPORTER, MANAGER), post=(MANAGER,), data=to(answer="已安排")),
    "management:problems": Access(get=SIGNED_IN, post=LEADING),
    "management:problems-export": Access(get=SIGNED_IN),
    "management:problem": Access(get=HOLDING, post=(LEADER, MANAGER), data=to(result="已经解决")),
    "management:files": Access(get=SIGNED_IN),
    "management:files-export": Access(get=SIGNED_IN),
    "management:file": Access(get=(REPORTER, LEADER, MANAGER)),
    "management:file-copy": Access(post=LEADING),
    "management:file-pdf": Access(get=(REPORTER, MANAGER)),
}
API: dict[str, Any] = {}
VARIANTS = {
    "management:task-act": ("verb", ("note", "end")),
    "management:leave-act": ("verb", ("approve", "cancel")),
    "management:meeting-act": ("verb", ("report", "minutes")),
}


def fill(side: Side) -> None:
    """One object of each kind, in `side`."""
    mark, manager, home = side.mark, side.manager, side.community.pk
    soon = clock.now() + timedelta(days=3)
    task = tasks.give(
        manager,
        GiveTask(unit=home, title=mark + "排查", requirements=mark, due_at=soon, people=[side.people["reporter"].pk]),
    )
    file = tasks.attach(manager, data=("先查一栋。" + mark).encode(), name=mark + "要求.txt", task_id=task.pk)
    tasks.note(side.reporter, task.pk, AddNote(text=mark + "已查"))
    series = repetition.start(
        manager,
        RepeatTask(
            unit=home,
            title=mark + "每周巡查",
            rhythm="weekly",
            weekday=4,
            hour=17,
            starts=clock.today(),
            people=[side.people["colleague"].pk],
        ),
    )
    meeting = meetings.call(
        manager,
        CallMeeting(unit=home, title=mark + "会议", starts_at=clock.now(), place=mark + "会议室", everybody=True),
    )
    meetings.sign_in(side.reporter, meeting.pk)
    meetings.report(side.reporter, meeting.pk, Report(report=mark + "汇报"))
    meetings.hold(manager, meeting.pk, HoldMeeting(summary=mark + "听取了汇报。", points={}))
    issued = minutes.issue(manager, meeting.pk)
    minutes.make_document(issued.pk)
    opinion = opinions.give(side.reporter, GiveOpinion(unit=home, comment=mark + "建议早开会"))
    problem = opinions.raise_problem(
        manager, RaiseProblem(unit=home, title=mark + "没有暖气", owner=side.people["group_leader"].pk, due_at=soon)
    )
    first = date(2026, 12, 1)
    leave = Leave.objects.create(
        person=side.people["reporter"], unit=side.group, kind="annual", starts=first, ends=first, note=mark
    )
    seal = seals.make(
        None, MakeSeal(kind="unit", name=(mark or "桂花园") + "章", unit=home, custodian=side.people["manager"].pk)
    )
    copy = exports.export(
        manager, side.people["reporter"].pk, ExportFile(since=date(2026, 7, 1), until=clock.today(), seal=seal.pk)
    )
    exports.make_document(copy.pk)
    side.__dict__["management"] = {
        "task": task.pk,
        "file": file.pk,
        "series": series.pk,
        "meeting": meeting.pk,
        "opinion": opinion.pk,
        "problem": problem.pk,
        "leave": leave.pk,
        "copy": copy.pk,
    }


def _of(name: str) -> Any:
    return lambda side, persona: side.__dict__["management"][name]


OBJECTS: dict[tuple[str, str], Any] = {
    ("task_id", "management"): _of("task"),
    ("file_id", "management"): _of("file"),
    ("series_id", "management"): _of("series"),
    ("meeting_id", "management"): _of("meeting"),
    ("opinion_id", "management"): _of("opinion"),
    ("problem_id", "management"): _of("problem"),
    ("leave_id", "management"): _of("leave"),
    ("copy_id", "management"): _of("copy"),
    ("person_id", "management"): lambda side, persona: side.people["reporter"].pk,
    ("version", "management"): lambda side, persona: 1,
    ("form", "management"): lambda side, persona: "pdf",
}
