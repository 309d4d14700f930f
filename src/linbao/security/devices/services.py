"""Devices and media from registration to disposal; a loss is acted on at once (6.1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.accounts import services as accounts
from linbao.accounts.models import Phone
from linbao.accounts.phones import services as phones
from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree
from linbao.outbox import services as outbox
from linbao.security import staff
from linbao.security.alerts import services as alerts
from linbao.security.devices.inputs import (
    AssignDevice,
    ChangeDevice,
    DisposeOfDevice,
    RecoverDevice,
    RegisterDevice,
    ReportLoss,
)
from linbao.security.devices.states import DEVICE
from linbao.security.incidents import services as incidents
from linbao.security.incidents.inputs import ReportIncident
from linbao.security.models import Device, DeviceState, Holding, Incident, IncidentKind, Severity

DISPOSALS = {"wiped": lazy("清除后留用或移交"), "destroyed": lazy("物理销毁"), "returned": lazy("清除后退还")}


@transaction.atomic
def register(actor: User, data: RegisterDevice) -> Device:
    """Put a device or medium on the register of a unit that the officer keeps (6.1.2). Raises `Invalid`, also for a
    number or an app that is registered already, `NotAllowed` for another unit."""
    unit = tree().get(data.unit)
    if unit is None:
        raise Invalid(fields={"unit": [_("请选择单位。")]})
    allow(actor, "security.keep", unit)
    holder = staff.named(data.holder, staff.of(actor.rights.units(Role.SECURITY_OFFICER)), "holder", needed=False)
    phone = find_phone(actor, data.phone) if data.phone else None
    errors: dict[str, list[str]] = {}
    if Device.objects.filter(unit_id=unit.pk, number=data.number).exists():
        errors["number"] = [_("这个编号已在登记册上。")]
    if phone is not None and Device.objects.filter(phone=phone).exists():
        errors["phone"] = [_("这台设备已经登记。")]
    if errors:
        raise Invalid(fields=errors)
    row = Device.objects.create(
        unit_id=unit.pk,
        kind=data.kind,
        name=data.name,
        number=data.number,
        phone=phone,
        registered_by=actor,
        registered_at=clock.now(),
    )
    audit.record(actor, "device.register", row, unit_id=unit.pk, kind=row.kind)
    if holder is not None:
        _hand_over(actor, row, holder)
    return row


@transaction.atomic
def change(actor: User, device_id: UUID, data: ChangeDevice) -> Device:
    """Correct kind, name or number. Raises `Invalid` for a number that is registered already, `Conflict` for a device
    that was disposed of."""
    row = get(actor, device_id, lock=True)
    DEVICE.check(row, "change")
    if Device.objects.filter(unit_id=row.unit_id, number=data.number).exclude(pk=row.pk).exists():
        raise Invalid(fields={"number": [_("这个编号已在登记册上。")]})
    row.kind, row.name, row.number = data.kind, data.name, data.number
    row.save(update_fields=["kind", "name", "number"])
    audit.record(actor, "device.change", row, unit_id=row.unit_id)
    return row


@transaction.atomic
def assign(actor: User, device_id: UUID, data: AssignDevice) -> Device:
    """Hand a device to one of the unit's people, or take it back; the earlier holding ends. Raises `Invalid` for a
    person who is not of the unit, `Conflict` for a device that was disposed of."""
    row = get(actor, device_id, lock=True)
    DEVICE.check(row, "assign")
    person = staff.named(data.holder, staff.of(tree().within(row.unit_id)), "holder", needed=False)
    if row.holder_id != (person.pk if person else None):
        _hand_over(actor, row, person)
    return row


@dataclass(frozen=True)
class Blocked:
    """What was done at once about a loss."""

    incident: Incident
    sessions: int
    tokens: int
    wipes: int


@transaction.atomic
def report_lost(actor: User, data: ReportLoss, *, session: str = "") -> Blocked:
    """Anyone reports that a device of theirs or of a colleague is lost (6.1.2): the person's sessions end (but the one
    of the key `session`, from which they report themselves), tokens are revoked, and the lost app clears itself at its
    next contact — the one named, else all of the person's. An incident opens and the officers are alerted. Repeating it
    does it again. Raises `Invalid`."""
    person = staff.named(data.person, staff.near(actor), "person") if data.colleague else actor
    assert person is not None  # a colleague is needed
    device = Device.objects.filter(pk=data.device, holder=person).first() if data.device else None
    if data.device and (device is None or device.state == DeviceState.DISPOSED):
        raise Invalid(fields={"what": [_("请选择此人名下的设备。")]})
    phone = device.phone if device is not None else None
    if data.phone:
        phone = person.phones.filter(pk=data.phone).first()
        if phone is None:
            raise Invalid(fields={"what": [_("请选择此人使用的设备。")]})
    if phone is not None and phone.user_id != person.pk:
        raise Invalid(fields={"what": [_("请选择此人使用的设备。")]})
    home = device.unit_id if device is not None else _home(person, actor)
    sessions = accounts.end_sessions(person, but=session if actor.pk == person.pk else "")
    tokens = accounts.revoke_tokens(person)
    medium = device is not None and device.medium
    wipes = 0 if medium else phones.ask_wipe(person, phones=[phone.pk] if phone else None, whole=True)
    if device is not None and DEVICE.allows(device, "lose"):
        device = Device.objects.select_for_update(of=("self",)).get(pk=device.pk)
        DEVICE.move(device, "lose", lost_at=clock.now())
        duties.cancel(["device_inspection", "media_inspection"], device.pk)
    report = ReportIncident(kind=IncidentKind.LOSS, description=data.description, seen_at=clock.now())
    incident = incidents.notice(actor, home, report, device=device, quiet=True)
    audit.record(actor, "device.lost", device or person, unit_id=home, sessions=sessions, tokens=tokens, wipes=wipes)
    alerts.alert(
        kind="device.lost",
        unit_id=home,
        severity=Severity.HIGH,
        key=f"lost:{incident.pk}",
        about=None,
        message=worded("%(name)s的设备报失：已退出%(n)d处登录，撤销%(t)d个令牌，%(w)d台设备将自动清除")
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
def recover(actor: User, device_id: UUID, data: RecoverDevice) -> Device:
    """Write down that a lost device is back and was examined; the incident keeps the history. Raises `Conflict` for one
    that was not lost."""
    row = get(actor, device_id, lock=True)
    DEVICE.move(row, "find", lost_at=None)
    audit.record(actor, "device.found", row, unit_id=row.unit_id, reason=text.mask_within(data.note))
    return row


@transaction.atomic
def dispose(actor: User, device_id: UUID, data: DisposeOfDevice) -> Device:
    """Take a device off the register for good: its storage is cleared first, and a second person of the unit watched.
    Raises `Invalid`; `Conflict` for one that was disposed of already."""
    row = get(actor, device_id, lock=True)
    DEVICE.check(row, "dispose")
    witness = staff.named(data.witness, staff.of(tree().within(row.unit_id)), "witness")
    if witness is None or witness.pk in (actor.pk, row.holder_id):
        raise Invalid(fields={"witness": [_("请由办理人和使用人以外的一位同事监督。")]})
    if row.holder_id:
        _hand_over(actor, row, None)
    DEVICE.move(
        row,
        "dispose",
        disposed_at=clock.now(),
        disposed_by=actor,
        witness=witness,
        disposal=data.method,
        disposal_note=data.note,
    )
    duties.cancel(["device_inspection", "media_inspection"], row.pk)
    audit.record(actor, "device.dispose", row, unit_id=row.unit_id, kind=data.method)
    return row


def get(user: User, device_id: UUID, *, lock: bool = False) -> Device:
    """A device that `user` may see; with `lock`, for changing, one of a unit that they keep. Raises `NotFound`,
    `NotAllowed`."""
    rows = Device.objects.visible_to(user).select_related("unit", "holder", "phone", "witness", "disposed_by")
    row: Device | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=device_id).first()
    if row is None:
        raise NotFound(_("没有这台设备。"))
    if lock:
        allow(user, "security.keep", row.unit)
    return row


def find_phone(actor: User, phone_id: UUID) -> Phone:
    """What the app reported of a phone of somebody in the officer's units. Raises `NotFound`."""
    people = staff.of(actor.rights.units(Role.SECURITY_OFFICER)).values("pk")
    row = Phone.objects.filter(pk=phone_id, user__in=people).select_related("user").first()
    if row is None:
        raise NotFound(_("没有这台设备。"))
    return row


def own(person: User) -> list[Device]:
    """The devices that a person uses, by name; one statement."""
    return list(Device.objects.filter(holder=person).exclude(state=DeviceState.DISPOSED).order_by("name"))


def _hand_over(actor: User, row: Device, person: User | None) -> None:
    now = clock.now()
    row.holdings.filter(ends__isnull=True).update(ends=now)
    if person is not None:
        Holding.objects.create(device=row, person=person, by=actor, starts=now)
    row.holder = person
    row.save(update_fields=["holder"])
    audit.record(actor, "device.assign", row, unit_id=row.unit_id, owner=person.name if person else "")


def _home(person: User, actor: User) -> UUID:
    result = person.rights.home or actor.rights.home
    units = sorted(person.rights.units(), key=str)
    return result or (units[0] if units else tree().roots()[0].pk)
