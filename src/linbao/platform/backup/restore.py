"""Restoring a backup, and trying it out (6.1.1).

The archive is read twice: first all of it is proven, then it is loaded into a folder or a database of its own,
its rows and digests are compared with the list in it, and only then it takes the place of the empty one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

from linbao.platform.backup import backups, dumps, envelope, stores
from linbao.platform.encryption import resealing, wrapping
from linbao.platform.server import postgres

_FILE = re.compile(backups.FILES + r"/[0-9a-z]{2}/[0-9a-z]{32}")

_Members = Generator[tuple[str, Iterator[bytes]], None, None]  # name and content


class CannotRestore(Exception):
    """Nothing was changed; the message says why and what to do."""


@dataclass
class Result:
    """What was restored, or would be."""

    made_at: str = ""
    tables: int = 0
    rows: int = 0
    files: int = 0
    opened: int = 0  # sealed values that were opened for a try
    seconds: float = 0.0
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    secret_key: str = ""


def verify(place: stores.Place, name: str) -> Result:
    """Restore into a database that is thrown away; raises `CannotRestore`, `envelope.Damaged`, …

    By the keys of the running system, or by LINBAO_BACKUP_KEY.
    """
    identities = backups.identities_here()
    folder = Path(tempfile.mkdtemp(prefix="verify-", dir=settings.DATA_DIR))
    folder.chmod(0o755)  # the embedded server's own user must come through
    try:
        url = postgres.start_apart(folder / "postgres", hasty=True)
        try:
            return _into(place, name, identities=identities, database=url, folder=folder)
        finally:
            postgres.stop(folder / "postgres")
    except postgres.CannotStart as e:
        raise CannotRestore(str(e)) from e
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check(source: str) -> None:
    """Raise `FileNotFoundError` or `envelope.Damaged` unless a backup lies there."""
    place, name = stores.split(source)
    with place.open(name) as stream:
        envelope.check(stream)


def stage(source: str, *, recovery: str, staging: Path, database: str | dict[str, Any], clean: bool = False) -> Result:
    """Prove the archive and load it: files and secrets into `staging`, rows into `database`."""
    place, name = stores.split(source)
    identities = backups.identities_elsewhere(recovery)
    wrapping.wrappers()  # before anything is written: is there a key to wrap the data keys with?
    result = _into(place, name, identities=identities, database=database, folder=staging, clean=clean)
    _keep_keys(database, result)
    return result


def _into(
    place: stores.Place,
    name: str,
    *,
    identities: list[Any],
    database: str | dict[str, Any],
    folder: Path,
    clean: bool = False,
) -> Result:
    began = time.monotonic()
    details, result = _prove(place, name, identities)
    stored = folder / "files"
    stored.mkdir(mode=0o700, exist_ok=True)
    keyring = {
        bytes([k["format"]]) + bytes.fromhex(k["id"]): AESGCM(bytes.fromhex(k["key"])) for k in result.keys.values()
    }

    with closing(_read(place, name, identities)) as members:
        for folder_name, group in groupby(members, lambda m: m[0].partition("/")[0]):
            if folder_name == backups.DUMP:
                dumps.load(database, (block for _name, blocks in group for block in blocks), clean=clean)
            elif folder_name == backups.FILES:
                for member, blocks in group:
                    _put(stored, member.removeprefix(backups.FILES + "/"), b"".join(blocks), keyring)
                    result.files += 1
    with dumps.connect(database) as connection:
        results = dumps.content(connection)
        errors = sorted(t for t in {*results, *details["tables"]} if results.get(t) != details["tables"].get(t))
        if errors:
            raise CannotRestore(_("恢复出来的数据与备份清单不符：%(tables)s。") % {"tables": _("、").join(errors[:5])})
        result.opened = _open_some(connection, keyring)
    if result.files != details["files"]:
        raise CannotRestore(
            _("恢复出来的文件有 %(found)d 个，清单上是 %(listed)d 个。")
            % {"found": result.files, "listed": details["files"]}
        )
    result.made_at, result.tables = details["made_at"], len(results)
    result.rows = sum(rows for rows, _digest in results.values())
    result.seconds = round(time.monotonic() - began, 2)
    return result


def _put(stored: Path, name: str, data: bytes, keyring: dict[bytes, AESGCM]) -> None:
    _opens(keyring, data, name)
    path = stored / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
        f.write(data)


def _prove(place: stores.Place, name: str, identities: list[Any]) -> tuple[dict[str, Any], Result]:
    """Read all of it and write nothing; returns its list and its keys."""
    details: dict[str, Any] = {}
    result = Result()
    part = 0
    with closing(_read(place, name, identities)) as members:
        for member, blocks in members:
            if member in (backups.KEYS, backups.LATE_KEYS):
                data = _object(blocks)
                result.keys |= {k["id"]: k for k in data["data_keys"]}
                result.secret_key = data["secret_key"]
            elif member == backups.LIST:
                details = _object(blocks)
            elif member == backups.dump_part(part + 1):
                part += 1
            elif not _FILE.fullmatch(member):
                raise envelope.Damaged(_("备份文件里有不该有的文件名。"))
    if details.get("format") != 1:
        raise envelope.Damaged(_("备份文件不完整，或由更新的版本制作。"))
    return details, result


def _object(blocks: Iterator[bytes]) -> dict[str, Any]:
    try:
        result = json.loads(b"".join(blocks))
    except ValueError as e:
        raise envelope.Damaged(_("备份文件的内容已损坏。")) from e
    if not isinstance(result, dict):
        raise envelope.Damaged(_("备份文件的内容已损坏。"))
    return result


def _read(place: stores.Place, name: str, identities: list[Any]) -> _Members:
    with place.open(name) as stream, closing(envelope.unseal(stream, identities)) as parts:
        yield from envelope.members(parts)


def _opens(keyring: dict[bytes, AESGCM], sealed: bytes, place: str) -> None:
    """A value opens with the keys that came along; raises `CannotRestore`."""
    header = sealed[:5]
    bound = place.encode() if header[:1] == b"\x01" else header + place.encode()
    try:
        keyring[header].decrypt(sealed[5:17], sealed[17:], bound)
    except (KeyError, InvalidTag) as e:
        raise CannotRestore(_("备份里的密钥打不开 %(place)s。") % {"place": place}) from e


def _open_some(connection: Any, keyring: dict[bytes, AESGCM], most: int = 500) -> int:
    """Open the newest values of every sealed column."""
    count = 0
    for column in resealing.columns():
        if (
            column.source is not None
            or connection.execute("SELECT to_regclass(%s)", [column.table]).fetchone()[0] is None
        ):
            continue
        pk = column.model._meta.pk
        assert pk is not None
        rows = connection.execute(
            f'SELECT "{pk.column}", "{column.field.column}" FROM {column.table}'
            f' WHERE "{column.field.column}" IS NOT NULL ORDER BY "{pk.column}" DESC LIMIT {most}'
        )
        for id_, value in rows:
            _opens(keyring, bytes(value), f"{column.part}:{id_}")
            count += 1
    return count


def _keep_keys(database: str | dict[str, Any], result: Result) -> None:
    """The data keys, wrapped by this machine's own key-encryption key, take the place of the old wrappings."""
    with dumps.connect(database) as connection, connection.transaction():
        for key in result.keys.values():
            bound = f"linbao data key {key['id']} {key['purpose']} {key['format']}"
            wrapper, wrapped = wrapping.wrap(bytes.fromhex(key["key"]), bound)
            connection.execute(
                "INSERT INTO platform_datakey (id, purpose, format, state, wrapper, wrapped, made_at, demoted_at)"
                " VALUES (%s, %s, %s, 'older', %s, %s, %s, now()) ON CONFLICT"
                " (id) DO UPDATE SET wrapper = excluded.wrapper,"
                " wrapped = excluded.wrapped, retired_at = NULL,"
                " state = CASE WHEN platform_datakey.state = 'retired' THEN 'older' ELSE platform_datakey.state END",
                [key["id"], key["purpose"], key["format"], wrapper, wrapped, key["made_at"]],
            )
        connection.execute(
            "INSERT INTO platform_referenceversion (name, value) VALUES ('keys', 1)"
            " ON CONFLICT (name) DO UPDATE SET value = platform_referenceversion.value + 1"
        )
