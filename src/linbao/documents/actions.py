"""Issuing documents and checking them (design §2.5)."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models

from linbao.base import clock, files, ids
from linbao.base.models import next_number
from linbao.documents.models import Document
from linbao.units.models import User
from linbao.units.tree import tree


def number(community_id: UUID, mark: str = "社信") -> str:
    """The next number of the community and year, without gaps: `桂花园社信〔2026〕12号` (domain.md §4).

    Take it in the transaction that issues the document.
    """
    unit = tree().get(community_id)
    year = clock.local(clock.now(), tree().setting(community_id, "time_zone")).year
    name = (unit.short_name or unit.name) if unit else ""
    return f"{name}{mark}〔{year}〕{next_number(f'{mark}:{community_id}:{year}')}号"


def issue(
    kind: str, content: dict[str, Any], *, unit_id: UUID, subject: models.Model, version: int, by: User | None
) -> Document:
    """Make PDF and DOCX of `content` and keep them as one version; safe to repeat.

    `content`: title, unit, issuer, number, to, sections [{heading, blocks: [{kind: text|sub|table, text|rows}]}],
    attachments [names], signature, date; all plain text.
    """
    from linbao.documents import typesetting, word

    found = Document.objects.filter(kind=kind, subject_id=subject.pk, version=version).first()
    if found is not None:
        return found
    code, verify = ids.code(), f"{settings.BASE_URL}/verify/"
    earlier = Document.objects.filter(kind=kind, subject_id=subject.pk).order_by("-version").first()
    return Document.objects.create(
        kind=kind, unit_id=unit_id, number=content["number"], title=content["title"][:120], subject_type=subject._meta.label_lower,
        subject_id=subject.pk, version=version, supersedes=earlier, code=code, issued_by=by,
        pdf=files.put(typesetting.pdf(content, code=code, verify=verify + "?code=")), docx=files.put(word.docx(content, code=code, verify=verify)),
    )  # fmt: skip


def check(*, code: str = "", pdf: bytes | None = None) -> dict[str, Any] | None:
    """What may be told of a document to whoever holds its code or file: unit, kind, number, date, and whether
    a newer version has replaced it. None when it is unknown, or was altered."""
    rows = Document.objects.select_related("unit", "superseded_by")
    found = (
        rows.filter(pdf=hashlib.sha256(pdf).hexdigest()).first()
        if pdf is not None
        else rows.filter(code="".join(code.split()).upper()[:16]).first()
    )
    if found is None:
        return None
    newer = getattr(found, "superseded_by", None)
    return {
        "unit": found.unit.name,
        "kind": found.get_kind_display(),
        "number": found.number,
        "issued_at": found.issued_at,
        "version": found.version,
        "newer": newer.issued_at if newer else None,
    }
