"""The closed loop: informing the resident, their judgement, closing and reopening (2.4.1, 2.4.2).

Nothing closes without feedback or a recorded reason why none was possible.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.handling import limits
from linbao.handling.assigning import begin, due_for, handler_id, receiver, unit_id
from linbao.handling.informing import has_resident, notify_people
from linbao.handling.inputs import CloseItem, EvaluateItem, InformResident, ReopenItem
from linbao.handling.models import Assignment, Evaluation, Informing, Outcome, Verdict
from linbao.items import masking, states, visibility
from linbao.items import services as item_services
from linbao.items.models import Entry, Item, Status
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree
from linbao.platform import queue

# Outcomes that end the loop without a verdict; each needs its reason.
WITHOUT_VERDICT = (Outcome.REFUSED, Outcome.ANONYMOUS, Outcome.NO_RESIDENT, Outcome.UNREACHABLE)
AFTER_INFORMED = (Status.INFORMED, Status.EVALUATED, Status.CLOSED)
RATED = (Verdict.SATISFIED, Verdict.MOSTLY_SATISFIED, Verdict.UNSATISFIED)
SETTLED_AFTER_DAYS = 3  # working days from a good verdict until the system closes the item itself


def inform(user: User, item_id: UUID, data: InformResident) -> Item:
    """Record an attempt to inform the resident (2.4.1).

    While in handling it is about progress and meets that duty. About the result: `reached` makes the item informed
    and opens the duty to ask for a judgement; `no_answer` is recorded and the item waits; `unreachable` needs tries
    on three different days; `refused`, `anonymous`, `no_resident` need a reason (for `no_resident` one is supplied)
    and lead to evaluated without a verdict. Personal data in the message is masked. Safe to repeat. Raises `Invalid`,
    `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.inform", item)
        row = _attempt(user, item, data)
        if item.status == Status.HANDLING:
            return _inform_progress(user, item, row)
        last = Informing.objects.filter(item=item, round=item.round, final=True).order_by("-at").first()
        if (
            item.status in AFTER_INFORMED
            and last is not None
            and last.outcome == row.outcome
            and row.outcome != Outcome.NO_ANSWER
        ):
            return item
        if row.outcome == Outcome.NO_ANSWER:
            return _no_answer(user, item, row)
        if row.outcome == Outcome.UNREACHABLE:
            _require_tries(item)
        if item.status == Status.INFORMED and row.outcome in WITHOUT_VERDICT:
            raise Conflict(_("居民已告知过；没有评价的，请在“记录评价”中选择“未能评价”并写明原因。"))
        informed(item, row, user)
        if row.outcome in WITHOUT_VERDICT:
            record(item, Evaluation(verdict=Verdict.NONE, reason=row.reason, recorded_by=user), user, code=row.outcome)
    return item


def evaluate(user: User, item_id: UUID, data: EvaluateItem) -> Item:
    """Record the judgement that the resident gave by word of mouth; it names who recorded it (2.4.2).

    No verdict needs a `reason`: a sentence, or `unreachable` (needs tries on three different days). One judgement a
    round; the same again changes nothing. Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.evaluate", item)
        match = Evaluation.objects.filter(item=item, round=item.round).first()
        if match is not None:
            if match.verdict == data.verdict:
                return item
            raise Conflict(_("本轮已有评价“%(verdict)s”，不能再改。") % {"verdict": Verdict(match.verdict).label})
        why = masking.within(item, data.reason or data.remark)[:300]
        if data.verdict == Verdict.NONE and why == Outcome.UNREACHABLE:
            _require_tries(item)
            why = _("在不同日期多次联系，均未联系上居民。")
        row = Evaluation(
            verdict=data.verdict,
            remark=masking.within(item, data.remark) or None,
            reason=why if data.verdict == Verdict.NONE else "",
            recorded_by=user,
        )
        record(item, row, user)
    return item


def close(user: User, item_id: UUID, data: CloseItem) -> Item:
    """Close an item whose loop is complete (2.4.2). An unsatisfied resident's matter closes only by a
    manager, with a reason. Safe to repeat. Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.close", item)
        if item.status == Status.CLOSED:
            return item
        message = masking.within(item, data.reason)[:300]
        if item.status == Status.EVALUATED and item.verdict == Verdict.UNSATISFIED:
            allow(user, "item.decide", item)
            if not message:
                raise Invalid(fields={"reason": [_("居民不满意的，归档须写明理由；也可以决定重办。")]})
        _close(item, user, message)
    return item


def close_settled() -> int:
    """Close by rule what residents were content with three working days ago (run by a job each hour).

    Items without a verdict wait for a person of the department. Returns how many were closed.
    """
    waiting = Item.objects.filter(status=Status.EVALUATED, verdict__in=[Verdict.SATISFIED, Verdict.MOSTLY_SATISFIED])

    def settle(pk: UUID) -> int:
        item = waiting.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
        row = Evaluation.objects.filter(item=item, round=item.round).first() if item else None
        if item is None or row is None:
            return 0
        if tree().calendar(item.community_id).add_working_days(row.at, SETTLED_AFTER_DAYS) > clock.now():
            return 0
        _close(item, None, _("居民已评价，系统按规则归档。"))
        return 1

    return queue.each(list(waiting.values_list("pk", flat=True)), settle)


def reopen(user: User, item_id: UUID, data: ReopenItem) -> Item:
    """Handle a matter again (重办, 2.4.2): the manager's decision, with a reason.

    Goes back to who handled it unless another unit or person is named; a new round begins. Raises `Invalid`,
    `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.reopen", item)
        message = masking.within(item, data.reason)[:300]
        last = Assignment.objects.filter(item=item).order_by("-assigned_at").first()
        if (
            item.status == Status.HANDLING
            and last is not None
            and last.assigned_by_id == user.pk
            and last.round > 1
            and last.instruction == message
        ):
            return item
        entry = states.move(item, "reopen", user, note=message, round=item.round + 1, verdict=item.verdict)
        unit, handler = unit_id(data.unit), handler_id(data.handler)
        if unit is None and handler is None and last is not None:
            unit, handler = last.unit_id, last.handler_id
        to, person = receiver(item, unit, handler)
        entry.data |= {"unit": str(to.id), "unit_name": to.name, "handler": person.name if person else ""}
        item.round += 1
        item.verdict, item.result, item.closed_at = "", "", None
        duties.meet(["decide_unsatisfied"], item.pk)
        begin(user, item, to, person, message, due_for(item, data.due_at), entries=[entry])
        notify_people(
            item,
            worded("%(number)s“%(title)s”决定重办：%(why)s")
            % {**visibility.label(item), "why": visibility.IN_PLACE if item.restricted else message},
            kind="item.reopened",
            by=user,
        )
    return item


