"""Inspections of devices, media and places by check lists, and their findings to closure (6.1.2, 6.2.3)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.outbox import services as outbox
from linbao.security import staff
from linbao.security.devices.states import DEVICE
from linbao.security.inspections.inputs import FixFinding, Inspect, SetCheckList
from linbao.security.models import About, CheckList, Device, DeviceState, Finding, Inspection, Place

POINTS: dict[str, list[str]] = {
    About.DEVICE: [
        gettext_noop("磁盘或存储已加密"),
        gettext_noop("设有锁屏口令，离开自动锁屏"),
        gettext_noop("没有安装与工作无关的软件"),
        gettext_noop("系统和病毒库已更新"),
        gettext_noop("没有私自接入其他网络或存储介质"),
    ],
    About.MEDIUM: [
        gettext_noop("已加密并设有口令"),
        gettext_noop("账物相符，由登记的使用人保管"),
        gettext_noop("没有存放与工作无关的内容"),
        gettext_noop("用过的内容已清除"),
    ],
    About.PLACE: [
        gettext_noop("门锁完好，无人时上锁"),
        gettext_noop("进出登记齐全，来访有人陪同"),
        gettext_noop("敏感资料收好，桌面无遗留"),
        gettext_noop("废弃资料已碎毁"),
    ],
}
FIX_DAYS = 5  # working days to put a finding right
KINDS = {About.DEVICE: "device_inspection", About.MEDIUM: "media_inspection", About.PLACE: "place_inspection"}


def points(unit_id: UUID, about: str) -> list[str]:
    """The check list in force in a unit: its own, of the nearest unit above that has one, or the product's."""
    line = [u.id for u in tree().line(unit_id)]
    rows = {r.unit_id: r.points for r in CheckList.objects.filter(unit__in=line, about=about)}
    return next((list(rows[u]) for u in line if u in rows), [_(p) for p in POINTS[about]])


@transaction.atomic
def set_points(actor: User, unit_id: UUID, about: str, data: SetCheckList) -> CheckList:
    """Change the check list of a unit and those below (6.1.2, 6.2.3). `about`: one of `About`. Raises `NotFound`,
    `NotAllowed`."""
    unit = tree().get(unit_id)
    allow(actor, "security.keep", unit)
    if about not in About.values or unit is None:
        raise NotFound(_("没有这种检查表。"))
    row, _made = CheckList.objects.update_or_create(
        unit_id=unit.pk, about=about, defaults={"points": data.points, "changed_by": actor, "changed_at": clock.now()}
    )
    audit.record(actor, "check_list.change", row, unit_id=unit.pk, kind=about, rows=len(data.points))
    return row


def about_of(thing: Device | Place) -> About:
    """Which check list is for a thing."""
    if isinstance(thing, Place):
        return About.PLACE
    return About.MEDIUM if thing.medium else About.DEVICE


def period(about: str, day: date) -> tuple[date, date]:
    """Devices and places quarterly, media monthly (6.1.2): first and last day."""
    return staff.month(day) if about == About.MEDIUM else staff.quarter(day)


@transaction.atomic
def inspect(actor: User, thing: Device | Place, data: Inspect) -> Inspection:
    """Record an inspection by the list in force: each point that failed becomes a finding of whoever uses or keeps the
    thing; the period's duty is met (6.1.2, 6.2.3). Raises `Conflict` when the list has changed, and for a device that
    was disposed of."""
    kind = type(thing)
    thing = kind.objects.select_for_update(of=("self",)).select_related("unit").get(pk=thing.pk)
    allow(actor, "security.keep", thing.unit)
    if isinstance(thing, Device):
        DEVICE.check(thing, "inspect")
    about = about_of(thing)
    asked = points(thing.unit_id, about)
    if len(asked) != len(data.answers) or data.count not in (None, len(asked)):
        raise Conflict(_("检查表刚有改动，请按新的检查表重新填写。"))
    details = [{"point": p, "ok": a.ok, "remark": a.remark} for p, a in zip(asked, data.answers, strict=True)]
    now = clock.now()
    row = Inspection.objects.create(
        unit_id=thing.unit_id,
        answers=details,
        by=actor,
        at=now,
        device=thing if isinstance(thing, Device) else None,
        place=thing if isinstance(thing, Place) else None,
    )
    thing.inspected_at = now
    thing.save(update_fields=["inspected_at"])
    first, _last = period(about, clock.today(staff.zone_of(thing.unit_id)))
    duties.meet_period(KINDS[about], None, first, subject_id=thing.pk)
    owner = (thing.holder if isinstance(thing, Device) else thing.keeper) or actor
    due_at = tree().calendar(thing.unit_id).add_working_days(now, FIX_DAYS)
    for answer in details:
        if not answer["ok"]:
            _open_finding(row, f"{answer['point']}：{answer['remark']}", owner, due_at, str(thing))
    audit.record(actor, "inspection.record", row, unit_id=thing.unit_id, matches=sum(not a["ok"] for a in details))
    return row


