"""A second arithmetic of the appraisal, straight from domain.md §6: rows out of the tables, plain Python, nothing of
`linbao.appraisal`. Slow and simple on purpose: what it finds must be what the product finds."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from math import sqrt
from statistics import median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

APPROVED = {"approved", "handling", "resolved", "informed", "evaluated", "closed"}
WORTH_OF_MARK = {"1": 40, "2": 55, "3": 70, "4": 85, "5": 100}
Scores = dict[str, float | None]


def select(sql: str, *given: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        names = [c.name for c in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def lower(share: float, n: int) -> float:
    """Wilson's lower bound, z = 1."""
    return (share + 1 / (2 * n) - sqrt(share * (1 - share) / n + 1 / (4 * n * n))) / (1 + 1 / n)


def mean(parts: list[tuple[float | None, float]]) -> float | None:
    """The weighted mean of what is there; the others' weight is shared."""
    there = [(value, weight) for value, weight in parts if value is not None]
    return sum(v * w for v, w in there) / sum(w for _v, w in there) if there else None


def worth(item: dict[str, Any]) -> float:
    if item["urgent"] or item["round"] > 1 or item["assistants"] or item["handle_days"] >= 15:
        return 2
    return 1.5 if item["source"] in ("visit", "patrol", "forum") else 1


def items_of(person: UUID, since: datetime, until: datetime) -> list[dict[str, Any]]:
    result = select(
        "SELECT i.*, coalesce(s.handle_days, 0) AS handle_days FROM items_item i"
        " LEFT JOIN items_subcategory s ON s.code = i.subcategory"
        " WHERE reporter_id = %s AND reported_at >= %s AND reported_at < %s AND status <> 'draft'"
        " ORDER BY reported_at, i.id",
        person,
        since,
        until,
    )
    faulted = {
        r["item_id"]
        for r in select(
            "SELECT r.item_id FROM review_review r JOIN review_finding f ON f.review_id = r.id"
            " WHERE NOT r.approved AND f.check_kind IN ('truth', 'accuracy')"
        )
    }
    return [i | {"faulted": i["id"] in faulted} for i in result]


def verbs(item: UUID) -> list[str]:
    """The decisions on an item, in order."""
    rows = select(
        "SELECT verb FROM items_entry WHERE item_id = %s AND verb IN ('approve', 'return') ORDER BY at, id", item
    )
    return [r["verb"] for r in rows]


def effective(items: list[dict[str, Any]], zone: ZoneInfo) -> float:
    total, seen = 0.0, Counter[Any]()
    for item in items:
        if item["status"] not in APPROVED:
            continue  # merged, waiting, returned
        day = item["reported_at"].astimezone(zone).date()
        place = item["place"].replace(" ", "").replace("\u3000", "")
        alike = (item["subcategory"], item["grid_id"], place, day - timedelta(days=day.weekday()))
        seen[alike] += 1
        total += 0.2 if seen[alike] > 3 else 0.5 if item["returns"] >= 2 else worth(item)
    return total


