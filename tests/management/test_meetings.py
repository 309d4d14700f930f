"""Meetings with agenda, reports, decisions, minutes; opinions, signed and anonymous; the list of problems (5.3.3)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.audit.models import Record
from linbao.core import clock
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.documents.models import Document
from linbao.duties.models import Obligation
from linbao.management.meetings import minutes, opinions
from linbao.management.meetings import services as meetings
from linbao.management.meetings.inputs import (
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
from linbao.management.models import Meeting, MeetingState, Opinion, PointKind, Presence, Problem, ProblemState
from linbao.management.work_tasks import services as tasks
from linbao.management.work_tasks.inputs import GiveTask
from linbao.outbox.models import Notice
from tests.loop import TUESDAY, Town

SOON = TUESDAY + timedelta(days=5)


def called(town: Town, **changes: Any) -> Meeting:
    details: dict[str, Any] = {
        "unit": town.community.pk,
        "title": "十一月工作会议",
        "starts_at": TUESDAY,
        "place": "二楼会议室",
        "everybody": True,
    }
    return meetings.call(town.manager, CallMeeting(**details | changes))


def held(town: Town, **changes: Any) -> Meeting:
    row = called(town, **changes)
    meetings.sign_in(town.reporter, row.pk)
    meetings.report(town.reporter, row.pk, Report(report="本月走访四十户，电话 13812345678 的住户反映漏水。"))
    return meetings.hold(
        town.manager, row.pk, HoldMeeting(summary="听取了各网格的工作汇报，研究了楼道堆物问题。", points={})
    )


@pytest.mark.clause("5.3.3")
def test_the_agenda_is_made_of_what_is_open(town: Town, time: Any) -> None:
    item = town.evaluated("unsatisfied")
    matter = opinions.raise_problem(
        town.manager,
        RaiseProblem(unit=town.community.pk, title="巡查时间与居民作息冲突", owner=town.leader.pk, due_at=SOON),
    )
    task = tasks.give(
        town.manager,
        GiveTask(
            unit=town.community.pk, title="更新公示栏", due_at=TUESDAY + timedelta(hours=1), people=[town.reporter.pk]
        ),
    )
    time.shift(timedelta(hours=3))
    row = called(town, starts_at=clock.now() + timedelta(days=1), points=["年底安排", " "])
    points = {p.kind: p for p in row.agenda.all()}
    assert points[PointKind.PROBLEM].subject_id == matter.pk
    assert points[PointKind.TASK].subject_id == task.pk
    assert points[PointKind.ITEM].subject_id == item.pk
    assert (
        item.title not in points[PointKind.ITEM].title and item.number and item.number in points[PointKind.ITEM].title
    )
    assert points[PointKind.OWN].title == "年底安排" and row.agenda.count() == 4


@pytest.mark.clause("5.3.3")
def test_signing_in_has_its_time(town: Town, time: Any) -> None:
    row = called(town, starts_at=TUESDAY + timedelta(hours=3))
    with pytest.raises(Conflict):
        meetings.sign_in(town.reporter, row.pk)
    with pytest.raises(Conflict):
        meetings.hold(town.manager, row.pk, HoldMeeting(summary="还没开始", points={}))
    time.shift(timedelta(hours=2, minutes=45))
    first = meetings.sign_in(town.reporter, row.pk).signed_at
    assert meetings.sign_in(town.reporter, row.pk).signed_at == first
    meetings.mark(town.manager, row.pk, MarkAttendance(present=[town.reviewer.pk], excused=[town.leader.pk]))
    states = dict(row.people.values_list("person__name", "presence"))
    assert (states["reporter"], states["reviewer"], states["leader"]) == (
        Presence.PRESENT,
        Presence.PRESENT,
        Presence.EXCUSED,
    )
    with pytest.raises(NotFound):
        meetings.find(town.stranger, row.pk)
    with pytest.raises(NotAllowed):
        meetings.hold(town.reporter, row.pk, HoldMeeting(summary="我来记录", points={}))


@pytest.mark.clause("5.3.3")
def test_minutes_issued_twice_are_one_version_and_other_words_the_next(town: Town) -> None:
    row = called(town)
    with pytest.raises(Conflict):
        minutes.issue(town.manager, row.pk)
    row.delete()
    row = held(town)
    first = minutes.issue(town.manager, row.pk)
    assert minutes.issue(town.manager2, row.pk) == first and row.minutes.count() == 1
    minutes.make_document(first.pk)
    minutes.make_document(first.pk)
    meetings.hold(town.manager, row.pk, HoldMeeting(summary="听取了各网格的工作汇报，议定年底前清完。", points={}))
    second = minutes.issue(town.manager, row.pk)
    minutes.make_document(second.pk)
    issued = list(Document.objects.filter(kind="minutes", subject_id=row.pk).order_by("version"))
    assert [d.version for d in issued] == [1, 2] and issued[1].supersedes == issued[0]
    assert issued[0].number == issued[1].number and "会纪〔2026〕1号" in issued[0].number
    assert all(d.pdf and d.docx for d in issued)
    message = str(first.content)
    assert "138****5678" in message and "13812345678" not in message


@pytest.mark.clause("5.3.3")
def test_the_months_duty_is_met_by_a_held_meeting_with_minutes(town: Town) -> None:
    assert meetings.open_month() == 2 and meetings.open_month() == 2
    owed = Obligation.objects.get(kind="meeting", subject_id=town.community.pk)
    assert owed.period == date(2026, 11, 1) and owed.owner_id in (town.manager.pk, town.manager2.pk)
    assert clock.local(owed.due_at) == datetime(2026, 11, 30, 18, tzinfo=clock.zone())
    row = held(town)
    owed.refresh_from_db()
    assert owed.met_at is None
    minutes.issue(town.manager, row.pk)
    owed.refresh_from_db()
    assert owed.met_at is not None


@pytest.mark.clause("5.3.3")
def test_decisions_are_tasks_and_a_cancelled_meeting_takes_none(town: Town) -> None:
    row = held(town)
    task = meetings.decide(town.manager, row.pk, Decide(title="清理三栋楼道", people=[town.reporter.pk], due_at=SOON))
    assert task.meeting_id == row.pk and Obligation.objects.filter(kind="task", subject_id=task.pk).exists()
    with pytest.raises(Invalid) as e:
        meetings.decide(town.manager, row.pk, Decide(title="没有责任人", people=[], due_at=SOON))
    assert e.value.fields
    off = called(town, starts_at=SOON)
    meetings.cancel(town.manager, off.pk, CancelMeeting(reason="改期"))
    assert Notice.objects.filter(user=town.reporter, text__contains="会议取消").exists()
    with pytest.raises(Conflict):
        meetings.decide(town.manager, off.pk, Decide(title="清理三栋楼道", people=[town.reporter.pk], due_at=SOON))
    with pytest.raises(Conflict):
        meetings.cancel(town.manager, row.pk, CancelMeeting(reason="开过的会"))


@pytest.mark.clause("5.3.3")
def test_an_anonymous_opinion_has_no_author_anywhere(town: Town) -> None:
    before = Record.objects.count()
    row = opinions.give(
        town.reporter, GiveOpinion(unit=town.community.pk, comment="希望周报能在手机上改完再交", anonymous=True)
    )
    assert row.author_id is None and row.anonymous
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(o)::text FROM management_opinion o WHERE id = %s", [row.pk])
        stored = cursor.fetchone()[0]
    assert str(town.reporter.pk) not in stored
    assert row.pk.version == 4  # other ids hold the moment
    assert not any(c in stored for c in ("T10:", " 10:"))  # nor the hour
    assert Record.objects.count() == before
    assert not Record.objects.filter(subject_id=str(row.pk)).exists()
    assert Notice.objects.filter(user=town.manager, subject_id=row.pk).exists()
    with pytest.raises(NotFound):
        opinions.find(town.reporter, row.pk)  # nobody but those who hear it can even be told apart
    opinions.answer(town.manager, row.pk, AnswerOpinion(answer="下月改进"))
    assert not Record.objects.filter(action__startswith="opinion", actor_id=town.reporter.pk).exists()
    signed = opinions.give(town.reporter, GiveOpinion(unit=town.community.pk, comment="希望增加一次培训"))
    assert signed.author == town.reporter and Record.objects.filter(action="opinion.give").count() == 1


@pytest.mark.clause("5.3.3")
@pytest.mark.django_db
def test_the_database_refuses_an_author_on_an_anonymous_opinion(town: Town) -> None:
    from django.db import IntegrityError

    with pytest.raises(IntegrityError):
        Opinion.objects.create(
            unit=town.community, anonymous=True, author=town.reporter, day=clock.today(), comment="x"
        )


@pytest.mark.clause("5.3.3")
def test_an_opinion_is_answered_once_and_becomes_one_problem(town: Town) -> None:
    row = opinions.give(town.reporter, GiveOpinion(unit=town.community.pk, comment="路灯报修没有回音"))
    with pytest.raises(NotAllowed):
        opinions.answer(town.reporter, row.pk, AnswerOpinion(answer="自问自答"))
    opinions.answer(town.manager, row.pk, AnswerOpinion(answer="已列入清单"))
    with pytest.raises(Conflict):
        opinions.answer(town.manager2, row.pk, AnswerOpinion(answer="我也答一遍"))
    details: dict[str, Any] = {
        "unit": town.community.pk,
        "title": "路灯报修没有回音",
        "owner": town.leader.pk,
        "due_at": SOON,
        "opinion": row.pk,
    }
    matter = opinions.raise_problem(town.manager, RaiseProblem(**details))
    assert opinions.raise_problem(town.manager, RaiseProblem(**details)) == matter
    with pytest.raises(NotAllowed):
        opinions.close_problem(town.reporter, matter.pk, CloseProblem(result="我看好了"))
    opinions.close_problem(town.leader, matter.pk, CloseProblem(result="已修好并电话告知"))
    assert Problem.objects.get().state == ProblemState.SOLVED
    assert Obligation.objects.get(kind="problem", subject_id=matter.pk).met_at
    assert Notice.objects.filter(user=town.reporter, kind="problem.closed").exists()
    with pytest.raises(Conflict):
        opinions.close_problem(town.manager, matter.pk, CloseProblem(result="不予处理，没有条件", solved=False))


@pytest.mark.clause("5.3.3")
def test_a_meeting_on_its_pages_from_call_to_minutes(town: Town) -> None:
    manager, reporter = town.browser("manager"), town.browser("reporter")
    body = {
        "unit": str(town.community.pk),
        "title": "十一月工作会议",
        "starts_at": "2026-11-24T10:00",
        "place": "会议室",
        "everybody": "on",
        "points": "年底安排",
    }
    assert manager.post("/meetings/new", body | {"place": ""}).status_code == 422
    assert manager.post("/meetings/new", body).status_code == 302
    row = Meeting.objects.get()
    at = f"/meetings/{row.pk}/"
    assert reporter.post(at + "do/sign-in").status_code == 302
    assert reporter.post(at + "do/report", {"report": "x" * 2001}).status_code == 422
    assert reporter.post(at + "do/opinion", {"comment": "建议早上开会", "anonymous": "on"}).status_code == 302
    assert manager.post(at + "do/minutes").status_code == 409
    point = row.agenda.get()
    bad = manager.post(at + "do/hold", {"summary": "短", f"point-{point.pk}": "讨论了值班"})
    assert bad.status_code == 422 and "讨论了值班" in bad.content.decode()
    assert (
        manager.post(at + "do/hold", {"summary": "听取了工作汇报。", f"point-{point.pk}": "讨论了值班"}).status_code
        == 302
    )
    decided = {"title": "排好值班表", "people": [str(town.leader.pk)], "due_at": "2026-11-27T18:00"}
    assert manager.post(at + "do/decide", decided | {"due_at": "什么"}).status_code == 422
    assert manager.post(at + "do/decide", decided).status_code == 302
    asked = {"title": "会议室没有暖气", "owner": str(town.manager2.pk), "due_at": "2026-12-01T18:00"}
    assert manager.post(at + "do/problem", asked).status_code == 302
    assert manager.post(at + "do/minutes").status_code == 302
    issued = row.minutes.get()
    minutes.make_document(issued.pk)
    pdf = reporter.get(f"{at}minutes-1.pdf")
    assert pdf.content.startswith(b"%PDF") and hashlib.sha256(pdf.content).hexdigest() == Document.objects.get().pdf
    assert reporter.get(f"{at}minutes-9.pdf").status_code == 404
    assert town.browser("stranger").get(f"{at}minutes-1.pdf").status_code == 404
    message = str(issued.content)
    for label in ("讨论了值班", "排好值班表", "会议室没有暖气", "（匿名）建议早上开会"):
        assert label in message
    row.refresh_from_db()
    assert row.state == MeetingState.HELD


@pytest.mark.clause("5.3.3")
def test_the_lists_cost_the_same_for_one_row_and_for_fifty(town: Town) -> None:
    browser = town.browser("manager")

    def one(n: int) -> None:
        called(town, title=f"会议{n:02d}")
        opinions.give(town.reporter, GiveOpinion(unit=town.community.pk, comment=f"第{n}条建议"))
        opinions.raise_problem(
            town.manager,
            RaiseProblem(unit=town.community.pk, title=f"第{n:03d}个问题", owner=town.leader.pk, due_at=SOON),
        )

    one(0)
    browser.get("/meetings/")
    counts: dict[str, list[int]] = {}
    for rows in (1, 50):
        for n in range(1, rows):
            one(n)
        for page in ("/meetings/", "/meetings/opinions/", "/meetings/problems/"):
            browser.get(page)  # what is kept for seconds is fresh
            with CaptureQueriesContext(connection) as asked:
                shown = browser.get(page)
            assert len(shown.context["page"].objects) == rows
            counts.setdefault(page, []).append(len(asked))
    assert all(a == b <= 7 for a, b in counts.values()), counts
