"""Is this document genuine? Told to whoever holds its code or file, without what it says (design §2.5)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography import x509
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.documents.models import Authority, Document, Seal, SealState
from linbao.platform import files
from linbao.platform.encryption.crypto import CannotOpen
from linbao.platform.protection import box

LIMITS = box.Limits(cpu=10, wall=15.0, memory=300, output=0)


class Answer(StrEnum):
    """What the verification page answers."""

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
    row = _rows().filter(code=wanted).first()
    return _of(row) if row else Verdict(Answer.UNKNOWN)


def by_file(data: bytes) -> Verdict:
    """The PDF itself: known by its digest, or else told whether it carries a seal of ours that was broken."""
    digest = hashlib.sha256(data).hexdigest()
    row = _rows().filter(Q(pdf=digest) | Q(original_pdf=digest)).first()
    if row is not None:
        return _of(row, data)
    seal = _broken_seal(data)
    if seal is not None:
        return Verdict(
            Answer.ALTERED, notes=(_("文件带有“%(name)s”的电子签名，但内容在盖章之后被改动过。") % {"name": seal.name},)
        )
    return Verdict(Answer.UNKNOWN)


def _rows() -> Any:
    return Document.objects.select_related("unit", "seal", "superseded_by")


def _of(document: Document, data: bytes | None = None) -> Verdict:
    newer = getattr(document, "superseded_by", None)
    notes: list[str] = []
    if document.deidentified_at is not None:
        day = clock.local(document.deidentified_at, "").strftime("%Y-%m-%d")
        notes.append(
            _("保存期限届满，原件已于 %(day)s 删除，现存的是去标识化版本；原件摘要（SHA-256）：%(digest)s。")
            % {"day": day, "digest": document.original_pdf}
        )
    # Of an original that is gone the signature can be checked only in the file that somebody brings.
    original = data is not None and hashlib.sha256(data).hexdigest() == document.original_pdf
    if document.seal is not None and (document.deidentified_at is None or original):
        stands, message = _seal_stands(document, document.seal, data)
        notes += message
        if not stands:
            return Verdict(Answer.SEAL_INVALID, document, newer, tuple(notes))
    elif document.kind == "urgent_report":
        notes.append(_("本文件未加盖印章。"))
    if newer is not None:
        notes.append(
            _("已有更新的版本：%(number)s 第 %(version)d 版。") % {"number": newer.number, "version": newer.version}
        )
        return Verdict(Answer.SUPERSEDED, document, newer, tuple(notes))
    return Verdict(Answer.GENUINE, document, None, tuple(notes))


def _seal_stands(document: Document, seal: Seal, data: bytes | None) -> tuple[bool, list[str]]:
    """Whether the signature holds at the time of sealing; what happened to the seal since is told, not held against
    it."""
    try:
        pdf = data if data is not None else files.get(document.pdf)
    except (OSError, CannotOpen):
        return False, [_("存档文件无法读取，请联系管理部门。")]
    state = signature(pdf, seal, document.sealed_at or document.issued_at)
    if state != "valid":
        return False, [_("电子签名无效。")]
    notes: list[str] = []
    if seal.state == SealState.REVOKED and seal.state_at:
        day = clock.local(seal.state_at, "").strftime("%Y-%m-%d")
        if document.sealed_at and seal.state_at <= document.sealed_at:
            return False, [_("盖章时该印章已经作废（%(day)s）。") % {"day": day}]
        notes.append(_("该印章已于 %(day)s 作废；本文件在作废之前盖章，仍然有效。") % {"day": day})
    if seal.valid_to <= clock.now():
        day = clock.local(seal.valid_to, "").strftime("%Y-%m-%d")
        notes.append(_("印章证书已于 %(day)s 到期；本文件在有效期内盖章，仍然有效。") % {"day": day})
    return True, notes


def signature(pdf: bytes, seal: Seal, moment: datetime) -> str:
    """`valid`, `altered` (bytes changed after signing), `foreign` (not this seal's certificate), `none` or `broken`."""
    above = Authority.objects.first()
    # A certificate brought from outside is trusted because the unit's manager put it on record here.
    trusted = above.certificate if above is not None else ""
    if above is not None and (seal.chain or not _issued_here(seal, above)):
        trusted += _last(seal.chain) if seal.chain else seal.certificate
    args = {"trusted": trusted, "own": seal.certificate, "moment": moment.isoformat()}
    try:
        return str(box.run("pdfs.signature", args, pdf, limits=LIMITS).data["state"])
    except box.Refused:
        return "broken"


def _last(chain: str) -> str:
    """The last of several certificates in PEM: the root of their chain."""
    mark = "-----BEGIN CERTIFICATE-----"
    return mark + chain.rpartition(mark)[2]


def _issued_here(seal: Seal, above: Authority) -> bool:
    return (
        x509.load_pem_x509_certificate(seal.certificate.encode()).issuer
        == x509.load_pem_x509_certificate(above.certificate.encode()).subject
    )


def _broken_seal(pdf: bytes) -> Seal | None:
    """A seal of ours whose certificate signed this file, which is yet none of ours as it stands."""
    try:
        serials = box.run("pdfs.signers", {}, pdf, limits=LIMITS).data["serials"]
    except box.Refused:
        return None
    seals = {seal.serial: seal for seal in Seal.objects.filter(serial__in=serials)}
    return next((seals[serial] for serial in serials if serial in seals), None)
