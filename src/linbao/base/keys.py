"""Data keys: made, wrapped, turned and retired while the product runs (6.1.1; docs/decisions/keys.md).

Every sealed value names its data key. Data keys lie in the database, wrapped by a key-encryption key
(`wrapping`), each for one purpose. A process unwraps them once; it looks for a change together with the
reference data (`reference.versions`), at most every two seconds, and at once for a key that it does not know.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import Error, connection, transaction
from django.utils.translation import gettext as _

from linbao.base import clock, reference, wrapping
from linbao.base.models import DataKey, KeyState, Purpose
from linbao.base.problems import Conflict, NotFound

log = structlog.get_logger("linbao.keys")
NAME = "keys"  # of the version
# Longer than any request or job holds a value in hand; see `retire`.
RETIRE_AFTER = timedelta(minutes=15)


class NoDataKey(Exception):
    """A key for this purpose is missing or cannot be unwrapped; the message says what to do."""


@dataclass(frozen=True)
class Keyset:
    """The unwrapped keys of this process."""

    opening: dict[bytes, AESGCM] = field(default_factory=dict)  # header (format, id) → key
    sealing: dict[str, tuple[bytes, AESGCM]] = field(default_factory=dict)  # purpose → header, key
    index: tuple[tuple[str, bytes], ...] = ()  # (prefix, key), current first; the prefix of format 1 is empty
    shut: dict[bytes, str] = field(default_factory=dict)  # header → why its key is not here


_held: Keyset | None = None
_raw: dict[tuple[str, str], bytes] = {}  # (id, digest of its wrapping) → key: a KMS is asked once
_version = -1
_lock = threading.Lock()


def held() -> Keyset:
    """This process's keys, renewed when another process changed them."""
    global _held, _version
    try:
        version = reference.versions.of(NAME)
    except Error:
        # In a broken transaction nothing can be asked; the next call does.
        if _held is None:
            raise
        return _held
    if _held is None or version != _version:
        with _lock:
            _held, _version = _load(), version
    return _held


def renewed(header: bytes) -> AESGCM | None:
    """The key of a header that is unknown here, if another process made it a moment ago."""
    try:
        reference.versions.forget()
        return held().opening.get(header)
    except Error:
        return None


def drop() -> None:
    """Forget the keys in this process."""
    global _held
    _held = None
    reference.versions.forget()


def header(row: DataKey) -> bytes:
    """What values sealed with this key begin with."""
    return bytes([row.format]) + bytes.fromhex(row.id)


def prefix(row: DataKey) -> str:
    """What blind indexes made with this key begin with: four characters, of which the first is no hex digit."""
    return "" if row.format == 1 else "g" + row.id[:3]


def _load() -> Keyset:
    found = Keyset()
    index: list[tuple[str, bytes]] = []
    for row in DataKey.objects.exclude(state=KeyState.RETIRED).order_by("-made_at", "id"):
        try:
            raw = material(row)
        except wrapping.NoKey as e:
            log.error("data_key.shut", key=row.id, purpose=row.purpose, reason=str(e))
            found.shut[header(row)] = str(e)
            continue
        if row.purpose == Purpose.INDEX:
            index.insert(0 if row.state == KeyState.CURRENT else len(index), (prefix(row), raw))
            continue
        aead = AESGCM(raw)
        found.opening[header(row)] = aead
        if row.state == KeyState.CURRENT:
            found.sealing[row.purpose] = (header(row), aead)
    # Values of format 1 were sealed by the key-encryption key itself.
    for key in _legacy_keys():
        found.opening.setdefault(b"\x01" + hashlib.sha256(key).digest()[:4], AESGCM(key))
    return Keyset(found.opening, found.sealing, tuple(index), found.shut)


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


def _legacy_keys() -> list[bytes]:
    try:
        return wrapping.local_keys()
    except wrapping.NoKey:
        return []


# --- the keyset's life


def ensure() -> None:
    """A current key for every purpose; after each migration. Keys of format 1 come in where they were used."""
    with transaction.atomic():
        _one_at_a_time()
        rows = list(DataKey.objects.all())
        there = {r.purpose for r in rows if r.state == KeyState.CURRENT}
        missing = [p for p in Purpose if p not in there]
        if not missing:
            drop()
            return
        if not rows:
            from linbao.base import resealing

            if resealing.old_values():
                _take_legacy()
        for purpose in missing:
            _make(purpose)
        _changed()


