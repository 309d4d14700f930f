"""A unit's channels to the outside besides mail: robots, SMS gateways, webhooks, through Apprise (2.3.2).

An address holds a secret, so it is kept encrypted. It may not reach inside our own network unless the
administrator lists the host (`LINBAO_NOTIFY_HOSTS`). A channel that fails hands over to its stand-in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.outbox import mime, services
from linbao.outbox.channels import robots
from linbao.outbox.inputs import SaveChannel
from linbao.outbox.mail import Refused, TryLater
from linbao.outbox.models import Channel, ChannelKind, Delivery
from linbao.platform import queue
from linbao.platform.protection import outgoing

log = structlog.get_logger("linbao.channels")
SECONDS = 10  # how long a channel may take to answer
MOST = 20  # channels of one unit
SCHEMES: dict[str, tuple[str, ...]] = {  # what each kind's Apprise address begins with
    ChannelKind.WECOM: ("wecombot://", "https://qyapi.weixin.qq.com/"),
    ChannelKind.DINGTALK: ("dingtalk://", "https://oapi.dingtalk.com/"),
    ChannelKind.FEISHU: ("feishu://", "lark://", "https://open.feishu.cn/"),
    ChannelKind.WEBHOOK: ("json://", "jsons://", "form://", "forms://", "xml://", "xmls://"),
}


# What else a unit may set up: services of the public internet, reached over HTTP.
OTHERS = frozenset(
    [
        "bark",
        "barks",
        "bulksms",
        "d7sms",
        "discord",
        "gotify",
        "gotifys",
        "kavenegar",
        "matrix",
        "matrixs",
        "messagebird",
        "mmost",
        "mmosts",
        "msteams",
        "ntfy",
        "ntfys",
        "plivo",
        "pover",
        "qq",
        "rocket",
        "rockets",
        "schan",
        "signal",
        "signals",
        "sinch",
        "slack",
        "tgram",
        "twilio",
        "vonage",
        "wxpusher",
        *(s.removesuffix("://") for s in SCHEMES[ChannelKind.WEBHOOK]),
    ]
)


@dataclass(frozen=True)
class Way:
    """Where a message goes out: a unit's channel, or an address of the whole installation (`LINBAO_NOTIFY_URLS`).
    `key` names it in deliveries; the address itself holds a secret and stands in none."""

    key: str
    name: str
    address: str
    kind: str = ""
    channel: Channel | None = None


def of_unit(unit_id: UUID | None) -> list[Way]:
    """The ways out of a unit: its active channels, those of the units above it, and the installation's."""
    line = [u.id for u in tree().line(unit_id)]
    rows = Channel.objects.filter(unit_id__in=line, active=True, stands_in_only=False).order_by("name")
    return [*map(_way, rows), *of_everybody()]


def of_everybody() -> list[Way]:
    """The installation's own addresses, from its settings."""
    return [Way("env-" + hashlib.sha256(a.encode()).hexdigest()[:16], _("全局渠道"), a) for a in settings.NOTIFY_URLS]


def _way(row: Channel) -> Way:
    return Way(str(row.pk), row.name, row.address, row.kind, row)


def save(actor: User, unit_id: UUID, data: SaveChannel, *, channel_id: UUID | None = None) -> Channel:
    """Make a channel of the unit, or change the one of `channel_id`. Raises `Invalid` beside the field, `NotAllowed`,
    `NotFound`."""
    allow(actor, "channel.manage", tree().get(unit_id))
    row = Channel.objects.filter(pk=channel_id, unit_id=unit_id).first() if channel_id else Channel(unit_id=unit_id)
    if row is None:
        raise NotFound(_("没有这个渠道。"))
    errors: dict[str, list[str]] = {}
    row.name, row.kind, stand_in_id = data.name, data.kind.value, data.stand_in
    row.active, row.stands_in_only, row.stand_in_id = data.active, data.stands_in_only, stand_in_id
    if data.address or not channel_id:
        try:
            check(data.address, row.kind)
            row.address = data.address
        except ValueError as e:
            errors["address"] = [str(e)]
    if stand_in_id and (stand_in_id == row.pk or not Channel.objects.filter(pk=stand_in_id, unit_id=unit_id).exists()):
        errors["stand_in"] = [_("请选择本单位的另一个渠道。")]
    if not channel_id and Channel.objects.filter(unit_id=unit_id).count() >= MOST:
        errors["name"] = [_("一个单位最多设置 20 个渠道。")]
    if errors:
        raise Invalid(fields=errors)
    with transaction.atomic():
        row.save()
        audit.record(actor, "channel.save", row, unit_id=unit_id, kind=row.kind)
    return row


