"""Opening, meeting, waiving duties; reminding and escalating (design §2.2).

Each function is one statement or few, and belongs inside the transaction of its cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.functional import lazy

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.text import mask_within
from linbao.core.wording import Worded, worded
from linbao.duties.inputs import WaiveDuty
from linbao.duties.kinds import ESCALATE_LEADER, ESCALATE_MANAGER, KINDS, MISS, Kind, Step
from linbao.duties.models import Obligation
from linbao.organisation.models import Role, RoleGrant, Unit, UnitKind, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify
from linbao.platform import bulk as rows
from linbao.platform import queue

# Duties of a unit that others than its reviewers and handlers owe: kind → roles.
POOLS: dict[str, tuple[str, ...]] = {"training_quarter": (Role.TRAINER, Role.MANAGER)}
AFTER_FAULT = timedelta(minutes=30)  # a duty whose step failed is tried again


def make(
    kind: str,
    *,
    unit_id: UUID,
    due_at: datetime,
    owner_id: UUID | None = None,
    subject: models.Model | None = None,
    period: date | None = None,
    round: int = 0,
    title: str = "",
    opened_at: datetime | None = None,
    miss_at: datetime | None = None,
) -> Obligation:
    """An obligation that is not saved yet; save many at once with `open_`.

    `round` tells apart repeated duties about one subject (second amend, third informing). `miss_at`: when it counts
    as missed, where the kind's own offset from `due_at` does not say so.
    """
    about = KINDS[kind]
    community = tree().above(unit_id, UnitKind.COMMUNITY)
    step, at = _first_step(about, due_at, clock.now(), miss_at)
    return Obligation(
        kind=kind,
        clause=about.clause,
        owner_id=owner_id,
        unit_id=unit_id,
        community_id=community.id if community else None,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        period=period,
        key=f"{kind}:{owner_id or unit_id}:{subject.pk if subject is not None else ''}:{period or ''}:{round}",
        title=mask_within(title)[:120],
        opened_at=opened_at or clock.now(),
        due_at=due_at,
        miss_at=miss_at,
        next_step=step,
        next_at=at,
    )


def open_(*obligations: Obligation) -> None:
    """Save the obligations in one statement; one that is open already stays as it is."""
    Obligation.objects.bulk_create(obligations, ignore_conflicts=True)


def change(
    *,
    open: Sequence[Obligation] = (),
    meet_subjects: Sequence[tuple[str, UUID]] = (),
    meet_periods: Sequence[tuple[str, UUID, date]] = (),
    fresh: bool = False,
) -> None:
    """Open new duties and meet others in one statement: the hot path of filing an item (2.3.1).

    `meet_subjects` are (kind, subject id), `meet_periods` (kind, owner id, first day of the period).
    `fresh` promises that none of `open` can stand already (their subjects are new): many then go by COPY.
    """
    if fresh and len(open) >= rows.COPY_FROM:
        rows.insert(open)
        open = ()
    opened, data = rows.insert_sql(open) if open else ("", [])
    opened += " ON CONFLICT DO NOTHING"
    where = ["(kind = %s AND subject_id = %s)"] * len(meet_subjects) + [
        "(kind = %s AND owner_id = %s AND period = %s)"
    ] * len(meet_periods)
    met = (
        "UPDATE duties_obligation SET met_at = %s, next_at = NULL"
        f" WHERE ({' OR '.join(where)}) AND met_at IS NULL AND waived_at IS NULL"
    )
    lines = [clock.now(), *(v for pair in meet_subjects for v in pair), *(v for pair in meet_periods for v in pair)]
    with connection.cursor() as cursor:
        if open and where:
            cursor.execute(f"WITH opened AS ({opened}) {met}", data + lines)
        elif open:
            cursor.execute(opened, data)
        elif where:
            cursor.execute(met, lines)


def meet(
    kinds: str | Iterable[str], subject_id: UUID, *, owner_id: UUID | None = None, at: datetime | None = None
) -> int:
    """Mark the open duties of `kinds` about `subject_id` as met at `at` (now); returns how many."""
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    matches = Obligation.objects.filter(
        subject_id=subject_id, kind__in=names, met_at__isnull=True, waived_at__isnull=True
    )
    if owner_id:
        matches = matches.filter(owner_id=owner_id)
    return matches.update(met_at=at or clock.now(), next_at=None)


def meet_period(
    kind: str, owner_id: UUID | None, period: date, *, subject_id: UUID | None = None, at: datetime | None = None
) -> int:
    """Mark a person's duty of a period (week, quarter), or that about `subject_id` (a work group) whoever owes it,
    as met; a missed one counts as late from then on. What they owe as a stand-in is met with it; theirs is met
    wherever a leave moved it."""
    rows = Obligation.objects.filter(kind=kind, period=period, met_at__isnull=True, waived_at__isnull=True)
    if subject_id:
        rows = rows.filter(subject_id=subject_id)
    else:
        rows = rows.filter(Q(owner_id=owner_id) | Q(moved_from_id=owner_id))
    return rows.update(met_at=at or clock.now(), next_at=None)


def cancel(kinds: Iterable[str], subject_id: UUID) -> int:
    """Take back open duties whose cause has gone (the item was withdrawn or merged)."""
    return Obligation.objects.filter(subject_id=subject_id, kind__in=list(kinds)).open().delete()[0]


def move_due(obligation_filter: Q, due_at: datetime) -> int:
    """Give open duties a new limit (an approved extension); reminders start again from it."""
    moved = 0
    for row in Obligation.objects.open().filter(obligation_filter).select_for_update():
        row.due_at = due_at
        restart(row)
        row.save(update_fields=["due_at", "next_step", "next_at"])
        moved += 1
    return moved


def hasten(obligation_filter: Q, due_at: datetime) -> int:
    """Bring open duties forward that are due later than `due_at`; reminders start again from it."""
    return move_due(obligation_filter & Q(due_at__gt=due_at), due_at)


def restart(row: Obligation) -> None:
    """Set the reminders of a duty anew from its limit; the caller saves `next_step` and `next_at`."""
    row.next_step, row.next_at = _first_step(KINDS[row.kind], row.due_at, clock.now(), row.miss_at)


@transaction.atomic
def waive(user: User, obligation: Obligation, data: WaiveDuty) -> None:
    """Free somebody from a duty, with who and why (5.3.1); one that was met stays met. Raises `NotAllowed`."""
    allow(user, "obligation.waive", obligation)
    Obligation.objects.filter(pk=obligation.pk, met_at__isnull=True).update(
        waived_at=clock.now(), waived_by=user, waived_reason=data.reason, next_at=None
    )
    audit.record(user, "duty.waive", obligation, unit_id=obligation.unit_id)


def limit(unit_id: UUID, kind: str, default: timedelta) -> timedelta:
    """The unit's own limit for `kind` (setting `limits.<kind>`, hours), else `default`."""
    hours = (tree().setting(unit_id, "limits") or {}).get(kind)
    return timedelta(hours=float(hours)) if hours else default


