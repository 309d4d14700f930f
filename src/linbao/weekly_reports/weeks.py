"""The weeks of reporting: when a report is due, who owes it, and what becomes of it when they leave (4.1.1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Min, Q
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.duties import leave
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.items.models import Activity, Item
from linbao.organisation.models import Role, RoleGrant, UnitKind, User, WeeklyBy
from linbao.organisation.tree import tree
from linbao.platform import queue

DUE_AT = time(18)  # Friday 12:00 to 18:00 (4.1.1)
OPENS_AT = time(12)
MISSED_AT = time(12)  # of the Monday after (domain.md §3)
WEEK = timedelta(days=7)
DEPARTED_WITHIN = timedelta(days=31)  # how far back departures are looked for; the job runs every ten minutes
REPORTING_ROLES = (Role.REPORTER, Role.GROUP_LEADER)


def week_day(community_id: UUID, monday: date) -> date:
    """The day of the report: Friday, or the week's last working day where the unit follows the holidays."""
    if not tree().setting(community_id, "weekly_follows_holidays"):
        return monday + timedelta(days=4)
    return tree().calendar(community_id).last_working_day(monday)


def due(community_id: UUID, monday: date, at: time = DUE_AT) -> datetime:
    """The moment (UTC) at which the week's report is due; `at=OPENS_AT`: from which it can be confirmed."""
    return _moment(community_id, week_day(community_id, monday), at)


def begins(community_id: UUID, monday: date) -> datetime:
    """The week's first moment (UTC) in the unit's zone."""
    return _moment(community_id, monday, time())


def missed_at(community_id: UUID, monday: date) -> datetime:
    """When an unsent report counts as missed: the Monday after, 12:00, whichever day it was due."""
    return _moment(community_id, monday + WEEK, MISSED_AT)


def home(reporter: User) -> UUID | None:
    """The community that a person reports in; of several the one that they have served longest. Of somebody who left:
    the last one."""
    grants = RoleGrant.objects.filter(user=reporter, role__in=REPORTING_ROLES).order_by("starts", "id")
    current = list(grants.current().values_list("unit_id", flat=True))
    for unit_id in current or reversed(grants.values_list("unit_id", flat=True)):
        communities = tree().communities(unit_id)
        if communities:
            return min(communities, key=str)
    return None


def by_group(reporter: User) -> UUID | None:
    """The work group that reports for this person: where the community's reports go by group and they are in one."""
    community = home(reporter)
    if community is None or tree().setting(community, "weekly_by") != WeeklyBy.WORK_GROUP:
        return None
    units = {u for role in REPORTING_ROLES for u in reporter.rights.granted.get(role, ())}
    groups = [u for u in units if (unit := tree().get(u)) is not None and unit.kind == UnitKind.WORK_GROUP]
    return min(groups, key=str) if groups else None


def first_week(reporter_id: UUID, group_id: UUID | None = None) -> date | None:
    """The Monday of the week in which the reporter, or anybody of the work group, was first appointed."""
    grants = RoleGrant.objects.filter(role__in=REPORTING_ROLES)
    grants = grants.filter(unit=group_id) if group_id else grants.filter(user=reporter_id)
    first = grants.aggregate(first=Min("starts"))["first"]
    return clock.monday(first) if first else None


def open_week(monday: date) -> int:
    """Open the week's duty of every reporter, or of every work group where the community reports by group (its
    leader owes it, else the member who has served longest). Whoever is appointed before the report is due owes it
    too; duties that stand stay; those of people who left go on to others. Returns how many owe one."""
    owners, groups = _owing(monday)
    opened = [_duty(user_id, community, monday) for user_id, community in owners.items()]
    for group_id, user_id in groups.items():
        community = min(tree().communities(group_id), key=str)
        opened.append(
            duties.make(
                "weekly_report",
                unit_id=group_id,
                owner_id=user_id,
                period=monday,
                due_at=due(community, monday),
                miss_at=missed_at(community, monday),
                subject=tree().get(group_id),
                title=tree().name(group_id),
            )
        )
    duties.open_(*opened)
    pass_on_departed(monday)
    return len(opened)


def pass_on_departed(monday: date) -> int:
    """Whoever no longer reports leaves nothing unreported (2.3.1): what they submitted and no report has taken in is
    owed in their place by their group's leader, else a manager; a duty with nothing behind it is waived. What they
    stood in for stays the other's report, and passes on as every duty does. Safe to repeat. Returns how many moved."""

    def pass_on(row: tuple[UUID, UUID]) -> int:
        person_id, community = row
        moved = 0
        owed_now = Obligation.objects.open().filter(kind="weekly_report", subject_id__isnull=True, owner_id=person_id)
        successor = next(iter(leave.successors(person_id, community)), None)
        moved += leave.pass_on(owed_now.filter(moved_from__isnull=False)).total()
        own = owed_now.filter(moved_from__isnull=True)
        if not _left_unreported(person_id):
            own.update(waived_at=clock.now(), waived_reason=_("已不再担任报告员，没有未报送的信息"), next_at=None)
            return moved
        if successor is None:
            return moved
        if own.exists():
            return moved + own.update(moved_from_id=person_id, owner_id=successor)
        owed = Obligation.objects.filter(kind="weekly_report", moved_from_id=person_id, met_at__isnull=True)
        if owed.exists() or clock.now() > due(community, monday):
            return moved
        duty = _duty(person_id, community, monday)
        duty.owner_id, duty.moved_from_id = successor, person_id
        duties.open_(duty)
        return moved + 1

    return queue.each(_departed(monday).items(), pass_on)


