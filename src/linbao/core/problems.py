"""The one catalogue of what can go wrong for a caller.

Actions raise these; pages show the message beside the field, the API answers `application/problem+json` with the same
words and a field map.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Problem(Exception):
    """Something the caller can understand and mend; never a fault of ours.

    `fields` maps a field's path (`parties.0.phone`) to whole-sentence messages.
    """

    status = 400
    code = "bad_request"
    title = _("请求有误")

    def __init__(self, message: str = "", fields: Mapping[str, list[str]] | None = None) -> None:
        self.message = message or str(self.title)
        self.fields = dict(fields or {})
        super().__init__(self.message)

    @property
    def sentences(self) -> list[str]:
        """What to show where no fields stand: the messages of all fields, or the one message."""
        return [message for messages in self.fields.values() for message in messages] or [self.message]

    @property
    def text(self) -> str:
        """`sentences` in one line."""
        return "；".join(self.sentences)


class Invalid(Problem):
    """A field is missing or wrong."""

    status = 422
    code = "invalid"
    title = _("有内容需要补充或修改")


class NotAllowed(Problem):
    """The caller is known, but this is not theirs to do."""

    status = 403
    code = "not_allowed"
    title = _("您没有进行此操作的权限")


class NotFound(Problem):
    """No such thing, or not for these eyes; the two are not told apart."""

    status = 404
    code = "not_found"
    title = _("没有找到")


class Conflict(Problem):
    """Somebody else was first: a stale form, a claimed item, an id used for another body."""

    status = 409
    code = "conflict"
    title = _("内容已被他人更新")


class TooLarge(Problem):
    """The file or text is over the limit."""

    status = 413
    code = "too_large"
    title = _("内容过大")


class Unsupported(Problem):
    """A file of a type that is not taken."""

    status = 415
    code = "unsupported"
    title = _("不支持的文件类型")


class NoRoom(Problem):
    """Disk or database has no room left for what is to be kept."""

    status = 507
    code = "no_room"
    title = _("服务器磁盘已满，暂时无法保存。您填写的内容还在本页，请稍后再试，并告知管理员。")


class Unavailable(Problem):
    """The database cannot be reached just now."""

    status = 503
    code = "unavailable"
    title = _("系统正在恢复，请稍后再试；您填写的内容还在本页。")


class CannotProcess(Unavailable):
    """No process can be started that reads a file (`box`)."""

    title = _("暂时不能处理文件")


class Broken(Problem):
    """A fault of ours; it is in the log."""

    status = 500
    code = "broken"
    title = _("系统出错了，我们已记下这次错误。请稍后重试；填写中的草稿已自动保存。")


class TooMany(Problem):
    """Too many requests in a short time."""

    status = 429
    code = "too_many"
    title = _("操作过于频繁，请稍后再试")


def field_message(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors as a sentence beside its field, in the reader's language."""
    kind = str(error.get("type", ""))
    context = error.get("ctx") or {}
    if kind == "value_error":
        return str(context["error"])
    if kind in _SENTENCES:
        return str(_SENTENCES[kind])
    if kind.startswith(("string_too_long", "too_long")):
        return gettext("内容过长。")
    for beginning, sentence in _BEGINNINGS.items():
        if kind.startswith(beginning):
            return str(sentence)
    return gettext("类型或格式不正确：%(type)s。") % {"type": kind}


_SENTENCES = {
    "missing": _("请填写这一项。"),
    "extra_forbidden": _("没有这个字段。"),
    "literal_error": _("请从列出的选项中选择。"),
    "enum": _("请从列出的选项中选择。"),
    "string_type": _("请填写文字。"),
    "greater_than_equal": _("数字太小。"),
    "greater_than": _("数字太小。"),
    "less_than_equal": _("数字太大。"),
    "less_than": _("数字太大。"),
}
# By how the kind begins: `int_parsing`, `int_from_float`, `date_from_datetime_parsing` …
_BEGINNINGS = {
    "int_": _("请填写整数。"),
    "float_": _("请填写数字。"),
    "decimal_": _("请填写数字。"),
    "bool_": _("请选择是或否。"),
    "uuid_": _("请重新选择。"),
    "datetime_": _("时间格式不正确。"),
    "date_": _("日期格式不正确。"),
    "list_": _("这里应是一个列表。"),
}
