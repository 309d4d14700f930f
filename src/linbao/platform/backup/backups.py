"""Backups while the product runs: database, files and keys in one sealed archive (6.1.1).

Order: the data keys; the files; the database in one snapshot, with rows and digest of every table; the files
that came meanwhile; the data keys once more; a list of all that. A file is stored before the row that names it,
and deleted after it, so that every file that a row of the snapshot names is there: nothing committed before the
backup began is missing (docs/decisions/0003-keys.md, 0014-age.md).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
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
from linbao.platform.encryption import keys, wrapping
from linbao.platform.models import Backup, DataKey, KeyState, Purpose, RecoveryKey

log = structlog.get_logger("linbao.backup")
DUMP, FILES, KEYS, LATE_KEYS, LIST = "database", "files", "keys.json", "keys.late.json", "list.json"
PART = 16 << 20  # bytes of the dump in one file of the archive, gathered in memory: tar wants the size before


class NoRecovery(Exception):
    """There is neither LINBAO_BACKUP_KEY nor a recovery key: a backup could not be opened elsewhere."""


@dataclass
class _Made:
    tables: dict[str, list[Any]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


# What the audit log should hear of: called with the deed and its facts. The log's room, above, adds itself.
HEARS: list[Callable[..., None]] = []


def report(action: str, **facts: Any) -> None:
    """Tell whoever listens of one deed: make, fail, verify, prune."""
    for hear in HEARS:
        hear(f"backup.{action}", **facts)


def make(to: str) -> Backup:
    """Make one backup at `to`; returns its row. Raises `NoRecovery`, `dumps.CannotDump`, `OSError`, …"""
    began, at = time.monotonic(), clock.now()
    place, made = stores.place(to), _Made()
    recipients, key = _recipients()
    name = stores.name(at)
    with closing(envelope.seal(_content(made, at), recipients)) as sealed:
        size = place.write(name, sealed)
    row = Backup.objects.create(
        at=at,
        place=place.label,
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
    Backup.objects.filter(place=place.label, name__in=gone).delete()
    if gone:
        report("prune", count=len(gone))
    return gone


def make_recovery_key(*, new: bool = False) -> str | None:
    """The identity to print, once; None when there is one already and no `new` one was asked for."""
    if RecoveryKey.objects.exists() and not new:
        return None
    identity, public = envelope.new_identity()
    RecoveryKey.objects.update_or_create(id=1, defaults={"public": public, "made_at": clock.now()})
    return identity


def backup_identities() -> list[Any]:
    """The identities of LINBAO_BACKUP_KEY: the first seals, all open; empty without it. Raises `envelope.WrongKey`."""
    details = settings.BACKUP_KEY
    if not details:
        return []
    try:
        if details.startswith("file:"):
            details = Path(details.removeprefix("file:")).read_text()
        return envelope.read_identities(details)
    except (OSError, ValueError, envelope.WrongKey) as e:
        raise envelope.WrongKey(
            _("LINBAO_BACKUP_KEY 读不出来：应为 AGE-SECRET-KEY-1…（linbao keys backup-key），或 file:/路径。")
        ) from e


def identities_elsewhere(recovery: str = "") -> list[Any]:
    """What opens a backup on any machine: LINBAO_BACKUP_KEY and the recovery key; raises `envelope.WrongKey`."""
    result = backup_identities() + (envelope.read_identities(recovery) if recovery else [])
    if not result:
        raise envelope.WrongKey(
            _("打开备份需要打印的恢复密钥（--recovery-key）；设了 LINBAO_BACKUP_KEY 时做的备份需要那把密钥。")
        )
    return result


def identities_here() -> list[Any]:
    """What opens a backup on the running system: its data keys for backups, or LINBAO_BACKUP_KEY."""
    result = backup_identities()
    for row in DataKey.objects.filter(purpose=Purpose.BACKUPS).exclude(state=KeyState.RETIRED):
        try:
            result.append(envelope.derived_identity(keys.material(row)))
        except wrapping.NoKey as e:
            log.warning("backup.key_shut", key=row.id, reason=str(e))
    return result or identities_elsewhere()


def _recipients() -> tuple[list[str], str]:
    """For whom a backup is sealed, and the id of the data key among them (empty with LINBAO_BACKUP_KEY)."""
    identities = backup_identities()
    if identities:
        return [envelope.recipient(identities[0])], ""
    recovery = RecoveryKey.objects.first()
    if recovery is None:
        raise NoRecovery(_("还没有恢复密钥：先运行 linbao keys recovery 打印一把，或设置 LINBAO_BACKUP_KEY。"))
    current = DataKey.objects.get(purpose=Purpose.BACKUPS, state=KeyState.CURRENT)
    own = envelope.derived_identity(keys.material(current))
    return [envelope.recipient(own), recovery.public], current.id


def _content(made: _Made, at: datetime) -> Iterator[bytes]:
    written = at.timestamp()
    yield from _json(KEYS, _keys(), written)
    yield from _files(made, written)
    data = connection.get_connection_params()
    with dumps.connect(data) as own:
        own.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = own.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        server = own.info.server_version // 10000
        for number, part in enumerate(_parts(dumps.dump(data, snapshot=snapshot[0], server=server)), 1):
            yield from envelope.member(dump_part(number), sum(map(len, part)), written, iter(part))
        made.tables = dumps.content(own)
        own.execute("COMMIT")
    yield from _files(made, written)
    yield from _json(LATE_KEYS, _keys(), written)
    details = {
        "format": 1,
        "made_at": at.isoformat(),
        "server": server,
        "tables": made.tables,
        "files": len(made.files),
    }
    yield from _json(LIST, details, written)
    yield envelope.end()


def dump_part(number: int) -> str:
    """The name of a part of the dump, from 1: in the order of their names they are the dump."""
    return f"{DUMP}/{number:06d}"


def _parts(blocks: Iterator[bytes]) -> Iterator[list[bytes]]:
    """The blocks gathered into parts of at most `PART` bytes."""
    part: list[bytes] = []
    for block in blocks:
        if part and sum(map(len, part)) + len(block) > PART:
            yield part
            part = []
        part.append(block)
    yield part


def _json(name: str, value: Any, written: float) -> Iterator[bytes]:
    data = json.dumps(value).encode()
    return envelope.member(name, len(data), written, iter([data]))


def _keys() -> dict[str, Any]:
    return {"data_keys": keys.export_plaintext_keys(), "secret_key": settings.SECRET_KEY}


def _files(made: _Made, written: float) -> Iterator[bytes]:
    for name in files.walk():
        if name not in made.files:
            try:
                with files.store().open(name) as f:
                    f.seek(0, os.SEEK_END)
                    size = f.tell()
                    f.seek(0)
                    yield from envelope.member(
                        f"{FILES}/{name}", size, written, iter(partial(f.read, dumps.BLOCK), b"")
                    )
            except FileNotFoundError:
                continue  # deleted, or moved to its new name, where the second look finds it
            made.files.add(name)
