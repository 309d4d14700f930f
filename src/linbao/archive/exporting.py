"""Export of items: XLSX, CSV and GeoJSON, whole, with the same filters and a data dictionary (2.2.1, 1.3.4).

A right of its own (`item.export`). Items are stored masked, persons are masked here: an export with persons is a
disclosure (6.2.2). Also `linbao export`. Rows are read in pages and written as they come: memory does not grow.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.archive import search
from linbao.archive.filters import Filters
from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.exports import MOST_ROWS
from linbao.core.permissions import allow
from linbao.core.problems import Invalid
from linbao.handling.models import Adoption, AdoptionKind, Evaluation, Verdict
from linbao.items import forms
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import (
    Basis,
    CatalogueField,
    Category,
    FieldKind,
    Item,
    Party,
    PartyRole,
    Sensitivity,
    Source,
    Status,
)
from linbao.items.permissions import exporting_communities
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.review.models import Review

FORMATS = ("xlsx", "csv", "geojson")
AT_ONCE = 500  # items whose parties, reviews and evaluations are read together
SHEET_OF_COLUMNS = gettext_lazy("数据字典")


@dataclass(frozen=True)
class Row:
    """One item with what belongs to it; `zone` is its community's."""

    item: Item
    zone: str | None
    parties: list[Party] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    adoptions: list[Adoption] = field(default_factory=list)

    def at(self, moment: datetime | None) -> str:
        """A moment as text in the community's zone; empty for None."""
        return clock.local(moment, self.zone).strftime("%Y-%m-%d %H:%M") if moment else ""


@dataclass(frozen=True)
class Column:
    """A column of the export: its code, head and meaning for the data dictionary, and its value."""

    code: str
    label: str | Promise
    meaning: str | Promise
    value: Callable[[Row], str]
    width: int = 14
    values: str = ""


def _unit(unit_id: UUID | None) -> str:
    return tree().name(unit_id)


def _choice(enum: Any, value: str) -> str:
    return str(enum(value).label) if value in enum.values else ""


def _listed(enum: Any) -> str:
    return "；".join(f"{code}={label}" for code, label in enum.choices)


def _last_review(row: Row) -> str:
    if not row.reviews:
        return ""
    last = row.reviews[-1]
    return f"{_('通过') if last.approved else _('退回')} {row.at(last.at)} {last.reviewer.name}"


def _evaluations(row: Row) -> str:
    return "；".join(
        _("第 %(n)d 轮：%(verdict)s") % {"n": e.round, "verdict": _choice(Verdict, e.verdict)}
        + (f"（{text.mask_within(e.remark or e.reason)}）" if e.remark or e.reason else "")
        for e in row.evaluations
    )


def _adoptions(row: Row) -> str:
    return "；".join(
        f"{_choice(AdoptionKind, a.kind)}：{a.note}" + ("" if a.confirmed_at else _("（待确认）"))
        for a in row.adoptions
    )


def _people(row: Row) -> str:
    return "；".join(f"{PartyRole(p.role).label} {text.mask_name(p.name or '')}".strip() for p in row.parties)


