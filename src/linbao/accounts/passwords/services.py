"""One-time passwords that nobody but the person ever holds whole (三员分立, 6.1.1).

Whoever asks for a new password (an administrator) is shown one half of it, a second person the other when they open it;
each gives theirs to the person. Until then nobody signs in with a password. One of the three officers
(administrator, security officer, auditor) whose password was made anew confirms nothing for a day, and the others hear
of it. Where there is no second person yet, the whole is shown, and that stands on the audit log.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.accounts.models import PasswordReset
from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.problems import Conflict, NotFound
from linbao.core.wording import worded
from linbao.organisation.models import SEPARATED, Role, RoleGrant, User
from linbao.organisation.people import holders_over
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many
from linbao.platform.observability import security_log

READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for another sign when read out
STANDS_BACK = timedelta(hours=24)  # after which an officer with a new password confirms again
SECONDS = (Role.SECURITY_OFFICER, Role.MANAGER)  # who opens the other half for anybody but the three officers


@dataclass(frozen=True)
class Secret:
    """What the asker is shown once: `words`, the whole password or its first half; `openers` hold the other half."""

    secret: str
    openers: tuple[str, ...] = ()


def half() -> str:
    """Half a one-time password: 29 bits in two groups."""
    return "-".join("".join(secrets.choice(READABLE) for _n in range(3)) for _n in range(2))


def begin(actor: User | None, person: User, unit_id: UUID | None = None) -> Secret:
    """A new one-time password for `person`, within the caller's transaction; the caller has asked permission and saves
    nothing of the password itself. `unit_id`: where somebody new will work. `actor` None: the command line."""
    first = half()
    person.must_change_password = True
    PasswordReset.objects.filter(person=person, opened_at__isnull=True).delete()
    unit, openers = _second_persons(actor, person, unit_id) if actor is not None else (None, [])
    if unit is None and actor is not None and is_officer(person):
        raise Conflict(
            _(
                "没有另一位三员可以开封后一半：请先另设一位审计员或安全保密员，"
                "或由掌握服务器的人用 linbao user 命令处理。"
            )
        )
    if unit is None:
        whole = f"{first}-{half()}"
        person.set_password(whole)
        person.save(update_fields=["password", "must_change_password"])
        if actor is not None:
            audit.record(actor, "person.password_alone", person)
        return Secret(whole)
    person.set_unusable_password()
    person.save(update_fields=["password", "must_change_password"])
    row = PasswordReset.objects.create(
        person=person, unit_id=unit, first_half=first, asked_by=actor, officer=is_officer(person)
    )
    notify_many(
        [p.pk for p in openers],
        worded("请开封%(name)s的一次性口令的后一半，当面或电话交给本人。") % {"name": person.name},
        kind="password.half",
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
    )
    return Secret(first, tuple(p.name for p in openers))


@transaction.atomic
def open_half(actor: User, reset_id: UUID) -> tuple[User, str]:
    """The second half, shown this once; from now on the person signs in with both. Raises `NotFound` for whom it is
    not there, `Conflict` for an officer whose own password is new."""
    row = (
        PasswordReset.objects.visible_to(actor)
        .waiting()
        .select_for_update(of=("self",))
        .select_related("person")
        .filter(pk=reset_id)
        .first()
    )
    if row is None or not row.first_half:
        raise NotFound(_("没有待开封的口令，可能已由他人开封或重新生成。"))
    refuse_while_new(actor)
    second = half()
    row.person.set_password(f"{row.first_half}-{second}")
    row.person.save(update_fields=["password"])
    row.first_half, row.opened_by, row.opened_at = None, actor, clock.now()
    row.save(update_fields=["first_half", "opened_by", "opened_at"])
    audit.record(actor, "person.password_open", row.person, unit_id=row.unit_id, asked_by=str(row.asked_by_id))
    if row.officer:
        _notify_officers(row)
    return row.person, second


def refuse_while_new(officer: User) -> None:
    """Raise `Conflict` when the officer's password was made anew by others less than a day ago."""
    since = clock.now() - STANDS_BACK
    if PasswordReset.objects.filter(person=officer, officer=True, opened_at__gt=since).exists():
        raise Conflict(
            _("您的口令刚由他人重置，24 小时内不能确认角色或开封口令；如非本人要求，请立即联系安全保密员和审计员。")
        )


def is_officer(person: User) -> bool:
    """Whether somebody is, will be or is proposed as one of the three officers."""
    today = clock.today()
    grants = person.grants.filter(role__in=SEPARATED).exclude(ends__lt=today)
    return grants.exists() or person.proposals.waiting().filter(role__in=SEPARATED).exists()


def _second_persons(actor: User, person: User, unit_id: UUID | None) -> tuple[UUID | None, list[User]]:
    """A unit over which somebody else can open the other half, and who can; (None, []) where nobody is."""
    roles = sorted(SEPARATED) if is_officer(person) else SECONDS
    places = (
        [unit_id]
        if unit_id
        else [*person.grants.values_list("unit_id", flat=True), *person.proposals.values_list("unit_id", flat=True)]
    )
    for place in dict.fromkeys(places):
        if result := _holders([u.id for u in tree().line(place)], roles, actor, person):
            return place, [g.user for g in result]
    above = {u.id for top in actor.rights.granted.get(Role.ADMINISTRATOR, ()) for u in tree().line(top)}
    result = _holders(above, roles, actor, person) or _holders(
        actor.rights.units(Role.ADMINISTRATOR), roles, actor, person
    )
    return (result[0].unit_id, [g.user for g in result if g.unit_id == result[0].unit_id]) if result else (None, [])


def _holders(units: Iterable[UUID], roles: Iterable[str], *but: User) -> list[RoleGrant]:
    rows = RoleGrant.objects.current().filter(unit__in=list(units), role__in=list(roles), user__is_active=True)
    matches = rows.exclude(user__in=but).select_related("user").order_by("unit", "user__name", "user")
    return list({g.user_id: g for g in matches}.values())


def _notify_officers(row: PasswordReset) -> None:
    people = holders_over(row.unit_id, *SEPARATED) - {row.person_id}
    message = worded("%(name)s（三员之一）的口令已重置：%(by)s提出，%(second)s开封。24 小时内其不能确认事项。") % {
        "name": row.person.name,
        "by": row.asked_by.name if row.asked_by else "",
        "second": row.opened_by.name if row.opened_by else "",
    }
    notify_many(sorted(people, key=str), message, kind="password.officer")
    security_log.event(
        "password.officer", outcome=security_log.SUCCESS, severity=security_log.HIGH, user=str(row.person_id)
    )
