"""Judging: oneself, one's peers, whom one leads (5.2.2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.appraisal.inputs import Rate
from linbao.appraisal.metrics import mark_score
from linbao.appraisal.models import Cycle, Rating, RatingKind
from linbao.appraisal.states import CYCLE
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.duties import services as duties
from linbao.organisation.models import User


def get(user: User, rating_id: UUID, *, lock: bool = False) -> Rating:
    """One's own rating to give; raises `NotFound`."""
    rows = Rating.objects.filter(rater=user).select_related("appraisal__cycle", "appraisal__person", "appraisal__group")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=rating_id).first()
    if row is None:
        raise NotFound(_("没有这份评价。"))
    return row


def ends_at(rating: Rating, cycle: Cycle) -> datetime:
    """Until when it can be given: a superior's until the result is told, however late."""
    return {"self": cycle.self_due, "peer": cycle.peer_due}.get(rating.kind, cycle.superior_due)


def is_open(rating: Rating, cycle: Cycle) -> bool:
    """Whether the rating can still be given: in its phase; a superior's until the result is published."""
    if not CYCLE.allows(cycle, "rate") or rating.left_out_at:
        return False
    return rating.kind == RatingKind.SUPERIOR or ends_at(rating, cycle) >= clock.now()


@transaction.atomic
def rate(user: User, rating_id: UUID, data: Rate) -> Rating:
    """Give a rating, or change it until its time is over. A superior gives facts; the highest and the lowest mark
    need facts from everybody. Meets the rater's duty when it was their last of this kind.

    Raises `Invalid` by field, `Conflict` when it is too late, `NotFound`.
    """
    row = get(user, rating_id, lock=True)
    allow(user, "appraisal.rate", row)
    cycle = row.appraisal.cycle
    if not is_open(row, cycle):
        raise Conflict(CYCLE.answer(cycle, "rate"))
    needed = row.kind == RatingKind.SUPERIOR or any(m in (1, 5) for m in data.marks.values())
    if needed and len(data.evidence) < 4:
        raise Invalid(
            fields={"evidence": [_("请写明事实依据，如条目编号和具体做法（上级评价，以及评“很好”或“差”的，都要写）。")]}
        )
    row.marks, row.score = data.marks, round(mark_score(data.marks, cycle.rules), 2)
    row.evidence, row.remark, row.submitted_at = data.evidence or None, data.remark or None, clock.now()
    row.save(update_fields=["marks", "score", "evidence", "remark", "submitted_at"])
    left = Rating.objects.filter(appraisal__cycle=cycle, rater=user, kind=row.kind, submitted_at__isnull=True)
    if not left.exists():
        duties.meet(f"appraisal_{row.kind}", cycle.pk, owner_id=user.pk)
    return row