_L = gettext_lazy
_TIME = _L("社区所在时区的时间，年-月-日 时:分。")
BEFORE: tuple[Column, ...] = (
    Column("number", _L("编号"), _L("社区代码后 6 位-年月日-当日序号。"), lambda r: r.item.number or "", 20),
    Column("category", _L("类别"), _L("规范第三章的四类。"), lambda r: _choice(Category, r.item.category)),
    Column("subcategory", _L("子类"), _L("类别下的子类。"), lambda r: catalogue().name(r.item.subcategory)),
    Column("topic", _L("主题"), _L("归档所用的主题。"), lambda r: r.item.topic, 12),
    Column("title", _L("标题"), _L("已脱敏。"), lambda r: r.item.title, 30),
    Column("narrative", _L("具体情况"), _L("已脱敏。"), lambda r: r.item.narrative, 60),
    Column(
        "key_points", _L("关键要点"), _L("1 至 5 条，以分号分隔，已脱敏。"), lambda r: "；".join(r.item.key_points), 24
    ),
    Column("analysis", _L("分析结论"), _L("已脱敏。"), lambda r: r.item.analysis, 30),
    Column("suggestion", _L("建议措施"), _L("已脱敏。"), lambda r: r.item.suggestion, 30),
    Column("status", _L("状态"), _L("导出时的状态。"), lambda r: _choice(Status, r.item.status), 10),
    Column("urgent", _L("紧急"), _L("紧急的为“是”。"), lambda r: _("是") if r.item.urgent else "", 6),
    Column("sensitivity", _L("敏感级别"), "", lambda r: _choice(Sensitivity, r.item.sensitivity), 10),
    Column("community", _L("社区"), "", lambda r: _unit(r.item.community_id), 16),
    Column("grid", _L("网格"), "", lambda r: _unit(r.item.grid_id), 12),
    Column("place", _L("地点"), _L("已脱敏，到楼栋为止。"), lambda r: r.item.place, 24),
    Column("lat", _L("纬度"), _L("WGS-84，度。"), lambda r: "" if r.item.lat is None else f"{r.item.lat:.6f}", 12),
    Column("lon", _L("经度"), _L("WGS-84，度。"), lambda r: "" if r.item.lon is None else f"{r.item.lon:.6f}", 12),
    Column("source", _L("来源"), "", lambda r: _choice(Source, r.item.source), 12),
    Column("reporter", _L("报告员"), "", lambda r: r.item.reporter.name, 10),
    Column("occurred_at", _L("发生时间"), _TIME, lambda r: r.at(r.item.occurred_at), 17),
    Column("seen_at", _L("发现时间"), _TIME, lambda r: r.at(r.item.seen_at), 17),
    Column("reported_at", _L("上报时间"), _TIME, lambda r: r.at(r.item.reported_at), 17),
    Column(
        "arrived_at",
        _L("到达时间"),
        _L("系统收到的时间；离线上报的晚于上报时间。"),
        lambda r: r.at(r.item.arrived_at),
        17,
    ),
)
AFTER: tuple[Column, ...] = (
    Column("review", _L("审核结果"), _L("最近一次审核：结果、时间、审核员。"), _last_review, 24),
    Column(
        "review_remark",
        _L("审核意见"),
        _L("最近一次审核的意见。"),
        lambda r: r.reviews[-1].remark if r.reviews else "",
        24,
    ),
    Column("returns", _L("退回次数"), "", lambda r: str(r.item.returns or ""), 8),
    Column("handling_unit", _L("办理单位"), "", lambda r: _unit(r.item.handling_unit_id), 16),
    Column("handler", _L("办理人"), "", lambda r: r.item.handler.name if r.item.handler else "", 10),
    Column("due_at", _L("办理期限"), _TIME, lambda r: r.at(r.item.due_at), 17),
    Column("result", _L("办理结果"), _L("已脱敏。"), lambda r: r.item.result, 30),
    Column("closed_at", _L("归档时间"), _TIME, lambda r: r.at(r.item.closed_at), 17),
    Column("verdict", _L("居民评价"), _L("现在一轮的评价。"), lambda r: _choice(Verdict, r.item.verdict), 10),
    Column("evaluations", _L("历次评价"), _L("每轮评价和意见，已脱敏。"), _evaluations, 30),
    Column("adoption", _L("采用情况"), _L("采用形式和说明。"), _adoptions, 24),
    Column(
        "merged_into",
        _L("并入"),
        _L("并入的条目编号。"),
        lambda r: r.item.merged_into.number or "" if r.item.merged_into else "",
        20,
    ),
    Column("parties", _L("相关人员"), _L("身份和脱敏的姓名。"), _people, 16),
    Column(
        "contacts",
        _L("联系方式"),
        _L("脱敏的电话。"),
        lambda r: "；".join(text.mask_phone(p.phone) for p in r.parties if p.phone),
        18,
    ),
    Column("notice_basis", _L("登记个人信息的依据"), "", lambda r: _choice(Basis, r.item.notice_basis), 14),
    Column("notice_at", _L("告知本人的时间"), _TIME, lambda r: r.at(r.item.notice_at), 17),
)
OTHER = Column("details.other", _L("其他字段"), _L("目录已停用的字段，代码=内容。"), lambda r: _other_details(r), 18)
_VALUES: dict[str, Any] = {
    "category": Category,
    "status": Status,
    "sensitivity": Sensitivity,
    "source": Source,
    "verdict": Verdict,
    "notice_basis": Basis,
}


def columns() -> list[Column]:
    """All columns in order: the report, a column for each field of the catalogue, review and handling."""
    return [
        *BEFORE,
        *(_detail_column(f) for f in catalogue().every_field() if f.kind != FieldKind.PARTIES),
        OTHER,
        *AFTER,
    ]