def rotate(*purposes: str) -> list[DataKey]:
    """New keys become current for these purposes (all without any); values follow by `resealing`.

    Running processes seal with them within two seconds. Returns the new keys; raises `wrapping.NoKey`.
    """
    from linbao.base import jobs

    with transaction.atomic():
        _one_at_a_time()
        made = []
        for purpose in purposes or tuple(Purpose):
            DataKey.objects.filter(purpose=purpose, state=KeyState.CURRENT).update(
                state=KeyState.OLDER, demoted_at=clock.now()
            )
            made.append(_make(purpose))
        _changed()
        jobs.reseal_soon()
    return made


def rewrap() -> int:
    """Wrap every data key anew with the current key-encryption key; returns how many.

    All or none. After it the older key-encryption keys may leave LINBAO_KEYS.
    """
    with transaction.atomic():
        _one_at_a_time()
        rows = list(DataKey.objects.exclude(state=KeyState.RETIRED).select_for_update())
        for row in rows:
            raw = material(row)
            row.wrapper, row.wrapped = wrapping.wrap(raw, context(row))
            row.save(update_fields=["wrapper", "wrapped"])
        _changed()
    return len(rows)


def retire(key: str) -> None:
    """Destroy an older key for good; raises `Conflict` while anything may still be sealed with it.

    Between sealing and storing a value lies at most a transaction: none may be older than the key's
    demotion, and what was in a process's hands then has had `RETIRE_AFTER` to arrive.
    """
    from linbao.base import resealing

    with transaction.atomic():
        _one_at_a_time()
        row = DataKey.objects.select_for_update().filter(pk=key).first()
        if row is None:
            raise NotFound(_("没有密钥 %(key)s。") % {"key": key})
        if row.state == KeyState.RETIRED:
            return
        if row.state == KeyState.CURRENT or row.demoted_at is None:
            raise Conflict(_("密钥 %(key)s 正在使用，请先运行 linbao keys rotate。") % {"key": key})
        if clock.now() - row.demoted_at < RETIRE_AFTER:
            raise Conflict(
                _("密钥 %(key)s 刚被替换，%(minutes)d 分钟后才能停用。")
                % {"key": key, "minutes": RETIRE_AFTER.seconds // 60}
            )
        if _open_since(row.demoted_at):
            raise Conflict(_("有一个更早开始的数据库事务还没有结束，请稍后再试。"))
        used = resealing.used_by(row)
        if not used:
            _destroy(row)
    if used:
        resealing.again(used)
        raise Conflict(
            _("密钥 %(key)s 仍在使用：%(part)s。请等重新加密完成（linbao keys list）。") % {"key": key, "part": used}
        )


def _destroy(row: DataKey) -> None:
    row.state, row.wrapped, row.wrapper, row.retired_at = KeyState.RETIRED, None, "", clock.now()
    row.save()
    _raw.clear()
    _changed()


def told() -> list[dict[str, Any]]:
    """Every data key in the clear, for the sealed part of a backup; raises `wrapping.NoKey`."""
    rows = DataKey.objects.exclude(state=KeyState.RETIRED).order_by("id")
    return [
        {
            "id": r.id, "purpose": r.purpose, "format": r.format, "made_at": r.made_at.isoformat(),
            "key": material(r).hex(),
        }
        for r in rows
    ]  # fmt: skip


def _make(purpose: str) -> DataKey:
    for _attempt in range(100):
        id_ = os.urandom(4).hex()
        # Indexes tell their key by three digits of its id.
        if not DataKey.objects.filter(id__startswith=id_[:3] if purpose == Purpose.INDEX else id_).exists():
            break
    row = DataKey(id=id_, purpose=purpose)
    row.wrapper, row.wrapped = wrapping.wrap(os.urandom(32), context(row))
    row.save(force_insert=True)
    return row


def _take_legacy() -> None:
    """What sealed and indexed values up to format 1 becomes older data keys, and can be turned like any other."""
    local = _legacy_keys()
    for key in local:
        _keep(hashlib.sha256(key).digest()[:4].hex(), Purpose.FIELDS, key)
    if local:
        derived = hmac.new(local[-1], b"linbao blind index", hashlib.sha256).digest()
        _keep(hashlib.sha256(b"index" + derived).digest()[:4].hex(), Purpose.INDEX, derived)


def _keep(id_: str, purpose: str, raw: bytes) -> None:
    row = DataKey(id=id_, purpose=purpose, format=1, state=KeyState.OLDER, demoted_at=clock.now())
    row.wrapper, row.wrapped = wrapping.wrap(raw, context(row))
    row.save(force_insert=True)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('linbao keys', 0))")


def _open_since(moment: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND xact_start < %s)",
            [moment],
        )
        return bool(cursor.fetchone()[0])


def _changed() -> None:
    reference.raise_version(NAME)
    drop()
    transaction.on_commit(drop)
