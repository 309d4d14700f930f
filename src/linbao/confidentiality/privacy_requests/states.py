"""The life of a resident's request about their own data, as one declared table (1.3.4, PIPL art. 44 to 50).

`received → identified → decided → answered`; the second signature may send it back to be decided anew.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.confidentiality.models import PrivacyRequest, RequestState
from linbao.core.states import Lifecycle, Transition

S = RequestState


def not_decidable(request: PrivacyRequest) -> str:
    """Why the request cannot be decided: too early or too late."""
    return _("请先核验身份。") if request.state == S.RECEIVED else _("这份请求已经作出决定。")


NOT_TO_SIGN = gettext_lazy("这份请求不在会签中。")

PRIVACY_REQUEST: Lifecycle[PrivacyRequest] = Lifecycle(
    "privacy request",
    RequestState,
    Transition(
        verb="identify",
        name=gettext_lazy("核验身份"),
        sources=[S.RECEIVED],
        target=S.IDENTIFIED,
        perm="privacy.enter",
        of="unit",
        clause="1.3.4",
        message=gettext_lazy("身份已经核验过。"),
    ),
    Transition(
        verb="decide",
        name=gettext_lazy("作出决定"),
        sources=[S.IDENTIFIED],
        target=S.DECIDED,
        perm="privacy.decide",
        clause="1.3.4",
        message=not_decidable,
    ),
    Transition(
        verb="agree",
        name=gettext_lazy("会签同意"),
        sources=[S.DECIDED],
        target=S.ANSWERED,
        perm="privacy.agree",
        clause="1.3.4",
        message=NOT_TO_SIGN,
        meets=("privacy_request",),
    ),
    Transition(
        verb="return",
        name=gettext_lazy("会签退回"),
        sources=[S.DECIDED],
        target=S.IDENTIFIED,
        perm="privacy.agree",
        clause="1.3.4",
        message=NOT_TO_SIGN,
    ),
    initial=[S.RECEIVED],
    final=[S.ANSWERED],
)
