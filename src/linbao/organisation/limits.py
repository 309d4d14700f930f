"""How large a mail may be: the unit's setting `mail_max_mb`, else the installation's (many mailboxes refuse more)."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from linbao.organisation.tree import tree

MEGABYTE = 1024 * 1024
ENCODED = 78 / 57  # base64 in lines of 76 letters with their ends
BESIDES = 700_000  # bytes of a report's two files without photos, and of the mail's own text
LARGEST_ANNEX = 12 * MEGABYTE


def largest_mail(unit_id: UUID | None) -> int:
    """Bytes of a whole mail as it is sent, attachments encoded."""
    wanted = tree().setting(unit_id, "mail_max_mb") or settings.MAIL_MAX_MB
    return int(wanted) * MEGABYTE


def photo_budget(unit_id: UUID | None) -> int:
    """Bytes of all photos of a document, so that its PDF and its DOCX fit into one mail."""
    room = (largest_mail(unit_id) - BESIDES) / ENCODED / 2
    return int(min(max(room, 200_000), LARGEST_ANNEX))
