"""The board of what is being handled: whose, by when, what burns (4.3.2). One statement a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, keyset
from linbao.core.http import as_uuid
from linbao.handling.models import Extension, Supervision, Verdict
from linbao.items.models import Category, Item, Status
from linbao.organisation.models import Role, User

PAGE = 50
MOST_EXPORTED = 5000


@dataclass(frozen=True)
class Tab:
    """A view of the board. `moment` orders it: the limit for handling, else when it was reported."""

    code: str
    name: str | Promise
    roles: tuple[str, ...]
    moment: str = "reported_at"


TABS = (
    Tab("mine", _("我的"), (Role.HANDLER,), "due_at"),
    Tab("unit", _("本单位"), (Role.HANDLER,), "due_at"),
    Tab("assign", _("待交办"), (Role.REVIEWER, Role.MANAGER)),
    Tab("handling", _("办理中"), (Role.REVIEWER, Role.MANAGER), "due_at"),
    Tab("overdue", _("已超期"), (Role.REVIEWER, Role.MANAGER, Role.HANDLER), "due_at"),
    Tab("supervised", _("督办中"), (Role.REVIEWER, Role.MANAGER, Role.HANDLER), "due_at"),
    Tab("extension", _("延期待批"), (Role.REVIEWER, Role.MANAGER), "due_at"),
    Tab("inform", _("待反馈"), (Role.REPORTER, Role.GROUP_LEADER, Role.MANAGER)),
    Tab("evaluate", _("待评价"), (Role.REPORTER, Role.GROUP_LEADER, Role.MANAGER)),
    Tab("decide", _("待决定"), (Role.MANAGER,)),
    Tab("settled", _("待归档"), (Role.REVIEWER, Role.MANAGER)),
)


def tabs(user: User) -> list[Tab]:
    """The tabs that this person has anything to do with."""
    return [t for t in TABS if user.rights.has(*t.roles)]


@dataclass(frozen=True)
class Row:
    """One line of the board, from flat columns."""

    id: UUID
    number: str
    title: str
    category: str
    subcategory: str
    status: str
    urgent: bool
    grid_id: UUID | None
    unit_id: UUID | None
    handler: str
    reporter: str
    reported_at: datetime
    due_at: datetime | None
    verdict: str
    round: int
    supervised: bool
    extension: bool


def rows(user: User, tab: Tab, given: Mapping[str, str]) -> QuerySet[Item]:
    """What a tab holds, cut down by category, subcategory, unit, grid and words of title or number."""
    matches = Item.objects.visible_to(user)
    handling = Q(status=Status.HANDLING)
    match tab.code:
        case "mine":
            matches = matches.filter(handling & (Q(handler=user) | Q(assistants__contains=[user.pk])))
        case "unit":
            matches = matches.filter(handling, handling_unit__in=user.rights.units(Role.HANDLER))
        case "assign":
            matches = matches.filter(status=Status.APPROVED)
        case "handling":
            matches = matches.filter(handling)
        case "overdue":
            matches = matches.filter(handling, due_at__lt=clock.now())
        case "supervised":
            matches = matches.filter(handling & Exists(_pressed()))
        case "extension":
            matches = matches.filter(handling & Exists(_asked()))
        case "inform" | "evaluate":
            status = Status.RESOLVED if tab.code == "inform" else Status.INFORMED
            matches = matches.filter(status=status)
            if not user.rights.has(Role.MANAGER):
                matches = matches.filter(Q(reporter=user) | Q(work_group__in=user.rights.units(Role.GROUP_LEADER)))
        case "decide":
            matches = matches.filter(status=Status.EVALUATED, verdict=Verdict.UNSATISFIED)
        case "settled":
            matches = matches.filter(status=Status.EVALUATED)
    if given.get("category") in Category.values:
        matches = matches.filter(category=given["category"])
    if given.get("subcategory"):
        matches = matches.filter(subcategory=given["subcategory"][:40])
    if unit := as_uuid(given.get("unit", "")):
        matches = matches.filter(handling_unit=unit)
    if grid := as_uuid(given.get("grid", "")):
        matches = matches.filter(grid=grid)
    if terms := given.get("q", "").strip()[:60]:
        matches = matches.filter(Q(title__icontains=terms) | Q(number=terms))
    return matches


def page(user: User, tab: Tab, given: Mapping[str, str], *, size: int = PAGE) -> tuple[list[Row], str | None]:
    """`size` lines after the `cursor` given, and the cursor of the next page."""
    matches = list(
        keyset.after(rows(user, tab, given), tab.moment, given.get("cursor", ""))
        .annotate(
            handler_name=_person("handler_id"),
            reporter_name=_person("reporter_id"),
            pressed=Exists(_pressed()),
            asked=Exists(_asked()),
        )
        .values(
            "id",
            "number",
            "title",
            "category",
            "subcategory",
            "status",
            "urgent",
            "grid_id",
            "handling_unit_id",
            "handler_name",
            "reporter_name",
            "reported_at",
            "due_at",
            "verdict",
            "round",
            "pressed",
            "asked",
            "priority",
        )[: size + 1]
    )
    shown = matches[:size]
    following = keyset.cursor(shown[-1], tab.moment) if len(matches) > size else None
    return [
        Row(
            id=r["id"],
            number=r["number"] or "",
            title=r["title"],
            category=r["category"],
            subcategory=r["subcategory"],
            status=r["status"],
            urgent=r["urgent"],
            grid_id=r["grid_id"],
            unit_id=r["handling_unit_id"],
            handler=r["handler_name"] or "",
            reporter=r["reporter_name"],
            reported_at=r["reported_at"],
            due_at=r["due_at"],
            verdict=r["verdict"],
            round=r["round"],
            supervised=r["pressed"],
            extension=r["asked"],
        )
        for r in shown
    ], following


def _person(column: str) -> Subquery:
    """A name beside each of the fifty rows: joined, the planner would sort before it cuts."""
    return Subquery(User.objects.filter(pk=OuterRef(column)).order_by().values("name")[:1])


def _pressed() -> QuerySet[Supervision]:
    return Supervision.objects.filter(
        assignment__item=OuterRef("pk"), assignment__ended_at__isnull=True, answered_at__isnull=True
    )


def _asked() -> QuerySet[Extension]:
    return Extension.objects.filter(
        assignment__item=OuterRef("pk"), assignment__ended_at__isnull=True, granted__isnull=True
    )
