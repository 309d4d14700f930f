"""Reading what the product says, from outside: lists of the API, figures of the pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from typing import Any

from tests.year.hands import Hand


def moment(given: str | None) -> datetime | None:
    return datetime.fromisoformat(given.replace("Z", "+00:00")) if given else None


@dataclass(frozen=True)
class SeenDuty:
    """An obligation as the API gives it; `owner` a user id or ""."""

    kind: str
    subject: str
    period: str
    owner: str
    state: str
    opened_at: datetime | None
    due_at: datetime | None
    met_at: datetime | None


def duties(hand: Hand, unit: str, since: date) -> list[SeenDuty]:
    rows = hand.all("/obligations", "items", unit=unit, since=str(since))
    return [
        SeenDuty(
            r["kind"], str(r["subject_id"] or ""), str(r["period"] or ""), (r["owner"] or {}).get("id", ""), r["state"],
            moment(r["opened_at"]), moment(r["due_at"]), moment(r["met_at"]),
        )
        for r in rows
    ]  # fmt: skip


def tiles(hand: Hand, path: str) -> dict[str, str]:
    """The figures of a page, by their names."""
    page = hand.get(path).content.decode()
    pairs = re.findall(r'class="lb-tile-label">(.*?)</span><span class="lb-tile-value">(.*?)</span>', page, flags=re.S)
    return {_text(label): _text(value) for label, value in pairs}


def table(hand: Hand, path: str, chart: str) -> dict[tuple[str, str], str]:
    """(row, column) → value of the table under a chart."""
    page = hand.get(path).content.decode()
    found = re.search(rf'data-chart="{chart}".*?<table.*?</table>', page, flags=re.S)
    if found is None:
        return {}
    columns = [_text(c) for c in re.findall(r'<th scope="col" class="lb-num">(.*?)</th>', found[0], flags=re.S)]
    values: dict[tuple[str, str], str] = {}
    for label, cells in re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', found[0], flags=re.S):
        for column, cell in zip(columns, re.findall(r"<td[^>]*>(.*?)</td>", cells, flags=re.S), strict=False):
            values[_text(label), column] = _text(cell)
    return values


def compliance(hand: Hand, unit: str, since: date, until: date) -> dict[str, Any]:
    """What the page gave to its template: clause → duties with their states and proofs."""
    answer = hand.get(f"/compliance/?unit={unit}&since={since}&until={until}")
    return {c["number"]: c for chapter in answer.context["chapters"] for c in chapter["clauses"]}


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", "", html, flags=re.S)).split())
