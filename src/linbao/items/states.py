"""The life of an item, as one declared table (design §3). Nothing else changes `Item.status`.

`draft → submitted → (returned → submitted)* → approved → handling → resolved → informed →
evaluated → closed`, with merged, withdrawn and reopened → handling.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core import clock
from linbao.core.problems import Conflict
from linbao.items import masking
from linbao.items.models import OPEN_STATUSES, Entry, Item, Status
from linbao.organisation.models import User
from linbao.organisation.rights import allow

S = Status


@dataclass(frozen=True)
class Transition:
    """`perm` names the predicate (some room's permissions.py) that says who may; `meets` the duties that
    it fulfils. Duties that it opens are opened by the action, which knows their limits."""

    verb: str
    name: str | Promise
    sources: frozenset[str]
    target: str
    perm: str
    clause: str
    meets: tuple[str, ...] = ()


def _t(
    verb: str, name: str | Promise, sources: Iterable[str], target: str, perm: str, clause: str, *meets: str
) -> Transition:
    return Transition(verb, name, frozenset(sources), target, perm, clause, meets)


TRANSITIONS: dict[str, Transition] = {
    t.verb: t
    for t in (
        _t("submit", gettext_lazy("上报"), [S.DRAFT], S.SUBMITTED, "item.edit", "2.3.1"),
        _t("return", gettext_lazy("退回补正"), [S.SUBMITTED], S.RETURNED, "item.review", "4.3.2", "review"),
        _t("resubmit", gettext_lazy("重新上报"), [S.RETURNED], S.SUBMITTED, "item.edit", "4.3.2", "amend"),
        _t("approve", gettext_lazy("审核通过"), [S.SUBMITTED], S.APPROVED, "item.review", "4.3.1", "review"),
        _t("assign", gettext_lazy("交办"), [S.APPROVED], S.HANDLING, "item.assign", "4.3.2", "assign"),
        _t(
            "resolve",
            gettext_lazy("办结"),
            [S.HANDLING],
            S.RESOLVED,
            "item.handle",
            "4.3.2",
            "handle",
            "inform_progress",
        ),
        _t("inform", gettext_lazy("反馈居民"), [S.RESOLVED], S.INFORMED, "item.inform", "2.4.1", "inform_resident"),
        _t("evaluate", gettext_lazy("居民评价"), [S.INFORMED], S.EVALUATED, "item.evaluate", "2.4.2", "evaluate"),
        _t("close", gettext_lazy("归档"), [S.EVALUATED], S.CLOSED, "item.close", "2.4.2", "decide_unsatisfied"),
        _t(
            "reopen",
            gettext_lazy("重办"),
            [S.EVALUATED, S.CLOSED],
            S.HANDLING,
            "item.reopen",
            "2.4.2",
            "decide_unsatisfied",
        ),
        _t(
            "merge",
            gettext_lazy("合并"),
            [S.SUBMITTED, S.APPROVED],
            S.MERGED,
            "item.merge",
            "2.2.1",
            "review",
            "assign",
        ),
        _t(
            "withdraw",
            gettext_lazy("撤回"),
            [S.DRAFT, S.SUBMITTED, S.RETURNED],
            S.WITHDRAWN,
            "item.edit",
            "2.3.1",
            "review",
            "amend",
        ),
    )
}


def may(user: User, verb: str, item: Item) -> bool:
    """Whether `user` may take this transition now: the state allows it and the rule says yes."""
    t = TRANSITIONS[verb]
    return item.status in t.sources and user.has_perm(t.perm, item)


def move(item: Item, verb: str, actor: User | None, *, words: str = "", check: bool = True, **data: Any) -> Entry:
    """Take the transition: set the status and return the timeline entry, neither saved yet.

    The caller holds the row's lock, saves item and entry, and opens and meets the duties
    (`TRANSITIONS[verb].meets`) in the same transaction. Raises `Conflict` when the item is no
    longer in a state to do it, `NotAllowed` when it is not the actor's to do. `check=False` is for
    what the resident does by link and the system does by rule.
    """
    t = TRANSITIONS[verb]
    if item.status not in t.sources:
        raise Conflict(
            _("该条目当前为“%(now)s”，不能%(verb)s；可能已有他人办理，请刷新后查看。")
            % {"now": Status(item.status).label, "verb": t.name}
        )
    if check and actor is not None:
        allow(actor, t.perm, item)
    before = item.status
    item.status = t.target
    item.priority = 1 if item.urgent and item.status in OPEN_STATUSES else 0
    item.version += 1
    item.changed_at = clock.now()
    return entry(item, verb, actor, words=words, before=before, after=item.status, **data)


def entry(
    item: Item, verb: str, actor: User | None, *, words: str = "", before: str = "", after: str = "", **data: Any
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
        words=masking.within(item, words),
        data=data,
    )
