"""From the suggested grade to the final one: calibration, objection, caps (5.2.2, 5.2.3)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.appraisal import cycles
from linbao.appraisal.inputs import Calibrate, DecideObjection, Object
from linbao.appraisal.models import Appraisal, Cap, CapSource, Change, Cycle, CycleState, Grade, Objection
from linbao.appraisal.permissions import graders
from linbao.appraisal.proposals import propose
from linbao.appraisal.states import CYCLE
from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify, notify_many
from linbao.platform import queue

ANSWER_WITHIN_DAYS = 5  # working days for deciding an objection (5.2.2)


def get(user: User, appraisal_id: UUID, *, lock: bool = False) -> Appraisal:
    """An appraisal that `user` may see, with its cycle; raises `NotFound`."""
    rows = Appraisal.objects.visible_to(user).select_related("cycle__unit", "person", "group")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=appraisal_id).first()
    if row is None:
        raise NotFound(_("没有这份考核结果。"))
    return row


@transaction.atomic
def calibrate(user: User, appraisal_id: UUID, data: Calibrate) -> Appraisal:
    """The manager sets another grade than the suggested, with a reason; before and after are recorded.

    Raises `Invalid` (above the cap), `Conflict` once the result has been published, `NotAllowed`
    for one's own.
    """
    row = get(user, appraisal_id, lock=True)
    allow(user, "appraisal.calibrate", row)
    Cycle.objects.select_for_update().get(pk=row.cycle_id)
    row.cycle.refresh_from_db()
    CYCLE.check(row.cycle, "calibrate")
    grade, reason = data.grade.value, data.reason
    if message := _above_cap(row, grade):
        raise Invalid(fields={"grade": [message]})
    if grade != row.grade:
        Change.objects.create(appraisal=row, before=row.grade, after=grade, reason=reason, by=user)
        audit.record(
            user,
            "appraisal.calibrate",
            row,
            unit_id=row.cycle.unit_id,
            reason=reason,
            before=_label(row.grade),
            after=_label(grade),
        )
        row.grade = grade
        row.save(update_fields=["grade"])
    return row


def _label(grade: str) -> str:
    return str(Grade(grade).label) if grade else ""


def _above_cap(row: Appraisal, grade: str) -> str:
    if row.capped and grade in (Grade.EXCELLENT, Grade.COMPETENT):
        return _("本期有经确认的泄密或虚假报告，等次最高为基本称职。")
    return ""


# --- objections ---------------------------------------------------------------------------------


@transaction.atomic
def object_(user: User, appraisal_id: UUID, data: Object) -> Objection:
    """Object to one's own result within the set days; somebody who did not grade it is asked to decide.

    Where nobody is there, the objection stands and waits, the managers above and the administrators are notified, and
    nothing is decided by default. Objecting again returns the first. Raises `Conflict` when it is too late.
    """
    row = get(user, appraisal_id, lock=True)
    allow(user, "appraisal.object", row)
    standing = Objection.objects.filter(appraisal=row).first()
    if standing is not None:
        return standing
    cycle, now = row.cycle, clock.now()
    CYCLE.check(cycle, "object")
    if cycle.objection_due is None or cycle.objection_due < now:
        raise Conflict(CYCLE.answer(cycle, "object"))
    due = cycles.end_of(tree().calendar(cycle.unit_id), now, ANSWER_WITHIN_DAYS)
    made = Objection.objects.create(appraisal=row, grounds=data.grounds, due_at=due, decider_id=_decider(row))
    audit.record(user, "appraisal.object", row, unit_id=cycle.unit_id)
    if made.decider_id is None:
        _escalate(made, cycle)
    else:
        _ask(made, cycle)
    return made


def _decider(row: Appraisal) -> UUID | None:
    """A manager of the community, else of the unit above, who had no hand in the grade."""
    taken = graders(row) | {row.person_id}
    return next((m for m in cycles.managers_of(row.cycle.unit_id) if m not in taken), None)


def _ask(objection: Objection, cycle: Cycle) -> None:
    duties.open_(
        duties.make(
            "appraisal_objection",
            unit_id=cycle.unit_id,
            owner_id=objection.decider_id,
            subject=objection,
            due_at=objection.due_at,
            period=cycle.half,
        )
    )
    assert objection.decider_id is not None
    notify(
        objection.decider_id,
        worded("有一份%(half)s考核申诉请您答复。") % {"half": cycle.named},
        kind="appraisal.objection",
        subject_type="appraisal.objection",
        subject_id=objection.pk,
    )


def _escalate(objection: Objection, cycle: Cycle) -> None:
    """Nobody may decide: the duty lies with the unit above, and those who can appoint somebody are notified."""
    line = tree().line(cycle.unit_id)
    above = line[1] if len(line) > 1 else line[0]
    duties.open_(
        duties.make(
            "appraisal_objection", unit_id=above.pk, subject=objection, due_at=objection.due_at, period=cycle.half
        )
    )
    details = duties.holders(cycle.unit_id, Role.ADMINISTRATOR) | set(cycles.managers_of(cycle.unit_id))
    notify_many(
        sorted(details - {objection.appraisal.person_id}, key=str),
        worded("%(half)s考核有一份申诉没有可以答复的人：原评定人不能答复。请任命第二位负责人或由上级负责人答复。")
        % {"half": cycle.named},
        kind="appraisal.nobody",
        subject_type="appraisal.cycle",
        subject_id=cycle.pk,
    )


def find_deciders() -> int:
    """Objections that wait for somebody: whoever has come since is asked."""
    waiting = Objection.objects.filter(decider__isnull=True, decided_at__isnull=True)

    def find(pk: UUID) -> int:
        rows = waiting.select_related("appraisal__cycle").select_for_update(of=("self",))
        objection = rows.filter(pk=pk).first()
        if objection is None:
            return 0
        objection.decider_id = _decider(objection.appraisal)
        if objection.decider_id is None:
            return 0
        objection.save(update_fields=["decider"])
        duties.cancel(["appraisal_objection"], objection.pk)
        _ask(objection, objection.appraisal.cycle)
        return 1

    return queue.each(list(waiting.values_list("pk", flat=True)), find)


def objection_of(user: User, objection_id: UUID, *, lock: bool = False) -> Objection:
    """One's own objection, or one in a community that one manages; raises `NotFound`."""
    led = user.rights.communities(Role.MANAGER)
    rows = Objection.objects.select_related("appraisal__cycle__unit", "appraisal__person", "decided_by", "decider")
    rows = rows.filter(appraisal__cycle__unit__in_array=led) | rows.filter(appraisal__person=user)
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=objection_id).first()
    if row is None:
        raise NotFound(_("没有这份申诉。"))
    return row


