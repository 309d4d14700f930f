"""The verbs of a reporter: create, change, submit, withdraw. Pages, API, import and demo call these.

Statements are counted (performance.md): a draft costs 2, a submitted item 6, all in one commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.core import clock, http, ids, text
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.duties import services as duties
from linbao.items import fields, masking, signals, states, unchecked, visibility
from linbao.items.inputs import SubmitItem, UrgentReason, WithdrawItem
from linbao.items.models import OPEN_STATUSES, Activity, Entry, Item, ItemText, Party, Status
from linbao.organisation.models import UnitKind, User
from linbao.organisation.tree import tree
from linbao.platform import bulk
from linbao.platform.models import next_number

URGENT_REVIEW_WITHIN = timedelta(hours=1)  # 4.3.1, domain.md §3
REVIEW_WITHIN_DAYS = 1  # working days


def get(user: User, item_id: UUID, *, lock: bool = False) -> Item:
    """The item, if `user` may see it. Raises `NotFound`. `lock` locks its row until the transaction ends."""
    rows = Item.objects.visible_to(user).filter(pk=item_id)
    item = (rows.select_for_update(of=("self",)) if lock else rows.select_related("reporter", "handler")).first()
    if item is None:
        raise NotFound(_("没有找到该条目，或您无权查看。"))
    return item


def digest(data: Mapping[str, Any]) -> str:
    """The SHA-256 of a body's canonical JSON, by which a repeated request is recognised."""
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


def create(
    user: User, data: Mapping[str, Any], *, item_id: UUID | None = None, submit: bool = False, channel: str = "web"
) -> Item:
    """File an item: a draft, or submitted at once (2.1, 2.3.1).

    `data` has the shape of `inputs.ItemContent`. Safe to repeat with the same `item_id` and `data`; another body under
    the same id raises `Conflict`. Raises `Invalid` with a field map, `NotAllowed`.
    """
    allow(user, "item.create")
    item = Item(id=item_id or ids.new(), reporter=user, community_id=_home(user), channel=channel, category="")
    item.body_digest = digest({**data, "submit": submit})
    parties = fields.fill(item, data, user) or []
    masking.hide(item, parties)
    if not item.category:
        raise Invalid(fields={"category": [_("请选择类别。")]})
    _check_activity(user, item)
    if item.reported_at and not submit:
        item.reported_at = None
    item.work_group_id = work_group(user, item.community_id)
    try:
        with transaction.atomic():
            entries = [_submit(user, item, parties)] if submit else []
            bulk.insert([item], parties, entries, unchecked.marks([item]) if submit else [])
            item._parties = parties
            if submit:
                _after_submits(user, [item])
                item._timeline = entries
    except IntegrityError:
        return _again(user, item)
    return item


def begin(reporter: User, data: Mapping[str, Any], *, item_id: UUID, community: UUID, channel: str = "web") -> Item:
    """The draft of an emergency that `reporter` is, or is to be, the author of (2.3.2); the caller has checked
    permission and opened a transaction. Raises `Invalid`, `Conflict` when the id exists."""
    item = Item(id=item_id, reporter=reporter, community_id=community, channel=channel, category="")
    parties = fields.fill(item, data, reporter) or []
    item.work_group_id = work_group(reporter, item.community_id)
    try:
        with transaction.atomic():
            bulk.insert([item], parties)
    except IntegrityError as e:
        raise Conflict(_("这个 id 已用于另一条内容。")) from e
    return item


def complete(item: Item, data: Mapping[str, Any]) -> Item:
    """Add to the draft of an emergency in its reporter's name; the caller has checked permission and locked its row.
    Raises `Invalid`."""
    parties = fields.fill(item, data, item.reporter)
    item.version += 1
    item.changed_at = clock.now()
    item.save()
    if parties is not None:
        item.parties.all().delete()
        bulk.insert(parties)
    return item


