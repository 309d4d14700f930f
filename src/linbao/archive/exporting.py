"""The archive as a spreadsheet: the same filters, safe to open, persons masked (2.2.1, 1.3.4).

Also `linbao export`. Rows are read in pages; `base.sheets` writes them as they come: memory does not grow.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from linbao.archive import search
from linbao.archive.filters import Filters
from linbao.audit import actions as audit
from linbao.base import clock, text
from linbao.base.sheets import MOST_ROWS
from linbao.collection.catalogue import catalogue
from linbao.collection.models import Category, Party, PartyRole, Sensitivity, Source, Status
from linbao.handling.models import Verdict
from linbao.units.models import User
from linbao.units.rights import allow
from linbao.units.tree import tree

PERSONS_AT_ONCE = 500
WIDTHS = (20, 14, 14, 12, 30, 60, 24, 10, 6, 10, 16, 12, 24, 12, 10, 17, 17, 16, 10, 17, 17, 10, 8, 16, 18)


def header() -> list[str]:
    return [
        _("编号"), _("类别"), _("子类"), _("主题"), _("标题"), _("具体情况"), _("关键要点"), _("状态"), _("紧急"), _("敏感级别"), _("社区"), _("网格"),
        _("地点"), _("来源"), _("报告员"), _("上报时间"), _("发生时间"), _("办理单位"), _("办理人"), _("办理期限"), _("归档时间"), _("居民评价"),
        _("退回次数"), _("相关人员"), _("联系方式"),
    ]  # fmt: skip


def begin(user: User, filters: Filters) -> None:
    """Ask whether `user` may take this out, and put it on the audit log. Persons are always masked: what is to hold
    them is asked for as a disclosure (6.2.2). Raises `NotAllowed`."""
    allow(user, "archive.export")
    told = filters.query(q="", person="")
    audit.record(user, "export", unit_id=user.rights.home, filters=told, searched=bool(filters.q))


def lines(user: User, filters: Filters, *, most: int = MOST_ROWS) -> Iterator[list[str]]:
    """The rows of the export, and a last line that says so when there were more than `most`."""
    given, rows = 0, search.walk(user, filters, most + 1)
    while batch := list(islice(rows, PERSONS_AT_ONCE)):
        persons: dict[Any, list[Party]] = {}
        for party in Party.objects.filter(item_id__in=[r["id"] for r in batch]).order_by("order"):
            persons.setdefault(party.item_id, []).append(party)
        for row in batch:
            if given == most:
                yield [_("已达到单次导出上限 %(n)d 行，其余未导出；请缩小筛选范围后分批导出。") % {"n": most}]
                return
            given += 1
            yield _line(row, persons.get(row["id"], []))


def _line(row: dict[str, Any], persons: list[Party]) -> list[str]:
    units = tree()

    def name(unit: Any) -> str:
        found = units.get(unit)
        return found.name if found else ""

    zone = units.setting(row["community_id"], "time_zone")

    def at(moment: Any) -> str:
        return clock.local(moment, zone).strftime("%Y-%m-%d %H:%M") if moment else ""

    people = "；".join(f"{PartyRole(p.role).label} {text.mask_name(p.name or '')}".strip() for p in persons)
    phones = "；".join(text.mask_phone(p.phone) for p in persons if p.phone)
    return [
        row["number"] or "", str(Category(row["category"]).label), catalogue().name(row["subcategory"]), row["topic"], shown(row["title"]),
        shown(row["narrative"] or ""), "；".join(shown(p) for p in row["key_points"] or ()), str(Status(row["status"]).label), _("是") if row["urgent"] else "",
        str(Sensitivity(row["sensitivity"]).label), name(row["community_id"]), name(row["grid_id"]), row["place"],
        str(Source(row["source"]).label) if row["source"] else "", row["reporter"], at(row["reported_at"]), at(row["occurred_at"]),
        name(row["handling_unit_id"]), row["handler"] or "", at(row["due_at"]), at(row["closed_at"]),
        str(Verdict(row["verdict"]).label) if row["verdict"] else "", str(row["returns"] or ""), people, phones,
    ]  # fmt: skip
