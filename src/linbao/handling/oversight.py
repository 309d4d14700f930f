"""Pressure and credit: extension, supervision, adoption (4.3.2, 7.1.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.core import clock, text
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.handling import limits
from linbao.handling.assigning import day, due_for, open_assignment, require_handling
from linbao.handling.informing import tell
from linbao.handling.models import Adoption, AdoptionKind, Extension, Supervision
from linbao.items import masking, states, visibility
from linbao.items import services as item_services
from linbao.items.models import Entry, Item, Status
from linbao.organisation.models import Role, User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree

ANSWER_WITHIN_DAYS = 1  # working days, for a supervision without a time of its own
LONGEST_EXTENSION = timedelta(days=90)


def request_extension(user: User, item_id: UUID, *, until: datetime, reason: str) -> Extension:
    """Ask for more time: once per assignment, by the handler, before it is due (domain.md §3).

    Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.resolve", item)
        require_handling(item)
        row = open_assignment(item)
        match = Extension.objects.filter(assignment=row).first()
        message = masking.within(item, text.clean(reason)[:300])
        if match is not None:
            if match.asked_by_id == user.pk and match.reason == message and match.granted is None:
                return match
            raise Conflict(_("每次交办只能申请一次延期，本次已申请过。"))
        errors: dict[str, list[str]] = {}
        if not message:
            errors["reason"] = [_("请写明延期的理由。")]
        if until.tzinfo is None:
            until = until.replace(tzinfo=clock.zone(tree().setting(item.community_id, "time_zone")))
        if until <= row.due_at:
            errors["until"] = [_("延至的时间须晚于现在的期限。")]
        elif until > row.due_at + LONGEST_EXTENSION:
            errors["until"] = [_("一次最多延期 90 天。")]
        if errors:
            raise Invalid(fields=errors)
        if clock.now() > row.due_at:
            raise Conflict(_("已经超期，不能再申请延期；请尽快办结，或请负责人重新交办。"))
        asked = Extension.objects.create(assignment=row, asked_by=user, reason=message, until=until)
        Entry.objects.bulk_create([states.entry(item, "extension_asked", user, note=message, until=until.isoformat())])
        deciders = {row.assigned_by_id, *duties.holders(item.community_id, Role.MANAGER)}
        tell(
            item,
            worded("%(name)s申请将 %(number)s“%(title)s”延期至 %(until)s，请决定。")
            % {**visibility.label(item), "name": user.name, "until": day(item, until)},
            kind="item.extension",
            by=user,
            also=deciders,
            reporters=False,
        )
    return asked


