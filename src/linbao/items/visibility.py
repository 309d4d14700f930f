"""What a reader or a recipient may read of an item: the one gate of every way out (1.3.4, 6.2.2; domain.md §2).

`ItemQuerySet.visible_to` says which items somebody may open. Where items are gathered for somebody who need not open
each of them (a weekly report, a call-back, a notice, a document, a mail), `readable` decides: public and internal ones
may be read by whoever the gathering is for, sensitive and confidential ones by those who may open them. A document or
a mail has no reader that we know (`None`): it carries restricted items by number and category alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import F, Q, Value
from django.db.models.functions import Left, Replace
from django.utils.translation import gettext_lazy

from linbao.duties.models import Obligation
from linbao.items.models import RESTRICTED, Category, Hint, Item
from linbao.organisation.models import RoleGrant, User
from linbao.organisation.tree import tree
from linbao.outbox.models import Delivery, DeliveryState, Notice

SHORTEST_LINE, SHORTEST_SENTENCE = 4, 8  # characters: what is shorter identifies nothing
IN_PLACE = gettext_lazy("〔敏感内容，登录后查阅〕")
_SENTENCES = re.compile(r"[。！？；\n]+")


def readable(reader: User | None, prefix: str = "") -> Q:
    """The condition on items, or on rows that reach them by `prefix` (`item__`), under which `reader` may read their
    texts. None: the unknown reader of a document or mail."""
    unrestricted = ~Q(**{f"{prefix}sensitivity__in": RESTRICTED})
    if reader is None:
        return unrestricted
    return unrestricted | Q(**{f"{prefix}pk__in": Item.objects.visible_to(reader).values("pk")})


def withheld(items: Iterable[UUID | str], reader: User | None) -> list[Item]:
    """Those of `items` (ids) whose texts `reader` must not read; one statement, none without items."""
    wanted = set(items)
    return list(Item.objects.filter(pk__in=wanted).exclude(readable(reader))) if wanted else []


def label(item: Item) -> dict[str, Any]:
    """`number` and `title` for the text of a notice or message about `item`. These reach people who may not open it,
    and mailboxes: the category stands in place of a restricted item's title."""
    return {"number": item.number or "", "title": title(item)}


def title(item: Item) -> Any:
    """The item's title; of a restricted one its category."""
    return Category(item.category).label if item.restricted else item.title


def phrases(item: Item) -> set[str]:
    """The phrases that identify `item` in texts of others."""
    return phrases_in(
        (item.title, item.place, *item.key_points), (item.narrative, item.analysis, item.suggestion, item.result)
    )


def phrases_in(lines: Iterable[str], texts: Iterable[str]) -> set[str]:
    """Whole `lines` (titles, places, key points) and the sentences of `texts`, as far as they are long enough to
    identify anything."""
    sentences = (sentence for text in texts for sentence in _SENTENCES.split(text))
    rows = {" ".join(line.split()) for line in lines}, {" ".join(sentence.split()) for sentence in sentences}
    return {p for p in rows[0] if len(p) >= SHORTEST_LINE} | {p for p in rows[1] if len(p) >= SHORTEST_SENTENCE}


def redact(text: str, hidden: Iterable[str], beside: str = "") -> str:
    """`text` without the phrases that are `hidden`. What also stands in `beside` (the text of readable items) is no
    secret and stays."""
    for phrase in sorted(hidden, key=len, reverse=True):
        if phrase not in beside:
            text = text.replace(phrase, str(IN_PLACE))
    return text


def retract(item: Item, before: str, heading: str) -> None:
    """The item has become restricted: duties bear its number alone from now on; notices, the mails and messages that
    are still to go out, and hints of other items bear its category. `before`, `heading`: its title and heading until
    now. Five statements, along the duties of the item and the notices of the people of its community."""
    duties = Obligation.objects.filter(
        Q(subject_id=item.pk) | Q(community=item.community_id, title=heading[:120], subject_id__isnull=False)
    )
    duties.exclude(title="").update(title=item.heading)
    if not before:
        return
    units = {*tree().within(item.community_id), *(u.id for u in tree().line(item.community_id))}
    people = RoleGrant.objects.filter(unit__in=units).values("user")  # also those who have left
    notices = Notice.objects.filter(user__in=people, created_at__gte=item.created_at, subject_id=item.pk)

    def without(column: str, most: int) -> Left:
        return Left(Replace(F(column), Value(before), Value(str(title(item)))), most)

    notices.update(text=without("text", 300))
    Hint.objects.filter(other=item.pk).update(message=without("message", 300))
    unsent = Q(next_at__isnull=False) | Q(state__in=(DeliveryState.FAILED, DeliveryState.UNCERTAIN))
    names_it = Q(subject__contains=before) | Q(body__contains=before)
    Delivery.objects.filter(unsent, names_it, created_at__gte=item.created_at).update(
        subject=without("subject", 200), body=Replace(F("body"), Value(before), Value(str(title(item))))
    )
