"""An item as JSON (the contract of design §6). Personal data is masked, save for its own author
while the item is still being written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from linbao.core import text
from linbao.items import masking
from linbao.items.models import Attachment, Entry, Item, Party, Status
from linbao.organisation.models import User
from linbao.organisation.tree import tree


def item(
    row: Item, user: User, *, parties: Sequence[Party], attachments: Sequence[Attachment], timeline: Sequence[Entry]
) -> dict[str, Any]:
    """The whole item. Times are ISO 8601 in UTC; `grid` is the grid's code."""
    grid = tree().get(row.grid_id)
    writing = row.reporter_id == user.pk and row.status in (Status.DRAFT, Status.RETURNED)
    row = masking.as_typed(row) if writing else row
    names = [] if writing else masking.names_in(parties)
    return {
        "id": row.pk,
        "number": row.number,
        "status": row.status,
        "version": row.version,
        "category": row.category,
        "subcategory": short(row.subcategory),
        "topic": row.topic,
        "title": row.title,
        "narrative": row.narrative,
        "occurred_at": row.occurred_at,
        "seen_at": row.seen_at,
        "reported_at": row.reported_at,
        "arrived_at": row.arrived_at,
        "place": {"text": row.place, "lat": row.lat, "lon": row.lon},
        "grid": grid.code if grid else None,
        "source": {"method": row.source, "activity": row.activity_id},
        "parties": [party(p, masked=not writing) for p in parties],
        "notice": {"basis": row.notice_basis, "informed_at": row.notice_at},
        "details": row.details,
        "key_points": row.key_points,
        "analysis": row.analysis,
        "suggestion": row.suggestion,
        "sensitivity": row.sensitivity,
        "urgent": row.urgent,
        "reporter": {"id": row.reporter_id, "name": row.reporter.name},
        "due_at": row.due_at,
        "result": row.result,
        "verdict": row.verdict or None,
        "adopted": row.adopted,
        "merged_into": row.merged_into_id,
        "attachments": [attachment(a, names) for a in attachments],
        "timeline": [entry(e) for e in timeline],
    }


def short(subcategory: str) -> str:
    """`fire` for `event.fire`: the code within its category, as the catalogue prints it."""
    return subcategory.partition(".")[2] or subcategory


def party(row: Party, *, masked: bool) -> dict[str, Any]:
    """A person as JSON; name and phone masked unless for the author of a draft (1.3.4)."""
    name, phone = row.name or "", row.phone or ""
    return {
        "id": row.pk,
        "role": row.role,
        "name": text.mask_name(name) if masked else name,
        "phone": text.mask_phone(phone) if masked and phone else phone,
    }


def attachment(row: Attachment, names: Sequence[str] = ()) -> dict[str, Any]:
    """A file of an item or activity, its name and caption without `names`."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": text.mask_within(row.name, names),
        "caption": text.mask_within(row.caption, names),
        "content_type": row.content_type,
        "size": row.size,
        "sha256": row.sha256,
        "stage": row.stage,
        "url": f"/items/{row.item_id}/files/{row.pk}/shown",
    }


def entry(row: Entry) -> dict[str, Any]:
    """A line of the timeline as JSON."""
    return {
        "at": row.at,
        "verb": row.verb,
        "by": row.actor_name,
        "from": row.before,
        "to": row.after,
        "words": row.note,
        "data": row.data,
    }


def whole(row: Item, user: User, *, fresh: bool = False) -> dict[str, Any]:
    """The item with what belongs to it: three queries, none when it was `fresh`ly made."""
    if fresh and hasattr(row, "_parties"):
        return item(row, user, parties=row._parties, attachments=[], timeline=getattr(row, "_timeline", []))
    return item(
        row,
        user,
        parties=list(row.parties.all()),
        attachments=list(row.attachments.all()),
        timeline=list(Entry.objects.filter(item_id=row.pk, at__gte=row.created_at).order_by("at", "id")),
    )


def line(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a list, from flat columns (performance.md rule 7)."""
    units = tree()

    def code(unit: UUID | None) -> str | None:
        match = units.get(unit)
        return match.code if match else None

    return {
        **row,
        "subcategory": short(row["subcategory"]),
        "grid": code(row.get("grid")),
        "place": {"text": row.get("place"), "lat": row.get("lat"), "lon": row.get("lon")},
    }
