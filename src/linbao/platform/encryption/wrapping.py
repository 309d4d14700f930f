"""Key-encryption keys: what `LINBAO_KEYS` names, and what wraps the data keys (6.1.1, 1.3.4).

`LINBAO_KEYS` is a list separated by commas, the first is current, the others open what they wrapped:

* a key itself, 32 bytes in base64;
* `file:/path`: such keys in a file, one a line or separated by commas;
* `vault+https://host:8200/MOUNT/KEY?token_file=/path`: HashiCorp Vault's transit engine (or a service that
  speaks its API, OpenBao for one). The token is in that file, or in `LINBAO_KMS_TOKEN`; `ca=/path` names
  the authority that signed the server's certificate, `namespace=NAME` a namespace.

A key in a KMS never comes here: the KMS wraps and unwraps. It is asked once per data key and process.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import ssl
import time
import urllib.error
import urllib.request
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, quote, urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

from linbao.platform.protection import outgoing

TRIES = 3
TIMEOUT = 5.0  # seconds, each try


class NoKey(Exception):
    """A key-encryption key is missing, unreadable or does not fit; the message says what to do."""


class Wrapper(Protocol):
    """One key-encryption key. `name` is kept beside what it wrapped and finds it again."""

    name: str

    def wrap(self, key: bytes, context: str) -> bytes:
        """Seal a data key for `context`; raises `NoKey`."""

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """The data key again, for the same `context` only; raises `NoKey`."""


class Local:
    """A key that lies in the environment or in a file: AES-256-GCM."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.name = "local:" + hashlib.sha256(b"linbao key-encryption key" + key).hexdigest()[:12]
        self._aead = AESGCM(key)

    def wrap(self, key: bytes, context: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._aead.encrypt(nonce, key, context.encode())

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        try:
            return self._aead.decrypt(wrapped[:12], wrapped[12:], context.encode())
        except InvalidTag as e:
            raise NoKey(
                _("数据密钥（%(key)s）已被改动，无法用 %(name)s 打开。") % {"key": context, "name": self.name}
            ) from e


class Transit:
    """A key in Vault's transit engine; `wrapped` is Vault's own ciphertext, which names its key version."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        mount, _slash, key = parts.path.strip("/").rpartition("/")
        scheme = parts.scheme.removeprefix("vault+")
        if scheme not in ("https", "http") or not mount or not key or not parts.hostname:
            raise NoKey(_("LINBAO_KEYS 中的密钥服务网址应为 vault+https://主机:8200/transit/密钥名。"))
        if scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise NoKey(_("密钥服务须用 https：数据密钥不能在网上明文传送。"))
        self.name = f"vault:{parts.netloc.rpartition('@')[2]}/{mount}/{key}"
        self._base, self._mount, self._key = f"{scheme}://{parts.netloc}/v1", quote(mount), quote(key)
        self._token_file, self._namespace = query.get("token_file"), query.get("namespace", "")
        tls = ssl.create_default_context(cafile=query.get("ca")) if scheme == "https" else None
        self._host, self._opener = parts.hostname, outgoing.opener(tls)

    def wrap(self, key: bytes, context: str) -> bytes:
        details = self._ask("encrypt", {"plaintext": base64.b64encode(key).decode()}, context)
        return str(details["ciphertext"]).encode()

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        details = self._ask("decrypt", {"ciphertext": wrapped.decode()}, context)
        return base64.b64decode(details["plaintext"])

    def _token(self) -> str:
        if self._token_file:
            try:
                return Path(self._token_file).read_text().strip()
            except OSError as e:
                raise NoKey(
                    _("读不到密钥服务的令牌文件 %(file)s：%(why)s。") % {"file": self._token_file, "why": e.strerror}
                ) from e
        return str(settings.KMS_TOKEN)

    def _ask(self, verb: str, body: dict[str, str], context: str) -> dict[str, Any]:
        body["associated_data"] = base64.b64encode(context.encode()).decode()
        headers = {"X-Vault-Token": self._token(), "Content-Type": "application/json"}
        if self._namespace:
            headers["X-Vault-Namespace"] = self._namespace
        request = urllib.request.Request(
            f"{self._base}/{self._mount}/{verb}/{self._key}",
            data=json.dumps(body).encode(),
            headers=headers,
            method="POST",
        )
        for left in reversed(range(TRIES)):
            try:
                with outgoing.guarded({self._host}), self._opener.open(request, timeout=TIMEOUT) as answer:
                    details: dict[str, Any] = json.load(answer)["data"]
                    return details
            except urllib.error.HTTPError as e:
                if left and (e.code == 429 or e.code >= 500):
                    time.sleep(0.2 * (TRIES - left))
                    continue
                raise NoKey(
                    _("密钥服务 %(name)s 拒绝（%(code)s），请检查令牌、密钥名和权限。")
                    % {"name": self.name, "code": e.code}
                ) from e
            except (OSError, ValueError, KeyError, outgoing.Refused) as e:
                if left and isinstance(e, OSError):
                    time.sleep(0.2 * (TRIES - left))
                    continue
                raise NoKey(
                    _("密钥服务 %(name)s 没有正常应答：%(why)s。请检查网址、网络和证书。")
                    % {"name": self.name, "why": type(e).__name__}
                ) from e
        raise NoKey(_("密钥服务 %(name)s 没有应答。") % {"name": self.name})


@lru_cache(maxsize=4)
def _named(text: str) -> tuple[Wrapper, ...]:
    rows: list[Wrapper] = []
    for part in (p.strip() for p in text.split(",")):
        if part.startswith("vault+"):
            rows.append(Transit(part))
        elif part.startswith("file:"):
            path = part.removeprefix("file:")
            try:
                lines = Path(path).read_text().replace(",", "\n").split()
            except (OSError, UnicodeDecodeError) as e:
                raise NoKey(_("读不到密钥文件 %(file)s，请检查 LINBAO_KEYS 与文件权限。") % {"file": path}) from e
            rows += [_local(line) for line in lines]
        elif part:
            rows.append(_local(part))
    if not rows:
        raise NoKey(_("LINBAO_KEYS 里没有密钥。"))
    return tuple(rows)


def _local(text: str) -> Local:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as e:
        raise NoKey(_("LINBAO_KEYS 里有一项不是 base64、file: 或 vault+https:。")) from e
    if len(key) != 32:
        raise NoKey(
            _("LINBAO_KEYS 里有一把密钥是 %(n)d 字节，应为 32 字节（openssl rand -base64 32）。") % {"n": len(key)}
        )
    return Local(key)


def wrappers() -> tuple[Wrapper, ...]:
    """The key-encryption keys, current first; raises `NoKey`."""
    return _named(settings.KEYS)


def wrap(key: bytes, context: str) -> tuple[str, bytes]:
    """Wrap with the current key-encryption key; returns its name and what it made."""
    current = wrappers()[0]
    return current.name, current.wrap(key, context)


def unwrap(name: str, wrapped: bytes, context: str) -> bytes:
    """Unwrap by the key-encryption key of that name; raises `NoKey` when it is not configured."""
    for wrapper in wrappers():
        if wrapper.name == name:
            return wrapper.unwrap(wrapped, context)
    raise NoKey(_("LINBAO_KEYS 里缺少密钥 %(name)s：把它放回列表末尾，再运行 linbao keys rewrap。") % {"name": name})


def local_keys() -> list[bytes]:
    """The keys that lie here themselves; up to format 1 they sealed values directly."""
    return [w.key for w in wrappers() if isinstance(w, Local)]
