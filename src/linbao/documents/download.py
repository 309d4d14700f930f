"""Handing a document's file to somebody signed in: one way for all rooms, and on the audit log (6.2.2)."""

from __future__ import annotations

from django.db.models import Model
from django.http import HttpResponse
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core.problems import NotFound
from linbao.documents.models import Document
from linbao.organisation.models import User
from linbao.platform import files

TYPES = {"pdf": "application/pdf", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}


def hand_out(
    user: User, document: Document | None, name: str, *, form: str = "pdf", about: Model | None = None
) -> HttpResponse:
    """The file as `name.form`: a PDF to look at, a DOCX to save; no cache keeps it. Whether `user` may have it, the
    room has asked. `about`: what the log names where it is not the document itself. Raises `NotFound` while the worker
    has not made it, and for a form that there is none of."""
    stored = getattr(document, form, "") if form in TYPES else ""
    if document is None or not stored:
        raise NotFound(_("文件还没有生成，请稍后再试。"))
    audit.record(user, "document.take", about or document, unit_id=document.unit_id, format=form)
    shown = "inline" if form == "pdf" else "attachment"
    return HttpResponse(
        files.get(stored),
        content_type=TYPES[form],
        headers={"Content-Disposition": f'{shown}; filename="{name}.{form}"', "Cache-Control": "private, no-store"},
    )