def decide_extension(user: User, item_id: UUID, *, granted: bool, remark: str = "") -> Extension:
    """Grant or refuse the pending request; never one's own. Safe to repeat. A refusal needs a remark.

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
            if row.granted == granted and row.decided_by_id == user.pk:
                return row
            raise Conflict(_("该申请已有决定。"))
        if row.assignment.ended_at is not None or item.status != Status.HANDLING:
            raise Conflict(_("该次办理已经结束，无需再决定延期。"))
        label = masking.within(item, text.clean(remark)[:300])
        if not granted and not label:
            raise Invalid(fields={"remark": [_("不同意延期的，请写明原因。")]})
        row.granted, row.decided_by, row.decided_at, row.remark = granted, user, clock.now(), label
        row.save()
        entry = states.entry(
            item, "extension_granted" if granted else "extension_refused", user, note=label, until=row.until.isoformat()
        )
        if granted:
            row.assignment.due_at = item.due_at = row.until
            row.assignment.save(update_fields=["due_at"])
            item.changed_at = clock.now()
            item.save(update_fields=["due_at", "changed_at"])
            duties.move_due(Q(kind="handle", subject_id=item.pk), row.until)
            message = _("%(number)s“%(title)s”已同意延期至 %(until)s。")
        else:
            message = _("%(number)s“%(title)s”的延期申请未获同意，请按原期限办理。")
        Entry.objects.bulk_create([entry])
        tell(
            item,
            message % {**visibility.label(item), "until": day(item, row.until)},
            kind="item.extension",
            by=user,
            also=[row.asked_by_id],
            reporters=granted,
        )
    return row


def supervise(user: User, item_id: UUID, words: str, *, due_at: datetime | None = None) -> Supervision:
    """Press a matter (督办), to be answered by `due_at` (default: one working day). Managers only.

    The same words again while unanswered change nothing. Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.supervise", item)
        require_handling(item)
        note = masking.within(item, text.clean(words)[:500])
        if not note:
            raise Invalid(fields={"words": [_("请写明督办要求。")]})
        assignment = open_assignment(item)
        match = Supervision.objects.filter(assignment=assignment, words=note, by=user, answered_at__isnull=True).first()
        if match is not None:
            return match
        due = (
            due_for(item, due_at)
            if due_at
            else tree().calendar(item.community_id).add_working_days(clock.now(), ANSWER_WITHIN_DAYS)
        )
        row = Supervision.objects.create(assignment=assignment, by=user, words=note, due_at=due)
        Entry.objects.bulk_create([states.entry(item, "supervise", user, note=note, due_at=due.isoformat())])
        duties.open_(limits.supervise(item, row, item.handler_id))
        people = (
            {item.handler_id}
            if item.handler_id
            else duties.holders(item.handling_unit_id or item.community_id, Role.HANDLER)
        )
        tell(
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


def answer_supervision(user: User, supervision_id: UUID, answer: str) -> Supervision:
    """The handler answers a supervision. Safe to repeat. Raises `Invalid`, `Conflict`, `NotFound`, `NotAllowed`."""
    with transaction.atomic():
        row = _supervision(supervision_id)
        item = item_services.get(user, row.assignment.item_id, lock=True)
        row.refresh_from_db()
        allow(user, "item.resolve", item)
        note = masking.within(item, text.clean(answer)[:1000])
        if row.answered_at is not None:
            if row.answer == note:
                return row
            raise Conflict(_("这条督办已有答复。"))
        if not note:
            raise Invalid(fields={"answer": [_("请填写答复。")]})
        row.answer, row.answered_by, row.answered_at = note, user, clock.now()
        row.save(update_fields=["answer", "answered_by", "answered_at"])
        Entry.objects.bulk_create([states.entry(item, "answer_supervision", user, note=note)])
        duties.meet("supervise", row.pk)
        tell(
            item,
            worded("%(number)s“%(title)s”的督办已有答复。") % visibility.label(item),
            kind="item.supervised",
            by=user,
            also=[row.by_id],
            reporters=False,
        )
    return row


def adopt(user: User, item_id: UUID, *, kind: str, words: str) -> Adoption:
    """Record that the item led to something (采用/批示). Recorded by a manager it is confirmed at once.

    Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.adopt", item)
        if item.status in (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.WITHDRAWN, Status.MERGED):
            raise Conflict(_("审核通过的条目才能登记采用。"))
        note = masking.within(item, text.clean(words)[:500])
        errors: dict[str, list[str]] = {}
        if kind not in AdoptionKind.values:
            errors["kind"] = [_("请选择采用形式。")]
        if not note:
            errors["words"] = [_("请说明促成了什么。")]
        if errors:
            raise Invalid(fields=errors)
        match = Adoption.objects.filter(item=item, kind=kind, words=note).first()
        if match is not None:
            return match
        row = Adoption.objects.create(item=item, kind=kind, words=note, recorded_by=user)
        Entry.objects.bulk_create([states.entry(item, "adopt", user, note=note, kind=kind)])
        if user.has_perm("item.confirm_adoption", item):
            _confirm(user, item, row)
        else:
            people = duties.holders(item.community_id, Role.MANAGER)
            tell(
                item,
                worded("%(number)s“%(title)s”登记了采用，请确认。") % visibility.label(item),
                kind="item.adoption",
                by=user,
                also=people,
                reporters=False,
            )
    return row


def confirm_adoption(user: User, adoption_id: UUID) -> Adoption:
    """A manager confirms an adoption; it counts from then on (7.1.1). Safe to repeat."""
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
    tell(
        item, worded("您上报的 %(number)s“%(title)s”已被采用。") % visibility.label(item), kind="item.adopted", by=user
    )
