"""Removing persons for real (1.3.4): rows, encrypted fields, indexes, files, search terms, and names in texts.

What the database's backups still hold goes when they run out; the audit log speaks of ids only.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from linbao.archive.filters import NUMBER
from linbao.confidentiality import personal_data
from linbao.confidentiality.disclosures.production import deidentified
from linbao.confidentiality.models import Hold
from linbao.confidentiality.personal_data import Ends
from linbao.core import clock
from linbao.core.fields import column
from linbao.documents import deidentification
from linbao.documents.models import Document, DocumentKind
from linbao.emergencies.models import UrgentReport, UrgentVersion
from linbao.handling.models import Evaluation, ResidentLink
from linbao.items import masking
from linbao.items import services as item_services
from linbao.items.models import Attachment, Entry, Hint, Item, ItemText, Party, Status
from linbao.platform import files
from linbao.platform.encryption.crypto import EncryptedText
from linbao.weekly_reports.models import WeeklyReport

OF_ITEMS = (
    DocumentKind.WEEKLY_REPORT,
    DocumentKind.URGENT_REPORT,
    DocumentKind.FEEDBACK_SLIP,
    DocumentKind.INSPECTION_FILE,
)

TEXTS = ("title", "narrative", "analysis", "suggestion", "result", "place")
BY_DOOR = {"items.item", "items.entry", "items.itemtext"}  # rewritten by `_rewrite`

Say = Callable[[str], str]


def on_hold(items: Iterable[UUID]) -> set[UUID]:
    """Those of the items that are under legal hold."""
    return set(Hold.objects.filter(item_id__in=list(items), released_at__isnull=True).values_list("item_id", flat=True))


def contacts(item: Item) -> Counter[str]:
    """Remove the phones of the item's persons, and the private link with them; names stay. Returns counts."""
    done: Counter[str] = Counter()
    for party in Party.objects.select_for_update().filter(item=item).exclude(phone_index=""):
        party.phone, party.phone_index = None, ""
        party.save(update_fields=["phone", "phone_index"])
        done["contacts"] += 1
    done["texts"] = _typed_without(item, lambda value: deidentified(value, []))
    done["links"] = ResidentLink.objects.filter(item=item).delete()[0]
    return done


def persons(item: Item, parties: Sequence[Party]) -> Counter[str]:
    """Remove these persons from the item: their rows, and their names and phones wherever anything written about it
    mentions them, also in documents and weekly reports that hold the item. Returns counts."""
    done: Counter[str] = Counter(items=1, persons=len(parties))
    names = masking.names_in(parties)
    phones = {_digits(p.phone or "") for p in parties} - {""}

    def say(value: str) -> str:
        named = any(name in value for name in names) or any(phone in _digits(value) for phone in phones)
        return deidentified(value, names) if named else value

    done["texts"] = _typed_without(item, say) + _rewrite(item, say) + _places(item, say, ended=False)
    done["documents"] = documents_of(item, lambda value: deidentified(value, names))
    Party.objects.filter(pk__in=[p.pk for p in parties]).delete()
    if not Party.objects.filter(item=item).exists():
        done["links"] = ResidentLink.objects.filter(item=item).delete()[0]
    return done


def everything(item: Item) -> Counter[str]:
    """Anonymise the item: remove all persons, all files, residents' remarks and doors of addresses, in every place
    that the register names. Returns counts."""
    parties = list(Party.objects.filter(item=item))
    names = masking.names_in(parties)
    done: Counter[str] = Counter(items=1, persons=len(parties))

    def say(value: str) -> str:
        return deidentified(value, names)

    done["remarks"] = Evaluation.objects.filter(item=item, remark__isnull=False).count()
    done["texts"] = _rewrite(item, say) + _places(item, say, ended=True)
    done["documents"] = documents_of(item, say)
    done["links"] = ResidentLink.objects.filter(item=item).delete()[0]
    Party.objects.filter(item=item).delete()
    done["files"] = _files(item)
    if item.typed is not None:
        item.typed = None
        item.save(update_fields=["typed"])
    return done


def documents_of(item: Item, say: Say) -> int:
    """Replace the weekly reports and documents that mention the item by ones without its persons; not those that also
    mention an item under legal hold. Returns how many documents were replaced."""
    replaced = 0
    reports = [r for r in reports_of(item) if not on_hold(items_of(r))]
    for report in reports:
        week_without(report, say)
    subjects = [item.pk, *_urgent_ids(item), *(r.pk for r in reports)]
    for document in Document.objects.filter(subject_id__in=subjects, kind__in=OF_ITEMS, deidentified_at__isnull=True):
        replaced += deidentification.replace(document, say)
    return replaced


def reports_of(item: Item) -> list[WeeklyReport]:
    """The weekly reports whose facts name the item's number."""
    if not item.number:
        return []
    rows = WeeklyReport.objects.filter(community_id=item.community_id)
    return list(rows.annotate(facts_text=Cast("facts", TextField())).filter(facts_text__contains=item.number))


def items_of(report: WeeklyReport) -> set[UUID]:
    """The items that a weekly report names."""
    numbers = set(NUMBER.findall(json.dumps(report.facts, ensure_ascii=False)))
    rows = Item.objects.filter(community_id=report.community_id, number__in=numbers)
    return set(rows.values_list("pk", flat=True))