def figures(appraisal: UUID) -> Scores:
    """Every metric, the facts' score, the judgements' and the total of one person."""
    (row,) = select(
        (
            "SELECT a.person_id, a.months, c.* FROM appraisal_appraisal a JOIN"
            " appraisal_cycle c ON c.id = a.cycle_id WHERE a.id = %s"
        ),
        appraisal,
    )
    since, until, zone = row["since"], row["until"], ZoneInfo(row["zone"])
    rates = [
        effective(items_of(p["person_id"], since, until), zone) / float(p["months"])
        for p in select(
            "SELECT person_id, months FROM appraisal_appraisal WHERE cycle_id = %s AND months > 0", row["id"]
        )
    ]
    every = items_of(row["person_id"], since, until)
    items = [i for i in every if i["status"] != "withdrawn"]
    expected = float(row["months"]) * median(rates)
    quantity = 100 * sqrt(min(1, effective(items, zone) / expected)) if expected else None

    # What was returned stays decided, whatever became of it; the rate of first passes leaves merged and withdrawn out.
    decided = [i for i in every if i["status"] in APPROVED or i["returns"]]
    judged = [i for i in decided if i["status"] not in ("merged", "withdrawn")]
    first = [i for i in judged if verbs(i["id"])[0] == "approve"]
    marks = [
        mark
        for r in select("SELECT * FROM review_review WHERE approved AND item_id = ANY(%s)", [i["id"] for i in items])
        for mark in (r["completeness_mark"], r["analysis_mark"])
        if mark is not None
    ]
    quality = mean(
        [
            (100 * lower(len(first) / len(judged), len(judged)) if judged else None, 60),
            (25 * (sum(marks) / len(marks) - 1) if marks else None, 40),
        ]
    )
    if quality is not None:
        quality = min(100, quality + min(10, 2 * sum(i["adopted"] for i in items)))

    owed = [
        d | {"credit": 0 if d["met_at"] is None else 1 if d["met_at"] <= d["due_at"] else 0.5}
        for d in select(
            "SELECT * FROM duties_obligation o WHERE (owner_id = %s OR kind ="
            " 'weekly_report' AND subject_type = 'organisation.unit'"
            "  AND EXISTS (SELECT 1 FROM organisation_rolegrant g WHERE g.user_id = %s AND g.unit_id = o.subject_id"
            "   AND g.role IN ('reporter', 'group_leader') AND o.due_at::date"
            " BETWEEN g.starts AND coalesce(g.ends, 'infinity')))"
            " AND due_at >= %s AND due_at < %s AND waived_at IS NULL"
            " AND (met_at IS NOT NULL OR due_at < %s)",
            row["person_id"],
            row["person_id"],
            since,
            until,
            row["counted_at"],
        )
    ]
    weighed = [
        (d["credit"], 3 if d["kind"].startswith("urgent") else 1)
        for d in owed
        if d["kind"] in ("weekly_report", "amend", "urgent_call", "urgent_written")
    ]
    timeliness = 100 * sum(c * w for c, w in weighed) / sum(w for _c, w in weighed) if weighed else None

    whole = sum(worth(i) for i in decided)
    accuracy = 100 * (1 - sum(worth(i) for i in decided if i["faulted"]) / whole) if decided else None

    telling = [d["credit"] for d in owed if d["kind"] in ("inform_resident", "evaluate")]
    resolved = [i for i in items if i["status"] in ("resolved", "informed", "evaluated", "closed")]
    closed = [i for i in resolved if i["status"] in ("evaluated", "closed")]
    answers = [
        r["verdict"]
        for r in select(
            "SELECT v.verdict FROM handling_evaluation v JOIN items_item i ON i.id = v.item_id"
            " WHERE i.reporter_id = %s AND v.at >= %s AND v.at < %s AND v.verdict <> 'none'",
            row["person_id"],
            since,
            until,
        )
    ]
    content = [v for v in answers if v != "unsatisfied"]
    feedback = mean(
        [
            (100 * sum(telling) / len(telling) if telling else None, 50),
            (100 * lower(len(closed) / len(resolved), len(resolved)) if resolved else None, 30),
            (100 * lower(len(content) / len(answers), len(answers)) if len(answers) >= 5 else None, 20),
        ]
    )

    facts = mean([(quantity, 15), (quality, 25), (timeliness, 20), (accuracy, 20), (feedback, 20)])
    rated: dict[str, list[float]] = {"self": [], "peer": [], "superior": []}
    for rating in select(
        "SELECT kind, marks FROM appraisal_rating WHERE appraisal_id = %s AND submitted_at IS NOT NULL", appraisal
    ):
        values = [WORTH_OF_MARK[str(m)] for m in _json(rating["marks"]).values()]
        rated[rating["kind"]].append(sum(values) / len(values))
    details = {kind: sum(scores) / len(scores) if scores else None for kind, scores in rated.items()}
    total = mean([(facts, 60), (details["self"], 5), (details["peer"], 10), (details["superior"], 25)])
    return {
        "quantity": quantity,
        "quality": quality,
        "timeliness": timeliness,
        "accuracy": accuracy,
        "feedback": feedback,
        "facts": facts,
        **details,
        "total": total,
    }


def _json(value: Any) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return result


def told(appraisal: Any) -> Scores:
    """The same, as the product wrote it down."""
    stored = {m: appraisal.figures[m]["score"] for m in ("quantity", "quality", "timeliness", "accuracy", "feedback")}
    rest = {"facts": appraisal.facts_score, "self": appraisal.self_score, "peer": appraisal.peer_score}
    rest |= {"superior": appraisal.superior_score, "total": appraisal.total}
    return stored | {k: None if v is None else float(v) for k, v in rest.items()}


def agree(appraisal: Any, *, judged: bool = True) -> None:
    """Every figure to the second place; `judged` False while answers still come in between two counts."""
    wanted, result = figures(appraisal.pk), told(appraisal)
    for name, value in wanted.items():
        if not judged and name in ("self", "peer", "superior", "total"):
            continue
        got = result[name]
        assert (value is None) == (got is None), (appraisal.name, name, value, got)
        assert value is None or got is None or abs(value - got) <= 0.0101, (appraisal.name, name, value, got)