# --- the engine ------------------------------------------------------------------------------


def tick(batch: int = 500) -> int:
    """Do what is due now: remind, escalate, declare missed. Safe to run anywhere, any number of times.

    Each obligation's step and its notices commit together, so nobody is notified twice after a crash.
    """
    done = 0
    while True:
        due = Obligation.objects.filter(next_at__lte=clock.now()).order_by("next_at")
        pks = list(due.values_list("pk", flat=True)[:batch])
        try:
            done += _take_steps(pks)
        except Exception:  # one of them cannot be taken: each for itself, the faulty ones later
            done += queue.each(pks, lambda pk: _take_steps([pk]), otherwise=_put_off)
        if len(pks) < batch:
            return done


@transaction.atomic
def _take_steps(pks: Sequence[UUID]) -> int:
    due = Obligation.objects.filter(pk__in=pks, next_at__lte=clock.now()).order_by("next_at")
    rows = list(due.select_for_update(skip_locked=True))
    for row in rows:
        _step(row)
    Obligation.objects.bulk_update(rows, ["next_step", "next_at", "missed_at"])
    return len(rows)


def _put_off(pk: UUID) -> None:
    """A duty whose step cannot be taken does not stand before the others at the next turn."""
    Obligation.objects.filter(pk=pk).update(next_at=clock.now() + AFTER_FAULT)


