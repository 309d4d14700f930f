"""The content of an emergency's written report, and how it is checked (3.2, 4.2.1, domain.md §2 and §4).

Nothing is filled in that nobody has reported: what a form cannot know it asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core import clock, dates, text
from linbao.core.http import as_uuid
from linbao.core.problems import Invalid
from linbao.emergencies.models import UrgentKind, UrgentLevel, UrgentReport
from linbao.items import fields as item_fields
from linbao.items import services as item_services
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import AttachmentKind, Category, Item, Party, PartyRole, Source, Status, Subcategory
from linbao.organisation.models import UnitKind
from linbao.organisation.tree import tree
from linbao.platform import bulk

CLOCK_TOLERATED = timedelta(minutes=2)
SUBCATEGORY: dict[str, str] = {
    UrgentKind.FIRE: "fire",
    UrgentKind.THEFT: "theft",
    UrgentKind.NATURAL_DISASTER: "natural_disaster",
    UrgentKind.PUBLIC_HEALTH: "public_health",
    UrgentKind.ACCIDENT: "accident",
    UrgentKind.PUBLIC_SAFETY: "public_safety",
    UrgentKind.HAZARD: "hazard_other",
    UrgentKind.DISPUTE: "dispute_other",
    UrgentKind.OTHER: "emergency_other",
}
GROUPS = (UrgentKind.HAZARD, UrgentKind.DISPUTE)  # kinds that are a group of subcategories
# Name, label, longest, required (4.2.1).
FIELDS: tuple[tuple[str, str | Promise, int, bool], ...] = (
    ("place", gettext_lazy("地点"), 200, True),
    ("course", gettext_lazy("经过"), 5000, True),
    ("impact", gettext_lazy("影响范围"), 2000, True),
    ("measures", gettext_lazy("已采取的措施"), 3000, True),
    ("present", gettext_lazy("目前状况"), 2000, True),
    ("help", gettext_lazy("需要支持"), 1000, True),
)
CASUALTIES: tuple[tuple[str, str | Promise], ...] = (
    ("dead", gettext_lazy("死亡")),
    ("injured", gettext_lazy("受伤")),
    ("missing", gettext_lazy("失联")),
)
SCOPE: tuple[tuple[str, str | Promise], ...] = (
    ("persons", gettext_lazy("涉及人数")),
    ("households", gettext_lazy("涉及户数")),
    ("area", gettext_lazy("面积（平方米）")),
    ("loss", gettext_lazy("财产损失（元）")),
)
SCOPE_WORDS: tuple[tuple[str, str | Promise], ...] = (
    ("persons", gettext_lazy("涉及 %(n)s 人")),
    ("households", gettext_lazy("涉及 %(n)s 户")),
    ("area", gettext_lazy("面积约 %(n)s 平方米")),
    ("loss", gettext_lazy("财产损失约 %(n)s 元")),
)
PRESENT_STATES: dict[str, str | Promise] = {
    "controlled": gettext_lazy("已控制"),
    "in_progress": gettext_lazy("处置中"),
    "uncontrolled": gettext_lazy("未控制"),
    "subsided": gettext_lazy("已平息"),
}
REPORTED_TO: dict[str, str | Promise] = {
    "police": gettext_lazy("公安 110"),
    "fire": gettext_lazy("消防 119"),
    "medical": gettext_lazy("急救 120"),
    "department": gettext_lazy("主管部门"),
}


@dataclass
class Written:
    """A written report that was read without a fault. `content` is what its version stores; `parties` are the people as
    they were reported (None: nothing was said of them); `item` is what completes the item while it is a draft."""

    content: dict[str, Any]
    parties: list[Party] | None
    item: dict[str, Any] = field(default_factory=dict)


def kind_of(item: Item) -> str:
    """The kind of emergency that an item's subcategory speaks of; other matters are `other`."""
    code = item.subcategory.partition(".")[2]
    kind = next((k for k, c in SUBCATEGORY.items() if c == code), "") if item.category == Category.EVENT else ""
    if kind:
        return kind
    group = next((k for k in GROUPS if item.subcategory in {s.code for s in narrower(k)}), None)
    return group or UrgentKind.OTHER


