"""One inspection of a unit: the period, the facts that are read for it, and how a duty's state follows from them
(design §1).

The unit is asked, not the reader: states and figures are the same for all who may open the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.archive import scope
from linbao.archive.statistics import counted, rollups
from linbao.core import clock, dates
from linbao.core.figures import COMPLIANCE, figure
from linbao.core.problems import Invalid, NotAllowed
from linbao.documents.models import Seal
from linbao.duties.models import Obligation, State, conditions
from linbao.emergencies.models import UrgentReport, UrgentVersion
from linbao.items.models import Category
from linbao.organisation.models import Unit, UnitKind, User
from linbao.organisation.tree import tree

MET, LATE, OWED, OVERDUE, NONE = "met", "late", "owed", "overdue", "none"
STATES: dict[str, tuple[str | Promise, str]] = {
    MET: (gettext_lazy("按时完成"), "done"),
    LATE: (gettext_lazy("迟办"), "warn"),
    OWED: (gettext_lazy("待办"), "wait"),
    OVERDUE: (gettext_lazy("超期"), "bad"),
    NONE: (gettext_lazy("无义务"), "neutral"),
}
ORDER = (OVERDUE, OWED, LATE, MET, NONE)  # what a clause or duty is called that has several
CHAPTERS = {
    "1": gettext_lazy("总则"),
    "2": gettext_lazy("报告员职责"),
    "3": gettext_lazy("报告内容及要求"),
    "4": gettext_lazy("信息报告流程"),
    "5": gettext_lazy("培训与管理"),
    "6": gettext_lazy("信息安全与保密"),
    "7": gettext_lazy("奖励与惩罚"),
}
# What the numbers of a duty are called; a list of duties knows each state by the same name.
COUNTS: dict[State, str | Promise] = {
    State.MET: gettext_lazy("按时 %(n)d"),
    State.LATE: gettext_lazy("迟办 %(n)d"),
    State.MISSED: gettext_lazy("漏办 %(n)d"),
    State.OVERDUE: gettext_lazy("超期未办 %(n)d"),
    State.OPEN: gettext_lazy("待办 %(n)d"),
    State.WAIVED: gettext_lazy("免除 %(n)d"),
}

MOST_POINTLESS = 1000


@dataclass(frozen=True)
class Behind:
    """The rows behind a number for which no list of its own exists. `at` names their moment, `visible` gives the rows
    of the model that a reader may see, `label` says what one of those is, `page` the route that opens it by its id."""

    rows: QuerySet[Any]
    at: str
    label: Callable[[Any], str]
    visible: Callable[[User], QuerySet[Any]]
    page: str = ""


@dataclass(frozen=True)
class Number:
    """A figure as a phrase, with the rows that it counts: `url` of a list that gives exactly those, or `behind`."""

    label: str
    url: str = ""
    bad: bool = False
    behind: Behind | None = None


@dataclass(frozen=True)
class Finding:
    """The state of a duty, and the figures that prove it."""

    state: str
    numbers: Sequence[Number]


Fact = Callable[["Facts"], Finding]


def finding(state: str, *numbers: Number) -> Finding:
    """A state with its numbers."""
    return Finding(state, numbers)


@dataclass(frozen=True)
class Duty:
    """What a clause asks: of whom, and where it is seen. `kinds` are obligations that prove it; `fact` reads figures
    when no obligation does."""

    what: str | Promise
    who: str | Promise
    rhythm: str | Promise
    kinds: tuple[str, ...] = ()
    fact: Fact | None = None


@dataclass
class Period:
    """Days, both included, of the unit's zone."""

    since: date
    until: date
    name: str