# --- inside, shared with the resident's link ------------------------------------------------------


def informed(item: Item, row: Informing, actor: User | None) -> None:
    """Save that the resident knows the result, or cannot be informed for a reason; the item moves on (2.4.1)."""
    entry = states.move(
        item,
        "inform",
        actor,
        note=row.message or row.reason,
        check=False,
        method=row.method,
        outcome=row.outcome,
        round=item.round,
    )
    item.save(update_fields=["status", "priority", "version", "changed_at"])
    row.save(force_insert=True)
    entries = [entry]
    if row.outcome == Outcome.REACHED:
        # Residents of merged items are told with this one; their own timelines say so (2.2.1).
        entries += [
            states.entry(m, "informed_with", actor, into=str(item.pk), number=item.number or "")
            for m in Item.objects.filter(merged_into=item)
        ]
    Entry.objects.bulk_create(entries)
    opened = [limits.evaluate(item)] if row.outcome == Outcome.REACHED else []
    duties.change(open=opened, meet_subjects=[("inform_resident", item.pk), ("inform_progress", item.pk)])


def record(item: Item, row: Evaluation, actor: User | None, *, code: str = "") -> None:
    """Save the judgement and bring it back to the department (2.4.2). `code`: why there is none."""
    entry = states.move(
        item,
        "evaluate",
        actor,
        note=row.reason,
        check=False,
        verdict=row.verdict,
        round=item.round,
        by_link=row.by_link,
        why=code,
        remark=bool(row.remark),
    )
    row.item, row.round = item, item.round
    item.verdict = row.verdict
    item.save(update_fields=["status", "priority", "version", "changed_at", "verdict"])
    row.save(force_insert=True)
    Entry.objects.bulk_create([entry])
    unsatisfied = row.verdict == Verdict.UNSATISFIED
    duties.change(open=[limits.decide_unsatisfied(item)] if unsatisfied else [], meet_subjects=[("evaluate", item.pk)])
    also: set[UUID | None] = {item.handler_id, *item.assistants}
    message = worded("居民对 %(number)s“%(title)s”的评价：%(verdict)s。")
    if unsatisfied:
        also |= duties.holders(item.community_id, Role.MANAGER)
        message = worded("居民对 %(number)s“%(title)s”的评价：%(verdict)s，请决定重办或说明理由后归档。")
    notify_people(
        item,
        message % {**visibility.label(item), "verdict": Verdict(row.verdict).label},
        kind="item.evaluated",
        by=actor,
        also=also,
    )


