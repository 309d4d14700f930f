"""Who saw personal data, and unusual access to it, both read off the audit log (1.3.4, 6.2.2)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.audit import wording
from linbao.audit.models import Record
from linbao.confidentiality.models import Disclosure, Relative
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.wording import worded
from linbao.documents.models import Document
from linbao.items.models import Attachment, Item, Party
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.rights import Rights
from linbao.organisation.tree import tree
from linbao.platform import queue
from linbao.platform.encryption.crypto import blind_indexes
from linbao.security.alerts import services as alerts
from linbao.security.models import Alert

# Actions by which a person sees unmasked data, or searches for somebody.
ACCESS_ACTIONS = ("party.reveal", "attachment.original", "party.search", "disclosure.download")
LISTS_OF_ITEMS = ("handling", "review")  # whose sheets hold items of others (`listing.exported`)
THRESHOLDS = {"hour": 20, "day": 60, "factor": 4, "night": 5, "foreign": 5, "night_from": 22, "night_to": 6}
# What each kind of unusual access is called, and what the security officer reads: never about whom.
KINDS = {
    "hour": lazy("一小时内查看过多"),
    "day": lazy("一天内查看过多"),
    "unusual": lazy("明显多于本人平时"),
    "night": lazy("深夜查看"),
    "foreign": lazy("查看职责以外网格的居民"),
    "own": lazy("查找本人或同姓居民"),
    "relative": lazy("查找或查看申报的亲属"),
}
MESSAGES = {
    "hour": worded("异常查看：有人一小时内查看居民信息过多，请核查。"),
    "day": worded("异常查看：有人一天内查看居民信息过多，请核查。"),
    "unusual": worded("异常查看：有人查看居民信息明显多于平时，请核查。"),
    "night": worded("异常查看：有人在深夜查看居民信息，请核查。"),
    "foreign": worded("异常查看：有人查看职责以外网格的居民，请核查。"),
    "own": worded("异常查看：有人查找本人或同姓的居民，请核查。"),
    "relative": worded("异常查看：有人查找或查看申报过的亲属，请核查。"),
}
LEAST_USUAL = 10  # accesses of a day below this are never more than usual
USUAL_DAYS = 30
MOST = 200


@dataclass(frozen=True)
class Access:
    """One time that somebody saw, or may have seen, an item's personal data. `sure` is false for lists that took the
    item in by their filters: the log keeps the filters, not the rows."""

    at: datetime
    person: str
    action: str
    reason: str
    address: str
    sure: bool = True


def list_accesses(user: User, item: Item) -> list[Access]:
    """Who saw this item's persons, the newest first, for its manager; by the index on the log's subject. Raises
    `NotAllowed`."""
    allow(user, "accesses.view", item)
    photos = [str(pk) for pk in Attachment.objects.filter(item=item).values_list("pk", flat=True)]
    papers = [str(pk) for pk in Document.objects.filter(subject_id=item.pk).values_list("pk", flat=True)]
    since = item.created_at
    rows = list(Record.objects.filter(subject_type="items.item", subject_id=str(item.pk), at__gte=since)[:MOST])
    rows += list(Record.objects.filter(subject_type="items.attachment", subject_id__in=photos, at__gte=since)[:MOST])
    rows += list(Record.objects.filter(subject_type="documents.document", subject_id__in=papers, at__gte=since)[:MOST])
    # Steps of the item's life are on the log too (`item.…`): they show nobody personal data.
    matches = [_access(r) for r in rows if r.action != "resident_link.make" and not r.action.startswith("item.")]
    values = Disclosure.objects.filter(items__contains=[item.pk], produced_at__isnull=False).select_related("asked_by")
    for row in values[:MOST]:
        act = _("对外提供 %(number)s，接收方：%(to)s") % {"number": row.number, "to": row.recipient}
        assert row.produced_at is not None
        matches.append(Access(row.produced_at, row.asked_by.name, act, row.purpose, ""))
    exports = Record.objects.filter(
        action__in=("export", "export.reveal"), at__gte=item.reported_at or since, unit_id__in=_around(item)
    )
    matches += [_access(r, sure=False) for r in exports[:MOST] if _could_hold(r.data, item)]
    return sorted(matches, key=lambda f: f.at, reverse=True)[:MOST]


def _access(row: Record, *, sure: bool = True) -> Access:
    return Access(row.at, row.actor_name, wording.action(row.action), row.reason, row.address or "", sure)


def _around(item: Item) -> list[UUID]:
    return [u.pk for u in tree().line(item.community_id)]


def _could_hold(data: dict[str, Any], item: Item) -> bool:
    """Whether an export with these filters can have held the item; states that change are not asked."""
    entry = data.get("filters")
    if isinstance(entry, str):  # of the archive
        asked = {k: v[0] for k, v in parse_qs(entry).items()}
    elif isinstance(entry, dict) and data.get("what") in LISTS_OF_ITEMS:
        asked = {k: str(v) for k, v in entry.items() if k in ("category", "subcategory")}
    else:
        return False
    plain = ("category", "subcategory", "topic", "sensitivity", "source")
    if any(asked[k] != getattr(item, k) for k in plain if k in asked):
        return False
    if "unit" in asked and asked["unit"] not in {str(u.pk) for u in tree().line(item.grid_id or item.community_id)}:
        return False
    day = clock.local(item.reported_at or item.created_at, tree().setting(item.community_id, "time_zone")).date()
    return asked.get("since", "") <= day.isoformat() <= asked.get("until", "9999")


# --- unusual access ----------------------------------------------------------------------------------


def thresholds(unit_id: UUID | None) -> dict[str, int]:
    """The unit's own limits (setting `looking`), with the product's for those that are left out."""
    return THRESHOLDS | (tree().setting(unit_id, "looking") or {})


def watch(now: datetime | None = None) -> int:
    """Read the log of today and yesterday evening, and raise what is unusual; returns how many alerts are new.

    Safe to repeat: an alert is one row a person, kind and day, whose count grows.
    """
    now = now or clock.now()
    zone = clock.zone()
    day = clock.local(now).date()
    start = datetime.combine(day, datetime.min.time(), zone) - timedelta(hours=6)
    rows = list(
        Record.objects.filter(action__in=ACCESS_ACTIONS, at__gte=start, at__lte=now, actor_id__isnull=False).order_by(
            "at"
        )
    )
    by_person: dict[UUID, list[Record]] = defaultdict(list)
    for row in rows:
        assert row.actor_id is not None
        by_person[row.actor_id].append(row)
    people = User.objects.in_bulk(list(by_person))
    usual = _usual(list(by_person), start)
    context = _Context.of(rows, list(by_person))

    def judge(pk: UUID) -> int:
        result = _judge(people[pk], by_person[pk], usual.get(pk, 0.0), context)
        return sum(_raise(people[pk], kind, when, hits, limit) for kind, when, hits, limit in result)

    return queue.each([pk for pk in by_person if pk in people], judge)


@dataclass
class _Context:
    """What the rows speak of, read at once: items by id, persons by id, relatives by their owner."""

    items: dict[str, Item]
    parties: dict[str, Party]
    relatives: dict[UUID, set[str]]
    rights: dict[UUID, Rights]

    @classmethod
    def of(cls, rows: Iterable[Record], people: Sequence[UUID]) -> _Context:
        ids = {r.subject_id for r in rows if r.subject_type == "items.item"}
        items = Item.objects.only("id", "grid_id", "community_id", "reporter_id", "handler_id", "assistants").in_bulk(
            list(ids)
        )
        parties = Party.objects.in_bulk([r.data["party"] for r in rows if r.data.get("party")])
        near: dict[UUID, set[str]] = defaultdict(set)
        for row in Relative.objects.filter(user__in=people):
            near[row.user_id] |= _digests(row.name, row.phone)
        granted: dict[UUID, dict[str, set[UUID]]] = defaultdict(lambda: defaultdict(set))
        for owner, role, unit in (
            RoleGrant.objects.current().filter(user__in=people).values_list("user_id", "role", "unit")
        ):
            granted[owner][role].add(unit)
        return cls(
            {str(k): v for k, v in items.items()},
            {str(k): v for k, v in parties.items()},
            near,
            {k: Rights(dict(v)) for k, v in granted.items()},
        )


def _usual(people: Sequence[UUID], before: datetime) -> dict[UUID, float]:
    """Accesses on an ordinary working day of each person: those of thirty days shared among the days on which there
    were any."""
    rows = (
        Record.objects.filter(
            actor_id__in=people, at__lt=before, at__gte=before - timedelta(days=USUAL_DAYS), action__in=ACCESS_ACTIONS
        )
        .order_by()
        .values("actor_id")
        .annotate(n=Count("id"), days=Count("at__date", distinct=True))
    )
    return {r["actor_id"]: r["n"] / max(1, r["days"]) for r in rows if r["actor_id"]}


def _judge(
    person: User, rows: Sequence[Record], usual: float, context: _Context
) -> list[tuple[str, date, list[Record], int | None]]:
    rights = context.rights.get(person.pk) or Rights({})
    limits = thresholds(rights.home)
    zone = clock.zone(tree().setting(rights.home, "time_zone"))
    local = [(r, r.at.astimezone(zone)) for r in rows]
    matches: list[tuple[str, date, list[Record], int | None]] = []
    days: dict[date, list[Record]] = defaultdict(list)
    hours: dict[tuple[date, int], list[Record]] = defaultdict(list)
    for row, at in local:
        days[at.date()].append(row)
        hours[at.date(), at.hour].append(row)
    for (day, _hour), hits in hours.items():
        if len(hits) > limits["hour"]:
            matches.append(("hour", day, hits, limits["hour"]))
    own_limit = max(LEAST_USUAL, round(usual * limits["factor"]))
    for day, hits in days.items():
        if len(hits) > limits["day"]:
            matches.append(("day", day, hits, limits["day"]))
        elif len(hits) > own_limit:
            matches.append(("unusual", day, hits, own_limit))
    for kind, test, limit in (
        ("night", lambda r, at: _by_night(at.hour, limits), limits["night"]),
        ("foreign", lambda r, at: _foreign(person, rights, context.items.get(r.subject_id)), limits["foreign"]),
        ("own", lambda r, at: _own(person, r, context), 1),
        ("relative", lambda r, at: bool(_named(r, context) & context.relatives[person.pk]), 1),
    ):
        hit: dict[date, list[Record]] = defaultdict(list)
        for row, at in local:
            if test(row, at):
                hit[at.date()].append(row)
        matches += [(kind, day, hits, limit) for day, hits in hit.items() if len(hits) >= limit]
    return matches


def _by_night(hour: int, limits: dict[str, int]) -> bool:
    begins, ends = limits["night_from"], limits["night_to"]
    return hour >= begins or hour < ends if begins > ends else begins <= hour < ends


def _foreign(person: User, rights: Rights, item: Item | None) -> bool:
    """Outside what the person works on: another's grid for a reporter, another community for the department."""
    if item is None or person.pk in (item.reporter_id, item.handler_id, *item.assistants):
        return False
    if rights.on(item.community_id, Role.REVIEWER, Role.MANAGER, Role.HANDLER):
        return False
    return item.grid_id not in rights.units(Role.REPORTER, Role.GROUP_LEADER)


