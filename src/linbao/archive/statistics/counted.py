"""Which items and events each figure of the statistics counts: one condition for sums, lists and appraisal.

An item figure is a condition on items, by the day of reporting. An event figure counts rows of the timeline or
evaluations, by the day on which they happened, whatever became of the item later (2.4.2, 4.3.1, 4.3.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from linbao.archive import scope
from linbao.handling.models import Evaluation, Verdict
from linbao.items.models import APPROVED_STATUSES, Entry, Item, Status
from linbao.organisation.models import Unit

RATED = (Verdict.SATISFIED, Verdict.MOSTLY_SATISFIED, Verdict.UNSATISFIED)
CONTENT = (Verdict.SATISFIED, Verdict.MOSTLY_SATISFIED)
_FILED = ~Q(status__in=[Status.DRAFT, Status.WITHDRAWN]) & Q(reported_at__isnull=False)
_ALONE = ~Q(status__in=[Status.DRAFT, Status.WITHDRAWN, Status.MERGED])  # neither merged nor withdrawn


@dataclass(frozen=True)
class ItemFigure:
    """What the list is called, and which items of a period (by `reported_at`) are counted."""

    name: str | Promise
    where: Q


# `returns` is raised by every entry `return` of the timeline and never lowered; an item that has passed was approved.
ITEMS: dict[str, ItemFigure] = {
    "submitted": ItemFigure(gettext_lazy("上报"), _FILED),
    "urgent": ItemFigure(gettext_lazy("紧急"), _FILED & Q(urgent=True)),
    "returned": ItemFigure(gettext_lazy("曾被退回补正"), _FILED & Q(returns__gt=0)),
    "judged": ItemFigure(
        gettext_lazy("已有首次审核结论"), _ALONE & (Q(status__in=APPROVED_STATUSES) | Q(returns__gt=0))
    ),
    "first_pass": ItemFigure(gettext_lazy("一次审核通过"), Q(status__in=APPROVED_STATUSES, returns=0)),
    "unclassified": ItemFigure(gettext_lazy("没有子类"), _FILED & Q(subcategory="")),
    "pointless": ItemFigure(gettext_lazy("没有关键要点"), _FILED & Q(key_points=[])),
}


def sql(code: str, alias: str) -> str:
    """The condition of an item figure as SQL on the table's `alias`, without placeholders and with `%` doubled."""
    return _sql(code).replace("%", "%%").replace('"items_item"', alias)


@cache
def _sql(code: str) -> str:
    query = Item.objects.filter(ITEMS[code].where).query
    text, values = query.get_compiler("default").compile(query.where)
    return str(connection.ops.compose_sql(text, values))  # type: ignore[attr-defined]  # of PostgreSQL's operations


def moments(unit: Unit, since: date, until: date) -> tuple[datetime, datetime]:
    """The first moment of `since` and the first after `until`, in the unit's zone."""
    zone = scope.zone(unit.id)
    return datetime.combine(since, time(0), zone), datetime.combine(until + timedelta(days=1), time(0), zone)


def items(code: str, unit: Unit, since: date, until: date) -> QuerySet[Item]:
    """The items that a figure counts for a unit in a period (days, both included)."""
    start, end = moments(unit, since, until)
    return Item.objects.filter(scope.items(unit), ITEMS[code].where, reported_at__gte=start, reported_at__lt=end)


# --- events -----------------------------------------------------------------------------------------


def rated() -> QuerySet[Evaluation]:
    """Every judgement that a resident gave."""
    return Evaluation.objects.filter(verdict__in=RATED)


def first_rated() -> QuerySet[Evaluation]:
    """The first judgement on each item."""
    return rated().filter(~Exists(rated().filter(item=OuterRef("item"), round__lt=OuterRef("round"))))


def last_rated() -> QuerySet[Evaluation]:
    """The judgement on each item that no later one has replaced."""
    return rated().filter(~Exists(rated().filter(item=OuterRef("item"), round__gt=OuterRef("round"))))


def _evaluations(verdict: str) -> QuerySet[Evaluation]:
    return Evaluation.objects.filter(verdict=verdict)


def _entries(*verbs: str) -> QuerySet[Entry]:
    return Entry.objects.filter(verb__in=verbs)


@dataclass(frozen=True)
class EventFigure:
    """What the list is called, and the rows that are counted (by `at`)."""

    name: str | Promise
    rows: Callable[[], QuerySet[Any]]


EVENTS: dict[str, EventFigure] = {
    "closings": EventFigure(gettext_lazy("归档"), lambda: _entries("close")),
    "decisions": EventFigure(gettext_lazy("审核结论"), lambda: _entries("approve", "return")),
    "returns": EventFigure(gettext_lazy("退回补正"), lambda: _entries("return")),
    "answers": EventFigure(gettext_lazy("居民评价"), rated),
    "satisfied": EventFigure(Verdict.SATISFIED.label, lambda: _evaluations(Verdict.SATISFIED)),
    "mostly_satisfied": EventFigure(Verdict.MOSTLY_SATISFIED.label, lambda: _evaluations(Verdict.MOSTLY_SATISFIED)),
    "unsatisfied": EventFigure(Verdict.UNSATISFIED.label, lambda: _evaluations(Verdict.UNSATISFIED)),
    "first_answers": EventFigure(gettext_lazy("首次评价"), first_rated),
    "last_answers": EventFigure(gettext_lazy("最终评价"), last_rated),
    "unrated": EventFigure(Verdict.NONE.label, lambda: _evaluations(Verdict.NONE)),
}


def events(code: str, unit: Unit, since: date, until: date) -> QuerySet[Any]:
    """The events that a figure counts for a unit in a period (days, both included)."""
    start, end = moments(unit, since, until)
    here = Item.objects.filter(scope.items(unit)).values("pk")
    return EVENTS[code].rows().filter(item__in=here, at__gte=start, at__lt=end)