def _detail_column(f: CatalogueField) -> Column:
    def value(row: Row) -> str:
        own = row.item.category == f.category and f.subcategory_id in (None, row.item.subcategory)
        return forms.answer(f, row.item.details.get(f.code)) if own else ""

    of = catalogue().name(f.subcategory_id) if f.subcategory_id else str(Category(f.category).label)
    values = "；".join(f"{o['code']}={o['label']}" for o in f.options or ())
    code = f"details.{f.subcategory_id or f.category}.{f.code}"
    return Column(code, f"{of}·{f.shown}", f.help or str(f.get_kind_display()), value, 18, values)


def _other_details(row: Row) -> str:
    """Answers to questions that the catalogue no longer asks."""
    asked = {f.code for f in catalogue().fields(row.item.category, row.item.subcategory)}
    return "；".join(f"{code}={value}" for code, value in row.item.details.items() if code not in asked and value)


def header() -> list[str]:
    """The head of the export."""
    return [str(c.label) for c in columns()]


def widths() -> list[int]:
    """The widths of its columns, in characters."""
    return [c.width for c in columns()]


def dictionary() -> tuple[list[str], list[list[str]]]:
    """The data dictionary: its head and a line for each column."""
    lines = [
        [
            str(n),
            c.code,
            str(c.label),
            str(c.meaning),
            c.values or (_listed(_VALUES[c.code]) if c.code in _VALUES else ""),
        ]
        for n, c in enumerate(columns(), 1)
    ]
    return [_("序号"), _("代码"), _("列名"), _("含义"), _("取值")], lines


def format_of(value: str) -> str:
    """The format (empty: xlsx). Raises `Invalid` for an unknown one."""
    if (value or "xlsx") not in FORMATS:
        raise Invalid(fields={"format": [_("只能导出为 xlsx、csv 或 geojson。")]})
    return value or "xlsx"


def begin(user: User, filters: Filters, form: str = "") -> None:
    """Check that `user` may export, and put the export on the audit log. Raises `NotAllowed`."""
    allow(user, "item.export")
    asked = filters.query(q="", person="")
    audit.record(user, "export", unit_id=user.rights.home, filters=asked, searched=bool(filters.q), format=form)


def lines(user: User, filters: Filters, *, most: int = MOST_ROWS) -> Iterator[list[str]]:
    """The rows of the export, and a last line that says so when there were more than `most`."""
    shown = columns()
    for count, row in enumerate(_rows(user, filters, most + 1)):
        if count == most:
            yield [_("已达到单次导出上限 %(n)d 行，其余未导出；请缩小筛选范围后分批导出。") % {"n": most}]
            return
        yield [c.value(row) for c in shown]


def geojson(user: User, filters: Filters, *, most: int = MOST_ROWS) -> Iterator[str]:
    """A FeatureCollection (RFC 7946, WGS-84) piece by piece; what has no point has a null geometry. `truncated` says
    whether there were more than `most`."""
    shown = [c for c in columns() if c.code not in ("lat", "lon")]
    yield '{"type":"FeatureCollection","features":['
    cut = False
    for count, row in enumerate(_rows(user, filters, most + 1)):
        if count == most:
            cut = True
            break
        point = None
        if row.item.lat is not None and row.item.lon is not None:
            point = {"type": "Point", "coordinates": [round(row.item.lon, 6), round(row.item.lat, 6)]}
        values = {c.code: value for c in shown if (value := c.value(row))}
        feature = {"type": "Feature", "id": str(row.item.pk), "geometry": point, "properties": values}
        yield ("," if count else "") + json.dumps(feature, ensure_ascii=False)
    yield f'],"truncated":{json.dumps(cut)}}}'


def _rows(user: User, filters: Filters, most: int) -> Iterator[Row]:
    """The items of the communities that `user` may export from, with what belongs to each: a statement for each kind
    and `AT_ONCE` items."""
    result = search.walk(user, filters, most, within=exporting_communities(user))
    while batch := [r["id"] for r in islice(result, AT_ONCE)]:
        items = Item.objects.select_related("reporter", "handler", "merged_into").in_bulk(batch)
        parties = _by_item(Party.objects.filter(item_id__in=batch).order_by("order"))
        evaluations = _by_item(Evaluation.objects.filter(item_id__in=batch).order_by("round"))
        reviews = _by_item(Review.objects.filter(item_id__in=batch).select_related("reviewer").order_by("at"))
        adoptions = _by_item(Adoption.objects.filter(item_id__in=batch).order_by("at"))
        for pk in batch:
            if item := items.get(pk):
                zone = tree().setting(item.community_id, "time_zone")
                yield Row(item, zone, parties[pk], evaluations[pk], reviews[pk], adoptions[pk])


def _by_item(rows: Sequence[Any] | Any) -> dict[UUID, list[Any]]:
    result: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        result[row.item_id].append(row)
    return result
