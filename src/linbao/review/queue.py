"""The reviewer's queue: urgent first, then oldest; keyset pages, one statement (4.3.1, performance.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as lazy

from linbao.core import clock, text
from linbao.core.listing import Column, Flag, Listing, Search
from linbao.duties.models import Obligation
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.filters import CATEGORY, SUBCATEGORY, OfUnits
from linbao.items.models import Category, Item, Status
from linbao.organisation.models import Role, Unit, UnitKind, User
from linbao.organisation.tree import tree
from linbao.review.models import Claim

NEIGHBOURS = 300  # how far "next" looks; a longer queue starts over
COLUMNS = (
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
    "reporter_name",
    "review_due",
    "claimed_by",
    "claimed_name",
)


def waiting(user: User) -> QuerySet[Item]:
    """Items waiting for review that `user` may see as reviewer or manager, one's own among them (shown, not judged)."""
    mine = user.rights.communities(Role.REVIEWER, Role.MANAGER)
    return Item.objects.visible_to(user, within=mine).filter(community__in=mine, status=Status.SUBMITTED)


def _rows(user: User, values: Mapping[str, Any]) -> QuerySet[Any, Any]:
    """`waiting` as flat columns; what stands beside each line is looked up for those of the page alone."""
    claims = Claim.objects.filter(item=OuterRef("pk"), until__gt=clock.now()).order_by()
    rows: QuerySet[Any, Any] = (
        waiting(user)
        .annotate(
            reporter_name=Subquery(User.objects.filter(pk=OuterRef("reporter_id")).order_by().values("name")[:1]),
            review_due=Subquery(_duty().order_by().values("due_at")[:1]),
            claimed_by=Subquery(claims.values("reviewer_id")[:1]),
            claimed_name=Subquery(claims.values("reviewer__name")[:1]),
        )
        .values(*COLUMNS)
    )
    return rows


def _overdue(rows: QuerySet[Item], value: bool) -> QuerySet[Item]:
    return rows.filter(Exists(_duty().filter(due_at__lt=clock.now())))


def grids(user: User) -> list[Unit]:
    """The grids whose items the user reviews."""
    mine = user.rights.communities(Role.REVIEWER, Role.MANAGER)
    return [g for c in sorted(mine, key=str) for g in tree().children(c, UnitKind.GRID)]


LISTING = Listing(
    name="review",
    title=lazy("待审核"),
    permission="review.queue",
    export_permission="item.export",
    action="export",
    url="review:queue",
    rows=_rows,
    filters=(
        Search("reporter", lazy("报告员姓名"), "reporter__name__icontains"),
        CATEGORY,
        SUBCATEGORY,
        OfUnits("grid", lazy("网格"), "grid", every=lazy("全部网格"), units=grids),
        Flag("overdue", lazy("已超期"), _overdue),
        Flag("resubmitted", lazy("重新上报"), lambda rows, value: rows.filter(returns__gt=0)),
    ),
    columns=(
        Column("number", lazy("编号"), lambda r: r["number"], 20),
        Column("title", lazy("标题"), lambda r: text.mask_within(r["title"]), 40),
        Column("category", lazy("类别"), lambda r: Category(r["category"]).label, 14),
        Column("subcategory", lazy("子类"), lambda r: catalogue().name(r["subcategory"]), 14),
        Column("urgent", lazy("紧急"), lambda r: r["urgent"] or "", 8),
        Column("grid", lazy("网格"), lambda r: tree().name(r["grid_id"]), 14),
        Column("reporter", lazy("报告员"), lambda r: r["reporter_name"], 12),
        Column("reported", lazy("上报时间"), lambda r: r["reported_at"], 18, sort="reported_at"),
        Column("due", lazy("审核期限"), lambda r: r["review_due"], 18),
        Column("returns", lazy("退回次数"), lambda r: r["returns"], 10),
        Column("claimed", lazy("正在审核"), lambda r: r["claimed_name"], 12),
    ),
    sort=("-priority", "reported_at"),
    zone=lambda user, row: tree().setting(user.rights.home, "time_zone"),
)


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