def narrower(kind: str) -> list[Subcategory]:
    """The subcategories that a hazard or dispute may be of; none for the other kinds, which are one themselves."""
    whole = catalogue().subcategories.get(f"event.{SUBCATEGORY[kind]}") if kind in GROUPS else None
    row = catalogue().by_category[Category.EVENT]
    return [s for s in row if whole is not None and s.group == whole.group]


def asked_of(report: UrgentReport) -> set[str]:
    """What the form must still ask because the record does not know it: kind, subcategory, grid, source."""
    item = report.item
    if item.status != Status.DRAFT:
        return set()
    has_grids = bool(tree().children(item.community_id, UnitKind.GRID))
    return {
        name
        for name, unknown in (
            ("kind", not report.kind),
            ("subcategory", report.kind in GROUPS),
            ("grid", item.grid_id is None and has_grids),
            ("source", not item.source),
        )
        if unknown
    }


def blank(report: UrgentReport) -> dict[str, Any]:
    """What the form begins with: the last version, else what the item and the call say; nothing else."""
    item = report.item
    people = [{"role": p.role, "name": p.name or "", "phone": p.phone or ""} for p in item.parties.all()]
    last = report.versions.order_by("-version").first()
    if last is not None:
        return {**last.content, "parties": people}
    details = item.details if item.category == Category.EVENT else {}
    casualties, scope = details.get("casualties") or {}, details.get("scope") or {}
    reported = details.get("reported_to") or []
    return {
        "occurred_at": item.occurred_at.isoformat() if item.occurred_at else "",
        "kind": report.kind,
        "subcategory": item.subcategory if item.subcategory.partition(".")[2] not in SUBCATEGORY.values() else "",
        "place": item.place,
        "course": details.get("course") or item.narrative or report.call_words,
        "impact": "",
        "measures": details.get("measures_taken") or "",
        "present": "",
        "present_state": details.get("present_state") or "",
        "help": "",
        "level": report.level or details.get("level") or "",
        **{name: casualties.get(name, "") for name, _label in CASUALTIES},
        **{name: scope.get(name, "") for name, _label in SCOPE[:3]},
        "loss": details.get("loss", ""),
        "parties": people,
        "none_involved": bool(details.get("none_involved")),
        "reported_to": [reported] if isinstance(reported, str) else list(reported),
        "source": item.source,
    }


def read(data: Mapping[str, Any], report: UrgentReport) -> Written:
    """The written report as it was typed or sent, checked; raises `Invalid` with every field at fault at once (4.2.1).

    `parties` is a list of role, name and phone, `reported_to` a list of codes; numbers may be text.
    """
    errors: dict[str, list[str]] = {}
    result: dict[str, Any] = {}
    for name, label, longest, required in FIELDS:
        result[name] = text.clean(str(data.get(name) or ""))
        if required and not result[name]:
            errors[name] = [_("请填写“%(label)s”；没有的写“无”。") % {"label": label}]
        elif len(result[name]) > longest:
            errors[name] = [_("最多 %(n)d 字。") % {"n": longest}]
    for name, label in CASUALTIES:
        result[name] = _whole(data.get(name), name, errors)
        if result[name] is None:
            errors.setdefault(name, [_("请填写“%(label)s”人数，没有的填 0。") % {"label": label}])
    for name, _label in SCOPE:
        result[name] = _whole(data.get(name), name, errors)
    result["present_state"] = str(data.get("present_state") or "")
    if result["present_state"] not in PRESENT_STATES:
        errors["present_state"] = [_("请选择目前状况。")]
    result["level"] = str(data.get("level") or report.level)
    if result["level"] not in UrgentLevel.values:
        errors["level"] = [_("请选择级别。")]
    result["occurred_at"] = _occurred(data.get("occurred_at"), report, errors)
    result["reported_to"] = _reported_to(data.get("reported_to"), errors)
    parties = _people(data, result, report.item, errors)
    completed = _completing(data, result, report, errors)
    if errors:
        raise Invalid(_("有 %(count)d 处内容需要修改。") % {"count": len(errors)}, errors)
    photos = report.item.attachments.filter(kind=AttachmentKind.PHOTO, stage="report")
    result["photos"] = [{"sha256": a.shown, "caption": a.caption or f"照片 {n}"} for n, a in enumerate(photos, 1)]
    return Written(result, parties, completed)


