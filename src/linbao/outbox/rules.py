"""Who may send something again: who caused it, and the department."""

from __future__ import annotations

import rules

from linbao.outbox.models import Delivery
from linbao.units.models import Role, User


@rules.predicate
def caused(user: User, row: Delivery) -> bool:
    return row.caused_by_id == user.pk


@rules.predicate
def of_the_unit(user: User, row: Delivery) -> bool:
    return user.rights.on(row.unit_id, Role.MANAGER, Role.REVIEWER, Role.ADMINISTRATOR)


rules.add_perm("delivery.resend", caused | of_the_unit)
