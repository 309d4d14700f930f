"""What an administrator says of a subcategory or a field of the catalogue (3.1 to 3.4, domain.md §2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator

from linbao.core import text
from linbao.core.inputs import Input, Text
from linbao.items.models import FieldKind

CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")
MOST_OPTIONS = 40


def _needed(value: str) -> str:
    if not value:
        raise ValueError(_("请填写名称。"))
    return value


def _code(value: str) -> str:
    code = value.strip()
    if code and not CODE.fullmatch(code):
        raise ValueError(_("代码用小写英文字母、数字和下划线，以字母开头，最多 30 个。"))
    return code


def _within(low: int, high: int) -> AfterValidator:
    def check(value: int) -> int:
        if not low <= value <= high:
            raise ValueError(_("应为 %(low)d 到 %(high)d 之间的整数。") % {"low": low, "high": high})
        return value

    return AfterValidator(check)


def _kind(value: FieldKind | None) -> FieldKind | None:
    if value == FieldKind.PARTIES:
        raise ValueError(_("请选择类型。"))
    return value


class Option(Input):
    """One of the answers that a field offers."""

    code: str
    label: str
    label_en: str = ""


def _rows(value: Any) -> Any:
    """Options from lines (`code 名称 | English`), as a text area posts them, or as they are."""
    lines = [value] if isinstance(value, str) else value
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        return value
    rows = []
    for line in text.clean("\n".join(lines)).splitlines():
        code, _space, rest = line.strip().partition(" ")
        label, _bar, english = rest.partition("|")
        if code:
            rows.append({"code": code, "label": label.strip(), "label_en": english.strip()})
    return rows


def _options(value: list[Option]) -> list[Option]:
    codes = [o.code for o in value]
    if any(not CODE.fullmatch(o.code) or not 0 < len(o.label) <= 40 for o in value):
        raise ValueError(_("每行写“代码 名称”，代码用小写英文字母，如：light 轻。"))
    if len(set(codes)) < len(codes):
        raise ValueError(_("选项代码不能重复。"))
    if len(value) > MOST_OPTIONS:
        raise ValueError(_("选项最多 %(most)d 个。") % {"most": MOST_OPTIONS})
    return value


Name = Annotated[str, Text(40), AfterValidator(_needed)]
Code = Annotated[str, AfterValidator(_code)]
Order = Annotated[int, _within(0, 1_000_000)]


class SaveSubcategory(Input):
    """The whole subcategory as it should be. `code`: within its category, of a new one only; `handle_days`: working
    days for handling."""

    code: Code = ""
    name: Name
    name_en: Annotated[str, Text(60)] = ""
    group: Annotated[str, Text(40)] = ""
    group_en: Annotated[str, Text(40)] = ""
    handle_days: Annotated[int, _within(1, 365)]
    gb30428: Annotated[str, Text(20)] = ""
    open311: Annotated[str, Text(40)] = ""
    topic: Annotated[str, Text(40)] = ""
    default_unit: UUID | None = None
    order: Order
    emergency: bool
    active: bool


class SaveField(Input):
    """The whole field as it should be. `code`, `kind` and `subcategory` of a new one only: answers depend on them.
    `options`: a line each, `code 名称 | English`."""

    code: Code = ""
    kind: Annotated[FieldKind | None, AfterValidator(_kind)] = None
    subcategory: str = ""
    label: Name
    label_en: Annotated[str, Text(60)] = ""
    help: Annotated[str, Text(200)] = ""
    options: Annotated[list[Option], BeforeValidator(_rows), AfterValidator(_options)] = []
    order: Order
    required: bool
    active: bool


def options_as_lines(options: list[Mapping[str, str]] | list[dict[str, str]]) -> str:
    """Options as an administrator edits them: a line each, `code 名称 | English`."""
    return "\n".join(
        f"{o['code']} {o['label']}" + (f" | {o['label_en']}" if o.get("label_en") else "") for o in options
    )
