"""Accounts, roles and tokens: every change asks permission and is written to the audit log.

`actor` None stands for the command line, which only whoever runs the server can reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.accounts import separation, signals
from linbao.accounts.inputs import ChangeOwn, ChangePerson, CreatePerson, EndGrant, GrantRole, MakeToken, Reach
from linbao.accounts.models import ApiToken, RoleProposal
from linbao.accounts.passwords import services as password_resets
from linbao.accounts.passwords.services import Secret
from linbao.accounts.phones import services as phones
from linbao.accounts.proposals import services as proposals
from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import worded
from linbao.organisation.models import SEPARATED, Role, RoleGrant, Unit, UnitKind, User
from linbao.organisation.people import holders_over
from linbao.organisation.tree import reference, tree
from linbao.outbox.services import notify_many

OWN = ["email", "phone", "language"]  # what people may change of their own account; the name is the administrator's
MOST_TOKENS = 20


@transaction.atomic
def create_person(
    actor: User | None, data: CreatePerson, *, password: str = "", unit_id: UUID | None = None
) -> tuple[User, Secret]:
    """A new account and what is shown of its one-time password (nothing with a `password`).

    `unit_id`: where they will work. Raises `Invalid` for a username in use or a weak password, `NotAllowed`.
    """
    if actor is not None:
        allow(actor, "people.create")
    person = User(username=data.username, name=data.name)
    _assign(person, data)
    if User.objects.filter(username=person.username).exists():
        raise Invalid(fields={"username": [_("这个用户名已有人使用。")]})
    if password and (errors := _weak(password, person)):
        raise Invalid(fields=errors)
    person.set_password(password or None)
    person.save()
    audit.record(actor, "person.create", person, username=person.username)
    return person, Secret("") if password else password_resets.begin(actor, person, unit_id)


@transaction.atomic
def change_person(actor: User, person_id: UUID, data: ChangePerson) -> User:
    """Correct name, mail address or phone; the username stays. Raises `NotAllowed`, `NotFound`."""
    person = _person(actor, person_id)
    person.name = data.name
    _assign(person, data)
    person.save(update_fields=["name", "email", "phone"])
    audit.record(actor, "person.change", person)
    return person


@transaction.atomic
def change_own(person: User, data: ChangeOwn) -> User:
    """Change one's own mail address, phone and language."""
    person = User.objects.select_for_update().get(pk=person.pk)
    before = {name: getattr(person, name) for name in OWN}
    _assign(person, data)
    person.language = data.language
    person.save(update_fields=OWN)
    # Which fields, not what stood in them: the log holds no personal data.
    audit.record(person, "person.change_own", person, fields=[n for n in OWN if getattr(person, n) != before[n]])
    return person


@transaction.atomic
def sign_out(actor: User, person_id: UUID) -> int:
    """End all sessions of a person (a lost phone, a suspicion); how many there were. The password stays."""
    person = _person(actor, person_id)
    ended = end_sessions(person)
    audit.record(actor, "person.sign_out", person, sessions=ended)
    return ended


@transaction.atomic
def end_session(person: User, session_id: int) -> None:
    """End one session of one's own. Raises `NotFound` for anybody else's."""
    if not end_sessions(person, pk=session_id):
        raise NotFound(_("没有这个登录，可能已经退出。"))
    audit.record(person, "session.end", person)


@transaction.atomic
def end_other_sessions(person: User, session_key: str) -> int:
    """End all sessions of one's own but the present one; how many there were."""
    ended = end_sessions(person, but=session_key)
    if ended:
        audit.record(person, "session.end", person, sessions=ended)
    return ended


@transaction.atomic
def reset_password(actor: User, person_id: UUID) -> tuple[User, Secret]:
    """A new one-time password; the old one, whoever is signed in with it, and all tokens end at once."""
    person = _person(actor, person_id)
    if person.pk == actor.pk:
        raise Conflict(_("自己的口令请在“账号与安全”中修改。"))
    secret = password_resets.begin(actor, person)
    end_sessions(person)
    revoke_tokens(person)
    audit.record(actor, "person.reset_password", person)
    return person, secret


@transaction.atomic
def set_active(actor: User, person_id: UUID, active: bool) -> User:
    """Close an account, which ends its sessions and tokens at once, or open it again (tokens stay revoked)."""
    person = _person(actor, person_id)
    if person.is_active == active:
        return person
    if person.pk == actor.pk:
        raise Conflict(_("不能停用自己的账号。"))
    person.is_active = active
    person.save(update_fields=["is_active"])
    if not active:
        end_sessions(person)
        revoke_tokens(person)
        phones.ask_wipe(person)
        _notify_officers(actor, person)
    audit.record(actor, "person.activate" if active else "person.deactivate", person)
    return person


