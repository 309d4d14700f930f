"""Data keys: made, wrapped, turned and retired while the product runs (6.1.1; docs/decisions/0003-keys.md).

Every sealed value names its data key. Data keys lie in the database, wrapped by a key-encryption key
(`wrapping`), each for one purpose. A process unwraps them once; it looks for a change together with the
reference data (`reference.versions`), at most every two seconds, and at once for a key that it does not know.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from typing import Any

import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import Error, transaction

from linbao.platform import reference
from linbao.platform.encryption import wrapping
from linbao.platform.models import DataKey, KeyState, Purpose

log = structlog.get_logger("linbao.keys")
NAME = "keys"  # of the version


class NoDataKey(Exception):
    """A key for this purpose is missing or cannot be unwrapped; the message says what to do."""


@dataclass(frozen=True)
class Keyset:
    """The unwrapped keys of this process."""

    opening: dict[bytes, AESGCM] = field(default_factory=dict)  # header (format, id) → key
    sealing: dict[str, tuple[bytes, AESGCM]] = field(default_factory=dict)  # purpose → header, key
    index: tuple[tuple[str, bytes], ...] = ()  # (prefix, key), current first; the prefix of format 1 is empty
    shut: dict[bytes, str] = field(default_factory=dict)  # header → why its key is not here


_keyset: Keyset | None = None
_raw: dict[tuple[str, str], bytes] = {}  # (id, digest of its wrapping) → key: a KMS is asked once
_version = -1
_lock = threading.Lock()


def keyset() -> Keyset:
    """This process's keys, renewed when another process changed them."""
    global _keyset, _version
    try:
        version = reference.versions.of(NAME)
    except Error:
        # In a broken transaction nothing can be asked; the next call does.
        if _keyset is None:
            raise
        return _keyset
    if _keyset is None or version != _version:
        with _lock:
            _keyset, _version = _load(), version
    return _keyset


def renewed(header: bytes) -> AESGCM | None:
    """The key of a header that is unknown here, if another process made it a moment ago."""
    try:
        reference.versions.forget()
        return keyset().opening.get(header)
    except Error:
        return None


def forget_raw() -> None:
    """Unwrap every key anew at the next need."""
    _raw.clear()


def drop() -> None:
    """Forget the keys in this process."""
    global _keyset
    _keyset = None
    reference.versions.forget()


def header(row: DataKey) -> bytes:
    """What values sealed with this key begin with."""
    return bytes([row.format]) + bytes.fromhex(row.id)


def prefix(row: DataKey) -> str:
    """What blind indexes made with this key begin with: four characters, of which the first is no hex digit."""
    return "" if row.format == 1 else "g" + row.id[:3]


def _load() -> Keyset:
    result = Keyset()
    index: list[tuple[str, bytes]] = []
    for row in DataKey.objects.exclude(state=KeyState.RETIRED).order_by("-made_at", "id"):
        try:
            raw = material(row)
        except wrapping.NoKey as e:
            log.error("data_key.shut", key=row.id, purpose=row.purpose, reason=str(e))
            result.shut[header(row)] = str(e)
            continue
        if row.purpose == Purpose.INDEX:
            index.insert(0 if row.state == KeyState.CURRENT else len(index), (prefix(row), raw))
            continue
        aead = AESGCM(raw)
        result.opening[header(row)] = aead
        if row.state == KeyState.CURRENT:
            result.sealing[row.purpose] = (header(row), aead)
    # Values of format 1 were sealed by the key-encryption key itself.
    for key in legacy_keys():
        result.opening.setdefault(b"\x01" + hashlib.sha256(key).digest()[:4], AESGCM(key))
    return Keyset(result.opening, result.sealing, tuple(index), result.shut)


def material(row: DataKey) -> bytes:
    """The unwrapped key; raises `wrapping.NoKey`."""
    wrapped = bytes(row.wrapped or b"")
    name = (row.id, hashlib.sha256(wrapped).hexdigest())
    if name not in _raw:
        _raw[name] = wrapping.unwrap(row.wrapper, wrapped, context(row))
    return _raw[name]


def context(row: DataKey) -> str:
    """What a wrapped key is bound to."""
    return f"linbao data key {row.id} {row.purpose} {row.format}"


def legacy_keys() -> list[bytes]:
    """The key-encryption keys that sealed values of format 1; none where a key service holds them."""
    try:
        return wrapping.local_keys()
    except wrapping.NoKey:
        return []


def export_plaintext_keys() -> list[dict[str, Any]]:
    """Every data key in the clear, for the sealed part of a backup; raises `wrapping.NoKey`."""
    rows = DataKey.objects.exclude(state=KeyState.RETIRED).order_by("id")
    return [
        {
            "id": r.id,
            "purpose": r.purpose,
            "format": r.format,
            "made_at": r.made_at.isoformat(),
            "key": material(r).hex(),
        }
        for r in rows
    ]


def changed() -> None:
    """Tell every process that the data keys were changed."""
    reference.raise_version(NAME)
    drop()
    transaction.on_commit(drop)
