"""Key-encryption keys in a KMS: a real server on this machine that speaks Vault's transit API (6.1.1)."""

from __future__ import annotations

import base64
import json
import os
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from linbao.platform.encryption import crypto, key_lifecycle, keys, wrapping
from linbao.platform.models import DataKey
from linbao.platform.server import tls

TOKEN = "s.a-token"


class Vault(ThreadingHTTPServer):
    """Encrypts and decrypts by a key that it never gives away; every version of it opens."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.versions = [AESGCM(os.urandom(32))]
        self.asked: list[str] = []
        self.ill = 0  # answers 503 so often


class _Handler(BaseHTTPRequestHandler):
    server: Vault

    def do_POST(self) -> None:
        self.server.asked.append(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.ill:
            self.server.ill -= 1
            return self._answer(503, {"errors": ["sealed"]})
        if self.headers["X-Vault-Token"] != TOKEN:
            return self._answer(403, {"errors": ["permission denied"]})
        about = base64.b64decode(body["associated_data"])
        if self.path == "/v1/kms/encrypt/linbao":
            nonce = os.urandom(12)
            number = len(self.server.versions)
            sealed = nonce + self.server.versions[-1].encrypt(nonce, base64.b64decode(body["plaintext"]), about)
            return self._answer(200, {"data": {"ciphertext": f"vault:v{number}:{base64.b64encode(sealed).decode()}"}})
        if self.path == "/v1/kms/decrypt/linbao":
            _vault, version, text = body["ciphertext"].split(":")
            sealed = base64.b64decode(text)
            try:
                plain = self.server.versions[int(version[1:]) - 1].decrypt(sealed[:12], sealed[12:], about)
            except InvalidTag:
                return self._answer(400, {"errors": ["cipher: message authentication failed"]})
            return self._answer(200, {"data": {"plaintext": base64.b64encode(plain).decode()}})
        return self._answer(404, {"errors": []})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    """Over https, with a certificate that the URL's `ca` vouches for."""
    made = tls.self_made("127.0.0.1", data=tmp_path)
    server = Vault()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "token").write_text(TOKEN + "\n")
    url = (
        f"vault+https://127.0.0.1:{server.server_port}/kms/linbao?ca={made.certificate}&token_file={tmp_path / 'token'}"
    )
    monkeypatch.setattr(settings, "KEYS", f"{url},{settings.KEYS}")
    keys.drop()
    yield server
    keys.forget_raw()
    keys.drop()
    server.shutdown()
    server.server_close()


@pytest.mark.django_db
@pytest.mark.clause("6.1.1")
def test_data_keys_move_into_the_kms_and_back(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    both = settings.KEYS
    sealed = crypto.seal(b"13912345678", "a:1")
    assert key_lifecycle.rewrap() == DataKey.objects.count()
    assert all(bytes(r.wrapped or b"").startswith(b"vault:v1:") for r in DataKey.objects.all())
    monkeypatch.setattr(settings, "KEYS", both.split(",")[0])  # the key of the environment is gone
    keys.forget_raw()
    keys.drop()
    vault.asked.clear()
    for _n in range(50):
        assert crypto.unseal(sealed, "a:1") == b"13912345678"
        crypto.unseal(crypto.seal(b"x", "b"), "b")
    assert len(vault.asked) == DataKey.objects.count(), "asked once per data key and process"
    vault.versions.append(AESGCM(os.urandom(32)))  # the KMS turns its own key
    key_lifecycle.rewrap()
    assert all(bytes(r.wrapped or b"").startswith(b"vault:v2:") for r in DataKey.objects.all())
    monkeypatch.setattr(settings, "KEYS", ",".join(reversed(both.split(","))))
    key_lifecycle.rewrap()
    assert all(r.wrapper.startswith("local:") for r in DataKey.objects.all())
    assert crypto.unseal(sealed, "a:1") == b"13912345678"


@pytest.mark.django_db
def test_a_wrapped_key_opens_only_as_what_it_is(vault: Vault) -> None:
    key_lifecycle.rewrap()
    one, other = DataKey.objects.all()[:2]
    with pytest.raises(wrapping.NoKey, match="400"):
        wrapping.unwrap(one.wrapper, bytes(one.wrapped or b""), keys.context(other))


@pytest.mark.django_db
def test_a_kms_that_stumbles_is_asked_again_and_one_that_refuses_is_told(vault: Vault, tmp_path: Path) -> None:
    vault.ill = 2
    assert key_lifecycle.rewrap()
    vault.ill = 3
    with pytest.raises(wrapping.NoKey, match="503"):
        wrapping.wrap(b"x" * 32, "y")
    (tmp_path / "token").write_text("another")
    with pytest.raises(wrapping.NoKey, match="403"):
        wrapping.wrap(b"x" * 32, "y")
    assert TOKEN not in str(wrapping.wrappers()[0].name)
    vault.socket.close()
    with pytest.raises(wrapping.NoKey, match="没有正常应答"):
        wrapping.wrap(b"x" * 32, "y")


@pytest.mark.django_db
def test_a_server_with_a_strange_certificate_gets_no_key(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tls.self_made("127.0.0.1", data=tmp_path / "other")
    url = settings.KEYS.split(",")[0]
    first, _mark, rest = url.partition("ca=")
    monkeypatch.setattr(settings, "KEYS", f"{first}ca={other.certificate}&{rest.partition('&')[2]}")
    vault.asked.clear()
    with pytest.raises(wrapping.NoKey):
        wrapping.wrap(b"x" * 32, "y")
    assert vault.asked == []
