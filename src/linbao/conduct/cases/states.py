"""The life of a case, as one declared table (7.2.1, 7.2.2).

`open → decided → final`, with `appealed → final` between; or `dismissed`, at once or on appeal.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.conduct.models import Case, CaseState
from linbao.core.states import Lifecycle, Transition

S = CaseState


def decided_already(case: Case) -> str:
    """Who was first to decide."""
    by = case.decided_by.name if case.decided_by else ""
    return _("案件已由%(name)s作出决定，您的决定没有保存。") % {"name": by}


def appeal_decided_already(case: Case) -> str:
    """Who was first to decide the appeal."""
    by = case.appeal_decided_by.name if case.appeal_decided_by else ""
    return _("申诉已由%(name)s决定，您的决定没有保存。") % {"name": by}


CASE: Lifecycle[Case] = Lifecycle(
    "disciplinary case",
    CaseState,
    Transition(
        verb="add_evidence",
        name=gettext_lazy("补充证据"),
        sources=[S.OPEN],
        target=None,
        perm="case.add_evidence",
        clause="7.2.1",
        message=gettext_lazy("案件已有决定，不能再补充证据。"),
    ),
    Transition(
        verb="name_deciders",
        name=gettext_lazy("指定决定人"),
        sources=[S.OPEN],
        target=None,
        perm="case.add_evidence",
        clause="7.2.1",
        message=gettext_lazy("案件已有决定。"),
    ),
    Transition(
        verb="state",
        name=gettext_lazy("陈述申辩"),
        sources=[S.OPEN],
        target=None,
        perm="case.state",
        clause="7.2.1",
        message=gettext_lazy("陈述申辩已经提交，或案件已有决定。"),
        meets=("case_statement",),
    ),
    Transition(
        verb="decide",
        name=gettext_lazy("作出处理决定"),
        sources=[S.OPEN],
        target=S.DECIDED,
        perm="case.decide",
        clause="7.2.1",
        message=decided_already,
        meets=("case_decide",),
    ),
    Transition(
        verb="dismiss",
        name=gettext_lazy("不予追究"),
        sources=[S.OPEN],
        target=S.DISMISSED,
        perm="case.decide",
        clause="7.2.1",
        message=decided_already,
        meets=("case_decide",),
    ),
    Transition(
        verb="appeal",
        name=gettext_lazy("申诉"),
        sources=[S.DECIDED],
        target=S.APPEALED,
        perm="case.appeal",
        clause="7.2.2",
        message=gettext_lazy("这件事项现在不能申诉。"),
    ),
    Transition(verb="become_final", name=gettext_lazy("申诉期满"), sources=[S.DECIDED], target=S.FINAL, clause="7.2.2"),
    Transition(
        verb="decide_appeal",
        name=gettext_lazy("维持或减轻处理"),
        sources=[S.APPEALED],
        target=S.FINAL,
        perm="case.decide_appeal",
        clause="7.2.2",
        message=appeal_decided_already,
        meets=("appeal_decide",),
    ),
    Transition(
        verb="set_aside",
        name=gettext_lazy("撤销处理"),
        sources=[S.APPEALED],
        target=S.DISMISSED,
        perm="case.decide_appeal",
        clause="7.2.2",
        message=appeal_decided_already,
        meets=("appeal_decide",),
    ),
    initial=[S.OPEN],
    final=[S.FINAL, S.DISMISSED],
)
