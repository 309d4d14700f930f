"""The audit log by who, what, when and to what, for the page and its export (1.3.4, 6.1.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.audit import chain, services, wording
from linbao.audit.models import Block, Record, RecordQuerySet
from linbao.core import clock, dates, text
from linbao.core.listing import Cursor
from linbao.core.problems import Invalid
from linbao.organisation.models import User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree

PAGE = 50
MOST_PEOPLE = 50  # of one name
COMMAND_LINE = "-"  # in place of a name: what no person did
ORDERS = {"": Cursor("at"), "-at": Cursor("at"), "at": Cursor("at", descending=False)}
WIDTHS = (18, 12, 22, 14, 38, 18, 30, 18, 50, 8, 8, 20, 20, 20)


@dataclass(frozen=True)
class Filters:
    """What to look for; empty means all. `what` is a code or the beginning of several (`role.`)."""

    who: str = ""
    person: UUID | None = None
    what: str = ""
    subject: str = ""
    unit: UUID | None = None
    since: date | None = None
    until: date | None = None
    sort: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Filters:
        """From a query string; raises `Invalid` with a message for each value that is none."""

        def typed(name: str) -> str:
            return text.clean(str(given.get(name) or ""))[:64]

        values: dict[str, Any] = {n: typed(n) for n in ("who", "what", "subject", "sort")}
        errors: dict[str, list[str]] = {}

        def bad(name: str) -> None:
            errors[name] = [_("“%(value)s”不是有效的筛选条件。") % {"value": typed(name)[:40]}]

        if values["sort"] not in ORDERS:
            bad("sort")
        for name in ("person", "unit"):
            try:
                values[name] = UUID(typed(name)) if typed(name) else None
            except ValueError:
                bad(name)
        if values.get("unit") and tree().get(values["unit"]) is None:
            bad("unit")
        for name in ("since", "until"):
            try:
                values[name] = dates.day(typed(name), 2000, 2200) if typed(name) else None
            except ValueError:
                bad(name)
        if not errors and values["since"] and values["until"] and values["since"] > values["until"]:
            errors["until"] = [_("结束日期不能早于开始日期。")]
        if errors:
            raise Invalid(_("有筛选条件无法识别，请修改后重试。"), errors)
        return cls(**values)

    @property
    def active(self) -> bool:
        return any((self.who, self.person, self.what, self.subject, self.unit, self.since, self.until))

    def apply(self, rows: RecordQuerySet) -> RecordQuerySet:
        """`rows` narrowed; order and page are the cursor's. A name is looked up among people first, so that the
        log is asked by its index of persons."""
        if self.who == COMMAND_LINE:
            rows = rows.filter(actor_id__isnull=True)
        elif self.who:
            named = Q(name__icontains=self.who) | Q(username=self.who.lower())
            people = list(User.objects.filter(named).values_list("pk", flat=True)[:MOST_PEOPLE])
            rows = rows.filter(actor_id__in=people)
        if self.person:
            rows = rows.filter(actor_id=self.person)
        if self.what.endswith("."):
            rows = rows.filter(action__startswith=self.what)
        elif self.what:
            rows = rows.filter(action=self.what)
        if self.subject:
            kind, _colon, id_ = self.subject.rpartition(":")
            rows = rows.filter(subject_type=kind, subject_id=id_) if kind else rows.filter(subject_id=id_)
        if self.unit:
            rows = rows.filter(unit_id__in=tree().within(self.unit))
        zone = clock.zone()
        if self.since:
            rows = rows.filter(at__gte=datetime.combine(self.since, time(0), zone))
        if self.until:
            rows = rows.filter(at__lt=datetime.combine(self.until + timedelta(days=1), time(0), zone))
        return rows


def page(user: User, filters: Filters, cursor: str, size: int = PAGE) -> tuple[list[Record], str | None]:
    """A page of the log, and the cursor of the next; one statement, two where a name is looked up."""
    return ORDERS[filters.sort].page(filters.apply(Record.objects.visible_to(user)), cursor, size)


def shown(row: Record) -> dict[str, Any]:
    """A line in words; no query."""
    unit = tree().get(row.unit_id)
    return {
        "row": row,
        "actor": row.actor_name or _("命令行"),
        "action": wording.action(row.action),
        "subject": wording.subject(row.subject_type),
        "unit": unit.name if unit else "",
        "reason": text.mask_within(row.reason),
        "details": wording.details(row.data),
    }


def state() -> dict[str, Any]:
    """How the chain stands, for the head of the page; one statement."""
    newest = Block.objects.order_by("-number").only("number", "sealed_at").first()
    return {"block": newest.number if newest else 0, "sealed_at": newest.sealed_at if newest else None}


# --- taking it out --------------------------------------------------------------------------------


def header() -> list[str]:
    """The last five prove that a line stands in the chain (docs/security.md says how to check it)."""
    return [
        _("时间"),
        _("人员"),
        _("动作"),
        _("对象"),
        _("对象编号"),
        _("单位"),
        _("事由"),
        _("来源地址"),
        _("详情"),
        _("区块"),
        _("区块内序号"),
        _("记录哈希"),
        _("证明路径"),
        _("区块根"),
    ]


def begin_export(user: User, filters: Filters) -> None:
    """Ask whether `user` may take the log out, and put it on the log itself. Raises `NotAllowed`."""
    allow(user, "audit.view")
    details = {
        "what": filters.what,
        "since": str(filters.since or ""),
        "until": str(filters.until or ""),
        "unit": str(filters.unit or ""),
    }
    services.record(user, "audit.export", unit_id=user.rights.home, filters=details, searched=bool(filters.who))


def lines(user: User, filters: Filters) -> Iterator[list[str]]:
    """The rows of the export, read page by page, so that memory does not grow."""
    cursor: str | None = ""
    while cursor is not None:
        result, cursor = page(user, filters, cursor, 500)
        proofs = chain.proofs([row.pk for row in result])
        for row in result:
            details, proof = shown(row), proofs.get(row.pk)
            yield [
                clock.local(row.at).strftime("%Y-%m-%d %H:%M:%S"),
                details["actor"],
                details["action"],
                details["subject"],
                row.subject_id,
                details["unit"],
                details["reason"],
                row.address or "",
                "；".join(f"{k}：{v}" for k, v in details["details"]),
                *(
                    (str(proof.number), str(proof.place), proof.leaf, " ".join(proof.path), proof.root)
                    if proof
                    else ("", "", "", "", "")
                ),
            ]
