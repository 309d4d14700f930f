"""Is this document genuine? Told to whoever holds its code or file, without what it says (design §2.5)."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography import x509
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.base import clock, files
from linbao.base.crypto import CannotOpen
from linbao.documents.models import Authority, Document, Seal, SealState


class Answer(StrEnum):
    GENUINE = "genuine"
    SUPERSEDED = "superseded"
    ALTERED = "altered"
    SEAL_INVALID = "seal_invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """What may be told. `notes` are whole sentences; `document` is set for a genuine one only."""

    answer: Answer
    document: Document | None = None
    newer: Document | None = None
    notes: tuple[str, ...] = ()


def by_code(code: str) -> Verdict:
    """The document that bears this code (12 letters and digits, any case, blanks ignored)."""
    wanted = "".join(code.split()).replace("-", "").upper()
    if not wanted or len(wanted) > 16 or not wanted.isalnum():
        return Verdict(Answer.UNKNOWN)
    found = _rows().filter(code=wanted).first()
    return _of(found) if found else Verdict(Answer.UNKNOWN)


def by_file(data: bytes) -> Verdict:
    """The PDF itself: known by its digest, or else told whether it carries a seal of ours that was broken."""
    digest = hashlib.sha256(data).hexdigest()
    found = _rows().filter(Q(pdf=digest) | Q(original_pdf=digest)).first()
    if found is not None:
        return _of(found, data)
    seal = _broken_seal(data)
    if seal is not None:
        return Verdict(
            Answer.ALTERED,
            notes=(_("文件带有“%(name)s”的电子签名，但内容在盖章之后被改动过。") % {"name": seal.name},),
        )
    return Verdict(Answer.UNKNOWN)


def _rows() -> Any:
    return Document.objects.select_related("unit", "seal", "superseded_by")


def _of(found: Document, data: bytes | None = None) -> Verdict:
    newer = getattr(found, "superseded_by", None)
    notes: list[str] = []
    if found.deidentified_at is not None:
        day = clock.local(found.deidentified_at, "").strftime("%Y-%m-%d")
        notes.append(
            _("保存期限届满，原件已于 %(day)s 删除，现存的是去标识化版本；原件摘要（SHA-256）：%(digest)s。")
            % {"day": day, "digest": found.original_pdf}
        )
    # Of an original that is gone the signature can be checked only in the file that somebody brings.
    original = data is not None and hashlib.sha256(data).hexdigest() == found.original_pdf
    if found.seal is not None and (found.deidentified_at is None or original):
        stands, words = _seal_stands(found, found.seal, data)
        notes += words
        if not stands:
            return Verdict(Answer.SEAL_INVALID, found, newer, tuple(notes))
    elif found.kind == "urgent_report":
        notes.append(_("本文件未加盖印章。"))
    if newer is not None:
        notes.append(
            _("已有更新的版本：%(number)s 第 %(version)d 版。") % {"number": newer.number, "version": newer.version}
        )
        return Verdict(Answer.SUPERSEDED, found, newer, tuple(notes))
    return Verdict(Answer.GENUINE, found, None, tuple(notes))


def _seal_stands(found: Document, seal: Seal, data: bytes | None) -> tuple[bool, list[str]]:
    """Whether the signature holds at the time of sealing; what happened to the seal since is told, not held against it."""
    try:
        pdf = data if data is not None else files.get(found.pdf)
    except (OSError, CannotOpen):
        return False, [_("存档文件无法读取，请联系管理部门。")]
    state = signature(pdf, seal, found.sealed_at or found.issued_at)
    if state != "valid":
        return False, [_("电子签名无效。")]
    notes: list[str] = []
    if seal.state == SealState.REVOKED and seal.state_at:
        day = clock.local(seal.state_at, "").strftime("%Y-%m-%d")
        if found.sealed_at and seal.state_at <= found.sealed_at:
            return False, [_("盖章时该印章已经作废（%(day)s）。") % {"day": day}]
        notes.append(_("该印章已于 %(day)s 作废；本文件在作废之前盖章，仍然有效。") % {"day": day})
    if seal.valid_to <= clock.now():
        day = clock.local(seal.valid_to, "").strftime("%Y-%m-%d")
        notes.append(_("印章证书已于 %(day)s 到期；本文件在有效期内盖章，仍然有效。") % {"day": day})
    return True, notes


def signature(pdf: bytes, seal: Seal, moment: datetime) -> str:
    """`valid`, `altered` (bytes changed after signing), `foreign` (not this seal's certificate), `none` or `broken`."""
    from asn1crypto import pem
    from asn1crypto import x509 as asn1
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    above = Authority.objects.first()
    signed = _signatures(pdf)
    if signed is None:
        return "broken"
    if not signed:
        return "none"
    if above is None:
        return "foreign"

    def load(words: str) -> list[Any]:
        return [asn1.Certificate.load(d) for _t, _h, d in pem.unarmor(words.encode(), multiple=True)] if words else []

    roots = load(above.certificate)
    own = load(seal.certificate)
    # A certificate brought from outside is trusted because the unit's manager put it on record here.
    trusted = roots + (load(seal.chain)[-1:] or own if seal.chain or not _issued_here(seal, above) else [])
    try:
        status = validate_pdf_signature(
            signed[0],
            ValidationContext(trust_roots=trusted, other_certs=own, moment=moment, allow_fetching=False),
            ts_validation_context=ValidationContext(trust_roots=trusted, moment=moment, allow_fetching=False),
        )
    except Exception:  # a library's many ways to stumble over a hostile file
        return "broken"
    if not status.intact or not status.valid:
        return "altered"
    if status.signing_cert.sha256 != own[0].sha256 or not status.trusted:
        return "foreign"
    return "valid" if status.bottom_line else "altered"


def _issued_here(seal: Seal, above: Authority) -> bool:
    return (
        x509.load_pem_x509_certificate(seal.certificate.encode()).issuer
        == x509.load_pem_x509_certificate(above.certificate.encode()).subject
    )


def _signatures(pdf: bytes) -> list[Any] | None:
    """The embedded signatures; None for what is no readable PDF."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        return list(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)
    except Exception:  # see `signature`
        return None


def _broken_seal(pdf: bytes) -> Seal | None:
    """A seal of ours whose certificate signed this file, which is yet none of ours as it stands.

    Read from the bytes, not through a PDF reader: the file may be broken anywhere.
    """
    from asn1crypto import cms

    for found in re.finditer(rb"/Contents\s*<([0-9a-fA-F]{1000,200000})>", pdf):
        try:
            signed = cms.ContentInfo.load(bytes.fromhex(found[1].decode()), strict=False)["content"]
            serial = signed["signer_infos"][0]["sid"].chosen["serial_number"].native
        except (ValueError, TypeError, KeyError, IndexError):
            continue
        seal = Seal.objects.filter(serial=format(serial, "x")).first()
        if seal is not None:
            return seal
    return None
