"""Duties move with leave: to the stand-in and back; without one the weekly ones are waived (5.3.1). And they pass on
when whoever owes them has left.

The verbs (asking, deciding, cancelling) stand in `management.leave`; here is what they do to obligations, and what
lower rooms ask: who is away, and whether somebody stands in for a duty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.duties.models import Leave, Obligation, ObligationQuerySet
from linbao.duties.services import holders, restart
from linbao.organisation.models import Role, RoleGrant, UnitKind, User
from linbao.organisation.tree import tree

# What nobody can do for another, and what cannot wait for a stand-in: it stays where it is.
STAYS = frozenset(
    {
        "urgent_call",
        "urgent_written",
        "urgent_follow_up",
        "alarm_acknowledge",
        "training_attend",
        "appraisal_self",
        "appraisal_peer",
        "agreement",
        "rule_confirm",
        "case_statement",
        "meeting",
    }
)
WEEKLY = ("weekly_collection", "weekly_report")
# What a person who leaves owes and another can do; weekly reports pass on as `weekly_reports.weeks` says.
PASSES_ON = ("amend", "inform_resident", "inform_progress", "evaluate", "handle", "supervise", "task")


def bounds(leave: Leave) -> tuple[datetime, datetime]:
    """From the first moment of the first day to the first moment after the last, in the unit's zone."""
    zone = clock.zone(tree().setting(leave.unit_id, "time_zone"))
    return (
        datetime.combine(leave.starts, time(), zone),
        datetime.combine(leave.ends + timedelta(days=1), time(), zone),
    )


def move(leave: Leave, *, excluded: Collection[UUID] = ()) -> tuple[int, int]:
    """Move the person's open duties that fall due during an approved leave to the stand-in, or waive the weekly ones
    where there is none; `excluded` are subjects that the stand-in may not see. Safe to repeat: what was moved is not
    moved again. A weekly duty whose week began before the leave moves only when the leave has begun: until then its
    owner can still meet it. Returns how many were moved and how many waived."""
    since, until = bounds(leave)
    begun = leave.starts <= clock.today(tree().setting(leave.unit_id, "time_zone"))
    due = (
        Obligation.objects.open()
        .filter(owner_id=leave.person_id, leave__isnull=True, due_at__gte=max(since, clock.now()), due_at__lt=until)
        .filter(moved_from__isnull=True)
        .exclude(kind__in=STAYS)
        .exclude(subject_id__in=list(excluded))
    )
    if not begun:
        due = due.exclude(kind__in=WEEKLY, period__lt=leave.starts)
    if leave.stand_in_id is not None:
        return due.update(moved_from=F("owner"), owner_id=leave.stand_in_id, leave=leave), 0
    waived = due.filter(kind__in=WEEKLY, subject_id__isnull=True).update(
        waived_at=clock.now(), waived_by_id=leave.decided_by_id, waived_reason=_("请假"), next_at=None, leave=leave
    )
    return 0, waived


def give_back(leave: Leave) -> int:
    """Undo what the leave did to duties that are not due yet: the rest stays as it was. Returns how many came back."""
    rows = list(Obligation.objects.select_for_update().filter(leave=leave, met_at__isnull=True, due_at__gt=clock.now()))
    for row in rows:
        if row.moved_from_id is not None:
            row.owner_id, row.moved_from_id = row.moved_from_id, None
        elif row.waived_at is not None:
            row.waived_at, row.waived_by_id, row.waived_reason = None, None, ""
            restart(row)
        row.leave_id = None
    Obligation.objects.bulk_update(
        rows, ["owner", "moved_from", "leave", "waived_at", "waived_by", "waived_reason", "next_step", "next_at"]
    )
    return len(rows)


def stands_in(user: User, subject_id: UUID | None, *kinds: str) -> bool:
    """Whether a duty of `kinds` about this subject came to `user` by somebody's leave; one statement."""
    if subject_id is None:
        return False
    return Obligation.objects.stood_by(user).filter(subject_id=subject_id, kind__in=kinds).exists()


def away(person_ids: Iterable[UUID], first: date, last: date) -> dict[UUID, list[Leave]]:
    """Approved leave of these people that touches the days from `first` to `last`; one statement."""
    result: dict[UUID, list[Leave]] = {}
    rows = Leave.objects.approved().during(first, last).filter(person__in=list(person_ids))
    for leave in rows.select_related("stand_in").order_by("starts"):
        result.setdefault(leave.person_id, []).append(leave)
    return result


