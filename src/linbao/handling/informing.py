"""Who is notified of each step, and whether there is a resident to inform (2.4.1)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core.permissions import allow
from linbao.core.problems import NotFound
from linbao.core.wording import Worded
from linbao.items import masking
from linbao.items import services as item_services
from linbao.items.models import Item, Party, PartyRole
from linbao.organisation.models import User
from linbao.outbox.services import notify_many

_CONCERNED = (PartyRole.PROPOSER, PartyRole.CONTACT, PartyRole.VICTIM, PartyRole.INVOLVED)


def notify_people(
    item: Item,
    message: str | Worded,
    *,
    kind: str,
    by: User | None,
    also: Iterable[UUID | None] = (),
    reporters: bool = True,
) -> None:
    """Notify the reporter (and those of items merged into it) and `also`, but not `by`, who did it. `message` names no
    residents."""
    people: set[UUID | None] = set(also)
    if reporters:
        people |= {item.reporter_id, *Item.objects.filter(merged_into=item).values_list("reporter_id", flat=True)}
    people -= {None, by.pk if by else None}
    if people:
        notify_many(sorted(p for p in people if p), message, kind=kind, subject_type="items.item", subject_id=item.pk)


def residents(item: Item) -> list[Party]:
    """Those to inform: proposers and contacts, else whoever left a number; of merged items too (2.2.1)."""
    rows = list(
        Party.objects.filter(Q(item=item) | Q(item__merged_into=item))
        .select_related("item")
        .order_by("item__reported_at", "order")
    )
    asked = [p for p in rows if p.role in (PartyRole.PROPOSER, PartyRole.CONTACT)]
    return asked or [p for p in rows if p.phone_index or p.role in _CONCERNED]


def has_resident(item: Item) -> bool:
    """Whether there is somebody to inform at all; what a patrol reports has nobody."""
    return (
        Party.objects.filter(Q(item=item) | Q(item__merged_into=item))
        .filter(Q(role__in=_CONCERNED) | ~Q(phone_index=""))
        .exists()
    )


@transaction.atomic
def reveal(user: User, item_id: UUID, party_id: UUID, *, address: str | None = None) -> UUID:
    """Show one resident's name and phone in full to whoever informs them, on the audit log (1.3.4, 2.4.1).

    Residents of merged items too, which the ordinary way would not reach. Raises `NotFound`, `NotAllowed`.
    """
    item = item_services.get(user, item_id)
    allow(user, "item.inform", item)
    party = Party.objects.filter(Q(item=item) | Q(item__merged_into=item), pk=party_id).first()
    if party is None:
        raise NotFound(_("没有找到这位人员。"))
    audit.record(
        user,
        "party.reveal",
        item,
        unit_id=item.community_id,
        reason=_("向居民反馈（2.4.1）"),
        address=address,
        party=str(party_id),
    )
    return party_id


def plain(item: Item, value: str) -> str:
    """`value` for a resident: phones, ID numbers and the names of the item's own people are masked (1.3.4)."""
    return masking.within(item, value)
