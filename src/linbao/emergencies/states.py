"""The life of an emergency, as one declared table (2.3.2, 4.2.1).

`opened → called → reporting → finished`; it may go on in another (`joined`) or end without a final report (`ended`).
The state follows from the times on the row (`UrgentReport.state`); a verb writes these.
"""

from __future__ import annotations

from functools import partial

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core.states import Lifecycle, Transition
from linbao.emergencies.models import UrgentReport, UrgentStage, UrgentState

S = UrgentState
OPEN = (S.OPENED, S.CALLED, S.REPORTING)
STILL_OPEN = Q(joined_to__isnull=True, ended_at__isnull=True, finished_at__isnull=True)


def not_writable(report: UrgentReport, *, first: bool) -> str:
    """Why no written version of this stage can be filed now."""
    if report.state == S.JOINED:
        return _("这份报告已并入另一起，请在那里续报。")
    if report.state == S.ENDED:
        return _("这起紧急情况已结束：%(why)s。") % {"why": report.get_end_reason_display()}
    if report.state == S.OPENED:
        return _("请先电话报告并记录通话，再提交书面报告。")
    if report.state == S.CALLED:
        return _("请先提交首报。")
    return _("首报已提交，请选择续报、更正或终报。") if first else _("终报已提交；之后只能更正。")


def not_joinable(report: UrgentReport) -> str:
    """Why the report cannot go on as part of another."""
    if report.state == S.ENDED:
        return not_writable(report, first=False)
    return _("已提交书面报告的不能并入，请由管理部门在审核中合并。")


def not_callable(report: UrgentReport) -> str:
    """Why no call can be recorded as the first."""
    if report.state in (S.ENDED, S.JOINED):
        return _("这起紧急情况已结束或已并入另一起。")
    return _("电话报告已经登记，请刷新后查看。")


NOT_FIRST, NOT_FURTHER = partial(not_writable, first=True), partial(not_writable, first=False)

# Written versions are named by their stage.
URGENT_REPORT: Lifecycle[UrgentReport] = Lifecycle(
    "emergency",
    UrgentState,
    Transition(
        verb="complete",
        name=gettext_lazy("补充情况"),
        sources=[S.OPENED, S.CALLED],
        target=None,
        perm="urgent.call",
        clause="2.3.2",
        message=gettext_lazy("书面报告已提交；有变化请续报或更正。"),
    ),
    Transition(
        verb="call",  # one that opened anew with written versions is then `reporting`
        name=gettext_lazy("电话报告"),
        sources=[S.OPENED],
        target=S.CALLED,
        perm="urgent.call",
        clause="4.2.1",
        message=not_callable,
        meets=("urgent_call",),
    ),
    Transition(
        verb=UrgentStage.FIRST.value,
        name=UrgentStage.FIRST.label,
        sources=[S.CALLED],
        target=S.REPORTING,
        perm="urgent.write",
        clause="4.2.1",
        message=NOT_FIRST,
        meets=("urgent_written",),
    ),
    Transition(
        verb=UrgentStage.FOLLOW_UP.value,
        name=UrgentStage.FOLLOW_UP.label,
        sources=[S.REPORTING],
        target=None,
        perm="urgent.write",
        clause="2.3.2",
        message=NOT_FURTHER,
        meets=("urgent_follow_up",),
    ),
    Transition(
        verb=UrgentStage.CORRECTION.value,
        name=UrgentStage.CORRECTION.label,
        sources=[S.REPORTING, S.FINISHED],
        target=None,
        perm="urgent.write",
        clause="2.3.2",
        message=NOT_FURTHER,
        meets=("urgent_follow_up",),
    ),
    Transition(
        verb=UrgentStage.FINAL.value,
        name=UrgentStage.FINAL.label,
        sources=[S.REPORTING],
        target=S.FINISHED,
        perm="urgent.write",
        clause="2.3.2",
        message=NOT_FURTHER,
        meets=("urgent_follow_up",),
    ),
    Transition(
        verb="join",
        name=gettext_lazy("并为一起"),
        sources=[S.OPENED, S.CALLED, S.JOINED],
        target=S.JOINED,
        perm="urgent.join",
        clause="2.3.2",
        message=not_joinable,
    ),
    Transition(verb="merge", name=gettext_lazy("随条目合并"), sources=OPEN, target=S.JOINED, perm="", clause="2.2.1"),
    Transition(
        verb="end", name=gettext_lazy("随条目撤回、合并或取消紧急"), sources=OPEN, target=S.ENDED, clause="2.3.2"
    ),
    Transition(verb="reopen", name=gettext_lazy("重新认定为紧急"), sources=[S.ENDED], target=S.OPENED, clause="2.3.2"),
    initial=[S.OPENED],
    final=[S.FINISHED, S.JOINED],
    conditions={
        S.OPENED: STILL_OPEN & Q(called_at__isnull=True),
        S.CALLED: STILL_OPEN & Q(called_at__isnull=False, versions_made=0),
        S.REPORTING: STILL_OPEN & Q(called_at__isnull=False, versions_made__gt=0),
        S.FINISHED: Q(joined_to__isnull=True, ended_at__isnull=True, finished_at__isnull=False),
        S.JOINED: Q(joined_to__isnull=False),
        S.ENDED: Q(joined_to__isnull=True, ended_at__isnull=False),
    },
)
