"""Filters of lists of items: category, subcategory, grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as lazy

from linbao.core.http import as_uuid
from linbao.core.listing import Choice, Control
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import Category
from linbao.organisation.models import Unit, User
from linbao.organisation.tree import tree

CATEGORY = Choice("category", lazy("类别"), "category", every=lazy("全部类别"), options=Category.choices)


@dataclass(frozen=True)
class SubcategoryFilter(Choice):
    """A subcategory; offered once its category is chosen."""

    def clean(self, user: User, raw: str) -> str:
        if raw not in catalogue().subcategories:
            raise ValueError("no subcategory")
        return raw

    def controls(self, user: User, raw: Mapping[str, str]) -> list[Control]:
        pairs = [(s.code, s.shown) for s in catalogue().by_category.get(raw.get("category", ""), [])]
        value = raw.get(self.name, "")
        if not pairs:
            return [Control("hidden", self.name, self.label, value)] if value else []
        return [Control("select", self.name, self.label, value, self.every, [("", pairs)])]

    def shown(self, user: User, value: str) -> str:
        return catalogue().name(value)


SUBCATEGORY = SubcategoryFilter("subcategory", lazy("子类"), "subcategory", every=lazy("全部子类"))


@dataclass(frozen=True)
class OfUnits(Choice):
    """One of the units that `units` returns for a user, by its id, without what lies below it."""

    units: Callable[[User], list[Unit]] = lambda user: []

    def clean(self, user: User, raw: str) -> UUID:
        value = as_uuid(raw)
        if value is None:
            raise ValueError("no unit")
        return value

    def _groups(self, user: User) -> list[tuple[str, list[tuple[str, Any]]]]:
        pairs: list[tuple[str, Any]] = [(str(u.pk), u.name) for u in self.units(user)]
        return [("", pairs)] if pairs else []

    def shown(self, user: User, value: UUID) -> str:
        return tree().name(value)
