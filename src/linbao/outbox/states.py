"""The life of a delivery, as one declared table (4.1.1, 2.3.2): tried until it has arrived, failed, or nobody can know.

A server may answer after the sweep took the try for lost: that it arrived is then kept all the same; any other late
answer is not, because another try decides.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core.states import Lifecycle, Transition
from linbao.outbox.models import Delivery, DeliveryState

S = DeliveryState


def not_resendable(delivery: Delivery) -> str:
    """Why the delivery is not sent again."""
    return _("正在发送，请稍候查看结果。") if delivery.state == S.SENDING else _("这封邮件已经送达，无需重发。")


DELIVERY: Lifecycle[Delivery] = Lifecycle(
    "delivery",
    DeliveryState,
    Transition(verb="try", name=gettext_lazy("发送"), sources=[S.WAITING], target=S.SENDING, clause="4.1.1"),
    Transition(
        verb="arrive",
        name=gettext_lazy("送达"),
        sources=[S.SENDING, S.WAITING, S.UNCERTAIN, S.FAILED],
        target=S.SENT,
        clause="4.1.1",
    ),
    Transition(verb="try_later", name=gettext_lazy("稍后重试"), sources=[S.SENDING], target=S.WAITING, clause="4.1.1"),
    Transition(verb="fail", name=gettext_lazy("发送失败"), sources=[S.SENDING], target=S.FAILED, clause="4.1.1"),
    Transition(verb="doubt", name=gettext_lazy("结果未知"), sources=[S.SENDING], target=S.UNCERTAIN, clause="4.1.1"),
    Transition(
        verb="resend",
        name=gettext_lazy("重发"),
        sources=[S.WAITING, S.FAILED, S.UNCERTAIN],
        target=S.WAITING,
        perm="delivery.resend",
        clause="4.1.1",
        message=not_resendable,
    ),
    Transition(
        verb="mark_sent",
        name=gettext_lazy("确认已送达"),
        sources=[S.FAILED, S.UNCERTAIN],
        target=S.SENT,
        perm="delivery.mark_sent",
        clause="4.1.1",
        message=gettext_lazy("只有发送失败或结果未知的，才需要人工确认。"),
    ),
    initial=[S.WAITING],
    final=[S.SENT],
)
