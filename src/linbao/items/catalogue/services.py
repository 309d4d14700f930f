"""Changing the catalogue without code: subcategories and fields (issue 2.3, domain.md §2).

Each change is on the audit log and reaches every process. What items were filed under stays: codes are never changed
and nothing is deleted, only taken out of use.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core.inputs import Input
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.items.catalogue.catalogue import reference
from linbao.items.catalogue.inputs import Option, SaveField, SaveSubcategory
from linbao.items.models import CatalogueField, Category, FieldKind, Subcategory
from linbao.organisation.models import UnitKind, User
from linbao.organisation.tree import tree

WITH_OPTIONS = (FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.NUMBERS)


@transaction.atomic
def save_subcategory(user: User, category: str, data: SaveSubcategory, *, code: str = "") -> Subcategory:
    """Add a subcategory (no `code`), or change the one with that code (`sanitation.waste`).

    Raises `Invalid`, `NotFound`, `NotAllowed`.
    """
    allow(user, "catalogue.change")
    if code:
        row = Subcategory.objects.select_for_update().filter(pk=code, category=category).first()
        if row is None:
            raise NotFound(_("没有这个子类。"))
    else:
        row = Subcategory(code=f"{category}.{data.code}", category=_category(category))
        _check_new_code(data.code, taken=Subcategory.objects.filter(pk=row.code).exists())
    unit = tree().get(data.default_unit)
    if data.default_unit and (unit is None or unit.kind == UnitKind.GRID):
        raise Invalid(fields={"default_unit": [_("没有这个单位。")]})
    for name, value in data.model_dump(exclude={"code", "default_unit"}).items():
        setattr(row, name, value)
    row.default_unit_id = unit.id if unit else None
    row.save(force_insert=not code)
    _record(user, "catalogue.subcategory", row.code, data)
    return row


@transaction.atomic
def save_field(user: User, category: str, data: SaveField, *, field_id: UUID | None = None) -> CatalogueField:
    """Add a field to a category or one of its subcategories, or change one. An option that exists is never removed:
    answers refer to it.

    Raises `Invalid`, `NotFound`, `Conflict`, `NotAllowed`.
    """
    allow(user, "catalogue.change")
    if field_id:
        row = CatalogueField.objects.select_for_update().filter(pk=field_id, category=category).first()
        if row is None:
            raise NotFound(_("没有这个字段。"))
    else:
        _check_new_code(data.code, taken=CatalogueField.objects.filter(category=category, code=data.code).exists())
        if data.kind is None:
            raise Invalid(fields={"kind": [_("请选择类型。")]})
        subcategory = data.subcategory or None
        if subcategory and not Subcategory.objects.filter(pk=subcategory, category=category).exists():
            raise Invalid(fields={"subcategory": [_("该类别下没有这个子类。")]})
        row = CatalogueField(category=_category(category), code=data.code, kind=data.kind, subcategory_id=subcategory)
    if row.kind in WITH_OPTIONS:
        _check_options(data.options, row.options)
        row.options = [o.model_dump() for o in data.options]
    for name in ("label", "label_en", "help", "order", "required", "active"):
        setattr(row, name, getattr(data, name))
    try:
        with transaction.atomic():
            row.save(force_insert=not field_id)
    except IntegrityError as e:
        raise Conflict(_("这个代码已经有了。")) from e
    _record(user, "catalogue.field", f"{category}.{row.code}", data)
    return row


# --- inside ------------------------------------------------------------------------------------


def _record(user: User, action: str, code: str, data: Input) -> None:
    audit.record(user, action, code=code, fields=sorted(data.model_fields_set))
    reference.changed()


def _category(value: str) -> str:
    if value not in Category.values:
        raise NotFound(_("没有这个类别。"))
    return value


def _check_new_code(code: str, *, taken: bool) -> None:
    if not code:
        raise Invalid(fields={"code": [_("代码用小写英文字母、数字和下划线，以字母开头，最多 30 个。")]})
    if taken:
        raise Invalid(fields={"code": [_("这个代码已经有了。")]})


def _check_options(options: Sequence[Option], before: Sequence[dict[str, str]]) -> None:
    if not options:
        raise Invalid(fields={"options": [_("请至少写一个选项，每行一个：代码 名称。")]})
    codes = {o.code for o in options}
    if gone := [o for o in before if o["code"] not in codes]:
        message = _("已用过的选项不能删除：%(codes)s。可以改名。")
        raise Invalid(fields={"options": [message % {"codes": _("、").join(o["label"] for o in gone)}]})
