"""Built-in TLS for small installations (6.1.1): a certificate that is given, or one made here.

Holds no Django. granian reads keys in PKCS#8 only; a key in another form is rewritten beside the secrets.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_FOR = timedelta(days=397)  # the longest that browsers take
RENEW_BEFORE = timedelta(days=30)


class NoCertificate(Exception):
    """The message says what is wrong with it."""


@dataclass(frozen=True)
class Files:
    """What the server is given; `fingerprint` (SHA-256) is for people to compare."""

    certificate: Path
    key: Path
    fingerprint: str
    ends: datetime


def configured(certificate: str, key: str, *, data: Path) -> Files:
    """A certificate (with its chain) and its key, as they came from an authority; raises `NoCertificate`."""
    try:
        result = x509.load_pem_x509_certificate(Path(certificate).read_bytes())
        private = serialization.load_pem_private_key(Path(key).read_bytes(), password=None)
    except OSError as e:
        raise NoCertificate(f"读不到 {e.filename}：{e.strerror}。") from e
    except (ValueError, TypeError) as e:
        raise NoCertificate("证书或私钥不是 PEM 格式，或私钥带口令；请先转换。") from e
    if _public(result.public_key()) != _public(private.public_key()):
        raise NoCertificate("证书和私钥不是一对。")
    if result.not_valid_after_utc < datetime.now(UTC):
        raise NoCertificate(f"证书已于 {result.not_valid_after_utc:%Y-%m-%d} 过期。")
    path = Path(key).resolve()
    if b"BEGIN PRIVATE KEY" not in path.read_bytes():
        path = data / "secrets" / "tls.key"
        _write(path, _pem(private))
    return Files(Path(certificate).resolve(), path, _fingerprint(result), result.not_valid_after_utc)


def self_made(host: str, *, data: Path) -> Files:
    """A certificate of our own for this machine, made at the first start and again when it runs out.

    A browser knows nobody who vouches for it: people compare the fingerprint once and keep it.
    """
    certificate, key = data / "secrets" / "tls-self.crt", data / "secrets" / "tls-self.key"
    names = _names(host)
    if certificate.exists() and key.exists():
        result = x509.load_pem_x509_certificate(certificate.read_bytes())
        details = result.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if result.not_valid_after_utc > datetime.now(UTC) + RENEW_BEFORE and set(names) <= set(details):
            return Files(certificate, key, _fingerprint(result), result.not_valid_after_utc)
    private = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Linbao")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    _write(key, _pem(private))
    _write(certificate, made.public_bytes(serialization.Encoding.PEM))
    return Files(certificate, key, _fingerprint(made), made.not_valid_after_utc)


def _names(host: str) -> list[x509.GeneralName]:
    rows: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    for name in (host, socket.gethostname()):
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            if name.isascii() and x509.DNSName(name) not in rows:
                rows.append(x509.DNSName(name))
        else:
            if not address.is_unspecified and x509.IPAddress(address) not in rows:
                rows.append(x509.IPAddress(address))
    return rows


def _public(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(path.name + ".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
        f.write(data)
    os.replace(part, path)
