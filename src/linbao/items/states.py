"""The life of an item, as one declared table (design §3). Nothing else changes `Item.status`.

`draft → submitted → (returned → submitted)* → approved → handling → resolved → informed → evaluated → closed`, with
merged, withdrawn and reopened → handling.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from linbao.core import clock
from linbao.core.states import Lifecycle, Transition
from linbao.items import masking
from linbao.items.models import OPEN_STATUSES, Entry, Item, Status
from linbao.organisation.models import User

S = Status

# `meets`: the duties that a verb fulfils; those that it opens are opened by the service, which knows their limits.
ITEM: Lifecycle[Item] = Lifecycle(
    "item",
    Status,
    Transition(verb="submit", name=_("上报"), sources=[S.DRAFT], target=S.SUBMITTED, perm="item.edit", clause="2.3.1"),
    Transition(
        verb="return",
        name=_("退回补正"),
        sources=[S.SUBMITTED],
        target=S.RETURNED,
        perm="item.review",
        clause="4.3.2",
        meets=("review",),
    ),
    Transition(
        verb="resubmit",
        name=_("重新上报"),
        sources=[S.RETURNED],
        target=S.SUBMITTED,
        perm="item.edit",
        clause="4.3.2",
        meets=("amend",),
    ),
    Transition(
        verb="approve",
        name=_("审核通过"),
        sources=[S.SUBMITTED],
        target=S.APPROVED,
        perm="item.review",
        clause="4.3.1",
        meets=("review",),
    ),
    Transition(
        verb="assign",
        name=_("交办"),
        sources=[S.APPROVED],
        target=S.HANDLING,
        perm="item.assign",
        clause="4.3.2",
        meets=("assign",),
    ),
    Transition(
        verb="resolve",
        name=_("办结"),
        sources=[S.HANDLING],
        target=S.RESOLVED,
        perm="item.resolve",
        clause="4.3.2",
        meets=("handle", "inform_progress"),
    ),
    Transition(
        verb="inform",
        name=_("反馈居民"),
        sources=[S.RESOLVED],
        target=S.INFORMED,
        perm="item.inform",
        clause="2.4.1",
        meets=("inform_resident", "inform_progress"),
    ),
    Transition(
        verb="evaluate",
        name=_("居民评价"),
        sources=[S.INFORMED],
        target=S.EVALUATED,
        perm="item.evaluate",
        clause="2.4.2",
        meets=("evaluate",),
    ),
    Transition(
        verb="close",
        name=_("归档"),
        sources=[S.EVALUATED],
        target=S.CLOSED,
        perm="item.close",
        clause="2.4.2",
        meets=("decide_unsatisfied",),
    ),
    Transition(
        verb="reopen",
        name=_("重办"),
        sources=[S.EVALUATED, S.CLOSED],
        target=S.HANDLING,
        perm="item.reopen",
        clause="2.4.2",
        meets=("decide_unsatisfied",),
    ),
    Transition(
        verb="merge",
        name=_("合并"),
        sources=[S.SUBMITTED, S.APPROVED],
        target=S.MERGED,
        perm="item.merge",
        clause="2.2.1",
        meets=("review", "assign"),
    ),
    Transition(
        verb="withdraw",
        name=_("撤回"),
        sources=[S.DRAFT, S.SUBMITTED, S.RETURNED],
        target=S.WITHDRAWN,
        perm="item.edit",
        clause="2.3.1",
        meets=("review", "amend"),
    ),
    initial=[S.DRAFT],
    final=[S.MERGED, S.WITHDRAWN],
    field="status",
    message=_("该条目当前为“%(now)s”，不能%(verb)s；可能已有他人办理，请刷新后查看。"),
)


def move(item: Item, verb: str, actor: User | None, *, note: str = "", check: bool = True, **data: Any) -> Entry:
    """Take the transition: set the status and return the timeline entry, neither saved yet.

    The caller holds the row's lock, saves item and entry, and opens and meets the duties (`Transition.meets`) in the
    same transaction. Raises `Conflict` when the item is no longer in a state to do it, `NotAllowed` when it is not
    the actor's to do. `check=False` is for what the resident does by link and the system does by rule.
    """
    ITEM.check(item, verb)
    if check and actor is not None:
        ITEM.permit(item, verb, actor)
    before = ITEM.advance(item, verb)
    item.priority = 1 if item.urgent and item.status in OPEN_STATUSES else 0
    item.version += 1
    item.changed_at = clock.now()
    return entry(item, verb, actor, note=note, before=before, after=item.status, **data)


def entry(
    item: Item, verb: str, actor: User | None, *, note: str = "", before: str = "", after: str = "", **data: Any
) -> Entry:
    """A timeline entry that is not saved yet; save several with `Entry.objects.bulk_create`. It names no persons: what
    was written is masked here."""
    return Entry(
        item=item,
        actor=actor,
        actor_name=actor.name if actor else "",
        verb=verb,
        before=before,
        after=after,
        note=masking.within(item, note),
        data=data,
    )
