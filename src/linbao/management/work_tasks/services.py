"""Giving tasks and carrying them to their end: one thread for all, a share and a duty for each (5.3.1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import Worded, worded
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.items.attachments import content
from linbao.management import people
from linbao.management.models import Meeting, NoteKind, PartState, Series, Task, TaskFile, TaskNote, TaskPart, TaskState
from linbao.management.work_tasks.inputs import AddNote, FinishShare, GiveTask, MoveDue, TakeBack, TaskInput, TickPoints
from linbao.management.work_tasks.states import TASK, TASK_PART
from linbao.organisation.models import Unit, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many
from linbao.platform import files, queue

MOST_PEOPLE = 500
MOST_FILES = 20
LONGEST = timedelta(days=730)
JOINED_LATE = timedelta(days=1)  # at least this long for somebody who joins a group's running task


def find(user: User, task_id: UUID, *, lock: bool = False) -> Task:
    """A task that `user` may see; `NotFound` for any other."""
    rows = Task.objects.visible_to(user)
    matches = (rows.select_for_update(of=("self",)) if lock else rows.select_related("given_by")).filter(pk=task_id)
    task = matches.first()
    if task is None:
        raise NotFound(_("没有这项任务。"))
    return task


@transaction.atomic
def give(user: User, data: GiveTask, *, meeting: Meeting | None = None) -> Task:
    """Give a task to people of the unit, or to the whole of it; each gets a share, a duty and a notice. `meeting`: that
    decided it (5.3.3). Raises `Invalid` beside the field, `NotAllowed`."""
    unit = unit_of(user, data)
    due_at = _within_reach(data.due_at)
    chosen = receivers(data)
    task = Task.objects.create(
        unit_id=unit.pk,
        **description(data),
        whole_group=data.whole_group,
        given_by=user,
        due_at=due_at,
        meeting=meeting,
    )
    share(task, chosen)
    audit.record(user, "task.give", task, unit_id=unit.pk, people=len(chosen), group=data.whole_group)
    return task


def unit_of(user: User, data: TaskInput) -> Unit:
    """The unit that the task is for. Raises `Invalid`, `NotAllowed`."""
    unit = tree().get(data.unit)
    if unit is None:
        raise Invalid(fields={"unit": [_("请选择单位。")]})
    allow(user, "task.give", unit)
    return unit


def description(data: TaskInput) -> dict[str, Any]:
    """The columns that a task and a series share. The title stands in lists and notices: persons are masked in it."""
    return {"title": text.mask_within(data.title)[:100], "requirements": data.requirements, "checklist": data.checklist}


def receivers(data: TaskInput) -> set[UUID]:
    """Who gets a share: the whole of the unit, or those chosen among its people. Raises `Invalid`."""
    if data.whole_group:
        chosen = people.of_group(data.unit)
        if not chosen:
            raise Invalid(fields={"people": [_("这个单位现在没有报告员，请逐一选择承担人。")]})
    else:
        chosen = set(data.people)
        if not chosen:
            raise Invalid(fields={"people": [_("请选择承担人，或选择整个小组。")]})
        if chosen - {p.pk for p in people.working_in(data.unit)}:
            raise Invalid(fields={"people": [_("只能布置给本单位在岗的人员，请重新选择。")]})
    if len(chosen) > MOST_PEOPLE:
        raise Invalid(fields={"people": [_("一项任务最多 %(n)d 人，请按小组分开布置。") % {"n": MOST_PEOPLE}]})
    return chosen


def _within_reach(due_at: datetime | None) -> datetime:
    if due_at is None or not clock.now() < due_at <= clock.now() + LONGEST:
        raise Invalid(fields={"due_at": [_("请填写今后两年内的期限。")]})
    return due_at


def share(task: Task, person_ids: Iterable[UUID], *, due_at: datetime | None = None) -> None:
    """Give each of these a share of the task and its duty, and notify them; who has one already keeps it."""
    new = sorted(set(person_ids) - set(task.parts.values_list("person_id", flat=True)), key=str)
    TaskPart.objects.bulk_create([TaskPart(task=task, person_id=p) for p in new], ignore_conflicts=True)
    duties.open_(*(_duty(task, p, due_at or task.due_at) for p in new))
    _notify(task, new, worded("新任务：%(title)s") % {"title": task.title}, "task.given")


def _duty(task: Task, person_id: UUID, due_at: datetime, round: int = 0) -> Obligation:
    return duties.make(
        "task", unit_id=task.unit_id, owner_id=person_id, subject=task, due_at=due_at, title=task.title, round=round
    )


def duty_of(part: TaskPart) -> Q:
    """The obligation of one share, wherever a leave has moved it."""
    whose = Q(owner_id=part.person_id, moved_from__isnull=True) | Q(moved_from_id=part.person_id)
    return Q(kind="task", subject_id=part.task_id) & whose


def deputised_for(user: User, task: Task) -> list[UUID]:
    """Whose open shares of the task came to `user` by leave; one statement."""
    moved = Obligation.objects.stood_by(user).open().filter(kind="task", subject_id=task.pk)
    return [p for p in moved.values_list("moved_from_id", flat=True) if p]


def _notify(task: Task, recipients: Iterable[UUID], message: Worded, kind: str) -> None:
    notify_many(list(recipients), message, kind=kind, subject_type="management.task", subject_id=task.pk)


# --- the thread ------------------------------------------------------------------------------------


@transaction.atomic
def note(user: User, task_id: UUID, data: AddNote) -> TaskNote:
    """Write into the task's thread. From whoever gave or leads it this is guidance (工作指导); from others progress, or
    a question where it ends with a question mark. The other side is notified. Raises `NotAllowed`."""
    task = find(user, task_id)
    allow(user, "task.note", task)
    leads = user.has_perm("task.lead", task)
    asks = data.text.endswith(("?", "？"))
    kind = NoteKind.GUIDANCE if leads else NoteKind.QUESTION if asks else NoteKind.PROGRESS
    row = TaskNote.objects.create(task=task, kind=kind, by=user, text=data.text)
    open_parts = set(task.parts.filter(state=PartState.OPEN).values_list("person_id", flat=True))
    who = (open_parts if leads else {task.given_by_id}) - {user.pk}
    details = {"title": task.title}
    message = {
        NoteKind.GUIDANCE: worded("“%(title)s”有新的工作指导。"),
        NoteKind.QUESTION: worded("“%(title)s”有人提问，请答复。"),
    }.get(kind, worded("“%(title)s”有新的进展。"))
    _notify(task, who, message % details, f"task.{kind}")
    return row


@transaction.atomic
def tick(user: User, part_id: UUID, data: TickPoints) -> TaskPart:
    """Record which points of the check list are done, for one's own open share. Raises `Conflict` once it is closed."""
    part = _open_part(user, part_id)
    TASK_PART.move(part, "tick", ticked=sorted({p for p in data.points if 0 <= p < len(part.task.checklist)}))
    return part


