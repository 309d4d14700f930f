"""The board of items in handling: whose, by when, what is overdue (4.3.2). One statement a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linbao.core import clock
from linbao.core.listing import Column, Listing, Search, Tab
from linbao.handling.models import Extension, Supervision, Verdict
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.filters import CATEGORY, SUBCATEGORY, OfUnits
from linbao.items.models import Category, Item, Status
from linbao.organisation.models import Role, Unit, UnitKind, User
from linbao.organisation.tree import tree


@dataclass(frozen=True)
class BoardTab(Tab):
    """One of the tabs that the person has anything to do with."""

    def clean(self, user: User, raw: str) -> str:
        offered = [t.code for t in tabs(user)]
        return raw if raw in offered else offered[0] if offered else ""


@dataclass(frozen=True)
class View:
    """A view of the board. `moment` orders it: the limit for handling, else when it was reported."""

    code: str
    name: str | Promise
    roles: tuple[str, ...]
    moment: str = "reported_at"


TABS = (
    View("mine", _("我的"), (Role.HANDLER,), "due_at"),
    View("unit", _("本单位"), (Role.HANDLER,), "due_at"),
    View("assign", _("待交办"), (Role.REVIEWER, Role.MANAGER)),
    View("handling", _("办理中"), (Role.REVIEWER, Role.MANAGER), "due_at"),
    View("overdue", _("已超期"), (Role.REVIEWER, Role.MANAGER, Role.HANDLER), "due_at"),
    View("supervised", _("督办中"), (Role.REVIEWER, Role.MANAGER, Role.HANDLER), "due_at"),
    View("extension", _("延期待批"), (Role.REVIEWER, Role.MANAGER), "due_at"),
    View("inform", _("待反馈"), (Role.REPORTER, Role.GROUP_LEADER, Role.MANAGER)),
    View("evaluate", _("待评价"), (Role.REPORTER, Role.GROUP_LEADER, Role.MANAGER)),
    View("decide", _("待决定"), (Role.MANAGER,)),
    View("settled", _("待归档"), (Role.REVIEWER, Role.MANAGER)),
)


def tabs(user: User) -> list[View]:
    """The tabs that this person has anything to do with."""
    return [t for t in TABS if user.rights.has(*t.roles)]


def _of_tab(user: User, code: str) -> QuerySet[Item]:
    """The items of a tab."""
    matches = Item.objects.visible_to(user)
    if not code:
        return matches.none()
    handling = Q(status=Status.HANDLING)
    match code:
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
            status = Status.RESOLVED if code == "inform" else Status.INFORMED
            matches = matches.filter(status=status)
            if not user.rights.has(Role.MANAGER):
                matches = matches.filter(Q(reporter=user) | Q(work_group__in=user.rights.units(Role.GROUP_LEADER)))
        case "decide":
            matches = matches.filter(status=Status.EVALUATED, verdict=Verdict.UNSATISFIED)
        case "settled":
            matches = matches.filter(status=Status.EVALUATED)
    return matches


def _rows(user: User, values: Mapping[str, Any]) -> QuerySet[Any, Any]:
    """The lines of a tab as flat columns, with the names and marks beside them. One statement."""
    rows: QuerySet[Any, Any] = (
        _of_tab(user, values["tab"])
        .annotate(
            handler_name=_person("handler_id"),
            reporter_name=_person("reporter_id"),
            pressed=Exists(_pressed()),
            asked=Exists(_asked()),
        )
        .values(*COLUMNS)
    )
    return rows


COLUMNS = (
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
)


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


def _units(user: User) -> list[Unit]:
    """Departments and communities that handle what the user may see."""
    reached = user.rights.communities()
    kinds = (UnitKind.DEPARTMENT, UnitKind.COMMUNITY)
    return [u for u in tree().by_id.values() if u.kind in kinds and tree().communities(u.id) & reached]


def _grids(user: User) -> list[Unit]:
    return [g for c in sorted(user.rights.communities(), key=str) for g in tree().children(c, UnitKind.GRID)]


def _order(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Urgent first, then the nearest limit, or the longest wait."""
    return ("-priority", next((t.moment for t in TABS if t.code == values["tab"]), "reported_at"))


LISTING = Listing(
    name="handling",
    title=_("办理"),
    action="export",
    export_permission="item.export",
    url="handling:list",
    export_url="handling:export",
    rows=_rows,
    filters=(
        Search("q", _("标题或编号"), lambda rows, q: rows.filter(Q(title__icontains=q) | Q(number=q))),
        BoardTab("tab", _("范围"), options=lambda user: [(t.code, t.name) for t in tabs(user)]),
        CATEGORY,
        SUBCATEGORY,
        OfUnits("unit", _("办理单位"), "handling_unit", every=_("全部单位"), units=_units),
        OfUnits("grid", _("网格"), "grid", every=_("全部网格"), units=_grids),
    ),
    columns=(
        Column("number", _("编号"), lambda r: r["number"], 20),
        Column("title", _("标题"), lambda r: r["title"], 40),
        Column("category", _("类别"), lambda r: Category(r["category"]).label, 14),
        Column("subcategory", _("子类"), lambda r: catalogue().name(r["subcategory"]), 14),
        Column("status", _("状态"), lambda r: Status(r["status"]).label, 12),
        Column("urgent", _("紧急"), lambda r: r["urgent"] or "", 8),
        Column("grid", _("网格"), lambda r: tree().name(r["grid_id"]), 14),
        Column("unit", _("办理单位"), lambda r: tree().name(r["handling_unit_id"]), 18),
        Column("handler", _("办理人"), lambda r: r["handler_name"], 12),
        Column("reporter", _("报告员"), lambda r: r["reporter_name"], 12),
        Column("reported", _("上报时间"), lambda r: r["reported_at"], 18, sort="reported_at"),
        Column("due", _("办理期限"), lambda r: r["due_at"], 18),
        Column("verdict", _("评价"), lambda r: Verdict(r["verdict"]).label if r["verdict"] else "", 12),
    ),
    sort=_order,
    zone=lambda user, row: tree().setting(user.rights.home, "time_zone"),
)
