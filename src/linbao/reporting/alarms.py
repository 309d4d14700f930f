"""Alarms that arrive: to the duty desk, by mail and the unit's channels, from person to person until one signs (2.3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from linbao.audit import actions as audit
from linbao.base import clock
from linbao.base.problems import NotFound
from linbao.base.words import worded
from linbao.duties import actions as duties
from linbao.duties import roster
from linbao.duties.models import Obligation
from linbao.outbox import actions as outbox
from linbao.outbox import channels
from linbao.outbox.models import Delivery, DeliveryState
from linbao.reporting.models import Alarm, AlarmCall, AlarmReason, UrgentReport
from linbao.units.models import User
from linbao.units.rights import allow
from linbao.units.tree import tree

NEXT_AFTER = timedelta(minutes=5)  # alarm_acknowledge, domain.md §3


def raise_(report: UrgentReport, reason: str) -> Alarm:
    """Raise the alarm and tell the first of the chain and every channel of the unit; one per report and reason.

    Belongs inside the transaction of its cause: nothing is sent unless the fact stands.
    """
    alarm, made = Alarm.objects.get_or_create(
        report=report, reason=reason, defaults={"community_id": report.community_id}
    )
    if made:
        for way in channels.of_unit(report.community_id):
            channels.post(
                way, key=f"alarm:{alarm.pk}:{way.key}", subject=_words(alarm, report), body=_link(report),
                unit_id=report.community_id, about=report, alarm=True,
            )  # fmt: skip
        _tell_next(alarm, report)
    return alarm


def _tell_next(alarm: Alarm, report: UrgentReport) -> None:
    """Tell the next person of the chain; the last of them is told again, for an alarm never falls silent."""
    told = set(alarm.calls.values_list("person_id", flat=True))
    people = roster.chain(report.community_id)
    following = next((p for p in people if p not in told), None)
    now = clock.now()
    alarm.step += 1
    alarm.next_at = now + NEXT_AFTER
    alarm.save(update_fields=["step", "next_at"])
    again = following is None
    targets = people if again else [p for p in [following] if p]
    if not again:
        AlarmCall.objects.create(alarm=alarm, person_id=targets[0])
        duties.open_(
            duties.make(
                "alarm_acknowledge", unit_id=report.community_id, owner_id=targets[0], due_at=now + NEXT_AFTER, subject=alarm,
                title=report.item.heading,
            )
        )  # fmt: skip
    words = _words(alarm, report)
    outbox.notify_many(targets, words, kind="alarm", subject_type=report._meta.label_lower, subject_id=report.pk)
    for person in User.objects.filter(pk__in=targets).exclude(email=""):
        outbox.post(
            key=f"alarm:{alarm.pk}:{alarm.step}:{person.pk}", channel="mail", recipient=person.email, subject=words, body=_link(report),
            unit_id=report.community_id, about=report, alarm=True,
        )  # fmt: skip


def tick() -> int:
    """Go on with alarms that nobody signed for, and raise those of the overdue hour; returns how many moved on.

    Safe to run anywhere, any number of times: each step commits with its notices, so none is told twice.
    """
    moved = 0
    late = Obligation.objects.overdue().filter(kind="urgent_written").values("subject_id")
    for report in (
        UrgentReport.objects.open()
        .filter(pk__in=late, written_at__isnull=True)
        .exclude(alarms__reason=AlarmReason.OVERDUE)
    ):
        with transaction.atomic():
            raise_(report, AlarmReason.OVERDUE)
            moved += 1
    due = Alarm.objects.filter(next_at__lte=clock.now(), acknowledged_at__isnull=True)
    for pk in list(due.values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            alarm = (
                Alarm.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(pk=pk, next_at__lte=clock.now(), acknowledged_at__isnull=True)
                .select_related("report__item")
                .first()
            )
            if alarm is not None:
                _tell_next(alarm, alarm.report)
                moved += 1
    return moved


def acknowledge(user: User, alarm_id: UUID) -> Alarm:
    """Sign for an alarm (签收) with name and time; the first signature stands."""
    with transaction.atomic():
        alarm = Alarm.objects.select_for_update(of=("self",)).select_related("report__item").filter(pk=alarm_id).first()
        if alarm is None:
            raise NotFound(_("没有这条警报。"))
        allow(user, "duty.stand", tree().get(alarm.community_id))
        if alarm.acknowledged_at is None:
            _sign(alarm, user)
            audit.record(user, "alarm.acknowledge", alarm, unit_id=alarm.community_id)
            outbox.notify(
                alarm.report.reporter_id, worded("%(name)s已签收：%(title)s") % {"name": user.name, "title": alarm.report.item.title},
                kind="alarm.acknowledged", subject_type=alarm.report._meta.label_lower, subject_id=alarm.report_id,
            )  # fmt: skip
    return alarm


def settle(report: UrgentReport, reason: str, *, by: User | None = None) -> None:
    """End an alarm whose cause has gone (the written report came, or it was joined to another)."""
    for alarm in Alarm.objects.select_for_update().filter(report=report, reason=reason, acknowledged_at__isnull=True):
        _sign(alarm, by)


def _sign(alarm: Alarm, by: User | None) -> None:
    alarm.acknowledged_at, alarm.acknowledged_by, alarm.next_at = clock.now(), by, None
    alarm.save(update_fields=["acknowledged_at", "acknowledged_by", "next_at"])
    if by is not None:
        duties.meet("alarm_acknowledge", alarm.pk, owner_id=by.pk)
    duties.cancel(["alarm_acknowledge"], alarm.pk)


def unheard(waiting: Iterable[Alarm]) -> list[Alarm]:
    """Those of the unsigned alarms that reached nobody: every way out failed, or none is set. One statement.

    Told loudly, with the numbers to call.
    """
    found = [a for a in waiting if a.acknowledged_at is None]
    ways: dict[str, list[tuple[str, int]]] = {str(a.pk): [] for a in found}
    sent = Delivery.objects.filter(subject_id__in={a.report_id for a in found}, key__startswith="alarm:")
    for key, state, attempts in sent.values_list("key", "state", "attempts"):
        ways.get(key.split(":")[1], []).append((state, attempts))
    out = {DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.UNCERTAIN}
    return [
        a for a in found
        if not any(state in out or (state == DeliveryState.WAITING and not attempts) for state, attempts in ways[str(a.pk)])
    ]  # fmt: skip


def _words(alarm: Alarm, report: UrgentReport) -> str:
    said = {"title": report.item.title, "kind": report.get_kind_display()}
    if alarm.reason == AlarmReason.OVERDUE:
        return _("【超时】%(title)s：书面报告超过 1 小时未提交") % said
    return _("【紧急】%(title)s，请立即签收") % said


def _link(report: UrgentReport) -> str:
    return settings.BASE_URL + reverse("reporting:urgent-report", args=[report.pk])
