"""`/admin/channels/`: a unit's robots, gateways and webhooks: made, tried out, given a stand-in (2.3.2); and how
each person wants to hear of what is not urgent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core.inputs import posted
from linbao.core.problems import Invalid, NotAllowed
from linbao.organisation import people
from linbao.organisation.models import Role
from linbao.organisation.requests import AuthenticatedRequest
from linbao.outbox import preferences
from linbao.outbox.channels import services as channels
from linbao.outbox.inputs import ChoosePreference, ForUnit, SaveChannel
from linbao.outbox.models import ByMail, Channel, ChannelKind
from linbao.platform.protection.reauthentication import FORM_WITHIN, WITHIN, dangerous, require_proof

KEEPERS = (Role.MANAGER, Role.ADMINISTRATOR)
EXAMPLES = {
    ChannelKind.WECOM: "wecombot://693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa",
    ChannelKind.DINGTALK: "dingtalk://SECxxxx@access_token",
    ChannelKind.FEISHU: "feishu://hook_token",
    ChannelKind.WEBHOOK: "jsons://hooks.example.com/linbao",
    ChannelKind.OTHER: "twilio://AccountSid:AuthToken@13800138000/13900139000",
}


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The channels of the units that one keeps, each with how its last try went."""
    user = request.user
    units = user.rights.units(*KEEPERS)
    if not units:
        raise NotAllowed(_("发送渠道由管理部门负责人或系统管理员设置。"))
    rows = Channel.objects.filter(unit__in=units).select_related("unit", "stand_in").order_by("unit__name", "name")
    context = {"rows": rows[:500], "everybody": channels.of_everybody()}
    return render(request, "outbox/channels.html", context)


@dangerous("channel.change")
@login_required
@require_http_methods(["GET", "POST"])
def edit(request: AuthenticatedRequest, channel_id: UUID | None = None) -> HttpResponseBase:
    """Make a channel or change one; the address is never shown back."""
    user = request.user
    row = channels.get(user, channel_id) if channel_id else None
    offered = people.offered(user.rights, *KEEPERS)
    if not offered:
        raise NotAllowed(_("发送渠道由管理部门负责人或系统管理员设置。"))
    # The address is a secret: it must not wait in a session while its sender signs in again.
    require_proof(request, within=FORM_WITHIN if request.method == "POST" else WITHIN)
    errors: dict[str, list[str]] = {}
    data: dict[str, Any] = _form_data(row, offered)
    if request.method == "POST":
        data = {name: value for name, value in request.POST.items() if name != "address"}
        try:
            channel = posted(SaveChannel, request.POST, active="active" in request.POST)
            unit_id = row.unit_id if row else posted(ForUnit, request.POST).unit
            made = channels.save(user, unit_id, channel, channel_id=channel_id)
            messages.success(request, _("已保存。请点“试发”确认能收到。"))
            return redirect("outbox:channel", made.pk)
        except Invalid as e:
            errors = e.fields or {"": [e.message]}
    others = Channel.objects.filter(unit_id=row.unit_id).exclude(pk=row.pk) if row else Channel.objects.none()
    context = {
        "row": row,
        "values": data,
        "errors": errors,
        "units": offered,
        "others": others.order_by("name"),
        "kinds": [(c, n, EXAMPLES[ChannelKind(c)]) for c, n in ChannelKind.choices],
    }
    return render(request, "outbox/channel.html", context, status=422 if errors else 200)


@login_required
@require_POST
def test(request: AuthenticatedRequest, channel_id: UUID) -> HttpResponse:
    """Send a test message now, and say how it went."""
    row, took = channels.test(request.user, channel_id)
    if row.fault and took:
        messages.warning(request, _("没有发出：%(why)s；替补“%(name)s”已发出。") % {"why": row.fault, "name": took})
    elif row.fault:
        messages.error(request, _("没有发出：%(why)s") % {"why": row.fault})
    else:
        messages.success(request, _("已发出，请到群里或接收端确认收到“邻报测试消息”。"))
    return redirect("outbox:channel", channel_id)


@dangerous("channel.change")
@login_required
@require_POST
def remove(request: AuthenticatedRequest, channel_id: UUID) -> HttpResponseBase:
    """Take a channel away."""
    channels.get(request.user, channel_id)
    require_proof(request)
    channels.remove(request.user, channel_id)
    messages.success(request, _("渠道已删除。"))
    return redirect("outbox:channels")


@login_required
@require_http_methods(["GET", "POST"])
def preference(request: AuthenticatedRequest) -> HttpResponse:
    """How one hears of what is not urgent: at once, as a digest, not by mail; and when not."""
    user = request.user
    errors: dict[str, list[str]] = {}
    row = preferences.preference(user)
    data: dict[str, str] = {"by_mail": row.by_mail} | {
        k: f"{v:%H:%M}" if (v := getattr(row, k)) else "" for k in ("digest_at", "quiet_from", "quiet_to")
    }
    if request.method == "POST":
        data = {name: str(value)[:20] for name, value in request.POST.items() if name in data}
        try:
            preferences.choose(user, posted(ChoosePreference, request.POST))
            messages.success(request, _("已保存。"))
            return redirect("outbox:preference")
        except Invalid as e:
            errors = e.fields
    context = {"values": data, "errors": errors, "choices": ByMail.choices, "has_mail": bool(user.email)}
    return render(request, "outbox/preference.html", context, status=422 if errors else 200)


def _form_data(row: Channel | None, offered: list[tuple[Any, str]]) -> dict[str, Any]:
    if row is None:
        return {"active": True, "unit": str(offered[0][0]) if len(offered) == 1 else "", "kind": ChannelKind.WECOM}
    return {
        "name": row.name,
        "kind": row.kind,
        "unit": str(row.unit_id),
        "stand_in": str(row.stand_in_id or ""),
        "stands_in_only": row.stands_in_only,
        "active": row.active,
    }