@transaction.atomic
def done(user: User, part_id: UUID, data: FinishShare) -> TaskPart:
    """Finish one's own share, or that of somebody one stands in for; with the last one the task is done.

    Repeating it changes nothing; where somebody else closed it before, `Conflict`. `Invalid` while points of the
    check list are open.
    """
    part = _locked(part_id)
    if part.state == PartState.DONE and part.done_by_id == user.pk:
        return part
    _still_open(part)
    allow(user, "task.do", part)
    left = len(part.task.checklist) - len(part.ticked)
    if left > 0:
        raise Invalid(fields={"points": [_("清单还有 %(n)d 项没有完成。") % {"n": left}]})
    TASK_PART.move(part, "done", done_at=clock.now(), done_by=user)
    Obligation.objects.filter(duty_of(part), met_at__isnull=True, waived_at__isnull=True).update(
        met_at=clock.now(), next_at=None
    )
    TaskNote.objects.create(task=part.task, kind=NoteKind.DONE, by=user, text=data.result or _("已完成。"))
    _close_when_all_done(part.task, user)
    if part.task.given_by_id != user.pk:
        message = worded("%(name)s完成了任务：%(title)s") % {"name": user.name, "title": part.task.title}
        _notify(part.task, [part.task.given_by_id], message, "task.done")
    return part


@transaction.atomic
def take_back(user: User, part_id: UUID, data: TakeBack) -> TaskPart:
    """Relieve one person of their share, with a reason; their duty goes with it."""
    part = _locked(part_id)
    allow(user, "task.lead", part.task)
    if part.state == PartState.TAKEN_BACK:
        return part
    _still_open(part)
    _take_back(part)
    TaskNote.objects.create(
        task=part.task,
        kind=NoteKind.CHANGE,
        by=user,
        text=_("不再由%(name)s承担：%(reason)s") % {"name": part.person.name, "reason": data.reason},
    )
    _notify(
        part.task, [part.person_id], worded("任务已收回：%(title)s") % {"title": part.task.title}, "task.taken_back"
    )
    audit.record(user, "task.take_back", part.task, unit_id=part.task.unit_id, person=str(part.person_id))
    _close_when_all_done(part.task, user)
    return part


@transaction.atomic
def end(user: User, task_id: UUID, data: TakeBack) -> Task:
    """Take the whole task back, open shares with it. Raises `Conflict` where somebody else closed it before."""
    task = find(user, task_id, lock=True)
    allow(user, "task.lead", task)
    if task.closed_by_id == user.pk and task.state == TaskState.ENDED:
        return task
    TASK.check(task, "end")
    parts = list(task.parts.select_for_update().filter(state=PartState.OPEN).select_related("task"))
    for part in parts:
        _take_back(part)
    TASK.move(task, "end", closed_at=clock.now(), closed_by=user)
    TaskNote.objects.create(task=task, kind=NoteKind.CHANGE, by=user, text=_("任务收回：%(r)s") % {"r": data.reason})
    message = worded("任务已收回：%(title)s") % {"title": task.title}
    _notify(task, [p.person_id for p in parts if p.person_id != user.pk], message, "task.taken_back")
    audit.record(user, "task.end", task, unit_id=task.unit_id)
    return task


