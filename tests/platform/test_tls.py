"""TLS and the headers of every answer, read over a real connection (6.1.1)."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from linbao.platform.server import tls


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[int, Path, str]]:
    """`linbao serve --tls self` on a folder of its own: port, folder, what it said."""
    folder = Path(tempfile.mkdtemp(prefix="linbao-tls-"))
    folder.chmod(0o755)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = int(s.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "linbao", "serve", "--tls", "self", "--port", str(port)],
        env={k: v for k, v in os.environ.items() if not k.startswith("LINBAO_")} | {"LINBAO_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout and process.stderr
    message = process.stderr.readline() + process.stderr.readline()
    threading.Thread(target=process.stderr.read, daemon=True).start()
    line = process.stdout.readline()
    assert line.strip() == f"ready https://127.0.0.1:{port}"
    yield port, folder, message
    process.terminate()
    process.wait(40)


def ask(port: int, path: str, folder: Path) -> http.client.HTTPResponse:
    context = ssl.create_default_context(cafile=str(folder / "secrets" / "tls-self.crt"))
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer


@pytest.mark.clause("6.1.1")
@pytest.mark.parametrize("path", ["/accounts/login/", "/", "/nowhere", "/api/v1/items", "/r/nothing", "/verify/"])
def test_every_answer_carries_the_headers(served: tuple[int, Path, str], path: str) -> None:
    answer = ask(served[0], path, served[1])
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == ("no-referrer" if path.startswith("/r/") else "same-origin")
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
    assert "usb=()" in answer.headers["Permissions-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    for cookie in answer.headers.get_all("Set-Cookie", []):
        assert "Secure" in cookie


def test_built_files_are_kept_by_browsers(served: tuple[int, Path, str]) -> None:
    root = Path(tls.__file__).parents[2] / "shell" / "static" / "dist"
    name = next(iter(json.loads((root / "manifest.json").read_text()).values()))
    answer = ask(served[0], f"/static/dist/{name}", served[1])
    assert answer.status == 200 and "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Strict-Transport-Security"]


@pytest.mark.clause("6.1.1")
def test_tls_12_and_newer_only(served: tuple[int, Path, str]) -> None:
    def version(highest: ssl.TLSVersion) -> str | None:
        context = ssl._create_unverified_context()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, highest
        with socket.create_connection(("127.0.0.1", served[0]), timeout=20) as raw, context.wrap_socket(raw) as s:
            return s.version()

    assert version(ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    assert version(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    with pytest.raises(ssl.SSLError):
        version(ssl.TLSVersion.TLSv1_1)


def test_a_made_certificate_is_told_and_kept(served: tuple[int, Path, str]) -> None:
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", served[0]), timeout=20) as raw, context.wrap_socket(raw) as s:
        shown = s.getpeercert(binary_form=True)
    assert shown and hashlib.sha256(shown).hexdigest().upper() in served[2].replace(":", "")
    again = tls.self_made("127.0.0.1", data=served[1])
    assert again.fingerprint in served[2]
    assert (served[1] / "secrets" / "tls-self.key").stat().st_mode & 0o077 == 0


def test_a_given_certificate_must_fit(tmp_path: Path) -> None:
    made = tls.self_made("127.0.0.1", data=tmp_path)
    assert tls.configured(str(made.certificate), str(made.key), data=tmp_path).key == made.key
    key = serialization.load_pem_private_key(made.key.read_bytes(), None)
    old = tmp_path / "old.key"  # the form that openssl made for long: granian does not read it
    old.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    rewritten = tls.configured(str(made.certificate), str(old), data=tmp_path).key
    assert b"BEGIN PRIVATE KEY" in rewritten.read_bytes()
    other = tmp_path / "other.key"
    other.write_bytes(
        rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with pytest.raises(tls.NoCertificate, match="不是一对"):
        tls.configured(str(made.certificate), str(other), data=tmp_path)
    with pytest.raises(tls.NoCertificate, match="读不到"):
        tls.configured(str(tmp_path / "none"), str(other), data=tmp_path)
    with pytest.raises(tls.NoCertificate, match="PEM"):
        tls.configured(str(other), str(other), data=tmp_path)