def create_many(
    user: User, bodies: Sequence[tuple[UUID | None, Mapping[str, Any], bool]], *, channel: str = "api"
) -> list[Item | Exception]:
    """File many items in one transaction, a problem or an item per row (`POST /items/batch`).

    A refused row does not stop the others. Raises `NotAllowed`.
    """
    allow(user, "item.create")
    community = _home(user)
    results: list[Item | Exception] = []
    fresh: dict[UUID, tuple[Item, list[Party], bool]] = {}
    taken = {i.pk: i for i in Item.objects.filter(pk__in=[b[0] for b in bodies if b[0]]).select_related("reporter")}
    activities = _own_activities(user, [b[1] for b in bodies])
    for item_id, data, submit in bodies:
        item = Item(id=item_id or ids.new(), reporter=user, community_id=community, channel=channel, category="")
        try:
            item.body_digest = digest({**data, "submit": submit})
            if item.pk in taken:
                results.append(_same(user, taken[item.pk], item))
                continue
            if item.pk in fresh:
                results.append(_same(user, fresh[item.pk][0], item))
                continue
            parties = fields.fill(item, data, user) or []
            masking.hide(item, parties)
            if not item.category:
                raise Invalid(fields={"category": [_("请选择类别。")]})
            if item.activity_id and item.activity_id not in activities:
                raise Invalid(fields={"source.activity": [_("没有这项收集活动。")]})
            lacking = fields.missing(item, parties) if submit else {}
            if lacking:
                raise Invalid(_("还有内容没有填写完整。"), lacking)
        except (Invalid, Conflict) as problem:
            results.append(problem)
            continue
        item.work_group_id = work_group(user, item.community_id)
        fresh[item.pk] = (item, parties, submit)
        item._parties = parties
        results.append(item)
    submitted = [(i, p) for i, p, s in fresh.values() if s]
    try:
        with transaction.atomic():
            entries = _submit_many(user, submitted)
            bulk.insert(
                [i for i, _p, _s in fresh.values()],
                [p for _i, ps, _s in fresh.values() for p in ps],
                entries,
                unchecked.marks(i for i, _p in submitted),
            )
            _after_submits(user, [i for i, _p in submitted])
    except IntegrityError:
        # Somebody filed one of these ids in this very moment: take the rows one by one.
        return [_one(user, body, channel) for body in bodies]
    return results


def change(user: User, item_id: UUID, data: Mapping[str, Any], *, version: int | None = None) -> Item:
    """Change a draft or a returned item. `version` is the one the form showed; another raises `Conflict`."""
    with transaction.atomic():
        item = get(user, item_id, lock=True)
        allow(user, "item.edit", item)
        if item.status not in (Status.DRAFT, Status.RETURNED):
            raise Conflict(_("该条目已上报，不能再修改；需要更正的，请先撤回或等审核退回。"))
        if version is not None and version != item.version:
            raise Conflict(_("该条目已在别处修改过，请核对后重新保存；您填写的内容仍保留在页面上。"))
        was_urgent = item.urgent
        restricted, title, heading = item.restricted, item.title, item.heading
        masking.restore(item)
        parties = fields.fill(item, data, user)
        masking.hide(item, item.parties.all() if parties is None else parties)
        _check_activity(user, item)
        if was_urgent and not item.urgent:
            signals.urgent_unset.send(sender=Item, item=item, by=user)
        item.version += 1
        item.changed_at = clock.now()
        item.priority = 1 if item.urgent and item.status in OPEN_STATUSES else 0
        item.save()
        if item.restricted and not restricted and item.number:
            visibility.retract(item, title, heading)
        if parties is not None:
            item.parties.all().delete()
            bulk.insert(parties)
            item._parties = parties
        if item.urgent and not was_urgent and item.status == Status.RETURNED:
            signals.urgent_submitted.send(sender=Item, items=[item], by=user, marked_at=clock.now())
    return item


def mark_urgent(user: User, item_id: UUID, data: UrgentReason) -> Item:
    """Recognise a submitted item as urgent, by its reporter or the department (2.3.2): the short limits apply and an
    emergency opens. Safe to repeat. Raises `Invalid`, `Conflict`, `NotAllowed`."""
    with transaction.atomic():
        item = get(user, item_id, lock=True)
        allow(user, "item.mark_urgent", item)
        if item.urgent:
            return item
        if item.status not in OPEN_STATUSES:
            raise Conflict(_("该条目当前为“%(now)s”，不能标为紧急。") % {"now": Status(item.status).label})
        _set_urgent(user, item, True, "mark_urgent", data.reason)
        due = review_due(item.community_id, True, clock.now())
        duties.hasten(Q(kind="review", subject_id=item.pk), due)
        signals.urgent_marked.send(sender=Item, item=item, by=user)
        signals.urgent_submitted.send(sender=Item, items=[item], by=user, marked_at=clock.now())
    return item


def unmark_urgent(user: User, item_id: UUID, data: UrgentReason) -> Item:
    """Decide that an item is not urgent, with a reason (4.3.1): its emergency's duties and alarms end. By the
    department, never by its reporter. Safe to repeat. Raises `Invalid`, `NotAllowed`."""
    with transaction.atomic():
        item = get(user, item_id, lock=True)
        allow(user, "item.unmark_urgent", item)
        if not item.urgent:
            return item
        if item.status == Status.DRAFT:
            raise Conflict(_("该条目还是草稿，由报告员在填写时决定。"))
        _set_urgent(user, item, False, "unmark_urgent", data.reason)
        signals.urgent_ended.send(sender=Item, item=item, by=user, outcome="unmarked", reason=data.reason, into=None)
    return item


