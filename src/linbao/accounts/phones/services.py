"""What the phone app reports of its device, and the order to clear what it stores (6.1.2, 1.3.4).

Any room asks for a wipe with `ask_wipe(person)`; the app carries it out at its next contact and reports it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.accounts.inputs import DescribePhone
from linbao.accounts.models import Phone
from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.problems import Conflict
from linbao.organisation.models import User

MOST = 30  # devices of one person


@transaction.atomic
def contact(person: User, device: UUID, data: DescribePhone) -> Phone:
    """Store what a device reports of itself. A device whose wipe was carried out begins anew; one person has at most 30
    (`Conflict`)."""
    phone = Phone.objects.select_for_update().filter(device=device, user=person).first()
    if phone is None:
        if person.phones.count() >= MOST:
            raise Conflict(_("登记的设备过多，请联系安全保密员清理。"))
        phone = Phone(device=device, user=person)
    phone.platform, phone.screen, phone.version = data.platform, data.screen, data.version
    phone.storage_mb = data.storage_mb
    if phone.wiped_at is not None:
        phone.wipe_asked_at, phone.wiped_at, phone.whole = None, None, False
    phone.standalone, phone.last_at = data.standalone, clock.now()
    phone.save()
    return phone


def ask_wipe(person: User, *, phones: list[UUID] | None = None, whole: bool = False) -> int:
    """Ask that a person's devices (all, or the rows named) clear what they store of this person; with `whole` all that
    they store of anybody (the device is lost). How many were asked. Belongs into the transaction of its cause."""
    rows = person.phones.filter(wiped_at__isnull=True) if phones is None else person.phones.filter(pk__in=phones)
    # A lost device that has not cleared itself yet still has to do so wholly.
    return rows.update(wipe_asked_at=clock.now(), wiped_at=None, **({"whole": True} if whole else {}))


def free(person: User) -> int:
    """Take back what was asked of a person's devices because their access ended, where it was not carried out yet; a
    device that is lost clears itself all the same. How many."""
    rows = person.phones.filter(wipe_asked_at__isnull=False, wiped_at__isnull=True, whole=False)
    return rows.update(wipe_asked_at=None)


def orders(device: UUID) -> dict[str, Any]:
    """What a device must do now: `wipe`, `whole` or only for `people` (ids that the device itself keeps)."""
    rows = list(
        Phone.objects.filter(device=device, wipe_asked_at__isnull=False, wiped_at__isnull=True).values_list(
            "user", "whole"
        )
    )
    return {"wipe": bool(rows), "whole": any(w for _u, w in rows), "people": [str(u) for u, _w in rows]}


@transaction.atomic
def wiped(device: UUID) -> int:
    """The device has cleared what it was ordered to; on the audit log. Repeating it changes nothing."""
    rows = Phone.objects.select_for_update().filter(device=device, wipe_asked_at__isnull=False, wiped_at__isnull=True)
    matches = list(rows)
    for phone in matches:
        phone.wiped_at = clock.now()
        phone.save(update_fields=["wiped_at"])
        audit.record(None, "phone.wiped", phone)
    return len(matches)
