"""The lives of a half-year's appraisal and of what it proposes, as declared tables (5.2.2, 5.2.3).

A cycle: `open → published → closed`; done again it is `superseded` by its next version. A proposal: `proposed →
accepted` or `declined`; `withdrawn` where the grade no longer leads to it.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.appraisal.models import Cycle, CycleState, Proposal, ProposalState
from linbao.core.states import Lifecycle, Transition

C, P = CycleState, ProposalState


def not_publishable(cycle: Cycle) -> str:
    """Why the results cannot be published now."""
    if cycle.state == C.SUPERSEDED:
        return _("这次考核已被重新考核代替，请在新的一次中告知结果。")
    return _("这次考核的结果已经告知。")


CYCLE: Lifecycle[Cycle] = Lifecycle(
    "appraisal cycle",
    CycleState,
    Transition(
        verb="rate",  # asked of the rating
        name=gettext_lazy("评价"),
        sources=[C.OPEN],
        target=None,
        perm="appraisal.rate",
        clause="5.2.2",
        message=gettext_lazy("评价已经截止；没有提交的部分不计入，权重按规则分给其他部分。"),
    ),
    Transition(
        verb="recount",
        name=gettext_lazy("重新统计"),
        sources=[C.OPEN],
        target=None,
        perm="appraisal.manage",
        clause="5.2.1",
        message=gettext_lazy("结果已经告知，不再重新统计；确有需要请重新考核。"),
    ),
    Transition(
        verb="calibrate",  # asked of the person's appraisal
        name=gettext_lazy("审定等次"),
        sources=[C.OPEN],
        target=None,
        perm="appraisal.calibrate",
        clause="5.2.2",
        message=gettext_lazy("结果已经告知，不能再审定；本人可以申诉，或者重新考核。"),
    ),
    Transition(
        verb="publish",
        name=gettext_lazy("告知结果"),
        sources=[C.OPEN],
        target=C.PUBLISHED,
        perm="appraisal.manage",
        clause="5.2.2",
        message=not_publishable,
        meets=("appraisal_publish",),
    ),
    Transition(
        verb="object",  # asked of the person's appraisal
        name=gettext_lazy("申诉"),
        sources=[C.PUBLISHED],
        target=None,
        perm="appraisal.object",
        clause="5.2.2",
        message=gettext_lazy("现在不在申诉期内；申诉须在告知结果后的期限内提出。"),
    ),
    Transition(
        verb="close", name=gettext_lazy("申诉期满"), sources=[C.PUBLISHED], target=C.CLOSED, perm="", clause="5.2.2"
    ),
    Transition(
        verb="reopen",
        name=gettext_lazy("重新考核"),
        sources=[C.PUBLISHED, C.CLOSED],
        target=C.SUPERSEDED,
        perm="appraisal.manage",
        clause="5.2.2",
        message=gettext_lazy("只有已告知结果的考核才能重新进行。"),
    ),
    initial=[C.OPEN],
    final=[C.SUPERSEDED],
)

DECIDED = gettext_lazy("这项建议当前为“%(now)s”，不能再决定。")

PROPOSAL: Lifecycle[Proposal] = Lifecycle(
    "appraisal proposal",
    ProposalState,
    Transition(
        verb="accept",
        name=gettext_lazy("采纳"),
        sources=[P.PROPOSED],
        target=P.ACCEPTED,
        perm="appraisal.propose",
        clause="5.2.3",
        message=DECIDED,
    ),
    Transition(
        verb="decline",
        name=gettext_lazy("不采纳"),
        sources=[P.PROPOSED],
        target=P.DECLINED,
        perm="appraisal.propose",
        clause="5.2.3",
        message=DECIDED,
    ),
    Transition(
        verb="withdraw", name=gettext_lazy("撤回"), sources=[P.PROPOSED, P.DECLINED], target=P.WITHDRAWN, clause="5.2.3"
    ),
    initial=[P.PROPOSED],
    final=[P.ACCEPTED, P.WITHDRAWN],
)
