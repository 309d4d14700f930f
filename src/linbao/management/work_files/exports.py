"""A work file as one sealed PDF: asked for by a leader or manager with a seal in their keeping, made by a job
(5.3.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.permissions import allow
from linbao.core.problems import NotFound, Problem
from linbao.documents import services as documents
from linbao.documents.models import DocumentKind
from linbao.documents.seals import services as seals
from linbao.management import people
from linbao.management.inputs import ExportFile
from linbao.management.meetings.minutes import NUMERALS
from linbao.management.models import FileCopy
from linbao.management.work_files import services as work_file
from linbao.organisation.models import UnitKind, User
from linbao.organisation.tree import tree
from linbao.platform import queue


@transaction.atomic
def export(user: User, person_id: UUID, data: ExportFile) -> FileCopy:
    """Ask for a sealed copy over some days; what `user` may not read is not in it. On the audit log. Asked for twice
    the same day, the first stands. Raises `Invalid`, `NotAllowed`, `NotFound`."""
    person = work_file.find(user, person_id)
    allow(user, "work_file.export", person)
    since, until, seal = data.since, data.until, data.seal
    assert seal is not None  # the input refuses none
    seals.to_affix(user, seal)
    User.objects.select_for_update().get(pk=person.pk)
    rows = FileCopy.objects.filter(person=person, by=user, since=since, until=until, problem="", seal_id=seal)
    standing = rows.order_by("-at").first()
    if standing is not None and clock.local(standing.at).date() == clock.today():
        return standing
    unit = people.workplace(person)
    home = tree().above(unit, UnitKind.COMMUNITY) if unit else None
    last = person.grants.order_by("-starts").first()
    unit_id = home.pk if home else last.unit_id if last else None
    if unit_id is None:
        raise NotFound(_("没有这份工作档案。"))
    row = FileCopy.objects.create(person=person, unit_id=unit_id, since=since, until=until, by=user, seal_id=seal)
    audit.record(user, "work_file.export", person, unit_id=unit_id, first=since.isoformat(), last=until.isoformat())

    queue.defer("management.make_file", copy=row.pk)
    return row


def make_document(copy_id: UUID) -> None:
    """Make and seal the PDF; safe to repeat. A seal that cannot be affixed any more is noted on the copy."""
    with transaction.atomic():
        row = FileCopy.objects.select_for_update(of=("self",)).select_related("person", "by").get(pk=copy_id)
        if row.document_id is not None or row.problem:
            return
        try:
            with transaction.atomic(), override("zh-hans"):
                row.document = documents.issue(
                    DocumentKind.WORK_FILE,
                    content(row),
                    unit_id=row.unit_id,
                    subject=row,
                    version=1,
                    by=row.by,
                    seal_id=row.seal_id,
                )
        except Problem as e:
            row.problem = e.message[:200]
        row.save(update_fields=["document", "problem"])


def content(row: FileCopy) -> dict[str, Any]:
    """What the document says: each section of the file as `row.by` may read it."""
    name = tree().name(row.unit_id)
    sections = []
    for n, details in enumerate(work_file.read(row.by, row.person, row.since, row.until)):
        lines = [f"{line.at:%Y-%m-%d}　{line.text}" if line.at else line.text for line in details["lines"]]
        if details["more"]:
            lines.append(_("（其余从略，详见系统。）"))
        sections.append(
            {
                "heading": f"{numeral(n)}、{details['section'].name}",
                "blocks": [{"kind": "text", "text": text.mask_within(w)} for w in lines or [_("无。")]],
            }
        )
    local = clock.local(clock.now(), tree().setting(row.unit_id, "time_zone"))
    return {
        "title": f"{row.person.name}工作档案",
        "unit": name,
        "issuer": name,
        "number": documents.number(row.unit_id, "档"),
        "to": f"存档（{clock.written(row.since)}至{clock.written(row.until)}）",
        "sections": sections,
        "attachments": [],
        "signature": name,
        "date": clock.written(local),
    }


def numeral(n: int) -> str:
    """一 to 十, then 十一 …, for a place counted from nought."""
    return NUMERALS[n] if n < 10 else f"十{NUMERALS[n - 10]}"


def copies(viewer: User, person: User) -> list[FileCopy]:
    """Sealed copies that `viewer` may open: those they took out, and all of their own file."""
    rows = FileCopy.objects.filter(person=person).select_related("by", "document")
    if viewer.pk != person.pk:
        rows = rows.filter(by=viewer)
    return list(rows.order_by("-at", "-id")[:20])
