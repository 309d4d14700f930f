"""PDFs inside the box: their words, and whether a signature stands (4.2.2, 6.2.2); certificates brought as PKCS#12."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asn1crypto import cms, pem
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from linbao.platform.protection.boxed import Refusal, Send

_SIGNATURE = re.compile(rb"/Contents\s*<([0-9a-fA-F]{1000,200000})>")
MOST_SIGNATURES = 50


def text(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """Sends the words of the first `pages` pages; returns the `keywords` of the file's properties."""
    reader = PdfReader(io.BytesIO(blobs[0]))
    send("\n".join(p.extract_text() or "" for p in reader.pages[: args["pages"]]).encode("utf-8", "replace"))
    details: Any = reader.metadata or {}
    return {"keywords": str(details.get("/Keywords", ""))[:10_000]}


def locked(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """Whether the file cannot be opened without a password: `locked`. One that only forbids changes opens."""
    reader = PdfReader(io.BytesIO(blobs[0]))
    return {"locked": reader.is_encrypted and not reader.decrypt("")}


def signature(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """The `state` of the first signature at `moment` (ISO) for the certificate `own`, under the roots `trusted` (PEM):
    `valid`, `altered` (bytes changed after signing), `foreign` (not this certificate), `none` or `broken`."""
    try:
        signed = list(PdfFileReader(io.BytesIO(blobs[0])).embedded_signatures)
    except Exception:  # a library's many ways to stumble over a hostile file
        return {"state": "broken"}
    if not signed:
        return {"state": "none"}
    trusted, own = _certificates(args["trusted"]), _certificates(args["own"])
    moment = datetime.fromisoformat(args["moment"])
    if not trusted:
        return {"state": "foreign"}
    try:
        status = validate_pdf_signature(
            signed[0],
            ValidationContext(trust_roots=trusted, other_certs=own, moment=moment, allow_fetching=False),
            ts_validation_context=ValidationContext(trust_roots=trusted, moment=moment, allow_fetching=False),
        )
    except Exception:  # see above
        return {"state": "broken"}
    if not status.intact or not status.valid:
        return {"state": "altered"}
    if status.signing_cert.sha256 != own[0].sha256 or not status.trusted:
        return {"state": "foreign"}
    return {"state": "valid" if status.bottom_line else "altered"}


def _certificates(armoured: str) -> list[Any]:
    return [asn1.Certificate.load(d) for _t, _h, d in pem.unarmor(armoured.encode(), multiple=True)] if armoured else []


def signers(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """`serials` (hex) of the certificates that signed; read from the bytes, not through a PDF reader, since the file
    may be broken anywhere."""
    rows = []
    for n, contents in enumerate(_SIGNATURE.finditer(blobs[0])):
        if n >= MOST_SIGNATURES:
            break
        try:
            signed = cms.ContentInfo.load(bytes.fromhex(contents[1].decode()), strict=False)["content"]
            serial = signed["signer_infos"][0]["sid"].chosen["serial_number"].native
        except (ValueError, TypeError, KeyError, IndexError):
            continue
        rows.append(format(serial, "x"))
    return {"serials": rows}


def certificate(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """What a PKCS#12 file holds, opened with `passphrase`: `key` (PKCS#8), `certificate` and `others`, all PEM, empty
    where there is none. Refuses `passphrase` when it cannot be opened."""
    try:
        key, own, others = pkcs12.load_key_and_certificates(blobs[0], args["passphrase"].encode() or None)
    except (ValueError, TypeError) as e:
        raise Refusal("passphrase") from e
    return {
        "key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode() if key else "",
        "certificate": own.public_bytes(Encoding.PEM).decode() if own else "",
        "others": [c.public_bytes(Encoding.PEM).decode() for c in others],
    }