def _step(row: Obligation) -> None:
    kind, now = KINDS[row.kind], clock.now()
    # After a pause of the whole system several steps may be due: only the last of them is sent.
    action = ""
    while row.next_step < len(kind.steps) and _moment(kind.steps[row.next_step], row.due_at, row.miss_at) <= now:
        action = kind.steps[row.next_step][1]
        row.next_step += 1
    following = kind.steps[row.next_step] if row.next_step < len(kind.steps) else None
    row.next_at = _moment(following, row.due_at, row.miss_at) if following else None
    if not action:
        return
    if action == MISS:
        row.missed_at = now
    for user_id in _recipients(row, action):
        notify(
            user_id,
            _message(row, action),
            subject_type=row.subject_type,
            subject_id=row.subject_id,
            kind=f"{row.kind}.{action}",
        )


def _message(row: Obligation, action: str) -> Worded:
    due = clock.local(row.due_at, tree().setting(row.unit_id, "time_zone")).strftime("%m-%d %H:%M")
    name = KINDS[row.kind].name
    details: dict[str, Any] = {"name": name, "title": lazy(lambda: row.heading, str)(), "due": due}
    if action == MISS:
        return worded("%(name)s漏办：%(title)s（期限 %(due)s）") % details
    if row.due_at <= clock.now():
        return worded("%(name)s已超期：%(title)s（期限 %(due)s）") % details
    return worded("%(name)s即将到期：%(title)s（期限 %(due)s）") % details


def _recipients(row: Obligation, action: str) -> set[UUID]:
    """Who is notified of a step: the owner (or the pool); on escalation the leader or manager too."""
    people = {row.owner_id} if row.owner_id else holders(row.unit_id, *_pool_roles(row.kind))
    if action in (ESCALATE_LEADER, MISS):
        people |= leaders_of(row.owner_id) if row.owner_id else set()
    if action in (ESCALATE_MANAGER, MISS):
        people |= holders(row.community_id or row.unit_id, Role.MANAGER)
    return {p for p in people if p}


def _pool_roles(kind: str) -> tuple[str, ...]:
    if kind in ("handle", "supervise"):
        return (Role.HANDLER,)
    if kind in POOLS:
        return POOLS[kind]
    if kind.startswith("appraisal_"):
        return (Role.MANAGER,)
    return (Role.REVIEWER, Role.MANAGER) if kind in ("assign", "decide_unsatisfied") else (Role.REVIEWER,)


def holders(unit_id: UUID, *roles: str) -> set[UUID]:
    """Active people with one of `roles` on the unit, its departments and groups, or on the nearest unit above."""
    for unit in tree().line(unit_id):
        near: list[Unit] = [
            unit,
            *(u for u in tree().children(unit) if u.kind in (UnitKind.DEPARTMENT, UnitKind.WORK_GROUP)),
        ]
        result = set(
            RoleGrant.objects.current()
            .filter(unit__in=[u.id for u in near], role__in=roles, user__is_active=True)
            .values_list("user_id", flat=True)
        )
        if result:
            return result
    return set()


def leaders_of(user_id: UUID) -> set[UUID]:
    """The leaders of the work groups that a person reports in, without that person."""
    groups = RoleGrant.objects.current().filter(user_id=user_id, unit__kind=UnitKind.WORK_GROUP).values("unit")
    return set(
        RoleGrant.objects.current()
        .filter(unit__in=groups, role=Role.GROUP_LEADER)
        .exclude(user_id=user_id)
        .values_list("user_id", flat=True)
    )


def _moment(step: Step, due_at: datetime, miss_at: datetime | None) -> datetime:
    """When a step of a duty is taken (UTC)."""
    offset, action = step
    return miss_at if action == MISS and miss_at is not None else due_at + offset


def _first_step(
    kind: Kind, due_at: datetime, now: datetime, miss_at: datetime | None = None
) -> tuple[int, datetime | None]:
    """The step that comes next, and when. One whose moment lies before the duty began is done at once: of several
    only the last is sent. What was to be declared missed before it began is not announced."""
    moments = [_moment(step, due_at, miss_at) for step in kind.steps]
    past = [number for number, moment in enumerate(moments) if moment <= now]
    if past and all(kind.steps[number][1] != MISS for number in past):
        return past[-1], now
    return len(past), moments[len(past)] if len(past) < len(moments) else None
