"""What duties take from the life of people and roles (`accounts.signals`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from linbao.accounts import signals
from linbao.duties import services
from linbao.duties.models import Obligation
from linbao.organisation.models import User


@receiver(signals.role_ended)
def meet_reassignment(sender: Any, person: User, **kwargs: Any) -> None:
    """Another post was owed to this person (5.2.3): with the role's end it is done."""
    services.meet("reassign", person.pk)


@receiver(signals.reassignment_due_asked)
def reassignment_due(sender: Any, person: User, by: User, **kwargs: Any) -> datetime | None:
    """Until when `by` owes `person` another post (5.2.3, 7.2.1)."""
    owed = Obligation.objects.open().filter(kind="reassign", subject_id=person.pk, owner=by)
    return owed.values_list("due_at", flat=True).first()
