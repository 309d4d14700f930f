"""What was sent where, by state, channel, unit and period, for the page and its export (design §2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.audit import services as audit
from linbao.core import clock, dates, text
from linbao.core.listing import Cursor
from linbao.core.problems import Invalid
from linbao.organisation.models import User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.outbox.models import Delivery, DeliveryQuerySet, DeliveryState

S = DeliveryState
PAGE = 50
CHANNELS: dict[str, Any] = {"mail": lazy("邮件"), "sms": lazy("短信"), "channel": lazy("群机器人等")}
STOPPED, OPEN = (S.FAILED, S.UNCERTAIN), (S.WAITING, S.SENDING)
STATES: dict[str, Any] = {"stopped": lazy("需要处理（失败或未知）"), "open": lazy("尚未送达")}
ORDERS = {"": Cursor("created_at"), "-created": Cursor("created_at"), "created": Cursor("created_at", descending=False)}
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
WIDTHS = (18, 10, 28, 44, 16, 12, 12, 8, 18, 44)


@dataclass(frozen=True)
class Filters:
    """What to look for; empty means all. `status` is a state or one of `STATES`."""

    status: str = ""
    channel: str = ""
    unit: UUID | None = None
    since: date | None = None
    until: date | None = None
    sort: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Filters:
        """From a query string; raises `Invalid` with a message for each value that is none."""

        def typed(name: str) -> str:
            return str(given.get(name) or "").strip()[:60]

        values: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}

        def bad(name: str) -> None:
            errors[name] = [_("“%(value)s”不是有效的筛选条件。") % {"value": typed(name)[:40]}]

        for name, known in (("status", (*S.values, *STATES)), ("channel", CHANNELS), ("sort", ORDERS)):
            values[name] = typed(name)
            if values[name] and values[name] not in known:
                bad(name)
        try:
            values["unit"] = UUID(typed("unit")) if typed("unit") else None
            if values["unit"] and tree().get(values["unit"]) is None:
                bad("unit")
        except ValueError:
            bad("unit")
        for name in ("since", "until"):
            try:
                values[name] = dates.day(typed(name), 2000, 2200) if typed(name) else None
            except ValueError:
                bad(name)
        if not errors and values["since"] and values["until"] and values["since"] > values["until"]:
            errors["until"] = [_("结束日期不能早于开始日期。")]
        if errors:
            raise Invalid(_("有筛选条件无法识别，请修改后重试。"), errors)
        return cls(**values)

    @property
    def active(self) -> bool:
        return bool(self.status or self.channel or self.unit or self.since or self.until)

    def apply(self, rows: DeliveryQuerySet) -> DeliveryQuerySet:
        """`rows` narrowed; order and page are the cursor's."""
        if self.status:
            rows = rows.filter(state__in={"stopped": STOPPED, "open": OPEN}.get(self.status, (self.status,)))
        if self.channel:
            rows = rows.filter(channel=self.channel)
        if self.unit:
            rows = rows.filter(unit__in=tree().within(self.unit))
        zone = clock.zone()
        if self.since:
            rows = rows.filter(created_at__gte=datetime.combine(self.since, time(0), zone))
        if self.until:
            rows = rows.filter(created_at__lt=datetime.combine(self.until + timedelta(days=1), time(0), zone))
        return rows


def page(user: User, filters: Filters, cursor: str, size: int = PAGE) -> tuple[list[Delivery], str | None]:
    """A page of deliveries with who caused them, and the cursor of the next; one statement."""
    rows = filters.apply(Delivery.objects.visible_to(user)).select_related("caused_by")
    return ORDERS[filters.sort].page(rows.defer("body", "attachments"), cursor, size)


def shown(row: Delivery) -> dict[str, Any]:
    """A line in words, personal data masked; no query."""
    unit = tree().get(row.unit_id)
    return {
        "row": row,
        "recipient": masked(row.recipient, row),
        "subject": text.mask_within(row.subject),
        "unit": unit.name if unit else "",
        "answer": masked(row.answer, row),
        "meaning": in_words(row.answer),
        "channel": str(CHANNELS.get(row.channel, row.channel)),
    }


def masked(words: str, row: Delivery) -> str:
    """Phones, ID numbers and people's mail addresses inside a text, masked (1.3.4).

    The mailbox that a weekly report goes to is an office's, nobody's own: it stays, so that a wrong one is seen.
    """
    if row.subject_type == WEEKLY:
        return text.mask_within(words)
    known = {u.mailbox for u in tree().line(row.unit_id) if u.mailbox}

    def hide(found: re.Match[str]) -> str:
        return found[0] if found[0] in known else f"{found[1][:1]}***@{found[2]}"

    return MAIL.sub(hide, text.mask_within(words))


def in_words(answer: str) -> str:
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


# --- taking it out --------------------------------------------------------------------------------


def header() -> list[str]:
    return [
        _("建立时间"),
        _("渠道"),
        _("收件地址"),
        _("主题"),
        _("单位"),
        _("发起人"),
        _("状态"),
        _("次数"),
        _("送达时间"),
        _("对方回应"),
    ]


def begin_export(user: User, filters: Filters) -> None:
    """Ask whether `user` may take the list out, and put it on the audit log. Raises `NotAllowed`."""
    allow(user, "deliveries.view")
    details = {
        "status": filters.status,
        "channel": filters.channel,
        "unit": str(filters.unit or ""),
        "since": str(filters.since or ""),
        "until": str(filters.until or ""),
    }
    audit.record(user, "delivery.export", unit_id=user.rights.home, filters=details)


def lines(user: User, filters: Filters) -> Iterator[list[str]]:
    """The rows of the export, read page by page, so that memory does not grow."""

    def at(moment: datetime | None) -> str:
        return clock.local(moment).strftime("%Y-%m-%d %H:%M") if moment else ""

    cursor: str | None = ""
    while cursor is not None:
        result, cursor = page(user, filters, cursor, 500)
        for row in result:
            details = shown(row)
            yield [
                at(row.created_at),
                details["channel"],
                details["recipient"],
                details["subject"],
                details["unit"],
                row.caused_by.name if row.caused_by else "",
                str(S(row.state).label),
                str(row.attempts),
                at(row.sent_at),
                details["answer"],
            ]
