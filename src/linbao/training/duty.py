"""The quarter's duty: of the community to hold a session, of each reporter to attend one (5.1.3)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from linbao.core import clock
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.organisation.models import Role, RoleGrant, UnitKind
from linbao.organisation.tree import tree
from linbao.training import quarters
from linbao.training.models import Seat, Session

HOLD, ATTEND = "training_quarter", "training_attend"
# Who becomes a reporter with fewer days than this left owes nothing for that quarter.
NEW_JOINER_DAYS = 30
AT_ONCE = 2_000  # duties in one statement


@transaction.atomic
def open_quarter() -> int:
    """Open what the present quarter asks of every active community and of every reporter; whoever stopped being
    a reporter is freed. Safe to repeat; returns how many duties are new."""
    homes = [u for u in tree().of_kind(UnitKind.COMMUNITY) if u.active]
    quarter_of = {u.pk: quarters.current(u.pk) for u in homes}
    periods = set(quarter_of.values())
    standing = set(Obligation.objects.filter(kind=ATTEND, period__in=periods).values_list("owner_id", "period")) | set(
        Obligation.objects.filter(kind=HOLD, period__in=periods).values_list("subject_id", "period")
    )
    wanted = [
        duties.make(
            HOLD, unit_id=u.pk, subject=u, period=quarter_of[u.pk], due_at=quarters.due_at(u.pk, quarter_of[u.pk])
        )
        for u in homes
        if (u.pk, quarter_of[u.pk]) not in standing
    ]
    reporters = _reporters()
    for person, (home, since) in reporters.items():
        quarter = quarter_of.get(home)
        if quarter is None or (person, quarter) in standing or not _owes(since, quarter):
            continue
        wanted.append(
            duties.make(ATTEND, unit_id=home, owner_id=person, period=quarter, due_at=quarters.due_at(home, quarter))
        )
    for start in range(0, len(wanted), AT_ONCE):
        duties.open_(*wanted[start : start + AT_ONCE])
    gone = [
        pk
        for pk, owner in Obligation.objects.open().filter(kind=ATTEND).values_list("pk", "owner_id")
        if owner not in reporters
    ]
    Obligation.objects.filter(pk__in=gone).update(
        waived_at=clock.now(), waived_reason="已不再担任信息报告员", next_at=None
    )
    return len(wanted)


def _reporters() -> dict[UUID, tuple[UUID, date]]:
    """Who reports now: their community, and since when."""
    result: dict[UUID, tuple[UUID, date]] = {}
    grants = (
        RoleGrant.objects.current()
        .filter(role=Role.REPORTER, user__is_active=True)
        .order_by("starts", "id")
        .values_list("user_id", "unit_id", "starts")
    )
    for user, unit, since in grants:
        if homes := tree().communities(unit):
            result.setdefault(user, (min(homes, key=str), since))
    return result


def _owes(since: date, quarter: date) -> bool:
    """A new joiner owes the quarter when there is a month left to meet it; else they begin with the next."""
    return since <= quarter or quarters.after(quarter) - since >= timedelta(days=NEW_JOINER_DAYS)


def counts(session: Session, seat: Seat) -> bool:
    """Whether this presence meets the person's duty: one session of two hours or more, present for two hours or
    more, and not later than the month after the quarter. Shorter ones never add up (5.1.3)."""
    return (
        session.long_enough
        and seat.enough
        and seat.signed_out_at is not None
        and seat.signed_out_at < quarters.make_up_until(session.community_id, session.quarter)
    )


def meet_person(session: Session, seat: Seat) -> None:
    """Meet the person's duty if the presence counts; the moment is that of signing out, so that one entered later
    by hand is as timely as it was."""
    if counts(session, seat):
        duties.meet_period(ATTEND, seat.person_id, session.quarter, at=seat.signed_out_at)


def meet_community(session: Session, seats: list[Seat]) -> None:
    """Meet the community's duty when the session has ended and at least one person was there long enough."""
    assert session.ended_at is not None
    if any(counts(session, s) for s in seats):
        duties.meet_period(HOLD, None, session.quarter, subject_id=session.community_id, at=session.ended_at)
