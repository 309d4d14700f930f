"""The life of a request to give information out, as one declared table (6.2.2).

`asked → approved → produced → expired`; or `refused`, or `withdrawn` before it is produced.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.confidentiality.models import Disclosure, DisclosureState
from linbao.core.states import Lifecycle, Transition

S = DisclosureState


def decided_already(disclosure: Disclosure) -> str:
    """What became of the request."""
    return _("这份申请已经%(state)s。") % {"state": disclosure.get_state_display()}


def not_producible(disclosure: Disclosure) -> str:
    """Why the copy cannot be made: there is one, or no approval is in force."""
    if disclosure.state == S.PRODUCED:
        return _("已经生成过一次；一份申请只生成一份。")
    return _("还没有批准，或已经失效，不能生成。")


DISCLOSURE: Lifecycle[Disclosure] = Lifecycle(
    "disclosure",
    DisclosureState,
    Transition(
        verb="approve",
        name=gettext_lazy("批准"),
        sources=[S.ASKED],
        target=S.APPROVED,
        perm="disclosure.decide",
        clause="6.2.2",
        message=decided_already,
        meets=("disclosure_decide",),
    ),
    Transition(
        verb="refuse",
        name=gettext_lazy("不批准"),
        sources=[S.ASKED],
        target=S.REFUSED,
        perm="disclosure.decide",
        clause="6.2.2",
        message=decided_already,
        meets=("disclosure_decide",),
    ),
    Transition(
        verb="withdraw",
        name=gettext_lazy("撤回"),
        sources=[S.ASKED, S.APPROVED],
        target=S.WITHDRAWN,
        perm="disclosure.own",
        clause="6.2.2",
        message=decided_already,
    ),
    Transition(
        verb="produce",
        name=gettext_lazy("生成资料"),
        sources=[S.APPROVED],
        target=S.PRODUCED,
        perm="disclosure.own",
        clause="6.2.2",
        message=not_producible,
    ),
    Transition(
        verb="download",
        name=gettext_lazy("取得资料"),
        sources=[S.PRODUCED],
        target=None,
        perm="disclosure.own",
        clause="6.2.2",
        message=gettext_lazy("文件还没有生成，或已经到期删除。"),
    ),
    Transition(
        verb="expire",
        name=gettext_lazy("使用期限届满"),
        sources=[S.ASKED, S.APPROVED, S.PRODUCED],
        target=S.EXPIRED,
        clause="6.2.2",
    ),
    initial=[S.ASKED],
    final=[S.EXPIRED, S.REFUSED, S.WITHDRAWN],
)
