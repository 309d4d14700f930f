"""Alerts to the security officer: raised by any room or program, looked at, closed with what came of it (6.1.1,
6.1.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.audit import services as audit
from linbao.audit.models import Record
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import Worded
from linbao.duties.services import holders
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree
from linbao.outbox import services as outbox
from linbao.outbox.channels import services as channels
from linbao.security.alerts.inputs import CloseAlert
from linbao.security.alerts.states import ALERT
from linbao.security.models import Alert, AlertState, Severity

# What the kinds are called; a room above adds its own with `name_kinds` when it is made ready.
KINDS: dict[str, Any] = {
    "device.lost": lazy("设备丢失"),
    "incident": lazy("安全事件"),
    "officer.without_second": lazy("未经复核的授权"),
    "place.refused": lazy("未获准进入场所"),
    "sign_in.lock": lazy("账号被暂停登录"),
    "rate.limited": lazy("请求过于频繁"),
    "upload.infected": lazy("上传含恶意代码"),
    "upload.unscanned": lazy("未能查毒"),
    "audit.tampered": lazy("审计日志被改动"),
    "host.guard": lazy("主机防护异常"),
    "host.silent": lazy("主机没有报告"),
    "host.intrusion": lazy("入侵检测告警"),
    "host.ban": lazy("地址被自动封禁"),
}
# Kinds that a verdict closes (was there a good reason?), with the lines of the audit log that such an alert rests on.
JUDGED: dict[str, Callable[[Alert], list[Record]]] = {}


def name_kinds(names: Mapping[str, Any], *, behind: Callable[[Alert], list[Record]] | None = None) -> None:
    """Name further kinds of alert; called once by the room that raises them. With `behind` they are about what a
    person did: the lines of the log are shown, and closing one asks for a verdict."""
    KINDS.update(names)
    if behind is not None:
        JUDGED.update(dict.fromkeys(names, behind))


def kind_name(kind: str) -> str:
    """The name of a kind of alert, in the reader's language."""
    return str(KINDS.get(kind, kind))


@transaction.atomic
def alert(
    *,
    kind: str,
    unit_id: UUID | None,
    message: str | Worded,
    severity: str = Severity.MEDIUM,
    data: Mapping[str, Any] | None = None,
    key: str = "",
    about: User | None = None,
    times: int = 1,
) -> Alert:
    """Raise an alert and notify the security officers of `unit_id` or the nearest unit above (None: of the root) on
    screen; unless it is a mere hint, by the unit's channels too, and a severe one by mail at once (6.1.3).

    `key` names the cause: while its alert is open, another (`times` of them) is counted on it and nobody is notified
    again. `message` and `data` hold no personal data of residents. `about` is the person whose conduct it concerns.
    """
    source, values = (message.source, dict(message.values)) if isinstance(message, Worded) else (message, {})
    unit = tree().get(unit_id) or tree().roots()[0]
    now = clock.now()
    if key and (match := Alert.objects.open().select_for_update().filter(key=key[:140]).first()):
        Alert.objects.filter(pk=match.pk).update(
            times=F("times") + times, last_at=now, data=dict(data or {}) or match.data
        )
        match.refresh_from_db()
        return match
    row = Alert(
        kind=kind[:40],
        severity=severity,
        unit_id=unit.pk,
        message=source[:300],
        key=key[:140],
        about=about,
        times=times,
        values={k: v if isinstance(v, int | float) else str(v) for k, v in values.items()},
        data=dict(data or {}),
        opened_at=now,
        last_at=now,
    )
    # Two at once: the database lets one in; the other is counted on it.
    if not Alert.objects.bulk_create([row], ignore_conflicts=True) or not Alert.objects.filter(pk=row.pk).exists():
        return alert(
            kind=kind, unit_id=unit.pk, message=message, severity=severity, data=data, key=key, about=about, times=times
        )
    _notify(row, message)
    return row


def _notify(row: Alert, message: str | Worded) -> None:
    officers = holders(row.unit_id, Role.SECURITY_OFFICER) - ({row.about_id} if row.about_id else set())
    urgent = row.severity == Severity.HIGH
    outbox.notify_many(
        sorted(officers, key=str),
        message,
        kind="alarm.security" if urgent else "security.alert",
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
    )
    if row.severity == Severity.LOW:
        return
    subject, link = (
        _("【安全警报】%(kind)s") % {"kind": kind_name(row.kind)},
        settings.BASE_URL + reverse("security:alert", args=[row.pk]),
    )
    for way in channels.of_unit(row.unit_id):
        channels.post(
            way,
            key=f"alert:{row.pk}:{way.key}",
            subject=subject,
            body=f"{message}\n{link}",
            unit_id=row.unit_id,
            about=row,
        )
    if urgent:
        for person in User.objects.filter(pk__in=officers).exclude(email=""):
            outbox.post(
                key=f"alert:{row.pk}:{person.pk}",
                channel="mail",
                recipient=person.email,
                subject=subject,
                body=f"{message}\n{link}",
                unit_id=row.unit_id,
                about=row,
            )


@transaction.atomic
def take(actor: User, alert_id: UUID) -> Alert:
    """Take an alert on oneself; repeating it changes nothing. Raises `Conflict` when it is closed or somebody else has
    it."""
    row = _get(actor, alert_id)
    if row.state == AlertState.CLOSED or row.handled_by_id not in (None, actor.pk):
        raise Conflict(ALERT.answer(row, "take"))
    if ALERT.allows(row, "take"):
        ALERT.move(row, "take", handled_by=actor, handled_at=clock.now())
        audit.record(actor, "alert.take", row, unit_id=row.unit_id)
    return row


@transaction.atomic
def close(actor: User, alert_id: UUID, data: CloseAlert) -> Alert:
    """End an alert with what came of it, and the verdict where its kind asks for one (6.1.3). Raises `Invalid`;
    `Conflict` when it is ended already."""
    row = _get(actor, alert_id)
    ALERT.check(row, "close")
    if row.kind in JUDGED and data.justified is None:
        raise Invalid(fields={"justified": [_("请选择核查结论。")]})
    ALERT.move(
        row,
        "close",
        handled_by=actor,
        handled_at=clock.now(),
        outcome=data.outcome,
        justified=data.justified if row.kind in JUDGED else None,
    )
    details: dict[str, Any] = {} if row.justified is None else {"justified": row.justified}
    audit.record(actor, "alert.close", row, unit_id=row.unit_id, **details)
    return row


def _get(actor: User, alert_id: UUID) -> Alert:
    row = Alert.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=alert_id).first()
    if row is None:
        raise NotFound(_("没有这条警报。"))
    allow(actor, "security.keep", row.unit)
    if row.about_id == actor.pk:
        raise Conflict(_("这条警报涉及您本人，须由另一位安全保密员处理。"))
    return row