def _attempt(user: User, item: Item, data: InformResident) -> Informing:
    outcome = data.outcome
    row = Informing(
        item=item,
        round=item.round,
        final=item.status != Status.HANDLING,
        method=data.method,
        outcome=outcome,
        by=user,
        message=masking.within(item, data.message)[:500],
        reason=masking.within(item, data.reason)[:300],
    )
    if outcome in WITHOUT_VERDICT:
        row.reason = row.reason or row.message[:300]
        if outcome == Outcome.NO_RESIDENT:
            if has_resident(item):
                raise Invalid(
                    fields={"outcome": [_("该条目登记有提出人或当事人，请联系他们；确实无法联系的，选择相应的结果。")]}
                )
            row.reason = row.reason or _("工作中发现，没有提出人。")
        elif outcome == Outcome.ANONYMOUS:
            if has_resident(item):
                raise Invalid(fields={"outcome": [_("该条目登记有提出人或当事人，并非匿名。")]})
            row.reason = row.reason or str(item.details.get("anonymous_reason") or "")[:300]
        elif outcome == Outcome.UNREACHABLE:
            row.reason = row.reason or _("在不同日期多次联系，均未联系上居民。")
        if not row.reason:
            raise Invalid(fields={"reason": [_("没有反馈的，请写明原因。")]})
    return row


def _inform_progress(user: User, item: Item, row: Informing) -> Item:
    """Informed while in handling: counts as progress; a try without answer does not meet the duty."""
    row.save(force_insert=True)
    verb = "inform_progress" if row.outcome == Outcome.REACHED else "try_inform"
    Entry.objects.bulk_create(
        [states.entry(item, verb, user, note=row.message or row.reason, method=row.method, outcome=row.outcome)]
    )
    if row.outcome != Outcome.NO_ANSWER:
        count = Informing.objects.filter(item=item, round=item.round, final=False).count()
        again: list[Obligation] = [limits.inform_progress(item, count)] if row.outcome == Outcome.REACHED else []
        duties.meet("inform_progress", item.pk)
        duties.open_(*again)
    return item


def _no_answer(user: User, item: Item, row: Informing) -> Item:
    """A try without answer, about the result or (once informed) about the judgement."""
    if item.status not in (Status.RESOLVED, Status.INFORMED):
        raise Conflict(_("该条目当前为“%(now)s”，无需再联系。") % {"now": Status(item.status).label})
    row.save(force_insert=True)
    Entry.objects.bulk_create(
        [
            states.entry(
                item,
                "try_inform",
                user,
                note=row.message,
                method=row.method,
                outcome=row.outcome,
                days=len(tries(item)),
            )
        ]
    )
    return item


def tries(item: Item) -> set[str]:
    """The days (unit's zone) of this round on which the resident was tried and not reached."""
    zone = tree().setting(item.community_id, "time_zone")
    rows = Informing.objects.filter(item=item, round=item.round, final=True, outcome=Outcome.NO_ANSWER).values_list(
        "at", flat=True
    )
    return {clock.local(at, zone).date().isoformat() for at in rows}


def _require_tries(item: Item) -> None:
    days = len(tries(item))
    if days < limits.TRIES:
        raise Invalid(
            fields={
                "outcome": [
                    _("须在 %(tries)d 个不同的日期联系过，才能认定联系不上；目前 %(days)d 天。")
                    % {"tries": limits.TRIES, "days": days}
                ]
            }
        )


def _close(item: Item, actor: User | None, reason: str) -> None:
    informed_or_not = (
        Informing.objects.filter(item=item, round=item.round, final=True).exclude(outcome=Outcome.NO_ANSWER).exists()
    )
    judged = Evaluation.objects.filter(item=item, round=item.round).first()
    entry = states.move(item, "close", actor, note=reason, check=False, verdict=item.verdict, round=item.round)
    if not informed_or_not or judged is None or (judged.verdict == Verdict.NONE and not judged.reason):
        raise Conflict(_("还没有反馈居民，也没有记录无法反馈的原因，不能归档。"))
    item.closed_at = clock.now()
    item.save(update_fields=["status", "priority", "version", "changed_at", "closed_at"])
    Entry.objects.bulk_create([entry])
    duties.meet(["decide_unsatisfied"], item.pk)
    notify_people(item, worded("%(number)s“%(title)s”已归档。") % visibility.label(item), kind="item.closed", by=actor)
