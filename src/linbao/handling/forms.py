"""What may be posted on the handling page: each reads its input and calls its verb (4.3.2, 2.4.2)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from linbao.core.inputs import posted
from linbao.handling import assigning, loop, oversight, work
from linbao.handling.inputs import (
    AdoptItem,
    AnswerSupervision,
    AssignItem,
    AssistItem,
    CloseItem,
    ConfirmAdoption,
    DecideExtension,
    RecordProgress,
    RemindHandler,
    ReopenItem,
    RequestExtension,
    ResolveItem,
    SuperviseItem,
    TransferItem,
)
from linbao.items.models import Attachment, Entry
from linbao.organisation.models import User
from linbao.organisation.tree import tree


def _assign(user: User, id: UUID, post: QueryDict) -> str:
    item = assigning.assign(user, id, posted(AssignItem, post))
    return _("已交办给%(unit)s。") % {"unit": tree().name(item.handling_unit_id)}


def _transfer(user: User, id: UUID, post: QueryDict) -> str:
    item = assigning.transfer(user, id, posted(TransferItem, post))
    return _("已转给%(unit)s。") % {"unit": tree().name(item.handling_unit_id)}


def _take_up(user: User, id: UUID, post: QueryDict) -> str:
    assigning.take_up(user, id)
    return _("已领办，请按期限办结。")


def _assist(user: User, id: UUID, post: QueryDict) -> str:
    assigning.assist(user, id, posted(AssistItem, post))
    return _("协办人已更新。")


def _progress(user: User, id: UUID, post: QueryDict) -> str:
    work.progress(user, id, posted(RecordProgress, post, attachments=fresh_files(user, id, "progress")))
    return _("进展已记录，报告员会收到通知。")


def _resolve(user: User, id: UUID, post: QueryDict) -> str:
    work.resolve(user, id, posted(ResolveItem, post, attachments=fresh_files(user, id, "result")))
    return _("已办结，结果已转给报告员反馈居民。")


def _remind(user: User, id: UUID, post: QueryDict) -> str:
    work.remind(user, id, posted(RemindHandler, post))
    return _("已催办。")


def _supervise(user: User, id: UUID, post: QueryDict) -> str:
    oversight.supervise(user, id, posted(SuperviseItem, post))
    return _("督办已发出。")


def _answer(user: User, id: UUID, post: QueryDict) -> str:
    oversight.answer_supervision(user, posted(AnswerSupervision, post))
    return _("督办已答复。")


def _ask_extension(user: User, id: UUID, post: QueryDict) -> str:
    oversight.request_extension(user, id, posted(RequestExtension, post))
    return _("延期申请已提交，等待决定。")


def _decide_extension(user: User, id: UUID, post: QueryDict) -> str:
    row = oversight.decide_extension(user, id, posted(DecideExtension, post))
    return _("已同意延期。") if row.granted else _("已答复不同意延期。")


def _close(user: User, id: UUID, post: QueryDict) -> str:
    loop.close(user, id, posted(CloseItem, post))
    return _("已归档。")


def _reopen(user: User, id: UUID, post: QueryDict) -> str:
    loop.reopen(user, id, posted(ReopenItem, post))
    return _("已决定重办，办理人会收到通知。")


def _adopt(user: User, id: UUID, post: QueryDict) -> str:
    oversight.adopt(user, id, posted(AdoptItem, post))
    return _("采用已登记。")


def _confirm(user: User, id: UUID, post: QueryDict) -> str:
    oversight.confirm_adoption(user, posted(ConfirmAdoption, post).adoption)
    return _("采用已确认。")


# What may be posted to `/handling/<id>/do/<verb>`; each returns the message that is shown.
VERBS: dict[str, Callable[[User, UUID, QueryDict], str]] = {
    "assign": _assign,
    "transfer": _transfer,
    "take-up": _take_up,
    "assist": _assist,
    "progress": _progress,
    "resolve": _resolve,
    "remind": _remind,
    "supervise": _supervise,
    "answer": _answer,
    "ask-extension": _ask_extension,
    "decide-extension": _decide_extension,
    "close": _close,
    "reopen": _reopen,
    "adopt": _adopt,
    "confirm-adoption": _confirm,
}


def fresh_files(user: User, item_id: UUID, stage: str) -> list[UUID]:
    """Files of this stage that this person uploaded and that no line of the timeline has named yet."""
    named = {
        a
        for data in Entry.objects.filter(item_id=item_id, verb__in=("progress", "resolve")).values_list(
            "data", flat=True
        )
        for a in data.get("attachments", [])
    }
    mine = Attachment.objects.filter(item_id=item_id, stage=stage, owner=user).values_list("pk", flat=True)
    return [pk for pk in mine if str(pk) not in named]
