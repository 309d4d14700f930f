"""Every figure of statistics, Today and compliance, counted from the ledger's own facts."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING

from tests.year.ledger.facts import JUDGEMENTS, Item
from tests.year.ledger.working_time import day_of, monday_of

if TYPE_CHECKING:
    from tests.year.ledger.book import Ledger


def percent(part: float, whole: float) -> str:
    """A share in percent, to one decimal."""
    return f"{round(100 * part / whole, 1):g}%" if whole else "—"


def reported(ledger: Ledger, community: str, since: date, until: date) -> list[Item]:
    """What was reported in these days; withdrawn items are none."""
    return [
        i
        for i in ledger.items.values()
        if i.community == community and i.status != "withdrawn" and since <= day_of(i.reported_at) <= until
    ]


def by_week_and_category(ledger: Ledger, community: str, since: date, until: date) -> Counter[tuple[str, str]]:
    """(`MM-DD` of the week's Monday, category) → how many were reported (2.2.2)."""
    rows = reported(ledger, community, since, until)
    return Counter((f"{monday_of(i.reported_at):%m-%d}", i.category) for i in rows)


def verdicts(ledger: Ledger, community: str, since: date, until: date) -> Counter[str]:
    """Evaluations are events: each that was given in these days counts, whatever became of the item later (2.4.2)."""
    return Counter(
        verdict
        for item in ledger.items.values()
        if item.community == community
        for at, verdict in item.judgements
        if since <= day_of(at) <= until and verdict in JUDGEMENTS
    )


def satisfaction(ledger: Ledger, community: str, since: date, until: date) -> str:
    data = verdicts(ledger, community, since, until)
    return percent(data["satisfied"] + data["mostly_satisfied"], sum(data.values()))


def first_pass(ledger: Ledger, community: str, since: date, until: date) -> str:
    """Of the items reported in these days that were decided: those whose first decision was an approval; merged ones
    are carried on by another and count nowhere (4.3.1)."""
    judged = [i for i in reported(ledger, community, since, until) if i.decisions and i.status != "merged"]
    return percent(sum(i.decisions[0][1] for i in judged), len(judged))


def closings(ledger: Ledger, community: str, since: date, until: date) -> list[bool]:
    """Of each closing in these days, whatever became of the item later: whether it had been handled in time."""
    return [
        not late
        for item in ledger.items.values()
        if item.community == community
        for at, late in item.closings
        if since <= day_of(at) <= until
    ]


def statistics(ledger: Ledger, community: str, since: date, now: datetime) -> dict[str, str]:
    """The tiles of the overview, by their names on the page."""
    until, week = day_of(now), monday_of(now)
    open_, in_time = ledger.open_items(community), closings(ledger, community, since, until)
    return {
        "本周新上报": str(len(reported(ledger, community, week, until))),
        "未办结": str(len(open_)),
        "办理超期": str(_overdue(open_, now)),
        "紧急未终报": str(open_emergencies(ledger, community)),
        "期间归档": str(len(in_time)),
        "按期办结率": percent(sum(in_time), len(in_time)),
        "居民满意率": satisfaction(ledger, community, since, until),
        "一次通过率": first_pass(ledger, community, since, until),
    }


def today(ledger: Ledger, community: str, now: datetime) -> dict[str, str]:
    """What a manager reads first, by the names on the page."""
    open_ = ledger.open_items(community)
    by_status = Counter(i.status for i in open_)
    return {
        "待审核": str(by_status["submitted"]),
        "紧急未终报": str(open_emergencies(ledger, community)),
        "待交办": str(by_status["approved"]),
        "办理中": str(by_status["handling"]),
        "办理超期": str(_overdue(open_, now)),
        "待反馈居民": str(by_status["resolved"]),
    }


def open_emergencies(ledger: Ledger, community: str) -> int:
    """One notion everywhere: open until the final report (2.3.2)."""
    return len(ledger.emergencies.open(community))


def duty_states(ledger: Ledger, community: str, since: date, until: date, now: datetime) -> Counter[tuple[str, str]]:
    """(kind, state) → how many duties that fell due in these days; late is never counted as met in time."""
    return Counter(
        (d.kind, d.state(now)) for d in ledger.duties if d.community == community and since <= day_of(d.due_at) <= until
    )


def _overdue(rows: list[Item], now: datetime) -> int:
    return sum(i.status == "handling" and i.handle_due is not None and i.handle_due < now for i in rows)
