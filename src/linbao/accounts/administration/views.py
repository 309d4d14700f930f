"""What the administrator sees first: every page of administration, and what asks for attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from linbao.core.permissions import allow
from linbao.organisation.models import Role, UnitKind, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.outbox.models import Delivery, DeliveryState

MOST_COUNTED = 100


@dataclass(frozen=True)
class Card:
    """One page of administration: shown where its address exists and its permission is held."""

    url: str
    perm: str
    icon: str
    name: str | Promise
    summary: str | Promise


CARDS: tuple[Card, ...] = (
    Card(
        "organisation:units",
        "units.view",
        "sitemap",
        gettext_lazy("单位与网格"),
        gettext_lazy("增减社区、网格和部门；指定邮箱、值班电话、工作时间与节假日"),
    ),
    Card(
        "accounts:people",
        "people.view",
        "users",
        gettext_lazy("人员与角色"),
        gettext_lazy("开设和停用账号，授予角色，重置口令"),
    ),
    Card(
        "items:catalogue",
        "catalogue.change",
        "category",
        gettext_lazy("类别目录"),
        gettext_lazy("子类、填写字段、选项、办理时限和默认办理单位"),
    ),
    Card(
        "review:reasons",
        "review.reasons",
        "message-report",
        gettext_lazy("标准退回理由"),
        gettext_lazy("审核员退回时一点即用的理由"),
    ),
    Card(
        "documents:templates",
        "documents.templates",
        "template",
        gettext_lazy("文书模板"),
        gettext_lazy("周报等文书的版式，可换成本单位的模板"),
    ),
    Card(
        "items:import",
        "item.import",
        "database-import",
        gettext_lazy("导入"),
        gettext_lazy("把表格里的历史信息转入系统，先试运行再导入"),
    ),
    Card(
        "outbox:channels",
        "units.view",
        "bell-ringing",
        gettext_lazy("发送渠道"),
        gettext_lazy("警报发往哪些群机器人、短信网关；试发和替补"),
    ),
    Card(
        "outbox:list",
        "deliveries.view",
        "send",
        gettext_lazy("发送记录"),
        gettext_lazy("每封邮件何时发往何处、对方怎样答复；失败的可再次发送"),
    ),
    Card(
        "jobs",
        "jobs.manage",
        "refresh-alert",
        gettext_lazy("后台任务"),
        gettext_lazy("出错或停滞的任务、磁盘和队列；重试或放弃"),
    ),
    Card(
        "audit:list",
        "audit.view",
        "shield-lock",
        gettext_lazy("审计日志"),
        gettext_lazy("谁在何时做了什么；只可查看，不可更改"),
    ),
)


@login_required
@require_GET
def landing(request: AuthenticatedRequest) -> HttpResponse:
    """The pages of administration that this person may open, and what waits for them."""
    user = request.user
    allow(user, "units.view")
    return render(request, "accounts/admin_landing.html", {"cards": _cards(user), "attention": _attention(user)})


def _cards(user: User) -> list[dict[str, Any]]:
    rows = []
    for card in CARDS:
        try:
            href = reverse(card.url)
        except NoReverseMatch:
            continue
        if user.has_perm(card.perm):
            rows.append({"href": href, "icon": card.icon, "name": card.name, "words": card.summary})
    return rows


def _attention(user: User) -> list[dict[str, Any]]:
    """What would keep the product from its work: mail that stopped, communities without a mailbox."""
    rows = []
    stopped = (
        Delivery.objects.visible_to(user)
        .filter(state__in=(DeliveryState.FAILED, DeliveryState.UNCERTAIN))
        .values_list("pk", flat=True)[:MOST_COUNTED]
    )
    if count := len(stopped):
        shown = f"{MOST_COUNTED - 1}+" if count == MOST_COUNTED else str(count)
        message = ngettext("%(n)s 封邮件没有送达或结果未知", "%(n)s 封邮件没有送达或结果未知", count) % {"n": shown}
        rows.append(
            {
                "tone": "bad",
                "icon": "mail-exclamation",
                "words": message,
                "href": _address("outbox:list", "?status=stopped"),
            }
        )
    units = tree()
    mine = user.rights.units(Role.ADMINISTRATOR)
    bare = [
        u for u in units.of_kind(UnitKind.COMMUNITY) if u.id in mine and u.active and not units.setting(u, "mailbox")
    ]
    if bare:
        names = _("、").join(u.name for u in bare[:3])
        message = (
            _("%(names)s 还没有指定邮箱，周报无法发送") % {"names": names}
            if len(bare) <= 3
            else _("%(names)s 等 %(n)d 个社区还没有指定邮箱，周报无法发送") % {"names": names, "n": len(bare)}
        )
        href = (
            reverse("organisation:unit", args=[bare[0].id])
            if len(bare) == 1
            else _address("organisation:units", "?without=mailbox")
        )
        rows.append({"tone": "warn", "icon": "mail-off", "words": message, "href": href, "clause": "4.1.1"})
    return rows


def _address(name: str, query: str) -> str:
    try:
        return reverse(name) + query
    except NoReverseMatch:
        return ""