def _notify_officers(actor: User, person: User) -> None:
    """Nobody silences one of the three officers unseen: the others over the same unit are notified (6.1.1)."""
    grants = RoleGrant.objects.current().filter(user=person, role__in=SEPARATED)
    others = {other for grant in grants for other in holders_over(grant.unit_id, *SEPARATED)} - {person.pk, actor.pk}
    message = worded("%(name)s（三员之一）的账号已由%(by)s停用。") % {"name": person.name, "by": actor.name}
    notify_many(sorted(others, key=str), message, kind="officer.deactivated")


def end_access(by: User | None, person: User) -> list[dict[str, str]]:
    """End all roles, sessions and tokens of `person` now; the account stays, without a right. Whether it may be is
    asked by the room that calls, in its transaction. Returns the roles that ended, for `restore_access`."""
    today = clock.today()
    ended: list[dict[str, str]] = []
    for row in person.grants.filter(Q(ends__isnull=True) | Q(ends__gte=today)):
        ended.append(
            {"role": row.role, "unit": str(row.unit_id), "starts": str(row.starts), "ends": str(row.ends or "")}
        )
        if row.starts >= today:
            row.delete()
        else:
            row.ends = today - timedelta(days=1)
            row.save(update_fields=["ends"])
        audit.record(by, "role.end", person, unit_id=row.unit_id, role=row.role)
    end_sessions(person)
    revoke_tokens(person)
    phones.ask_wipe(person)
    return ended


def restore_access(by: User | None, person: User, roles: Iterable[Mapping[str, str]]) -> None:
    """Give back what `end_access` ended, from today on and only as far as it would still run; the account is
    opened, and devices that did not clear themselves yet need not."""
    today = clock.today()
    for data in roles:
        starts, ends = date.fromisoformat(data["starts"]), data["ends"] and date.fromisoformat(data["ends"])
        if ends and ends < today:
            continue
        RoleGrant.objects.get_or_create(
            user=person,
            role=data["role"],
            unit_id=UUID(data["unit"]),
            starts=max(starts, today),
            defaults={"ends": ends or None, "granted_by": by},
        )
        audit.record(by, "role.grant", person, unit_id=UUID(data["unit"]), role=data["role"])
    if not person.is_active:
        person.is_active = True
        person.save(update_fields=["is_active"])
        audit.record(by, "person.activate", person)
    phones.free(person)


def close_account(by: User | None, person: User) -> None:
    """Close the account for good, with what is still open in its name; asked for by the room that calls."""
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(person)
    revoke_tokens(person)
    phones.ask_wipe(person)
    audit.record(by, "person.deactivate", person)


# --- roles -------------------------------------------------------------------------------------


@transaction.atomic
def grant(actor: User | None, person_id: UUID, data: GrantRole) -> RoleGrant | RoleProposal:
    """Give a role on a unit for a period.

    An administrator's grant is a proposal until a security officer of the unit or above confirms it (三员分立).
    At once in force are the command line's grants, and a security officer's where none is over the unit yet.
    Raises `Invalid` when it would put two separated duties into one hand, or the person has the role already.
    """
    person = _person(actor, person_id)
    unit, role = tree().get(data.unit), data.role.value
    starts, ends = data.starts or clock.today(), data.ends
    errors: dict[str, list[str]] = {}
    if unit is None or not unit.active:
        errors["unit"] = [_("请选择启用中的单位。")]
    if ends is not None and ends < starts:
        errors["ends"] = [_("结束日期不能早于开始日期。")]
    if not person.is_active:
        errors["role"] = [_("账号已停用，请先启用。")]
    if errors or unit is None:
        raise Invalid(fields=errors)
    if actor is not None:
        allow(actor, "unit.manage", unit)
    separation.may_hold(person, role, unit.pk, starts, ends)
    details = {"role": role, "starts": str(starts), "ends": str(ends or "")}
    if actor is not None:
        officers = holders_over(unit.pk, Role.SECURITY_OFFICER)
        if officers or role != Role.SECURITY_OFFICER or _had_officer(unit.pk):
            return proposals.propose(actor, person, role, unit, starts=starts, ends=ends, officers=officers)
    row = RoleGrant.objects.create(user=person, role=role, unit_id=unit.pk, starts=starts, ends=ends, granted_by=actor)
    audit.record(actor, "role.grant", person, unit_id=unit.pk, **details)
    if actor is not None:
        proposals.without_second(actor, row)
    return row


def _had_officer(unit_id: UUID) -> bool:
    """Whether a security officer was ever over the unit or within it: whoever ended the last one does not appoint
    the next alone."""
    around = [*(u.id for u in tree().line(unit_id)), *tree().within(unit_id)]
    return RoleGrant.objects.filter(unit__in=around, role=Role.SECURITY_OFFICER).exists()