@dataclass
class Facts:
    """What one inspection of a unit reads, once for all clauses; `user` decides links alone, never a figure."""

    user: User
    unit: UUID
    period: Period
    sums: dict[str, dict[str, int]] = field(default_factory=dict)  # category → figures
    duties: dict[str, dict[str, int]] = field(default_factory=dict)  # kind → states
    urgent_reviews: dict[str, int] = field(default_factory=dict)  # states
    unclassified: int = 0
    pointless: int = 0
    written: int = 0  # versions of urgent reports
    sealed: int = 0
    unsealed: int = 0  # although their writer had a seal

    @property
    def place(self) -> Unit:
        """The unit itself."""
        return tree().by_id[self.unit]

    @property
    def communities(self) -> frozenset[UUID]:
        """The unit's own communities; none for a part of a community."""
        return scope.communities(self.place)

    @property
    def units(self) -> frozenset[UUID]:
        """The unit with what lies below it."""
        return tree().within(self.unit)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The first moment of the period and the first after it, in the unit's zone."""
        return span(self.period, self.unit)

    def during(self, name: str) -> Q:
        """The condition that the moment `name` lies in the period."""
        start, end = self.span
        return Q(**{f"{name}__gte": start, f"{name}__lt": end})

    def link(self, href: str, perm: str) -> str:
        """`href` for who may open it, which `perm` says; else nothing: who inspects does not see every room."""
        return href if self.user.has_perm(perm) else ""

    def items(self, **filters: Any) -> str:
        """The address of the archive with the items of the period that `filters` name."""
        asked = {"unit": self.unit, "since": self.period.since, "until": self.period.until, **filters}
        return self.link("/archive/?" + urlencode(asked), "archive.view")

    def list_of(self, **filters: Any) -> str:
        """The address of the list of duties of the period."""
        return "/compliance/duties/?" + urlencode(
            {"unit": self.unit, "since": self.period.since, "until": self.period.until, **filters}
        )

    def count(self, name: str, *categories: str) -> int:
        """A sum of items, over `categories` or all."""
        return sum(self.sums.get(c, {}).get(name, 0) for c in (categories or Category.values))


