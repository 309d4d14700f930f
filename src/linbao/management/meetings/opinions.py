"""Opinions and suggestions of reporters, and the list of problems with what became of them (5.3.3)."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, ids, text
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.management import people
from linbao.management.meetings.inputs import AnswerOpinion, CloseProblem, GiveOpinion, RaiseProblem
from linbao.management.meetings.states import PROBLEM
from linbao.management.models import Meeting, Opinion, Problem, ProblemState
from linbao.management.work_tasks import services as tasks
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify, notify_many


@transaction.atomic
def give(user: User, data: GiveOpinion) -> Opinion:
    """Say what one thinks or suggests, at a meeting or between them. Anonymous: nothing that is kept tells who it was:
    no author, no line on the audit log, a random id, the day alone. Leaders and managers of the unit are told."""
    unit = tree().get(data.unit)
    if unit is None:
        raise Invalid(fields={"unit": [_("请选择单位。")]})
    allow(user, "opinion.give", unit)
    meeting = None
    if data.meeting is not None:
        meeting = Meeting.objects.visible_to(user).filter(pk=data.meeting, unit=unit.pk).first()
        if meeting is None:
            raise NotFound(_("没有这次会议。"))
    row = Opinion.objects.create(
        id=uuid.uuid4() if data.anonymous else ids.new(),
        unit_id=unit.pk,
        meeting=meeting,
        anonymous=data.anonymous,
        author=None if data.anonymous else user,
        day=clock.today(tree().setting(unit.pk, "time_zone")),
        comment=data.comment,
    )
    if not data.anonymous:
        audit.record(user, "opinion.give", row, unit_id=unit.pk)
    # An anonymous author is notified with the rest where they lead the unit: leaving them out would name them.
    recipients = people.leaders_over(unit.pk) - (set() if data.anonymous else {user.pk})
    notify_many(
        sorted(recipients, key=str),
        worded("收到新的意见建议，请查看并答复。"),
        kind="opinion",
        subject_type="management.opinion",
        subject_id=row.pk,
    )
    return row


def find(user: User, opinion_id: UUID) -> Opinion:
    """An opinion that `user` may see; `NotFound` for any other."""
    row = Opinion.objects.visible_to(user).select_related("author", "answered_by").filter(pk=opinion_id).first()
    if row is None:
        raise NotFound(_("没有这条意见建议。"))
    return row


@transaction.atomic
def answer(user: User, opinion_id: UUID, data: AnswerOpinion) -> Opinion:
    """Answer it; the author, where there is one, is told. An answer stands: the second is told so (`Conflict`)."""
    row = Opinion.objects.visible_to(user).select_for_update(of=("self",)).filter(pk=opinion_id).first()
    if row is None:
        raise NotFound(_("没有这条意见建议。"))
    allow(user, "opinion.answer", row)
    if row.answered_at is not None:
        if row.answered_by_id == user.pk and row.answer == data.answer:
            return row
        raise Conflict(_("这条意见建议已经有人答复。"))
    row.answer, row.answered_by, row.answered_at = data.answer, user, clock.now()
    row.save(update_fields=["answer", "answered_by", "answered_at"])
    audit.record(user, "opinion.answer", row, unit_id=row.unit_id)
    if row.author_id is not None:
        notify(
            row.author_id,
            worded("您的意见建议有了答复。"),
            kind="opinion.answer",
            subject_type="management.opinion",
            subject_id=row.pk,
        )
    return row


# --- problems ---------------------------------------------------------------------------------------


@transaction.atomic
def raise_problem(user: User, data: RaiseProblem) -> Problem:
    """Put a problem on the unit's list with somebody who sees to it and a limit; its duty is met by the answer. From an
    opinion at most one problem is made: making it again returns the first."""
    unit = tree().get(data.unit)
    if unit is None:
        raise Invalid(fields={"unit": [_("请选择单位。")]})
    allow(user, "problem.raise", unit)
    opinion = None
    if data.opinion is not None:
        opinion = Opinion.objects.visible_to(user).select_for_update(of=("self",)).filter(pk=data.opinion).first()
        if opinion is None or opinion.unit_id != unit.pk:
            raise NotFound(_("没有这条意见建议。"))
        standing = Problem.objects.filter(opinion=opinion).first()
        if standing is not None:
            return standing
    errors: dict[str, list[str]] = {}
    if data.owner not in {p.pk for p in people.working_in(unit.pk)}:
        errors["owner"] = [_("请在本单位在岗人员中选择负责人。")]
    if not clock.now() < data.due_at <= clock.now() + tasks.LONGEST:
        errors["due_at"] = [_("请填写今后两年内的期限。")]
    if errors:
        raise Invalid(fields=errors)
    row = Problem.objects.create(
        unit_id=unit.pk,
        title=text.mask_within(data.title)[:120],
        owner_id=data.owner,
        raised_by=user,
        due_at=data.due_at,
        meeting_id=data.meeting,
        opinion=opinion,
    )
    duties.open_(
        duties.make("problem", unit_id=unit.pk, owner_id=row.owner_id, subject=row, due_at=row.due_at, title=row.title)
    )
    audit.record(user, "problem.raise", row, unit_id=unit.pk)
    if row.owner_id != user.pk:
        notify(
            row.owner_id,
            worded("请牵头解决：%(title)s") % {"title": row.title},
            kind="problem",
            subject_type="management.problem",
            subject_id=row.pk,
        )
    return row


@transaction.atomic
def close_problem(user: User, problem_id: UUID, data: CloseProblem) -> Problem:
    """Tell what became of it: solved, by its owner or a leader; dropped with the reason, by a leader. The second of two
    is told so (`Conflict`)."""
    row = Problem.objects.visible_to(user).select_for_update(of=("self",)).filter(pk=problem_id).first()
    if row is None:
        raise NotFound(_("没有这个问题。"))
    verb = "solve" if data.solved else "drop"
    PROBLEM.permit(row, verb, user)
    if row.state != ProblemState.OPEN and row.closed_by_id == user.pk and row.result == data.result:
        return row
    PROBLEM.move(row, verb, result=data.result, closed_by=user, closed_at=clock.now())
    duties.meet("problem", row.pk)
    audit.record(user, "problem.close", row, unit_id=row.unit_id, state=row.state)
    details = {row.raised_by_id, row.opinion.author_id if row.opinion else None} - {None, user.pk}
    notify_many(
        sorted((t for t in details if t), key=str),
        worded("问题有了结果：%(title)s") % {"title": row.title},
        kind="problem.closed",
        subject_type="management.problem",
        subject_id=row.pk,
    )
    return row
