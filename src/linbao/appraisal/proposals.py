"""What a result suggests (5.2.3): 优秀 a commendation, the lower grades talk, training, another post. The manager
decides."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.appraisal.inputs import DecideProposal
from linbao.appraisal.metrics import METRICS
from linbao.appraisal.models import Appraisal, Grade, Proposal, ProposalKind, ProposalState
from linbao.appraisal.states import PROPOSAL
from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.problems import NotFound
from linbao.organisation.models import Role, User

K = ProposalKind
FOLLOWS: dict[str, tuple[ProposalKind, ...]] = {
    Grade.EXCELLENT: (K.COMMENDATION,),
    Grade.BASIC: (K.TALK, K.TRAINING),
    Grade.FAILING: (K.TALK, K.TRAINING, K.REASSIGNMENT),
}


def propose(people: Sequence[Appraisal]) -> None:
    """The proposals that follow from these grades; ones that stand and no longer follow are taken back, unless they
    were accepted already. In the caller's transaction."""
    standing = list(Proposal.objects.filter(appraisal__in=people).exclude(state=ProposalState.WITHDRAWN))
    wanted = {(a.pk, kind): a for a in people for kind in FOLLOWS.get(a.grade, ())}
    gone = [p.pk for p in standing if (p.appraisal_id, p.kind) not in wanted]
    PROPOSAL.move_all(Proposal.objects.filter(pk__in=gone), "withdraw")
    there = {(p.appraisal_id, p.kind) for p in standing}
    Proposal.objects.bulk_create(
        Proposal(appraisal=a, kind=kind, metric=_weakest(a) if kind == K.TRAINING else "")
        for (pk, kind), a in wanted.items()
        if (pk, kind) not in there
    )


def _weakest(appraisal: Appraisal) -> str:
    scores = {m: appraisal.figures.get(m, {}).get("score") for m in METRICS}
    known = {m: s for m, s in scores.items() if s is not None}
    return min(known, key=lambda m: known[m]) if known else ""


@transaction.atomic
def decide_proposal(user: User, proposal_id: UUID, data: DecideProposal) -> Proposal:
    """Accept or decline, always with a reason. Deciding the same again changes nothing.

    Raises `Conflict` when another has decided otherwise, `NotFound`, `NotAllowed`.
    """
    led = user.rights.communities(Role.MANAGER)
    row = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("appraisal__cycle")
        .filter(pk=proposal_id, appraisal__cycle__unit__in_array=led)
        .first()
    )
    if row is None:
        raise NotFound(_("没有这项建议。"))
    verb = data.decision
    state = ProposalState.ACCEPTED if verb == "accept" else ProposalState.DECLINED
    PROPOSAL.permit(row, verb, user)
    if row.state == state and row.decided_by_id == user.pk:
        return row
    PROPOSAL.check(row, verb)
    PROPOSAL.move(row, verb, reason=data.reason, decided_by=user, decided_at=clock.now())
    audit.record(
        user,
        "appraisal.proposal",
        row.appraisal,
        unit_id=row.appraisal.cycle.unit_id,
        kind=str(ProposalKind(row.kind).label),
        state=str(state.label),
    )
    return row
