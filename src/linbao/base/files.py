"""Files: content-addressed, encrypted at rest, in a local folder or an S3-compatible store.

A file is known by the SHA-256 of its content; its name in the store is a keyed digest of
that, so that the store tells nothing about what it holds. Who may read a file is decided by
the row that points to it, never here.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage

from linbao.base import crypto


@lru_cache(maxsize=1)
def store() -> Storage:
    """The store that `LINBAO_FILES_URL` names; a folder in the data directory without it."""
    url = settings.FILES_URL
    if not url:
        return FileSystemStorage(location=settings.DATA_DIR / "files", file_permissions_mode=0o600)
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
    name = _name(digest)
    files = store()
    if isinstance(files, FileSystemStorage):
        _write_atomically(files.path(name), crypto.seal(data, name))
    elif not files.exists(name):
        files.save(name, ContentFile(crypto.seal(data, name)))
    return digest


def get(digest: str) -> bytes:
    """The content; raises `FileNotFoundError`, or `crypto.CannotOpen` when it was altered."""
    name = _name(digest)
    with store().open(name) as f:
        return crypto.unseal(f.read(), name)


def delete(digest: str) -> None:
    """Remove the content for good; no error when it is gone already."""
    store().delete(_name(digest))


def _name(digest: str) -> str:
    key = crypto.blind_index("file " + digest)
    return f"{key[:2]}/{key}"


def _write_atomically(path: str, data: bytes) -> None:
    """Whole or not at all, and on the disk before anybody is told (a killed server loses nothing)."""
    if os.path.exists(path):
        return
    os.makedirs(os.path.dirname(path), exist_ok=True, mode=0o700)
    part = f"{path}.{os.getpid()}.{os.urandom(4).hex()}"
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    os.replace(part, path)
