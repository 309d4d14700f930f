"""What a person attended, and the hours in all (5.1.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from linbao.core import clock
from linbao.organisation.models import User
from linbao.training import duty, quarters
from linbao.training.models import Seat, SessionStatus, Sheet


@dataclass(frozen=True)
class Attended:
    """One session as a person's record shows it. `counts`: it meets the duty of its quarter (5.1.3)."""

    session_id: UUID
    title: str
    subjects: list[str]
    starts_at: datetime
    quarter: date
    minutes: int
    counts: bool
    made_up: bool
    score: int | None


@dataclass(frozen=True)
class Record:
    """What a person attended; `hours` rounded to a tenth."""

    hours: float = 0.0
    sessions: list[Attended] = field(default_factory=list)


def of(person: User, since: date, until: date) -> Record:
    """The sessions that `person` attended from `since` to `until` (both included, by their start, in the
    installation's zone) and the hours in all; two statements, however many."""
    zone = clock.zone()
    first = datetime.combine(since, time(0), zone)
    last = datetime.combine(until + timedelta(days=1), time(0), zone)
    seats = list(
        Seat.objects.filter(person=person, minutes__gt=0, session__starts_at__gte=first, session__starts_at__lt=last)
        .exclude(session__status=SessionStatus.CANCELLED)
        .select_related("session")
        .order_by("session__starts_at")
    )
    scores = dict(
        Sheet.objects.filter(person=person, quiz_id__in=[s.session_id for s in seats], score__isnull=False).values_list(
            "quiz_id", "score"
        )
    )
    sessions = [
        Attended(
            s.session_id,
            s.session.title,
            list(s.session.subjects),
            s.session.starts_at,
            s.session.quarter,
            s.minutes,
            duty.counts(s.session, s),
            quarters.of_moment(s.session.community_id, s.session.starts_at) != s.session.quarter,
            scores.get(s.session_id),
        )
        for s in seats
    ]
    return Record(round(sum(a.minutes for a in sessions) / 60, 1), sessions)


# --- the document ------------------------------------------------------------------------------------------------
