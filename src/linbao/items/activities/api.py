"""Attachments, activities and the catalogue as JSON (design §6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linbao.core.api import Router
from linbao.core.dates import Moment
from linbao.core.http import uploaded
from linbao.core.inputs import posted
from linbao.core.keyset import Cursor
from linbao.items import representation, schemas
from linbao.items.activities import services as activities
from linbao.items.activities.inputs import RecordActivity
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile, DescribePhoto
from linbao.items.catalogue.catalogue import Catalogue, catalogue
from linbao.items.models import Activity, Attachment, Category
from linbao.organisation.requests import AuthenticatedRequest

router = Router()
PAGE = 50
# The multipart body of a file: the endpoint reads it itself, so that no file is read that is too large.
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "id": {"type": "string", "format": "uuid"},
                        "item": {"type": "string", "format": "uuid"},
                        "activity": {"type": "string", "format": "uuid"},
                        "sha256": {"type": "string", "description": "of the file; 422 when it is another"},
                        "stage": {"enum": ["report", "progress", "result"]},
                        "caption": {"type": "string", "maxLength": 80, "description": "printed below a photo"},
                    },
                    "examples": [
                        {
                            "item": "0193a0f2-6d3e-7c11-8a51-3f2a9c04d1e7",
                            "stage": "report",
                            "caption": "7幢东侧，垃圾桶满溢",
                        }
                    ],
                }
            }
        },
    }
}


@router.post(
    "/attachments",
    response={201: schemas.NewAttachment},
    summary="Add a file",
    openapi_extra=UPLOAD,
    tags=["attachments"],
)
def attach(request: AuthenticatedRequest) -> dict[str, Any]:
    """Add a file (multipart: `file`; `id`, `item` or `activity`, `sha256`, `stage`, `caption`).

    `notice` warns when the file is not what its name says; it is then stored under its true type. Idempotent by
    `id`; 422 when `sha256` is not that of the content, 409 when the id holds another file, 413 and 415 for what is
    too large or of no type that is taken.

    Clause 3.3, 3.4.
    """
    file, name = uploaded(request)
    row = attachments.attach(request.user, posted(AttachFile, request.POST), file=file, name=name)
    return {**_attachment(row), "notice": row.notice}


@router.patch(
    "/attachments/{uuid:attachment_id}",
    response=schemas.OwnedAttachment,
    summary="Set a photo's caption",
    tags=["attachments"],
)
def describe(request: AuthenticatedRequest, attachment_id: UUID, body: DescribePhoto) -> dict[str, Any]:
    """Set the caption that stands below a photo on pages and in documents; until the item is closed.

    Clause 3.3, 3.4.
    """
    return _attachment(attachments.describe(request.user, attachment_id, body))


def _attachment(row: Attachment) -> dict[str, Any]:
    return {**representation.attachment(row), "item": row.item_id, "activity": row.activity_id}


@router.get("/activities", response=schemas.ActivityPage, summary="List activities", tags=["activities"])
def list_activities(
    request: AuthenticatedRequest,
    kind: str = "",
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: str = "",
    limit: int = PAGE,
) -> dict[str, Any]:
    """Activities that the caller may see, newest first, by cursor. `next` is null on the last page.

    Clause 2.1.1, 4.1.1.
    """
    matches = Activity.objects.visible_to(request.user).select_related("reporter").order_by("-starts_at", "-id")
    if kind:
        matches = matches.filter(kind=kind)
    if since:
        matches = matches.filter(starts_at__gte=since)
    if until:
        matches = matches.filter(starts_at__lt=until)
    page = Cursor("-starts_at").page(matches, cursor, min(max(limit, 1), 200))
    return {"items": [activities.as_json(r) for r in page.rows], "next": page.next}


@router.post("/activities", response={201: schemas.Activity}, summary="Record an activity", tags=["activities"])
def create_activity(request: AuthenticatedRequest, body: RecordActivity) -> dict[str, Any]:
    """Record a visit, survey, forum or patrol (4.1.1). Idempotent by `id`. Clause 2.1.1, 4.1.1."""
    row = activities.create(request.user, body)
    return activities.as_json(row, reporter=request.user.name)


@router.get(
    "/activities/{uuid:activity_id}",
    response=schemas.ActivityWithFiles,
    summary="Read an activity",
    tags=["activities"],
)
def read_activity(request: AuthenticatedRequest, activity_id: UUID) -> dict[str, Any]:
    """One activity with its attachments. Clause 2.1.1."""
    row = activities.get(request.user, activity_id)
    files = [
        {**representation.attachment(a), "url": f"/activities/{row.pk}/files/{a.pk}/shown"}
        for a in row.attachments.all()
    ]
    return {**activities.as_json(row), "attachments": files}


@router.get("/catalogue", response=schemas.Catalogue, summary="Read the catalogue", tags=["catalogue"])
def read_catalogue(request: AuthenticatedRequest) -> dict[str, Any]:
    """Categories, subcategories and the fields of `details`, as an administrator keeps them. Clause 3.1–3.4."""
    result = catalogue()
    return {"categories": [_category(result, c) for c in Category]}


def _category(source: Catalogue, category: Category) -> dict[str, Any]:
    def asked(rows: Any) -> list[dict[str, Any]]:
        return [
            {
                "code": f.code,
                "label": f.label,
                "label_en": f.label_en,
                "kind": f.kind,
                "required": f.required,
                "unless": f.unless or None,
                "options": f.options,
                "help": f.help,
            }
            for f in rows
        ]

    return {
        "code": category.value,
        "label": str(category.label),
        "fields": asked(source.fields(category, "")),
        "subcategories": [
            {
                "code": representation.short(s.code),
                "label": s.name,
                "label_en": s.name_en,
                "group": s.group,
                "emergency": s.emergency,
                "handle_days": s.handle_days,
                "gb30428": s.gb30428,
                "open311": s.open311,
                "topic": s.topic,
                "fields": asked(f for f in source.fields(category, s.code) if f.subcategory_id),
            }
            for s in source.by_category[category]
        ],
    }
