"""What lets the database mark what it notes for the product (6.1.1).

Triggers draw lines of the log from the timeline (`item.…`) and facts from evidential rows (`audit.facts`), so that no
way of writing goes past them. Whoever changes a row by SQL sets them off as well. Each connection of the product
therefore carries a session key in a setting of its own (`linbao.audit_key`), derived from the marking key and a random
session id; the function `audit_mark` marks with it, and verification derives the key anew. A session without it, such
as `psql`, leaves a note without a mark, and that is what verification finds.

Digests are keyed too (`audit_digest`, one key for all sessions): those of what was anonymised since stay on the log,
and nobody with the database alone may find out by trying whose name it was (1.3.4).

The keys travel as bound parameters, so that they stand in no statement's text; other sessions cannot read them.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
from collections.abc import Iterable
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

from linbao.audit import keys
from linbao.core import ids

MARK = 32  # bytes: session id, then tag
_SET = (
    "SELECT pg_catalog.set_config('linbao.audit_session', %s, false),"
    " pg_catalog.set_config('linbao.audit_key', %s, false),"
    " pg_catalog.set_config('linbao.audit_digest_key', %s, false)"
)
_sessions: dict[UUID, tuple[UUID, bytes]] = {}  # of this process, by the pair that it derives from
_begun: WeakKeyDictionary[Any, UUID] = WeakKeyDictionary()  # connection to the server → pair
_busy = threading.local()
log = logging.getLogger("linbao.audit")


def begin(connection: BaseDatabaseWrapper) -> None:
    """Give `connection` the session key, unless it has it. Never raises: a connection without it leaves facts that
    verification reports, it does not hold up the work."""
    if connection.vendor != "postgresql" or getattr(_busy, "entered", False):
        return
    _busy.entered = True
    try:
        pair = keys.available()
        physical = connection.connection
        if pair is None or physical is None or _begun.get(physical) == pair.id:
            return
        session, key = _of(pair)
        psycopg.Cursor(physical).execute(_SET, [session.hex, key.hex(), pair.digest_key.hex()])
        if not connection.in_atomic_block:  # a rollback would take the setting back
            _begun[physical] = pair.id
    except Exception as e:
        log.warning("no session key for the audit log: %s", type(e).__name__)
    finally:
        _busy.entered = False


def _of(pair: keys.Pair) -> tuple[UUID, bytes]:
    if pair.id not in _sessions:
        session = ids.new()
        _sessions[pair.id] = session, pair.session_key(session.bytes)
    return _sessions[pair.id]


def keyed(key: bytes, payload: bytes) -> bytes:
    """As `audit_digest` and, cut to 16 bytes, `audit_mark` compute it (see the migration)."""
    return hashlib.sha256(key + hashlib.sha256(key + payload).digest()).digest()


class Marks:
    """Tells the product's marks and digests from others, for one verification."""

    def __init__(self, pairs: Iterable[keys.Pair]) -> None:
        self._pairs = list(pairs)
        self._keys: dict[bytes, list[bytes]] = {}

    def valid(self, mark: bytes, payload: bytes) -> bool:
        """Whether a session of the product made `mark` (32 bytes) over `payload`."""
        session = mark[:16]
        if session not in self._keys:
            self._keys[session] = [pair.session_key(session) for pair in self._pairs]
        return any(hmac.compare_digest(keyed(key, payload)[:16], mark[16:]) for key in self._keys[session])

    def digest_fits(self, digest: bytes, document: str) -> bool:
        """Whether `digest` is that of `document` (`facts.document_sql`)."""
        return any(keyed(pair.digest_key, document.encode()) == digest for pair in self._pairs)
