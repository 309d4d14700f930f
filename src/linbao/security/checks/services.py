"""Check-ups and drills by calendar, the backup restore drill among them, with their results (6.1.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.duties import services as duties
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.platform import queue
from linbao.security import staff
from linbao.security.checks.inputs import PlanCheck, RecordResult
from linbao.security.models import CheckKind, SecurityCheck


@transaction.atomic
def plan(actor: User, data: PlanCheck) -> SecurityCheck:
    """Put a check-up or drill on the calendar of a unit that the officer keeps (6.1.1). Raises `Invalid` for a day that
    is over or more than 800 days away, `NotAllowed` for another unit."""
    unit = tree().get(data.unit)
    if unit is None:
        raise Invalid(fields={"unit": [_("请选择单位。")]})
    allow(actor, "security.keep", unit)
    today = clock.today(staff.zone_of(unit.pk))
    if not today <= data.due_on <= today + timedelta(days=800):
        raise Invalid(fields={"due_on": [_("计划日期应在今天以后两年以内。")]})
    row = SecurityCheck.objects.create(
        unit_id=unit.pk, kind=data.kind, title=data.title, due_on=data.due_on, every=data.every, planned_by=actor
    )
    _open_duty(row)
    audit.record(actor, "check.plan", row, unit_id=unit.pk, kind=row.kind, day=str(row.due_on))
    return row


@transaction.atomic
def record(actor: User, check_id: UUID, data: RecordResult) -> SecurityCheck:
    """Write down the result (6.1.1); its record is made as a document, and a repeated one is planned anew. A restore
    drill needs the day of the backup, the minutes and how much was missing, and passes only when nothing was. Raises
    `Invalid`, `Conflict` when it has been recorded."""
    row = get(actor, check_id, lock=True)
    if row.done_at is not None:
        raise Conflict(_("这次检查的结果已经登记。"))
    if row.kind == CheckKind.RESTORE:
        row.figures = _figures_of_restore(row, data)
    row.passed, row.result, row.done_at, row.done_by = data.passed, data.result, clock.now(), actor
    row.save(update_fields=["passed", "result", "figures", "done_at", "done_by"])
    duties.meet("security_check", row.pk)
    audit.record(actor, "check.record", row, unit_id=row.unit_id, kind=row.kind, passed=bool(row.passed))
    if row.every:
        following = SecurityCheck.objects.create(
            unit_id=row.unit_id,
            kind=row.kind,
            title=row.title,
            every=row.every,
            planned_by=actor,
            due_on=staff.months_on(max(row.due_on, clock.today(staff.zone_of(row.unit_id))), row.every),
        )
        _open_duty(following)

    queue.defer("security.make_record", kind="check", record=row.pk)
    return row


def _figures_of_restore(row: SecurityCheck, data: RecordResult) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    today = clock.today(staff.zone_of(row.unit_id))
    if data.backup_on is None or not date(2000, 1, 1) <= data.backup_on <= today:
        errors["backup_on"] = [_("请填写所用备份的日期，不晚于今天。")]
    errors |= {name: [_("请填写 0 或正整数。")] for name in ("minutes", "lost") if getattr(data, name) is None}
    if data.passed and data.lost:
        errors["passed"] = [_("恢复后有缺失，不能登记为合格。")]
    if errors:
        raise Invalid(fields=errors)
    return {"backup_on": str(data.backup_on), "minutes": data.minutes, "lost": data.lost}


@transaction.atomic
def cancel(actor: User, check_id: UUID) -> None:
    """Take a check-up that is not done yet off the calendar. Raises `Conflict` for one whose result is recorded."""
    row = get(actor, check_id, lock=True)
    if row.done_at is not None:
        raise Conflict(_("这次检查的结果已经登记，不能取消。"))
    duties.cancel(["security_check"], row.pk)
    audit.record(actor, "check.cancel", row, unit_id=row.unit_id, kind=row.kind, day=str(row.due_on))
    row.delete()


def get(user: User, check_id: UUID, *, lock: bool = False) -> SecurityCheck:
    """A check-up that `user` may see; with `lock`, for changing, of a unit that they keep. Raises `NotFound`,
    `NotAllowed`."""
    rows = SecurityCheck.objects.visible_to(user).select_related("unit", "done_by", "planned_by")
    row: SecurityCheck | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=check_id).first()
    if row is None:
        raise NotFound(_("没有这项检查。"))
    if lock:
        allow(user, "security.keep", row.unit)
    return row


def _open_duty(row: SecurityCheck) -> None:
    duties.open_(
        duties.make(
            "security_check",
            unit_id=row.unit_id,
            due_at=staff.due(row.unit_id, row.due_on),
            owner_id=staff.officer_of(row.unit_id),
            subject=row,
            title=row.title,
        )
    )
