"""Tasks: to one and to a group, check list, thread, repeat, two who close one (5.3.1)."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.duties.models import Obligation
from linbao.management.models import NoteKind, PartState, Task, TaskPart, TaskState
from linbao.management.work_tasks import repetition
from linbao.management.work_tasks import services as tasks
from linbao.management.work_tasks.inputs import AddNote, FinishShare, GiveTask, RepeatTask, TakeBack, TickPoints
from linbao.organisation.models import RoleGrant
from linbao.outbox.models import Notice
from tests.loop import TUESDAY, Town, build

SOON = TUESDAY + timedelta(days=3)


def give(town: Town, *names: str, by: str = "manager", **changes: Any) -> Task:
    details: dict[str, Any] = {
        "unit": town.community.pk,
        "title": "排查楼道堆物",
        "due_at": SOON,
        "people": [town.people[n].pk for n in names],
    }
    return tasks.give(getattr(town, by), checked(GiveTask, details | changes))


def part(task: Task, town: Town, name: str) -> TaskPart:
    return task.parts.get(person=town.people[name])


@pytest.mark.clause("5.3.1")
def test_each_share_is_a_duty_and_the_last_one_ends_the_task(town: Town) -> None:
    task = give(town, "reporter", "reporter2")
    owed = Obligation.objects.filter(kind="task", subject_id=task.pk)
    assert {o.owner_id for o in owed} == {town.reporter.pk, town.reporter2.pk}
    assert {(o.clause, o.due_at) for o in owed} == {("5.3.1", SOON)}
    assert Notice.objects.filter(kind="task.given").count() == 2
    tasks.done(town.reporter, part(task, town, "reporter").pk, FinishShare(result="一至三栋已查完"))
    task.refresh_from_db()
    assert task.state == TaskState.OPEN
    assert owed.get(owner=town.reporter).met_at and not owed.get(owner=town.reporter2).met_at
    tasks.done(town.reporter2, part(task, town, "reporter2").pk, FinishShare())
    task.refresh_from_db()
    assert task.state == TaskState.DONE and task.closed_at
    tasks.done(town.reporter2, part(task, town, "reporter2").pk, FinishShare())  # repeating it changes nothing
    assert task.notes.filter(kind=NoteKind.DONE).count() == 2


@pytest.mark.clause("5.3.1")
def test_the_check_list_comes_first(town: Town) -> None:
    task = give(town, "reporter", checklist=["一栋", "", "二栋"])
    assert task.checklist == ["一栋", "二栋"]
    mine = part(task, town, "reporter")
    tasks.tick(town.reporter, mine.pk, TickPoints(points=[0, 7]))
    with pytest.raises(Invalid) as e:
        tasks.done(town.reporter, mine.pk, FinishShare())
    assert "points" in e.value.fields
    tasks.tick(town.reporter, mine.pk, TickPoints(points=[0, 1]))
    assert tasks.done(town.reporter, mine.pk, FinishShare()).state == PartState.DONE


@pytest.mark.clause("5.3.1")
def test_who_may_give_to_whom(town: Town) -> None:
    with pytest.raises(NotAllowed):
        give(town, "reporter2", by="reporter")
    with pytest.raises(NotAllowed):  # the leader leads a group, not the community
        give(town, "reporter2", by="leader")
    assert give(town, "reporter", by="leader", unit=town.group.pk).parts.count() == 1
    with pytest.raises(Invalid) as e:  # not of the group
        give(town, "reporter2", by="leader", unit=town.group.pk)
    assert "people" in e.value.fields
    with pytest.raises(Invalid) as e:
        give(town, title="x", due_at=TUESDAY - timedelta(days=1))
    assert "title" in e.value.fields
    task = give(town, "reporter")
    with pytest.raises(NotFound):
        tasks.find(town.reporter2, task.pk)
    with pytest.raises(NotAllowed):
        tasks.end(town.reporter, task.pk, TakeBack(reason="不做了"))


@pytest.mark.clause("5.3.1")
def test_guidance_questions_and_progress_are_one_thread(town: Town) -> None:
    task = give(town, "reporter")
    kinds = [
        tasks.note(town.reporter, task.pk, AddNote(text="一栋已查")).kind,
        tasks.note(town.reporter, task.pk, AddNote(text="地下室要不要查？")).kind,
        tasks.note(town.manager, task.pk, AddNote(text="地下室也要查，注意安全")).kind,
    ]
    assert kinds == [NoteKind.PROGRESS, NoteKind.QUESTION, NoteKind.GUIDANCE]
    assert [n.kind for n in task.notes.order_by("at", "pk")] == kinds
    assert Notice.objects.filter(user=town.reporter, kind="task.guidance").exists()
    assert Notice.objects.filter(user=town.manager, kind="task.question").exists()


@pytest.mark.clause("5.3.1")
def test_who_joins_a_group_later_gets_a_share_and_who_left_none(town: Town, time: Any) -> None:
    task = give(town, whole_group=True, unit=town.group.pk)
    assert {p.person_id for p in task.parts.all()} == {town.reporter.pk, town.leader.pk}
    time.shift(timedelta(days=2, hours=12))
    RoleGrant.objects.create(user=town.reporter2, role="reporter", unit=town.group, starts=clock.today())
    RoleGrant.objects.filter(user=town.reporter, unit=town.group).update(ends=clock.today() - timedelta(days=1))
    assert tasks.keep_groups() == 2
    assert tasks.keep_groups() == 0
    late = Obligation.objects.get(kind="task", subject_id=task.pk, owner=town.reporter2)
    assert late.due_at >= clock.now() + timedelta(hours=23)  # a day at least
    assert part(task, town, "reporter").state == PartState.TAKEN_BACK
    assert not Obligation.objects.filter(subject_id=task.pk, owner=town.reporter).exists()


@pytest.mark.clause("5.3.1")
def test_a_share_and_a_task_are_taken_back_once(town: Town) -> None:
    task = give(town, "reporter", "reporter2")
    tasks.take_back(town.manager, part(task, town, "reporter").pk, TakeBack(reason="另有安排"))
    assert not Obligation.objects.filter(subject_id=task.pk, owner=town.reporter).exists()
    with pytest.raises(Conflict):
        tasks.done(town.reporter, part(task, town, "reporter").pk, FinishShare())
    tasks.end(town.manager, task.pk, TakeBack(reason="不再需要"))
    assert tasks.end(town.manager, task.pk, TakeBack(reason="不再需要")).state == TaskState.ENDED
    with pytest.raises(Conflict):
        tasks.end(town.manager2, task.pk, TakeBack(reason="我也来收回"))
    with pytest.raises(Conflict):
        tasks.done(town.reporter2, part(task, town, "reporter2").pk, FinishShare())


@pytest.mark.clause("5.3.1")
@pytest.mark.usefixtures("_tuesday")
@pytest.mark.django_db(transaction=True)
def test_two_people_closing_one_task_one_wins_the_other_is_told() -> None:
    town = build()
    task = give(town, "reporter")
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def close(verb: Any) -> None:
        try:
            gate.wait()
            verb()
            outcomes.append("done")
        except Conflict:
            outcomes.append("told")
        finally:
            connection.close()

    one, two = town.reporter, town.manager
    mine = part(task, town, "reporter").pk
    verbs = [lambda: tasks.done(one, mine, FinishShare()), lambda: tasks.end(two, task.pk, TakeBack(reason="不再需要"))]
    threads = [threading.Thread(target=close, args=(d,)) for d in verbs]
    for t in threads:
        t.start()
    for t in threads:
        t.join(20)
    assert sorted(outcomes) == ["done", "told"]
    task.refresh_from_db()
    assert task.state in (TaskState.DONE, TaskState.ENDED)
    assert Obligation.objects.filter(subject_id=task.pk).open().count() == 0


def weekly(town: Town, **changes: Any) -> Any:
    details: dict[str, Any] = {
        "unit": town.community.pk,
        "title": "每周巡查配电房",
        "rhythm": "weekly",
        "weekday": 4,
        "hour": 17,
        "starts": date(2026, 11, 23),
        "people": [town.people["reporter"].pk],
    }
    return repetition.start(town.manager, checked(RepeatTask, details | changes))


@pytest.mark.clause("5.3.1")
def test_a_repeated_task_is_made_once_a_period_however_often_the_job_runs(town: Town, time: Any) -> None:
    series = weekly(town)
    assert repetition.make_all() == 0  # the first was made at once
    first = series.tasks.get()
    assert first.period == date(2026, 11, 23) and clock.local(first.due_at).hour == 17
    time.shift(timedelta(days=7))
    assert repetition.make_all() == 1
    assert repetition.make_all() == 0
    assert [t.period for t in series.tasks.order_by("period")] == [date(2026, 11, 23), date(2026, 11, 30)]
    assert Obligation.objects.filter(kind="task", owner=town.reporter).count() == 2
    repetition.stop(town.manager, series.pk)
    time.shift(timedelta(days=7))
    assert repetition.make_all() == 0


@pytest.mark.clause("5.3.1")
def test_the_rhythms(town: Town, time: Any) -> None:
    daily = weekly(town, rhythm="daily")
    assert daily.tasks.count() == 1
    time.move_to(datetime(2026, 11, 28, 9, tzinfo=clock.zone()))  # Saturday
    repetition.make_all()
    assert daily.tasks.count() == 1
    monthly = weekly(town, rhythm="monthly", monthday=25, starts=date(2026, 12, 1))
    assert monthly.tasks.count() == 0  # this month's 25th is before it starts
    time.move_to(datetime(2026, 12, 2, 9, tzinfo=clock.zone()))
    repetition.make_all()
    assert monthly.tasks.get().due_at.astimezone(clock.zone()).day == 25
    for errors in ({"rhythm": "weekly", "weekday": 9}, {"rhythm": "yearly"}, {"hour": 25}, {"ends": date(2020, 1, 1)}):
        with pytest.raises(Invalid):
            weekly(town, **errors)


@pytest.mark.clause("5.3.1")
def test_giving_a_task_on_the_page_with_a_file_and_finishing_it(town: Town) -> None:
    browser = town.browser("manager")
    body = {
        "unit": str(town.community.pk),
        "title": "排查楼道",
        "checklist": "一栋\n二栋",
        "people": [str(town.reporter.pk)],
        "due_at": "2026-11-27T17:00",
        "rhythm": "",
        "file": SimpleUploadedFile("要求.txt", "先查一栋，再查二栋。".encode()),
    }
    empty = browser.post("/tasks/new", body | {"due_at": "", "file": ""})
    assert empty.status_code == 422 and "排查楼道" in empty.content.decode() and "请填写期限" in empty.content.decode()
    assert browser.post("/tasks/new", body).status_code == 302
    task = Task.objects.get()
    file = task.files.get()
    reporter = town.browser("reporter")
    assert reporter.get(f"/tasks/{task.pk}/files/{file.pk}")["Content-Disposition"].startswith("attachment")
    assert town.browser("reporter2").get(f"/tasks/{task.pk}/files/{file.pk}").status_code == 404
    mine = part(task, town, "reporter")
    half = reporter.post(f"/tasks/{task.pk}/do/tick", {"part": str(mine.pk), "points": ["0"], "then": "done"})
    assert half.status_code == 422 and "清单还有 1 项" in half.content.decode()
    whole = reporter.post(f"/tasks/{task.pk}/do/tick", {"part": str(mine.pk), "points": ["0", "1"], "then": "done"})
    assert whole.status_code == 302
    assert Task.objects.get().state == TaskState.DONE
    page = town.browser("manager").get(f"/tasks/{task.pk}/").content.decode()
    assert "已完成" in page


@pytest.mark.clause("5.3.1")
def test_the_list_costs_the_same_for_one_row_and_for_fifty(town: Town) -> None:
    browser = town.browser("manager")
    give(town, "reporter")
    browser.get("/tasks/?tab=given")
    counts = []
    for rows in (1, 50):
        for n in range(rows - 1):
            give(town, "reporter", "reporter2", title=f"任务{n:02d}号")
        browser.get("/tasks/")  # what is kept for seconds is fresh
        with CaptureQueriesContext(connection) as asked:
            page = browser.get("/tasks/?tab=given")
        assert len(page.context["page"].objects) == rows
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5
    export = browser.get("/tasks/export?tab=given&format=csv")
    assert export.getvalue().decode().count("\r\n") == 51
