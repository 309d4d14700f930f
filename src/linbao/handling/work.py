"""Doing the work: progress, result, reminders (4.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.handling import limits
from linbao.handling.assigning import check_version, day, open_assignment, require_handling
from linbao.handling.informing import notify_people
from linbao.handling.inputs import RecordProgress, RemindHandler, ResolveItem
from linbao.items import masking, states, visibility
from linbao.items import services as item_services
from linbao.items.models import Attachment, Entry, Item, Status
from linbao.organisation.models import Role, User

SAME_TEXT_WITHIN = timedelta(minutes=10)  # a note sent twice stands once
REMIND_EVERY = timedelta(hours=4)
AFTER_RESOLVED = (Status.RESOLVED, Status.INFORMED, Status.EVALUATED, Status.CLOSED)


def progress(user: User, item_id: UUID, data: RecordProgress) -> Item:
    """Record what has been done so far (handler or co-handler), with files uploaded as stage `progress` (4.3.2).

    The same text again within ten minutes changes nothing. Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.handle", item)
        require_handling(item)
        note = masking.within(item, data.text)
        shown = _attachments(item, data.attachments)
        since = clock.now() - SAME_TEXT_WITHIN
        if Entry.objects.filter(item_id=item.pk, at__gte=since, actor=user, verb="progress", note=note).exists():
            return item
        item.changed_at = clock.now()
        item.save(update_fields=["changed_at"])
        Entry.objects.bulk_create([states.entry(item, "progress", user, note=note, attachments=shown)])
        notify_people(
            item,
            worded("%(number)s“%(title)s”有新的办理进展。") % visibility.label(item),
            kind="item.progress",
            by=user,
        )
    return item


def resolve(user: User, item_id: UUID, data: ResolveItem) -> Item:
    """Record the result (办结); it goes to the reporter, whose duty it is now to inform the resident (4.3.2, 2.4.1).

    Residents' personal data in it is masked; open supervisions are answered by it. Safe to repeat. Raises `Invalid`
    (files of another item), `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.resolve", item)
        details = masking.within(item, data.result)
        if item.status in AFTER_RESOLVED and item.result == details:
            return item
        check_version(item, data.version)
        shown = _attachments(item, data.attachments)
        entry = states.move(item, "resolve", user, note=details, attachments=shown, round=item.round)
        row = open_assignment(item)
        row.ended_at, row.outcome = clock.now(), "resolved"
        row.save(update_fields=["ended_at", "outcome"])
        item.result = details
        item.save(update_fields=["status", "priority", "version", "changed_at", "result"])
        Entry.objects.bulk_create([entry])
        item_services.index(item)
        pressed = list(row.supervisions.filter(answered_at__isnull=True))
        for one in pressed:
            one.answer, one.answered_by, one.answered_at = (
                _("已办结：%(result)s") % {"result": details[:900]},
                user,
                clock.now(),
            )
            one.save(update_fields=["answer", "answered_by", "answered_at"])
        duties.change(
            open=[limits.inform_resident(item)],
            meet_subjects=[
                ("handle", item.pk),
                ("inform_progress", item.pk),
                *(("supervise", one.pk) for one in pressed),
            ],
        )
        notify_people(
            item,
            worded("%(number)s“%(title)s”已办结，请把结果告诉居民。") % visibility.label(item),
            kind="item.resolved",
            by=user,
            also=[row.assigned_by_id],
        )
    return item


def remind(user: User, item_id: UUID, data: RemindHandler) -> Item:
    """Remind the handler (催办): by the department or the reporter, at most once in four hours per person (2.4.1).

    Raises `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.remind", item)
        require_handling(item)
        since = clock.now() - REMIND_EVERY
        if Entry.objects.filter(item_id=item.pk, at__gte=since, actor=user, verb="remind").exists():
            raise Conflict(_("您刚刚催办过，请稍后再催；超期后系统会自动提醒并上报负责人。"))
        note = masking.within(item, data.note)[:300]
        Entry.objects.bulk_create([states.entry(item, "remind", user, note=note)])
        people = (
            {item.handler_id}
            if item.handler_id
            else duties.holders(item.handling_unit_id or item.community_id, Role.HANDLER)
        )
        notify_people(
            item,
            worded("%(name)s催办 %(number)s“%(title)s”（期限 %(due)s）。")
            % {**visibility.label(item), "name": user.name, "due": day(item, item.due_at or clock.now())},
            kind="item.reminded",
            by=user,
            also=[*people, *item.assistants],
            reporters=False,
        )
    return item


def _attachments(item: Item, ids: Sequence[UUID]) -> list[str]:
    """Ids of files that belong to this item; anything else is `Invalid`."""
    wanted = {str(a) for a in ids}
    rows = (
        {str(pk) for pk in Attachment.objects.filter(item=item, pk__in=wanted).values_list("pk", flat=True)}
        if wanted
        else set()
    )
    if wanted - rows:
        raise Invalid(fields={"attachments": [_("有附件没有上传成功，请重新上传。")]})
    return sorted(rows)
