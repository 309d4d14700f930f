"""Seals: made, stored, used by their custodian, suspended, revoked; every use is on the seal's log (4.2.2)."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from PIL import Image

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.documents import typesetting
from linbao.documents.inputs import ChangeSeal, MakeSeal
from linbao.documents.models import Document, Seal, SealKind, SealUse
from linbao.documents.seals import authority
from linbao.documents.seals.states import SEAL
from linbao.organisation.models import Unit, User
from linbao.organisation.tree import tree
from linbao.platform import files
from linbao.platform.encryption.crypto import CannotOpen
from linbao.platform.protection import box, outgoing
from linbao.platform.protection.boxed import precheck

DIAMETER = {SealKind.UNIT: 42, SealKind.WORK_GROUP: 40, SealKind.PERSON: 20}  # millimetres (domain.md §4)
MOST_PIXELS = 40_000_000  # of a scanned seal
HERE = Path(__file__).parents[1]


def draw(kind: str, name: str, form: Literal["pdf", "png"] = "png") -> bytes:
    """The seal's picture with a clear ground: `pdf` (vector, as it is affixed) or `png` (300 dpi)."""
    data = {
        "name": name,
        "form": "square" if kind == SealKind.PERSON else "round",
        "diameter": DIAMETER[SealKind(kind)],
    }
    return typesetting.typeset(HERE / "typst" / "seal.typ", data, form=form)


def picture(seal: Seal) -> bytes:
    """PNG of the seal, drawn or as uploaded and cleaned."""
    return files.get(seal.picture) if seal.picture else draw(seal.kind, seal.name)


