"""Saved views of the archive: kept, taken away (2.2.1)."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from linbao.archive.filters import Filters
from linbao.archive.models import SavedView
from linbao.core import text
from linbao.core.problems import Invalid, NotFound
from linbao.organisation.models import User
from linbao.organisation.rights import allow

MOST_VIEWS = 50


def save_view(user: User, name: str, filters: Filters) -> SavedView:
    """Keep these filters under a name; the same name again replaces them."""
    allow(user, "archive.view")
    name = text.clean(name)
    if not name or len(name) > 40:
        raise Invalid(fields={"name": [_("请给这个视图起一个名字，不超过 40 个字。")]})
    if filters.person:
        raise Invalid(fields={"person": [_("含有姓名或电话的条件不能保存为视图。")]})
    if SavedView.objects.filter(user=user).exclude(name=name).count() >= MOST_VIEWS:
        raise Invalid(fields={"name": [_("最多保存 %(n)d 个视图，请先删除不用的。") % {"n": MOST_VIEWS}]})
    return SavedView.objects.update_or_create(user=user, name=name, defaults={"query": filters.query()[:1000]})[0]


def delete_view(user: User, view_id: UUID) -> None:
    row = SavedView.objects.filter(pk=view_id, user=user).first()
    if row is None:
        raise NotFound(_("没有这个视图。"))
    row.delete()
