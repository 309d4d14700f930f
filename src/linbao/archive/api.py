"""The archive and its statistics as JSON (design §6): lists by cursor."""

from __future__ import annotations

from typing import Any

from ninja import Query, Schema

from linbao.archive import schemas, search
from linbao.archive.filters import Filters
from linbao.archive.statistics import overview
from linbao.core.api import Router
from linbao.core.permissions import allow
from linbao.items import representation
from linbao.items import schemas as item_schemas
from linbao.items.api import router as items
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

router = Router(tags=["archive"])
MOST = 200


class ItemFilters(Schema):
    """The filters of the archive; see `/archive/`. `status` also takes open, overdue, ended; `figure` the items that a
    figure counts (submitted, urgent, returned, judged, first_pass, unclassified, pointless); days are both included."""

    q: str = ""
    category: str = ""
    subcategory: str = ""
    topic: str = ""
    status: str = ""
    unit: str = ""
    reporter: str = ""
    handler: str = ""
    urgent: str = ""
    sensitivity: str = ""
    source: str = ""
    verdict: str = ""
    figure: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""


@items.get("", response=item_schemas.ItemPage, summary="Find items")
def list_items(
    request: AuthenticatedRequest, filters: Query[ItemFilters], cursor: str = "", limit: int = 50
) -> dict[str, Any]:
    """`{items, next}`: urgent and open first, then the newest. `limit` up to 200; a broken cursor is a 400.

    Clause 2.2.1.
    """
    allow(request.user, "archive.view")
    result = search.find(request.user, Filters.read(filters.dict()), cursor, min(max(limit, 1), MOST))
    return {"items": [_line(r) for r in result.rows], "next": result.next}


class UnitPeriod(Schema):
    """`unit` by id, the widest of one's own without; days, both included."""

    unit: str = ""
    since: str = ""
    until: str = ""


@router.get("/stats", response=schemas.Statistics, summary="Read the figures of a unit")
def read_statistics(request: AuthenticatedRequest, asked: Query[UnitPeriod]) -> dict[str, Any]:
    """`{unit, since, until, figures}`: every figure of the statistics, the same for every reader of the unit; the last
    twelve weeks without a period. `docs/figures.md` defines them.

    Clause 2.2.2.
    """
    allow(request.user, "archive.stats")
    period = overview.Period.read(asked.since, asked.until)
    unit_id = overview.unit_of(request.user, asked.unit)
    return overview.as_json(tree().by_id[unit_id], period)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    names = (
        "id",
        "number",
        "status",
        "category",
        "subcategory",
        "topic",
        "title",
        "urgent",
        "sensitivity",
        "reported_at",
        "occurred_at",
        "due_at",
        "source",
        "verdict",
    )
    details = representation.line(
        {
            **{k: row[k] for k in names},
            "grid": row["grid_id"],
            "place": row["place"],
            "lat": row["lat"],
            "lon": row["lon"],
        }
    )
    details["reporter"] = row["reporter"]
    if "snippet" in row:
        details["snippet"] = str(row["snippet"])
    return details
