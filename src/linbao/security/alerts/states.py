"""The life of an alert, as one declared table (6.1.3): open, taken by an officer, closed with what was found."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core.states import Lifecycle, Transition
from linbao.security.models import Alert, AlertState

S = AlertState
CLOSED = gettext_lazy("这条警报已经处理完毕。")


def not_takable(alert: Alert) -> str:
    """Why somebody else cannot take the alert now."""
    if alert.state == S.CLOSED:
        return str(CLOSED)
    return _("这条警报已由%(name)s处理。") % {"name": alert.handled_by.name if alert.handled_by else ""}


ALERT: Lifecycle[Alert] = Lifecycle(
    "security alert",
    AlertState,
    Transition(
        verb="take",
        name=gettext_lazy("开始处理"),
        sources=[S.OPEN],
        target=S.TAKEN,
        perm="security.keep",
        of="unit",
        clause="6.1.3",
        message=not_takable,
    ),
    Transition(
        verb="close",
        name=gettext_lazy("处理完毕"),
        sources=[S.OPEN, S.TAKEN],
        target=S.CLOSED,
        perm="security.keep",
        of="unit",
        clause="6.1.3",
        message=CLOSED,
    ),
    initial=[S.OPEN],
    final=[S.CLOSED],
)
