"""What the guards of the house have noticed becomes an alert to the security officer (6.1.3): `audit.events` hands each
event over once; the like of it is counted on the open alert."""

from __future__ import annotations

from linbao.audit import events
from linbao.audit.models import Event
from linbao.audit.models import Severity as Weight
from linbao.core.wording import Worded, worded
from linbao.organisation.models import User
from linbao.security.alerts import services as alerts
from linbao.security.models import Severity

# Event → (severity of the alert, its message). A lockout is mostly somebody who forgot a password: a hint, no more.
MESSAGES: dict[str, tuple[str, Worded]] = {
    "sign_in.lock": (Severity.LOW, worded("有账号因多次输错口令被暂停登录，来源 %(address)s。")),
    "rate.limited": (Severity.MEDIUM, worded("%(address)s 的请求超过频率上限，已被限制。")),
    "upload.infected": (Severity.MEDIUM, worded("拦下一个含恶意代码的上传文件，来源 %(address)s。")),
    "upload.unscanned": (Severity.MEDIUM, worded("查毒服务不可用，上传文件没有查毒，请检查 ClamAV。")),
    "audit.tampered": (Severity.HIGH, worded("审计日志有断点，请立即用 linbao audit verify 查明。")),
}


def register() -> None:
    """Called once, when the room is made ready."""
    events.on_event(take)


def take(event: Event) -> None:
    """Raise the alert for one event, in the unit of the person whom it concerns, else in the topmost."""
    weight = {Weight.LOW: Severity.LOW, Weight.MIDDLE: Severity.MEDIUM, Weight.HIGH: Severity.HIGH}[
        Weight(event.severity)
    ]
    severity, message = MESSAGES.get(event.action, (weight, worded("安全防护记录了一个事件：%(action)s")))
    person = User.objects.filter(pk=event.user_id).first() if event.user_id else None
    alerts.alert(
        kind=event.action,
        unit_id=person.rights.home if person else None,
        message=message % {"address": event.address or "—", "action": event.action},
        severity=severity,
        data={**event.data, "address": event.address or ""},
        key=f"{event.action}:{event.address or ''}:{event.user_id or ''}",
    )
