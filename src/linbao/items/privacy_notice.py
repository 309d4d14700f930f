"""The notice at collection: what a person hears before name and phone are written down (PIPL art. 13, 17; 1.3.4)."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linbao.organisation.tree import tree

KEPT_DAYS = {
    "contacts": 365,
    "ordinary": 3 * 365,
    "urgent": 10 * 365,
}  # domain.md §5; a unit's setting `retention` changes them


def kept_days(community_id: UUID | None) -> dict[str, int]:
    """How long the community keeps phones, ordinary and urgent items after their end, in days."""
    own = tree().setting(community_id, "retention") or {}
    return {name: int(own.get(name, days)) for name, days in KEPT_DAYS.items()}


def notice(community_id: UUID | None) -> str:
    """The notice to be read aloud (PIPL art. 17): who, what for, how long, and what one may ask for."""
    community, stored = tree().get(community_id), kept_days(community_id)
    return _(
        "我是%(community)s的信息报告员。为了办理和答复这件事，需要记下您的姓名和电话，只用于这件事。"
        "信息加密保存，只有经办人员因办理需要才能查看，不公开，也不提供给无关的人。"
        "归档后%(contacts)s删除电话，%(ordinary)s删除姓名（紧急事项%(urgent)s）。"
        "您可以不留姓名，也可以随时向社区要求查看、更正或者删除。"
    ) % {
        "community": community.name if community else _("社区"),
        **{name: _period(days) for name, days in stored.items()},
    }


def _period(days: int) -> str:
    if days % 365 == 0:
        return ngettext("%(n)d 年", "%(n)d 年", days // 365) % {"n": days // 365}
    return ngettext("%(n)d 天", "%(n)d 天", days) % {"n": days}
