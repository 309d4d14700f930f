"""Weekly reports as JSON (design §6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linbao.core.api import Router
from linbao.core.dates import Day
from linbao.core.keyset import Cursor
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest, Limit
from linbao.weekly_reports import assembly, schemas, services
from linbao.weekly_reports.inputs import AssembleWeek, ConfirmReport, ReviewReport
from linbao.weekly_reports.models import WeeklyReport

router = Router(tags=["weekly-reports"])


def _json(row: WeeklyReport, user: User, whole: bool = True) -> dict[str, Any]:
    """The report as `user` may read it."""
    row = assembly.for_reader(row, user) if whole else row
    body = {
        "id": row.pk,
        "week": row.week,
        "reporter": {"id": row.reporter_id, "name": row.reporter.name},
        "status": row.status,
        "number": row.number or None,
        "version": row.version,
        "covers_from": row.covers_from,
        "covers_until": row.covers_until,
        "confirmed_at": row.confirmed_at,
        "take_back_until": row.take_back_until,
        "sent_at": row.sent_at,
    }
    if not whole:
        return body  # in a list nothing that may quote an item: it would have to be asked for each row
    return (
        body
        | {"nil_reason": row.nil_reason, "timing_reason": row.timing_reason, "findings": row.findings}
        | {"facts": row.facts, "words": {**assembly.draft(row.facts), **row.texts}}
    )


@router.get("", response=schemas.WeeklyReportPage, summary="List weekly reports")
def list_(
    request: AuthenticatedRequest, week: Day | None = None, status: str = "", cursor: str = "", limit: Limit = 50
) -> dict[str, Any]:
    """Reports that this person may see, the newest first. Clause 2.3.1, 4.1.1."""
    user = request.user
    rows = WeeklyReport.objects.visible_to(user).select_related("reporter")
    rows = rows.filter(**({"week": week} if week else {}), **({"status": status[:10]} if status else {}))
    page = Cursor("-assembled_at").page(rows, cursor, limit)
    return {"weekly_reports": [_json(r, user, whole=False) for r in page.rows], "next": page.next}


@router.post("", response=schemas.WeeklyReport, summary="Assemble a week's report")
def assemble(request: AuthenticatedRequest, body: AssembleWeek) -> dict[str, Any]:
    """The report of a reporter's week, assembled from facts: one's own, or one that is owed in somebody's place. Safe
    to repeat.

    Clause 2.3.1, 4.1.1.
    """
    user = request.user
    return _json(services.assemble_week(services.reporter_of(user, body.reporter or "", body.week), body.week), user)


@router.get("/{uuid:report_id}", response=schemas.WeeklyReport, summary="Read a weekly report")
def read(request: AuthenticatedRequest, report_id: UUID) -> dict[str, Any]:
    """One report with its facts; 404 for one that the caller may not see. Clause 4.1.1."""
    return _json(services.get(request.user, report_id), request.user)


@router.post("/{uuid:report_id}/confirm", response=schemas.WeeklyReport, summary="Confirm and send a weekly report")
def confirm(request: AuthenticatedRequest, report_id: UUID, body: ConfirmReport | None = None) -> dict[str, Any]:
    """Confirm it (4.1.1); it is numbered and sent when the minutes of take-back are over. 422 asks for the reason of a
    nil, early or late report. Safe to repeat.

    Clause 4.1.1, 4.1.2.
    """
    user = request.user
    services.confirm(user, report_id, body or ConfirmReport())
    return _json(services.get(user, report_id), user)


@router.post(
    "/{uuid:report_id}/take-back", response=schemas.WeeklyReport, summary="Take a confirmation back before it is sent"
)
def take_back(request: AuthenticatedRequest, report_id: UUID) -> dict[str, Any]:
    """Take the confirmation back while it has not been sent; 409 afterwards. Safe to repeat. Clause 4.1.1."""
    services.take_back(request.user, report_id)
    return _json(services.get(request.user, report_id), request.user)


@router.post("/{uuid:report_id}/review", response=schemas.WeeklyReport, summary="Accept or return a weekly report")
def review(request: AuthenticatedRequest, report_id: UUID, body: ReviewReport) -> dict[str, Any]:
    """Accept it as a document, or return it with comments (4.3.1). Clause 4.3.1."""
    services.review(request.user, report_id, body)
    return _json(services.get(request.user, report_id), request.user)
