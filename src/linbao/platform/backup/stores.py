"""Where backups lie: a folder, or a bucket of an S3-compatible store."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from linbao.platform import files
from linbao.platform.backup.pieces import Pieces

NAME = re.compile(r"linbao-(\d{8}T\d{6}Z)\.tar\.age")

UPLOAD = 32 << 20  # bytes sent to a bucket at a time, held in memory


class Place(Protocol):
    """`words` names it without its secrets."""

    label: str

    def write(self, name: str, parts: Iterator[bytes]) -> int:
        """All of it or nothing under this name; returns the bytes."""

    def open(self, name: str) -> Any:
        """A context that gives something to read from; raises `FileNotFoundError`."""

    def names(self) -> list[str]:
        """The backups that lie here, newest first."""

    def delete(self, name: str) -> None: ...


class Folder:
    def __init__(self, folder: Path) -> None:
        self.folder, self.label = folder, str(folder)

    def write(self, name: str, parts: Iterator[bytes]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        part, size = self.folder / f"{name}.part", 0
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
                for piece in parts:
                    f.write(piece)
                    size += len(piece)
                f.flush()
                os.fsync(f.fileno())
            os.replace(part, self.folder / name)
        finally:
            part.unlink(missing_ok=True)
        return size

    def open(self, name: str) -> Any:
        return open(self.folder / name, "rb")

    def names(self) -> list[str]:
        result = self.folder.iterdir() if self.folder.is_dir() else []
        return sorted((p.name for p in result if NAME.fullmatch(p.name)), reverse=True)

    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


class Bucket:
    """An object appears when its upload has ended well."""

    def __init__(self, url: str) -> None:
        store: Any = files.s3(url)
        self._bucket, self._prefix = store.bucket, (store.location.strip("/") + "/").lstrip("/")
        self.label = f"s3://{store.bucket_name}/{self._prefix}"

    def write(self, name: str, parts: Iterator[bytes]) -> int:
        from boto3.s3.transfer import TransferConfig

        source = Pieces(parts)  # one that fails ends the upload, and nothing appears
        # In this thread: the parts are made with its database connection. A store takes 10 000 pieces at most.
        config = TransferConfig(use_threads=False, multipart_chunksize=UPLOAD)
        self._bucket.upload_fileobj(source, self._prefix + name, Config=config)
        return source.delivered

    @contextmanager
    def open(self, name: str) -> Iterator[Any]:
        from botocore.exceptions import ClientError

        try:
            body = self._bucket.Object(self._prefix + name).get()["Body"]
        except ClientError as e:
            if e.response.get("Error", {}).get("Code") in ("NoSuchKey", "404"):
                raise FileNotFoundError(name) from e
            raise
        try:
            yield body
        finally:
            body.close()

    def names(self) -> list[str]:
        result = (o.key.removeprefix(self._prefix) for o in self._bucket.objects.filter(Prefix=self._prefix))
        return sorted((n for n in result if NAME.fullmatch(n)), reverse=True)

    def delete(self, name: str) -> None:
        self._bucket.Object(self._prefix + name).delete()


def place(to: str) -> Place:
    """The place that LINBAO_BACKUP_TO or an argument names."""
    return Bucket(to) if to.startswith("s3://") else Folder(Path(to).expanduser().resolve())


def split(source: str) -> tuple[Place, str]:
    """The place and the name of one backup; a place alone means its newest. Raises `FileNotFoundError`."""
    if source.startswith("s3://"):
        path, mark, query = source.partition("?")
        head, _slash, last = path.rpartition("/")
        if NAME.fullmatch(last):
            return Bucket(head + mark + query), last
    elif not Path(source).is_dir():
        path_ = Path(source).expanduser().resolve()
        if not path_.is_file():
            raise FileNotFoundError(source)
        return Folder(path_.parent), path_.name
    result = place(source)
    names = result.names()
    if not names:
        raise FileNotFoundError(source)
    return result, names[0]


def name(at: datetime) -> str:
    return f"linbao-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar.age"


def made_at(name: str) -> datetime:
    result = NAME.fullmatch(name)
    assert result
    return datetime.strptime(result[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def expired(names: list[str], keep: str) -> list[str]:
    """Which of these go by `keep` ("7,4,6": the newest of the last 7 days, 4 weeks and 6 months that have one)."""
    counts = [int(n) for n in keep.split(",") if n.strip().isdigit()]
    if not counts or max(counts) < 1:
        return []
    stored: set[str] = set()
    # Days and weeks of UTC: all that matters is that they are apart.
    periods = (lambda d: d.date(), lambda d: d.isocalendar()[:2], lambda d: (d.year, d.month))
    for count, period in zip(counts, periods, strict=False):
        seen: list[Any] = []
        for one in sorted(names, reverse=True):
            when = period(made_at(one))
            if when not in seen:
                if len(seen) == count:
                    break
                seen.append(when)
                stored.add(one)
    return [n for n in names if n not in stored]