def _named(row: Record, context: _Context) -> set[str]:
    """Blind indexes of whom the row speaks of: the person revealed, or the one searched for."""
    party = context.parties.get(str(row.data.get("party", "")))
    rows = {party.name_index, party.phone_index} if party else set()
    return (rows | {str(row.data.get("index", ""))}) - {""}


def _own(person: User, row: Record, context: _Context) -> bool:
    if row.action == "party.search" and row.data.get("family"):
        return True
    return bool(_named(row, context) & _digests(person.name, person.phone))


def _digests(*values: str | None) -> set[str]:
    """The blind indexes of a name and phone by every key that rows may carry."""
    return {d for v in values for d in blind_indexes(v or "")} - {""}


@transaction.atomic
def _raise(person: User, kind: str, day: date, hits: Sequence[Record], limit: int | None) -> int:
    """One alert a person, kind and day; what comes after is counted on it, also when it was settled meanwhile."""
    counted = Counter(h.unit_id for h in hits if h.unit_id)
    unit_id = counted.most_common(1)[0][0] if counted else _home(person)
    if unit_id is None:
        return 0
    key = f"looking:{person.pk}:{kind}:{day}"
    row = Alert.objects.filter(key=key).order_by("-opened_at").first()
    if row is not None:
        if len(hits) > row.times:
            Alert.objects.filter(pk=row.pk).update(times=len(hits), last_at=hits[-1].at)
        return 0
    data = {"day": day.isoformat()} | ({"limit": limit} if limit and limit > 1 else {})
    alerts.alert(
        kind=f"looking.{kind}",
        unit_id=unit_id,
        message=MESSAGES[kind],
        data=data,
        key=key,
        about=person,
        times=len(hits),
    )
    return 1


def _home(person: User) -> UUID | None:
    grant = RoleGrant.objects.current().filter(user=person).order_by("unit_id").first()
    return grant.unit_id if grant else None


def officers(unit_id: UUID) -> list[User]:
    """The security officers who keep this unit, here or above."""
    line = [u.pk for u in tree().line(unit_id)]
    people = RoleGrant.objects.current().filter(unit__in=line, role=Role.SECURITY_OFFICER).values("user")
    return list(User.objects.filter(pk__in=people, is_active=True).order_by("username"))


def behind(alert: Alert) -> list[Record]:
    """The lines of the audit log that an alert about a person's accesses rests on."""
    day = date.fromisoformat(alert.data["day"])
    zone = clock.zone(tree().setting(alert.unit_id, "time_zone"))
    start = datetime.combine(day, datetime.min.time(), zone)
    rows = Record.objects.filter(
        actor_id=alert.about_id, at__gte=start, at__lt=start + timedelta(days=1), action__in=ACCESS_ACTIONS
    )
    return list(rows[:MOST])
