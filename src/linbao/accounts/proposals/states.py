"""The life of a proposed role, as one declared table (6.1.1): in force once a second person confirmed it."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.accounts.models import ProposalState, RoleProposal
from linbao.core.states import Lifecycle, Transition

S = ProposalState


def decided_already(proposal: RoleProposal) -> str:
    """What became of the proposal."""
    return _("这项申请已有结果：%(state)s。") % {"state": proposal.get_state_display()}


ROLE_PROPOSAL: Lifecycle[RoleProposal] = Lifecycle(
    "role proposal",
    ProposalState,
    Transition(
        verb="confirm",
        name=gettext_lazy("确认授予"),
        sources=[S.WAITING],
        target=S.CONFIRMED,
        perm="grant.confirm",
        of="unit",
        clause="6.1.1",
    ),
    Transition(
        verb="refuse",
        name=gettext_lazy("不同意授予"),
        sources=[S.WAITING],
        target=S.REFUSED,
        perm="grant.confirm",
        of="unit",
        clause="6.1.1",
    ),
    Transition(
        verb="withdraw",
        name=gettext_lazy("撤回"),
        sources=[S.WAITING],
        target=S.WITHDRAWN,
        perm="unit.manage",
        of="unit",
        clause="6.1.1",
    ),
    initial=[S.WAITING],
    final=[S.CONFIRMED, S.REFUSED, S.WITHDRAWN],
    message=decided_already,
)
