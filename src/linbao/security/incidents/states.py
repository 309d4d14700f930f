"""The life of a security incident, as one declared table (6.1.1): noticed, classified, contained, closed."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core.states import Lifecycle, Transition
from linbao.security.models import Incident, IncidentState

S = IncidentState
OPEN = (S.NOTICED, S.CLASSIFIED, S.CONTAINED)
CLOSED = gettext_lazy("这个事件已经结案，记录不再改动。")


def not_classifiable(incident: Incident) -> str:
    """Why the incident is not classified for the first time now."""
    return str(CLOSED) if incident.state == S.CLOSED else _("这个事件刚由他人研判，请刷新后查看。")


def not_containable(incident: Incident) -> str:
    """Why no measures of containment can be recorded now."""
    return str(CLOSED) if incident.state == S.CLOSED else _("请先研判，再记录控制措施。")


def not_closable(incident: Incident) -> str:
    """Why the incident cannot be closed now."""
    return str(CLOSED) if incident.state == S.CLOSED else _("请先研判并记录控制措施，再结案。")


INCIDENT: Lifecycle[Incident] = Lifecycle(
    "security incident",
    IncidentState,
    Transition(
        verb="classify",
        name=gettext_lazy("研判"),
        sources=[S.NOTICED],
        target=S.CLASSIFIED,
        perm="security.keep",
        of="unit",
        clause="6.1.1",
        message=not_classifiable,
        meets=("incident",),
    ),
    Transition(
        verb="reclassify",
        name=gettext_lazy("重新研判"),
        sources=[S.CLASSIFIED, S.CONTAINED],
        target=None,
        perm="security.keep",
        of="unit",
        clause="6.1.1",
        message=CLOSED,
    ),
    Transition(
        verb="notify",
        name=gettext_lazy("记录告知"),
        sources=OPEN,
        target=None,
        perm="security.keep",
        of="unit",
        clause="6.1.1",
        message=CLOSED,
    ),
    Transition(
        verb="note",
        name=gettext_lazy("补充记录"),
        sources=OPEN,
        target=None,
        perm="security.keep",
        of="unit",
        clause="6.1.1",
        message=CLOSED,
    ),
    Transition(
        verb="contain",
        name=gettext_lazy("记录控制措施"),
        sources=[S.CLASSIFIED, S.CONTAINED],
        target=S.CONTAINED,
        perm="security.keep",
        of="unit",
        clause="6.1.1",
        message=not_containable,
    ),
    Transition(
        verb="close",
        name=gettext_lazy("结案"),
        sources=[S.CONTAINED],
        target=S.CLOSED,
        perm="security.keep",
        of="unit",
        clause="6.1.1",
        message=not_closable,
        meets=("incident",),
    ),
    initial=[S.NOTICED],
    final=[S.CLOSED],
)