def cleaned(data: bytes) -> bytes:
    """A photographed or scanned seal as PNG: only its red ink on a clear ground, cut to its edge.

    Raises `Invalid` when it is no picture, too large (over 40 megapixels), or shows no red seal.
    """
    errors = Invalid(fields={"picture": [_("这不是可用的图片，请上传印章的 PNG 或 JPEG 扫描件。")]})
    look = precheck.picture(data)
    if look.form not in ("PNG", "JPEG", "WEBP") or look.pixels > MOST_PIXELS or look.scans > 100:
        raise errors
    limits = box.Limits(cpu=10, wall=15.0, memory=120 + look.pixels * 12 // 1_000_000, output=3_000_000)
    try:
        return box.run("pictures.seal", {}, data, limits=limits).blobs[0]
    except box.Refused as e:
        if e.code == "no_seal":
            raise Invalid(fields={"picture": [_("图片里没有找到红色印迹，或印迹太小。")]}) from e
        raise errors from e


# --- keeping -----------------------------------------------------------------------------------


def make(actor: User | None, data: MakeSeal, *, image: bytes | None = None, pkcs12: bytes | None = None) -> Seal:
    """A new seal in a custodian's keeping. Drawn unless `image` is given; its certificate is issued here unless
    `pkcs12` brings one. `actor` None stands for the command line. Raises `Invalid`, `NotAllowed`."""
    errors: dict[str, list[str]] = {}
    kind, name, unit = data.kind.value, data.name, tree().get(data.unit)
    if unit is None:
        errors["unit"] = [_("请选择单位。")]
    if not User.objects.filter(pk=data.custodian, is_active=True).exists():
        errors["custodian"] = [_("请选择保管人。")]
    if kind == SealKind.PERSON and data.person != data.custodian:
        errors["custodian"] = [_("个人名章由本人保管。")]
    if errors:
        raise Invalid(fields=errors)
    if actor is not None:
        allow(actor, "seal.manage", unit)
    stored = files.put(cleaned(image)) if image else ""
    issued = authority.brought(pkcs12, data.passphrase) if pkcs12 else authority.issue(name, unit.name if unit else "")
    try:
        with transaction.atomic():
            seal = Seal.objects.create(
                kind=kind,
                name=name,
                unit_id=data.unit,
                person_id=data.person if kind == SealKind.PERSON else None,
                custodian_id=data.custodian,
                picture=stored,
                certificate=issued.certificate,
                chain=issued.chain,
                key=issued.key,
                serial=issued.serial,
                valid_from=issued.valid_from,
                valid_to=issued.valid_to,
                made_by=actor,
            )
            SealUse.objects.create(seal=seal, action="make", by=actor)
            audit.record(actor, "seal.make", seal, unit_id=data.unit, kind=kind)
    except IntegrityError as e:
        raise Invalid(fields={"name": [_("这枚印章已经存在；如需重制，请先将原印章作废。")]}) from e
    return seal


@transaction.atomic
def change(actor: User, seal_id: UUID, action: str, data: ChangeSeal) -> Seal:
    """Suspend, resume or revoke, with a reason. A custodian may suspend at once; a revoked seal never comes back."""
    seal = get(actor, seal_id, lock=True)
    if action not in ("suspend", "resume", "revoke"):
        raise Invalid(_("没有这种操作。"))
    if not (action == "suspend" and seal.custodian_id == actor.pk):
        SEAL.permit(seal, action, actor)
    SEAL.move(seal, action, state_at=clock.now(), state_reason=data.reason)
    SealUse.objects.create(seal=seal, action=action, by=actor, note=data.reason)
    audit.record(actor, f"seal.{action}", seal, unit_id=seal.unit_id)
    return seal


@transaction.atomic
def hand_over(actor: User, seal_id: UUID, custodian_id: UUID) -> Seal:
    """Give a unit's or group's seal into another person's keeping."""
    seal = get(actor, seal_id, lock=True)
    allow(actor, "seal.manage", seal.unit)
    if seal.kind == SealKind.PERSON:
        raise Conflict(_("个人名章不能移交他人保管。"))
    other = User.objects.filter(pk=custodian_id, is_active=True).first()
    if other is None:
        raise Invalid(fields={"custodian": [_("请选择保管人。")]})
    if seal.custodian_id != other.pk:
        SealUse.objects.create(seal=seal, action="hand_over", by=actor, note=f"{seal.custodian.name} → {other.name}")
        seal.custodian = other
        seal.save(update_fields=["custodian"])
        audit.record(actor, "seal.hand_over", seal, unit_id=seal.unit_id, to=str(other.pk))
    return seal


def get(user: User, seal_id: UUID, *, lock: bool = False) -> Seal:
    """The seal, if `user` may see it; `NotFound` else."""
    rows = Seal.objects.visible_to(user).filter(pk=seal_id)
    row = (rows.select_for_update(of=("self",)) if lock else rows).select_related("unit", "custodian").first()
    if row is None:
        raise NotFound(_("没有这枚印章，或您无权查看。"))
    return row


def usable_by(user: User) -> list[Seal]:
    """The seals that this person may affix now: those in their own keeping, in force."""
    return list(Seal.objects.usable().filter(custodian=user).select_related("unit"))


def of_unit(user: User, unit_id: UUID) -> Seal | None:
    """The unit's seal, if `user` keeps it and may affix it now; None where its documents go out without (如有,
    4.2.2)."""
    return Seal.objects.usable().filter(kind=SealKind.UNIT, unit_id=unit_id, custodian=user).first()


# --- affixing ----------------------------------------------------------------------------------


def to_affix(user: User, seal_id: UUID) -> Seal:
    """The seal, if `user` may affix it now. Raises `NotAllowed` when the person is not its custodian, `Conflict`
    when it is not in force."""
    seal = Seal.objects.filter(pk=seal_id).select_related("unit").first()
    if seal is None or seal.custodian_id != user.pk:
        raise NotAllowed(_("只有印章的保管人可以用印。"))
    SEAL.check(seal, "affix")
    if not seal.valid_from <= clock.now() < seal.valid_to:
        raise Conflict(_("印章“%(name)s”的证书不在有效期内，请先换发。") % {"name": seal.name})
    return seal


def log(seal: Seal, document: Document, by: User) -> None:
    """Record the use on the seal's log, in the transaction that stores the document."""
    SealUse.objects.create(seal=seal, action="affix", by=by, document=document, note=document.number)
    audit.record(by, "seal.affix", seal, unit_id=seal.unit_id, document=str(document.pk))


def certify(pdf: bytes, name: str, unit: Unit | None) -> bytes:
    """Sign invisibly in the name of a person who has no seal, with a certificate that this installation issues to
    them for this one document; its key is stored nowhere."""
    issued = authority.issue(name, unit.name if unit else "")
    once = Seal(
        kind=SealKind.PERSON, name=name, unit=unit, certificate=issued.certificate, key=issued.key, serial=issued.serial
    )
    return sign(pdf, once, visible=False)


def sign(pdf: bytes, seal: Seal, *, visible: bool = True) -> bytes:
    """Sign with the seal's key (PAdES baseline with time stamp), its picture where typesetting left room for it.

    Raises `Conflict` when the key cannot be opened.
    """
    from asn1crypto import keys, pem, x509
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers, timestamps
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    above = authority.authority()
    try:
        key, stamp_key = seal.key, above.stamp_key
    except CannotOpen as e:
        raise Conflict(_("印章的密钥无法打开：缺少密钥，或记录被改动。请联系系统管理员。")) from e

    def der(armoured: str) -> bytes:
        return bytes(pem.unarmor(armoured.encode())[2])

    def certificates(armoured: str) -> list[Any]:
        return (
            [x509.Certificate.load(d) for _t, _h, d in pem.unarmor(armoured.encode(), multiple=True)]
            if armoured
            else []
        )

    root = x509.Certificate.load(der(above.certificate))
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(der(seal.certificate)),
        signing_key=keys.PrivateKeyInfo.load(der(key)),
        cert_registry=SimpleCertificateStore.from_certs([root, *certificates(seal.chain)]),
    )
    stamper = _outside_stamper() or timestamps.DummyTimeStamper(
        tsa_cert=x509.Certificate.load(der(above.stamp_certificate)),
        tsa_key=keys.PrivateKeyInfo.load(der(stamp_key)),
        certs_to_embed=SimpleCertificateStore.from_certs([root]),
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    if visible:
        page, box = _place(writer)
        field = fields.SigFieldSpec(sig_field_name="Seal", on_page=page, box=box)
    else:
        field = fields.SigFieldSpec(sig_field_name="Seal")
    with _style(seal) if visible else nullcontext() as style:
        out = signers.PdfSigner(
            signers.PdfSignatureMetadata(
                field_name="Seal",
                md_algorithm="sha256",
                name=seal.name,
                reason="加盖印章" if visible else "电子签名",
                location=seal.unit.name if seal.unit else "",
                subfilter=fields.SigSeedSubFilter.PADES,
                certify=True,
                docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            ),
            signer=signer,
            timestamper=stamper,
            stamp_style=style,
            new_field_spec=field,
        ).sign_pdf(writer)
    return bytes(out.getbuffer())


def _place(writer: Any) -> tuple[int, tuple[int, int, int, int]]:
    """Page (from 0) and box of the link that keeps the seal's place, the last such one."""
    pages = int(writer.root["/Pages"]["/Count"])
    for number in range(pages - 1, -1, -1):
        page = writer.find_page_for_modification(number)[0].get_object()
        for annotation in reversed(page.get("/Annots", [])):
            link = annotation.get_object()
            if "/A" in link and "/verify" in str(link["/A"].get("/URI", "")):
                left, bottom, right, top = (round(float(v)) for v in link["/Rect"])
                return number, (left, bottom, right, top)
    raise ValueError("no place for a seal")


@contextmanager
def _style(seal: Seal) -> Iterator[Any]:
    """How the signature looks: the seal and nothing else, filling its box."""
    from pyhanko.pdf_utils.images import PdfImage
    from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, Margins, SimpleBoxLayoutRule
    from pyhanko.stamp import StaticStampStyle

    whole: Any = {
        "border_width": 0,
        "background_opacity": 1.0,
        "background_layout": SimpleBoxLayoutRule(
            AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, Margins(0, 0, 0, 0), InnerScaling.STRETCH_TO_FIT
        ),
    }
    if seal.picture:
        with Image.open(io.BytesIO(files.get(seal.picture))) as image:
            yield StaticStampStyle(background=PdfImage(image.copy()), **whole)
        return
    with NamedTemporaryFile(suffix=".pdf") as drawn:  # read when the signature is written
        drawn.write(draw(seal.kind, seal.name, "pdf"))
        drawn.flush()
        yield StaticStampStyle.from_pdf_file(drawn.name, **whole)


def _outside_stamper() -> Any:
    if not settings.TIMESTAMP_URL:
        return None
    from pyhanko.sign.timestamps.requests_client import HTTPTimeStamper

    class Guarded(HTTPTimeStamper):
        """Reaches the service that the setting names, and is led nowhere else inside by it."""

        async def async_request_tsa_response(self, req: Any) -> Any:
            with outgoing.guarded({urlsplit(settings.TIMESTAMP_URL).hostname or ""}):
                return await super().async_request_tsa_response(req)

    return Guarded(settings.TIMESTAMP_URL, timeout=10)


def stamp(data: bytes) -> bytes | None:
    """The outside service's time stamp over SHA-256 of `data`: an RFC 3161 token in DER; None where no service is set
    (`LINBAO_TIMESTAMP_URL`). Raises what the request raises where the service does not answer."""
    stamper = _outside_stamper()
    if stamper is None:
        return None
    token = asyncio.run(stamper.async_timestamp(hashlib.sha256(data).digest(), "sha256"))
    return bytes(token.dump())


def stamp_covers(token: bytes, data: bytes) -> bool:
    """Whether a token of `stamp` is over `data` and signed by the certificate that it carries. Who stands behind that
    certificate is for the reader to judge (`openssl ts -verify`)."""
    from asn1crypto import cms
    from pyhanko.sign.general import extract_signer_info
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    try:
        signed = cms.ContentInfo.load(token)["content"]
        content = signed["encap_content_info"]["content"]
        imprint = content.parsed["message_imprint"]
        method = imprint["hash_algorithm"]["algorithm"].native
        signer = extract_signer_info(signed)
        named = signer["sid"].chosen
        certificate = next(
            c.chosen
            for c in signed["certificates"]
            if (c.chosen.issuer, c.chosen.serial_number) == (named["issuer"], named["serial_number"].native)
        )
        digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
        intact, valid = validate_sig_integrity(signer, certificate, "tst_info", digest)
        return intact and valid and hashlib.new(method, data).digest() == imprint["hashed_message"].native
    except Exception:  # whatever bytes stand in the place of a stamp, they are none
        return False
