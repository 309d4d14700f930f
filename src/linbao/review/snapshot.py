"""The item as it was judged, and what has changed since (design §3: the reviewer sees exactly what changed).

A snapshot holds no personal data: parties and files are kept as keyed digests, so that one can see
that they changed, not what they were.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from linbao.core import clock
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import Attachment, Category, Item, Party, Sensitivity, Source
from linbao.organisation.tree import tree
from linbao.platform.encryption.crypto import blind_index

# The fields a finding may name and a resubmission may change, in the order of the form.
FIELDS: dict[str, str | Promise] = {
    "category": gettext_lazy("类别"),
    "subcategory": gettext_lazy("子类"),
    "title": gettext_lazy("标题"),
    "narrative": gettext_lazy("具体情况"),
    "occurred_at": gettext_lazy("发生时间"),
    "seen_at": gettext_lazy("发现时间"),
    "place": gettext_lazy("地点"),
    "point": gettext_lazy("地图位置"),
    "grid": gettext_lazy("网格"),
    "source": gettext_lazy("来源"),
    "sensitivity": gettext_lazy("敏感级别"),
    "urgent": gettext_lazy("紧急"),
    "key_points": gettext_lazy("关键要点"),
    "analysis": gettext_lazy("分析结论"),
    "suggestion": gettext_lazy("建议措施"),
    "parties": gettext_lazy("人员"),
    "attachments": gettext_lazy("附件"),
}
HIDDEN = {"parties", "attachments"}  # shown as changed, without their content


def field_label(item: Item, name: str) -> str:
    """What people call a field (`title`, `details.course`, `parties.0.phone`); the name itself if unknown."""
    if name.startswith("details."):
        for f in catalogue().fields(item.category, item.subcategory):
            if f.code == name.removeprefix("details."):
                return f.shown
    head = name.partition(".")[0]
    return str(FIELDS.get(head, name))


def field_choices(item: Item) -> list[tuple[str, str]]:
    """Every field of this item that a finding may name, with its label."""
    own = [f"details.{f.code}" for f in catalogue().fields(item.category, item.subcategory) if f.kind != "parties"]
    return [(name, field_label(item, name)) for name in [*FIELDS, *own]]


def is_field(item: Item, name: str) -> bool:
    """Whether a finding may name it: a field of the item, `parties.0.name`, `place.text`, or one of `details`."""
    head, _dot, tail = name.partition(".")
    if head == "details":
        return (
            tail.partition(".")[0] in {f.code for f in catalogue().fields(item.category, item.subcategory)}
            or tail in item.details
        )
    return head in FIELDS


def take(item: Item, parties: Sequence[Party], attachments: Sequence[Attachment]) -> dict[str, Any]:
    """The item's content as plain JSON, without personal data."""
    return {
        "category": item.category,
        "subcategory": item.subcategory,
        "title": item.title,
        "narrative": item.narrative,
        "occurred_at": _moment(item.occurred_at),
        "seen_at": _moment(item.seen_at),
        "place": item.place,
        "point": None if item.lat is None else [item.lat, item.lon],
        "grid": str(item.grid_id) if item.grid_id else None,
        "source": item.source,
        "sensitivity": item.sensitivity,
        "urgent": item.urgent,
        "key_points": list(item.key_points),
        "analysis": item.analysis,
        "suggestion": item.suggestion,
        "details": item.details,
        "parties": sorted(blind_index(f"{p.role}|{p.name or ''}|{p.phone or ''}") for p in parties),
        "attachments": sorted(blind_index(a.sha256) for a in attachments if a.stage == "report"),
    }


@dataclass(frozen=True)
class Change:
    """One field that differs; `segments` are ("same" | "old" | "new", text) for reading the difference."""

    name: str
    label: str
    before: str = ""
    after: str = ""
    hidden: bool = False
    segments: list[tuple[str, str]] = field(default_factory=list)


def changes(item: Item, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs between two snapshots of `item`, in the order of the form."""
    rows: list[Change] = []
    for name in FIELDS:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if name in HIDDEN:
            rows.append(Change(name, field_label(item, name), hidden=True))
        else:
            rows.append(_change(item, name, _text(name, old), _text(name, new)))
    was, now = before.get("details") or {}, after.get("details") or {}
    for code in [*now, *(c for c in was if c not in now)]:
        if was.get(code) != now.get(code):
            name = f"details.{code}"
            rows.append(_change(item, name, _detail(item, code, was.get(code)), _detail(item, code, now.get(code))))
    return rows


def _change(item: Item, name: str, old: str, new: str) -> Change:
    return Change(name, field_label(item, name), before=old, after=new, segments=_segments(old, new))


def _segments(old: str, new: str) -> list[tuple[str, str]]:
    """Character by character; texts that have little in common are shown whole, old then new."""
    matcher = difflib.SequenceMatcher(a=old[:5000], b=new[:5000], autojunk=False)
    if len(old) * len(new) > 4_000_000 or matcher.quick_ratio() < 0.3:
        return [(k, v) for k, v in (("old", old), ("new", new)) if v]
    rows: list[tuple[str, str]] = []
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            rows.append(("same", old[a:b]))
            continue
        if b > a:
            rows.append(("old", old[a:b]))
        if d > c:
            rows.append(("new", new[c:d]))
    return rows


def _text(name: str, value: Any) -> str:
    if value in (None, "", []):
        return ""
    if name in ("occurred_at", "seen_at"):
        return clock.local(datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M")
    if name == "point":
        return f"{value[0]:.5f}, {value[1]:.5f}"
    if name == "urgent":
        return gettext("是") if value else gettext("否")
    choices = {"category": Category, "source": Source, "sensitivity": Sensitivity}.get(name)
    if choices is not None and value in choices.values:
        return str(choices(value).label)
    if name == "subcategory":
        return catalogue().name(value)
    if name == "grid":
        unit = tree().get(UUID(value))
        return unit.name if unit else value
    return "；".join(map(str, value)) if isinstance(value, list) else str(value)


def _detail(item: Item, code: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    spec = next((f for f in catalogue().fields(item.category, item.subcategory) if f.code == code), None)
    labels = {o["code"]: o["label"] for o in spec.options} if spec else {}
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, dict):
        return gettext("，").join(f"{labels.get(k, k)} {v}" for k, v in value.items())
    if isinstance(value, list):
        return gettext("、").join(labels.get(v, str(v)) for v in value)
    return labels.get(value, str(value)) if isinstance(value, str) else str(value)


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
