"""The archive and the duties as JSON (design §6): lists by cursor."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from linbao.archive import compliance, duty_list, overview, search
from linbao.archive.filters import Filters
from linbao.base.listing import Cursor
from linbao.collection import representation
from linbao.collection.api import router as items
from linbao.units.rights import allow
from linbao.units.tree import tree

router = Router(tags=["obligations"])
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


class DutyFilters(Schema):
    """`state`: open, overdue, met, late, missed, waived; `since`, `until` are days of `due_at`."""

    kind: str = ""
    clause: str = ""
    state: str = ""
    owner: str = ""
    unit: str = ""
    since: str = ""
    until: str = ""


@items.get("")
def list_items(request: HttpRequest, filters: Query[ItemFilters], cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """`{items, next}`: urgent and open first, then the newest. `limit` up to 200; a broken cursor is a 400."""
    allow(request.user, "archive.view")
    found = search.find(request.user, Filters.read(filters.dict()), cursor, min(max(limit, 1), MOST))
    return {"items": [_line(r) for r in found.rows], "next": found.next}


@router.get("/obligations")
def list_obligations(
    request: HttpRequest, filters: Query[DutyFilters], cursor: str = "", limit: int = 50
) -> dict[str, Any]:
    """`{items, next}`: the duties that one may see, the latest limit first."""
    found = duty_list.rows(request.user, {k: v for k, v in filters.dict().items() if v}).select_related("owner")
    rows, following = Cursor("due_at").page(found, cursor, min(max(limit, 1), MOST))
    return {"items": duty_list.lines(request.user, rows), "next": following}


class UnitPeriod(Schema):
    """`unit` by id, the widest of one's own without; days, both included."""

    unit: str = ""
    since: str = ""
    until: str = ""


class InspectedPeriod(UnitPeriod):
    """`period` as `2026Q4` or `2026-11`; or two days."""

    period: str = ""


@router.get("/stats")
def read_statistics(request: HttpRequest, asked: Query[UnitPeriod]) -> dict[str, Any]:
    """`{unit, since, until, figures}`: every figure of the statistics, the same for every reader of the unit; the last
    twelve weeks without a period. `docs/figures.md` defines them."""
    allow(request.user, "archive.stats")
    period = overview.Period.read(asked.since, asked.until)
    unit_id = overview.unit_of(request.user, asked.unit)
    return overview.as_json(tree().by_id[unit_id], period)


@router.get("/compliance")
def read_compliance(request: HttpRequest, asked: Query[InspectedPeriod]) -> dict[str, Any]:
    """`{unit, since, until, clauses}`: each clause with its state (met, late, owed, overdue, none) and its duties, the
    same for every reader of the unit; this quarter without a period."""
    allow(request.user, "compliance.view")
    period = compliance.period_of(asked.period, asked.since, asked.until)
    unit_id = compliance.unit_of(request.user, asked.unit)
    chapters = compliance.inspect(request.user, unit_id, period)
    return {
        "unit": tree().by_id[unit_id].code, "since": period.since, "until": period.until,
        "clauses": [
            {
                "number": c["number"], "state": c["state"],
                "duties": [
                    {"name": str(d["what"]), "owed_by": str(d["who"]), "state": d["state"],
                     "figures": [{"words": p["words"], "url": p["url"]} for p in d["proofs"]]}
                    for d in c["duties"]
                ],
            }
            for chapter in chapters for c in chapter["clauses"]
        ],
    }  # fmt: skip


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
    told = representation.line(
        {
            **{k: row[k] for k in names},
            "grid": row["grid_id"],
            "place": row["place"],
            "lat": row["lat"],
            "lon": row["lon"],
        }
    )
    told["reporter"] = row["reporter"]
    if "snippet" in row:
        told["snippet"] = str(row["snippet"])
    return told
