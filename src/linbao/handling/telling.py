"""Who hears of each step, and whether there is a resident to be told (2.4.1)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from linbao.collection.models import Item, Party, PartyRole
from linbao.outbox.actions import notify_many
from linbao.units.models import User

_CONCERNED = (PartyRole.PROPOSER, PartyRole.CONTACT, PartyRole.VICTIM, PartyRole.INVOLVED)


def tell(item: Item, words: str, *, kind: str, by: User | None, also: Iterable[UUID | None] = (), reporters: bool = True) -> None:
    """Tell the reporter, the reporters of what was merged into it, and `also`; never `by` themself. No personal data."""
    people: set[UUID | None] = set(also)
    if reporters:
        people |= {item.reporter_id, *Item.objects.filter(merged_into=item).values_list("reporter_id", flat=True)}
    people -= {None, by.pk if by else None}
    if people:
        notify_many(sorted(p for p in people if p), words, kind=kind, subject_type="collection.item", subject_id=item.pk)


def named(item: Item) -> dict[str, str]:
    return {"number": item.number or "", "title": item.title}


def residents(item: Item) -> list[Party]:
    """Those to be told: proposers and contacts, else whoever left a number; of merged items too (2.2.1)."""
    found = list(
        Party.objects.filter(Q(item=item) | Q(item__merged_into=item))
        .select_related("item")
        .order_by("item__reported_at", "order")
    )
    asked = [p for p in found if p.role in (PartyRole.PROPOSER, PartyRole.CONTACT)]
    return asked or [p for p in found if p.phone_index or p.role in _CONCERNED]


def has_resident(item: Item) -> bool:
    """Whether there is somebody to tell at all; patrols' own findings have nobody."""
    return (
        Party.objects.filter(Q(item=item) | Q(item__merged_into=item))
        .filter(Q(role__in=_CONCERNED) | ~Q(phone_index=""))
        .exists()
    )
