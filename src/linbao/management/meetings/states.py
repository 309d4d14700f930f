"""The lives of a meeting and of a problem on its list, as declared tables (5.3.3)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from linbao.core.states import Lifecycle, Transition
from linbao.management.models import Meeting, MeetingState, Problem, ProblemState

M, P = MeetingState, ProblemState
CANCELLED = _("会议已经取消。")

MEETING: Lifecycle[Meeting] = Lifecycle(
    "meeting",
    MeetingState,
    Transition(
        verb="attend",  # a point for the agenda, one's signature, one's report: whoever is invited
        name=_("参加会议"),
        sources=[M.CALLED, M.HELD],
        target=None,
        clause="5.3.3",
        message=CANCELLED,
    ),
    Transition(
        verb="keep",  # who came, what was decided
        name=_("登记会议"),
        sources=[M.CALLED, M.HELD],
        target=None,
        perm="meeting.keep",
        clause="5.3.3",
        message=CANCELLED,
    ),
    Transition(
        verb="hold",
        name=_("记录会议情况"),
        sources=[M.CALLED, M.HELD],
        target=M.HELD,
        perm="meeting.keep",
        clause="5.3.3",
        message=CANCELLED,
    ),
    Transition(
        verb="issue_minutes",
        name=_("签发纪要"),
        sources=[M.HELD],
        target=None,
        perm="meeting.keep",
        clause="5.3.3",
        message=_("请先记录会议情况，再签发纪要。"),
    ),
    Transition(
        verb="cancel",
        name=_("取消会议"),
        sources=[M.CALLED],
        target=M.CANCELLED,
        perm="meeting.keep",
        clause="5.3.3",
        message=_("会议已经召开，不能取消。"),
    ),
    initial=[M.CALLED],
    final=[M.HELD, M.CANCELLED],
)

PROBLEM: Lifecycle[Problem] = Lifecycle(
    "problem",
    ProblemState,
    Transition(verb="solve", name=_("解决"), sources=[P.OPEN], target=P.SOLVED, perm="problem.solve", clause="5.3.3"),
    Transition(
        verb="drop", name=_("不予解决"), sources=[P.OPEN], target=P.DROPPED, perm="problem.drop", clause="5.3.3"
    ),
    initial=[P.OPEN],
    final=[P.SOLVED, P.DROPPED],
    message=_("这个问题已经有了结果，请刷新查看。"),
)