def without_persons(content: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The content as versions, documents, mails and pages carry it; what was typed stays sealed with the item."""
    photos = [{**p, "caption": text.mask_within(p["caption"], names)} for p in content.get("photos", ())]
    labels = {f: text.mask_within(content[f], names) for f, *_rest in FIELDS if content.get(f)}
    return {**content, **labels, "photos": photos}


def comparable(content: Mapping[str, Any]) -> dict[str, Any]:
    """What two sendings of one form are compared by: photos may have come in between, and what completed the draft
    is not asked again."""
    return {k: v for k, v in content.items() if k not in ("photos", "kind", "subcategory", "source")}


def submit_item(report: UrgentReport, written: Written) -> None:
    """Complete the draft from its written report and submit it; onto an item that is submitted already only the people
    are put that it does not name yet."""
    item, data = report.item, written.content
    if item.status != Status.DRAFT:
        known = {(p.name, p.phone) for p in item.parties.all()}
        added = [p for p in written.parties or () if (p.name, p.phone) not in known]
        for order, party in enumerate(added, len(known)):
            party.order = order
        bulk.insert(added)
        return
    label = str(UrgentKind(data["kind"]).label)
    body: dict[str, Any] = {
        **written.item,
        "narrative": data["course"] if len(data["course"]) >= 10 else f"{data['course']}（{data['present']}）",
        "title": f"{data['place'][:40]}{label}"[:60],
        "occurred_at": datetime.fromisoformat(data["occurred_at"]),
        "place": {"lat": item.lat, "lon": item.lon, **written.item.get("place", {}), "text": data["place"]},
        "key_points": item.key_points or [f"{label}，{data['place']}"[:60]],
        "details": {
            "course": data["course"],
            "casualties": {k: data[k] for k, _label in CASUALTIES},
            "loss": data["loss"],
            "present_state": data["present_state"],
            "measures_taken": data["measures"],
            "scope": {k: data[k] for k in ("persons", "households", "area")},
            "reported_to": data["reported_to"],
            "level": data["level"],
            "none_involved": data["none_involved"],
        },
    }
    if written.parties is not None:
        body["parties"] = [{"role": p.role, "name": p.name or "", "phone": p.phone or ""} for p in written.parties]
    moment = body["occurred_at"]
    if item.seen_at and item.seen_at < moment:  # forms post minutes
        body["occurred_at"] = item.seen_at
    item_services.complete(item, body)
    item_services.submit(item.reporter, item.pk)


def masked_people(parties: Sequence[Party]) -> list[dict[str, str]]:
    """People as a version stores them and a document prints them (1.3.4)."""
    return [
        {"role": p.role, "name": text.mask_name(p.name or ""), "phone": text.mask_phone(p.phone) if p.phone else ""}
        for p in parties
    ]


def people_in_words(content: Mapping[str, Any]) -> str:
    """涉及人员, in the language of the page; nothing where nobody has said anything. Documents are made in Chinese."""
    roles = {r.value: str(r.label) for r in PartyRole}
    people = [
        _("%(role)s%(name)s") % {"role": roles.get(p["role"], ""), "name": p["name"]}
        + (_("（%(phone)s）") % {"phone": p["phone"]} if p["phone"] else "")
        for p in content.get("parties", ())
    ]
    if people:
        return _("涉及人员：%(people)s。") % {"people": _("，").join(people)}
    return _("无涉及人员。") if content.get("none_involved") else ""


def casualties_in_words(content: Mapping[str, Any]) -> str:
    """死亡、受伤、失联 in numbers, in the language of the page."""
    return _("死亡 %(dead)d 人，受伤 %(injured)d 人，失联 %(missing)d 人") % {
        name: content[name] for name, _label in CASUALTIES
    }


def scope_in_words(content: Mapping[str, Any]) -> str:
    """人员伤亡、人数、户数、面积、损失: only what was reported; in the reader's language."""
    lines = [
        form % {"n": content[name]}
        for name, form in (
            ("persons", _("涉及 %(n)s 人")),
            ("households", _("涉及 %(n)s 户")),
            ("area", _("面积约 %(n)s 平方米")),
            ("loss", _("财产损失约 %(n)s 元")),
        )
        if content.get(name)
    ]
    return _("人员伤亡：%(told)s。") % {"told": _("；").join([casualties_in_words(content), *lines])}


# --- one value each ----------------------------------------------------------------------------


def _whole(value: Any, name: str, errors: dict[str, list[str]]) -> int | None:
    typed = "" if value is None else str(value).strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit()) or len(typed) > 9:
        errors[name] = [_("请填写 0 或正整数。")]
        return None
    return int(typed)


