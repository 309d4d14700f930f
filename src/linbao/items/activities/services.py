"""Visits, surveys, forums and patrols, and the weekly duty to collect (2.1.1, 4.1.1)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, http, ids, text
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.items import fields
from linbao.items.activities.inputs import ActivityContent, ChangeActivity, RecordActivity
from linbao.items.models import Activity, Item
from linbao.items.services import work_group
from linbao.organisation.models import Role, RoleGrant, Unit, UnitKind, User
from linbao.organisation.tree import tree

WEEKLY_COLLECTION_ENDS = time(23, 59, 59)  # 4.1.1: Monday to Sunday, in the unit's zone


def get(user: User, activity_id: UUID) -> Activity:
    """The activity, if `user` may see it. Raises `NotFound`."""
    row = Activity.objects.visible_to(user).select_related("reporter").filter(pk=activity_id).first()
    if row is None:
        raise NotFound(_("没有找到这次收集活动，或您无权查看。"))
    return row


def create(user: User, data: RecordActivity) -> Activity:
    """Record an activity; it meets the week's collection duty (4.1.1).

    Idempotent by `data.id`: the same content again gives the same row, another raises `Conflict`. Raises `Invalid`,
    `NotAllowed`.
    """
    allow(user, "activity.create")
    if not fields.homes(user):
        raise NotAllowed(_("您还没有被分配到社区，请联系管理员。"))
    community = fields.community_of(user, chosen=data.community, grid=data.grid)
    if community is None:
        raise Invalid(fields={"community": [_("您在多个社区工作，请选择这次活动所在的社区或网格。")]})
    row = Activity(id=data.id or ids.new(), reporter=user, community_id=community)
    _fill(row, data, user)
    row.work_group_id = work_group(user, row.community_id)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record(user, "activity.record", row, unit_id=row.community_id)
            duties.meet_period("weekly_collection", user.pk, week_of(row.starts_at, row.community_id))
    except IntegrityError as e:
        known = Activity.objects.select_related("reporter").filter(pk=row.pk).first()
        if known is None or known.reporter_id != user.pk or _digest(known) != _digest(row):
            raise Conflict(_("这个 id 已用于另一次活动。")) from e
        return known
    return row


@transaction.atomic
def change(user: User, activity_id: UUID, data: ChangeActivity) -> Activity:
    """Correct one's own activity. Raises `Invalid`, `Conflict` for a stale form, `NotFound`, `NotAllowed`."""
    row = Activity.objects.visible_to(user).select_for_update(of=("self",)).filter(pk=activity_id).first()
    if row is None:
        raise NotFound(_("没有找到这次收集活动，或您无权查看。"))
    allow(user, "activity.change", row)
    if data.shown_at is not None and abs(row.changed_at - data.shown_at) > timedelta(milliseconds=1):
        raise Conflict(_("这次活动已在别处修改过，请核对后重新保存。"))
    before = week_of(row.starts_at, row.community_id)
    _fill(row, data, user)
    row.changed_at = clock.now()
    row.save()
    audit.record(user, "activity.change", row, unit_id=row.community_id)
    week = week_of(row.starts_at, row.community_id)
    duties.meet_period("weekly_collection", user.pk, week)
    if week != before:
        _reopen(user.pk, before, row.community_id)
    return row


@transaction.atomic
def remove(user: User, activity_id: UUID) -> None:
    """Delete one's own activity; the week's duty that it alone met is open again (4.1.1).

    Raises `Conflict` when an item refers to it, `NotFound`, `NotAllowed`."""
    row = Activity.objects.visible_to(user).select_for_update(of=("self",)).filter(pk=activity_id).first()
    if row is None:
        raise NotFound(_("没有找到这次收集活动，或您无权查看。"))
    allow(user, "activity.change", row)
    if Item.objects.filter(activity=row).exists():
        raise Conflict(_("已有信息条目来自这次活动，不能删除。"))
    week = week_of(row.starts_at, row.community_id)
    audit.record(user, "activity.remove", row, unit_id=row.community_id)
    row.delete()
    _reopen(user.pk, week, row.community_id)


def collected(user_id: UUID, monday: date, community_id: UUID) -> bool:
    """Whether the person collected in that week: an activity, or an item that arrived (4.1.1)."""
    begin, end = week_bounds(monday, community_id)
    return (
        Activity.objects.filter(reporter=user_id, starts_at__gte=begin, starts_at__lt=end).exists()
        or Item.objects.filter(reporter=user_id, arrived_at__gte=begin, arrived_at__lt=end).exists()
    )


