"""The filters of the archive: one set for page, API, export, map and saved views (2.2.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.archive.scope import is_narrow, items
from linbao.archive.statistics import counted
from linbao.core import clock, dates, text
from linbao.core.problems import Invalid
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import ENDED_STATUSES, OPEN_STATUSES, Category, Sensitivity, Source, Status
from linbao.organisation.models import User
from linbao.organisation.tree import tree

NUMBER = re.compile(r"\d{6}-\d{6}-\d{4,}")
GROUPS = {"open": gettext_lazy("未办结"), "overdue": gettext_lazy("办理超期"), "ended": gettext_lazy("已结束")}
ORDERS = {"": gettext_lazy("紧急优先、最新在前"), "oldest": gettext_lazy("最早在前"), "due": gettext_lazy("期限最近")}
VERDICTS = ("satisfied", "mostly_satisfied", "unsatisfied", "none")


@dataclass(frozen=True)
class Filters:
    """Which items to find; empty means all. `since` and `until` are days (both included) on `reported_at`."""

    q: str = ""
    category: str = ""
    subcategory: str = ""
    topic: str = ""
    status: str = ""
    unit: UUID | None = None
    reporter: UUID | None = None
    handler: UUID | None = None
    urgent: str = ""
    sensitivity: str = ""
    source: str = ""
    verdict: str = ""
    since: date | None = None
    until: date | None = None
    figure: str = ""  # a key of `counted.ITEMS`: the items that this figure counts
    person: str = ""  # a name or phone, exactly; for those who may reveal it
    sort: str = ""

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Filters:
        """From a query string or a saved view; other parameters are ignored. Raises `Invalid` with a message for each
        invalid value."""
        values: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for field in fields(cls):
            raw = text.clean(str(params.get(field.name) or ""))[:100]
            if not raw:
                continue
            try:
                values[field.name] = _read(field.name, raw)
            except ValueError:
                errors[field.name] = [_("“%(value)s”不是有效的筛选条件。") % {"value": raw[:40]}]
        if values.get("since") and values.get("until") and values["since"] > values["until"]:
            errors["until"] = [_("结束日期不能早于开始日期。")]
        if errors:
            raise Invalid(_("有筛选条件无法识别，请修改后重试。"), errors)
        result = cls(**values)
        if result.subcategory and result.category and not result.subcategory.startswith(f"{result.category}."):
            result = replace(result, subcategory="")  # the category was changed after the subcategory
        return result

    def query(self, **changes: Any) -> str:
        """As a query string, without what is empty."""
        values = asdict(replace(self, **changes))
        return urlencode({k: v for k, v in values.items() if v})

    @property
    def active(self) -> bool:
        """Whether anything is filtered."""
        return any(v for k, v in asdict(self).items() if k != "sort")

    def narrow(self, user: User) -> tuple[Q, frozenset[UUID]]:
        """The condition on items, and the communities that can hold a match: the units' part of it."""
        where, scope = Q(), user.rights.communities()
        for name in ("category", "subcategory", "topic", "sensitivity", "source", "verdict"):
            if value := getattr(self, name):
                where &= Q(**{name: value})
        if self.status in GROUPS:
            where &= Q(status__in=ENDED_STATUSES if self.status == "ended" else OPEN_STATUSES)
            if self.status == "overdue":
                where &= Q(status=Status.HANDLING, due_at__lt=clock.now())
        elif self.status:
            where &= Q(status=self.status)
        if self.urgent:
            where &= Q(urgent=self.urgent == "1")
        if self.reporter:
            where &= Q(reporter_id=self.reporter)
        if self.handler:
            where &= Q(handler_id=self.handler)
        if self.figure:
            where &= counted.ITEMS[self.figure].where
        if self.unit:
            unit = tree().get(self.unit)
            if unit is None:
                raise Invalid(fields={"unit": [_("没有这个单位。")]})
            scope &= tree().communities(unit.id)
            if is_narrow(unit):
                where &= items(unit)
        zone = clock.zone(tree().setting(self.unit or user.rights.home, "time_zone"))
        if self.since:
            where &= Q(reported_at__gte=datetime.combine(self.since, time(0), zone))
        if self.until:
            where &= Q(reported_at__lt=datetime.combine(self.until + timedelta(days=1), time(0), zone))
        return where, scope


def _read(name: str, raw: str) -> Any:
    if name in ("unit", "reporter", "handler"):
        return UUID(raw)
    if name in ("since", "until"):
        return dates.day(raw, 1990, 2200)
    if name == "subcategory":
        if raw not in catalogue().subcategories:
            rows = [code for code in catalogue().subcategories if code.partition(".")[2] == raw]
            return rows[0] if len(rows) == 1 else _refuse()
        return raw
    allowed: dict[str, Any] = {
        "category": Category.values,
        "status": [*Status.values, *GROUPS],
        "sensitivity": Sensitivity.values,
        "source": Source.values,
        "verdict": VERDICTS,
        "sort": ORDERS,
        "urgent": ("1", "0"),
        "figure": counted.ITEMS,
    }
    if name == "urgent":
        raw = {"true": "1", "false": "0", "yes": "1", "no": "0"}.get(raw.lower(), raw)
    if name in allowed and raw not in allowed[name]:
        raise ValueError
    return raw


def _refuse() -> Any:
    raise ValueError
