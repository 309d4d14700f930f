"""How an emergency ends without a final report: with its item, or as part of another (2.3.2, 2.2.1)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.emergencies import alarms
from linbao.emergencies import services as emergencies
from linbao.emergencies.models import AlarmCall, AlarmReason, UrgentEnd, UrgentReport
from linbao.emergencies.states import URGENT_REPORT
from linbao.items.models import Item
from linbao.organisation.models import User
from linbao.outbox import services as outbox


def end(item: Item, by: User, outcome: str, reason: str, into: Item | None) -> None:
    """The item was withdrawn, merged or found not urgent: the duties and alarms of its emergency end with it; merged
    into another emergency it goes on there. Belongs inside the transaction of its cause."""
    report = UrgentReport.objects.select_for_update().filter(item_id=item.pk).first()
    if report is None or not report.is_open:
        return
    if outcome == UrgentEnd.WITHDRAWN and not reason:
        raise Invalid(fields={"reason": [_("已按紧急情况报告，撤回请写明原因。")]})
    other = UrgentReport.objects.filter(item_id=into.pk, joined_to__isnull=True).first() if into is not None else None
    if other is not None:
        URGENT_REPORT.move(report, "merge", joined_to=other)
        UrgentReport.objects.filter(joined_to=report).update(joined_to=other)
    else:
        URGENT_REPORT.move(report, "end", ended_at=clock.now(), end_reason=outcome)
    duties.cancel(emergencies.OWED, report.pk)
    alarms.settle([report.pk], tuple(AlarmReason), by=by)
    audit.record(by, "urgent.end", report, unit_id=report.community_id, outcome=outcome)
    people = AlarmCall.objects.filter(alarm__report=report).values_list("person_id", flat=True)
    report.item = item
    outbox.notify_many(
        sorted({report.reporter_id, *people} - {by.pk}, key=str),
        worded("紧急情况已结束（%(why)s）：%(title)s") % {"why": UrgentEnd(outcome).label, "title": report.heading},
        kind="urgent.ended",
        subject_type=report._meta.label_lower,
        subject_id=report.pk,
    )


def refuse_unset(item: Item) -> None:
    """A reporter does not take the mark off an item whose emergency is open: the department decides that, with a
    reason. Raises `Invalid`."""
    if UrgentReport.objects.open().filter(item_id=item.pk).exists():
        raise Invalid(fields={"urgent": [_("已按紧急情况报告；不属紧急的，由审核员写明理由后取消。")]})


def join(user: User, report_id: UUID, other_id: UUID) -> UrgentReport:
    """Two reporters reported one emergency: this report goes on as part of the other, both accounts stay.

    Safe to repeat. Raises `Conflict`, `NotFound`, `NotAllowed`.
    """
    with transaction.atomic():
        report, other = emergencies.get(user, report_id, lock=True), emergencies.get(user, other_id)
        allow(user, "urgent.join", report)
        if report.pk == other.pk or not other.is_open or report.community_id != other.community_id:
            raise Conflict(_("请选择本社区另一起仍在报告中的紧急情况。"))
        if report.joined_to_id == other.pk:
            return report
        URGENT_REPORT.check(report, "join")
        if report.versions_made:
            raise Conflict(URGENT_REPORT.answer(report, "join"))
        URGENT_REPORT.move(report, "join", joined_to=other)
        audit.record(user, "urgent.join", report, unit_id=report.community_id, other=str(other.pk))
        duties.cancel(["urgent_written", "urgent_follow_up"], report.pk)
        alarms.settle([report.pk], tuple(AlarmReason), by=user)
        outbox.notify_many(
            [other.reporter_id, report.reporter_id],
            worded("两份紧急报告已并为一起：%(title)s") % {"title": other.heading},
            kind="urgent.joined",
            subject_type=other._meta.label_lower,
            subject_id=other.pk,
        )
    return report


def alike(user: User, report: UrgentReport) -> list[UrgentReport]:
    """Other open emergencies that `user` may see, of the same kind in the community within two hours, which this may
    be the same as."""
    near = timedelta(hours=2)
    return list(
        UrgentReport.objects.visible_to(user)
        .open()
        .filter(
            community_id=report.community_id,
            kind=report.kind,
            seen_at__range=(report.seen_at - near, report.seen_at + near),
        )
        .exclude(pk=report.pk)
        .select_related("reporter", "item")
        .order_by("-opened_at")[:5]
    )
