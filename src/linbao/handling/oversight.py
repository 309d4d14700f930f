"""Pressure and credit: extension, supervision, adoption (4.3.2, 7.1.1)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.handling import limits
from linbao.handling.assigning import day, due_for, open_assignment, require_handling, with_zone
from linbao.handling.informing import notify_people
from linbao.handling.inputs import AdoptItem, AnswerSupervision, DecideExtension, RequestExtension, SuperviseItem
from linbao.handling.models import Adoption, Extension, Supervision
from linbao.items import masking, states, visibility
from linbao.items import services as item_services
from linbao.items.models import Entry, Item, Status
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree

ANSWER_WITHIN_DAYS = 1  # working days, for a supervision without a time of its own
LONGEST_EXTENSION = timedelta(days=90)


def request_extension(user: User, item_id: UUID, data: RequestExtension) -> Extension:
    """Ask for more time: once per assignment, by the handler, before it is due (domain.md §3).

    Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.resolve", item)
        require_handling(item)
        row = open_assignment(item)
        match = Extension.objects.filter(assignment=row).first()
        message = masking.within(item, data.reason)[:300]
        if match is not None:
            if match.asked_by_id == user.pk and match.reason == message and match.granted is None:
                return match
            raise Conflict(_("每次交办只能申请一次延期，本次已申请过。"))
        until = with_zone(item, data.until)
        if until <= row.due_at:
            raise Invalid(fields={"until": [_("延至的时间须晚于现在的期限。")]})
        if until > row.due_at + LONGEST_EXTENSION:
            raise Invalid(fields={"until": [_("一次最多延期 90 天。")]})
        if clock.now() > row.due_at:
            raise Conflict(_("已经超期，不能再申请延期；请尽快办结，或请负责人重新交办。"))
        asked = Extension.objects.create(assignment=row, asked_by=user, reason=message, until=until)
        Entry.objects.bulk_create([states.entry(item, "extension_asked", user, note=message, until=until.isoformat())])
        deciders = {row.assigned_by_id, *duties.holders(item.community_id, Role.MANAGER)}
        notify_people(
            item,
            worded("%(name)s申请将 %(number)s“%(title)s”延期至 %(until)s，请决定。")
            % {**visibility.label(item), "name": user.name, "until": day(item, until)},
            kind="item.extension",
            by=user,
            also=deciders,
            reporters=False,
        )
    return asked


def decide_extension(user: User, item_id: UUID, data: DecideExtension) -> Extension:
    """Grant or refuse the pending request; never one's own. Safe to repeat.

    Raises `Invalid`, `Conflict`, `NotFound`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        row = (
            Extension.objects.select_for_update(of=("self",))
            .select_related("assignment__item")
            .filter(assignment__item=item)
            .order_by("-asked_at")
            .first()
        )
        if row is None:
            raise NotFound(_("没有延期申请。"))
        allow(user, "extension.decide", row)
        if row.granted is not None:
            if row.granted == data.granted and row.decided_by_id == user.pk:
                return row
            raise Conflict(_("该申请已有决定。"))
        if row.assignment.ended_at is not None or item.status != Status.HANDLING:
            raise Conflict(_("该次办理已经结束，无需再决定延期。"))
        remark = masking.within(item, data.remark)[:300]
        row.granted, row.decided_by, row.decided_at, row.remark = data.granted, user, clock.now(), remark
        row.save()
        entry = states.entry(
            item,
            "extension_granted" if data.granted else "extension_refused",
            user,
            note=remark,
            until=row.until.isoformat(),
        )
        if data.granted:
            row.assignment.due_at = item.due_at = row.until
            row.assignment.save(update_fields=["due_at"])
            item.changed_at = clock.now()
            item.save(update_fields=["due_at", "changed_at"])
            duties.move_due(Q(kind="handle", subject_id=item.pk), row.until)
            message = _("%(number)s“%(title)s”已同意延期至 %(until)s。")
        else:
            message = _("%(number)s“%(title)s”的延期申请未获同意，请按原期限办理。")
        Entry.objects.bulk_create([entry])
        notify_people(
            item,
            message % {**visibility.label(item), "until": day(item, row.until)},
            kind="item.extension",
            by=user,
            also=[row.asked_by_id],
            reporters=data.granted,
        )
    return row


def supervise(user: User, item_id: UUID, data: SuperviseItem) -> Supervision:
    """Press a matter (督办), to be answered by `due_at` (default: one working day). Managers only.

    The same requirements again while unanswered change nothing. Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.supervise", item)
        require_handling(item)
        requirements = masking.within(item, data.requirements)[:500]
        assignment = open_assignment(item)
        match = Supervision.objects.filter(
            assignment=assignment, requirements=requirements, by=user, answered_at__isnull=True
        ).first()
        if match is not None:
            return match
        due = (
            due_for(item, data.due_at)
            if data.due_at
            else tree().calendar(item.community_id).add_working_days(clock.now(), ANSWER_WITHIN_DAYS)
        )
        row = Supervision.objects.create(assignment=assignment, by=user, requirements=requirements, due_at=due)
        Entry.objects.bulk_create([states.entry(item, "supervise", user, note=requirements, due_at=due.isoformat())])
        duties.open_(limits.supervise(item, row, item.handler_id))
        people = (
            {item.handler_id}
            if item.handler_id
            else duties.holders(item.handling_unit_id or item.community_id, Role.HANDLER)
        )
        notify_people(
            item,
            worded("督办 %(number)s“%(title)s”：请于 %(due)s 前答复。")
            % {**visibility.label(item), "due": day(item, due)},
            kind="item.supervised",
            by=user,
            also=[*people, *item.assistants],
        )
    return row


