"""What items led to: read off handling's adoptions or recorded, confirmed, shared among co-reporters (7.1.1)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.conduct import scale
from linbao.conduct.models import Contribution, Share
from linbao.conduct.rewards.inputs import RecordContribution
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.handling.models import Adoption
from linbao.items import masking
from linbao.items.models import Item, Status
from linbao.organisation.models import Role, User
from linbao.outbox.services import notify_many
from linbao.platform import queue

NOT_YET = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.WITHDRAWN, Status.MERGED)


def gather(batch: int = 200) -> int:
    """Take up what handling has confirmed as adopted since; returns how many. Safe to repeat.

    An item adopted twice in the same way counts once.
    """
    fresh = (
        Adoption.objects.filter(confirmed_at__isnull=False, contribution__isnull=True)
        .exclude(_counted())
        .order_by("confirmed_at")
    )
    made: set[tuple[UUID, str]] = set()

    def take_up(pk: UUID) -> int:
        row = fresh.select_related("item").select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
        if row is None or (row.item_id, scale.OF_ADOPTION[row.kind]) in made:
            return 0
        worth = scale.OF_ADOPTION[row.kind]
        _create(
            row.item,
            worth,
            row.note,
            by=row.recorded_by_id,
            at=row.at,
            adoption=row,
            confirmed_by=row.confirmed_by_id,
            confirmed_at=row.confirmed_at,
        )
        made.add((row.item_id, worth))
        return 1

    return queue.each(list(fresh.values_list("pk", flat=True)[:batch]), take_up)


def _counted() -> Q:
    """Adoptions whose item has a contribution of that worth already."""
    result = Q()
    for kind, worth in scale.OF_ADOPTION.items():
        result |= Q(kind=kind) & Q(Exists(Contribution.objects.filter(item=OuterRef("item"), worth=worth)))
    return result


@transaction.atomic
def record(user: User, data: RecordContribution) -> Contribution:
    """Record what an item led to (7.1.1). Confirmed at once when the recorder may confirm it, else by the manager or
    handler. Raises `Invalid`, `Conflict` for the same kind twice, `NotAllowed`."""
    allow(user, "contribution.record")
    item = Item.objects.visible_to(user).filter(number=data.number).first() if data.number else None
    if item is None:
        raise Invalid(fields={"number": [_("没有这个编号的信息，或您无权查看；请核对编号。")]})
    if item.status in NOT_YET:
        raise Invalid(fields={"number": [_("审核通过的信息才能登记贡献。")]})
    worth, note = data.worth, masking.within(item, data.note)
    Item.objects.select_for_update().get(pk=item.pk)
    match = Contribution.objects.filter(item=item, worth=worth).first()
    if match is not None:
        if match.note == note and match.recorded_by_id == user.pk:
            return match
        raise Conflict(_("这条信息已登记过同类贡献，不重复计算。"))
    row = _create(item, worth, note, by=user.pk)
    audit.record(user, "contribution.record", row, unit_id=row.community_id, kind=str(worth.label))
    if user.has_perm("contribution.confirm", row):
        return confirm(user, row.pk)
    recipients = {p for p in (item.handler_id, *duties.holders(item.community_id, Role.MANAGER)) if p} - {user.pk}
    notify_many(
        list(recipients),
        worded("%(number)s 登记了一项贡献，请确认。") % {"number": item.number},
        kind="contribution.confirm",
        subject_type="conduct.contribution",
        subject_id=row.pk,
    )
    return row


@transaction.atomic
def confirm(user: User, contribution_id: UUID) -> Contribution:
    """The handler or manager confirms it; it counts from then on. Safe to repeat. Raises `NotAllowed`."""
    row = get(user, contribution_id, lock=True)
    allow(user, "contribution.confirm", row)
    if row.confirmed_at is None:
        row.confirmed_by, row.confirmed_at = user, clock.now()
        row.save(update_fields=["confirmed_by", "confirmed_at"])
        audit.record(user, "contribution.confirm", row, unit_id=row.community_id)
        notify_many(
            [s.person_id for s in row.shares.all()],
            worded("您上报的 %(number)s 已确认贡献。") % {"number": row.item.number},
            kind="contribution.confirmed",
            subject_type="conduct.contribution",
            subject_id=row.pk,
        )
    return row


@transaction.atomic
def reject(user: User, contribution_id: UUID) -> None:
    """Delete one that is not confirmed, because it is not so. Raises `NotAllowed`, `Conflict` for a confirmed one."""
    row = get(user, contribution_id, lock=True)
    allow(user, "contribution.confirm", row)
    if row.confirmed_at is not None:
        raise Conflict(_("已确认的贡献不能删除。"))
    audit.record(user, "contribution.reject", row, unit_id=row.community_id)
    row.delete()


def get(user: User, contribution_id: UUID, *, lock: bool = False) -> Contribution:
    """A contribution that `user` may see. Raises `NotFound`."""
    rows = Contribution.objects.visible_to(user).filter(pk=contribution_id)
    row = (rows.select_for_update(of=("self",)) if lock else rows).select_related("item").first()
    if row is None:
        raise NotFound(_("没有这条贡献，或您无权查看。"))
    return row


def _create(
    item: Item,
    worth: str,
    note: str,
    *,
    by: UUID,
    at: datetime | None = None,
    adoption: Adoption | None = None,
    confirmed_by: UUID | None = None,
    confirmed_at: datetime | None = None,
) -> Contribution:
    """Store it, with a share for each that reported the matter: the item's reporter, and those whose items were merged
    into it."""
    others = Item.objects.filter(merged_into=item).values_list("reporter", flat=True)
    people = list(dict.fromkeys([item.reporter_id, *others]))
    points = Decimal(scale.POINTS[worth])
    moment = at or clock.now()
    row = Contribution.objects.create(
        community_id=item.community_id,
        item=item,
        adoption=adoption,
        worth=worth,
        points=points,
        note=note,
        half=scale.half_of(clock.local(moment).date()),
        recorded_by_id=by,
        recorded_at=moment,
        confirmed_by_id=confirmed_by,
        confirmed_at=confirmed_at,
    )
    Share.objects.bulk_create(
        Share(contribution=row, person_id=p, points=n, half=row.half)
        for p, n in zip(people, scale.shared(points, len(people)), strict=True)
    )
    return row