# --- duties of people who left ------------------------------------------------------------


def left_behind() -> ObligationQuerySet:
    """Open duties, without weekly reports, of people whose role or account ended: their own that others can do, and
    all that they stood in for. Whether they still serve the place in another role is checked by `pass_on`."""
    today = clock.today()
    ended = RoleGrant.objects.filter(ends__lt=today).values("user")  # however long ago: what is owed may begin later
    gone = Q(owner__is_active=False) | Q(owner__in=ended)
    theirs = Q(kind__in=PASSES_ON) | Q(moved_from__isnull=False)
    return Obligation.objects.open().filter(gone, theirs).exclude(kind="weekly_report")


def pass_on(
    rows: Iterable[Obligation], *, only: Mapping[UUID, Collection[UUID]] | None = None
) -> Counter[tuple[UUID, UUID]]:
    """Pass duties of departed people on: back to whoever they stood in for, if that person is there; else to the next
    who stands in for them; else to the leader of the departed person's group, else to a manager (5.3.1). A weekly
    collection that nobody stands in for is waived, as it is without a stand-in from the first. Duties of somebody who
    serves the place still stay. `only`: subject → the people who alone may see it. Safe to repeat; returns how many
    went from whom to whom."""
    passed: Counter[tuple[UUID, UUID]] = Counter()
    for row in rows:
        departed = row.owner_id
        if departed is None or _serves(departed, row):
            continue
        may = (only or {}).get(row.subject_id) if row.subject_id else None
        for heir, leave in _heirs(row, departed):
            if heir != departed and (may is None or heir in may):
                own = heir == row.moved_from_id
                row.moved_from_id = None if own else row.moved_from_id or departed
                row.owner_id, row.leave = heir, leave
                passed[departed, heir] += 1
                break
        else:
            if row.kind != "weekly_collection":
                continue
            row.waived_at, row.waived_reason, row.next_at = clock.now(), _("请假"), None
        row.save(update_fields=["owner", "moved_from", "leave", "waived_at", "waived_reason", "next_at"])
    return passed


def successors(person_id: UUID, community_id: UUID) -> list[UUID]:
    """Who answers for what a person left: the leader of their last group, then the managers of the community."""
    groups = RoleGrant.objects.filter(user=person_id, unit__kind=UnitKind.WORK_GROUP).values_list("unit_id", flat=True)
    leaders = RoleGrant.objects.current().filter(unit__in=groups, role=Role.GROUP_LEADER, user__is_active=True)
    led = leaders.exclude(user=person_id).order_by("starts", "id").values_list("user_id", flat=True)
    return list(dict.fromkeys([*led, *sorted(holders(community_id, Role.MANAGER) - {person_id}, key=str)]))


def _heirs(row: Obligation, departed: UUID) -> Iterator[tuple[UUID, Leave | None]]:
    """Who can owe a duty in the place of somebody who left, in order, with the leave that brings it to them."""
    absent, today = row.moved_from_id, clock.today(tree().setting(row.unit_id, "time_zone"))
    if absent is not None and absent != departed and _serves(absent, row):
        leaves = away([absent], today, today).get(absent, [])
        if not leaves:
            yield absent, None
        for leave in leaves:
            stand_in = leave.stand_in_id
            if stand_in is not None and _serves(stand_in, row) and not away([stand_in], today, today):
                yield stand_in, leave
    if row.kind != "weekly_collection":  # a leader or manager does not collect
        for heir in successors(departed, row.community_id or row.unit_id):
            yield heir, None


def _serves(person_id: UUID, row: Obligation) -> bool:
    """Whether somebody holds a role today that reaches the place of a duty; for a weekly one a reporter's."""
    grants = RoleGrant.objects.current().filter(user=person_id, user__is_active=True)
    if row.kind in WEEKLY:
        grants = grants.filter(role__in=(Role.REPORTER, Role.GROUP_LEADER))
    return any(
        row.community_id in tree().communities(unit) or row.unit_id in tree().within(unit)
        for unit in grants.values_list("unit_id", flat=True)
    )
