"""The quarterly review of rights: each grant of a unit's people is kept or ended (6.1.1)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.accounts import services as accounts
from linbao.accounts.inputs import EndGrant
from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.duties import services as duties
from linbao.organisation import people
from linbao.organisation.models import Role, RoleGrant, Unit, UnitKind, User
from linbao.organisation.tree import tree
from linbao.platform import queue
from linbao.security import staff
from linbao.security.checks.inputs import FinishReview
from linbao.security.models import RightsReview


def reviewed(user: User) -> list[Unit]:
    """The units whose rights `user` reviews: those on which they are security officer themselves; no query."""
    return [u for u in map(tree().get, user.rights.granted.get(Role.SECURITY_OFFICER, ())) if u is not None]


def standing(unit_id: UUID) -> list[RoleGrant]:
    """The grants in force or to come on the unit and below, by person; one statement. Under a city or district only
    those held there themselves and on its departments: each community has its own review."""
    known, unit = tree(), tree().get(unit_id)
    scope = known.within(unit_id)
    if unit is not None and unit.kind in (UnitKind.CITY, UnitKind.DISTRICT, UnitKind.SUBDISTRICT):
        scope = frozenset(u for u in scope if known.above(u, UnitKind.COMMUNITY) is None)
    rows = RoleGrant.objects.filter(unit__in_array=scope, user__is_active=True).select_related("user", "granted_by")
    today = clock.today()
    return [g for g in rows.order_by("user__name", "user", "role") if g.ends is None or g.ends >= today]


@transaction.atomic
def finish(actor: User, unit_id: UUID, data: FinishReview) -> RightsReview:
    """Keep or end each grant (6.1.1). One's own grants are for another officer and stay as they are. All or nothing:
    raises `Invalid` by `verdicts.<grant>.keep`; `Conflict` when the quarter was reviewed, or a grant may not be ended
    (the last administrator)."""
    unit = tree().get(unit_id)
    if unit is None or unit not in reviewed(actor):
        raise NotFound(_("没有这个单位。"))
    allow(actor, "security.keep", unit)
    quarter, _last = staff.quarter(clock.today(staff.zone_of(unit.pk)))
    if RightsReview.objects.filter(unit_id=unit.pk, quarter=quarter).exists():
        raise Conflict(_("本季度的权限复核已经完成。"))
    rows = standing(unit.pk)
    errors: dict[str, list[str]] = {}
    lines, ending = [], []
    for grant in rows:
        verdict = data.verdicts.get(grant.pk)
        keep, reason = (verdict.keep, verdict.reason) if verdict else (None, "")
        if grant.user_id == actor.pk:
            keep, reason = True, _("本人的角色，由另一位安全保密员复核")
        elif keep is None:
            errors[f"verdicts.{grant.pk}.keep"] = [_("请选择保留或结束。")]
        elif not keep:
            ending.append(grant)
        lines.append(
            {
                "person": grant.user.name,
                "role": str(Role(grant.role).label),
                "unit": people.name_of(tree().get(grant.unit_id)),
                "since": str(grant.starts),
                "retained": bool(keep),
                "reason": reason,
            }
        )
    if errors:
        raise Invalid(_("还有角色没有复核。"), errors)
    for grant in ending:
        accounts.end_grant(actor, grant.pk, EndGrant())
    row = RightsReview.objects.create(
        unit_id=unit.pk,
        quarter=quarter,
        by=actor,
        at=clock.now(),
        lines=lines,
        retained=len(rows) - len(ending),
        ended=len(ending),
    )
    duties.meet_period("rights_review", None, quarter, subject_id=unit.pk)
    audit.record(actor, "rights.review", row, unit_id=unit.pk, rows=len(rows), matches=len(ending))

    queue.defer("security.make_record", kind="review", record=row.pk)
    return row


@transaction.atomic
def open_duties() -> int:
    """Open this quarter's review for every unit that has a security officer of its own; safe to repeat."""
    rows = RoleGrant.objects.current().filter(role=Role.SECURITY_OFFICER, user__is_active=True)
    opened = []
    for unit_id in set(rows.values_list("unit_id", flat=True)):
        unit = tree().get(unit_id)
        first, last = staff.quarter(clock.today(staff.zone_of(unit_id)))
        if unit is None or RightsReview.objects.filter(unit_id=unit_id, quarter=first).exists():
            continue
        opened.append(
            duties.make(
                "rights_review",
                unit_id=unit_id,
                due_at=staff.due(unit_id, last),
                owner_id=staff.officer_of(unit_id),
                subject=unit,
                period=first,
                title=unit.name,
            )
        )
    duties.open_(*opened)
    return len(opened)
