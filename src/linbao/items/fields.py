"""The content of an item: from the shape of the contract (design §6) onto an `Item`.

Pages, API, import and demo all pass the same mapping here. `fill` checks types and limits and takes drafts as they
are; `missing` names what chapter 3 requires before an item is submitted.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core import clock, dates, text
from linbao.core.http import as_uuid
from linbao.core.problems import Invalid
from linbao.items import place
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import Basis, CatalogueField, Category, FieldKind, Item, Party, PartyRole, Sensitivity, Source
from linbao.organisation.models import Role, RoleGrant, Unit, UnitKind, User
from linbao.organisation.tree import tree
from linbao.platform.encryption.crypto import blind_index

TEXTS = {"title": 60, "narrative": 20_000, "analysis": 5_000, "suggestion": 5_000, "topic": 40}
KEYS = {
    *TEXTS,
    "category",
    "subcategory",
    "occurred_at",
    "seen_at",
    "reported_at",
    "place",
    "grid",
    "source",
    "parties",
    "details",
    "key_points",
    "sensitivity",
    "urgent",
    "named",
    "notice",
}
MOST_PARTIES, MOST_KEY_POINTS = 50, 5
LONGEST_DETAIL: dict[str, int] = {FieldKind.TEXT: 200, FieldKind.LONG: 5_000}

Errors = dict[str, list[str]]

_REQUIRED = {
    "subcategory": gettext_lazy("请选择子类。"),
    "title": gettext_lazy("请填写标题。"),
    "narrative": gettext_lazy("请写清具体情况，至少 10 个字。"),
    "occurred_at": gettext_lazy("请填写发生时间。"),
    "seen_at": gettext_lazy("请填写发现时间。"),
    "place.text": gettext_lazy("请填写地点。"),
    "grid": gettext_lazy("请选择网格。"),
    "source.method": gettext_lazy("请选择信息来源。"),
    "key_points": gettext_lazy("请提炼 1 至 5 条关键要点。"),
    "analysis": gettext_lazy("环境卫生类须写明初步分析。"),
    "named": gettext_lazy("机密条目请指定可以查看的人，其中至少有一位能审核它的审核员或负责人（不能是报告员本人）。"),
}
# Read once: asking an enumeration for its values translates all its labels.
_CATEGORIES, _LEVELS, _SOURCES, _ROLES, _BASES = (
    frozenset(e.values) for e in (Category, Sensitivity, Source, PartyRole, Basis)
)


def fill(item: Item, data: Mapping[str, Any], user: User) -> list[Party] | None:
    """Put `data` onto `item` and return its new parties (None: `data` says nothing of parties).

    Absent keys leave the item as it is. Raises `Invalid` with the errors of all fields at once.
    """
    errors: Errors = {str(k)[:80]: [_("没有这个字段。")] for k in data if k not in KEYS}
    for name, longest in TEXTS.items():
        if name in data:
            setattr(item, name, _text(data[name], longest, name, errors))
    if "category" in data:
        category = _one_of(data["category"], _CATEGORIES, "category", errors) or item.category
        if category != item.category:
            # What was answered for another category has no place in this one.
            item.category, item.subcategory, item.details = category, "", {}
    if "subcategory" in data:
        item.subcategory = _subcategory(item, data["subcategory"], errors)
    for name in ("occurred_at", "seen_at", "reported_at"):
        if name in data:
            setattr(item, name, _moment(data[name], item, name, errors))
    if "sensitivity" in data:
        item.sensitivity = _one_of(data["sensitivity"], _LEVELS, "sensitivity", errors) or Sensitivity.INTERNAL
    if "urgent" in data:
        item.urgent = _yes_no(data["urgent"], "urgent", errors)
    if "grid" in data:
        _set_grid(item, data["grid"], user, errors)
    if "place" in data:
        _set_place(item, data["place"], errors)
    if item.grid_id is None and item.lat is not None and item.lon is not None and "place" in data and not errors:
        _grid_of_point(item, user)
    if "source" in data:
        _set_source(item, data["source"], errors)
    if "key_points" in data:
        item.key_points = _key_points(data["key_points"], errors)
    if "named" in data:
        item.named = _named(item, data["named"], errors)
    if "notice" in data:
        _set_notice(item, data["notice"], errors)
    if "details" in data:
        item.details = _details(item, data["details"], errors)
    parties = _parties(item, data["parties"], errors) if "parties" in data else None
    if errors:
        raise Invalid(_("有 %(count)d 处内容需要修改。") % {"count": len(errors)}, errors)
    return parties


def missing(item: Item, parties: Sequence[Party]) -> Errors:
    """What the item still lacks to be submitted (3.1–3.4, domain.md §2): field → messages; {} when complete."""
    lacking = {
        "subcategory": not item.subcategory,
        "title": not item.title,
        "narrative": len(item.narrative) < 10,
        "occurred_at": not item.occurred_at,
        "seen_at": not item.seen_at,
        "place.text": not item.place,
        "grid": not item.grid_id,
        "source.method": not item.source,
        "key_points": not item.key_points,
        "analysis": item.category == Category.SANITATION and not item.analysis,
        # Named persons only: without a reviewer among them nobody could ever review it.
        "named": item.sensitivity == Sensitivity.CONFIDENTIAL and not _names_a_reviewer(item),
    }
    wanted: Errors = {name: [str(_REQUIRED[name])] for name, lacks in lacking.items() if lacks}
    now = clock.now()
    if item.occurred_at and item.occurred_at > now:
        wanted["occurred_at"] = [_("发生时间不能晚于现在。")]
    if item.seen_at and item.seen_at > now:
        wanted["seen_at"] = [_("发现时间不能晚于现在。")]
    if item.occurred_at and item.seen_at and item.occurred_at > item.seen_at:
        wanted["seen_at"] = [_("发现时间不能早于发生时间。")]
    if item.category == Category.OPINION and item.details.get("anonymous") and not item.details.get("anonymous_reason"):
        wanted["details.anonymous_reason"] = [_("匿名的，请写明原因。")]
    for field in catalogue().fields(item.category, item.subcategory):
        if not field.required or (field.unless and item.details.get(field.unless)):
            continue
        if field.kind == FieldKind.PARTIES:
            _need_parties(field.code, parties, wanted)
        elif not _answered(field.kind, item.details.get(field.code)):
            wanted[f"details.{field.code}"] = [_("请填写“%(label)s”。") % {"label": field.label}]
    return wanted


def homes(user: User) -> list[Unit]:
    """The communities that a person reports in (or works in, where they report nowhere), by code."""
    result = user.rights.communities(Role.REPORTER, Role.GROUP_LEADER) or user.rights.communities()
    return sorted((tree().by_id[c] for c in result), key=lambda u: u.code)


def home(user: User) -> UUID | None:
    """The community whose zone and outline a new form starts with; what is filed belongs to the one of its grid."""
    result = homes(user)
    return result[0].id if result else None


def community_of(
    user: User,
    *,
    chosen: str | UUID | None = None,
    grid: str | None = None,
    lat: float | None = None,
    lon: float | None = None,
) -> UUID | None:
    """The community that something without a grid belongs to: the one chosen (id or code), that of the chosen grid,
    the only one of this person, or the one whose outline holds the point. None when the person must be asked.

    Raises `Invalid` (field `community`) for a unit that is none of theirs; a grid is checked where it is set.
    """
    units, result = tree(), homes(user)
    own = {u.id for u in result}
    for value in (chosen, grid):
        if value:
            unit = (units.by_code.get(value) if isinstance(value, str) else None) or units.get(as_uuid(value))
            community = units.above(unit, UnitKind.COMMUNITY) if unit else None
            if community is not None and community.id in own:
                return community.id
            if value is chosen:
                raise Invalid(fields={"community": [_("请选择您工作的社区。")]})
    if len(result) == 1:
        return result[0].id
    if lat is None or lon is None:
        return None
    grid_there = place.unit_at((g for u in result for g in units.children(u, UnitKind.GRID)), lat, lon)
    there = units.above(grid_there, UnitKind.COMMUNITY) if grid_there else place.unit_at(result, lat, lon)
    return there.id if there else None


def _answered(kind: str, value: object) -> bool:
    if kind == FieldKind.YES_NO:
        return value is not None
    return value not in (None, "", {}, [])


def _need_parties(code: str, parties: Sequence[Party], wanted: Errors) -> None:
    """An opinion needs its proposer with a contact (3.1), an event the persons involved (3.2)."""
    if code == "proposer":
        proposer = next((p for p in parties if p.role == PartyRole.PROPOSER), None)
        if proposer is None or not proposer.name:
            wanted["parties"] = [_("请填写提出人的姓名和联系方式；居民要求匿名的，请勾选匿名并写明原因。")]
        elif not proposer.phone:
            wanted["parties"] = [_("请填写提出人的联系方式，以便答复（3.1）。")]
    elif not any(p.name for p in parties):
        wanted["parties"] = [_("请填写涉及人员；没有的，请勾选“无涉及人员”。")]


# --- one value each ----------------------------------------------------------------------------


def _text(value: object, longest: int, name: str, errors: Errors) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        errors[name] = [_("应为文字。")]
        return ""
    cleaned = text.clean(value)
    if len(cleaned) > longest:
        errors[name] = [_("最多 %(most)d 个字，现有 %(now)d 个字。") % {"most": longest, "now": len(cleaned)}]
    return cleaned[:longest]


def _one_of(value: object, values: Collection[str], name: str, errors: Errors) -> str:
    if isinstance(value, str) and value in values:
        return value
    errors[name] = [_("请从给出的选项中选择。")]
    return ""


def _subcategory(item: Item, value: object, errors: Errors) -> str:
    if value in (None, ""):
        return ""
    result = catalogue().resolve(item.category, value) if isinstance(value, str) and len(value) <= 60 else None
    if result is None:
        errors["subcategory"] = [_("该类别下没有这个子类。")]
    return result or ""


def _moment(value: object, item: Item, name: str, errors: Errors) -> datetime | None:
    if value in (None, ""):
        return None
    moment = value if isinstance(value, datetime) else None
    if isinstance(value, str) and len(value) <= 40:
        try:
            moment = parse_datetime(value.strip())
        except ValueError:
            moment = None
    if moment is None:
        errors[name] = [_("时间格式应如 2026-11-20 09:30。")]
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.zone(tree().setting(item.community_id, "time_zone")))
    try:
        moment = moment.astimezone(clock.UTC)
    except OverflowError:
        moment = datetime.min.replace(tzinfo=clock.UTC)
    if not 1950 <= moment.year <= 2100:
        errors[name] = [_("时间超出合理范围。")]
        return None
    return moment


def _yes_no(value: object, name: str, errors: Errors) -> bool:
    if value in (True, False, None):
        return bool(value)
    errors[name] = [_("应为是或否。")]
    return False


def _number(value: object, name: str, errors: Errors, low: float = 0, high: float = 1e12) -> float | int | None:
    if value in (None, ""):
        return None
    try:
        number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not low <= number <= high:
        errors[name] = [_("应为 %(low)g 到 %(high)g 之间的数字。") % {"low": low, "high": high}]
        return None
    return int(number) if number == int(number) else number


def _set_grid(item: Item, value: object, user: User, errors: Errors) -> None:
    """The grid by code or id; the item belongs to its community, which must be one the person works in."""
    if value in (None, ""):
        item.grid_id = None
        return
    units = tree()
    unit = (units.by_code.get(value) if isinstance(value, str) else None) or units.get(as_uuid(value))
    if unit is None or unit.kind != UnitKind.GRID:
        errors["grid"] = [_("没有这个网格。")]
        return
    community = units.above(unit, UnitKind.COMMUNITY)
    if community is None or community.id not in user.rights.communities():
        errors["grid"] = [_("该网格不在您工作的社区内。")]
        return
    item.grid_id, item.community_id = unit.id, community.id


def _grid_of_point(item: Item, user: User) -> None:
    """The grid whose outline holds the point, and its community; nothing where no outline or several do."""
    units = tree()
    near = [g for c in user.rights.communities() for g in units.children(c, UnitKind.GRID) if g.active]
    if item.lat is None or item.lon is None:
        return
    grid = place.unit_at(near, item.lat, item.lon)
    community = units.above(grid, UnitKind.COMMUNITY) if grid else None
    if grid is not None and community is not None:
        item.grid_id, item.community_id = grid.id, community.id


def _set_place(item: Item, value: object, errors: Errors) -> None:
    if not isinstance(value, Mapping):
        errors["place"] = [_("地点应包含文字和坐标。")]
        return
    if "text" in value:
        item.place = _text(value["text"], 200, "place.text", errors)
    if "lat" in value or "lon" in value:
        lat = _number(value.get("lat"), "place.lat", errors, -90, 90)
        lon = _number(value.get("lon"), "place.lon", errors, -180, 180)
        if (lat is None) != (lon is None):
            errors.setdefault("place.lat", [_("经度和纬度应一起填写。")])
        if lat == 0 and lon == 0:  # what a device says that knows no place
            lat = lon = None
        item.lat, item.lon = lat, lon
    errors.update({f"place.{str(k)[:40]}": [_("没有这个字段。")] for k in value if k not in ("text", "lat", "lon")})


def _set_notice(item: Item, value: object, errors: Errors) -> None:
    """The legal basis of registering persons, and whether they were informed (PIPL art. 13, 17)."""
    if not isinstance(value, Mapping):
        errors["notice"] = [_("告知应包含依据和是否已告知。")]
        return
    if "basis" in value:
        item.notice_basis = _one_of(value["basis"], _BASES, "notice.basis", errors) if value["basis"] else ""
    if "informed" in value:
        informed = _yes_no(value["informed"], "notice.informed", errors)
        item.notice_at = (item.notice_at or clock.now()) if informed else None
    errors.update({f"notice.{str(k)[:40]}": [_("没有这个字段。")] for k in value if k not in ("basis", "informed")})


def _set_source(item: Item, value: object, errors: Errors) -> None:
    if isinstance(value, str):
        value = {"method": value}
    if not isinstance(value, Mapping):
        errors["source"] = [_("来源应包含方式和收集活动。")]
        return
    if "method" in value:
        item.source = _one_of(value["method"], _SOURCES, "source.method", errors) if value["method"] else ""
    if "activity" in value:
        item.activity_id = as_uuid(value["activity"])
        if value["activity"] and item.activity_id is None:
            errors["source.activity"] = [_("没有这项收集活动。")]
    errors.update({f"source.{str(k)[:40]}": [_("没有这个字段。")] for k in value if k not in ("method", "activity")})


def _key_points(value: object, errors: Errors) -> list[str]:
    if not isinstance(value, (list, tuple)):
        errors["key_points"] = [_("应为一组文字。")]
        return []
    points = [_text(v, 200, f"key_points.{n}", errors) for n, v in enumerate(value[:100])]
    points = [p for p in points if p]
    if len(points) > MOST_KEY_POINTS:
        errors["key_points"] = [_("关键要点最多 5 条。")]
    return points[:MOST_KEY_POINTS]


def confidants(community: UUID) -> QuerySet[RoleGrant]:
    """The roles of those who may be named on a confidential item: reviewers, managers and handlers of its community."""
    units = tree()
    near = [
        *units.line(community),
        *units.children(community, UnitKind.DEPARTMENT),
        *units.children(community, UnitKind.WORK_GROUP),
    ]
    return RoleGrant.objects.current().filter(
        unit__in=[u.id for u in near], role__in=[Role.REVIEWER, Role.MANAGER, Role.HANDLER], user__is_active=True
    )


def reviewers_of(community: UUID) -> QuerySet[RoleGrant]:
    """The roles by which people review the items of a community (4.3.1)."""
    return confidants(community).filter(
        unit__in=[u.id for u in tree().line(community)], role__in=[Role.REVIEWER, Role.MANAGER]
    )


def _named(item: Item, value: object, errors: Errors) -> list[UUID]:
    rows = [as_uuid(v) for v in value[:200]] if isinstance(value, (list, tuple)) else [None]
    people = [v for v in rows if v]
    if None in rows:
        errors["named"] = [_("应为一组人员编号。")]
    elif people and item.community_id:
        # One message for nobody and for somebody elsewhere: it discloses nobody's existence (1.3.4).
        able = set(confidants(item.community_id).filter(user__in=people).values_list("user_id", flat=True))
        if not set(people) <= {*able, item.reporter_id, *item.named}:
            errors["named"] = [_("只能指定本社区的审核员、负责人和办理人。")]
    return people


def _names_a_reviewer(item: Item) -> bool:
    """Whether one of the named persons may review the item: a reviewer or manager of its community, and not its own
    reporter (4.3.1)."""
    if not item.named or not item.community_id:
        return False
    return reviewers_of(item.community_id).filter(user__in=item.named).exclude(user=item.reporter_id).exists()


def _details(item: Item, value: object, errors: Errors) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        errors["details"] = [_("应为一组字段。")]
        return {}
    fields = {f.code: f for f in catalogue().fields(item.category, item.subcategory) if f.kind != FieldKind.PARTIES}
    stored: dict[str, Any] = {}
    for code, data in value.items():
        field = fields.get(code)
        name = f"details.{str(code)[:60]}"
        if field is None:
            errors[name] = [_("该类别没有这个字段。")]
            continue
        answer = _detail(field, data, name, errors)
        if answer not in (None, ""):
            stored[code] = answer
    return stored


def _detail(field: CatalogueField, value: object, name: str, errors: Errors) -> Any:
    kind = field.kind
    if kind in LONGEST_DETAIL:
        return _text(value, LONGEST_DETAIL[kind], name, errors)
    if value in (None, ""):
        return None
    if kind == FieldKind.YES_NO:
        return _yes_no(value, name, errors)
    if kind == FieldKind.NUMBER:
        return _number(value, name, errors)
    if kind == FieldKind.CHOICES:
        chosen = [value] if isinstance(value, str) else value
        codes = [o["code"] for o in field.options]
        if not isinstance(chosen, (list, tuple)) or any(c not in codes for c in chosen):
            errors[name] = [_("请从给出的选项中选择。")]
            return None
        return [c for c in codes if c in chosen] or None
    if kind == FieldKind.CHOICE:
        return _one_of(value, [o["code"] for o in field.options], name, errors)
    if kind == FieldKind.DATE:
        try:
            return dates.day(str(value)[:10]).isoformat()
        except ValueError:
            errors[name] = [_("日期格式应如 2026-11-20。")]
            return None
    if not isinstance(value, Mapping):
        errors[name] = [_("应为一组数字。")]
        return None
    parts = {o["code"]: _number(value.get(o["code"]), f"{name}.{o['code']}", errors) for o in field.options}
    errors.update({f"{name}.{str(k)[:40]}": [_("没有这个字段。")] for k in value if k not in parts})
    return {k: v for k, v in parts.items() if v is not None} or None


def read_parties(item: Item, value: object) -> tuple[list[Party], Errors]:
    """The parties in `value` (mappings with role, name, phone), not saved, and the errors by field."""
    errors: Errors = {}
    return _parties(item, value, errors), errors


def _parties(item: Item, value: object, errors: Errors) -> list[Party]:
    if not isinstance(value, (list, tuple)) or len(value) > MOST_PARTIES:
        errors["parties"] = [_("应为一组人员，最多 %(most)d 人。") % {"most": MOST_PARTIES}]
        return []
    return [p for n, data in enumerate(value) if (p := _party(item, n, data, errors)) is not None]


def _party(item: Item, order: int, value: object, errors: Errors) -> Party | None:
    path = f"parties.{order}"
    if not isinstance(value, Mapping):
        errors[path] = [_("应包含身份、姓名和联系方式。")]
        return None
    name = _text(value.get("name"), 60, f"{path}.name", errors)
    number = _text(value.get("phone"), 30, f"{path}.phone", errors)
    if number:
        try:
            number = text.phone(number)
        except ValueError:
            errors[f"{path}.phone"] = [_("手机应为 11 位，固定电话请带区号。")]
    errors.update(
        {f"{path}.{str(k)[:40]}": [_("没有这个字段。")] for k in value if k not in ("id", "role", "name", "phone")}
    )
    if not name and not number:
        return None
    default = PartyRole.PROPOSER if item.category == Category.OPINION else PartyRole.INVOLVED
    role = _one_of(value.get("role") or default, _ROLES, f"{path}.role", errors)
    return Party(
        item=item,
        role=role,
        name=name,
        phone=number,
        order=order,
        name_index=blind_index(name),
        phone_index=blind_index(number),
    )
