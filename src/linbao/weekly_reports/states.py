"""The life of a weekly report, as one declared table (4.1.1, 4.3.1, 4.3.2).

`assembled → confirmed → accepted`, or `returned → confirmed` again; what has not been sent yet can be taken back.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core.states import Lifecycle, Transition
from linbao.weekly_reports.models import ReportStatus, WeeklyReport

S = ReportStatus


def not_reviewable(report: WeeklyReport) -> str:
    """Why the report cannot be reviewed now."""
    if report.status == S.CONFIRMED and report.sent_at is None:
        return _("报告员刚刚确认，还可以撤回；发出后再审阅。")
    return _("这份周报当前为“%(now)s”，不能审阅。") % {"now": S(report.status).label}


def not_retractable(report: WeeklyReport) -> str:
    """Why the confirmation cannot be taken back now."""
    if report.status == S.ASSEMBLED:
        return _("这份周报已经撤回，请刷新后查看。")
    return _("周报已经发出，不能再撤回；需要更正的，请联系审核员退回修改。")


WEEKLY_REPORT: Lifecycle[WeeklyReport] = Lifecycle(
    "weekly report",
    ReportStatus,
    Transition(
        verb="confirm",
        name=gettext_lazy("确认报送"),
        sources=[S.ASSEMBLED, S.RETURNED],
        target=S.CONFIRMED,
        perm="report.confirm",
        clause="4.1.1",
    ),
    Transition(
        verb="take_back",
        name=gettext_lazy("撤回"),
        sources=[S.CONFIRMED],
        target=S.ASSEMBLED,
        perm="report.confirm",
        clause="4.1.1",
        message=not_retractable,
    ),
    Transition(
        verb="take_back_amended",  # of a later version: it is again what came back
        name=gettext_lazy("撤回"),
        sources=[S.CONFIRMED],
        target=S.RETURNED,
        perm="report.confirm",
        clause="4.1.1",
        message=not_retractable,
    ),
    Transition(
        verb="accept",
        name=gettext_lazy("审阅通过"),
        sources=[S.CONFIRMED],
        target=S.ACCEPTED,
        perm="report.review",
        clause="4.3.1",
        message=not_reviewable,
    ),
    Transition(
        verb="return",
        name=gettext_lazy("退回修改"),
        sources=[S.CONFIRMED],
        target=S.RETURNED,
        perm="report.review",
        clause="4.3.2",
        message=not_reviewable,
    ),
    initial=[S.ASSEMBLED],
    final=[S.ACCEPTED],
    field="status",
)