def check(address: str, kind: str = "", *, outside: bool = True) -> Any:
    """Apprise's plugin for an address. Raises `ValueError` with a message for people unless it can be used and
    leads `outside`."""
    import apprise

    if not address or len(address) > 1000 or any(c.isspace() for c in address):
        raise ValueError(_("请填写渠道地址。"))
    wanted = SCHEMES.get(kind)
    if wanted and not address.startswith(wanted):
        raise ValueError(_("这类渠道的地址应以 %(start)s 开头。") % {"start": wanted[0]})
    plugin = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if plugin is None:
        raise ValueError(_("无法识别这个地址，请核对。"))
    if outside and any(isinstance(v, apprise.AppriseAttachment) and len(v) for v in vars(plugin).values()):
        raise ValueError(_("渠道地址里不能指定模板或附件文件。"))  # it would be read from this machine, and sent
    scheme = address.partition("://")[0].lower()
    if outside and not wanted and scheme not in OTHERS and robots.of(plugin) is None:
        raise ValueError(_("不支持这种地址：只能用群机器人、公网短信和消息服务，或网络钩子。"))
    if not outside or robots.of(plugin) is not None:
        return plugin  # a robot's server is fixed; its key stands in the host's place
    try:
        named = urlsplit(address).hostname or ""
    except ValueError as e:
        raise ValueError(_("无法识别这个地址，请核对。")) from e
    for host in {named, str(getattr(plugin, "host", "") or "")} - {""}:
        try:
            outgoing.check(host, settings.NOTIFY_HOSTS)
        except outgoing.Refused as e:
            raise ValueError(str(e)) from e
    return plugin


def post(
    way: Way,
    *,
    key: str,
    subject: str,
    body: str,
    unit_id: UUID | None,
    about: models.Model | None = None,
    alarm: bool = False,
) -> Delivery:
    """Write the delivery of one message over a way out (see `outbox.services.post`)."""
    return services.post(
        key=key,
        channel="channel",
        recipient=way.key,
        subject=subject,
        body=body,
        unit_id=unit_id,
        about=about,
        alarm=alarm,
    )


def send(row: Delivery, handing_over: Callable[[], None]) -> str:
    """Carry one delivery over its channel; raises as `mail.send` does. A refused message goes over the stand-in."""
    ways = _ways(row.recipient)
    if not ways:
        raise Refused(_("渠道已停用。"))
    fault = ""
    for way in ways:
        fault = _fault(way, f"{row.subject}\n{row.body}", handing_over)
        _mark(way, fault)
        if not fault:
            return way.name
    raise TryLater(fault)


def _fault(way: Way, message: str, handing_over: Callable[[], None]) -> str:
    """Send `message` over one way; "" when it was taken, else why not, as a message."""
    try:
        # An address of the settings was put there by whoever runs the server: it may lead inside.
        plugin = check(way.address, way.kind, outside=way.channel is not None)
        allowed = settings.NOTIFY_HOSTS if way.channel is not None else None
        handing_over()
        return mime.one_line(_send(plugin, message, allowed))
    except DatabaseError:
        raise
    except (ValueError, outgoing.Refused) as e:
        return mime.one_line(str(e)) or type(e).__name__
    except OSError:
        return _("连不上对方的服务器。")
    except Exception as e:  # a library that stumbles over an answer: whether it was taken is unknown, so it was not
        log.error("channel failed", error=queue.described(e))
        return _("对方的回应无法识别。")


def _send(plugin: Any, message: str, allowed: Collection[str] | None) -> str:
    """`allowed`: hosts inside our own network that may be reached; None: any."""
    robot = robots.of(plugin)
    if robot is not None:
        return robot(plugin, message, allowed or ())
    plugin.redirects = allowed is None  # what leads outside must not be led back inside
    plugin.socket_connect_timeout = plugin.socket_read_timeout = SECONDS
    with outgoing.guarded(allowed) if allowed is not None else nullcontext():
        return "" if plugin.send(body=message, title="") else _("对方没有接受。")


def _ways(key: str) -> list[Way]:
    """The way that `key` names, then its stand-in."""
    if key.startswith("env-"):
        return [w for w in of_everybody() if w.key == key]
    row = Channel.objects.select_related("stand_in").filter(pk=key).first()
    if row is None or not row.active:
        return []
    return [_way(c) for c in (row, row.stand_in) if c is not None and c.active]


@transaction.atomic
def remove(actor: User, channel_id: UUID) -> None:
    """Take a channel away; where it stood in for another, that one has no stand-in any more."""
    row = get(actor, channel_id)
    audit.record(actor, "channel.remove", row, unit_id=row.unit_id, kind=row.kind)
    row.delete()


def get(actor: User, channel_id: UUID) -> Channel:
    """The channel, for who may manage it; raises `NotFound`, `NotAllowed`."""
    row = Channel.objects.select_related("unit", "stand_in").filter(pk=channel_id).first()
    if row is None:
        raise NotFound(_("没有这个渠道。"))
    allow(actor, "channel.manage", row.unit)
    return row


def test(actor: User, channel_id: UUID) -> tuple[Channel, str]:
    """Send a test message over a channel now; the channel with how it went, and the name of what took it ("": none)."""
    channel = get(actor, channel_id)
    row = Delivery(recipient=str(channel.pk), subject=_("邻报测试消息"), body=_("收到即表示渠道可用。"))
    took, why = "", ""
    try:
        took = send(row, lambda: None)
    except (Refused, TryLater) as e:
        why = str(e)[:200]
    channel.refresh_from_db()
    channel.fault = channel.fault or why
    audit.record(actor, "channel.test", channel, unit_id=channel.unit_id, fault=channel.fault)
    return channel, took


def _mark(way: Way, fault: str) -> None:
    if way.channel is not None:
        Channel.objects.filter(pk=way.channel.pk).update(fault=fault[:200], tried_at=clock.now())
