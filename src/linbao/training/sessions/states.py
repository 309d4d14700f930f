"""The lives of a training session and of a person's seat in it, as declared tables (5.1.3)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core.states import Lifecycle, Transition
from linbao.training.models import Seat, SeatStatus, Session, SessionStatus

S, P = SessionStatus, SeatStatus
CANCELLED = gettext_lazy("这次培训已取消。")


def not_planned(session: Session) -> str:
    """Why nothing can be arranged any more."""
    return str(CANCELLED) if session.status == S.CANCELLED else _("这次培训已经结束。")


def not_signable(session: Session) -> str:
    """Why nobody can sign in or out."""
    if session.status == S.CANCELLED:
        return _("这次培训已取消，不能签到。")
    return _("这次培训已经结束；如确已到场，请联系培训专员补登。")


SESSION: Lifecycle[Session] = Lifecycle(
    "training session",
    SessionStatus,
    Transition(
        verb="arrange",  # time, place, lecturers, who is invited
        name=gettext_lazy("安排培训"),
        sources=[S.PLANNED],
        target=None,
        perm="training.run",
        clause="5.1.1",
        message=not_planned,
    ),
    Transition(
        verb="enrol",  # or ask for leave
        name=gettext_lazy("报名或请假"),
        sources=[S.PLANNED],
        target=None,
        perm="training.attend",
        clause="5.1.3",
        message=not_planned,
    ),
    Transition(
        verb="sign",
        name=gettext_lazy("签到签退"),
        sources=[S.PLANNED],
        target=None,
        perm="training.attend",
        clause="5.1.3",
        message=not_signable,
    ),
    Transition(
        verb="supplement",  # presence by hand, materials, the quiz
        name=gettext_lazy("补登"),
        sources=[S.PLANNED, S.HELD],
        target=None,
        perm="training.run",
        clause="5.1.3",
        message=CANCELLED,
    ),
    Transition(
        verb="end",
        name=gettext_lazy("办理结束"),
        sources=[S.PLANNED],
        target=S.HELD,
        perm="training.run",
        clause="5.1.3",
        message=CANCELLED,
    ),
    Transition(
        verb="issue_record",
        name=gettext_lazy("生成培训记录"),
        sources=[S.HELD],
        target=None,
        perm="training.run",
        clause="5.1.3",
        message=gettext_lazy("培训结束后才能生成培训记录。"),
    ),
    Transition(
        verb="cancel",
        name=gettext_lazy("取消培训"),
        sources=[S.PLANNED],
        target=S.CANCELLED,
        perm="training.run",
        clause="5.1.3",
        message=not_planned,
    ),
    initial=[S.PLANNED],
    final=[S.HELD, S.CANCELLED],
    field="status",
)

SEAT: Lifecycle[Seat] = Lifecycle(
    "seat in a training session",
    SeatStatus,
    Transition(
        verb="enrol",  # who was on leave comes after all
        name=gettext_lazy("报名"),
        sources=[P.INVITED, P.LEAVE_ASKED, P.LEAVE],
        target=P.ENROLLED,
        perm="training.attend",
        of="session",
        clause="5.1.3",
    ),
    Transition(
        verb="ask_leave",
        name=gettext_lazy("请假"),
        sources=[P.INVITED, P.ENROLLED, P.LEAVE_ASKED],
        target=P.LEAVE_ASKED,
        perm="training.attend",
        of="session",
        clause="5.1.3",
    ),
    Transition(
        verb="grant_leave",
        name=gettext_lazy("准假"),
        sources=[P.LEAVE_ASKED],
        target=P.LEAVE,
        perm="training.run",
        of="session",
        clause="5.1.3",
        message=gettext_lazy("这条请假已经处理过了。"),
    ),
    Transition(
        verb="refuse_leave",
        name=gettext_lazy("不准假"),
        sources=[P.LEAVE_ASKED],
        target=P.INVITED,
        perm="training.run",
        of="session",
        clause="5.1.3",
        message=gettext_lazy("这条请假已经处理过了。"),
    ),
    initial=[P.INVITED, P.ENROLLED],
    final=[],
    field="status",
)
