"""The form of a backup: a tar archive in one age v1 file (docs/decisions/0014-age.md).

Any `age` opens it without Linbao. age proves every chunk of 64 KiB, their order and the end of the file; nothing
is handed on that is not proven. The tar inside holds regular files alone, in the order in which they were written.
"""

from __future__ import annotations

import re
import tarfile
import threading
import unicodedata
from collections.abc import Callable, Generator, Iterator
from queue import Queue, SimpleQueue
from typing import Any, Protocol

import pyrage
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils.translation import gettext as _

from linbao.platform.backup import pieces

MAGIC = b"age-encryption.org/v1\n"
BLOCK = 1 << 18  # bytes that go from one thread to the other at a time
WAITING = 4  # such blocks that may wait to be taken
TAR_BLOCK = tarfile.BLOCKSIZE

SECRET = "AGE-SECRET-KEY-1"
_SECRET = re.compile(SECRET + "[02-9AC-HJ-NP-Z]{58}")  # 32 bytes and a checksum of six characters
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


class Damaged(Exception):
    """No backup, or altered, or cut short; the message says which."""


class WrongKey(Exception):
    """A key is mistyped, or none of the keys opens this backup; the message says what is needed."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


# --- keys: age identities (`AGE-SECRET-KEY-1…`) open, their recipients (`age1…`) seal


def new_identity() -> tuple[str, str]:
    """A new pair: the identity, to keep secret, and its recipient."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), recipient(identity)


def recipient(identity: Any) -> str:
    """`age1…`, the public half of an identity."""
    return str(identity.to_public())


def read_identities(text: str) -> list[Any]:
    """The identities in a printed page, a file of `age-keygen`, or as somebody typed them.

    Blanks, line breaks, lower case and wide characters are allowed; at least one identity. Raises `WrongKey`
    for a slip of the pen.
    """
    bare = "".join(unicodedata.normalize("NFKC", text).upper().split())
    matches = _SECRET.findall(bare)
    try:
        if not matches or len(matches) != bare.count(SECRET):
            raise ValueError
        return [pyrage.x25519.Identity.from_str(m) for m in matches]
    except (ValueError, pyrage.IdentityError) as e:
        raise WrongKey(_("密钥抄写有误，请逐字核对：应为 AGE-SECRET-KEY-1 和其后的 58 个字母和数字。")) from e


def derived_identity(key: bytes) -> Any:
    """The identity that belongs to a data key of 32 bytes; the same each time, so that it is stored nowhere."""
    secret = HKDF(hashes.SHA256(), 32, salt=None, info=b"linbao backup age identity").derive(key)
    return pyrage.x25519.Identity.from_str(_bech32("age-secret-key-", secret).upper())


