"""The keys of the audit log: one signs blocks, one marks lines (6.1.1). Kept sealed; opened once per process."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import connection, transaction

from linbao.audit import signals
from linbao.audit.models import Key
from linbao.platform.encryption.crypto import CannotOpen

_LOCK = 0xA0D1
_current: Pair | None = None


@dataclass(frozen=True)
class Pair:
    """The two keys of one row, opened."""

    id: UUID
    public: str
    signer: Ed25519PrivateKey
    marking: bytes

    def mark(self, data: bytes) -> bytes:
        """16 bytes by which a line shows that it was written here."""
        return hmac.new(self.marking, data, hashlib.sha256).digest()[:16]

    def session_key(self, session: bytes) -> bytes:
        """What marks lines and facts that the database notes in the session of this id (`audit.sessions`)."""
        return hmac.new(self.marking, b"session" + session, hashlib.sha256).digest()

    @cached_property
    def digest_key(self) -> bytes:
        """With what the digests of facts are keyed."""
        return hmac.new(self.marking, b"digest", hashlib.sha256).digest()


def current() -> Pair:
    """The newest pair that opens; made after each migration (apps.py), and where none opens."""
    global _current
    if _current is None:
        _current = _newest() or make()
        signals.pair_opened.send(Pair)
    return _current


def available() -> Pair | None:
    """The newest pair that opens, where there is one by now; makes none."""
    global _current
    if _current is None and "audit_key" in connection.introspection.table_names():
        _current = _newest()
    return _current


def forget() -> None:
    """Open the keys anew at the next need."""
    global _current
    _current = None


def make() -> Pair:
    """A new pair, unless there is one that opens. One that does not open stays: verification tells of it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        return _newest() or opened(Key.objects.create(**fresh()))


def _newest() -> Pair | None:
    for row in Key.objects.order_by("-made_at"):
        try:
            return opened(row)
        except CannotOpen:
            continue
    return None


def fresh() -> dict[str, str]:
    """The fields of a new row."""
    signer = Ed25519PrivateKey.generate()
    return {
        "signing": base64.b64encode(signer.private_bytes_raw()).decode(),
        "marking": base64.b64encode(secrets.token_bytes(32)).decode(),
        "public": base64.b64encode(signer.public_key().public_bytes_raw()).decode(),
    }


def opened(row: Key) -> Pair:
    """Raises `CannotOpen` when the row is not from this installation's keys."""
    signer = Ed25519PrivateKey.from_private_bytes(base64.b64decode(row.signing))
    return Pair(row.pk, row.public, signer, base64.b64decode(row.marking))


def signed(public: str, signature: bytes, data: bytes) -> bool:
    """Whether `signature` over `data` is by the key whose public half (base64) is given."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public)).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
