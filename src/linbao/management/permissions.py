"""Who gives tasks, guides, calls meetings, hears opinions and reads work files (5.3)."""

from __future__ import annotations

from uuid import UUID

import rules

from linbao.duties.models import Leave, Obligation
from linbao.management.models import Meeting, Opinion, PartState, Problem, Series, Task, TaskPart
from linbao.organisation.models import Role, RoleGrant, Unit, User


def leads(user: User, unit_id: UUID | None) -> bool:
    """Manager of the unit or of one above it, or the group's leader."""
    return user.rights.on(unit_id, Role.MANAGER, Role.GROUP_LEADER)


@rules.predicate
def leads_unit(user: User, unit: Unit | None = None) -> bool:
    """Manages the unit or leads the group; without a unit: any."""
    return user.rights.has(Role.MANAGER, Role.GROUP_LEADER) if unit is None else leads(user, unit.pk)


@rules.predicate
def leads_task(user: User, task: Task | Series) -> bool:
    """Gave the task, or leads its unit."""
    return task.given_by_id == user.pk or leads(user, task.unit_id)


@rules.predicate
def takes_part(user: User, task: Task) -> bool:
    """Has a share of it, or stands in for somebody who has."""
    if TaskPart.objects.filter(task=task, person=user).exclude(state=PartState.TAKEN_BACK).exists():
        return True
    return Obligation.objects.filter(kind="task", subject_id=task.pk, owner=user).exists()


@rules.predicate
def does_part(user: User, part: TaskPart) -> bool:
    """Whose share it is; while they are on leave, whoever the obligation moved to."""
    if part.person_id == user.pk:
        return True
    moved = Obligation.objects.filter(kind="task", subject_id=part.task_id, owner=user, moved_from_id=part.person_id)
    return moved.exists()


@rules.predicate
def decides_leave(user: User, leave: Leave) -> bool:
    """The leader or manager of the unit, never for themselves; nor does the stand-in decide."""
    return user.pk not in (leave.person_id, leave.stand_in_id) and leads(user, leave.unit_id)


@rules.predicate
def asked_leave(user: User, leave: Leave) -> bool:
    """The leave is their own."""
    return leave.person_id == user.pk


@rules.predicate
def works(user: User, thing: object = None) -> bool:
    """Has any role."""
    return bool(user.rights.granted)


@rules.predicate
def keeps_meeting(user: User, meeting: Meeting) -> bool:
    """Called the meeting, or leads its unit."""
    return meeting.called_by_id == user.pk or leads(user, meeting.unit_id)


@rules.predicate
def hears_opinion(user: User, opinion: Opinion) -> bool:
    """Leads the opinion's unit, and did not write it."""
    return opinion.author_id != user.pk and leads(user, opinion.unit_id)


@rules.predicate
def reports(user: User, unit: Unit | None = None) -> bool:
    """Belongs to the unit: may say what they think of its work."""
    if unit is None:
        return user.rights.has(Role.REPORTER, Role.GROUP_LEADER)
    return unit.pk in user.rights.communities() or unit.pk in user.rights.units()


@rules.predicate
def owns_problem(user: User, problem: Problem) -> bool:
    """Sees to the problem."""
    return problem.owner_id == user.pk


@rules.predicate
def leads_problem(user: User, problem: Problem) -> bool:
    """Leads the problem's unit."""
    return leads(user, problem.unit_id)


@rules.predicate
def is_self(user: User, person: User) -> bool:
    """The file is their own."""
    return user.pk == person.pk


@rules.predicate
def leads_person(user: User, person: User) -> bool:
    """Leads or manages a unit that the person reports in, or reported in last."""
    led = user.rights.units(Role.MANAGER, Role.GROUP_LEADER)
    return (
        bool(led)
        and RoleGrant.objects.filter(
            user=person, role__in=(Role.REPORTER, Role.GROUP_LEADER), unit__in_array=led
        ).exists()
    )


rules.add_perm("task.give", leads_unit)
rules.add_perm("task.lead", leads_task)
rules.add_perm("task.note", takes_part | leads_task)
rules.add_perm("task.do", does_part)
rules.add_perm("leave.ask", works)
rules.add_perm("leave.decide", decides_leave)
rules.add_perm("leave.cancel", asked_leave | decides_leave)
rules.add_perm("meeting.call", leads_unit)
rules.add_perm("meeting.keep", keeps_meeting)
rules.add_perm("opinion.give", reports)
rules.add_perm("opinion.answer", hears_opinion)
rules.add_perm("problem.raise", leads_unit)
rules.add_perm("problem.solve", owns_problem | leads_problem)
rules.add_perm("problem.drop", leads_problem)
rules.add_perm("work_file.view", is_self | leads_person)
rules.add_perm("work_file.export", leads_person)