def week_without(report: WeeklyReport, say: Say) -> bool:
    """Put the report's facts and texts through `say`; returns whether anything changed."""
    fields = ("facts", "texts", "findings", "nil_reason", "timing_reason")
    before = {name: getattr(report, name) for name in fields}
    after = {name: _deep(value, say) for name, value in before.items()}
    if after == before:
        return False
    WeeklyReport.objects.filter(pk=report.pk).update(**after)
    return True


def _urgent_ids(item: Item) -> list[UUID]:
    reports = list(UrgentReport.objects.filter(item=item).values_list("pk", flat=True))
    return [*reports, *UrgentVersion.objects.filter(report__in=reports).values_list("pk", flat=True)]


def _places(item: Item, say: Say, *, ended: bool) -> int:
    """Every place of the register that goes with an item, save what has a door of its own; returns how many rows
    changed. `ended`: at the end of the period places are emptied and deleted, before that they are only reworded."""
    changed = 0
    subjects = [item.pk, *_urgent_ids(item)]
    for place in personal_data.PLACES:
        if not place.item or place.model in BY_DOOR or place.model in ("items.party", "handling.residentlink"):
            continue
        fields = place.fields
        if place.model == "items.attachment":
            if ended:
                continue  # with its files: `_files`
            fields = ("name", "caption")
        model = apps.get_model(place.model)
        wanted = {"subject_id__in": subjects} if place.item == "subject" else {place.item: item.pk}
        rows = model._default_manager.filter(**wanted)
        if ended and place.ends == Ends.DELETED:
            changed += rows.delete()[0]
            continue
        for row in rows:
            changed += clear(row, fields, say if not ended or place.ends == Ends.MASKED else None)
    return changed


def clear(row: Any, fields: Sequence[str], say: Say | None) -> bool:
    """Reword (`say`) or empty (None) these fields of one row; returns whether anything changed."""
    touched = []
    for name in fields:
        field, before = row._meta.get_field(name), getattr(row, name)
        after = _deep(before, say) if say is not None else _empty(field, before)
        if isinstance(after, str) and getattr(field, "max_length", None):
            after = after[: field.max_length]
        if after != before:
            setattr(row, name, after)
            touched.append(name)
    if touched:
        row.save(update_fields=touched)
    return bool(touched)


def _empty(field: Any, before: Any) -> Any:
    if field.null or before is None:
        return None
    return type(before)() if isinstance(before, (list, dict)) else "—" if isinstance(field, EncryptedText) else ""


def _digits(value: str) -> str:
    return "".join(str(int(c)) for c in value if c.isdecimal())


def _typed_without(item: Item, say: Say) -> int:
    """Put the texts as typed, which are sealed, through `say`; returns how many changed."""
    if not item.typed:
        return 0
    before = json.loads(item.typed)
    after = {field: _deep(message, say) for field, message in before.items()}
    stored = {field: message for field, message in after.items() if message != getattr(item, field)}
    item.typed = json.dumps(stored, ensure_ascii=False) if stored else None
    item.save(update_fields=["typed"])
    return sum(after[field] != before[field] for field in before)


def _rewrite(item: Item, say: Any) -> int:
    """Put every text that belongs to the item through `say`; returns how many changed. Search terms are made anew."""
    changed: int = 0
    for name in TEXTS:
        before = getattr(item, name)
        after = say(before)[: column(item, name).max_length]
        if after != before:
            setattr(item, name, after)
            changed += 1
    points = [say(p)[:200] for p in item.key_points]
    details = _deep(item.details, say)
    changed += int(points != item.key_points) + int(details != item.details)
    item.key_points, item.details, item.changed_at = points, details, clock.now()
    item.save(update_fields=[*TEXTS, "key_points", "details", "changed_at"])
    if ItemText.objects.filter(item=item).exists() and item.status != Status.DRAFT:
        item_services.index(item)
    Hint.objects.filter(item=item).delete()
    return changed + _timeline(item, say)


def _timeline(item: Item, say: Any) -> int:
    """Put the timeline through `say`. The database lets a line be reworded, never moved or deleted, and only here
    (see the migration)."""
    changed = 0
    rows = Entry.objects.filter(item_id=item.pk, at__gte=item.created_at)
    for row in rows:
        note, data = say(row.note), _deep(row.data, say)
        if note == row.note and data == row.data:
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('linbao.anonymising', 'on', true)")
            Entry.objects.filter(pk=row.pk, at=row.at).update(note=note, data=data)
            cursor.execute("SELECT set_config('linbao.anonymising', '', true)")
        changed += 1
    return changed


def _deep(value: Any, say: Any) -> Any:
    if isinstance(value, str):
        return say(value)
    if isinstance(value, list):
        return [_deep(v, say) for v in value]
    if isinstance(value, dict):
        return {k: _deep(v, say) for k, v in value.items()}
    return value


def _files(item: Item) -> int:
    return delete_files(Attachment.objects.filter(item=item))


def delete_files(attachments: QuerySet[Attachment]) -> int:
    """Delete these rows and, when the transaction commits, their contents; returns how many."""
    rows = list(attachments)
    digests = {d for r in rows for d in (r.sha256, r.shown, r.thumb) if d}
    Attachment.objects.filter(pk__in=[r.pk for r in rows]).delete()
    transaction.on_commit(lambda: _forget(digests))
    return len(rows)


def _forget(digests: set[str]) -> None:
    """Delete contents that nothing points to any more (one photo may serve two items)."""
    for digest in digests:
        used = Attachment.objects.filter(sha256=digest) | Attachment.objects.filter(shown=digest)
        if not used.exists() and not Attachment.objects.filter(thumb=digest).exists():
            files.delete(digest)
