"""What was sent where, by state, channel, unit and period, for the page and its export (design §2.3)."""

from __future__ import annotations

import re
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as lazy

from linbao.core import text
from linbao.core.listing import Choice, Column, Listing, Period
from linbao.organisation import people
from linbao.organisation.models import Role
from linbao.organisation.tree import tree
from linbao.outbox.models import Delivery, DeliveryState

S = DeliveryState
CHANNELS: dict[str, Any] = {"mail": lazy("邮件"), "sms": lazy("短信"), "channel": lazy("群机器人等")}
STOPPED, OPEN = (S.FAILED, S.UNCERTAIN), (S.WAITING, S.SENDING)
GROUPS = {"stopped": STOPPED, "open": OPEN}
STATES: dict[str, Any] = {"stopped": lazy("需要处理（失败或未知）"), "open": lazy("尚未送达")}
ROLES = (Role.MANAGER, Role.REVIEWER, Role.ADMINISTRATOR)
WEEKLY = "weekly_reports.weeklyreport"
SUBJECTS = {
    "items.item": "items:item",
    WEEKLY: "weekly_reports:detail",
    "emergencies.urgentreport": "emergencies:urgent-report",
}
MEANINGS: dict[str, Any] = {
    "ConnectionRefused": lazy("连不上邮件服务器"),
    "TimeoutError": lazy("邮件服务器没有回应"),
    "timed out": lazy("邮件服务器没有回应"),
    "gaierror": lazy("找不到邮件服务器的地址"),
    "ServerDisconnected": lazy("邮件服务器中断了连接"),
    "SSL": lazy("与邮件服务器的加密连接没有建成"),
    "AuthenticationError": lazy("邮件服务器不认发信账号的口令"),
    "unreachable": lazy("网络不通，到不了邮件服务器"),
}
CODES: dict[str, Any] = {
    "421": lazy("对方服务器繁忙"),
    "450": lazy("对方暂时不收"),
    "451": lazy("对方暂时不收"),
    "452": lazy("对方邮箱或服务器空间不足"),
    "530": lazy("邮件服务器要求先登录"),
    "535": lazy("邮件服务器不认发信账号的口令"),
    "550": lazy("收件地址不存在，或对方拒收"),
    "551": lazy("收件人不在这台服务器"),
    "552": lazy("邮件过大，或对方邮箱已满"),
    "553": lazy("收件地址写法不对"),
    "554": lazy("对方拒收（可能被当作垃圾邮件）"),
}
MAIL = re.compile(r"([A-Za-z0-9._%+-]{1,64})@([A-Za-z0-9.-]{1,190})")


def masked(value: str, row: Delivery) -> str:
    """Phones, ID numbers and people's mail addresses inside a text, masked (1.3.4).

    The mailbox that a weekly report goes to is an office's, nobody's own: it stays, so that a wrong one is seen.
    """
    if row.subject_type == WEEKLY:
        return text.mask_within(value)
    known = {u.mailbox for u in tree().line(row.unit_id) if u.mailbox}

    def hide(match: re.Match[str]) -> str:
        return match[0] if match[0] in known else f"{match[1][:1]}***@{match[2]}"

    return MAIL.sub(hide, text.mask_within(value))


def explained(answer: str) -> str:
    """What an answer of a mail server means, for people who run none; "" where it is not known."""
    result = next((message for sign, message in MEANINGS.items() if sign in answer[:60]), None)
    code = re.match(r"[45]\d\d\b", answer)
    return str(result or (CODES.get(code[0]) if code else None) or "")


def about(row: Delivery) -> str:
    """The address of the page that the delivery is about; "" where it has none."""
    try:
        name = SUBJECTS.get(row.subject_type)
        return reverse(name, args=[row.subject_id]) if name and row.subject_id else ""
    except NoReverseMatch:
        return ""


LISTING = Listing(
    name="deliveries",
    title=lazy("发送记录"),
    permission="deliveries.view",
    action="delivery.export",
    url="outbox:list",
    export_url="outbox:export",
    rows=lambda user, values: (
        Delivery.objects.visible_to(user).select_related("caused_by").defer("body", "attachments")
    ),
    filters=(
        Choice(
            "status",
            lazy("状态"),
            lambda rows, value: rows.filter(state__in=GROUPS.get(value, (value,))),
            every=lazy("全部状态"),
            options=[*STATES.items(), *S.choices],
        ),
        Choice("channel", lazy("渠道"), "channel", every=lazy("全部渠道"), options=CHANNELS.items()),
        people.UnitFilter("unit", narrow="unit__in", roles=ROLES),
        Period("created_at", lazy("建立时间")),
    ),
    columns=(
        Column("created", lazy("建立时间"), lambda r: r.created_at, 18, sort="created_at"),
        Column("channel", lazy("渠道"), lambda r: str(CHANNELS.get(r.channel, r.channel)), 10),
        Column("recipient", lazy("收件地址"), lambda r: masked(r.recipient, r), 28),
        Column("subject", lazy("主题"), lambda r: text.mask_within(r.subject), 44),
        Column("unit", lazy("单位"), lambda r: tree().name(r.unit_id), 16),
        Column("by", lazy("发起人"), lambda r: r.caused_by.name if r.caused_by else "", 12),
        Column("state", lazy("状态"), lambda r: S(r.state).label, 12),
        Column("attempts", lazy("次数"), lambda r: r.attempts, 8),
        Column("sent", lazy("送达时间"), lambda r: r.sent_at, 18),
        Column("answer", lazy("对方回应"), lambda r: masked(r.answer, r), 44),
    ),
    sort="-created",
)
