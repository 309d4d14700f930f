"""The life of a device or medium, as one declared table (6.1.2): in use, perhaps lost and back, disposed of."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from linbao.core.states import Lifecycle, Transition
from linbao.security.models import Device, DeviceState

S = DeviceState
REGISTERED = (S.IN_USE, S.LOST)
DISPOSED = _("这台设备已经处置，记录不再改动。")

DEVICE: Lifecycle[Device] = Lifecycle(
    "device",
    DeviceState,
    Transition(
        verb="change",
        name=_("更正登记"),
        sources=REGISTERED,
        target=None,
        perm="security.keep",
        of="unit",
        clause="6.1.2",
        message=DISPOSED,
    ),
    Transition(
        verb="assign",
        name=_("移交"),
        sources=REGISTERED,
        target=None,
        perm="security.keep",
        of="unit",
        clause="6.1.2",
        message=DISPOSED,
    ),
    Transition(
        verb="inspect",
        name=_("检查"),
        sources=REGISTERED,
        target=None,
        perm="security.keep",
        of="unit",
        clause="6.1.2",
        message=_("这台设备已经处置，不再检查。"),
    ),
    Transition(verb="lose", name=_("报失"), sources=[S.IN_USE], target=S.LOST, perm="", clause="6.1.2"),
    Transition(
        verb="find",
        name=_("找回"),
        sources=[S.LOST],
        target=S.IN_USE,
        perm="security.keep",
        of="unit",
        clause="6.1.2",
        message=_("这台设备没有报失。"),
    ),
    Transition(
        verb="dispose",
        name=_("处置"),
        sources=REGISTERED,
        target=S.DISPOSED,
        perm="security.keep",
        of="unit",
        clause="6.1.2",
        message=DISPOSED,
    ),
    initial=[S.IN_USE],
    final=[S.DISPOSED],
)
