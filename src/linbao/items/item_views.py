"""What everybody reads of an item: its page, its files, the printed sheet (2.2.1, 4.1.2, 1.3.4)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import NotFound
from linbao.items import forms, masking, parties, services, states, timeline
from linbao.items import hints as checks
from linbao.items.attachments import services as attachments
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.drawing import drawing
from linbao.items.inputs import Reveal, RevealParty
from linbao.items.models import OPEN_STATUSES, AttachmentKind, Category, FieldKind, Item, Sensitivity, Status
from linbao.organisation.models import Role
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.platform.protection.reauthentication import dangerous, require_proof


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The lists live elsewhere: a reporter's own items with them, everybody's in the archive."""
    for name in ("me", "archive:list") if not request.user.rights.department else ("archive:list", "me"):
        try:
            return redirect(name)
        except NoReverseMatch:
            continue
    raise NotFound


@login_required
@require_GET
def item(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Everything about one item that this person may see."""
    row = services.get(request.user, item_id)
    parties.opened(request.user, row)
    return _show_item(request, row, None)


@dangerous("party.reveal")
@login_required
@require_POST
def reveal(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Show one person's name and phone in full, or the text as typed (`text`), once, with the reason on the audit log
    (1.3.4)."""
    allow(request.user, "party.reveal", services.get(request.user, item_id))
    require_proof(request)
    address = request.META.get("REMOTE_ADDR")
    if "text" in request.POST:
        item = parties.reveal_text(request.user, item_id, posted(Reveal, request.POST), address=address)
        return _show_item(request, item, None, as_typed=True)
    data = posted(RevealParty, request.POST)
    return _show_item(request, parties.reveal(request.user, item_id, data, address=address), data.party)


@login_required
@require_GET
def print_(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """One item on paper, people masked; paper goes further than a screen, so each is on the audit log (6.2.2)."""
    row = services.get(request.user, item_id)
    audit.record(request.user, "sheet.print", row, unit_id=row.community_id)
    return _show_item(request, row, None, template="items/print.html")


@login_required
@require_GET
def file(request: AuthenticatedRequest, item_id: UUID, attachment_id: UUID, version: str) -> HttpResponse:
    """A photo, recording or document of an item that this person may see."""
    match = services.get(request.user, item_id)
    row = match.attachments.select_related("item").filter(pk=attachment_id).first()
    if row is None:
        raise NotFound
    return serve(request, row, version)


def serve(request: AuthenticatedRequest, row: Any, version: str) -> HttpResponse:
    """The content with headers that let a browser do nothing but show or save it. Audio answers ranges,
    which phones insist on."""
    mark = f'"{row.sha256[:24]}-{version}"'
    if version != attachments.ORIGINAL and request.headers.get("If-None-Match") == mark:
        return HttpResponse(status=304, headers={"ETag": mark, "Cache-Control": "private, max-age=86400"})
    data = attachments.download(request.user, row, version, address=request.META.get("REMOTE_ADDR"))
    response = HttpResponse(data.data, content_type=data.content_type)
    cut = _range(request.headers.get("Range", ""), len(data.data))
    if cut is not None:
        response = HttpResponse(data.data[cut[0] : cut[1] + 1], status=206, content_type=data.content_type)
        response["Content-Range"] = f"bytes {cut[0]}-{cut[1]}/{len(data.data)}"
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = content_disposition_header(not data.inline, data.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if version == attachments.ORIGINAL:
        response["Cache-Control"] = "private, no-store"
    else:
        response["Cache-Control"], response["ETag"] = "private, max-age=86400", mark
    return response


# --- inside ------------------------------------------------------------------------------------


def _show_item(
    request: AuthenticatedRequest,
    item: Item,
    revealed: UUID | None,
    template: str = "items/item.html",
    *,
    as_typed: bool = False,
) -> HttpResponse:
    user = request.user
    people = list(item.parties.all())
    item._names = masking.names_in(people)
    files = masking.files(item, item.attachments.all())
    may_reveal = user.has_perm("party.reveal", item)
    shown = masking.as_typed(item) if as_typed else item
    reviews = user.has_perm("item.review", item) or user.rights.on(item.community_id, Role.REVIEWER, Role.MANAGER)
    hints = checks.of(item) if reviews and item.status != Status.DRAFT else []
    units = tree()
    context = {
        "item": shown,
        "revealed_text": as_typed,
        "category": Category(item.category),
        "subcategory": forms.subcategory_label(item.subcategory),
        "answers": answers(shown, skip={"title"}),
        "narrative": shown.narrative,
        "people": parties.masked(people, revealed),
        "may_reveal": may_reveal,
        "may_look_back": user.rights.on(item.community_id, Role.MANAGER),
        "photos": [f for f in files if f.kind == AttachmentKind.PHOTO],
        "captioned": attachments.captioned(user, item, files),
        "audio": [f for f in files if f.kind == AttachmentKind.AUDIO],
        "documents": [f for f in files if f.kind == AttachmentKind.DOCUMENT],
        "may_original": user.pk == item.reporter_id or user.rights.on(item.community_id, Role.REVIEWER, Role.MANAGER),
        "exif": {f.pk: attachments.exif_of(f) for f in files if f.exif} if reviews else {},
        "lines": timeline.lines(item),
        "hints": hints,
        "findings": [(forms.name_of(f, item), w) for f, w in findings(item).items()]
        if item.reporter_id == user.pk or reviews
        else [],
        "map": drawing(item.community_id, item.grid_id, item.lat, item.lon) if item.lat is not None else None,
        "tiles": getattr(settings, "MAP_TILES", ""),
        "pins": [{"lat": item.lat, "lon": item.lon, "title": shown.title}] if item.lat is not None else [],
        "grid": units.get(item.grid_id),
        "community": units.get(item.community_id),
        "handling_unit": units.get(item.handling_unit_id),
        "may": {verb: states.ITEM.may(user, verb, item) for verb in states.ITEM.transitions},
        "emergency": getattr(item, "urgent_report", None) if item.urgent else None,
        "may_mark_urgent": not item.urgent and item.status in OPEN_STATUSES and user.has_perm("item.mark_urgent", item),
        "may_unmark_urgent": item.urgent and item.status != Status.DRAFT and user.has_perm("item.unmark_urgent", item),
        "may_edit": item.status in (Status.DRAFT, Status.RETURNED) and user.has_perm("item.edit", item),
        "overdue": bool(item.due_at and item.due_at < clock.now() and item.status == Status.HANDLING),
        "sensitivity": Sensitivity(item.sensitivity),
        "tz": str(clock.zone(units.setting(item.community_id, "time_zone"))),
    }
    response = render(request, template, context)
    response["Cache-Control"] = "private, no-store"
    return response


def answers(row: Item, skip: set[str]) -> list[dict[str, Any]]:
    """The answers of an item, for reading: label, text, whether long. Phones inside running text are masked."""
    rows: list[dict[str, Any]] = []
    for f in catalogue().fields(row.category, row.subcategory):
        if f.kind == FieldKind.PARTIES or f"details.{f.code}" in skip:
            continue
        message = forms.answer(f, row.details.get(f.code))
        if message and message != row.narrative:
            rows.append(
                {
                    "name": f"details.{f.code}",
                    "label": forms.label_of(f),
                    "text": message,
                    "long": f.kind == FieldKind.LONG,
                }
            )
    return rows


def findings(item: Item) -> dict[str, list[str]]:
    """The reviewer's messages by field, of the last review of a returned item (4.3.2); two statements."""
    if item.status != Status.RETURNED:
        return {}
    review = item.reviews.filter(approved=False).order_by("-at").prefetch_related("findings__reason").first()
    if review is None:
        return {}
    details: dict[str, list[str]] = {}
    for finding in review.findings.all():
        message = "；".join(w for w in (finding.reason.text if finding.reason else "", finding.note) if w)
        details.setdefault(finding.field, []).append(message or _("请修改。"))
    return details


def _range(header: str, size: int) -> tuple[int, int] | None:
    """The one range asked for, as first and last byte; None for none, several or nonsense."""
    asked = re.fullmatch(r"bytes=(\d{1,12})?-(\d{1,12})?", header.strip())
    if not asked or not size or asked.groups() == (None, None):
        return None
    first, last = asked.groups()
    if first is None:
        return max(0, size - int(last)), size - 1
    begin, end = int(first), min(int(last) if last else size - 1, size - 1)
    return (begin, end) if begin <= end else None
