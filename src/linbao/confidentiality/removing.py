"""Removing persons for real (1.3.4): rows, encrypted fields, indexes, files, search terms, and names in texts.

What the database's backups still hold goes when they run out; the audit log speaks of ids only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from linbao.base import clock, files, text
from linbao.collection import actions as collection
from linbao.collection.models import Attachment, Entry, Hint, Item, ItemText, Party, Status
from linbao.confidentiality.models import Hold
from linbao.confidentiality.producing import deidentified
from linbao.handling.models import CallBack, Evaluation, ResidentLink
from linbao.review.models import Finding

TEXTS = ("title", "narrative", "analysis", "suggestion", "result", "place")


def held(items: Iterable[UUID]) -> set[UUID]:
    """Those of the items that must be kept (legal hold)."""
    return set(Hold.objects.filter(item_id__in=list(items), released_at__isnull=True).values_list("item_id", flat=True))


def contacts(item: Item) -> Counter[str]:
    """Phones of the item's persons go, and the private link with them; names stay."""
    done: Counter[str] = Counter()
    for party in Party.objects.select_for_update().filter(item=item).exclude(phone_index=""):
        party.phone, party.phone_index = None, ""
        party.save(update_fields=["phone", "phone_index"])
        done["contacts"] += 1
    done["links"] = ResidentLink.objects.filter(item=item).delete()[0]
    return done


def persons(item: Item, parties: Sequence[Party]) -> Counter[str]:
    """These persons go out of the item: their rows, and their names and phones wherever its texts tell them."""
    done: Counter[str] = Counter(items=1, persons=len(parties))
    names = [(p.name or "").strip() for p in parties]
    phones = [(p.phone or "").strip() for p in parties]
    done["texts"] = _rewrite(item, lambda words: _without(words, names, phones))
    Party.objects.filter(pk__in=[p.pk for p in parties]).delete()
    if not Party.objects.filter(item=item).exists():
        done["links"] = ResidentLink.objects.filter(item=item).delete()[0]
    return done


def everything(item: Item) -> Counter[str]:
    """The item without anybody in it (anonymised): all persons, all files, what residents said, doors of addresses."""
    parties = list(Party.objects.filter(item=item))
    names = [(p.name or "").strip() for p in parties]
    done: Counter[str] = Counter(items=1, persons=len(parties))
    done["texts"] = _rewrite(item, lambda words: deidentified(_without(words, names, []), []))
    Party.objects.filter(item=item).delete()
    done["links"] = ResidentLink.objects.filter(item=item).delete()[0]
    done["remarks"] = Evaluation.objects.filter(item=item, remark__isnull=False).count()
    for row in [*Evaluation.objects.filter(item=item), *CallBack.objects.filter(item=item)]:
        row.remark = None
        row.save(update_fields=["remark"])
    done["files"] = _files(item)
    return done


def _without(words: str, names: Sequence[str], phones: Sequence[str]) -> str:
    shown = words
    for phone in phones:
        if len(phone) > 5:
            shown = shown.replace(phone, text.mask_phone(phone))
    for name in sorted((n for n in names if len(n) > 1), key=len, reverse=True):
        shown = shown.replace(name, text.mask_name(name))
    return shown


def _rewrite(item: Item, say: Any) -> int:
    """Put every text that belongs to the item through `say`; returns how many changed. Search terms are made anew."""
    changed = 0
    for name in TEXTS:
        before = getattr(item, name)
        after = say(before)[: item._meta.get_field(name).max_length or None]
        if after != before:
            setattr(item, name, after)
            changed += 1
    points = [say(p)[:200] for p in item.key_points]
    details = _deep(item.details, say)
    changed += (points != item.key_points) + (details != item.details)
    item.key_points, item.details, item.changed_at = points, details, clock.now()
    item.save(update_fields=[*TEXTS, "key_points", "details", "changed_at"])
    if ItemText.objects.filter(item=item).exists() and item.status != Status.DRAFT:
        collection.index(item)
    for finding in Finding.objects.filter(review__item=item):
        if (after := say(finding.words)[:300]) != finding.words:
            Finding.objects.filter(pk=finding.pk).update(words=after)
            changed += 1
    Hint.objects.filter(item=item).delete()
    return changed + _timeline(item, say)


def _timeline(item: Item, say: Any) -> int:
    """The timeline's words. The database lets a line be reworded, never moved or taken away, inside this door alone
    (see the migration)."""
    changed = 0
    rows = Entry.objects.filter(item_id=item.pk, at__gte=item.created_at)
    for row in rows:
        words, data = say(row.words), _deep(row.data, say)
        if words == row.words and data == row.data:
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('linbao.anonymising', 'on', true)")
            Entry.objects.filter(pk=row.pk, at=row.at).update(words=words, data=data)
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
    rows = list(Attachment.objects.filter(item=item))
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
