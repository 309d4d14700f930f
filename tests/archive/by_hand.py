"""A second arithmetic of the statistics, item by item and event by event out of the tables: plain Python, nothing of
`linbao.archive`. What it finds must be what the product shows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

SHANGHAI = ZoneInfo("Asia/Shanghai")
GOOD, RATED = ("satisfied", "mostly_satisfied"), ("satisfied", "mostly_satisfied", "unsatisfied")


def select(sql: str, *given: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        names = [c.name for c in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def by_hand(communities: list[Any], since: date, until: date) -> dict[str, Any]:
    """Every figure of the statistics, item by item and event by event, out of the tables."""
    items = {i["id"]: i for i in select("SELECT * FROM items_item WHERE community_id = ANY(%s)", communities)}
    entries = [e for e in select("SELECT * FROM items_entry ORDER BY at, id") if e["item_id"] in items]
    judgements = [
        v
        for v in select("SELECT * FROM handling_evaluation ORDER BY round")
        if v["item_id"] in items and v["verdict"] in RATED
    ]
    handle = select("SELECT * FROM duties_obligation WHERE kind = 'handle' AND waived_at IS NULL")
    filed, returned, judged, passed = 0, 0, 0, 0
    for item in items.values():
        if item["status"] in ("draft", "withdrawn") or not since <= day(item["reported_at"]) <= until:
            continue
        filed += 1
        decisions = [e["verb"] for e in entries if e["item_id"] == item["id"] and e["verb"] in ("approve", "return")]
        returned += "return" in decisions
        if decisions and item["status"] != "merged":
            judged += 1
            passed += decisions[0] == "approve"
    closings = [e for e in entries if e["verb"] == "close"]
    counted = [e for e in closings if since <= day(e["at"]) <= until]
    late, hours = 0, 0.0
    for closing in counted:
        mine = [c["at"] for c in closings if c["item_id"] == closing["item_id"] and c["at"] < closing["at"]]
        after = max(mine, default=datetime(1990, 1, 1, tzinfo=SHANGHAI))
        late += any(
            after < d["opened_at"] <= closing["at"] and d["met_at"] and d["met_at"] > d["due_at"]
            for d in handle
            if d["subject_id"] == closing["item_id"]
        )
        hours += (closing["at"] - items[closing["item_id"]]["reported_at"]).total_seconds() / 3600
    values = [v for v in judgements if since <= day(v["at"]) <= until]
    first = [v for v in values if v["round"] == min(j["round"] for j in judgements if j["item_id"] == v["item_id"])]
    last = [v for v in values if v["round"] == max(j["round"] for j in judgements if j["item_id"] == v["item_id"])]

    def share(rows: list[dict[str, Any]]) -> dict[str, Any]:
        return of(sum(r["verdict"] in GOOD for r in rows), len(rows))

    def of(part: int, whole: int) -> dict[str, Any]:
        return {"percent": round(100 * part / whole, 1) if whole else None, "part": part, "whole": whole}

    verbs = [e["verb"] for e in entries if since <= day(e["at"]) <= until]
    nothing = select("SELECT item_id, at FROM handling_evaluation WHERE verdict = 'none'")
    return {
        "submitted": filed,
        "returned": returned,
        "closings": len(counted),
        "on_time": of(len(counted) - late, len(counted)),
        "satisfaction": share(values),
        "first_satisfaction": share(first),
        "last_satisfaction": share(last),
        "unrated": sum(v["item_id"] in items and since <= day(v["at"]) <= until for v in nothing),
        "first_pass": of(passed, judged),
        "decisions": verbs.count("approve") + verbs.count("return"),
        "returns": verbs.count("return"),
        "close_days": round(hours / len(counted) / 24, 1) if counted else None,
    }