@transaction.atomic
def decide(user: User, objection_id: UUID, data: DecideObjection) -> Objection:
    """Answer an objection: the grade stands, or is changed, with a reply that the person reads. Deciding the same
    again changes nothing.

    Raises `Invalid` beside the grade, `Conflict` where another has decided, `NotAllowed` for whoever graded.
    """
    row = objection_of(user, objection_id, lock=True)
    allow(user, "appraisal.decide", row)
    appraisal = Appraisal.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=row.appraisal_id)
    upheld, reply = data.decision == "change", data.reply
    if row.decided_at is not None:
        if row.decided_by_id == user.pk and row.upheld == upheld:
            return row
        raise Conflict(_("这份申诉已由%(name)s答复。") % {"name": row.decided_by.name if row.decided_by else ""})
    cycle, grade = appraisal.cycle, data.grade or ""
    if upheld and grade in ("", appraisal.grade):
        raise Invalid(fields={"grade": [_("请选择改变后的等次。")]})
    if upheld and (message := _above_cap(appraisal, grade)):
        raise Invalid(fields={"grade": [message]})
    if upheld and grade == Grade.EXCELLENT:
        cycles.check_share(cycle, raised=appraisal)
    row.upheld, row.reply, row.decided_by, row.decided_at = upheld, reply, user, clock.now()
    row.save(update_fields=["upheld", "reply", "decided_by", "decided_at"])
    if upheld:
        Change.objects.create(
            appraisal=appraisal, before=appraisal.grade, after=grade, reason=_("申诉后改变"), objection=True, by=user
        )
        appraisal.grade = grade
        appraisal.save(update_fields=["grade"])
        propose([appraisal])

        queue.defer("appraisal.make_documents", cycle=cycle.pk)
    duties.meet("appraisal_objection", row.pk)
    audit.record(
        user, "appraisal.decide", appraisal, unit_id=cycle.unit_id, upheld=upheld, after=_label(appraisal.grade)
    )
    notify(
        appraisal.person_id,
        worded("您对%(half)s考核的申诉已有答复，请查看。") % {"half": cycle.named},
        kind="appraisal.decided",
        subject_type="appraisal.appraisal",
        subject_id=appraisal.pk,
    )
    return row


# --- caps ---------------------------------------------------------------------------------------


@transaction.atomic
def cap(by: User | None, person_id: UUID, day: date, *, source: str, reason: str, reference: str = "") -> Cap:
    """A confirmed leak (`leak`) or false report (`false`) of `day`: that half-year's grade is at most 基本称职, and a
    false report sets its accuracy to 0 (domain.md §6). Whether it is confirmed is asked by the room that calls.

    `reference` names the case: the same one again changes nothing. A published result stays until the cycle is done
    again. Raises `Invalid` for another source or an empty reason.
    """
    if source not in CapSource.values or not reason.strip():
        raise Invalid(_("须写明来源（泄密或虚假报告）和事由。"))
    half = date(day.year, 1 if day.month <= 6 else 7, 1)
    row, made = Cap.objects.get_or_create(
        person_id=person_id, half=half, source=source, reference=reference[:60], defaults={"reason": reason, "by": by}
    )
    if made or row.lifted_at:
        row.lifted_at = None
        row.save(update_fields=["lifted_at"])
        audit.record(by, "appraisal.cap", row.person, half=str(half), kind=str(CapSource(source).label))
        _recount_open(person_id, half)
    return row


@transaction.atomic
def lift_cap(by: User | None, person_id: UUID, *, reference: str) -> int:
    """The case was decided otherwise on appeal: its caps no longer count; returns how many there were."""
    rows = Cap.objects.filter(person_id=person_id, reference=reference[:60], lifted_at__isnull=True)
    halves = list(rows.values_list("half", flat=True))
    done = rows.update(lifted_at=clock.now())
    for half in halves:
        _recount_open(person_id, half)
    if done:
        audit.record(by, "appraisal.lift_cap", User.objects.get(pk=person_id), halves=[str(h) for h in halves])
    return done


def _recount_open(person_id: UUID, half: date) -> None:
    going = Appraisal.objects.filter(person_id=person_id, cycle__half=half, cycle__state=CycleState.OPEN)
    cycles.recount(list(going.values_list("cycle", flat=True)))


def halves_of(person_id: UUID) -> list[Appraisal]:
    """A person's published results in order of time, for the trend and for their work file."""
    rows = Appraisal.objects.filter(person_id=person_id, cycle__published_at__isnull=False)
    rows = rows.exclude(cycle__state=CycleState.SUPERSEDED).select_related("cycle")
    return list(rows.order_by("cycle__half"))
