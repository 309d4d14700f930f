"""Group robots of WeCom, DingTalk and Feishu: whether a message was taken stands in the answer's body, not in its HTTP
status, so that their answers are read here. Apprise reads the addresses."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.utils.translation import gettext as _

from linbao.base import outgoing

LONGEST = 2000  # characters of a message: WeCom takes 2,048 bytes of text, the others more


def of(plugin: Any) -> Callable[[Any, str, Collection[str]], str] | None:
    """How a message is sent over an Apprise plugin that is a group robot; None for any other."""
    return _ROBOTS.get(type(plugin).__name__)


def _wecom(plugin: Any, words: str, allowed: Collection[str]) -> str:
    """The fault in words, "" where the robot took the message."""
    cut = words.encode()[:2048].decode(errors="ignore")
    answer = outgoing.post_json(plugin.api_url, {"msgtype": "text", "text": {"content": cut}}, allowed=allowed)
    return _fault(answer, "errcode", "errmsg")


def _dingtalk(plugin: Any, words: str, allowed: Collection[str]) -> str:
    payload = {
        "msgtype": "text",
        "text": {"content": words[:LONGEST]},
        "at": {"atMobiles": plugin.targets, "isAtAll": False},
    }
    params = None
    if plugin.secret:
        timestamp, signature = plugin.get_signature()
        params = {"timestamp": timestamp, "sign": signature}
    answer = outgoing.post_json(
        plugin.notify_url.format(token=plugin.token), payload, params=params, allowed=allowed
    )  # fmt: skip
    return _fault(answer, "errcode", "errmsg")


def _feishu(plugin: Any, words: str, allowed: Collection[str]) -> str:
    url = plugin.webhook_url if hasattr(plugin, "webhook_url") else plugin.notify_url.format(token=plugin.token)
    answer = outgoing.post_json(url, {"msg_type": "text", "content": {"text": words[:LONGEST]}}, allowed=allowed)
    return _fault(answer, "code" if "code" in answer.body else "StatusCode", "msg")


def _fault(answer: outgoing.Answer, code: str, message: str) -> str:
    """An answer that does not say that it was taken means that it was not."""
    if answer.status == 200 and answer.body.get(code) == 0:
        return ""
    number = answer.body.get(code)
    if isinstance(number, int):
        words = str(answer.body.get(message) or "")[:100]
        return _("对方没有接受：%(code)s %(words)s") % {"code": number, "words": words}
    return _("对方的回应无法识别（HTTP %(status)s）。") % {"status": answer.status}


_ROBOTS = {"NotifyWeComBot": _wecom, "NotifyDingTalk": _dingtalk, "NotifyFeishu": _feishu, "NotifyLark": _feishu}
