"""The list of sessions with its filters, for page, export and interface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.listing import Cursor
from linbao.core.problems import Invalid
from linbao.organisation.models import User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.training import quarters
from linbao.training.models import LEAST_MINUTES, RUNNING, Session, SessionQuerySet, SessionStatus, Subject

PAGE = 30
ORDERS = {"": Cursor("starts_at"), "-starts": Cursor("starts_at"), "starts": Cursor("starts_at", descending=False)}
WIDTHS = (30, 16, 24, 18, 18, 8, 24, 10, 8, 8, 8, 20)


@dataclass(frozen=True)
class Filters:
    """What to look for; empty means all."""

    q: str = ""
    status: str = ""
    subject: str = ""
    quarter: date | None = None
    unit: UUID | None = None
    sort: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Filters:
        """From a query string; raises `Invalid` with a message for each value that is none."""
        typed = {
            n: text.clean(str(given.get(n) or ""))[:60] for n in ("q", "status", "subject", "quarter", "unit", "sort")
        }
        errors = {
            n: [_("“%(value)s”不是有效的筛选条件。") % {"value": typed[n][:40]}]
            for n, known in (("status", SessionStatus.values), ("subject", Subject.values), ("sort", ORDERS))
            if typed[n] and typed[n] not in known
        }
        quarter, unit = None, None
        try:
            quarter = quarters.read(typed["quarter"], date.min) if typed["quarter"] else None
        except Invalid as e:
            errors |= e.fields
        try:
            unit = UUID(typed["unit"]) if typed["unit"] else None
        except ValueError:
            errors["unit"] = [_("没有这个单位。")]
        if errors:
            raise Invalid(_("有筛选条件无法识别，请修改后重试。"), errors)
        return cls(typed["q"], typed["status"], typed["subject"], quarter, unit, typed["sort"])

    @property
    def active(self) -> bool:
        return any((self.q, self.status, self.subject, self.quarter, self.unit))

    def apply(self, rows: SessionQuerySet) -> SessionQuerySet:
        """`rows` narrowed; order and page are the cursor's."""
        if self.q:
            rows = rows.filter(Q(title__icontains=self.q) | Q(place__icontains=self.q))
        if self.status:
            rows = rows.filter(status=self.status)
        if self.subject:
            rows = rows.filter(subjects__contains=[self.subject])
        if self.quarter:
            rows = rows.filter(quarter=self.quarter)
        if self.unit:
            rows = rows.filter(community__in=tree().communities(self.unit))
        return rows


def page(user: User, filters: Filters, cursor: str, size: int = PAGE) -> tuple[list[Session], str | None]:
    """A page of the sessions that `user` may see; one statement."""
    rows = filters.apply(Session.objects.visible_to(user)).select_related("community")
    return ORDERS[filters.sort].page(rows, cursor, size)


def header() -> list[str]:
    return [
        _("培训主题"),
        _("社区"),
        _("内容类别"),
        _("计入季度"),
        _("开始时间"),
        _("时长（分钟）"),
        _("地点"),
        _("状态"),
        _("应到"),
        _("实到"),
        _("满 2 小时"),
        _("文号"),
    ]


def begin_export(user: User, filters: Filters) -> None:
    """Only for who plans and runs; on the audit log. Raises `NotAllowed`."""
    allow(user, "training.run")
    details = {
        "status": filters.status,
        "subject": filters.subject,
        "unit": str(filters.unit or ""),
        "quarter": quarters.code(filters.quarter) if filters.quarter else "",
    }
    audit.record(user, "training.export", unit_id=user.rights.home, filters=details, searched=bool(filters.q))


def lines(user: User, filters: Filters) -> Iterator[list[str]]:
    """The rows of the export, read page by page; of the communities where `user` runs training."""
    rows = filters.apply(Session.objects.filter(community__in=user.rights.communities(*RUNNING)))
    rows = rows.select_related("community").annotate(
        asked=Count("seats"),
        there=Count("seats", filter=Q(seats__signed_in_at__isnull=False)),
        enough=Count("seats", filter=Q(seats__minutes__gte=LEAST_MINUTES)),
    )
    cursor: str | None = ""
    while cursor is not None:
        result, cursor = ORDERS[filters.sort].page(rows, cursor, 500)
        for s in result:
            zone = quarters.zone_of(s.community_id)
            yield [
                s.title,
                s.community.name,
                _("、").join(str(Subject(v).label) for v in s.subjects),
                quarters.name(s.quarter),
                clock.local(s.starts_at, zone).strftime("%Y-%m-%d %H:%M"),
                str(s.minutes),
                s.place,
                str(s.get_status_display()),
                *(str(getattr(s, name)) for name in ("asked", "there", "enough")),
                s.number,
            ]
