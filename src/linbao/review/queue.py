"""The reviewer's queue: urgent first, then oldest; keyset pages, one statement (4.3.1, performance.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from linbao.core import clock, keyset
from linbao.core.http import as_uuid
from linbao.duties.models import Obligation
from linbao.items.models import Category, Item, Status
from linbao.organisation.models import Role, User
from linbao.review.models import Claim

PAGE = 50
NEIGHBOURS = 300  # how far "next" looks; a longer queue starts over


_COLUMNS = (
    "id",
    "number",
    "title",
    "category",
    "subcategory",
    "urgent",
    "grid_id",
    "reported_at",
    "returns",
    "reporter_id",
    "priority",
)
_NAMES = (*_COLUMNS, "reporter", "due_at", "claimant_id", "claimant")
# The page is chosen first; what stands beside each line is looked up for these fifty only.
_PAGE = """
    SELECT i.*, r.name, d.due_at, c.reviewer_id, h.name
      FROM ({lines}) i JOIN organisation_user r ON r.id = i.reporter_id
      LEFT JOIN LATERAL (SELECT o.due_at FROM duties_obligation o WHERE o.subject_id = i.id AND o.kind = 'review'
                            AND o.met_at IS NULL AND o.waived_at IS NULL LIMIT 1) d ON TRUE
      LEFT JOIN review_claim c ON c.item_id = i.id AND c.until > %s
      LEFT JOIN organisation_user h ON h.id = c.reviewer_id
     ORDER BY i.priority DESC, i.reported_at, i.id
"""


@dataclass(frozen=True)
class Row:
    """One line of the queue, from flat columns."""

    id: UUID
    number: str
    title: str
    category: str
    subcategory: str
    urgent: bool
    grid_id: UUID | None
    reporter: str
    reported_at: datetime
    returns: int
    due_at: datetime | None
    claimed_by: str
    claimed_by_me: bool
    own: bool


def waiting(user: User) -> QuerySet[Item]:
    """Items waiting for review that `user` may see as reviewer or manager, one's own among them (shown, not judged)."""
    mine = user.rights.communities(Role.REVIEWER, Role.MANAGER)
    return Item.objects.visible_to(user, within=mine).filter(community__in=mine, status=Status.SUBMITTED)


def filtered(user: User, given: Mapping[str, str]) -> QuerySet[Item]:
    """`waiting` cut down by category, subcategory, grid, reporter (part of the name), overdue."""
    rows = waiting(user)
    if given.get("category") in Category.values:
        rows = rows.filter(category=given["category"])
    if given.get("subcategory"):
        rows = rows.filter(subcategory=given["subcategory"][:40])
    if grid := as_uuid(given.get("grid", "")):
        rows = rows.filter(grid=grid)
    if name := given.get("reporter", "").strip()[:40]:
        rows = rows.filter(reporter__name__icontains=name)
    if given.get("overdue"):
        rows = rows.filter(Exists(_duty().filter(due_at__lt=clock.now())))
    if given.get("resubmitted"):
        rows = rows.filter(returns__gt=0)
    return rows


def page(user: User, given: Mapping[str, str]) -> tuple[list[Row], str | None]:
    """Fifty lines after the `cursor` given, and the cursor of the next page. One statement."""
    rows = filtered(user, given)
    rows = keyset.after(rows, "reported_at", given.get("cursor", ""))
    lines, values = rows.values_list(*_COLUMNS)[: PAGE + 1].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.format(lines=lines), [*values, clock.now()])
        result = cursor.fetchall()
    shown = [dict(zip(_NAMES, row, strict=True)) for row in result[:PAGE]]
    following = keyset.cursor(shown[-1], "reported_at") if len(result) > PAGE else None
    me = user.pk
    return [
        Row(
            id=r["id"],
            number=r["number"] or "",
            title=r["title"],
            category=r["category"],
            subcategory=r["subcategory"],
            urgent=r["urgent"],
            grid_id=r["grid_id"],
            reporter=r["reporter"],
            reported_at=r["reported_at"],
            returns=r["returns"],
            due_at=r["due_at"],
            claimed_by=r["claimant"] or "",
            claimed_by_me=r["claimant_id"] == me,
            own=r["reporter_id"] == me,
        )
        for r in shown
    ], following


@dataclass(frozen=True)
class Place:
    """Where an item stands in the queue: its number in it (0: not in it), how many, and who is before and after."""

    number: int
    count: int
    before: UUID | None
    after: UUID | None


def place(user: User, item_id: UUID | None) -> Place:
    """The place of an item among those that `user` may judge and nobody else has taken. One statement."""
    taken = Claim.objects.filter(item=OuterRef("pk"), until__gt=clock.now()).exclude(reviewer=user)
    ids = list(
        waiting(user)
        .exclude(reporter=user)
        .filter(~Exists(taken))
        .order_by("-priority", "reported_at", "id")
        .values_list("pk", flat=True)[:NEIGHBOURS]
    )
    if item_id not in ids:
        return Place(0, len(ids), None, ids[0] if ids else None)
    at = ids.index(item_id)
    return Place(at + 1, len(ids), ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None)


def _duty() -> QuerySet[Obligation]:
    return Obligation.objects.open().filter(kind="review", subject_id=OuterRef("pk"))
