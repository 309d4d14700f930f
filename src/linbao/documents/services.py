"""Issuing documents and checking them (design §2.5)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from linbao.core import clock, ids
from linbao.core.problems import Conflict, Invalid
from linbao.documents import layout
from linbao.documents.layout import Photo
from linbao.documents.models import Document, DocumentKind, Seal, SealKind
from linbao.documents.seals import services as seals
from linbao.documents.word_templates import services as custom
from linbao.organisation.limits import photo_budget
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.platform import files
from linbao.platform.models import next_number

log = structlog.get_logger("linbao.documents")
# No file that could be altered, and no copy beside what is sealed.
PDF_ALONE = (DocumentKind.CERTIFICATE, DocumentKind.CASE_DECISION)


def number(community_id: UUID, mark: str = "社信") -> str:
    """The next number of the community and year, without gaps: `桂花园社信〔2026〕12号` (domain.md §4).

    Take it in the transaction that issues the document.
    """
    unit = tree().get(community_id)
    year = clock.local(clock.now(), tree().setting(community_id, "time_zone")).year
    name = (unit.short_name or unit.name) if unit else ""
    return f"{name}{mark}〔{year}〕{next_number(f'{mark}:{community_id}:{year}')}号"


def keep(
    kind: str, pdf: bytes, *, number: str, title: str, unit_id: UUID, subject: models.Model, code: str, by: User
) -> Document:
    """Keep a PDF that a room set itself, so that whoever holds it can check it; the file stays with its owner."""
    return Document.objects.create(
        kind=kind,
        unit_id=unit_id,
        number=number,
        title=title[:120],
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        code=code,
        issued_by=by,
        pdf=hashlib.sha256(pdf).hexdigest(),
    )


@dataclass(frozen=True)
class Prepared:
    """What was made of a content before the document is issued. `docx` None: no template of the unit's own; `seal` is
    the one that `pdf` bears."""

    code: str
    pdf: bytes
    annex: list[Photo]
    docx: bytes | None = None
    seal: Seal | None = None
    sealed_at: datetime | None = None


def prepare(
    kind: str,
    content: dict[str, Any],
    *,
    unit_id: UUID,
    by: User | None = None,
    seal_id: UUID | None = None,
    certified: str = "",
) -> Prepared:
    """Set, seal and sign what `issue` keeps; arguments as there. To be done outside the transaction that issues, which
    holds rows: photos and the unit's own template are strangers' files, and a seal may ask an outside time stamp.

    A template that cannot be filled is given up for the common form, once for all: a report is not held up by it
    (4.1.1), and the manager finds the template switched off.
    """
    from linbao.documents import photos

    code = ids.code()
    annex = photos.load(content.get("photos") or (), photo_budget(unit_id), patience=custom.PATIENCE)
    row = custom.active(unit_id, kind) if kind not in PDF_ALONE else None
    made = None
    if row is not None:
        verify = f"{settings.BASE_URL}/verify"
        try:
            made = custom.document(files.get(row.file), content, code=code, verify=verify, photos=annex)
        except Invalid as e:
            log.warning("template given up", template=str(row.pk), why=str(e.fields))
            custom.give_up(row)
    return _set(kind, content, code, annex, made, unit_id=unit_id, by=by, seal_id=seal_id, certified=certified)


def _set(
    kind: str,
    content: dict[str, Any],
    code: str,
    annex: list[Photo],
    docx: bytes | None,
    *,
    unit_id: UUID,
    by: User | None,
    seal_id: UUID | None,
    certified: str,
) -> Prepared:
    from linbao.documents import typesetting

    seal = seals.to_affix(by, seal_id) if seal_id is not None and by is not None else None
    if seal is not None:
        content = content | {"seal": seals.DIAMETER[SealKind(seal.kind)]}
    form = "certificate" if kind == DocumentKind.CERTIFICATE else "official"
    verify = f"{settings.BASE_URL}/verify/?code="
    pdf = typesetting.pdf(content, code=code, verify=verify, form=form, photos=annex)
    if seal is not None:
        return Prepared(code, seals.sign(pdf, seal), annex, docx, seal, clock.now())
    if certified:
        pdf = seals.certify(pdf, certified, tree().get(unit_id))
    return Prepared(code, pdf, annex, docx)


def mail_closing(code: str, path: str) -> list[str]:
    """The last lines of a mail that brings a document: how to check it, and its page in the system."""
    checked = _("验证码：%(code)s（%(address)s）") % {"code": code, "address": f"{settings.BASE_URL}/verify/"}
    return [checked, _("在系统中查看：%(link)s") % {"link": settings.BASE_URL + path}]


def issue(
    kind: str,
    content: dict[str, Any],
    *,
    unit_id: UUID,
    subject: models.Model,
    version: int,
    by: User | None,
    seal_id: UUID | None = None,
    certified: str = "",
    prepared: Prepared | None = None,
) -> Document:
    """Make PDF and DOCX of `content` and keep them as one version; safe to repeat. With `seal_id` the PDF is
    sealed and signed by `by`, the seal's custodian (4.2.2), and the use stands on the seal's log. `certified`:
    without a seal, signed in this person's name (`seals.certify`). `prepared`: what `prepare` made of the same
    content with the same seal; without it the document is set here, in the common form: a unit's own template is
    never opened here.

    `content`: title, subtitle °, unit, issuer, number, to, sections [{heading, blocks: [{kind: text|sub|table,
    text|rows}]}], attachments [names], photos ° [{"sha256": digest in platform.files, "caption": str}], signature,
    date; all plain text. A block's text may hold line feeds: each line is a paragraph of its own. Photos are set on
    annex
    pages, two in a row; one that cannot be read is an empty frame that says so. Of a certificate: title, unit,
    number, name, honour, citation, signature, date; it has a landscape sheet of its own, and no DOCX that could be
    altered.
    """
    from linbao.documents import photos, word

    row = Document.objects.filter(kind=kind, subject_id=subject.pk, version=version).first()
    if row is not None:
        return row
    if prepared is None:
        annex = photos.load(content.get("photos") or (), photo_budget(unit_id))
        prepared = _set(
            kind, content, ids.code(), annex, None, unit_id=unit_id, by=by, seal_id=seal_id, certified=certified
        )
    elif prepared.seal is not None and by is not None:
        now = seals.to_affix(by, prepared.seal.pk)  # it may have been taken from them meanwhile
        if now.serial != prepared.seal.serial:
            raise Conflict(_("印章刚换发了证书，请重新生成文件。"))
    seal = prepared.seal
    earlier = Document.objects.filter(kind=kind, subject_id=subject.pk).order_by("-version").first()
    kept_docx = ""
    if kind not in PDF_ALONE:
        verify = f"{settings.BASE_URL}/verify/"
        made = prepared.docx or word.docx(content, code=prepared.code, verify=verify, photos=prepared.annex)
        kept_docx = files.put(made)
    document = Document.objects.create(
        kind=kind,
        unit_id=unit_id,
        number=content["number"],
        title=layout.full_title(content)[:120],
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        version=version,
        supersedes=earlier,
        code=prepared.code,
        issued_by=by,
        pdf=files.put(prepared.pdf),
        docx=kept_docx,
        seal=seal,
        sealed_at=prepared.sealed_at,
        sealed_by=by if seal else None,
    )
    if seal is not None and by is not None:
        seals.log(seal, document, by)
    return document


def preview(content: dict[str, Any]) -> list[bytes]:
    """The pages of a document as it would be issued now, for showing it before it is confirmed (2.3.1).

    `content` as of `issue` (`number` may be empty: the page then says 报送后编号). Returns one PNG a page, in
    order, at 110 pixels an inch (910 × 1286), each marked 预览 未报送; without code, QR code or seal. Keeps nothing.
    """
    from linbao.documents import photos, typesetting

    return typesetting.preview(content, photos=photos.load(content.get("photos") or ()))
