"""Who asks, in one statement: token or session with the person and the roles in force (performance.md rule 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from linbao.core import clock
from linbao.organisation.models import RoleGrant, User
from linbao.organisation.rights import Rights
from linbao.platform.encryption.crypto import EncryptedText

_FIELDS = User._meta.concrete_fields
_NAMES = [f.attname for f in _FIELDS]
_SEALED = [f for f in _FIELDS if isinstance(f, EncryptedText)]
# For a statement in which `u` is the person; GRANTS takes today's date twice.
COLUMNS = ", ".join(f"u.{f.column}" for f in _FIELDS)
GRANTS = (
    f"(SELECT array_agg(ARRAY[g.role, g.unit_id::text]) FROM {RoleGrant._meta.db_table} g"
    " WHERE g.user_id = u.id AND g.starts <= %s AND (g.ends IS NULL OR g.ends >= %s))"
)
_SESSION = f"""
    SELECT s.session_data, {GRANTS}, {COLUMNS}
      FROM {Session._meta.db_table} s LEFT JOIN usersessions_usersession d ON d.session_key = s.session_key
      LEFT JOIN {User._meta.db_table} u ON u.id = d.user_id
     WHERE s.session_key = %s AND s.expire_date > %s
"""


def person_of(grants: Sequence[tuple[str, str]] | None, values: Sequence[Any]) -> User:
    """The person whose `COLUMNS` are `values`, with the rights of `GRANTS`, as Django would have loaded them."""
    opened = [f.from_db_value(v, None, connection) if f in _SEALED else v for f, v in zip(_FIELDS, values, strict=True)]
    user = User.from_db("default", _NAMES, opened)
    granted: dict[str, set[UUID]] = defaultdict(set)
    if user.is_active:
        for role, unit in grants or ():
            granted[role].add(UUID(unit))
    user.__dict__["rights"] = Rights(dict(granted))
    return user


class SessionStore(db.SessionStore):
    """Sessions in the database; a session is loaded together with the person whose browser it is (`person`)."""

    person: User | None = None

    def load(self) -> dict[str, Any]:
        today = clock.today()
        with connection.cursor() as cursor:
            cursor.execute(_SESSION, [today, today, self.session_key, clock.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        data, grants, *values = row
        if values[_NAMES.index("id")] is not None:
            self.person = person_of(grants, values)
        return dict(self.decode(data))


def signed_in(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware in the place of Django's: `request.user` is the person that came with the session."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: _person(request))  # type: ignore[assignment]  # as Django's own does
        return get_response(request)

    return middleware


def _person(request: HttpRequest) -> User | AnonymousUser:
    """By Django's own rules (`auth.get_user`): the session names the person and holds the digest of their password."""
    person = request.__dict__["_cached_user"] = _load(request)  # where others look who it turned out to be
    return person


def _load(request: HttpRequest) -> User | AnonymousUser:
    identity = request.session.get(auth.SESSION_KEY)
    person: User | None = getattr(request.session, "person", None)
    if (
        person is not None
        and person.is_active
        and str(person.pk) == identity
        and constant_time_compare(request.session.get(auth.HASH_SESSION_KEY, ""), person.get_session_auth_hash())
    ):
        return person
    return auth.get_user(request)
