"""The lives of a task and of each person's share of it, as declared tables (5.3.1)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core.states import Lifecycle, Transition
from linbao.management.models import PartState, Task, TaskPart, TaskState

T, P = TaskState, PartState
ENDED = gettext_lazy("任务已经结束，不能再改动。")


def not_open(part: TaskPart) -> str:
    """Who did the share before, or that it was taken back."""
    if part.state == P.DONE:
        name = part.done_by.name if part.done_by else part.person.name
        return _("这份任务已由%(name)s办完，无需再办。") % {"name": name}
    return _("任务已经收回，不能再改动。")


TASK: Lifecycle[Task] = Lifecycle(
    "task",
    TaskState,
    Transition(
        verb="move_due",
        name=gettext_lazy("调整期限"),
        sources=[T.OPEN],
        target=None,
        perm="task.lead",
        clause="5.3.1",
        message=ENDED,
    ),
    Transition(
        verb="complete", name=gettext_lazy("全部办完"), sources=[T.OPEN], target=T.DONE, perm="", clause="5.3.1"
    ),
    Transition(
        verb="end",
        name=gettext_lazy("收回任务"),
        sources=[T.OPEN],
        target=T.ENDED,
        perm="task.lead",
        clause="5.3.1",
        message=ENDED,
    ),
    initial=[T.OPEN],
    final=[T.DONE, T.ENDED],
)

TASK_PART: Lifecycle[TaskPart] = Lifecycle(
    "share of a task",
    PartState,
    Transition(
        verb="tick", name=gettext_lazy("勾选清单"), sources=[P.OPEN], target=None, perm="task.do", clause="5.3.1"
    ),
    Transition(
        verb="done",
        name=gettext_lazy("办完"),
        sources=[P.OPEN],
        target=P.DONE,
        perm="task.do",
        clause="5.3.1",
        meets=("task",),
    ),
    Transition(
        verb="take_back",
        name=gettext_lazy("收回"),
        sources=[P.OPEN],
        target=P.TAKEN_BACK,
        perm="task.lead",
        of="task",
        clause="5.3.1",
    ),
    initial=[P.OPEN],
    final=[P.DONE, P.TAKEN_BACK],
    message=not_open,
)
