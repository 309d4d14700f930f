"""The life of an agreement signed on paper, as one declared table (6.2.1): it holds once a second person confirmed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from linbao.confidentiality.models import PaperSignature, PaperState
from linbao.core.states import Lifecycle, Transition

S = PaperState

PAPER_SIGNATURE: Lifecycle[PaperSignature] = Lifecycle(
    "agreement on paper",
    PaperState,
    Transition(
        verb="confirm",
        name=_("确认"),
        sources=[S.WAITING],
        target=S.CONFIRMED,
        perm="agreement.paper",
        clause="6.2.1",
        meets=("agreement",),
    ),
    Transition(
        verb="refuse", name=_("不予确认"), sources=[S.WAITING], target=S.REFUSED, perm="agreement.paper", clause="6.2.1"
    ),
    initial=[S.WAITING],
    final=[S.CONFIRMED, S.REFUSED],
    message=_("这份纸质协议已经处理过。"),
)
