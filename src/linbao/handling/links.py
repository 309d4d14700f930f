"""The resident's private link `/r/<token>`: found by digest, printed again from its sealed token (2.4.1, 2.4.2).

Whoever has it sees the steps and the result of one matter, and no personal data of anybody.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, ids
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, NotFound, Problem
from linbao.duties import services as duties
from linbao.handling import loop
from linbao.handling.inputs import EvaluateByLink
from linbao.handling.models import Evaluation, Informing, Method, Outcome, ResidentLink
from linbao.items import masking
from linbao.items import services as item_services
from linbao.items.models import Item, Status
from linbao.organisation.models import User

LINK_LASTS = timedelta(days=180)


class Gone(Problem):
    """The link was valid once: expired or revoked."""

    status = 410
    code = "gone"


def digest_of(token: str) -> str:
    """The SHA-256 by which a link is found; its token is stored sealed."""
    return hashlib.sha256(token.encode()).hexdigest()


def link_of(user: User, item_id: UUID) -> ResidentLink:
    """The item's link, made if there is none or the old one has ended; its `token` can be read to print it.

    Raises `Conflict` before the item has been submitted, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.inform", item)
        if item.status in (Status.DRAFT, Status.WITHDRAWN):
            raise Conflict(_("该条目还没有上报，不能给居民链接。"))
        row = ResidentLink.objects.filter(item=item).first()
        if row is not None and row.revoked_at is None and row.expires_at > clock.now() + timedelta(days=14):
            return row
        row = row or ResidentLink(item=item)
        if row._state.adding or row.revoked_at is not None or row.expires_at <= clock.now():
            token = ids.code(20)  # 99 bits, and can be typed from paper
            row.token, row.digest, row.revoked_at, row.created_at = token, digest_of(token), None, clock.now()
            audit.record(user, "resident_link.make", item, unit_id=item.community_id)
        row.expires_at = clock.now() + duties.limit(item.community_id, "resident_link", LINK_LASTS)
        row.save()
    return row


def url(row: ResidentLink) -> str:
    """The address to send or print."""
    return f"{settings.BASE_URL}/r/{row.token}"


def revoke_link(user: User, item_id: UUID) -> None:
    """End the item's link at once (sent to the wrong person); a new one can be made."""
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.inform", item)
        ended = ResidentLink.objects.filter(item=item, revoked_at__isnull=True).update(revoked_at=clock.now())
        if ended:
            audit.record(user, "resident_link.revoke", item, unit_id=item.community_id)


def find(token: str) -> ResidentLink:
    """The link that `token` opens, with its item. Raises `NotFound`, or `Gone` when it has ended."""
    row = (
        ResidentLink.objects.select_related("item", "item__merged_into").filter(digest=digest_of(token)).first()
        if len(token) <= 64
        else None
    )
    if row is None:
        raise NotFound(_("这个链接不正确，请核对短信或反馈单上的地址。"))
    if row.revoked_at is not None:
        raise Gone(_("这个链接已停用，请联系您的社区信息报告员。"))
    if row.expires_at <= clock.now():
        raise Gone(_("这个链接已过期，请联系您的社区信息报告员。"))
    return row


def carrier(row: ResidentLink) -> Item:
    """The item that carries the matter: the one it was merged into, else itself."""
    return row.item.merged_into if row.item.merged_into_id and row.item.merged_into else row.item


def evaluate_by_link(token: str, data: EvaluateByLink) -> Evaluation:
    """The resident judges the result, without an account (2.4.2): once a round; again changes nothing.

    Opening the result by the link before the reporter has recorded anything counts as being informed. Raises
    `Conflict` (nothing to judge yet), `NotFound`, `Gone`.
    """
    with transaction.atomic():
        item = Item.objects.select_for_update(of=("self",)).get(pk=carrier(find(token)).pk)
        match = Evaluation.objects.filter(item=item, round=item.round).first()
        if match is not None:
            return match
        if item.status == Status.RESOLVED:
            informing = Informing(
                item=item,
                round=item.round,
                method=Method.SMS,
                outcome=Outcome.REACHED,
                by_id=item.reporter_id,
                message=_("居民通过链接查看了结果。"),
            )
            loop.informed(item, informing, None)
        if item.status != Status.INFORMED:
            raise Conflict(_("这件事还在办理，办结后再请您评价。"))
        row = Evaluation(verdict=data.verdict, remark=masking.within(item, data.remark) or None, by_link=True)
        loop.record(item, row, None)
    return row
