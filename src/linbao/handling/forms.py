"""The forms of the handling page: each reads what was posted and calls its one action (4.3.2, 2.4.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.http import as_uuid
from linbao.core.problems import Invalid, NotFound
from linbao.handling import assigning, loop, oversight, work
from linbao.items.models import Attachment, Entry
from linbao.organisation.models import User
from linbao.organisation.tree import tree


def _assign(user: User, id: UUID, post: QueryDict) -> str:
    item = assigning.assign(
        user,
        id,
        due_at=_moment(user, post),
        instruction=post.get("instruction", ""),
        version=_number(post),
        **_receiver(post),
    )
    return _("已交办给%(unit)s。") % {"unit": tree().name(item.handling_unit_id)}


def _transfer(user: User, id: UUID, post: QueryDict) -> str:
    item = assigning.transfer(user, id, reason=post.get("reason", ""), due_at=_moment(user, post), **_receiver(post))
    return _("已转给%(unit)s。") % {"unit": tree().name(item.handling_unit_id)}


def _take_up(user: User, id: UUID, post: QueryDict) -> str:
    assigning.take_up(user, id)
    return _("已领办，请按期限办结。")


def _assist(user: User, id: UUID, post: QueryDict) -> str:
    assigning.assist(user, id, [u for v in post.getlist("handlers") if (u := as_uuid(v))], post.get("words", ""))
    return _("协办人已更新。")


def _progress(user: User, id: UUID, post: QueryDict) -> str:
    work.progress(user, id, post.get("text", ""), attachments=fresh_files(user, id, "progress"))
    return _("进展已记录，报告员会收到通知。")


def _resolve(user: User, id: UUID, post: QueryDict) -> str:
    work.resolve(user, id, post.get("result", ""), attachments=fresh_files(user, id, "result"), version=_number(post))
    return _("已办结，结果已转给报告员反馈居民。")


def _remind(user: User, id: UUID, post: QueryDict) -> str:
    work.remind(user, id, post.get("words", ""))
    return _("已催办。")


def _supervise(user: User, id: UUID, post: QueryDict) -> str:
    oversight.supervise(user, id, post.get("words", ""), due_at=_moment(user, post))
    return _("督办已发出。")


def _answer(user: User, id: UUID, post: QueryDict) -> str:
    supervision = as_uuid(post.get("supervision"))
    if supervision is None:
        raise NotFound
    oversight.answer_supervision(user, supervision, post.get("answer", ""))
    return _("督办已答复。")


def _ask_extension(user: User, id: UUID, post: QueryDict) -> str:
    until = _moment(user, post, "until")
    if until is None:
        raise Invalid(fields={"until": [_("请填写延至的时间。")]})
    oversight.request_extension(user, id, until=until, reason=post.get("reason", ""))
    return _("延期申请已提交，等待决定。")


def _decide_extension(user: User, id: UUID, post: QueryDict) -> str:
    granted = post.get("granted") == "yes"
    oversight.decide_extension(user, id, granted=granted, remark=post.get("remark", ""))
    return _("已同意延期。") if granted else _("已答复不同意延期。")


def _close(user: User, id: UUID, post: QueryDict) -> str:
    loop.close(user, id, reason=post.get("reason", ""))
    return _("已归档。")


def _reopen(user: User, id: UUID, post: QueryDict) -> str:
    loop.reopen(user, id, post.get("reason", ""), due_at=_moment(user, post), **_receiver(post))
    return _("已决定重办，办理人会收到通知。")


def _adopt(user: User, id: UUID, post: QueryDict) -> str:
    oversight.adopt(user, id, kind=post.get("kind", ""), words=post.get("words", ""))
    return _("采用已登记。")


def _confirm(user: User, id: UUID, post: QueryDict) -> str:
    adoption = as_uuid(post.get("adoption"))
    if adoption is None:
        raise NotFound
    oversight.confirm_adoption(user, adoption)
    return _("采用已确认。")


# What may be posted to `/handling/<id>/do/<verb>`; each returns what to say to the person.
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


def _receiver(post: Mapping[str, str]) -> dict[str, UUID | None]:
    """The chosen unit and person; a person alone brings their unit with them."""
    return {"unit": as_uuid(post.get("unit")), "handler": as_uuid(post.get("handler"))}


def _moment(user: User, post: Mapping[str, str], name: str = "due_at") -> datetime | None:
    """A `datetime-local` in the person's zone; `Invalid` for nonsense, None for empty."""
    value = post.get(name, "").strip()
    if not value:
        return None
    try:
        at = parse_datetime(value)
    except ValueError:
        at = None
    if at is None:
        raise Invalid(fields={name: [_("时间格式不正确。")]})
    return at if at.tzinfo else at.replace(tzinfo=clock.zone(tree().setting(user.rights.home, "time_zone")))


def _number(post: Mapping[str, str]) -> int | None:
    value = post.get("version", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else None
