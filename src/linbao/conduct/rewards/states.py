"""The life of a nomination, as one declared table (7.1.1): open, then granted, declined or withdrawn."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.conduct.models import Nomination, NominationState
from linbao.core.states import Lifecycle, Transition

S = NominationState


def decided_already(nomination: Nomination) -> str:
    """Who was first to decide, and how."""
    return _("这项提名已由%(name)s决定（%(state)s），您的决定没有保存。") % {
        "name": nomination.decided_by.name if nomination.decided_by else "",
        "state": nomination.get_state_display(),
    }


NOMINATION: Lifecycle[Nomination] = Lifecycle(
    "nomination",
    NominationState,
    Transition(
        verb="grant",
        name=gettext_lazy("表彰"),
        sources=[S.OPEN],
        target=S.GRANTED,
        perm="reward.decide",
        clause="7.1.2",
        message=decided_already,
        meets=("reward_decide",),
    ),
    Transition(
        verb="decline",
        name=gettext_lazy("不予表彰"),
        sources=[S.OPEN],
        target=S.DECLINED,
        perm="reward.decide",
        clause="7.1.2",
        message=decided_already,
        meets=("reward_decide",),
    ),
    Transition(
        verb="withdraw",
        name=gettext_lazy("撤回"),
        sources=[S.OPEN],
        target=S.WITHDRAWN,
        perm="reward.withdraw",
        clause="7.1.1",
        message=gettext_lazy("提名已经决定，不能撤回。"),
    ),
    initial=[S.OPEN],
    final=[S.GRANTED, S.DECLINED, S.WITHDRAWN],
)
