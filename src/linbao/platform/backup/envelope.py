"""A sealed stream: what a backup is made of. Whole or refused: altered, cut or reordered, it does not open.

Layout: magic, length and header (JSON, in the clear: when, and for whom the archive key is sealed), then
chunks of 1 MiB, AES-256-GCM, numbered, the last one marked. The chunks' key is derived from the archive key
and the header, so that a changed header opens nothing. Inside lie members: a name, blocks, a digest.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils.translation import gettext as _

MAGIC = b"LINBAO-BACKUP\x00\x01"
CHUNK = 1 << 20
TAG = 16
LONGEST_HEADER = 1 << 16
LONGEST_BLOCK = 1 << 26


class Damaged(Exception):
    """No archive, or altered, or cut short; the message says which."""


class WrongKey(Exception):
    """None of the given keys opens this archive; the message says which are needed."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


# --- keys of an archive


def for_key(archive_key: bytes, key: bytes) -> dict[str, str]:
    """Sealed by a secret that both sides hold (LINBAO_BACKUP_KEY)."""
    nonce = os.urandom(12)
    return {
        "kind": "key",
        "id": key_id(key),
        "wrapped": _text(nonce + AESGCM(key).encrypt(nonce, archive_key, b"archive")),
    }


def by_key(stanza: dict[str, str], key: bytes) -> bytes:
    sealed = _bytes(stanza["wrapped"])
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], b"archive")
    except InvalidTag as e:
        raise WrongKey(_("备份密钥不对。")) from e


def key_id(key: bytes) -> str:
    return hashlib.sha256(b"linbao backup key" + key).hexdigest()[:12]


def for_recovery(archive_key: bytes, public: bytes) -> dict[str, str]:
    """Sealed for the holder of the printed recovery key; this machine cannot open it again by it."""
    mine = X25519PrivateKey.generate()
    ephemeral = _raw(mine.public_key())
    shared = _derive(mine.exchange(X25519PublicKey.from_public_bytes(public)), ephemeral + public)
    return {
        "kind": "recovery",
        "id": hashlib.sha256(public).hexdigest()[:12],
        "ephemeral": _text(ephemeral),
        "wrapped": _text(AESGCM(shared).encrypt(bytes(12), archive_key, b"archive")),
    }


def by_recovery(stanza: dict[str, str], text: str) -> bytes:
    private = read_recovery(text)
    public, ephemeral = _raw(private.public_key()), _bytes(stanza["ephemeral"])
    try:
        shared = _derive(private.exchange(X25519PublicKey.from_public_bytes(ephemeral)), ephemeral + public)
        return AESGCM(shared).decrypt(bytes(12), _bytes(stanza["wrapped"]), b"archive")
    except (InvalidTag, ValueError) as e:
        raise WrongKey(_("恢复密钥不是这份备份的。")) from e


def new_recovery() -> tuple[str, bytes]:
    """The text to print and the public half to keep."""
    private = X25519PrivateKey.generate()
    raw = private.private_bytes_raw()
    text = base64.b32encode(raw + hashlib.sha256(raw).digest()[:3]).decode()
    return "LINBAO-" + "-".join(text[i : i + 7] for i in range(0, len(text), 7)), _raw(private.public_key())


def read_recovery(text: str) -> X25519PrivateKey:
    """As it was printed (with the words above it or without) or typed; raises `WrongKey` for a slip of the pen."""
    bare = "".join(text.upper().split()).rpartition("LINBAO-")[2].replace("-", "")
    try:
        raw = base64.b32decode(bare.replace("0", "O").replace("1", "I").replace("8", "B"))
    except ValueError as e:
        raise WrongKey(_("恢复密钥抄写有误：只有字母 A–Z 和数字 2–7。")) from e
    if len(raw) != 35 or hashlib.sha256(raw[:32]).digest()[:3] != raw[32:]:
        raise WrongKey(_("恢复密钥抄写有误，请逐字核对。"))
    return X25519PrivateKey.from_private_bytes(raw[:32])


