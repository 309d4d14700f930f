"""The installation's certificate authority and time-stamp authority (4.2.2; 电子签名法 art. 13, 14).

Made once, at first need; keys are kept encrypted. A seal's certificate is signed here unless the unit
brings its own as PKCS#12. Outside time stamps: setting `LINBAO_TIMESTAMP_URL`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.db import connection, transaction
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.problems import Invalid
from linbao.documents.models import Authority
from linbao.platform.protection import box

SEAL_YEARS = 3
LIMITS = box.Limits(cpu=5, wall=10.0, memory=100, output=0)
_LOCK = 0x5EA1


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, all PEM; `chain` holds what stands above it if it came from outside."""

    certificate: str
    key: str
    serial: str
    valid_from: datetime
    valid_to: datetime
    chain: str = ""


def authority() -> Authority:
    """The one row; made in a transaction of its own when it does not stand yet."""
    row = Authority.objects.first()
    if row is not None:
        return row
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        row = Authority.objects.first()
        if row is not None:
            return row
        now = clock.now()
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("邻报安装根证书")
        root = (
            _certificate(name, name, key.public_key(), now, now + timedelta(days=365 * 30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        stamp_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        stamp = (
            _certificate(name, _name("邻报时间戳"), stamp_key.public_key(), now, now + timedelta(days=365 * 20))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .sign(key, hashes.SHA256())
        )
        return Authority.objects.create(
            certificate=_pem(root), key=_key_pem(key), stamp_certificate=_pem(stamp), stamp_key=_key_pem(stamp_key)
        )


def issue(name: str, unit: str) -> Issued:
    """A certificate for a seal that bears `name`, of `unit`, valid for three years."""
    above = authority()
    root = x509.load_pem_x509_certificate(above.certificate.encode())
    root_key = serialization.load_pem_private_key(above.key.encode(), password=None)
    assert isinstance(root_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    now = clock.now()
    ends = now + timedelta(days=365 * SEAL_YEARS)
    made = (
        _certificate(root.subject, _name(name, unit), key.public_key(), now, ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    return Issued(_pem(made), _key_pem(key), format(made.serial_number, "x"), now, ends)


def brought(data: bytes, passphrase: str) -> Issued:
    """A certificate brought as PKCS#12; raises `Invalid` beside the field that is wrong."""
    try:
        details = box.run("pdfs.certificate", {"passphrase": passphrase}, data, limits=LIMITS).data
    except box.Refused as e:
        message = _("口令不正确，或文件不是 PKCS#12 证书。")
        raise Invalid(fields={"passphrase": [message]}) from e
    if not details["key"] or not details["certificate"]:
        raise Invalid(fields={"pkcs12": [_("文件里没有私钥或证书。")]})
    key = load_pem_private_key(details["key"].encode(), None)
    certificate = x509.load_pem_x509_certificate(details["certificate"].encode())
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Invalid(fields={"pkcs12": [_("只支持 RSA 与 EC 密钥的证书。")]})
    if not certificate.not_valid_before_utc <= clock.now() < certificate.not_valid_after_utc:
        raise Invalid(fields={"pkcs12": [_("证书不在有效期内。")]})
    return Issued(
        _pem(certificate),
        _key_pem(key),
        format(certificate.serial_number, "x"),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        "".join(details["others"]),
    )


def _name(name: str, unit: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]
    if unit:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, unit[:64]))
    return x509.Name(parts)


def _certificate(
    issuer: x509.Name,
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    starts: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts - timedelta(minutes=5))  # a clock a little behind must not refuse a new seal
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(**on: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{n: on.get(n, False) for n in names})


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
