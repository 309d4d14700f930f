"""Changing the catalogue without code: subcategories and fields (issue 2.3, domain.md §2).

Each change is on the audit log and reaches every process. What items were filed under stays: codes
are never changed and nothing is deleted, only taken out of use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import text
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.items.catalogue.catalogue import reference
from linbao.items.models import CatalogueField, Category, FieldKind, Subcategory
from linbao.organisation.models import UnitKind, User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree

CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")
MOST_OPTIONS = 40
Errors = dict[str, list[str]]


@transaction.atomic
def save_subcategory(user: User, category: str, data: Mapping[str, Any], *, code: str = "") -> Subcategory:
    """Add a subcategory (no `code`), or change the one with that code.

    `data`: code (short, new ones only), name, name_en, group, group_en, handle_days, gb30428, open311,
    topic, default_unit, emergency, order, active. Raises `Invalid`, `NotFound`, `Conflict`.
    """
    allow(user, "catalogue.change")
    errors: Errors = {}
    if code:
        row = Subcategory.objects.select_for_update().filter(pk=code, category=category).first()
        if row is None:
            raise NotFound(_("没有这个子类。"))
    else:
        short = str(data.get("code", "")).strip()
        if not CODE.fullmatch(short):
            errors["code"] = [_("代码用小写英文字母、数字和下划线，以字母开头，最多 30 个。")]
        row = Subcategory(code=f"{category}.{short}", category=_category(category))
        if Subcategory.objects.filter(pk=row.code).exists():
            errors["code"] = [_("这个代码已经有了。")]
    for name, longest, needed in (
        ("name", 40, True),
        ("name_en", 60, False),
        ("group", 40, False),
        ("group_en", 40, False),
        ("gb30428", 20, False),
        ("open311", 40, False),
        ("topic", 40, False),
    ):
        if name in data:
            setattr(row, name, _words(data[name], longest, name, errors, needed=needed))
    if not row.name and "name" not in errors:
        errors["name"] = [_("请填写名称。")]
    if "handle_days" in data:
        row.handle_days = _whole(data["handle_days"], 1, 365, "handle_days", errors)
    if "order" in data:
        row.order = _whole(data["order"], 0, 1_000_000, "order", errors)
    for name in ("emergency", "active"):
        if name in data:
            setattr(row, name, bool(data[name]))
    if "default_unit" in data:
        row.default_unit_id = _unit(data["default_unit"], errors)
    if errors:
        raise Invalid(fields=errors)
    row.save(force_insert=not code)
    _told(user, "catalogue.subcategory", row.code, data)
    return row


@transaction.atomic
def save_field(user: User, category: str, data: Mapping[str, Any], *, field_id: UUID | None = None) -> CatalogueField:
    """Add a field to a category or one of its subcategories, or change one.

    `data`: code and kind (new ones only: answers already given depend on them), subcategory, label,
    label_en, help, options (a line each: `code 名称`, or a list), required, unless, order, active.
    """
    allow(user, "catalogue.change")
    errors: Errors = {}
    if field_id:
        row = CatalogueField.objects.select_for_update().filter(pk=field_id, category=category).first()
        if row is None:
            raise NotFound(_("没有这个字段。"))
    else:
        code = str(data.get("code", "")).strip()
        if not CODE.fullmatch(code):
            errors["code"] = [_("代码用小写英文字母、数字和下划线，以字母开头，最多 30 个。")]
        kind = str(data.get("kind", ""))
        if kind not in FieldKind.values or kind == FieldKind.PARTIES:
            errors["kind"] = [_("请选择类型。")]
        subcategory = str(data.get("subcategory") or "")
        if subcategory and not Subcategory.objects.filter(pk=subcategory, category=category).exists():
            errors["subcategory"] = [_("该类别下没有这个子类。")]
        taken = CatalogueField.objects.filter(category=category, code=code)
        if taken.exists():
            errors["code"] = [_("这个代码已经有了。")]
        row = CatalogueField(category=_category(category), code=code, kind=kind, subcategory_id=subcategory or None)
    for name, longest in (("label", 40), ("label_en", 60), ("help", 200)):
        if name in data:
            setattr(row, name, _words(data[name], longest, name, errors, needed=name == "label"))
    if not row.label and "label" not in errors:
        errors["label"] = [_("请填写名称。")]
    if row.kind in (FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.NUMBERS):
        if "options" in data:
            row.options = _options(data["options"], row.options, errors)
        if not row.options and "options" not in errors:
            errors["options"] = [_("请至少写一个选项，每行一个：代码 名称。")]
    for name in ("required", "active"):
        if name in data:
            setattr(row, name, bool(data[name]))
    if "order" in data:
        row.order = _whole(data["order"], 0, 1_000_000, "order", errors)
    if errors:
        raise Invalid(fields=errors)
    try:
        with transaction.atomic():
            row.save(force_insert=not field_id)
    except IntegrityError as e:
        raise Conflict(_("这个代码已经有了。")) from e
    _told(user, "catalogue.field", f"{category}.{row.code}", data)
    return row


def options_as_lines(options: list[dict[str, str]]) -> str:
    """Options as an administrator edits them: a line each, `code 名称 | English`."""
    return "\n".join(
        f"{o['code']} {o['label']}" + (f" | {o['label_en']}" if o.get("label_en") else "") for o in options
    )


# --- inside ------------------------------------------------------------------------------------


def _told(user: User, action: str, code: str, data: Mapping[str, Any]) -> None:
    audit.record(user, action, code=code, fields=sorted(str(k) for k in data))
    reference.changed()


def _category(value: str) -> str:
    if value not in Category.values:
        raise NotFound(_("没有这个类别。"))
    return value


def _words(value: Any, longest: int, name: str, errors: Errors, *, needed: bool) -> str:
    cleaned = text.clean(str(value or "")).replace("\n", " ")
    if needed and not cleaned:
        errors[name] = [_("请填写名称。")]
    if len(cleaned) > longest:
        errors[name] = [_("最多 %(most)d 个字，现有 %(now)d 个字。") % {"most": longest, "now": len(cleaned)}]
    return cleaned[:longest]


def _whole(value: Any, low: int, high: int, name: str, errors: Errors) -> int:
    try:
        number = int(str(value)[:12])
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        errors[name] = [_("应为 %(low)d 到 %(high)d 之间的整数。") % {"low": low, "high": high}]
        return low
    return number


def _unit(value: Any, errors: Errors) -> UUID | None:
    if not value:
        return None
    try:
        unit = tree().get(UUID(str(value)))
    except ValueError:
        unit = None
    if unit is None or unit.kind == UnitKind.GRID:
        errors["default_unit"] = [_("没有这个单位。")]
        return None
    return unit.id


def _options(value: Any, before: list[dict[str, str]], errors: Errors) -> list[dict[str, str]]:
    """Options from lines or a list. A code once used stays known, so that old answers keep their words."""
    rows: list[dict[str, str]] = []
    if isinstance(value, str):
        for line in text.clean(value).splitlines():
            code, _space, rest = line.strip().partition(" ")
            label, _bar, english = rest.partition("|")
            if code or rest:
                rows.append({"code": code, "label": label.strip(), "label_en": english.strip()})
    elif isinstance(value, list):
        rows = [{k: str(o.get(k, "")) for k in ("code", "label", "label_en")} for o in value if isinstance(o, Mapping)]
    codes = [r["code"] for r in rows]
    if any(not CODE.fullmatch(c) for c in codes) or any(not r["label"] or len(r["label"]) > 40 for r in rows):
        errors["options"] = [_("每行写“代码 名称”，代码用小写英文字母，如：light 轻。")]
    elif len(set(codes)) < len(codes):
        errors["options"] = [_("选项代码不能重复。")]
    elif len(rows) > MOST_OPTIONS:
        errors["options"] = [_("选项最多 %(most)d 个。") % {"most": MOST_OPTIONS}]
    gone = [o for o in before if o["code"] not in codes]
    if gone and not errors.get("options"):
        errors["options"] = [
            _("已用过的选项不能删除：%(codes)s。可以改名。") % {"codes": _("、").join(o["label"] for o in gone)}
        ]
    return rows
