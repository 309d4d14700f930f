"""Alarms that arrive: to the duty desk, by mail and the unit's channels, from person to person until one signs
(2.3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import NotFound
from linbao.core.wording import Worded, worded
from linbao.duties import roster
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.emergencies.models import Alarm, AlarmCall, AlarmReason, UrgentReport
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.outbox import services as outbox
from linbao.outbox.channels import services as channels
from linbao.outbox.models import Delivery, DeliveryState
from linbao.platform import queue

NEXT_AFTER = timedelta(minutes=5)  # alarm_acknowledge, domain.md §3


def raise_many(reports: Sequence[UrgentReport], reason: str) -> list[Alarm]:
    """Raise the alarm of each report that has none for this reason, and notify the first of the chain and every channel
    of the unit (2.3.2). Those of one community go out as one message, so that an import does not flood anybody.

    Belongs inside the transaction of its cause: nothing is sent unless it is committed.
    """
    raised: list[Alarm] = []
    for community in dict.fromkeys(r.community_id for r in reports):
        there = [r for r in reports if r.community_id == community]
        made = [Alarm(report=r, reason=reason, round=r.round, community_id=community) for r in there]
        for alarm in made[1:]:
            alarm.sent_with = made[0]
        Alarm.objects.bulk_create(made, ignore_conflicts=True)
        stand = set(Alarm.objects.filter(pk__in=[a.pk for a in made]).values_list("pk", flat=True))
        made = [a for a in made if a.pk in stand]
        if not made:
            continue
        for way in channels.of_unit(community):
            channels.post(
                way,
                key=f"alarm:{made[0].pk}:{way.key}",
                subject=str(_message(made)),
                body=_link(made),
                unit_id=community,
                about=made[0].report,
                alarm=True,
            )
        _notify_next(made)
        raised += made
    return raised


def _notify_next(group: Sequence[Alarm]) -> None:
    """Notify the next person of the chain of alarms that go together; at its end all are notified again, for an alarm
    never falls silent. Works on the rows of one community that were raised together."""
    first = group[0]
    details = set(AlarmCall.objects.filter(alarm__in=group).values_list("person_id", flat=True))
    people = roster.chain(first.community_id)
    following = next((p for p in people if p not in details), None)
    now = clock.now()
    for alarm in group:
        alarm.step += 1
        alarm.next_at = now + NEXT_AFTER
    Alarm.objects.bulk_update(group, ["step", "next_at"])
    targets = [following] if following else people
    if following:
        AlarmCall.objects.bulk_create([AlarmCall(alarm=a, person_id=following) for a in group])
        duties.open_(
            *(
                duties.make(
                    "alarm_acknowledge",
                    unit_id=a.community_id,
                    owner_id=following,
                    due_at=now + NEXT_AFTER,
                    subject=a,
                    title=a.report.heading,
                )
                for a in group
            )
        )
    about = first.report
    outbox.notify_many(
        targets, _message(group), kind="alarm", subject_type=about._meta.label_lower, subject_id=about.pk
    )
    for person in User.objects.filter(pk__in=targets).exclude(email=""):
        outbox.post(
            key=f"alarm:{first.pk}:{first.step}:{person.pk}",
            channel="mail",
            recipient=person.email,
            subject=_subject(group),
            body=f"{_message(group)}\n{_link(group)}",
            unit_id=first.community_id,
            about=about,
            alarm=True,
        )


def tick() -> int:
    """Escalate alarms that nobody signed for, and raise those of the overdue hour; returns how many moved on.

    Safe to run anywhere, any number of times: each step commits with its notices, so nobody is notified twice.
    """
    late = Obligation.objects.overdue().filter(kind="urgent_written").values("subject_id")
    overdue = UrgentReport.objects.open().filter(pk__in=late, written_at__isnull=True)
    raised = Alarm.objects.filter(report=OuterRef("pk"), reason=AlarmReason.OVERDUE, round=OuterRef("round"))
    waiting = list(overdue.filter(~Exists(raised)).select_related("item")[:200])
    due = Alarm.objects.filter(next_at__lte=clock.now(), acknowledged_at__isnull=True)

    def move_on(leader: UUID) -> int:
        rows = due.select_for_update(skip_locked=True, of=("self",)).filter(Q(pk=leader) | Q(sent_with=leader))
        group = list(rows.select_related("report__item").order_by("raised_at", "pk"))
        if group:
            _notify_next(group)
        return len(group)

    def raise_overdue() -> int:
        by_community = {c: [r for r in waiting if r.community_id == c] for c in {r.community_id for r in waiting}}
        return queue.each(by_community.values(), lambda reports: len(raise_many(reports, AlarmReason.OVERDUE)))

    def remind() -> int:
        pairs = due.values_list("pk", "sent_with").order_by("next_at")[:500]
        return queue.each({sent_with or pk: None for pk, sent_with in pairs}, move_on)

    return sum(queue.steps(raise_overdue, remind))


def acknowledge(user: User, alarm_id: UUID) -> Alarm:
    """Sign for an alarm (签收, 2.3.2) with name and time; the first signature remains. Safe to repeat. Raises
    `NotFound`, `NotAllowed`."""
    with transaction.atomic():
        alarm = Alarm.objects.select_for_update(of=("self",)).select_related("report__item").filter(pk=alarm_id).first()
        if alarm is None:
            raise NotFound(_("没有这条警报。"))
        allow(user, "duty.stand", tree().get(alarm.community_id))
        if alarm.acknowledged_at is None:
            _sign(alarm, user)
            audit.record(user, "alarm.acknowledge", alarm, unit_id=alarm.community_id)
            outbox.notify(
                alarm.report.reporter_id,
                worded("%(name)s已签收：%(title)s") % {"name": user.name, "title": alarm.report.heading},
                kind="alarm.acknowledged",
                subject_type=alarm.report._meta.label_lower,
                subject_id=alarm.report_id,
            )
    return alarm


def settle(report_ids: Sequence[UUID], reasons: Sequence[str], *, by: User | None = None) -> None:
    """End alarms whose cause has gone (the written report came, the emergency ended or goes on in another)."""
    waiting = Alarm.objects.select_for_update().filter(
        report__in=report_ids, reason__in=reasons, acknowledged_at__isnull=True
    )
    for alarm in waiting:
        _sign(alarm, by)


def _sign(alarm: Alarm, by: User | None) -> None:
    alarm.acknowledged_at, alarm.acknowledged_by, alarm.next_at = clock.now(), by, None
    alarm.save(update_fields=["acknowledged_at", "acknowledged_by", "next_at"])
    if by is not None:
        duties.meet("alarm_acknowledge", alarm.pk, owner_id=by.pk)
    # Whoever let their minutes pass did not sign in time, whoever signs now; others owe nothing any more.
    passed = Obligation.objects.open().filter(kind="alarm_acknowledge", subject_id=alarm.pk, due_at__lte=clock.now())
    passed.update(met_at=clock.now(), next_at=None)
    duties.cancel(["alarm_acknowledge"], alarm.pk)


def unheard(waiting: Iterable[Alarm]) -> list[Alarm]:
    """Those of the unsigned alarms that reached nobody: every way out failed, or none is set. One statement.

    The desk shows them with the numbers to call.
    """
    rows = [a for a in waiting if a.acknowledged_at is None]
    leaders = {a.pk: str(a.sent_with_id or a.pk) for a in rows}
    ways: dict[str, list[tuple[str, int]]] = {leader: [] for leader in leaders.values()}
    keys = Q()
    for leader in ways:
        keys |= Q(key__startswith=f"alarm:{leader}:")
    sent = Delivery.objects.filter(keys) if ways else Delivery.objects.none()
    for key, state, attempts in sent.values_list("key", "state", "attempts"):
        ways[key.split(":")[1]].append((state, attempts))
    out = {DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.UNCERTAIN}
    return [
        a
        for a in rows
        if not any(
            state in out or (state == DeliveryState.WAITING and not attempts) for state, attempts in ways[leaders[a.pk]]
        )
    ]


def _message(group: Sequence[Alarm]) -> Worded:
    """What people in the product and channels read: a sensitive or confidential matter without its title (1.3.4)."""
    first, count = group[0], len(group)
    details = {"title": first.report.heading, "count": count}
    if first.reason == AlarmReason.OVERDUE:
        if count > 1:
            return worded("【超时】%(title)s 等 %(count)d 起：书面报告超过 1 小时未提交") % details
        return worded("【超时】%(title)s：书面报告超过 1 小时未提交") % details
    if count > 1:
        return worded("【紧急】%(title)s 等 %(count)d 起，请立即签收") % details
    return worded("【紧急】%(title)s，请立即签收") % details


def _subject(group: Sequence[Alarm]) -> str:
    """The subject of a mail, which travels open: the kind alone, of a restricted matter the category."""
    first, count = group[0], len(group)
    kind = first.report.label
    if first.reason == AlarmReason.OVERDUE:
        return _("【超时】%(kind)s：书面报告超过 1 小时未提交") % {"kind": kind}
    if count > 1:
        return _("【紧急】%(count)d 起紧急情况，请立即签收") % {"count": count}
    return _("【紧急】%(kind)s，请立即签收") % {"kind": kind}


def _link(group: Sequence[Alarm]) -> str:
    if len(group) > 1:
        return settings.BASE_URL + reverse("emergencies:duty")
    return settings.BASE_URL + reverse("emergencies:urgent-report", args=[group[0].report_id])
