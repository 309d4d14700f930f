"""Group robots of WeCom, DingTalk and Feishu, and services that answer alike (ServerChan, Qmsg, Vonage): whether a
message was taken stands in the answer's body, not in its HTTP status, so that their answers are read here. Apprise
reads the addresses."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.utils.translation import gettext as _

from linbao.platform.protection import outgoing

LONGEST = 2000  # characters of a message: WeCom takes 2,048 bytes of text, the others more


def of(plugin: Any) -> Callable[[Any, str, Collection[str]], str] | None:
    """How a message is sent over an Apprise plugin that is a group robot; None for any other."""
    return _ROBOTS.get(type(plugin).__name__)


def _wecom(plugin: Any, message: str, allowed: Collection[str]) -> str:
    """The fault in words, "" where the robot took the message."""
    cut = message.encode()[:2048].decode(errors="ignore")
    answer = outgoing.post_json(plugin.api_url, {"msgtype": "text", "text": {"content": cut}}, allowed=allowed)
    return _fault(answer, "errcode", "errmsg")


def _dingtalk(plugin: Any, message: str, allowed: Collection[str]) -> str:
    payload = {
        "msgtype": "text",
        "text": {"content": message[:LONGEST]},
        "at": {"atMobiles": plugin.targets, "isAtAll": False},
    }
    params = None
    if plugin.secret:
        timestamp, signature = plugin.get_signature()
        params = {"timestamp": timestamp, "sign": signature}
    answer = outgoing.post_json(plugin.notify_url.format(token=plugin.token), payload, params=params, allowed=allowed)
    return _fault(answer, "errcode", "errmsg")


def _feishu(plugin: Any, message: str, allowed: Collection[str]) -> str:
    url = plugin.webhook_url if hasattr(plugin, "webhook_url") else plugin.notify_url.format(token=plugin.token)
    answer = outgoing.post_json(url, {"msg_type": "text", "content": {"text": message[:LONGEST]}}, allowed=allowed)
    return _fault(answer, "code" if "code" in answer.body else "StatusCode", "msg")


def _serverchan(plugin: Any, message: str, allowed: Collection[str]) -> str:
    payload = {"title": message.partition("\n")[0][:32], "desp": message[:LONGEST]}  # one without a title is refused
    answer = outgoing.post_json(plugin.notify_url.format(token=plugin.token), payload, allowed=allowed)
    return _fault(answer, "code", "message")


def _qmsg(plugin: Any, message: str, allowed: Collection[str]) -> str:
    answer = outgoing.post_form(plugin.webhook_url, {"msg": message[:LONGEST]}, allowed=allowed)
    if answer.body.get("success") is not True and answer.body.get("code") == 0:
        return _("对方没有接受。")
    return _fault(answer, "code", "reason")


def _vonage(plugin: Any, message: str, allowed: Collection[str]) -> str:
    """One message to each number; taken when every part of each was."""
    fields = {
        "api_key": plugin.apikey,
        "api_secret": plugin.secret,
        "from": plugin.source,
        "text": message[:LONGEST],
        "type": "unicode",
    }
    faults = []
    for target in plugin.targets or [plugin.source]:
        answer = outgoing.post_form(plugin.notify_url, fields | {"to": str(target)}, allowed=allowed)
        messages = answer.body.get("messages")
        parts = [p for p in messages if isinstance(p, dict)] if isinstance(messages, list) else []
        refused = [p for p in parts if str(p.get("status")) != "0"]
        if answer.status != 200 or refused or not parts:
            part: dict[str, Any] = refused[0] if refused else {}
            faults.append(
                _("对方没有接受：%(code)s %(words)s")
                % {"code": str(part.get("status", ""))[:10], "words": str(part.get("error-text") or "")[:100]}
            )
    return faults[0] if faults else ""


def _fault(answer: outgoing.Answer, code: str, message: str) -> str:
    """An answer that does not say that it was taken means that it was not."""
    if answer.status == 200 and answer.body.get(code) == 0:
        return ""
    number = answer.body.get(code)
    if isinstance(number, int):
        terms = str(answer.body.get(message) or "")[:100]
        return _("对方没有接受：%(code)s %(words)s") % {"code": number, "words": terms}
    return _("对方的回应无法识别（HTTP %(status)s）。") % {"status": answer.status}


_ROBOTS = {
    "NotifyWeComBot": _wecom,
    "NotifyDingTalk": _dingtalk,
    "NotifyFeishu": _feishu,
    "NotifyLark": _feishu,
    "NotifyServerChan": _serverchan,
    "NotifyQQ": _qmsg,
    "NotifyVonage": _vonage,
}