def submit(user: User, item_id: UUID, data: SubmitItem | None = None) -> Item:
    """Submit a draft, or resubmit a returned item (2.3.1, 4.3.2). Safe to repeat. A `reported_at` in the future counts
    as now.

    Raises `Invalid` with the required fields that are missing, `Conflict` for a stale form.
    """
    data = data or SubmitItem()
    with transaction.atomic():
        item = get(user, item_id, lock=True)
        if item.status not in (Status.DRAFT, Status.RETURNED) and item.reporter_id == user.pk:
            return item
        if data.version is not None and data.version != item.version:
            raise Conflict(_("该条目已在别处修改过，请刷新后再上报。"))
        parties = list(item.parties.all())
        if data.reported_at is not None and item.status == Status.DRAFT:
            item.reported_at = _plausible(data.reported_at, item)
        entry = _submit(user, item, parties)
        item.save()
        bulk.insert([entry], unchecked.marks([item]))
        _after_submits(user, [item])
    return item


def withdraw(user: User, item_id: UUID, data: WithdrawItem) -> Item:
    """Take an item back before it is approved (2.3.1), with a reason; a draft goes without one. Safe to repeat.

    Raises `Invalid` without a reason, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = get(user, item_id, lock=True)
        if item.status == Status.WITHDRAWN and item.reporter_id == user.pk:
            return item
        if item.status != Status.DRAFT and not data.reason:
            raise Invalid(fields={"reason": [_("请写明撤回的原因。")]})
        entry = states.move(item, "withdraw", user, note=data.reason)
        item.save(update_fields=["status", "priority", "version", "changed_at"])
        bulk.insert([entry])
        duties.cancel(["review", "amend"], item.pk)
        if item.urgent:
            signals.urgent_ended.send(
                sender=Item, item=item, by=user, outcome="withdrawn", reason=data.reason, into=None
            )
    return item


def work_group(user: User, community: UUID | None = None) -> UUID | None:
    """The work group that a person reports in, if any: of `community` where one is named."""
    units = tree()
    granted = {u for ids_ in user.rights.granted.values() for u in ids_}
    groups = [unit for u in granted if (unit := units.get(u)) is not None and unit.kind == UnitKind.WORK_GROUP]
    near = [g for g in groups if community is None or community in units.communities(g.id)]
    return min(near, key=lambda g: g.code).id if near else None


def index(item: Item) -> None:
    """Renew the item's search terms after its text has changed; one statement."""
    index_many([item])


def where_and_when(community: UUID, at: datetime) -> list[str]:
    """The search terms of an item's place and week (UTC weeks)."""
    unit = tree().get(community)
    return text.place_terms(unit.code if unit else "", at.astimezone(UTC).date())


def index_many(items: Sequence[Item]) -> None:
    """The search terms of many items in one statement."""
    if not items:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {ItemText._meta.db_table} (item_id, community_id, reported_at, terms)"
            " SELECT item, community, at, array_to_tsvector(string_to_array(terms, ' '))"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::text[]) AS t (item, community, at, terms)"
            " ON CONFLICT (item_id) DO UPDATE SET terms = excluded.terms, reported_at = excluded.reported_at,"
            " community_id = excluded.community_id",
            [
                [i.pk for i in items],
                [i.community_id for i in items],
                [i.reported_at or i.created_at for i in items],
                [
                    " ".join(
                        [
                            *text.search_terms(_searched_text(i)),
                            *where_and_when(i.community_id, i.reported_at or i.created_at),
                        ]
                    )
                    for i in items
                ],
            ],
        )


# --- inside ------------------------------------------------------------------------------------


def _home(user: User) -> UUID:
    community = fields.home(user)
    if community is None:
        raise NotAllowed(_("您还没有被分配到社区，请联系管理员。"))
    return community


def _set_urgent(user: User, item: Item, urgent: bool, verb: str, reason: str) -> None:
    """Set or take the mark, with its line of the timeline."""
    item.urgent = urgent
    item.priority = 1 if urgent and item.status in OPEN_STATUSES else 0
    item.version += 1
    item.changed_at = clock.now()
    item.save(update_fields=["urgent", "priority", "version", "changed_at"])
    bulk.insert([states.entry(item, verb, user, note=reason)])


def _searched_text(item: Item) -> str:
    details = [str(v) for v in item.details.values() if isinstance(v, str)]
    return "\n".join(
        [
            item.title,
            item.narrative,
            item.place,
            item.topic,
            *item.key_points,
            item.analysis,
            item.suggestion,
            item.result,
            *details,
        ]
    )


