"""Replacing issued documents by their de-identified edition when the period of keeping ends (1.3.4).

Number, title, date, verification code and the digest of the original stay; the files of the original go. The words are
read from the original's DOCX, which holds the same content as the PDF.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.documents.models import Document
from linbao.documents.word_templates import services as custom
from linbao.organisation.tree import tree
from linbao.platform import files
from linbao.platform.encryption.crypto import CannotOpen
from linbao.platform.protection import box

MOST_PARAGRAPHS = 2000


def replace(document: Document, say: Callable[[str], str], *, text: bool = True) -> bool:
    """Put the de-identified edition in the place of `document`'s files: its words through `say`, or without `text`
    nothing but what identifies the document. Safe to repeat; returns whether it was replaced now."""
    from linbao.documents import typesetting, word

    if document.deidentified_at is not None or not (document.pdf or document.docx):
        return False
    now = clock.now()
    zone = tree().setting(document.unit_id, "time_zone")
    unit = tree().name(document.unit_id)
    lines = [say(line) for line in _lines(document)] if text else []
    note = _("本件是去标识化版本：保存期限届满，原件已于%(day)s删除。原件摘要（SHA-256）：%(digest)s。") % {
        "day": clock.written(clock.local(now, zone)),
        "digest": document.pdf,
    }
    content: dict[str, Any] = {
        "title": say(document.title),
        "unit": unit,
        "issuer": unit,
        "number": document.number,
        "to": unit,
        "sections": [{"heading": "", "blocks": [{"kind": "text", "text": line} for line in [note, *lines]]}],
        "attachments": [],
        "signature": unit,
        "date": clock.written(clock.local(document.issued_at, zone)),
    }
    verify = f"{settings.BASE_URL}/verify/"
    pdf = files.put(typesetting.pdf(content, code=document.code, verify=verify + "?code=", form="official"))
    docx = files.put(word.docx(content, code=document.code, verify=verify)) if document.docx else ""
    with transaction.atomic():
        row = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        if row.deidentified_at is not None:
            return False
        row.original_pdf, row.original_docx, row.title = row.pdf, row.docx, content["title"][:120]
        row.pdf, row.docx, row.deidentified_at = pdf, docx, now
        row.save(update_fields=["original_pdf", "original_docx", "title", "pdf", "docx", "deidentified_at"])
        gone = {row.original_pdf, row.original_docx} - {"", pdf, docx}
        transaction.on_commit(lambda: _forget(gone))
    return True


def _forget(digests: set[str]) -> None:
    """Delete files that no document shows any more."""
    for digest in digests:
        if not Document.objects.filter(Q(pdf=digest) | Q(docx=digest)).exists():
            files.delete(digest)


def _lines(document: Document) -> list[str]:
    """The paragraphs and table rows of the document's DOCX; nothing where there is none that can be read."""
    if not document.docx:
        return []
    try:
        made = box.run("docx.paragraphs", {}, files.get(document.docx), limits=custom.LIMITS, patience=custom.PATIENCE)
    except (OSError, CannotOpen, box.Refused):
        return []
    result = b"".join(made.blobs).decode().split("\x00")
    return [line for line in result if line and line != document.title and "验证码" not in line][:MOST_PARAGRAPHS]
