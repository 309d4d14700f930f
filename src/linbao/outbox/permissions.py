"""Who sees what was sent, who may send it again (who caused it, and the department), who says that it arrived."""

from __future__ import annotations

import rules

from linbao.organisation.models import Role, Unit, User
from linbao.outbox.models import Delivery


@rules.predicate
def caused(user: User, row: Delivery) -> bool:
    """Caused the delivery."""
    return row.caused_by_id == user.pk


@rules.predicate
def of_the_unit(user: User, row: Delivery) -> bool:
    """Looks after the delivery's unit."""
    return user.rights.on(row.unit_id, Role.MANAGER, Role.REVIEWER, Role.ADMINISTRATOR)


@rules.predicate
def follows_deliveries(user: User, thing: object = None) -> bool:
    return user.rights.has(
        Role.REPORTER, Role.GROUP_LEADER, Role.REVIEWER, Role.MANAGER, Role.ADMINISTRATOR
    )  # which rows: Delivery.objects.visible_to


rules.add_perm("deliveries.view", follows_deliveries)
rules.add_perm("delivery.resend", caused | of_the_unit)
rules.add_perm("delivery.mark_sent", of_the_unit)


@rules.predicate
def manages_unit(user: User, unit: Unit | None = None) -> bool:
    """Manages or administers the unit."""
    return unit is not None and user.rights.on(unit.pk, Role.MANAGER, Role.ADMINISTRATOR)


rules.add_perm("channel.manage", manages_unit)