def supervised_item(user: User, supervision_id: UUID) -> Item:
    """The item that a supervision presses, if `user` may see it. Raises `NotFound`."""
    return item_services.get(user, _supervision(supervision_id).assignment.item_id)


def _supervision(supervision_id: UUID) -> Supervision:
    row: Supervision | None = Supervision.objects.select_related("assignment").filter(pk=supervision_id).first()
    if row is None:
        raise NotFound(_("没有这条督办。"))
    return row


def answer_supervision(user: User, data: AnswerSupervision) -> Supervision:
    """The handler answers a supervision. Safe to repeat. Raises `Invalid`, `Conflict`, `NotFound`, `NotAllowed`."""
    with transaction.atomic():
        row = _supervision(data.supervision)
        item = item_services.get(user, row.assignment.item_id, lock=True)
        row.refresh_from_db()
        allow(user, "item.resolve", item)
        note = masking.within(item, data.answer)[:1000]
        if row.answered_at is not None:
            if row.answer == note:
                return row
            raise Conflict(_("这条督办已有答复。"))
        row.answer, row.answered_by, row.answered_at = note, user, clock.now()
        row.save(update_fields=["answer", "answered_by", "answered_at"])
        Entry.objects.bulk_create([states.entry(item, "answer_supervision", user, note=note)])
        duties.meet("supervise", row.pk)
        notify_people(
            item,
            worded("%(number)s“%(title)s”的督办已有答复。") % visibility.label(item),
            kind="item.supervised",
            by=user,
            also=[row.by_id],
            reporters=False,
        )
    return row


def adopt(user: User, item_id: UUID, data: AdoptItem) -> Adoption:
    """Record that the item led to something (采用/批示, 7.1.1). Recorded by a manager it is confirmed at once.

    Safe to repeat. Raises `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.adopt", item)
        if item.status in (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.WITHDRAWN, Status.MERGED):
            raise Conflict(_("审核通过的条目才能登记采用。"))
        note, kind = masking.within(item, data.note)[:500], data.kind
        match = Adoption.objects.filter(item=item, kind=kind, note=note).first()
        if match is not None:
            return match
        row = Adoption.objects.create(item=item, kind=kind, note=note, recorded_by=user)
        Entry.objects.bulk_create([states.entry(item, "adopt", user, note=note, kind=kind)])
        if user.has_perm("item.confirm_adoption", item):
            _confirm(user, item, row)
        else:
            people = duties.holders(item.community_id, Role.MANAGER)
            notify_people(
                item,
                worded("%(number)s“%(title)s”登记了采用，请确认。") % visibility.label(item),
                kind="item.adoption",
                by=user,
                also=people,
                reporters=False,
            )
    return row


def confirm_adoption(user: User, adoption_id: UUID) -> Adoption:
    """A manager confirms an adoption; it counts from then on (7.1.1). Safe to repeat.

    Raises `NotFound`, `NotAllowed`.
    """
    with transaction.atomic():
        row = Adoption.objects.filter(pk=adoption_id).first()
        if row is None:
            raise NotFound(_("没有这条采用记录。"))
        item = item_services.get(user, row.item_id, lock=True)
        allow(user, "item.confirm_adoption", item)
        row.refresh_from_db()
        if row.confirmed_at is None:
            _confirm(user, item, row)
    return row


def _confirm(user: User, item: Item, row: Adoption) -> None:
    row.confirmed_by, row.confirmed_at = user, clock.now()
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    item.adopted = True
    item.save(update_fields=["adopted"])
    Entry.objects.bulk_create([states.entry(item, "confirm_adoption", user, kind=row.kind)])
    notify_people(
        item, worded("您上报的 %(number)s“%(title)s”已被采用。") % visibility.label(item), kind="item.adopted", by=user
    )
