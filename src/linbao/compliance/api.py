"""Duties, and what they say clause by clause, as JSON (design §6): lists by cursor."""

from __future__ import annotations

from typing import Any

from ninja import Query, Schema

from linbao.archive.api import MOST, UnitPeriod
from linbao.compliance import duty_list, inspection, schemas
from linbao.compliance import services as compliance
from linbao.core.api import Router
from linbao.core.permissions import allow
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

router = Router(tags=["obligations"])


class DutyFilters(Schema):
    """`state`: open, overdue, met, late, missed, waived; `since`, `until` are days of `due_at`."""

    kind: str = ""
    clause: str = ""
    state: str = ""
    owner: str = ""
    unit: str = ""
    since: str = ""
    until: str = ""


class InspectedPeriod(UnitPeriod):
    """`period` as `2026Q4` or `2026-11`; or two days."""

    period: str = ""


@router.get("/obligations", response=schemas.ObligationPage, summary="List obligations")
def list_obligations(
    request: AuthenticatedRequest, filters: Query[DutyFilters], cursor: str = "", limit: int = 50
) -> dict[str, Any]:
    """`{items, next}`: the duties that one may see, the latest limit first. Clause 1.3.2, 4.1.1, 4.3.1."""
    page = duty_list.LISTING.slice(request.user, filters.dict(), cursor, min(max(limit, 1), MOST))
    return {"items": duty_list.lines(page.rows), "next": page.next}


@router.get("/compliance", response=schemas.Compliance, summary="Read how a unit complies with each clause")
def read_compliance(request: AuthenticatedRequest, asked: Query[InspectedPeriod]) -> dict[str, Any]:
    """`{unit, since, until, clauses}`: each clause with its state (met, late, owed, overdue, none) and its duties, the
    same for every reader of the unit; this quarter without a period.

    Clause 1.3.2.
    """
    allow(request.user, "compliance.view")
    period = inspection.period_of(asked.period, asked.since, asked.until)
    unit_id = inspection.unit_of(request.user, asked.unit)
    chapters = compliance.inspect(request.user, unit_id, period)
    return {
        "unit": tree().by_id[unit_id].code,
        "since": period.since,
        "until": period.until,
        "clauses": [
            {
                "number": c["number"],
                "state": c["state"],
                "duties": [
                    {
                        "name": str(d["what"]),
                        "owed_by": str(d["who"]),
                        "state": d["state"],
                        "figures": [{"words": p["label"], "url": p["url"]} for p in d["proofs"]],
                    }
                    for d in c["duties"]
                ],
            }
            for chapter in chapters
            for c in chapter["clauses"]
        ],
    }
