"""Facts for a case, read off timeline, duties and audit log, and frozen with a digest (7.2.1, 7.2.2)."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from linbao.audit import services as audit
from linbao.audit.models import Record
from linbao.conduct.cases.states import CASE
from linbao.conduct.models import Breach, Case, Evidence
from linbao.core import clock
from linbao.duties.models import Obligation
from linbao.items import visibility
from linbao.items.models import Entry
from linbao.organisation.models import User
from linbao.platform.encryption.crypto import CannotOpen

EXPORT_ACTIONS = ("party.reveal", "party.search", "attachment.original", "export", "export.reveal", "people.export")


def gather(case: Case) -> dict[str, Any]:
    """The facts on record now: the items' timelines, the person's late, missed and unmet duties, and what they
    did on the audit log (for a leak only what shows or exports personal data). Four statements."""
    first, last = span(case.since, case.until)
    items = list(case.items.order_by("number"))
    restricted = {i.pk for i in items if i.restricted}  # a case is read by people who may not open its items (1.3.4)
    late = Q(met_at__gt=F("due_at")) | Q(missed_at__isnull=False) | Q(met_at__isnull=True, due_at__lt=clock.now())
    duties = Obligation.objects.filter(
        Q(owner=case.person) & Q(due_at__gte=first, due_at__lt=last) & late
        | Q(subject_id__in=[i.pk for i in items], owner=case.person)
    ).order_by("due_at", "id")
    log = Record.objects.filter(actor_id=case.person_id, at__gte=first, at__lt=last)
    if case.kind == Breach.LEAK:
        log = log.filter(action__in=EXPORT_ACTIONS)
    return {
        "items": [
            {
                "number": i.number,
                "title": str(visibility.title(i)),
                "status": i.status,
                "returns": i.returns,
                "seen_at": _at(i.seen_at),
                "reported_at": _at(i.reported_at),
                "arrived_at": _at(i.arrived_at),
            }
            for i in items
        ],
        "timeline": [
            {
                "item": str(e.item_id),
                "at": _at(e.at),
                "by": e.actor_name,
                "verb": e.verb,
                "text": "" if e.item_id in restricted else e.note,
            }
            for e in Entry.objects.filter(item__in=[i.pk for i in items]).order_by("at", "id")
        ],
        "duties": [
            {
                "kind": d.kind,
                "clause": d.clause,
                "due_at": _at(d.due_at),
                "met_at": _at(d.met_at),
                "missed_at": _at(d.missed_at),
                "state": d.state.value,
            }
            for d in duties
        ],
        "audit": [
            {"at": _at(r.at), "action": r.action, "subject": r.subject_type, "id": r.subject_id, "reason": r.reason}
            for r in log.order_by("at", "id")
        ],
        "since": str(case.since),
        "until": str(case.until),
    }


def freeze(user: User, case: Case) -> Evidence:
    """Store what `gather` finds as a snapshot that is never changed."""
    facts = json.dumps(gather(case), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    row = Evidence(case=case, facts=facts, digest=digest(facts), taken_by=user)
    row.save(force_insert=True)
    audit.record(user, "case.evidence", case, unit_id=case.community_id, digest=row.digest)
    return row


@transaction.atomic
def add(user: User, case: Case) -> Evidence:
    """A further snapshot while the case is open, by who opened it; the earlier ones stay. The same facts twice are
    stored once. Raises `NotAllowed`, `Conflict`."""
    CASE.check(case, "add_evidence", user)
    facts = json.dumps(gather(case), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    row = case.evidence.filter(digest=digest(facts)).first()
    return row or freeze(user, case)


def digest(facts: str) -> str:
    """The SHA-256 of the facts, in hexadecimal."""
    return hashlib.sha256(facts.encode()).hexdigest()


def read(row: Evidence) -> tuple[dict[str, Any], bool]:
    """The facts, and whether they still are what was frozen."""
    try:
        facts = row.facts
    except CannotOpen:
        return {}, False
    return json.loads(facts), digest(facts) == row.digest


def span(since: date, until: date) -> tuple[datetime, datetime]:
    """[since 00:00, the day after until 00:00) in the installation's zone."""
    zone = clock.zone()
    return datetime.combine(since, time(), zone), datetime.combine(until + timedelta(days=1), time(), zone)


def _at(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
