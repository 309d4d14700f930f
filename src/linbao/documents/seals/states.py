"""The life of a seal, as one declared table (4.2.2): in use, suspended and resumed, revoked for good."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core.states import Lifecycle, Transition
from linbao.documents.models import Seal, SealState

S = SealState


def not_in_force(seal: Seal) -> str:
    """Why the seal cannot be affixed."""
    return _("印章“%(name)s”已%(state)s，不能用印。") % {"name": seal.name, "state": seal.get_state_display()}


SEAL: Lifecycle[Seal] = Lifecycle(
    "seal",
    SealState,
    Transition(
        verb="affix",  # by its custodian
        name=gettext_lazy("用印"),
        sources=[S.ACTIVE],
        target=None,
        clause="4.2.2",
        message=not_in_force,
    ),
    Transition(
        verb="suspend",  # its custodian may at once, too
        name=gettext_lazy("停用"),
        sources=[S.ACTIVE],
        target=S.SUSPENDED,
        perm="seal.manage",
        of="unit",
        clause="4.2.2",
    ),
    Transition(
        verb="resume",
        name=gettext_lazy("恢复启用"),
        sources=[S.SUSPENDED],
        target=S.ACTIVE,
        perm="seal.manage",
        of="unit",
        clause="4.2.2",
    ),
    Transition(
        verb="revoke",
        name=gettext_lazy("作废"),
        sources=[S.ACTIVE, S.SUSPENDED],
        target=S.REVOKED,
        perm="seal.manage",
        of="unit",
        clause="4.2.2",
    ),
    initial=[S.ACTIVE],
    final=[S.REVOKED],
    message=gettext_lazy("印章当前为“%(now)s”，不能进行此操作。"),
)
