"""Backups while the product runs: database, files and keys in one sealed archive (6.1.1; docs/decisions/0003-keys.md).

Order: the data keys; the files; the database in one snapshot, with rows and digest of every table; the files
that came meanwhile; the data keys once more; a list of all that. A file is stored before the row that names it,
and deleted after it, so that every file that a row of the snapshot names is there: nothing committed before the
backup began is missing.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.platform import files
from linbao.platform.backup import dumps, envelope, stores
from linbao.platform.encryption import crypto, keys
from linbao.platform.models import Backup, DataKey, KeyState, Purpose, RecoveryKey

log = structlog.get_logger("linbao.backup")
BOUND = "backup archive"  # what an archive key sealed by the keyset is bound to
DUMP, KEYS, LATE_KEYS, LIST = "database", "keys", "keys.late", "list"


class NoRecovery(Exception):
    """There is neither LINBAO_BACKUP_KEY nor a recovery key: a backup could not be opened elsewhere."""


@dataclass
class _Made:
    tables: dict[str, list[Any]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


# What the audit log should hear of: called with the deed and its facts. The log's room, above, adds itself.
HEARS: list[Callable[..., None]] = []


def report(deed: str, **facts: Any) -> None:
    """Tell whoever listens of one deed: make, fail, verify, prune."""
    for hear in HEARS:
        hear(f"backup.{deed}", **facts)


def make(to: str) -> Backup:
    """Make one backup at `to`; returns its row. Raises `NoRecovery`, `dumps.CannotDump`, `OSError`, …"""
    began, at = time.monotonic(), clock.now()
    place, made = stores.place(to), _Made()
    archive_key = os.urandom(32)
    stanzas = _stanzas(archive_key)
    header = {"made_at": at.isoformat(), "stanzas": stanzas}
    name = stores.name(at)
    size = place.write(name, envelope.seal(_content(made, at.isoformat()), archive_key=archive_key, header=header))
    key = next((s["id"] for s in stanzas if s["kind"] == "keyset"), "")
    row = Backup.objects.create(
        at=at,
        place=place.words,
        name=name,
        size=size,
        rows=sum(t[0] for t in made.tables.values()),
        files=len(made.files),
        seconds=round(time.monotonic() - began, 2),
        key=key,
    )
    report("make", name=row.name, rows=row.rows, files=row.files)
    return row


def prune(to: str) -> list[str]:
    """Delete what LINBAO_BACKUP_KEEP does not keep; returns the names."""
    place = stores.place(to)
    gone = stores.expired(place.names(), settings.BACKUP_KEEP)
    for name in gone:
        place.delete(name)
    Backup.objects.filter(place=place.words, name__in=gone).delete()
    if gone:
        report("prune", count=len(gone))
    return gone


def make_recovery_key(*, new: bool = False) -> str | None:
    """The text to print, once; None when there is one already and no `new` one was asked for."""
    if RecoveryKey.objects.exists() and not new:
        return None
    text, public = envelope.new_recovery()
    RecoveryKey.objects.update_or_create(id=1, defaults={"public": public, "made_at": clock.now()})
    return text


def backup_key() -> bytes | None:
    """The key of LINBAO_BACKUP_KEY; raises `envelope.WrongKey` for one that is none."""
    details = settings.BACKUP_KEY
    if not details:
        return None
    try:
        if details.startswith("file:"):
            details = Path(details.removeprefix("file:")).read_text().strip()
        key = base64.b64decode(details, validate=True)
    except (OSError, binascii.Error, ValueError) as e:
        raise envelope.WrongKey(_("LINBAO_BACKUP_KEY 读不出来：应为 base64 的 32 字节，或 file:/路径。")) from e
    if len(key) != 32:
        raise envelope.WrongKey(_("LINBAO_BACKUP_KEY 应为 32 字节（openssl rand -base64 32）。"))
    return key


def opened(header: dict[str, Any], recovery: str = "") -> bytes:
    """The archive key, by whatever this machine or its person holds; raises `envelope.WrongKey`."""
    stanzas = header["stanzas"]
    key = backup_key()
    errors: envelope.WrongKey | None = None
    for stanza in stanzas:
        try:
            if stanza["kind"] == "key" and key is not None:
                return envelope.by_key(stanza, key)
            if stanza["kind"] == "recovery" and recovery:
                return envelope.by_recovery(stanza, recovery)
        except envelope.WrongKey as e:
            errors = e
    if errors is not None:
        raise errors
    needed = {
        "key": "LINBAO_BACKUP_KEY",
        "recovery": _("打印的恢复密钥（--recovery-key）"),
        "keyset": _("制作备份的那套系统"),
    }
    raise envelope.WrongKey(
        _("打开这份备份需要：%(what)s。") % {"what": _("，或").join(needed.get(s["kind"], "?") for s in stanzas)}
    )


def opened_here(header: dict[str, Any]) -> bytes:
    """The archive key, by the keyset of the running system as well; raises `envelope.WrongKey`."""
    for stanza in header["stanzas"]:
        if stanza["kind"] == "keyset":
            try:
                return crypto.unseal(base64.b64decode(stanza["wrapped"]), BOUND)
            except crypto.CannotOpen:
                continue
    return opened(header)


def _stanzas(archive_key: bytes) -> list[dict[str, str]]:
    key = backup_key()
    if key is not None:
        return [envelope.for_key(archive_key, key)]
    recovery = RecoveryKey.objects.first()
    if recovery is None:
        raise NoRecovery(_("还没有恢复密钥：先运行 linbao keys recovery 打印一把，或设置 LINBAO_BACKUP_KEY。"))
    current = DataKey.objects.get(purpose=Purpose.BACKUPS, state=KeyState.CURRENT)
    sealed = base64.b64encode(crypto.seal(archive_key, BOUND, Purpose.BACKUPS)).decode()
    return [
        {"kind": "keyset", "id": current.id, "wrapped": sealed},
        envelope.for_recovery(archive_key, bytes(recovery.public)),
    ]


def _content(made: _Made, at: str) -> Iterator[bytes]:
    yield from envelope.member(KEYS, _keys())
    yield from _files(made)
    data = connection.get_connection_params()
    with dumps.connect(data) as own:
        own.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = own.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        server = own.info.server_version // 10000
        yield from envelope.member(DUMP, dumps.dump(data, snapshot=snapshot[0], server=server))
        made.tables = dumps.content(own)
        own.execute("COMMIT")
    yield from _files(made)
    yield from envelope.member(LATE_KEYS, _keys())
    details = {"format": 1, "made_at": at, "server": server, "tables": made.tables, "files": len(made.files)}
    yield from envelope.member(LIST, iter([json.dumps(details).encode()]))


def _keys() -> Iterator[bytes]:
    yield json.dumps({"data_keys": keys.export_plaintext_keys(), "secret_key": settings.SECRET_KEY}).encode()


def _files(made: _Made) -> Iterator[bytes]:
    for name in files.walk():
        if name not in made.files:
            try:
                with files.store().open(name) as f:
                    yield from envelope.member(f"file {name}", iter(partial(f.read, dumps.BLOCK), b""))
            except FileNotFoundError:
                continue  # deleted, or moved to its new name, where the second look finds it
            made.files.add(name)