def period_of(value: str, since: str, until: str) -> Period:
    """`2026Q4`, `2026-11`, or two days; this quarter without. Raises `Invalid`."""
    today = clock.today()
    try:
        if since or until:
            first = dates.day(since, 1990, 2200) if since else today.replace(day=1)
            last = dates.day(until, 1990, 2200) if until else today
            if first > last:
                raise ValueError
            return Period(first, last, f"{first:%Y-%m-%d} — {last:%Y-%m-%d}")
        if not value:
            value = f"{today.year}Q{(today.month + 2) // 3}"
        year = int(value[:4])
        if not 1990 <= year <= 2200:
            raise ValueError
        if value[4] == "Q" and value[5:] in ("1", "2", "3", "4"):
            quarter = int(value[5:])
            first = date(year, 3 * quarter - 2, 1)
            after = date(year + quarter // 4, 3 * quarter % 12 + 1, 1)
            return Period(first, after - timedelta(days=1), _("%(y)d 年第 %(q)d 季度") % {"y": year, "q": quarter})
        if value[4] != "-":
            raise ValueError
        first = date(year, int(value[5:]), 1)
        after = date(year + first.month // 12, first.month % 12 + 1, 1)
        return Period(first, after - timedelta(days=1), _("%(y)d 年 %(m)d 月") % {"y": year, "m": first.month})
    except (ValueError, IndexError) as e:
        raise Invalid(fields={"period": [_("无法识别这个期间，请重新选择。")]}) from e


def unit_of(user: User, value: str) -> UUID:
    """The unit asked for; the widest that this person can see without. Raises `NotAllowed`, `Invalid`."""
    units, scope = tree(), user.rights.communities()
    if value:
        try:
            unit = units.get(UUID(value))
        except ValueError:
            unit = None
        if unit is None:
            raise Invalid(fields={"unit": [_("没有这个单位。")]})
        if not units.communities(unit.id) <= scope or not scope:
            raise NotAllowed(_("您无权查看这个单位。"))
        return unit.id
    home = user.rights.home
    if home is None:
        raise NotAllowed(_("您没有可以查看的单位。"))
    # The widest that is all theirs; a district of one community is shown as that community.
    return next(
        (
            u.id
            for u in reversed(units.line(home))
            if units.communities(u.id) <= scope and len(units.communities(u.id)) > 1
        ),
        home,
    )


def span(period: Period, unit_id: UUID) -> tuple[datetime, datetime]:
    """The first moment of the period and the first after it, in the unit's zone."""
    return counted.moments(tree().by_id[unit_id], period.since, period.until)


def read(user: User, unit_id: UUID, period: Period) -> Facts:
    """The facts of one unit and period; a constant number of statements."""
    rollups.begun()
    f = Facts(user, unit_id, period)
    unit = f.place
    _read_items(f, unit)
    f.duties = _states_by_kind(scope.obligations(unit).filter(f.during("due_at")))
    if f.count("urgent"):
        result = _states_by_kind(urgent_reviews(f))
        f.urgent_reviews = result.get("review", {})
    f.written, f.sealed, f.unsealed = (
        written_versions(f)
        .order_by()
        .aggregate(
            written=Count("pk"),
            sealed=Count("pk", filter=Q(seal__isnull=False)),
            unsealed=Count("pk", filter=seal_left()),
        )
        .values()
    )
    return f


def _read_items(f: Facts, unit: Unit) -> None:
    """The sums of items by category: of a community or a part of it counted now, of wider units as stored."""
    names = ("submitted", "returned", "urgent")
    filed = counted.items("submitted", unit, f.period.since, f.period.until)
    if scope.is_narrow(unit) or unit.kind == UnitKind.COMMUNITY:
        counts = {name: Count("pk", filter=counted.ITEMS[name].where) for name in (*names, "unclassified", "pointless")}
        for category, *values in filed.order_by().values_list("category").annotate(**counts):
            sums = dict(zip(counts, values, strict=True))
            f.unclassified += sums.pop("unclassified")
            f.pointless += sums.pop("pointless")
            f.sums[category] = sums
        return
    for row in rollups.read(unit, f.period.since, f.period.until):
        sums = f.sums.setdefault(row[1], dict.fromkeys(names, 0))
        for name in names:
            sums[name] += row[3 + rollups.SUMS.index(name)]
        f.unclassified += row[3] if not row[2] else 0
    lacking = counted.items("pointless", unit, f.period.since, f.period.until)
    f.pointless = len(lacking.order_by().values_list("pk")[: MOST_POINTLESS + 1])


@figure(
    "c-states",
    COMPLIANCE,
    gettext_lazy("义务的状态"),
    gettext_lazy(
        "期限落在期间内的义务，每一项只属于一种：按时（完成不晚于期限）、迟办（完成晚于期限，不算按时）、待办（未到期限）、超期未办、漏办、"
        "免除。单位的义务：社区及以上为其各社区的；网格为该网格条目的和在该网格任报告员者本人的；工作小组为小组和成员的；办理部门为该部门的"
    ),
    unit=gettext_lazy("项"),
    source=gettext_lazy("义务"),
    clause="1.3.2",
)
def _states_by_kind(rows: QuerySet[Obligation]) -> dict[str, dict[str, int]]:
    """How many of each kind are in each state."""
    counts = {str(state): Count("pk", filter=where) for state, where in conditions().items()}
    grouped = rows.order_by().values_list("kind").annotate(**counts)
    return {kind: dict(zip(counts, values, strict=True)) for kind, *values in grouped}


def urgent_reviews(f: Facts) -> QuerySet[Obligation]:
    """The duties to review the urgent items of the period."""
    urgent = counted.items("urgent", f.place, f.period.since, f.period.until)
    return Obligation.objects.filter(kind="review", subject_type="items.item", subject_id__in=urgent.values("pk"))


def written_versions(f: Facts) -> QuerySet[UrgentVersion]:
    """The written versions of urgent reports that were written in the period."""
    return UrgentVersion.objects.filter(
        f.during("written_at"), report__in=UrgentReport.objects.filter(scope.urgent_reports(f.place))
    ).select_related("report")


def seal_left() -> Q:
    """Unsealed, although their writer had a seal at the time."""
    return Q(seal__isnull=True) & Q(Exists(Seal.objects.kept_at(OuterRef("by"), OuterRef("written_at"))))


@figure(
    "c-clause",
    COMPLIANCE,
    gettext_lazy("条款的状态"),
    gettext_lazy(
        "取其各项职责中最要紧的：有超期未办或漏办的为超期；否则有待办的为待办；否则有迟办的为迟办；全部按时的为按时完成；没有应办事项"
        "（或都已免除）的为无义务。对同一单位和期间，所有读者看到的相同"
    ),
    unit=gettext_lazy("条款"),
    source=gettext_lazy("义务、条目、时间线、审计日志"),
    clause="1.3.2",
)
def state_of(sums: Mapping[State, int] | Mapping[str, int]) -> str:
    """The state of a duty with these numbers of obligations by state."""
    if sums.get(State.OVERDUE) or sums.get(State.MISSED):
        return OVERDUE
    if sums.get(State.OPEN):
        return OWED
    if sums.get(State.LATE):
        return LATE
    return MET if sums.get(State.MET) else NONE
