"""Judging: oneself, one's peers, whom one leads (5.2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.appraisal.metrics import mark_score
from linbao.appraisal.models import Cycle, Rating, RatingKind
from linbao.appraisal.states import CYCLE
from linbao.core import clock, text
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.duties import services as duties
from linbao.organisation.models import User
from linbao.organisation.rights import allow

# What people judge about each other; what can be counted is counted, not asked.
ASPECTS: dict[str, Any] = {
    "duty": gettext_lazy("履职尽责：按时完成走访、上报和交办的工作"),
    "skill": gettext_lazy("业务能力：情况看得准，写得清，分析有用"),
    "people": gettext_lazy("群众工作：待人耐心，回应居民，居民信任"),
    "together": gettext_lazy("协作守纪：与同事配合，遵守制度和保密要求"),
}
MARKS: list[tuple[int, Any]] = [
    (5, gettext_lazy("很好")),
    (4, gettext_lazy("好")),
    (3, gettext_lazy("一般")),
    (2, gettext_lazy("较差")),
    (1, gettext_lazy("差")),
]
LONGEST = 1000


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
    if not CYCLE.allows(cycle, "rate") or rating.left_out_at:
        return False
    return rating.kind == RatingKind.SUPERIOR or ends_at(rating, cycle) >= clock.now()


@transaction.atomic
def rate(user: User, rating_id: UUID, *, marks: Mapping[str, Any], evidence: str = "", remark: str = "") -> Rating:
    """Give a rating, or change it until its time is over. A superior gives facts; the highest and the lowest mark
    need facts from everybody. Meets the rater's duty when it was their last of this kind.

    Raises `Invalid` by field, `Conflict` when it is too late, `NotFound`.
    """
    row = get(user, rating_id, lock=True)
    allow(user, "appraisal.rate", row)
    cycle = row.appraisal.cycle
    if not is_open(row, cycle):
        raise Conflict(CYCLE.answer(cycle, "rate"))
    errors: dict[str, list[str]] = {}
    data: dict[str, int] = {}
    for aspect in ASPECTS:
        value = str(marks.get(aspect, "")).strip()
        if value not in ("1", "2", "3", "4", "5"):
            errors[aspect] = [_("请给“%(aspect)s”打分。") % {"aspect": ASPECTS[aspect]}]
        else:
            data[aspect] = int(value)
    evidence, remark = text.clean(evidence), text.clean(remark)
    for name, message in (("evidence", evidence), ("remark", remark)):
        if len(message) > LONGEST:
            errors[name] = [_("不超过 %(n)d 字。") % {"n": LONGEST}]
    needed = row.kind == RatingKind.SUPERIOR or any(m in (1, 5) for m in data.values())
    if needed and len(evidence) < 4 and "evidence" not in errors:
        errors["evidence"] = [_("请写明事实依据，如条目编号和具体做法（上级评价，以及评“很好”或“差”的，都要写）。")]
    if errors:
        raise Invalid(fields=errors)
    row.marks, row.score = data, round(mark_score(data, cycle.rules), 2)
    row.evidence, row.remark, row.submitted_at = evidence or None, remark or None, clock.now()
    row.save(update_fields=["marks", "score", "evidence", "remark", "submitted_at"])
    left = Rating.objects.filter(appraisal__cycle=cycle, rater=user, kind=row.kind, submitted_at__isnull=True)
    if not left.exists():
        duties.meet(f"appraisal_{row.kind}", cycle.pk, owner_id=user.pk)
    return row