def _raw(key: X25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _derive(secret: bytes, about: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"linbao backup" + about).derive(secret)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(value: str) -> bytes:
    return base64.b64decode(value)


# --- the stream


def seal(parts: Iterator[bytes], *, archive_key: bytes, header: dict[str, Any]) -> Iterator[bytes]:
    """The archive of what `parts` yields, piece by piece."""
    details = json.dumps(header, ensure_ascii=False).encode()
    start = MAGIC + len(details).to_bytes(4, "big") + details
    yield start
    aead, number, waiting = AESGCM(_derive(archive_key, start)), 0, bytearray()
    for part in parts:
        waiting += part
        while len(waiting) > CHUNK:
            yield aead.encrypt(_nonce(number, last=False), bytes(waiting[:CHUNK]), None)
            del waiting[:CHUNK]
            number += 1
    yield aead.encrypt(_nonce(number, last=True), bytes(waiting), None)


def header(stream: Readable) -> tuple[dict[str, Any], bytes]:
    """What stands in the clear, and the bytes that it takes part in the key with; raises `Damaged`."""
    start = _exactly(stream, len(MAGIC) + 4)
    length = int.from_bytes(start[-4:], "big")
    if not start.startswith(MAGIC) or length > LONGEST_HEADER:
        raise Damaged(_("这不是邻报的备份文件。"))
    details = _exactly(stream, length)
    try:
        result = json.loads(details)
        assert isinstance(result["stanzas"], list)
    except (ValueError, KeyError, TypeError, AssertionError) as e:
        raise Damaged(_("备份文件的开头已损坏。")) from e
    return result, start + details


def unseal(stream: Readable, *, archive_key: bytes, start: bytes) -> Iterator[bytes]:
    """The content, chunk by chunk, each proven before it is given; raises `Damaged` at the first wrong one."""
    aead, number = AESGCM(_derive(archive_key, start)), 0
    chunk = _up_to(stream, CHUNK + TAG)
    while True:
        following = _up_to(stream, CHUNK + TAG)
        try:
            yield aead.decrypt(_nonce(number, last=not following), chunk, None)
        except (InvalidTag, ValueError) as e:
            raise Damaged(_("备份文件已被改动或不完整（第 %(n)d 段）。") % {"n": number + 1}) from e
        if not following:
            return
        chunk, number = following, number + 1


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _up_to(stream: Readable, size: int) -> bytes:
    result = bytearray()
    while len(result) < size and (more := stream.read(size - len(result))):
        result += more
    return bytes(result)


def _exactly(stream: Readable, size: int) -> bytes:
    result = _up_to(stream, size)
    if len(result) < size:
        raise Damaged(_("这不是邻报的备份文件，或文件不完整。"))
    return result


# --- members


def member(name: str, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """One named part; its digest follows it."""
    details, digest = name.encode(), hashlib.sha256()
    yield len(details).to_bytes(4, "big") + details
    for block in blocks:
        if block:
            digest.update(block)
            yield len(block).to_bytes(4, "big") + block
    yield bytes(4) + digest.digest()


def members(parts: Iterator[bytes], take: Callable[[str, Iterator[bytes]], None]) -> None:
    """Hand each member to `take`; what it leaves unread is read past. Raises `Damaged`."""
    source = _Parts(parts)
    while start := source.read(4):
        name = source.exactly(int.from_bytes(start, "big")).decode()
        blocks = _blocks(source)
        take(name, blocks)
        for _rest in blocks:
            pass


def _blocks(source: _Parts) -> Iterator[bytes]:
    digest = hashlib.sha256()
    while length := int.from_bytes(source.exactly(4), "big"):
        if length > LONGEST_BLOCK:
            raise Damaged(_("备份文件的内容已损坏。"))
        block = source.exactly(length)
        digest.update(block)
        yield block
    if source.exactly(32) != digest.digest():
        raise Damaged(_("备份文件中有一部分的摘要不符。"))


class _Parts:
    """Reads across the borders of chunks."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._held = parts, bytearray()

    def read(self, size: int) -> bytes:
        while len(self._held) < size:
            more = next(self._parts, None)
            if more is None:
                break
            self._held += more
        result = bytes(self._held[:size])
        del self._held[:size]
        return result

    def exactly(self, size: int) -> bytes:
        result = self.read(size)
        if len(result) < size:
            raise Damaged(_("备份文件不完整。"))
        return result