# --- inside ------------------------------------------------------------------------------------


def _moment(community_id: UUID, day: date, at: time) -> datetime:
    zone = clock.zone(tree().setting(community_id, "time_zone"))
    return datetime.combine(day, at, zone).astimezone(clock.UTC)


def _duty(person_id: UUID, community: UUID, monday: date) -> Obligation:
    """The duty of one person's report of a week, not saved yet."""
    return duties.make(
        "weekly_report",
        unit_id=community,
        owner_id=person_id,
        period=monday,
        due_at=due(community, monday),
        miss_at=missed_at(community, monday),
    )


def _left_unreported(person_id: UUID) -> bool:
    """Whether something that a departed person filed is in no report, and no group's report will take it in."""
    items = Item.objects.filter(reporter_id=person_id, weekly_report__isnull=True, arrived_at__isnull=False)
    activities = Activity.objects.filter(reporter_id=person_id, weekly_report__isnull=True)
    groups = {*items.values_list("work_group_id", flat=True), *activities.values_list("work_group_id", flat=True)}
    return any(
        group is None or tree().setting(group, "weekly_by") != WeeklyBy.WORK_GROUP or not _has_members(group)
        for group in groups
    )


def _with_unreported(people: Iterable[UUID]) -> set[UUID]:
    """Those of `people` whose items no report has taken in yet; one statement."""
    items = Item.objects.filter(reporter__in=people, weekly_report__isnull=True, arrived_at__isnull=False)
    return set(items.values_list("reporter_id", flat=True)) if people else set()


def _has_members(group_id: UUID) -> bool:
    return RoleGrant.objects.current().filter(unit=group_id, role__in=REPORTING_ROLES, user__is_active=True).exists()


def _owing(monday: date) -> tuple[dict[UUID, UUID], dict[UUID, UUID]]:
    """Who owes a report of their own (person → community), and which groups owe one (group → person). A leader who
    is no reporter owes one when they filed something."""
    last = min(clock.today(), monday + timedelta(days=6))
    grants = (
        RoleGrant.objects.current(max(last, monday))
        .filter(role__in=REPORTING_ROLES, user__is_active=True)
        .order_by("starts", "id")
        .values_list("user_id", "role", "unit_id", "starts")
    )
    owners: dict[UUID, UUID] = {}
    leaders: dict[UUID, UUID] = {}
    groups: dict[UUID, UUID] = {}
    in_group: set[UUID] = set()
    for user_id, role, unit_id, starts in grants:
        unit, communities = tree().get(unit_id), tree().communities(unit_id)
        if unit is None or not communities:
            continue
        community = min(communities, key=str)
        if starts > week_day(community, monday):  # appointed when the report was due already
            continue
        if unit.kind == UnitKind.WORK_GROUP and tree().setting(community, "weekly_by") == WeeklyBy.WORK_GROUP:
            in_group.add(user_id)
            if role == Role.GROUP_LEADER or unit_id not in groups:
                groups[unit_id] = user_id
        else:
            (owners if role == Role.REPORTER else leaders).setdefault(user_id, community)
    for user_id in _with_unreported(leaders):
        owners.setdefault(user_id, leaders[user_id])
    for user_id in in_group:
        owners.pop(user_id, None)
    standing = Obligation.objects.filter(kind="weekly_report", period=monday, subject_id__in=groups)
    for group_id in standing.values_list("subject_id", flat=True):  # a new leader does not owe it a second time
        if group_id:
            groups.pop(group_id, None)
    moved = Obligation.objects.filter(kind="weekly_report", period=monday, moved_from__in=owners)
    for person_id in moved.values_list("moved_from_id", flat=True):
        owners.pop(person_id, None)
    return owners, groups


def _departed(monday: date) -> dict[UUID, UUID]:
    """People who reported until lately and do so no longer, with the community that they reported in."""
    since = monday - DEPARTED_WITHIN
    today = clock.today()
    grants = (
        RoleGrant.objects.filter(role__in=REPORTING_ROLES)
        .filter(Q(ends__gte=since, ends__lt=today) | Q(user__is_active=False, starts__lte=today))
        .exclude(ends__lt=since)
        .order_by("-starts", "id")
    )
    departed: dict[UUID, UUID] = {}
    for user_id, unit_id in grants.values_list("user_id", "unit_id"):
        communities = tree().communities(unit_id)
        if communities:
            departed.setdefault(user_id, min(communities, key=str))
    current = RoleGrant.objects.current().filter(role__in=REPORTING_ROLES, user__is_active=True, user__in=departed)
    for user_id in current.values_list("user_id", flat=True):
        departed.pop(user_id, None)
    return departed
