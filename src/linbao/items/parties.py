"""Showing people's names and phones: masked by default, revealed one person at a time with a reason (1.3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import text
from linbao.core.permissions import allow
from linbao.core.problems import NotFound
from linbao.items import masking, services
from linbao.items.inputs import Reveal, RevealParty
from linbao.items.models import Item, Party
from linbao.organisation.models import User


@dataclass(frozen=True)
class Person:
    """A party as it is shown. `revealed` is true where name and phone stand in full."""

    id: UUID
    role: str
    name: str
    phone: str
    revealed: bool = False


def masked(parties: Sequence[Party], revealed: UUID | None = None) -> list[Person]:
    """The parties for a page: 张* and 138****1234, save the one that was just revealed."""
    return [_person(p, p.pk == revealed) for p in parties]


def opened(user: User, item: Item) -> None:
    """Note on the audit log that somebody other than its author opened a sensitive or confidential item (1.3.4)."""
    if item.restricted and item.reporter_id != user.pk:
        audit.record(user, "sheet.look", item, unit_id=item.community_id)


@transaction.atomic
def reveal(user: User, item_id: UUID, data: RevealParty, *, address: str | None = None) -> Item:
    """Let `user` see one person's name and phone in full; on the audit log with the reason (1.3.4, 6.2.2).

    For the reporter, reviewers and managers of the community, and whoever handles the item. `address`: the caller's
    IP address. Raises `NotFound`, `NotAllowed`. Returns the item.
    """
    item = services.get(user, item_id)
    allow(user, "party.reveal", item)
    if not Party.objects.filter(pk=data.party, item=item).exists():
        raise NotFound(_("没有找到这位人员。"))
    audit.record(
        user,
        "party.reveal",
        item,
        unit_id=item.community_id,
        reason=masking.within(item, data.reason)[:300],
        address=address,
        party=str(data.party),
    )
    return item


@transaction.atomic
def reveal_text(user: User, item_id: UUID, data: Reveal, *, address: str | None = None) -> Item:
    """Let `user` read the text of one item as typed, with the doors and names in it; on the audit log with the
    reason (1.3.4). `address`: the caller's IP address. Raises `NotFound`, `NotAllowed`. Returns the item."""
    item = services.get(user, item_id)
    allow(user, "party.reveal", item)
    audit.record(
        user,
        "party.reveal",
        item,
        unit_id=item.community_id,
        reason=masking.within(item, data.reason)[:300],
        address=address,
        text=True,
    )
    return item


def _person(party: Party, revealed: bool) -> Person:
    name, phone = party.name or "", party.phone or ""
    return Person(
        id=party.pk,
        role=party.get_role_display(),
        name=name if revealed else text.mask_name(name),
        phone=phone if revealed else (text.mask_phone(phone) if phone else ""),
        revealed=revealed,
    )