def _open_finding(inspection: Inspection, problem: str, owner: User, due_at: Any, thing: str) -> None:
    row = Finding.objects.create(
        unit_id=inspection.unit_id,
        inspection=inspection,
        problem=problem[:300],
        owner=owner,
        due_at=due_at,
        found_at=clock.now(),
    )
    duties.open_(
        duties.make("finding", unit_id=row.unit_id, due_at=due_at, owner_id=owner.pk, subject=row, title=thing[:120])
    )
    outbox.notify(
        owner.pk,
        worded("检查发现问题，请在期限内整改：%(thing)s") % {"thing": thing},
        kind="finding.opened",
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
    )


@transaction.atomic
def fix(actor: User, finding_id: UUID, data: FixFinding) -> Finding:
    """The owner (or the officer) writes how a finding was put right, which meets the duty; the officer is notified to
    examine it. Raises `Conflict` for one that is closed."""
    row = finding(actor, finding_id, lock=True)
    if row.owner_id != actor.pk:
        allow(actor, "security.keep", tree().get(row.unit_id))
    if row.closed_at is not None:
        raise Conflict(_("这个问题已经核验关闭。"))
    row.correction, row.fixed_at = data.correction, clock.now()
    row.save(update_fields=["correction", "fixed_at"])
    duties.meet("finding", row.pk)
    audit.record(actor, "finding.fix", row, unit_id=row.unit_id)
    officer = staff.officer_of(row.unit_id)
    if officer and officer != actor.pk:
        outbox.notify(
            officer,
            worded("问题已整改，请核验。"),
            kind="finding.fixed",
            subject_type=row._meta.label_lower,
            subject_id=row.pk,
        )
    return row


@transaction.atomic
def close(actor: User, finding_id: UUID, *, right: bool) -> Finding:
    """The officer has examined a correction: closes the finding (`right`), or sends it back to its owner with two more
    working days. Raises `Conflict` when nothing was corrected yet or it is closed."""
    row = finding(actor, finding_id, lock=True)
    allow(actor, "security.keep", tree().get(row.unit_id))
    if row.closed_at is not None:
        raise Conflict(_("这个问题已经核验关闭。"))
    if row.fixed_at is None:
        raise Conflict(_("责任人还没有填写整改情况。"))
    if right:
        row.closed_by, row.closed_at = actor, clock.now()
        row.save(update_fields=["closed_by", "closed_at"])
        audit.record(actor, "finding.close", row, unit_id=row.unit_id)
        return row
    row.fixed_at = None
    row.due_at = tree().calendar(row.unit_id).add_working_days(clock.now(), 2)
    row.save(update_fields=["fixed_at", "due_at"])
    again = Obligation.objects.filter(subject_id=row.pk, kind="finding").count()
    duties.open_(
        duties.make(
            "finding",
            unit_id=row.unit_id,
            due_at=row.due_at,
            owner_id=row.owner_id,
            subject=row,
            round=again,
            title=_thing(row)[:120],
        )
    )
    outbox.notify(
        row.owner_id,
        worded("整改未通过核验，请继续整改。"),
        kind="finding.again",
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
    )
    audit.record(actor, "finding.again", row, unit_id=row.unit_id)
    return row


def finding(user: User, finding_id: UUID, *, lock: bool = False) -> Finding:
    """A finding of units that `user` keeps or leads, or that they own. Raises `NotFound`."""
    rows = Finding.objects.select_related("inspection__device", "inspection__place", "owner", "closed_by")
    row: Finding | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=finding_id).first()
    if row is None or (row.owner_id != user.pk and not Finding.objects.visible_to(user).filter(pk=finding_id).exists()):
        raise NotFound(_("没有这个问题。"))
    return row


def _thing(row: Finding) -> str:
    return str(row.inspection.device or row.inspection.place)


@transaction.atomic
def open_duties() -> int:
    """Open the duties to inspect everything in use this quarter or month (6.1.2); safe to repeat. Returns how many are
    due."""
    opened: list[Obligation] = []
    devices = list(Device.objects.filter(state=DeviceState.IN_USE))
    owners: dict[UUID, UUID | None] = {}
    for thing in [*devices, *Place.objects.filter(active=True)]:
        about, unit = about_of(thing), thing.unit_id
        if unit not in owners:
            owners[unit] = staff.officer_of(unit)
        first, last = period(about, clock.today(staff.zone_of(unit)))
        zone = clock.zone(staff.zone_of(unit))
        if thing.inspected_at is not None and thing.inspected_at.astimezone(zone).date() >= first:
            continue
        opened.append(
            duties.make(
                KINDS[about],
                unit_id=unit,
                due_at=staff.due(unit, last),
                owner_id=owners[unit],
                subject=thing,
                period=first,
                title=str(thing),
            )
        )
    duties.open_(*opened)
    return len(opened)
