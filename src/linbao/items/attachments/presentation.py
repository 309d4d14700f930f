"""How the script of a form shows a file that was just uploaded, and those that it has already."""

from __future__ import annotations

from django.http import JsonResponse

from linbao.items.models import Attachment, AttachmentKind


def links(row: Attachment, page: str) -> dict[str, str]:
    """Name and addresses of a file below `page`, the address of its item or activity."""
    return {
        "id": str(row.pk),
        "name": row.name,
        "thumb": f"{page}files/{row.pk}/thumb" if row.kind == AttachmentKind.PHOTO else "",
        "remove": f"{page}files/{row.pk}/remove",
    }


def answer(row: Attachment, page: str) -> JsonResponse:
    """The answer to an upload: 201 with the file as the server took it."""
    details = {"kind": row.kind, "caption": row.caption, "size": row.size, "notice": row.notice}
    return JsonResponse(links(row, page) | details, status=201)
