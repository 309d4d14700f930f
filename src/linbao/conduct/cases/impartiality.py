"""Who may decide: a manager who has no part in the matter, from the community upwards (7.1.1, 7.2.1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from linbao.items.models import Item
from linbao.organisation.models import Role, RoleGrant
from linbao.organisation.tree import tree
from linbao.review.models import Review


def managers(community_id: UUID, *, but: Collection[UUID]) -> set[UUID]:
    """The managers of the community without those in `but`; nobody left: those of the next unit above that has
    one. Empty where nobody is left at all. One statement."""
    line = tree().line(community_id)
    grants = (
        RoleGrant.objects.current()
        .filter(unit__in=[u.id for u in line], role=Role.MANAGER, user__is_active=True)
        .exclude(user__in=list(but))
        .values_list("unit_id", "user_id")
    )
    result: dict[UUID, set[UUID]] = {}
    for unit, user in grants:
        result.setdefault(unit, set()).add(user)
    return next((result[u.id] for u in line if u.id in result), set())


def took_part(items: Sequence[Item]) -> set[UUID]:
    """Whoever reported, reviewed, handled or assisted with one of `items`: witnesses of the matter. One statement."""
    people = {p for i in items for p in (i.reporter_id, i.handler_id, *i.assistants) if p}
    return people | set(Review.objects.filter(item__in=[i.pk for i in items]).values_list("reviewer_id", flat=True))
