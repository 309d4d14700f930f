"""Call-backs (回访抽查): a drawn sample of closed items, called by somebody else (2.4.2)."""

from __future__ import annotations

import hashlib
import math
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.handling import limits
from linbao.handling.call_backs.inputs import RecordCallBack
from linbao.handling.informing import notify_people
from linbao.handling.loop import RATED
from linbao.handling.models import CallBack, CallBackOutcome
from linbao.items import masking, states, visibility
from linbao.items.models import Entry, Item, Sensitivity, Status
from linbao.organisation.models import Role, Unit, UnitKind, User
from linbao.organisation.tree import tree
from linbao.platform import queue

CALLERS = (Role.REVIEWER, Role.MANAGER, Role.GROUP_LEADER)
DOUBTFUL_SHARE = 0.75  # of a sample: closings without a verdict, the easiest to invent; as far as there are


def draw_call_backs(monday: date | None = None, *, seed: str = "") -> int:
    """Draw the sample of every community for the week that began on `monday` (default: last week).

    The unit's `call_back_share` in percent of the week's closings, rounded up. Three quarters of it are drawn from
    closings without a verdict (refused, unreachable, anonymous, no resident), the rest from those with one; where there
    are too few of either, the other fills up. Within each the order is a digest of seed, week and id, so that nobody
    chooses and anybody can check. Safe to repeat. Returns how many were drawn.
    """

    def draw(community: Unit) -> int:
        zone = clock.zone(tree().setting(community, "time_zone"))
        week = monday or clock.monday(clock.now().astimezone(zone).date()) - timedelta(days=7)
        start = datetime.combine(week, time(0), zone)
        closed = list(
            Item.objects.filter(
                community=community, status=Status.CLOSED, closed_at__gte=start, closed_at__lt=start + timedelta(days=7)
            )
        )
        if any(i.sensitivity == Sensitivity.CONFIDENTIAL for i in closed):
            able = duties.holders(community.id, *CALLERS)
            closed = [i for i in closed if _has_caller(i, able)]
        share = int(tree().setting(community, "call_back_share") or 0)
        wanted = math.ceil(len(closed) * share / 100)
        if not wanted:
            return 0
        sample = _sample(closed, wanted, f"{seed}{week}")
        known = set(CallBack.objects.filter(item__in=[i.pk for i in sample]).values_list("item_id", flat=True))
        chosen = [i for i in sample if i.pk not in known]
        rows = [CallBack(item=i, community_id=community.id) for i in chosen]
        CallBack.objects.bulk_create(rows, ignore_conflicts=True)
        duties.open_(*(limits.call_back(i, r) for i, r in zip(chosen, rows, strict=True)))
        return len(rows)

    return queue.each(tree().of_kind(UnitKind.COMMUNITY), draw)


def _has_caller(item: Item, able: set[UUID]) -> bool:
    """Whether somebody may call back: of a confidential item one of the named persons who took no part in it."""
    return item.sensitivity != Sensitivity.CONFIDENTIAL or bool(
        able & set(item.named) - {item.reporter_id, item.handler_id, *item.assistants}
    )


def visible_to(user: User) -> QuerySet[CallBack]:
    """The call-backs of the communities where `user` may call back, of items that they may read."""
    return CallBack.objects.filter(visibility.readable(user, "item__"), community__in=user.rights.communities(*CALLERS))


def _sample(closed: list[Item], wanted: int, seed: str) -> list[Item]:
    """`wanted` of these items, mostly such as have no verdict, by a digest of `seed` and id."""
    in_order = sorted(closed, key=lambda i: hashlib.sha256(f"{seed}:{i.pk}".encode()).digest())
    doubtful = [i for i in in_order if i.verdict not in RATED]
    rated = [i for i in in_order if i.verdict in RATED]
    of_doubtful = min(len(doubtful), max(math.ceil(wanted * DOUBTFUL_SHARE), wanted - len(rated)))
    return doubtful[:of_doubtful] + rated[: wanted - of_doubtful]


def pending(user: User, call_back_id: UUID, *, lock: bool = False) -> CallBack:
    """The call-back, if `user` may see it; `NotFound` else."""
    rows = visible_to(user).filter(pk=call_back_id)
    row = (rows.select_for_update(of=("self",)) if lock else rows).select_related("item").first()
    if row is None:
        raise NotFound(_("没有找到这条回访，或您无权查看。"))
    return row


def record_call_back(user: User, call_back_id: UUID, data: RecordCallBack) -> CallBack:
    """Record what the resident said when called back, by somebody who neither reported nor handled it (2.4.2).

    A mismatch is reported to the managers. `on_site` is for where nobody can be called (no resident, anonymous).
    `no_answer` is noted and stays open until the third day. Safe to repeat. Raises `Conflict`, `NotFound`,
    `NotAllowed`.
    """
    with transaction.atomic():
        row = pending(user, call_back_id, lock=True)
        item = row.item
        allow(user, "call_back.record", row)
        outcome, verdict, matches = data.outcome, data.verdict or "", data.matches
        remark = masking.within(item, data.remark)[:1000]
        if row.done_at is not None:
            if row.caller_id == user.pk and row.outcome == outcome and row.matches == matches:
                return row
            raise Conflict(_("这条回访已经记录过。"))
        entry = states.entry(item, "call_back", user, outcome=outcome, matches=matches, verdict=verdict)
        Entry.objects.bulk_create([entry])
        if outcome == CallBackOutcome.NO_ANSWER and len(_days(row)) < limits.TRIES:
            return row
        row.caller, row.done_at, row.outcome, row.verdict = user, clock.now(), outcome, verdict
        row.matches, row.remark = matches, remark or None
        row.save()
        duties.meet("call_back", row.pk)
        if matches is False or verdict == "unsatisfied":
            notify_people(
                item,
                worded("回访发现 %(number)s“%(title)s”与记录不一致或居民不满意，请核查并决定是否重办。")
                % visibility.label(item),
                kind="call_back.mismatch",
                by=user,
                also=duties.holders(item.community_id, Role.MANAGER),
                reporters=False,
            )
    return row


def _days(row: CallBack) -> set[date]:
    zone = tree().setting(row.community_id, "time_zone")
    rows = Entry.objects.filter(
        item_id=row.item_id, at__gte=row.drawn_at, verb="call_back", data__outcome=CallBackOutcome.NO_ANSWER
    )
    return {clock.local(at, zone).date() for at in rows.values_list("at", flat=True)}
