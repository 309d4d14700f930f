"""The certificate of honour: landscape A4, numbered, sealed, with a verification code (7.1.2, 4.2.2)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from linbao.conduct import scale
from linbao.conduct.models import Award, Kind
from linbao.conduct.rewards.services import certificate
from linbao.core import clock
from linbao.documents import services as documents
from linbao.documents.models import Document, DocumentKind
from linbao.organisation.models import User
from linbao.organisation.tree import tree


@transaction.atomic
def make(award_id: UUID, seal_id: UUID, by_id: UUID) -> Document:
    """Issue the award's certificate once; repeated it returns the first. Raises what `seals.to_affix` raises."""
    row = (
        Award.objects.select_for_update(of=("self",))
        .select_related("person", "community")
        .get(pk=award_id, kind=Kind.CERTIFICATE)
    )
    result = certificate(row)
    if result is not None:
        return result
    by = User.objects.get(pk=by_id)
    day = clock.local(row.decided_at, tree().setting(row.community_id, "time_zone"))
    content = {
        "title": str(Kind.CERTIFICATE.label),
        "unit": row.community.name,
        "number": documents.number(row.community_id, "荣字"),
        "name": row.person.name,
        "honour": row.title,
        "citation": row.citation,
        "half": scale.half_name(row.half),
        "signature": row.community.name,
        "date": clock.written(day),
    }
    return documents.issue(
        DocumentKind.CERTIFICATE, content, unit_id=row.community_id, subject=row, version=1, by=by, seal_id=seal_id
    )
