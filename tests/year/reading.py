"""Reading what the product says, from outside: lists of the API, figures of the pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape

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
            r["kind"],
            str(r["subject_id"] or ""),
            str(r["period"] or ""),
            (r["owner"] or {}).get("id", ""),
            r["state"],
            moment(r["opened_at"]),
            moment(r["due_at"]),
            moment(r["met_at"]),
        )
        for r in rows
    ]


def tiles(hand: Hand, path: str) -> dict[str, str]:
    """The figures of a page, by their names."""
    page = hand.get(path).content.decode()
    pairs = re.findall(r'class="lb-tile-label">(.*?)</span><span class="lb-tile-value">(.*?)</span>', page, flags=re.S)
    return {_text(label): _text(value) for label, value in pairs}


def table(hand: Hand, path: str, chart: str) -> dict[tuple[str, str], str]:
    """(row, column) → value of the table under a chart."""
    page = hand.get(path).content.decode()
    result = re.search(rf'data-chart="{chart}".*?<table.*?</table>', page, flags=re.S)
    if result is None:
        return {}
    columns = [_text(c) for c in re.findall(r'<th scope="col" class="lb-num">(.*?)</th>', result[0], flags=re.S)]
    values: dict[tuple[str, str], str] = {}
    for label, cells in re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', result[0], flags=re.S):
        for column, cell in zip(columns, re.findall(r"<td[^>]*>(.*?)</td>", cells, flags=re.S), strict=False):
            values[_text(label), column] = _text(cell)
    return values


def compliance(hand: Hand, unit: str, since: date, until: date) -> dict[str, list[tuple[str, dict[str, int]]]]:
    """Clause → its duties: the state of each, and how many obligations are in which state as its proofs say."""
    page = hand.get(f"/compliance/?unit={unit}&since={since}&until={until}").content.decode()
    result: dict[str, list[tuple[str, dict[str, int]]]] = {}
    for clause, article in re.findall(r'id="c-([0-9.]+)"(.*?)</article>', page, flags=re.S):
        duties = re.findall(r'class="compliance-duty" data-state="(\w+)">(.*?)</div>', article, flags=re.S)
        result[clause] = [(state, _counts(message)) for state, message in duties]
    return result


def _counts(html: str) -> dict[str, int]:
    return {PROOFS[word]: int(n) for word, n in re.findall(r"(按时|迟办|漏办|超期未办|待办|免除) (\d+)", _text(html))}


PROOFS = {"按时": "met", "迟办": "late", "漏办": "missed", "超期未办": "overdue", "待办": "open", "免除": "waived"}


def appraisal(hand: Hand, cycle: str) -> dict[str, dict[str, float | None]]:
    """Person's name → metric → score, from the pages of one cycle."""
    page = hand.get(cycle).content.decode()
    result: dict[str, dict[str, float | None]] = {}
    for path in dict.fromkeys(re.findall(r'"(/appraisal/people/[0-9a-f-]{36}/)"', page)):
        context = hand.get(path).context
        result[context["row"].name] = {f["code"]: f["score"] for f in context["figures"]}
    return result


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", "", html, flags=re.S)).split())
