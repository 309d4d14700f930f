"""After a new data key: every value follows it, in batches, while the product runs (6.1.1).

Three kinds of parts follow: the columns of `EncryptedText`, those of `BlindIndex`, and the store of files.
A value tells its key itself, so that a killed run loses nothing and goes on where it was; a value that was
written with an older key meanwhile is found by the last look. Nobody waits: rows in use are left for later.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import F, Max

from linbao.core import clock
from linbao.platform import files
from linbao.platform.encryption import crypto, keys
from linbao.platform.models import Backup, DataKey, KeyState, Purpose, Resealing

log = structlog.get_logger("linbao.keys")
BATCH = 200
FILES = "files"
# A process seals with the older key until it looks for a change (`reference.CHECK_EVERY`), and what it sealed is
# stored when its transaction ends: a part that was through before that is looked at once more.
LATE = timedelta(seconds=10)


@dataclass(frozen=True)
class Column:
    """A column of sealed values, or of blind indexes when `source` names the sealed field they are made from."""

    model: type[models.Model]
    field: models.Field[Any, Any]
    source: crypto.EncryptedText | None = None

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)

    @property
    def part(self) -> str:
        return f"{self.table}.{self.field.column}"

    @property
    def older(self) -> str:
        """SQL that is true for a value of another key than the one given."""
        column = _quoted(self.field)
        if self.source is None:
            return f"{column} IS NOT NULL AND substring({column} from 1 for {crypto.HEADER}) <> %s"
        return f"{column} <> '' AND left({column}, 4) <> %s"

    def wanted(self) -> Any:
        """What the values begin with once they have followed."""
        keyset = keys.keyset()
        return keyset.index[0][0] if self.source is not None else keyset.sealing[Purpose.FIELDS][0]


def columns() -> Iterator[Column]:
    """Every column with sealed values, then every blind index, of all rooms."""
    indexes = []
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, crypto.EncryptedText):
                yield Column(model, field)
            elif isinstance(field, crypto.BlindIndex):
                source = model._meta.get_field(field.of)
                assert isinstance(source, crypto.EncryptedText)
                indexes.append(Column(model, field, source))
    yield from indexes


def run(seconds: float = 3600.0, report: Callable[[Resealing], None] | None = None) -> bool:
    """Carry on for so long; true when everything has followed. `report` hears of each batch."""
    until, settled = time.monotonic() + seconds, _settled()
    for column in columns():
        rows, count = partial(_rows, column), _count(column)
        if not _follow(column.part, _target(column.wanted()), rows, until, report, count, settled):
            return False
    keyset = keys.keyset()
    target = f"{_target(keyset.sealing[Purpose.FILES][0])} {keyset.index[0][0]}"
    return _follow(FILES, target, _files, until, report, lambda: sum(1 for _ in files.walk()), settled)


def waiting() -> bool:
    """Whether anything has not followed yet, as far as is known without looking at the values."""
    done = dict(Resealing.objects.filter(finished_at__gte=_settled()).values_list("part", "target"))
    keyset = keys.keyset()
    wanted = {c.part: _target(c.wanted()) for c in columns()}
    wanted[FILES] = f"{_target(keyset.sealing[Purpose.FILES][0])} {keyset.index[0][0]}"
    older = DataKey.objects.filter(state=KeyState.OLDER).exists()
    return older and any(done.get(part) != target for part, target in wanted.items())


def _settled() -> datetime:
    """From when on nobody stores a value of an older key."""
    newest = DataKey.objects.filter(state=KeyState.OLDER).aggregate(at=Max("demoted_at"))["at"]
    return newest + LATE if newest else datetime.min.replace(tzinfo=UTC)


def used_by(row: DataKey) -> str:
    """The first part that still holds a value of this key; empty when there is none. Looks at every value."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for column in columns():
            name = _quoted(column.field)
            value: bytes | str
            if column.source is None and row.purpose == Purpose.FIELDS:
                condition, value = f"substring({name} from 1 for {crypto.HEADER}) = %s", keys.header(row)
            elif column.source is not None and row.purpose == Purpose.INDEX and row.format > 1:
                condition, value = f"left({name}, 4) = %s", keys.prefix(row)
            elif column.source is not None and row.purpose == Purpose.INDEX:
                condition, value = f"{name} <> '' AND {name} !~ %s", "^g"
            else:
                continue
            cursor.execute(f"SELECT 1 FROM {column.table} WHERE {condition} LIMIT 1", [value])
            if cursor.fetchone():
                return column.part
    if row.purpose == Purpose.INDEX:
        start = keys.prefix(row)
        if any((n[3:].startswith(start) if start else n[3] != "g") for n in files.walk()):
            return FILES
    elif row.purpose == Purpose.FILES or (row.purpose == Purpose.FIELDS and row.format == 1):
        wanted = keys.header(row)
        for name in files.walk():
            try:
                if files.header(name) == wanted:
                    return FILES
            except FileNotFoundError:
                continue
    elif row.purpose == Purpose.BACKUPS and Backup.objects.filter(key=row.id).exists():
        return str(Purpose.BACKUPS)
    return ""


