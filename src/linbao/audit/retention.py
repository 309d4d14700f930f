"""Months of the audit log that are older than it must be kept (6.1.1): three years at least, `LINBAO_AUDIT_YEARS`.

A month's partition is taken off the log as it stands, named `audit_kept_…` and left in the database for the
operator to archive or drop. The chain keeps the leaves of its lines, and a line on the log vouches for what went:
verification tells it from a partition that was dropped by hand. Facts (`audit.facts`) hold ids and digests alone and
stay, as the rows of which they speak may stay.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from linbao.audit import chain, services
from linbao.audit.models import Block, Detachment
from linbao.audit.verification import Walk
from linbao.core import clock, ids
from linbao.core.problems import Conflict

LEAST_YEARS = 3


def due(today: date | None = None) -> list[str]:
    """The partitions all of whose days are older than the log is kept, the oldest first."""
    today = today or clock.now().date()  # the partitions' months are those of UTC
    until = f"{today.year - max(LEAST_YEARS, settings.AUDIT_YEARS)}{today.month:02d}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'audit_record'::regclass AND c.relname ~ '^audit_record_[0-9]{6}$' ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall() if name[-6:] < until]


def detach_due() -> int:
    """Take off every month that is due; returns how many. Raises `Conflict` where the chain is broken: then
    nothing is taken away."""
    names = due()
    if not names:
        return 0
    errors = next(Walk().breaks(), None)
    if errors is not None:
        raise Conflict(_("审计链有断点，不移出任何月份：%(words)s") % {"words": errors.message})
    for name in names:
        _detach(name)
    return len(names)


@transaction.atomic
def _detach(name: str) -> None:
    month = datetime(int(name[-6:-2]), int(name[-2:]), 1, tzinfo=ZoneInfo("UTC"))
    following = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=ZoneInfo("UTC"))
    touched = Block.objects.filter(last_at__gte=month, first_at__lt=following).order_by("number")
    cleaned = f"audit_kept_{name[-6:]}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {name}")
        rows = cursor.fetchone()[0]
        cursor.execute(f"ALTER TABLE audit_record DETACH PARTITION {name}")
        cursor.execute(f"ALTER TABLE {name} RENAME TO {cleaned}")
    blocks: dict[str, list[int | str]] = {}
    for block in touched.iterator(chunk_size=20):
        there = chain.linked(block.ids, block.first_at, block.last_at)
        gone = [i for i in block.ids if i not in there]
        if gone:
            blocks[str(block.number)] = [len(gone), hashlib.sha256(b"".join(i.bytes for i in gone)).hexdigest()]
    row = Detachment.objects.create(id=ids.new(), partition=cleaned, rows=rows, blocks=blocks)
    details = hashlib.sha256(json.dumps(blocks, sort_keys=True).encode()).hexdigest()
    services.record(None, "audit.detach", row, month=f"{month:%Y-%m}", rows=rows, digest=details)
