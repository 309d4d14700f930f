"""How long a work file is kept after somebody left, and its removal (5.3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Q

from linbao.audit import services as audit
from linbao.core import clock
from linbao.duties.models import Leave
from linbao.management.models import FileCopy, Removal
from linbao.management.work_files.services import REPORTING
from linbao.organisation.models import RoleGrant
from linbao.organisation.tree import tree
from linbao.platform import files, queue


def years(unit_id: UUID) -> int:
    """How many years the unit keeps the files of those who left: its setting, else 3."""
    return int(tree().setting(unit_id, "work_file_years"))


def ends_on(last: date, unit_id: UUID) -> date:
    """The last day of keeping: `last` is the last day in post."""
    wanted = last.year + years(unit_id)
    return last.replace(year=wanted) if (last.month, last.day) != (2, 29) else date(wanted, 2, 28)


def remove_over(batch: int = 500) -> int:
    """Remove the files whose time is over: sealed copies and what was said on leave are deleted, the page closes; each
    stands on the audit log. Safe to repeat; returns how many."""
    today = clock.today()
    left = (
        RoleGrant.objects.filter(role__in=REPORTING)
        .exclude(user__in=Removal.objects.filter(at__gte=clock.now() - timedelta(days=365)).values("person"))
        .values("user")
        .annotate(last=Max("ends"), running=Count("pk", filter=Q(ends__isnull=True)))
        .filter(running=0, last__lt=today - timedelta(days=365))
        .order_by("user")
    )

    def remove(row: Mapping[str, Any]) -> int:
        unit_id = RoleGrant.objects.filter(user=row["user"], role__in=REPORTING, ends=row["last"]).values_list(
            "unit", flat=True
        )[0]
        return ends_on(row["last"], unit_id) < today and _remove(row["user"], unit_id, row["last"])

    return queue.each(left.iterator(batch), remove)


@transaction.atomic
def _remove(person_id: UUID, unit_id: UUID, last: date) -> bool:
    standing = Removal.objects.select_for_update().filter(person=person_id).first()
    if standing is not None and clock.local(standing.at).date() > last:
        return False
    copies = list(FileCopy.objects.filter(person=person_id, document__isnull=False).select_related("document"))
    gone = []
    for copy in copies:
        document = copy.document
        if document is not None and (document.pdf or document.docx):
            gone += [document.pdf, document.docx]
            document.pdf = document.docx = ""
            document.save(update_fields=["pdf", "docx"])
    Leave.objects.filter(person=person_id, note__isnull=False).update(note=None)
    Removal.objects.update_or_create(person_id=person_id, defaults={"at": clock.now()})
    audit.record(
        None, "work_file.remove", unit_id=unit_id, person=str(person_id), last_day=last.isoformat(), rows=len(copies)
    )
    files.delete_on_commit(gone)
    return True
