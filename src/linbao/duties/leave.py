"""Duties move with leave: to the stand-in and back; without one the weekly ones are waived (5.3.1).

The verbs (asking, deciding, cancelling) stand in `management.leave`; here is what they do to obligations, and what
lower rooms ask: who is away, and whether somebody stands in for a duty.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from linbao.base import clock
from linbao.duties.actions import restart
from linbao.duties.models import Leave, Obligation
from linbao.units.models import User
from linbao.units.tree import tree

# What nobody can do for another, and what cannot wait for a stand-in: it stays where it is.
STAYS = frozenset({
    "urgent_call", "urgent_written", "urgent_follow_up", "alarm_acknowledge", "training_attend", "appraisal_self",
    "appraisal_peer", "agreement", "rule_confirm", "case_statement", "meeting",
})  # fmt: skip
WEEKLY = ("weekly_collection", "weekly_report")


def bounds(leave: Leave) -> tuple[datetime, datetime]:
    """From the first moment of the first day to the first moment after the last, in the unit's zone."""
    zone = clock.zone(tree().setting(leave.unit_id, "time_zone"))
    return (
        datetime.combine(leave.starts, time(), zone),
        datetime.combine(leave.ends + timedelta(days=1), time(), zone),
    )


def move(leave: Leave, *, kept: Collection[UUID] = ()) -> tuple[int, int]:
    """Move the person's open duties that fall due during an approved leave to the stand-in, or waive the weekly ones
    where there is none; `kept` are subjects that the stand-in may not see. Safe to repeat: what was moved is not moved
    again. A weekly duty whose week began before the leave moves only when the leave has begun: until then its owner
    can still meet it. Returns how many were moved and how many waived."""
    since, until = bounds(leave)
    begun = leave.starts <= clock.today(tree().setting(leave.unit_id, "time_zone"))
    due = (
        Obligation.objects.open()
        .filter(owner_id=leave.person_id, leave__isnull=True, due_at__gte=max(since, clock.now()), due_at__lt=until)
        .exclude(kind__in=STAYS)
        .exclude(subject_id__in=list(kept))
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
        rows,
        ["owner", "moved_from", "leave", "waived_at", "waived_by", "waived_reason", "next_step", "next_at"],
    )
    return len(rows)


def stands_in(user: User, subject_id: UUID | None, *kinds: str) -> bool:
    """Whether a duty of `kinds` about this subject came to `user` by somebody's leave; one statement."""
    if subject_id is None:
        return False
    return Obligation.objects.stood_by(user).filter(subject_id=subject_id, kind__in=kinds).exists()


def away(person_ids: Iterable[UUID], first: date, last: date) -> dict[UUID, list[Leave]]:
    """Approved leave of these people that touches the days from `first` to `last`; one statement."""
    found: dict[UUID, list[Leave]] = {}
    rows = Leave.objects.approved().during(first, last).filter(person__in=list(person_ids))
    for leave in rows.select_related("stand_in").order_by("starts"):
        found.setdefault(leave.person_id, []).append(leave)
    return found
