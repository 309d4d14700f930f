"""Devices and media from registration to disposal; a loss is acted on at once (6.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.accounts import services as accounts
from linbao.accounts.models import Phone
from linbao.accounts.phones import services as phones
from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.problems import Invalid, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.organisation.models import User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.outbox import services as outbox
from linbao.security import staff
from linbao.security.alerts import services as alerts
from linbao.security.devices.states import DEVICE
from linbao.security.incidents import services as incidents
from linbao.security.models import Device, DeviceKind, DeviceState, Holding, Incident, IncidentKind, Severity

DISPOSALS = {"wiped": lazy("清除后留用或移交"), "destroyed": lazy("物理销毁"), "returned": lazy("清除后退还")}


@transaction.atomic
def register(actor: User, unit_id: UUID, data: Mapping[str, Any]) -> Device:
    """Put a device or medium on the register. `data`: kind, name, number, holder (a person or none), phone (the row of
    the app on it). Raises `Invalid`."""
    unit = tree().get(unit_id)
    if unit is None:
        raise Invalid(fields={"unit": [_("请选择单位。")]})
    allow(actor, "security.keep", unit)
    row = Device(unit_id=unit.pk, registered_by=actor, registered_at=clock.now())
    errors = _take(row, data)
    if row.number and Device.objects.filter(unit_id=unit.pk, number=row.number).exists():
        errors["number"] = [_("这个编号已在登记册上。")]
    phone: Phone | None = data.get("phone")
    if phone is not None and Device.objects.filter(phone=phone).exists():
        errors["phone"] = [_("这台设备已经登记。")]
    if errors:
        raise Invalid(fields=errors)
    row.phone = phone
    row.save()
    audit.record(actor, "device.register", row, unit_id=unit.pk, kind=row.kind)
    if data.get("holder") is not None:
        _hold(actor, row, data["holder"])
    return row


@transaction.atomic
def change(actor: User, device_id: UUID, data: Mapping[str, Any]) -> Device:
    """Correct kind, name or number. Raises `Invalid`, `Conflict` for one that was disposed of."""
    row = get(actor, device_id, lock=True)
    DEVICE.check(row, "change")
    errors = _take(row, data)
    if Device.objects.filter(unit_id=row.unit_id, number=row.number).exclude(pk=row.pk).exists():
        errors["number"] = [_("这个编号已在登记册上。")]
    if errors:
        raise Invalid(fields=errors)
    row.save(update_fields=["kind", "name", "number"])
    audit.record(actor, "device.change", row, unit_id=row.unit_id)
    return row


@transaction.atomic
def assign(actor: User, device_id: UUID, person: User | None) -> Device:
    """Hand a device to a person, or take it back (None); the earlier holding ends."""
    row = get(actor, device_id, lock=True)
    DEVICE.check(row, "assign")
    if row.holder_id != (person.pk if person else None):
        _hold(actor, row, person)
    return row


@dataclass(frozen=True)
class Blocked:
    """What was done at once about a loss."""

    incident: Incident
    sessions: int
    tokens: int
    wipes: int


@transaction.atomic
def report_lost(
    actor: User, *, person: User, words: str, device: Device | None = None, phone: Phone | None = None, here: str = ""
) -> Blocked:
    """Anyone reports that a device of theirs or of a colleague is lost: the sessions of `person` end (but the one of
    key `here`, from which they report), tokens are revoked, and the lost app clears itself at its next contact —
    the one named, else all of the person's. An incident opens and the officers are alerted. Repeating it does it again.
    """
    words = text.clean(words)
    if not 4 <= len(words) <= 500:
        raise Invalid(fields={"words": [_("请写明何时何地丢失、上面有什么（4 至 500 字）。")]})
    if not staff.near(actor).filter(pk=person.pk).exists() and person.pk != actor.pk:
        raise Invalid(fields={"person": [_("只能为本社区的同事报失。")]})
    if device is not None and (device.holder_id != person.pk or device.state == DeviceState.DISPOSED):
        raise Invalid(fields={"what": [_("请选择此人名下的设备。")]})
    if phone is None and device is not None:
        phone = device.phone
    if phone is not None and phone.user_id != person.pk:
        raise Invalid(fields={"what": [_("请选择此人使用的设备。")]})
    home = device.unit_id if device is not None else _home(person, actor)
    sessions = accounts.end_sessions(person, but=here if actor.pk == person.pk else "")
    tokens = accounts.revoke_tokens(person)
    medium = device is not None and device.medium
    wipes = 0 if medium else phones.ask_wipe(person, phones=[phone.pk] if phone else None, whole=True)
    if device is not None and DEVICE.allows(device, "lose"):
        device = Device.objects.select_for_update(of=("self",)).get(pk=device.pk)
        DEVICE.move(device, "lose", lost_at=clock.now())
        duties.cancel(["device_inspection", "media_inspection"], device.pk)
    incident = incidents.notice(
        actor, unit_id=home, kind=IncidentKind.LOSS, words=words, seen_at=clock.now(), device=device, quiet=True
    )
    audit.record(actor, "device.lost", device or person, unit_id=home, sessions=sessions, tokens=tokens, wipes=wipes)
    alerts.alert(
        kind="device.lost",
        unit_id=home,
        severity=Severity.HIGH,
        key=f"lost:{incident.pk}",
        about=None,
        words=worded("%(name)s的设备报失：已退出%(n)d处登录，撤销%(t)d个令牌，%(w)d台设备将自动清除")
        % {"name": person.name, "n": sessions, "t": tokens, "w": wipes},
        data={"incident": str(incident.pk)},
    )
    if person.pk != actor.pk:
        outbox.notify(
            person.pk,
            worded("%(by)s为您报失了一台设备，您的登录已全部退出；如有误请联系安全保密员。") % {"by": actor.name},
            kind="device.lost",
        )
    return Blocked(incident, sessions, tokens, wipes)


@transaction.atomic
def found(actor: User, device_id: UUID, words: str) -> Device:
    """A lost device is back and was looked through; the incident keeps the history."""
    row = get(actor, device_id, lock=True)
    DEVICE.check(row, "find")
    words = text.clean(words)
    if not 4 <= len(words) <= 300:
        raise Invalid(fields={"words": [_("请写明如何找回、是否检查过（4 至 300 字）。")]})
    DEVICE.move(row, "find", lost_at=None)
    audit.record(actor, "device.found", row, unit_id=row.unit_id, reason=text.mask_within(words))
    return row


@transaction.atomic
def dispose(actor: User, device_id: UUID, *, how: str, words: str, cleared: bool, witness: User | None) -> Device:
    """Take a device off the register for good: its storage is cleared first, and a second person watched. Raises
    `Invalid`; `Conflict` when it is gone already."""
    row = get(actor, device_id, lock=True)
    DEVICE.check(row, "dispose")
    words = text.clean(words)
    errors: dict[str, list[str]] = {}
    if how not in DISPOSALS:
        errors["how"] = [_("请选择处置方式。")]
    if not 4 <= len(words) <= 300:
        errors["words"] = [_("请写明处置经过（4 至 300 字）。")]
    if not cleared:
        errors["cleared"] = [_("处置前必须先清除存储内容。")]
    if witness is None or witness.pk in (actor.pk, row.holder_id):
        errors["witness"] = [_("请由办理人和使用人以外的一位同事监督。")]
    if errors:
        raise Invalid(fields=errors)
    if row.holder_id:
        _hold(actor, row, None)
    DEVICE.move(
        row, "dispose", disposed_at=clock.now(), disposed_by=actor, witness=witness, disposal=how, disposal_words=words
    )
    duties.cancel(["device_inspection", "media_inspection"], row.pk)
    audit.record(actor, "device.dispose", row, unit_id=row.unit_id, kind=how)
    return row


def get(user: User, device_id: UUID, *, lock: bool = False) -> Device:
    """A device that `user` may see; with `lock` one that they keep."""
    rows = Device.objects.visible_to(user).select_related("unit", "holder", "phone", "witness", "disposed_by")
    row: Device | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=device_id).first()
    if row is None:
        raise NotFound(_("没有这台设备。"))
    if lock:
        allow(user, "security.keep", row.unit)
    return row


def own(person: User) -> list[Device]:
    """What a person has in hand; one statement."""
    return list(Device.objects.filter(holder=person).exclude(state=DeviceState.DISPOSED).order_by("name"))


def _hold(actor: User, row: Device, person: User | None) -> None:
    now = clock.now()
    row.holdings.filter(ends__isnull=True).update(ends=now)
    if person is not None:
        Holding.objects.create(device=row, person=person, by=actor, starts=now)
    row.holder = person
    row.save(update_fields=["holder"])
    audit.record(actor, "device.assign", row, unit_id=row.unit_id, owner=person.name if person else "")


def _take(row: Device, data: Mapping[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    row.kind = str(data.get("kind") or "")
    row.name, row.number = text.clean(str(data.get("name") or "")), text.clean(str(data.get("number") or ""))
    if row.kind not in DeviceKind.values:
        errors["kind"] = [_("请选择种类。")]
    if not 1 <= len(row.name) <= 60:
        errors["name"] = [_("请填写名称，不超过 60 字。")]
    if not 1 <= len(row.number) <= 40:
        errors["number"] = [_("请填写资产编号或序列号，不超过 40 字。")]
    return errors


def _home(person: User, actor: User) -> UUID:
    result = person.rights.home or actor.rights.home
    units = sorted(person.rights.units(), key=str)
    return result or (units[0] if units else tree().roots()[0].pk)