def open_week(monday: date, *, reporters: set[UUID] | None = None) -> int:
    """Open the collection duty of the week for every reporter in office, or for `reporters` (4.1.1).

    Safe to repeat. Who has collected already (an appointment in mid-week) has met it at once.
    """
    grants = RoleGrant.objects.current(monday + timedelta(days=6)).filter(role=Role.REPORTER, user__is_active=True)
    # Somebody appointed later in the week owes from then on; appointed and dismissed before: nothing.
    grants = grants | RoleGrant.objects.current(monday).filter(role=Role.REPORTER, user__is_active=True)
    if reporters is not None:
        grants = grants.filter(user__in=reporters)
    units, opened, seen = tree(), [], set()
    for user_id, unit_id in grants.order_by("user_id", "starts").values_list("user_id", "unit_id"):
        community = _community_of(unit_id)
        if user_id in seen or community is None:
            continue
        seen.add(user_id)
        day = units.calendar(community.id)
        due = datetime.combine(monday + timedelta(days=6), WEEKLY_COLLECTION_ENDS, day.zone).astimezone(clock.UTC)
        opened.append(
            duties.make("weekly_collection", unit_id=community.id, due_at=due, owner_id=user_id, period=monday)
        )
    with transaction.atomic():
        duties.open_(*opened)
        _meet_collected(monday, opened)
    return len(opened)


def week_of(moment: datetime, community_id: UUID) -> date:
    """The Monday of the week in which `moment` falls, in the community's zone."""
    return clock.monday(clock.local(moment, tree().setting(community_id, "time_zone")).date())


def week_bounds(monday: date, community_id: UUID) -> tuple[datetime, datetime]:
    """The week as two moments in UTC, end excluded."""
    zone = clock.zone(tree().setting(community_id, "time_zone"))
    begin = datetime.combine(monday, time(), zone)
    return begin.astimezone(clock.UTC), datetime.combine(monday + timedelta(days=7), time(), zone).astimezone(clock.UTC)


def as_json(row: Activity, *, reporter: str = "") -> dict[str, Any]:
    """The activity as the API gives it; times ISO 8601 in UTC, `grid` the grid's code."""
    grid = tree().get(row.grid_id)
    return {
        "id": row.pk,
        "kind": row.kind,
        "reporter": {"id": row.reporter_id, "name": reporter or row.reporter.name},
        "starts_at": row.starts_at,
        "minutes": row.minutes,
        "place": text.mask_within(row.place),
        "people": row.people,
        "notes": text.mask_within(row.notes),
        "grid": grid.code if grid else None,
        "created_at": row.created_at,
    }


# --- inside ------------------------------------------------------------------------------------


def _reopen(user_id: UUID, week: date, community_id: UUID) -> None:
    """Open the week's duty again when nothing is left that met it."""
    if collected(user_id, week, community_id):
        return
    duty = Obligation.objects.filter(kind="weekly_collection", owner=user_id, period=week, met_at__isnull=False).first()
    if duty is not None:
        Obligation.objects.filter(pk=duty.pk).update(met_at=None)
        duties.move_due(Q(pk=duty.pk), duty.due_at)


def _fill(row: Activity, data: ActivityContent, user: User) -> None:
    errors: fields.Errors = {}
    zone = clock.zone(tree().setting(row.community_id, "time_zone"))
    starts_at = data.starts_at if data.starts_at.tzinfo else data.starts_at.replace(tzinfo=zone)
    if starts_at > clock.now() + timedelta(minutes=1):
        errors["starts_at"] = [_("开始时间不能晚于现在；活动结束后再登记。")]
    row.kind, row.starts_at, row.minutes = data.kind, starts_at.astimezone(clock.UTC), data.minutes
    row.place, row.people, row.notes = data.place, data.people or 0, data.notes
    _set_grid(row, data.grid, user, errors)
    if errors:
        raise Invalid(_("有 %(count)d 处内容需要修改。") % {"count": len(errors)}, errors)


def _set_grid(row: Activity, value: str | None, user: User, errors: fields.Errors) -> None:
    if not value:
        row.grid_id = None
        return
    units = tree()
    unit = units.by_code.get(value) or units.get(http.as_uuid(value))
    community = units.above(unit, UnitKind.COMMUNITY)
    if unit is None or unit.kind != UnitKind.GRID or community is None or community.id not in user.rights.communities():
        errors["grid"] = [_("没有这个网格，或不在您工作的社区内。")]
        return
    row.grid_id, row.community_id = unit.id, community.id


def _digest(row: Activity) -> str:
    lines = [row.kind, row.starts_at, row.minutes, row.place, row.people, row.notes, row.grid_id]
    return hashlib.sha256(orjson.dumps(lines, default=str)).hexdigest()


def _community_of(unit_id: UUID) -> Unit | None:
    units = tree()
    result = units.communities(unit_id)
    return units.get(min(result, key=str)) if result else None


def _meet_collected(monday: date, opened: list[Obligation]) -> None:
    """Meet at once what was collected before the duty was opened; by community, two statements each."""
    for community in {o.unit_id for o in opened}:
        owners = [o.owner_id for o in opened if o.unit_id == community]
        begin, end = week_bounds(monday, community)
        done = set(
            Activity.objects.filter(reporter__in=owners, starts_at__gte=begin, starts_at__lt=end).values_list(
                "reporter_id", flat=True
            )
        )
        done |= set(
            Item.objects.filter(Q(reporter__in=owners), arrived_at__gte=begin, arrived_at__lt=end).values_list(
                "reporter_id", flat=True
            )
        )
        if done:
            Obligation.objects.filter(
                kind="weekly_collection", owner__in=done, period=monday, met_at__isnull=True, waived_at__isnull=True
            ).update(met_at=clock.now(), next_at=None)
