"""The timeline in words: what each line is called, whichever room wrote it (design §2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from linbao.items.models import Entry, Item, Status
from linbao.items.states import ITEM

NAMES = {
    "attach": _("补充附件"),
    "detach": _("删除附件"),
    "caption": _("修改照片说明"),
    "progress": _("办理进展"),
    "supervise": _("督办"),
    "remind": _("催办"),
    "transfer": _("转办"),
    "assist": _("协办"),
    "extend_ask": _("申请延期"),
    "extend": _("延期"),
    "extension_asked": _("申请延期"),
    "extension_granted": _("同意延期"),
    "extension_refused": _("不同意延期"),
    "inform_progress": _("向居民反馈进展"),
    "try_inform": _("尝试联系居民"),
    "adopt": _("采用"),
    "adoption": _("采用"),
    "call_back": _("回访抽查"),
    "mark_urgent": _("标为紧急"),
    "unmark_urgent": _("取消紧急"),
    "comment": _("备注"),
    "merged_from": _("并入重复条目"),
    "import": _("导入"),
    "take_up": _("领办"),
    "tell_apart": _("确认不是同一件事"),
    "informed_with": _("随并入的条目一并反馈"),
    "answer_supervision": _("答复督办"),
    "confirm_adoption": _("确认采用"),
}
TONES = {
    "return": "orange",
    "reopen": "orange",
    "withdraw": "secondary",
    "merge": "secondary",
    "approve": "green",
    "resolve": "green",
    "close": "green",
    "supervise": "red",
}


@dataclass(frozen=True)
class Line:
    """One line of the timeline as it is shown."""

    at: datetime
    name: str
    by: str
    note: str
    after: str
    tone: str
    verb: str
    data: dict[str, Any]


def name_of(verb: str) -> str:
    """The verb in people's words."""
    transition = ITEM.transitions.get(verb)
    return str(transition.name if transition else NAMES.get(verb, verb))


def lines(item: Item) -> list[Line]:
    """The whole timeline, oldest first; one statement that touches only the months since the item began."""
    rows = Entry.objects.filter(item_id=item.pk, at__gte=item.created_at).order_by("at", "id")
    return [
        Line(
            at=r.at,
            name=name_of(r.verb),
            by=r.actor_name,
            note=r.note,
            verb=r.verb,
            data=r.data,
            after=str(Status(r.after).label) if r.after in Status.values else "",
            tone=TONES.get(r.verb, "blue"),
        )
        for r in rows
    ]
