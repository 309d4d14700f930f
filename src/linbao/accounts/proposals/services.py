"""Roles that wait for a second person: the administrator proposes, a security officer confirms (三员分立, 6.1.1).

Nothing is granted because nobody was there to confirm it: without an officer it waits, and says so.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.accounts import separation
from linbao.accounts.inputs import RefuseProposal
from linbao.accounts.models import RoleProposal
from linbao.accounts.passwords import services as password_resets
from linbao.accounts.proposals.states import ROLE_PROPOSAL
from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import worded
from linbao.organisation.models import Role, RoleGrant, Unit, User
from linbao.organisation.people import holders_over
from linbao.organisation.tree import tree
from linbao.outbox.services import notify, notify_many


def propose(
    actor: User, person: User, role: str, unit: Unit, *, starts: date, ends: date | None, officers: set[UUID]
) -> RoleProposal:
    """A grant that waits; the officers over the unit are notified. Raises `Invalid` for one that waits already."""
    if RoleProposal.objects.waiting().filter(user=person, role=role, unit_id=unit.pk).exists():
        raise Invalid(fields={"role": [_("同样的授予正在等待安全保密员确认。")]})
    row = RoleProposal.objects.create(
        user=person, role=role, unit_id=unit.pk, starts=starts, ends=ends, proposed_by=actor
    )
    audit.record(actor, "role.propose", person, unit_id=unit.pk, role=role, starts=str(starts), ends=str(ends or ""))
    message = worded("请确认角色授予：%(name)s，%(role)s（%(unit)s）") % {
        "name": person.name,
        "role": Role(role).label,
        "unit": unit.name,
    }
    notify_many(
        sorted((officers or holders_over(unit.pk, Role.AUDITOR)) - {person.pk}, key=str),
        message,
        kind="role.proposal",
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
    )
    return row


def waits_for(unit_id: UUID) -> str:
    """Who must confirm a grant on this unit: a sentence for the page."""

    def names_of(people: set[UUID]) -> list[str]:
        return list(User.objects.filter(pk__in=people).order_by("name").values_list("name", flat=True)[:5])

    names = names_of(holders_over(unit_id, Role.SECURITY_OFFICER))
    if not names:
        if names := names_of(holders_over(unit_id, Role.AUDITOR)):
            return _("本单位及上级没有在任的安全保密员，须由审计员确认后生效：%(names)s。") % {
                "names": _("、").join(names)
            }
        return _(
            "本单位及上级还没有安全保密员，也没有审计员：请先授予一位安全保密员；"
            "曾经有过的，由掌握服务器的人用 linbao user 命令授予。"
        )
    return _("须由安全保密员确认后生效：%(names)s。") % {"names": _("、").join(names)}


def without_second(actor: User, row: RoleGrant) -> None:
    """Report that a first security officer came into force by one person alone: a line of its own on the audit log, and
    a notice to auditors, managers and administrators over the unit."""
    unit = tree().get(row.unit_id)
    audit.record(actor, "role.grant_alone", row.user, unit_id=row.unit_id, role=row.role)
    line = [u.id for u in tree().line(row.unit_id)]
    overseeing = Q(role__in=[Role.AUDITOR, Role.MANAGER, Role.ADMINISTRATOR], unit__in=line, user__is_active=True)
    people = set(RoleGrant.objects.current().filter(overseeing).values_list("user_id", flat=True)) - {row.user_id}
    message = worded("%(by)s未经第二人确认，设立了%(unit)s的首位安全保密员：%(name)s") % {
        "by": actor.name,
        "unit": unit.name if unit else "",
        "name": row.user.name,
    }
    notify_many(sorted(people, key=str), message, kind="role.grant_alone")


@transaction.atomic
def confirm(actor: User, proposal_id: UUID) -> RoleGrant:
    """Put a proposal in force. Raises `Conflict` when it was decided, or concerns oneself; `Invalid` when it no
    longer goes with what the person holds."""
    row = _get(actor, proposal_id)
    person = User.objects.select_for_update().get(pk=row.user_id)
    if not person.is_active:
        raise Conflict(_("账号已停用，不能授予角色。"))
    if row.ends is not None and row.ends < clock.today():
        raise Conflict(_("授予的期限已过，请系统管理员重新提出。"))
    separation.may_hold(person, row.role, row.unit_id, row.starts, row.ends)
    grant = RoleGrant.objects.create(
        user=person, role=row.role, unit_id=row.unit_id, starts=row.starts, ends=row.ends, granted_by=row.proposed_by
    )
    _decide(row, actor, "confirm")
    audit.record(
        actor,
        "role.grant",
        person,
        unit_id=row.unit_id,
        role=row.role,
        starts=str(row.starts),
        ends=str(row.ends or ""),
        proposed_by=row.proposed_by.name,
    )
    return grant


@transaction.atomic
def refuse(actor: User, proposal_id: UUID, data: RefuseProposal) -> RoleProposal:
    """Refuse a proposal, with the reason for whoever proposed it. Raises `Conflict` when it was decided."""
    row = _get(actor, proposal_id)
    _decide(row, actor, "refuse", data.reason)
    audit.record(actor, "role.refuse", row.user, unit_id=row.unit_id, role=row.role, reason=data.reason)
    return row


@transaction.atomic
def withdraw(actor: User, proposal_id: UUID) -> RoleProposal:
    """The administrator takes a proposal back."""
    row = RoleProposal.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=proposal_id).first()
    if row is None:
        raise NotFound(_("没有这项申请。"))
    allow(actor, "unit.manage", tree().get(row.unit_id))
    _decide(row, actor, "withdraw")
    audit.record(actor, "role.withdraw", row.user, unit_id=row.unit_id, role=row.role)
    return row


def _get(actor: User, proposal_id: UUID) -> RoleProposal:
    row = (
        RoleProposal.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("user", "proposed_by")
        .filter(pk=proposal_id)
        .first()
    )
    if row is None:
        raise NotFound(_("没有这项申请。"))
    allow(actor, "grant.confirm", tree().get(row.unit_id))
    password_resets.refuse_while_new(actor)
    if row.user_id == actor.pk or row.proposed_by_id == actor.pk:
        raise Conflict(_("不能确认授予自己的或自己提出的角色，请另一位安全保密员确认。"))
    ROLE_PROPOSAL.check(row, "confirm")
    return row


def _decide(row: RoleProposal, actor: User, verb: str, reason: str = "") -> None:
    ROLE_PROPOSAL.move(row, verb, decided_by=actor, decided_at=clock.now(), reason=reason)
    if verb == "withdraw":
        return
    details = {"name": row.user.name, "role": Role(row.role).label, "by": actor.name}
    message = (
        worded("%(by)s已确认授予%(name)s“%(role)s”。") % details
        if verb == "confirm"
        else worded("%(by)s未同意授予%(name)s“%(role)s”，请查看理由。") % details
    )
    notify(row.proposed_by_id, message, kind="role.decided", subject_type=row._meta.label_lower, subject_id=row.pk)