def again(part: str) -> None:
    """Begin a part anew at the next run: something of an older key was found there."""
    Resealing.objects.filter(part=part).delete()


def old_values() -> bool:
    """Whether anything was sealed before there were data keys."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        for column in columns():
            if column.table in there and column.source is None:
                name = _quoted(column.field)
                cursor.execute(f"SELECT 1 FROM {column.table} WHERE {name} IS NOT NULL LIMIT 1")
                if cursor.fetchone():
                    return True
    return next(files.walk(), None) is not None


def _target(start: bytes | str) -> str:
    return start if isinstance(start, str) else start.hex()[2:]


def _count(column: Column) -> Callable[[], int]:
    def count() -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(f"SELECT count(*) FROM {column.table} WHERE {column.older}", [column.wanted()])
            return int(cursor.fetchone()[0])

    return count


def _follow(
    part: str,
    target: str,
    batch: Callable[[Resealing], int],
    until: float,
    report: Callable[[Resealing], None] | None,
    count: Callable[[], int],
    settled: datetime,
) -> bool:
    """Batches of one part until its end or the time's; twice over, for what was in use at the first pass."""
    progress, _new = Resealing.objects.get_or_create(part=part)
    if progress.target != target:
        progress.target, progress.position, progress.done, progress.faults = target, "", 0, 0
        progress.finished_at, progress.total = None, count()
        progress.save()
    elif progress.finished_at is not None and progress.finished_at < settled:
        progress.position, progress.faults, progress.finished_at = "", 0, None
    if progress.finished_at is not None:
        return True
    for _pass in range(3):
        while True:
            if time.monotonic() > until:
                return False
            seen = batch(progress)
            if report is not None:
                report(progress)
            if not seen:
                break
        if count() <= progress.faults or part == FILES:
            break
        progress.position, progress.faults = "", 0
    else:
        return False  # rows that somebody holds: the next run finds them
    progress.finished_at = clock.now()
    progress.save()
    log.info("resealed", part=part, target=target, done=progress.done, faults=progress.faults)
    return True


@transaction.atomic
def _rows(column: Column, progress: Resealing) -> int:
    """One batch of rows, in one transaction with how far it came; returns how many were looked at."""
    pk = column.model._meta.pk
    assert pk is not None
    key, name = _quoted(pk), _quoted(column.field)
    source = _quoted(column.source) if column.source else name
    behind = f"{key} > CAST(%s AS {_type(pk)}) AND" if progress.position else ""
    with connection.cursor() as cursor:
        # Said aloud for the rows that the database keeps from every other change (frozen evidence).
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL linbao.resealing = 'on'")
        cursor.execute(
            f"SELECT {key}, {source} FROM {column.table} WHERE {behind} {column.older}"
            f" ORDER BY {key} LIMIT {BATCH} FOR UPDATE SKIP LOCKED",
            [*([progress.position] if behind else []), column.wanted()],
        )
        rows = cursor.fetchall()
        made = []
        for id_, value in rows:
            sealed_field = column.source or column.field
            place = f"{column.table}.{sealed_field.column}:{id_}"
            try:
                opened = crypto.unseal(bytes(value), place) if value is not None else b""
            except crypto.CannotOpen:
                progress.faults += 1
                log.error("reseal.cannot_open", part=column.part, row=str(id_))
                continue
            fresh: Any = crypto.seal(opened, place) if column.source is None else crypto.blind_index(opened.decode())
            made.append((fresh, id_))
        if made:
            cursor.executemany(f"UPDATE {column.table} SET {name} = %s WHERE {key} = %s", made)
    if rows:
        progress.position = str(rows[-1][0])
    progress.done += len(made)
    progress.save()
    return len(rows)


def _quoted(field: models.Field[Any, Any]) -> str:
    return str(connection.ops.quote_name(field.column or field.attname))


def _type(pk: models.Field[Any, Any]) -> str:
    return str(pk.rel_db_type(connection))


def _files(progress: Resealing) -> int:
    """One batch of files: sealed anew, under the name that the current index key gives."""
    keyset, seen = keys.keyset(), 0
    for name in files.walk(progress.position):
        seen += 1
        progress.position = name
        try:
            stale = files.header(name) != keyset.sealing[Purpose.FILES][0] or not name[3:].startswith(
                keyset.index[0][0]
            )
            if stale:
                progress.done += _file(name)
        except FileNotFoundError:
            pass  # deleted meanwhile
        except crypto.CannotOpen:
            progress.faults += 1
            log.error("reseal.cannot_open", part=FILES, file=name)
        if seen == BATCH // 4:
            break
    progress.save()
    return seen


def _file(name: str) -> int:
    data = _content(name)
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        files.lock(digest)
        if not files.store().exists(name):  # deleted while we read it: it must not come back
            return 0
        wanted = files.names(digest)[0]
        files.rewrite(wanted, data)
        if wanted != name:
            files.store().delete(name)
    return 1


def _content(name: str) -> bytes:
    with files.store().open(name) as f:
        return crypto.unseal(f.read(), name)


def progress() -> list[Resealing]:
    """Each part's state, unfinished first."""
    return list(Resealing.objects.order_by(F("finished_at").asc(nulls_first=True), "part"))
