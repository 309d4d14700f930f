"""The life of the data keys: made, rotated, wrapped anew, retired (6.1.1)."""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.problems import Conflict, NotFound
from linbao.platform import queue
from linbao.platform.encryption import keys, resealing, wrapping
from linbao.platform.models import DataKey, KeyState, Purpose

# Longer than any request or job holds a value in hand; see `retire`.
RETIRE_AFTER = timedelta(minutes=15)


def ensure() -> None:
    """A current key for every purpose; after each migration. Keys of format 1 come in where they were used."""
    with transaction.atomic():
        _one_at_a_time()
        rows = list(DataKey.objects.all())
        there = {r.purpose for r in rows if r.state == KeyState.CURRENT}
        missing = [p for p in Purpose if p not in there]
        if not missing:
            keys.drop()
            return
        if not rows and resealing.old_values():
            _take_legacy()
        for purpose in missing:
            _make(purpose)
        keys.changed()


def rotate(*purposes: str) -> list[DataKey]:
    """New keys become current for these purposes (all without any); values follow by `resealing`.

    Running processes seal with them within two seconds. Returns the new keys; raises `wrapping.NoKey`.
    """
    with transaction.atomic():
        _one_at_a_time()
        made = []
        for purpose in purposes or tuple(Purpose):
            DataKey.objects.filter(purpose=purpose, state=KeyState.CURRENT).update(
                state=KeyState.OLDER, demoted_at=clock.now()
            )
            made.append(_make(purpose))
        keys.changed()
        queue.defer("platform.reseal")
    return made


def rewrap() -> int:
    """Wrap every data key anew with the current key-encryption key; returns how many.

    All or none. After it the older key-encryption keys may leave LINBAO_KEYS.
    """
    with transaction.atomic():
        _one_at_a_time()
        rows = list(DataKey.objects.exclude(state=KeyState.RETIRED).select_for_update())
        for row in rows:
            raw = keys.material(row)
            row.wrapper, row.wrapped = wrapping.wrap(raw, keys.context(row))
            row.save(update_fields=["wrapper", "wrapped"])
        keys.changed()
    return len(rows)


def retire(key: str) -> None:
    """Destroy an older key for good; raises `Conflict` while anything may still be sealed with it.

    Between sealing and storing a value lies at most a transaction: none may be older than the key's
    demotion, and what was in a process's hands then has had `RETIRE_AFTER` to arrive.
    """
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
    keys.forget_raw()
    keys.changed()


def _make(purpose: str) -> DataKey:
    for _attempt in range(100):
        id_ = os.urandom(4).hex()
        # Indexes tell their key by three digits of its id.
        if not DataKey.objects.filter(id__startswith=id_[:3] if purpose == Purpose.INDEX else id_).exists():
            break
    row = DataKey(id=id_, purpose=purpose)
    row.wrapper, row.wrapped = wrapping.wrap(os.urandom(32), keys.context(row))
    row.save(force_insert=True)
    return row


def _take_legacy() -> None:
    """What sealed and indexed values up to format 1 becomes older data keys, and can be turned like any other."""
    local = keys.legacy_keys()
    for key in local:
        _keep(hashlib.sha256(key).digest()[:4].hex(), Purpose.FIELDS, key)
    if local:
        derived = hmac.new(local[-1], b"linbao blind index", hashlib.sha256).digest()
        _keep(hashlib.sha256(b"index" + derived).digest()[:4].hex(), Purpose.INDEX, derived)


def _keep(id_: str, purpose: str, raw: bytes) -> None:
    row = DataKey(id=id_, purpose=purpose, format=1, state=KeyState.OLDER, demoted_at=clock.now())
    row.wrapper, row.wrapped = wrapping.wrap(raw, keys.context(row))
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