def _check_activity(user: User, item: Item) -> None:
    if item.activity_id and not Activity.objects.visible_to(user).filter(pk=item.activity_id).exists():
        raise Invalid(fields={"source.activity": [_("没有这项收集活动。")]})


def _own_activities(user: User, bodies: Sequence[Mapping[str, Any]]) -> set[UUID]:
    sources = [b.get("source") for b in bodies]
    named = {id for s in sources if isinstance(s, Mapping) and (id := http.as_uuid(s.get("activity")))}
    return set(Activity.objects.visible_to(user).filter(pk__in=named).values_list("pk", flat=True)) if named else set()


def _again(user: User, item: Item) -> Item:
    row = Item.objects.select_related("reporter").filter(pk=item.pk).first()
    if row is None:
        raise Conflict(_("保存时发生冲突，请重试。"))
    return _same(user, row, item)


def _same(user: User, stored: Item, item: Item) -> Item:
    if stored.reporter_id != user.pk or stored.body_digest != item.body_digest:
        raise Conflict(_("这个 id 已用于另一条内容。"))
    return stored


def _one(user: User, row: tuple[UUID | None, Mapping[str, Any], bool], channel: str) -> Item | Exception:
    item_id, data, submit_ = row
    try:
        return create(user, data, item_id=item_id, submit=submit_, channel=channel)
    except (Invalid, Conflict) as problem:
        return problem


def _plausible(moment: datetime, item: Item) -> datetime | None:
    """The phone's time of reporting (naive: UTC); None when it lies before the event or its discovery."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    known = [t for t in (item.occurred_at, item.seen_at) if t is not None]
    return None if any(moment < t for t in known) else moment


def _submit(user: User, item: Item, parties: Sequence[Party]) -> Entry:
    """Set an item to submitted (its number with it); nothing is saved yet."""
    lacking = fields.missing(item, parties)
    if lacking:
        raise Invalid(_("还有内容没有填写完整，请补充后再上报。"), lacking)
    return _submit_many(user, [(item, parties)])[0]


def _submit_many(user: User, pairs: Sequence[tuple[Item, Sequence[Party]]]) -> list[Entry]:
    entries: list[Entry] = []
    now = clock.now()
    unnumbered: dict[UUID, list[Item]] = {}
    for item, _parties in pairs:
        again = item.status == Status.RETURNED
        entries.append(states.move(item, "resubmit" if again else "submit", user))
        if not again:
            # The phone's own time of reporting counts when it is not in the future (offline, 1.3.2).
            item.reported_at = min(item.reported_at or now, now)
            item.arrived_at = now
        if item.number is None:
            unnumbered.setdefault(item.community_id, []).append(item)
    for community, items in unnumbered.items():
        _number(community, items)
    return entries


def _number(community: UUID, items: Sequence[Item]) -> None:
    unit = tree().get(community)
    day = clock.local(clock.now(), tree().setting(community, "time_zone"))
    last = next_number(f"item:{community}:{day:%y%m%d}", len(items))
    for offset, item in enumerate(items):
        item.number = f"{unit.code[-6:] if unit else '000000'}-{day:%y%m%d}-{last - len(items) + 1 + offset:04d}"


def _after_submits(user: User, items: Sequence[Item]) -> None:
    """What submitting causes, besides its lines of the timeline: search terms, duties, the computed checks."""
    if not items:
        return

    index_many(items)
    weeks = {
        clock.monday(clock.local(i.arrived_at or clock.now(), tree().setting(i.community_id, "time_zone")).date())
        for i in items
    }
    now = clock.now()
    limits = {kind: review_due(*kind, now) for kind in {(i.community_id, i.urgent) for i in items}}
    duties.change(
        open=[_review_duty(i, limits[i.community_id, i.urgent]) for i in items],
        fresh=not any(i.returns for i in items),
        meet_subjects=[("amend", i.pk) for i in items if i.returns],
        meet_periods=[("weekly_collection", user.pk, week) for week in weeks],
    )
    unchecked.check_soon()
    if urgent := [i for i in items if i.urgent]:
        signals.urgent_submitted.send(sender=Item, items=urgent, by=user, marked_at=None)


def review_due(community: UUID, urgent: bool, now: datetime) -> datetime:
    """Until when the department owes the review: one hour for urgent items, one working day else (4.3.1)."""
    if urgent:
        return now + duties.limit(community, "review_urgent", URGENT_REVIEW_WITHIN)
    return tree().calendar(community).add_working_days(now, REVIEW_WITHIN_DAYS)


def _review_duty(item: Item, due: datetime) -> Any:
    return duties.make(
        "review", unit_id=item.community_id, due_at=due, subject=item, round=item.returns, title=item.heading
    )
