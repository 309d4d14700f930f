"""Who reads the audit log: auditors alone (三员分立, 1.3.4); which lines: `Record.objects.visible_to`."""

from __future__ import annotations

import rules

from linbao.organisation.models import Role, User


@rules.predicate
def audits(user: User, thing: object = None) -> bool:
    return user.rights.has(Role.AUDITOR)


rules.add_perm("audit.view", audits)
