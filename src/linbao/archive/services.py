"""Saved views of the archive: saving and deleting them (2.2.1)."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from linbao.archive.filters import Filters
from linbao.archive.inputs import SaveView
from linbao.archive.models import SavedView
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound
from linbao.organisation.models import User

MOST_VIEWS = 50


def save_view(user: User, data: SaveView, filters: Filters) -> SavedView:
    """Save these filters under a name; the same name again replaces them.

    Raises `Invalid` for filters that hold a person (1.3.4) and for one view too many, `NotAllowed`.
    """
    allow(user, "archive.view")
    if filters.person:
        raise Invalid(fields={"person": [_("含有姓名或电话的条件不能保存为视图。")]})
    if SavedView.objects.filter(user=user).exclude(name=data.name).count() >= MOST_VIEWS:
        raise Invalid(fields={"name": [_("最多保存 %(n)d 个视图，请先删除不用的。") % {"n": MOST_VIEWS}]})
    return SavedView.objects.update_or_create(user=user, name=data.name, defaults={"query": filters.query()[:1000]})[0]


def delete_view(user: User, view_id: UUID) -> None:
    """Delete one's own view. Raises `NotFound`."""
    row = SavedView.objects.filter(pk=view_id, user=user).first()
    if row is None:
        raise NotFound(_("没有这个视图。"))
    row.delete()
