"""The list of sessions with its filters, for page, export and interface."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.core.listing import Choice, Column, Listing, Search, contains
from linbao.core.problems import Invalid
from linbao.organisation import people
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.training import quarters
from linbao.training.models import LEARNING, LEAST_MINUTES, RUNNING, Seat, Session, SessionStatus, Subject


@dataclass(frozen=True)
class QuarterFilter(Choice):
    """A quarter as `2026Q4`, of those that are offered or of any other year."""

    def clean(self, user: User, raw: str) -> date:
        try:
            return quarters.read(raw, date.min)
        except Invalid as e:
            raise ValueError("no quarter") from e

    def shown(self, user: User, value: date) -> str:
        return quarters.name(value)


class CommunityFilter(people.UnitFilter):
    """The communities where one learns or runs training."""

    def pairs(self, user: User) -> list[tuple[str, str]]:
        units = [u for c in user.rights.communities(*LEARNING, *RUNNING) if (u := tree().get(c)) is not None]
        return [(str(u.pk), u.name) for u in sorted(units, key=lambda u: u.code)[:400]]


def _count_seats(user: User, rows: list[Any], export: bool) -> None:
    """For the sheet, beside each session how many people were asked, came, and stayed long enough; one statement."""
    counted: dict[Any, dict[str, Any]] = {}
    if export:
        seats = Seat.objects.filter(session__in=[s.pk for s in rows]).order_by().values("session")
        counts = seats.annotate(
            n_asked=Count("pk"),
            n_there=Count("pk", filter=Q(signed_in_at__isnull=False)),
            n_enough=Count("pk", filter=Q(minutes__gte=LEAST_MINUTES)),
        )
        counted = {c["session"]: dict(c) for c in counts}
    for row in rows:
        row.seats_counted = counted.get(row.pk, {})


def exportable(user: User) -> QuerySet[Session]:
    """What `user` may take out: the sessions of the communities where they run training."""
    return Session.objects.filter(community__in=user.rights.communities(*RUNNING)).select_related("community")


def _subjects(row: Session) -> str:
    return _("、").join(str(Subject(v).label) for v in row.subjects)


LISTING = Listing(
    name="training",
    title=lazy("培训"),
    permission="training.see",
    export_permission="training.run",
    action="training.export",
    url="training:list",
    export_url="training:export",
    size=30,
    rows=lambda user, values: Session.objects.visible_to(user).select_related("community"),
    filters=(
        Search("q", lazy("主题或地点"), contains("title", "place"), placeholder=lazy("搜索主题或地点")),
        Choice("status", lazy("状态"), "status", every=lazy("全部状态"), options=SessionStatus.choices),
        Choice(
            "subject",
            lazy("内容类别"),
            lambda rows, value: rows.filter(subjects__contains=[value]),
            every=lazy("全部内容"),
            options=Subject.choices,
        ),
        QuarterFilter(
            "quarter",
            lazy("季度"),
            "quarter",
            every=lazy("全部季度"),
            options=lambda user: quarters.offered(user.rights.home),
        ),
        CommunityFilter(
            "unit",
            lazy("社区"),
            lambda rows, unit: rows.filter(community__in=tree().communities(unit)),
            every=lazy("全部社区"),
        ),
    ),
    columns=(
        Column("title", lazy("培训主题"), lambda s: s.title, 30),
        Column("community", lazy("社区"), lambda s: s.community.name, 16),
        Column("subjects", lazy("内容类别"), _subjects, 24),
        Column("quarter", lazy("计入季度"), lambda s: quarters.name(s.quarter), 18),
        Column("starts", lazy("开始时间"), lambda s: s.starts_at, 18, sort="starts_at"),
        Column("minutes", lazy("时长（分钟）"), lambda s: s.minutes, 8),
        Column("place", lazy("地点"), lambda s: s.place, 24),
        Column("status", lazy("状态"), lambda s: s.get_status_display(), 10),
        Column("asked", lazy("应到"), lambda s: s.seats_counted.get("n_asked", 0), 8),
        Column("there", lazy("实到"), lambda s: s.seats_counted.get("n_there", 0), 8),
        Column("enough", lazy("满 2 小时"), lambda s: s.seats_counted.get("n_enough", 0), 8),
        Column("number", lazy("文号"), lambda s: s.number, 20),
    ),
    sort="-starts",
    prepare=_count_seats,
    zone=lambda user, session: quarters.zone_of(session.community_id),
)