def _occurred(value: Any, report: UrgentReport, errors: dict[str, list[str]]) -> str:
    try:
        moment = dates.moment(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime):
        errors["occurred_at"] = [_("请填写发生时间。")]
        return ""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.zone(tree().setting(report.community_id, "time_zone")))
    now = clock.now()
    if moment > now + CLOCK_TOLERATED:
        errors["occurred_at"] = [_("发生时间不能晚于现在。")]
    # Forms tell minutes, the record seconds.
    elif moment > max(report.seen_at, report.item.seen_at or report.seen_at) + CLOCK_TOLERATED:
        errors["occurred_at"] = [_("发生时间不能晚于发现时间。")]
    return min(moment, now).astimezone(clock.UTC).isoformat()


def _reported_to(value: Any, errors: dict[str, list[str]]) -> list[str]:
    chosen = [value] if isinstance(value, str) and value else list(value or ())
    if any(c not in REPORTED_TO for c in chosen):
        errors["reported_to"] = [_("请从给出的选项中选择。")]
    return [c for c in REPORTED_TO if c in chosen]


def _people(
    data: Mapping[str, Any], result: dict[str, Any], item: Item, errors: dict[str, list[str]]
) -> list[Party] | None:
    """People involved with role, name and contact, or the word of a person that there are none (3.2)."""
    none_involved = data.get("none_involved") in (True, "on", "true", "1")
    parties: list[Party] | None = None
    if data.get("parties") is not None:
        parties, refused = item_fields.read_parties(item, data["parties"])
        errors.update(refused)
    known = parties if parties is not None else list(item.parties.all())
    hurt = sum(result[name] or 0 for name, _label in CASUALTIES)
    if none_involved and hurt:
        errors["none_involved"] = [_("有死亡、受伤或失联人员，不能写“无涉及人员”。")]
    elif none_involved and known:
        errors["none_involved"] = [_("已填写涉及人员，不能同时写“无涉及人员”。")]
    elif not none_involved and not any(p.name for p in known) and "parties" not in errors:
        errors["parties"] = [_("请填写涉及人员（身份不明的写明特征）；确实没有的，请勾选“无涉及人员”。")]
    result["none_involved"] = none_involved
    result["parties"] = masked_people(known)
    return parties


def _completing(
    data: Mapping[str, Any], result: dict[str, Any], report: UrgentReport, errors: dict[str, list[str]]
) -> dict[str, Any]:
    """What the item lacks while it is a draft, as `collection` takes it."""
    asked = asked_of(report)
    kind = str(data.get("kind") or "") if "kind" in asked else report.kind
    if kind not in UrgentKind.values:
        errors["kind"] = [_("请选择发生了什么。")]
    body: dict[str, Any] = {}
    if report.item.status != Status.DRAFT:
        return body
    codes = {s.code for s in narrower(kind)} if kind else set()
    chosen = catalogue().resolve(Category.EVENT, str(data.get("subcategory") or "")) if kind in GROUPS else None
    if kind in GROUPS and chosen not in codes:
        errors["subcategory"] = [_("请选择是哪一类。")]
    if kind and "kind" not in errors:
        body["subcategory"] = chosen or f"event.{SUBCATEGORY[kind]}"
        result["kind"], result["subcategory"] = kind, body["subcategory"]
    if data.get("lat") not in (None, "") and data.get("lon") not in (None, ""):
        body["place"] = {"lat": data["lat"], "lon": data["lon"]}
    if data.get("grid"):
        units = tree()
        value = data["grid"]
        unit = units.by_code.get(str(value)) or units.get(as_uuid(value))
        if unit is None or unit.kind != UnitKind.GRID or unit not in units.children(report.community_id):
            errors["grid"] = [_("没有这个网格，或不在本社区内。")]
        else:
            body["grid"] = unit.code
    elif "grid" in asked:
        errors["grid"] = [_("请选择网格。")]
    source = str(data.get("source") or report.item.source)
    if source not in Source.values:
        errors["source"] = [_("请选择信息来源。")]
    else:
        body["source"] = {"method": source}
        result["source"] = source
    return body