@transaction.atomic
def end_grant(actor: User, grant_id: UUID, data: EndGrant) -> None:
    """End a role after its last day, by the administrator or the security officer of its unit.
    Where another post was decided for the person (5.2.3), that is then done. A role that thus never was in force is
    taken away; the audit log keeps that it had been granted."""
    row = RoleGrant.objects.filter(pk=grant_id).first()
    if row is None:
        raise NotFound(_("没有这项角色。"))
    person = User.objects.select_for_update().get(pk=row.user_id)
    unit = tree().get(row.unit_id)
    allow(actor, "grant.end", unit)
    last = data.last_day or clock.today() - timedelta(days=1)
    if row.role == Role.ADMINISTRATOR and not _another_administrator(row):
        raise Conflict(_("这是最后一位系统管理员，请先另设一位。"))
    if last < clock.today() - timedelta(days=1):
        raise Invalid(fields={"last_day": [_("最后一天不能早于昨天。")]})
    if last < row.starts and row.role not in SEPARATED:
        row.delete()
    else:
        # One of the three officers' leaves its trace, also where it was hardly in force.
        row.starts, row.ends = min(row.starts, last), last
        row.save(update_fields=["starts", "ends"])
    audit.record(actor, "role.end", person, unit_id=row.unit_id, role=row.role, last_day=str(last))
    signals.role_ended.send(User, person=person)


def _another_administrator(row: RoleGrant) -> bool:
    now = RoleGrant.objects.current().filter(role=Role.ADMINISTRATOR, user__is_active=True, unit__parent__isnull=True)
    return tree().roots() == [] or row.unit_id not in {u.pk for u in tree().roots()} or now.exclude(pk=row.pk).exists()


@transaction.atomic
def first_administrator(person: User) -> RoleGrant | RoleProposal:
    """The administrator's role on the root of the tree; makes a first unit where there is none (command line)."""
    roots = tree().roots()
    if roots:
        root = roots[0]
    else:
        root = Unit.objects.create(kind=UnitKind.CITY, code="root", name=_("本市"))
        reference.changed()
        audit.record(None, "unit.create", root, code=root.code)
    return grant(None, person.pk, GrantRole(role=Role.ADMINISTRATOR, unit=root.pk))


# --- tokens ------------------------------------------------------------------------------------


@transaction.atomic
def make_token(person: User, data: MakeToken, *, by: User | None = None) -> tuple[ApiToken, str]:
    """A bearer token of `person`, made by themselves or on the command line (None), and its secret, shown this once.
    Raises `Invalid` with too many tokens."""
    live = person.tokens.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now()), revoked_at__isnull=True)
    if live.count() >= MOST_TOKENS:
        raise Invalid(fields={"name": [_("最多同时持有 20 个令牌，请先撤销不用的。")]})
    expires = clock.now() + timedelta(days=data.days) if data.days else None
    row, secret = ApiToken.make(person, data.name, data.scopes, expires)
    audit.record(by, "token.create", row, scopes=data.scopes, owner=str(person.pk))
    return row, secret


@transaction.atomic
def revoke_token(actor: User, token_id: UUID) -> None:
    """Revoke a token of one's own; repeating it changes nothing."""
    row = ApiToken.objects.filter(pk=token_id, user=actor).first()
    if row is None:
        raise NotFound(_("没有这个令牌。"))
    allow(actor, "token.revoke", row)
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        row.save(update_fields=["revoked_at"])
        audit.record(actor, "token.revoke", row)


def revoke_tokens(person: User) -> int:
    """Revoke all of a person's tokens; how many there were."""
    return person.tokens.filter(revoked_at__isnull=True).update(revoked_at=clock.now())


# --- inside ------------------------------------------------------------------------------------


def _person(actor: User | None, person_id: UUID) -> User:
    """The person, locked until the transaction ends, so that two grants do not slip past each other."""
    person = User.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFound(_("没有这个人员。"))
    if actor is not None:
        allow(actor, "person.manage", person)
    return person


def _assign(person: User, data: Reach) -> None:
    """Put mail address and phone into the account; an empty phone leaves the one that is stored."""
    person.email = data.email
    if data.no_phone:
        person.phone = None
    elif data.phone:
        person.phone = data.phone


def _weak(password: str, person: User) -> dict[str, list[str]]:
    try:
        validate_password(password, person)
    except ValidationError as e:
        return {"password": list(e.messages)}
    return {}


def end_sessions(person: User, *, but: str = "", **which: Any) -> int:
    """End a person's sessions except the one of key `but`; how many there were. The caller asks permission."""
    rows = UserSession.objects.filter(user=person, **which).exclude(session_key=but)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return len(keys)
