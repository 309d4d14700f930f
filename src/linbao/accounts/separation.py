"""Separation of duties (三员分立): which roles one person may hold together."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.core.problems import Invalid
from linbao.organisation.models import SEPARATED, Role, User


def may_hold(person: User, role: str, unit_id: UUID, starts: date, ends: date | None) -> None:
    """Raise `Invalid` where the role would join separated duties (三员分立) or is held in that time already."""
    overlapping = person.grants.filter(Q(ends__isnull=True) | Q(ends__gte=starts))
    if ends is not None:
        overlapping = overlapping.filter(starts__lte=ends)
    grants = list(overlapping.values_list("role", "unit"))
    others = {r for r, _u in grants} - {role}
    if others and (role in SEPARATED or others & SEPARATED):
        names = _("、").join(str(Role(r).label) for r in Role.values if r in others)
        raise Invalid(
            fields={
                "role": [
                    _("三员分立：“%(role)s”不能与“%(others)s”由同一人担任。")
                    % {"role": Role(role).label, "others": names}
                ]
            }
        )
    if (role, unit_id) in grants:
        raise Invalid(fields={"role": [_("此人在该时段已担任此角色。")]})
