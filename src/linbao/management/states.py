"""The life of an application for leave, as one declared table (5.3.1)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core.states import Lifecycle, Transition
from linbao.duties.models import Leave, LeaveState

S = LeaveState


def decided_already(leave: Leave) -> str:
    """What became of the application."""
    return _("这份申请已经%(state)s，不能再审批。") % {"state": leave.get_state_display()}


LEAVE: Lifecycle[Leave] = Lifecycle(
    "leave",
    LeaveState,
    Transition(
        verb="approve",
        name=gettext_lazy("批准"),
        sources=[S.ASKED],
        target=S.APPROVED,
        perm="leave.decide",
        clause="5.3.1",
        message=decided_already,
    ),
    Transition(
        verb="refuse",
        name=gettext_lazy("不批准"),
        sources=[S.ASKED],
        target=S.REFUSED,
        perm="leave.decide",
        clause="5.3.1",
        message=decided_already,
    ),
    Transition(
        verb="cancel",
        name=gettext_lazy("取消请假"),
        sources=[S.ASKED, S.APPROVED],
        target=S.CANCELLED,
        perm="leave.cancel",
        clause="5.3.1",
        message=gettext_lazy("这份申请没有批准，无需取消。"),
    ),
    initial=[S.ASKED],
    final=[S.REFUSED, S.CANCELLED],
)
