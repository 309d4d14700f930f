"""Files: content-addressed, encrypted at rest, in a local folder or an S3-compatible store.

A file is known by the SHA-256 of its content; its name in the store is a keyed digest of that, so that the store
tells nothing about what it holds. Who may read a file is decided by the row that points to it, never here. While the
index key is being turned, a file may lie under its older name: it is looked for under both.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from django.db import connection, transaction

from linbao.platform.encryption import crypto
from linbao.platform.models import Purpose


@lru_cache(maxsize=1)
def store() -> Storage:
    """The store that `LINBAO_FILES_URL` names; a folder in the data directory without it."""
    url = settings.FILES_URL
    if not url:
        return FileSystemStorage(location=settings.DATA_DIR / "files", file_permissions_mode=0o600)
    return s3(url)


def s3(url: str) -> Storage:
    """The store behind an `s3://key:secret@bucket/prefix?endpoint=…&region=…` URL."""
    from storages.backends.s3 import S3Storage

    parts = urlsplit(url)
    query = {k: v[0] for k, v in parse_qs(parts.query).items()}
    stored: Storage = S3Storage(
        bucket_name=parts.hostname,
        access_key=unquote(parts.username or "") or None,
        secret_key=unquote(parts.password or "") or None,
        endpoint_url=query.get("endpoint"),
        region_name=query.get("region"),
        location=parts.path.lstrip("/"),
        file_overwrite=True,
        default_acl=None,
    )
    return stored


def put(data: bytes) -> str:
    """Keep `data` and return its SHA-256 (64 hex digits); kept twice, it is stored once."""
    digest = hashlib.sha256(data).hexdigest()
    write(names(digest)[0], data)
    return digest


def get(digest: str) -> bytes:
    """The content; raises `FileNotFoundError`, or `crypto.CannotOpen` when it was altered."""
    # Twice: between the looks the file may have gone from its older name to its new one.
    candidates = names(digest)
    for name in candidates if len(candidates) == 1 else [*candidates, *candidates]:
        try:
            with store().open(name) as f:
                return crypto.unseal(f.read(), name)
        except FileNotFoundError:
            continue
    raise FileNotFoundError(digest)


def delete(digest: str) -> None:
    """Remove the content for good; no error when it is gone already."""
    with transaction.atomic():
        lock(digest)
        for name in names(digest):
            store().delete(name)


def delete_on_commit(digests: Iterable[str]) -> None:
    """Remove these contents for good once the transaction is done; empty digests are passed over."""

    def remove() -> None:
        for digest in filter(None, digests):
            delete(digest)

    transaction.on_commit(remove)


def lock(digest: str) -> None:
    """Until the transaction ends nobody else deletes or moves this file."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["file " + digest])


def names(digest: str) -> list[str]:
    """Where the file may lie, the current name first."""
    return [f"{_folder(key)}/{key}" for key in crypto.blind_indexes("file " + digest)]


def _folder(key: str) -> str:
    return key[4:6] if key.startswith("g") else key[:2]  # after the four characters that tell the key


def write(name: str, data: bytes) -> None:
    """Seal `data` under `name`, unless it is there."""
    files = store()
    if isinstance(files, FileSystemStorage):
        path = files.path(name)
        if not os.path.exists(path):
            _write_atomically(path, crypto.seal(data, name, Purpose.FILES))
    elif not files.exists(name):
        files.save(name, ContentFile(crypto.seal(data, name, Purpose.FILES)))


def rewrite(name: str, data: bytes) -> None:
    """Seal `data` under `name` with the current key, over what is there."""
    files = store()
    sealed = crypto.seal(data, name, Purpose.FILES)
    if isinstance(files, FileSystemStorage):
        _write_atomically(files.path(name), sealed)
    else:
        files.save(name, ContentFile(sealed))


def header(name: str) -> bytes:
    """The first bytes of a stored file, which tell its key; raises `FileNotFoundError`."""
    with store().open(name) as f:
        return bytes(f.read(crypto.HEADER))


def walk(after: str = "") -> Iterator[str]:
    """The names of all stored files in order, those behind `after`."""
    files = store()
    try:
        folders = sorted(f for f in files.listdir("")[0] if len(f) == 2)
    except FileNotFoundError:
        return
    for folder in folders:
        if folder < after[:2]:
            continue
        for file in sorted(files.listdir(folder)[1]):
            name = f"{folder}/{file}"
            if len(file) == 32 and name > after:
                yield name


def _write_atomically(path: str, data: bytes) -> None:
    """Whole or not at all, and on the disk before anybody is told (a killed server loses nothing)."""
    os.makedirs(os.path.dirname(path), exist_ok=True, mode=0o700)
    part = f"{path}.{os.getpid()}.{os.urandom(4).hex()}"
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    os.replace(part, path)
