"""`GET /training/sessions`, enrolling, leave, and one's own record (5.1.3); the same actions as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.api import Router
from linbao.core.dates import Day
from linbao.core.permissions import allow
from linbao.core.problems import Invalid
from linbao.organisation.requests import AuthenticatedRequest
from linbao.training import listing, quarters, schemas
from linbao.training.inputs import AskSessionLeave
from linbao.training.models import Seat, Session
from linbao.training.sessions import participation
from linbao.training.sessions import services as sessions

router = Router(tags=["training"])


@router.get("/training/sessions", response=schemas.SessionPage, summary="List training sessions")
def list_sessions(
    request: AuthenticatedRequest,
    status: str = "",
    quarter: str = "",
    subject: str = "",
    cursor: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    """Sessions that the caller may see, the latest first, by cursor; `quarter` as `2026Q4`. `next` is null at the
    end.

    Clause 5.1.3.
    """
    allow(request.user, "training.see")
    data = {"status": status, "quarter": quarter, "subject": subject}
    page = listing.LISTING.slice(request.user, data, cursor, min(max(limit, 1), 200))
    return {"items": [_session(r) for r in page.rows], "next": page.next}


@router.get("/training/sessions/{uuid:session_id}", response=schemas.Session, summary="Read a training session")
def read_session(request: AuthenticatedRequest, session_id: UUID) -> dict[str, Any]:
    """One session, with the caller's own seat when there is one. Clause 5.1.3."""
    row = sessions.get(request.user, session_id)
    return _session(row, Seat.objects.filter(session=row, person=request.user).first())


@router.post("/training/sessions/{uuid:session_id}/enrol", response=schemas.Session, summary="Enrol in a session")
def enrol(request: AuthenticatedRequest, session_id: UUID) -> dict[str, Any]:
    """Say that one comes. Safe to repeat; 409 when the session is over or cancelled. Clause 5.1.3."""
    seat = sessions.enrol(request.user, session_id)
    return _session(sessions.get(request.user, session_id), seat)


@router.post(
    "/training/sessions/{uuid:session_id}/leave", response=schemas.Session, summary="Ask for leave from a session"
)
def leave(request: AuthenticatedRequest, session_id: UUID, body: AskSessionLeave) -> dict[str, Any]:
    """Ask for leave with a reason; the trainer decides. Clause 5.1.3."""
    seat = sessions.ask_leave(request.user, session_id, body)
    return _session(sessions.get(request.user, session_id), seat)


@router.get("/training/record", response=schemas.TrainingRecord, summary="Read one's own training record")
def own_record(request: AuthenticatedRequest, since: Day | None = None, until: Day | None = None) -> dict[str, Any]:
    """What the caller attended between two days (this year, if not told): hours and sessions. Clause 5.1.3."""
    until = until or clock.today()
    since = since or date(until.year, 1, 1)
    if not (2000 <= since.year <= 2200 and 2000 <= until.year <= 2200) or since > until:
        raise Invalid(fields={"since": [_("起止日期不正确。")]})
    result = participation.of(request.user, since, until)
    return {
        "hours": result.hours,
        "sessions": [
            {
                "id": s.session_id,
                "title": s.title,
                "subjects": s.subjects,
                "starts_at": s.starts_at,
                "quarter": quarters.code(s.quarter),
                "minutes": s.minutes,
                "counts": s.counts,
                "made_up": s.made_up,
                "score": s.score,
            }
            for s in result.sessions
        ],
    }


def _session(row: Session, seat: Seat | None = None) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "subjects": row.subjects,
        "community": row.community_id,
        "place": row.place,
        "starts_at": row.starts_at,
        "minutes": row.minutes,
        "quarter": quarters.code(row.quarter),
        "status": row.status,
        "long_enough": row.long_enough,
        "seat": {
            "status": seat.status,
            "signed_in_at": seat.signed_in_at,
            "signed_out_at": seat.signed_out_at,
            "minutes": seat.minutes,
        }
        if seat
        else None,
    }
