"""Documents and their mails that should stand by now and do not (4.1.1, 4.2.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Concat

from linbao.core import clock
from linbao.documents.models import Document
from linbao.organisation.models import UnitKind
from linbao.organisation.tree import tree
from linbao.outbox.models import Delivery
from linbao.platform import queue
from linbao.platform.observability import health

Rows = models.QuerySet[Any]


def without_document(rows: Rows, moment: str, mail_key: str) -> Rows:
    """Of `rows` those of the last month, ten minutes old at least by their field `moment`, without a document of their
    version, or without a mail although their community has a mailbox by now.

    `rows` are annotated with `subject`, `place` (their community) and have a `version`; the mail's delivery is
    `<mail_key>:<subject>:<version>`.
    """
    now = clock.now()
    rows = rows.filter(**{f"{moment}__gte": now - timedelta(days=31), f"{moment}__lt": now - health.OLD})
    if not rows.exists():
        return rows.none()
    reachable = [c.pk for c in tree().of_kind(UnitKind.COMMUNITY) if tree().setting(c, "mailbox")]
    document = Document.objects.filter(subject_id=OuterRef("subject"), version=OuterRef("version"))
    name = Concat(Value(f"{mail_key}:"), OuterRef("subject"), Value(":"), OuterRef("version"), output_field=CharField())
    lacks = ~Exists(document) | Q(place__in=reachable) & ~Exists(Delivery.objects.filter(key=name))
    return rows.filter(lacks)


def trouble(missing: Rows, moment: str) -> health.Trouble | None:
    """What health tells of the rows of `without_document`."""
    moments: list[datetime] = list(missing.values_list(moment, flat=True))
    return health.Trouble("documents_missing", len(moments), min(moments)) if moments else None


def make(works: Iterable[tuple[UUID, Callable[[], None]]], batch: int = 20) -> int:
    """Call each function whose id no job is at, or will be within the hour, or waits for an administrator's decision;
    returns how many were made. One that fails does not hold up the others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args ->> 'report', args ->> 'version' FROM"
            " procrastinate_jobs j WHERE queue_name = 'documents' AND ("
            " status = 'doing' OR status = 'todo' AND coalesce(scheduled_at, now()) < now() + interval '1 hour'"
            " OR status = 'failed' AND EXISTS (SELECT 1 FROM platform_jobfault f WHERE f.job = j.id))"
        )
        planned = {number for row in cursor.fetchall() for number in row}

    def run(work: tuple[UUID, Callable[[], None]]) -> int:
        work[1]()
        return 1

    return queue.each([w for w in works if str(w[0]) not in planned][:batch], run)