@transaction.atomic
def move_due(user: User, task_id: UUID, data: MoveDue) -> Task:
    """Give the task another limit, with a reason; reminders start again from it."""
    task = find(user, task_id, lock=True)
    TASK.check(task, "move_due", user)
    due_at = _within_reach(data.due_at)
    TASK.move(task, "move_due", due_at=due_at)
    duties.move_due(Q(kind="task", subject_id=task.pk), due_at)
    TaskNote.objects.create(task=task, kind=NoteKind.CHANGE, by=user, text=_("期限已调整：%(r)s") % {"r": data.reason})
    who = task.parts.filter(state=PartState.OPEN).exclude(person=user).values_list("person_id", flat=True)
    _notify(task, who, worded("“%(title)s”的期限已调整。") % {"title": task.title}, "task.moved")
    return task


def _locked(part_id: UUID) -> TaskPart:
    """The share with its task locked: one decides at a time."""
    task_id = TaskPart.objects.filter(pk=part_id).values_list("task_id", flat=True).first()
    if task_id is None:
        raise NotFound(_("没有这项任务。"))
    Task.objects.select_for_update().get(pk=task_id)
    return TaskPart.objects.select_related("task", "person").get(pk=part_id)


def _open_part(user: User, part_id: UUID) -> TaskPart:
    part = _locked(part_id)
    allow(user, "task.do", part)
    _still_open(part)
    return part


def _still_open(part: TaskPart) -> None:
    TASK_PART.check(part, "done")
    if part.task.state != TaskState.OPEN:
        raise Conflict(TASK_PART.answer(part, "done"))


def _take_back(part: TaskPart) -> None:
    TASK_PART.move(part, "take_back")
    Obligation.objects.filter(duty_of(part)).open().delete()


def _close_when_all_done(task: Task, user: User | None) -> None:
    states = set(task.parts.values_list("state", flat=True))
    if PartState.OPEN not in states:
        TASK.move(task, "complete" if PartState.DONE in states else "end", closed_at=clock.now(), closed_by=user)


# --- materials ---------------------------------------------------------------------------------------


def attach(
    user: User, *, data: bytes, name: str, task_id: UUID | None = None, series: Series | None = None
) -> TaskFile:
    """Add a file to a task's materials, or to those of a series; its type is that of its content, whatever the name."""
    _attachable(user, task_id, series)
    result = content.sniff(data, name)  # while no row is locked
    digest = files.put(data)
    with transaction.atomic():
        task = _attachable(user, task_id, series, lock=True)
        row, _new = TaskFile.objects.get_or_create(
            task=task,
            series=series,
            sha256=digest,
            defaults={
                "name": content.safe_name(name, result.extension)[:120],
                "content_type": result.content_type,
                "size": len(data),
                "by": user,
            },
        )
    return row


def _attachable(user: User, task_id: UUID | None, series: Series | None, *, lock: bool = False) -> Task | None:
    task = find(user, task_id, lock=lock) if task_id is not None else None
    if task is not None:
        allow(user, "task.note", task)
    else:
        allow(user, "task.lead", series)
    if TaskFile.objects.filter(task=task, series=series).count() >= MOST_FILES:
        raise Invalid(fields={"file": [_("最多 %(n)d 个文件。") % {"n": MOST_FILES}]})
    return task


# --- groups that change ------------------------------------------------------------------------------


def keep_groups() -> int:
    """Open tasks of whole groups follow the group: who joins gets a share (with a day at least), who left is
    relieved of theirs. Safe to repeat; returns how many shares changed."""
    open_ = Task.objects.filter(whole_group=True, state=TaskState.OPEN).order_by("unit_id", "pk")
    members = cache(people.of_group)
    return queue.each(list(open_.values_list("pk", "unit_id")), lambda row: _follow(row[0], members(row[1])))


@transaction.atomic
def _follow(task_id: UUID, now_in: set[UUID]) -> int:
    task = Task.objects.select_for_update().get(pk=task_id)
    if task.state != TaskState.OPEN:
        return 0
    parts = list(task.parts.select_related("task", "person"))
    joined = now_in - {p.person_id for p in parts}
    left = [p for p in parts if p.state == PartState.OPEN and p.person_id not in now_in]
    share(task, joined, due_at=max(task.due_at, clock.now() + JOINED_LATE))
    for part in left:
        _take_back(part)
        TaskNote.objects.create(
            task=task, kind=NoteKind.CHANGE, text=_("%(name)s已离开小组，不再承担。") % {"name": part.person.name}
        )
    if left:
        _close_when_all_done(task, None)
    return len(joined) + len(left)
