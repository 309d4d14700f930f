"""This room's section of a person's work file (5.3.2)."""

from __future__ import annotations

from typing import Any

from linbao.confidentiality.agreements import gate
from linbao.confidentiality.models import Disclosure, Signature
from linbao.organisation.models import User


def of(person: User) -> dict[str, Any]:
    """Agreements signed, the newest first (each: number, title, signed_at, valid_until, document), whether a valid one
    stands (None where none is asked for), and how often the person gave information out by approval. Three
    statements."""
    rows = Signature.objects.filter(user=person).select_related("agreement", "document").order_by("-signed_at")[:20]
    signed = [
        {
            "id": r.pk,
            "title": r.agreement.title,
            "version": r.number,
            "signed_at": r.signed_at,
            "valid_until": r.valid_until,
            "valid": r.valid(),
            "number": r.document.number if r.document else "",
        }
        for r in rows
    ]
    asked = gate.required(person.rights)
    signed_versions = [[str(r.unit_id), str(r.number), r.valid_until.isoformat()] for r in rows]
    return {
        "agreements": signed,
        "valid": (not gate.lacking(person.rights, signed_versions)) if asked else None,
        "disclosures": Disclosure.objects.filter(asked_by=person, produced_at__isnull=False).count(),
    }