def _bech32(prefix: str, data: bytes) -> str:
    """BIP 173's text form, in which age writes its keys; pyrage has no way in for the bytes themselves."""
    bits = "".join(f"{byte:08b}" for byte in data)
    values = [int(bits[i : i + 5].ljust(5, "0"), 2) for i in range(0, len(bits), 5)]
    checksum = 1
    for value in [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix), *values, *[0] * 6]:
        top, checksum = checksum >> 25, (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            checksum ^= generator if top >> bit & 1 else 0
    values += [(checksum ^ 1) >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(_BECH32[v] for v in values)


# --- the age file


def seal(parts: Iterator[bytes], recipients: list[str]) -> Generator[bytes, None, None]:
    """The age file of what `parts` yields, piece by piece. Close it when it is not read to its end.

    `parts` runs in the thread that takes the pieces; its error ends all and is raised as it is.
    """
    keys = [pyrage.x25519.Recipient.from_str(r) for r in recipients]
    try:
        yield from _through(parts, lambda source, target: pyrage.encrypt_io(source, target, keys))
    except _Failed as e:
        raise e.error from None


def unseal(stream: Readable, identities: list[Any]) -> Generator[bytes, None, None]:
    """The content, each piece proven before it is yielded. Close it when it is not read to its end.

    Raises `Damaged` at the first piece that was altered, at a missing or an added one, or `WrongKey`.
    """
    start = check(stream)

    def parts() -> Iterator[bytes]:
        yield start
        while block := stream.read(BLOCK):
            yield block

    try:
        yield from _through(parts(), lambda source, target: pyrage.decrypt_io(source, target, identities))
    except _Failed as e:
        if isinstance(e.error, pyrage.DecryptError) and "No matching keys" in str(e.error):
            raise WrongKey(
                _("密钥打不开这份备份：恢复密钥或 LINBAO_BACKUP_KEY 不是这份备份的，或文件的开头已损坏。")
            ) from e.error
        raise Damaged(_("备份文件已被改动或不完整。")) from e.error


def check(stream: Readable) -> bytes:
    """The first bytes of an age file, read from the stream; raises `Damaged` for anything else."""
    start = b""
    while len(start) < len(MAGIC) and (more := stream.read(len(MAGIC) - len(start))):
        start += more
    if start != MAGIC:
        raise Damaged(_("这不是邻报的备份文件。"))
    return start


class _Failed(Exception):
    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class _Ended(Exception):
    """The caller takes no more: raised in the other thread, to end it."""


class _Pipe:
    """What age reads from and writes to in its thread.

    Requests for pieces and finished blocks go through one queue, in order: the caller answers or takes one after
    the other, so that the two threads never wait for each other.
    """

    def __init__(self) -> None:
        self.requests: Queue[bytes | _Failed | None] = Queue(WAITING)  # blocks; empty: asks for a piece; None: the end
        self.pieces: SimpleQueue[bytes | None] = SimpleQueue()  # None: no more, ever
        self._rest = memoryview(b"")
        self._pending = bytearray()

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self.requests.put(b"")
            piece = self.pieces.get()
            if piece is None:
                raise _Ended
            self._rest = memoryview(piece)
        result, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return result

    def write(self, data: Any) -> int:
        self._pending += data
        if len(self._pending) >= BLOCK:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._pending:
            self.requests.put(bytes(self._pending))
            self._pending = bytearray()

    def run(self, transform: Callable[[Any, Any], None]) -> None:
        try:
            transform(self, self)
            self.flush()
            self.requests.put(None)
        except BaseException as e:  # a panic of the library is no `Exception`
            self.requests.put(_Failed(e))


def _through(parts: Iterator[bytes], transform: Callable[[Any, Any], None]) -> Iterator[bytes]:
    """What `transform`, which pulls and pushes, makes of `parts`.

    It runs in a thread of its own; `parts` runs in the caller's, whose database connection it may use. Raises
    what `parts` raises, or `_Failed`; in either case, and when the caller closes it, the thread has ended.
    """
    pipe = _Pipe()
    thread = threading.Thread(target=pipe.run, args=(transform,), name="age", daemon=True)
    thread.start()
    request: bytes | _Failed | None = b""
    try:
        while (request := pipe.requests.get()) is not None:
            if isinstance(request, _Failed):
                raise request
            if request:
                yield request
            else:
                pipe.pieces.put(next((p for p in parts if p), b""))
    finally:
        while request is not None and not isinstance(request, _Failed):
            pipe.pieces.put(None)
            request = pipe.requests.get()
        thread.join()


# --- the tar inside


def member(name: str, size: int, at: float, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """One file of the archive: `size` bytes, written at `at` (seconds since 1970); raises `OSError` for other sizes."""
    details = tarfile.TarInfo(name)
    details.size, details.mtime, details.mode = size, int(at), 0o600
    yield details.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")
    written = 0
    for block in blocks:
        written += len(block)
        if written > size:
            break
        yield block
    if written != size:
        raise OSError(_("%(name)s 在备份时变了大小。") % {"name": name})
    yield bytes(-size % TAR_BLOCK)


def end() -> bytes:
    """What closes a tar archive."""
    return bytes(2 * TAR_BLOCK)


def members(parts: Iterator[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each file's name and content, in order; what is left unread of one is read past. Raises `Damaged`."""
    source = pieces.Pieces(parts)
    while (header := _exactly(source, TAR_BLOCK)).strip(b"\0"):
        try:
            details = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError) as e:
            raise Damaged(_("备份文件的内容已损坏。")) from e
        if not details.isreg() or details.size < 0:
            raise Damaged(_("备份文件的内容已损坏。"))
        blocks = _blocks(source, details.size)
        yield details.name, blocks
        for _rest in blocks:
            pass
        _exactly(source, -details.size % TAR_BLOCK)
    while rest := source.read(BLOCK):  # to the end, which age proves
        if rest.strip(b"\0"):
            raise Damaged(_("备份文件的内容已损坏。"))


def _blocks(source: pieces.Pieces, size: int) -> Iterator[bytes]:
    while size:
        block = _exactly(source, min(size, BLOCK))
        size -= len(block)
        yield block


def _exactly(source: pieces.Pieces, size: int) -> bytes:
    result = source.read(size)
    if len(result) < size:
        raise Damaged(_("备份文件不完整。"))
    return result
