"""Check-ups and drills by calendar, the backup restore drill among them, with their results (6.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.duties import services as duties
from linbao.organisation.models import User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.platform import queue
from linbao.security import staff
from linbao.security.models import CheckKind, SecurityCheck

MOST_MONTHS = 24


@transaction.atomic
def plan(actor: User, unit_id: UUID, *, kind: str, title: str, due_on: date, every: int = 0) -> SecurityCheck:
    """Put a check-up or drill on the calendar; `every` so many months (0: once). Raises `Invalid`."""
    unit = tree().get(unit_id)
    if unit is None:
        raise Invalid(fields={"unit": [_("请选择单位。")]})
    allow(actor, "security.keep", unit)
    title = text.clean(title)
    today = clock.today(staff.zone_of(unit.pk))
    errors: dict[str, list[str]] = {}
    if kind not in CheckKind.values:
        errors["kind"] = [_("请选择种类。")]
    if not 2 <= len(title) <= 80:
        errors["title"] = [_("请填写名称（2 至 80 字）。")]
    if not today <= due_on <= today + timedelta(days=800):
        errors["due_on"] = [_("计划日期应在今天以后两年以内。")]
    if not 0 <= every <= MOST_MONTHS:
        errors["every"] = [_("间隔为 0 至 24 个月，0 表示只做一次。")]
    if errors:
        raise Invalid(fields=errors)
    row = SecurityCheck.objects.create(
        unit_id=unit.pk, kind=kind, title=title, due_on=due_on, every=every, planned_by=actor
    )
    _owe(row)
    audit.record(actor, "check.plan", row, unit_id=unit.pk, kind=kind, day=str(due_on))
    return row


@transaction.atomic
def record(
    actor: User, check_id: UUID, *, passed: bool | None, words: str, figures: Mapping[str, Any] | None = None
) -> SecurityCheck:
    """Write down the result. A restore drill says of which day the backup was, how many minutes it took and how many
    rows or files were missing (`backup_on`, `minutes`, `lost`). Its record is made as a document; a repeated one is
    planned anew. Raises `Invalid`, `Conflict` when it has been recorded."""
    row = get(actor, check_id, lock=True)
    if row.done_at is not None:
        raise Conflict(_("这次检查的结果已经登记。"))
    words = text.clean(words)
    errors: dict[str, list[str]] = {}
    if passed is None:
        errors["passed"] = [_("请选择是否合格。")]
    if not 4 <= len(words) <= 1000:
        errors["words"] = [_("请写明经过、发现的问题和改进（4 至 1000 字）。")]
    details: dict[str, Any] = {}
    if row.kind == CheckKind.RESTORE:
        data = figures or {}
        backup_on = data.get("backup_on")
        if (
            not isinstance(backup_on, date)
            or backup_on > clock.today(staff.zone_of(row.unit_id))
            or backup_on.year < 2000
        ):
            errors["backup_on"] = [_("请填写所用备份的日期，不晚于今天。")]
        for name, most in (("minutes", 100_000), ("lost", 10**9)):
            if not isinstance(data.get(name), int) or not 0 <= data[name] <= most:
                errors[name] = [_("请填写 0 或正整数。")]
        details = {"backup_on": str(backup_on), "minutes": data.get("minutes"), "lost": data.get("lost")}
        if passed and details["lost"]:
            errors["passed"] = [_("恢复后有缺失，不能登记为合格。")]
    if errors:
        raise Invalid(fields=errors)
    row.passed, row.words, row.figures, row.done_at, row.done_by = passed, words, details, clock.now(), actor
    row.save(update_fields=["passed", "words", "figures", "done_at", "done_by"])
    duties.meet("security_check", row.pk)
    audit.record(actor, "check.record", row, unit_id=row.unit_id, kind=row.kind, passed=bool(passed))
    if row.every:
        following = SecurityCheck.objects.create(
            unit_id=row.unit_id,
            kind=row.kind,
            title=row.title,
            every=row.every,
            planned_by=actor,
            due_on=staff.months_on(max(row.due_on, clock.today(staff.zone_of(row.unit_id))), row.every),
        )
        _owe(following)

    queue.defer("security.make_record", kind="check", record=row.pk)
    return row


@transaction.atomic
def cancel(actor: User, check_id: UUID) -> None:
    """Take one that is not done yet off the calendar."""
    row = get(actor, check_id, lock=True)
    if row.done_at is not None:
        raise Conflict(_("这次检查的结果已经登记，不能取消。"))
    duties.cancel(["security_check"], row.pk)
    audit.record(actor, "check.cancel", row, unit_id=row.unit_id, kind=row.kind, day=str(row.due_on))
    row.delete()


def get(user: User, check_id: UUID, *, lock: bool = False) -> SecurityCheck:
    """One that `user` may see; with `lock` one that they keep."""
    rows = SecurityCheck.objects.visible_to(user).select_related("unit", "done_by", "planned_by")
    row: SecurityCheck | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=check_id).first()
    if row is None:
        raise NotFound(_("没有这项检查。"))
    if lock:
        allow(user, "security.keep", row.unit)
    return row


def _owe(row: SecurityCheck) -> None:
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
