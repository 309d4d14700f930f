"""The room's first page: what is mine, what the officer looks after; and reporting a loss (6.1.1, 6.1.2)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linbao.accounts.models import RoleProposal
from linbao.core import clock
from linbao.core.inputs import posted
from linbao.core.problems import Invalid
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.platform.protection.reauthentication import SECOND_PERSON, SIGN_IN_AGAIN
from linbao.security import staff
from linbao.security.devices import services as devices
from linbao.security.devices.inputs import ReportLoss
from linbao.security.forms import LostForm
from linbao.security.hosts import services as hosts
from linbao.security.models import Alert, Device, DeviceState, Entry, Finding, Incident, IncidentState, Place
from linbao.security.presentation import ask
from linbao.security.rules import services as rulebook


@require_GET
@login_required
def index(request: AuthenticatedRequest) -> HttpResponse:
    """One's rules, devices, findings and what the app tells of itself; the officer's tiles. A constant number of
    statements."""
    user = request.user
    rules = rulebook.bound(user)
    confirmed = rulebook.confirmed_by(user, rules)
    context: dict[str, Any] = {
        "rules": [{"rule": r, "confirmed": r.pk in confirmed} for r in rules],
        "devices": devices.own(user),
        "phones": list(user.phones.order_by("-last_at")[:20]),
        "findings": list(Finding.objects.filter(owner=user, closed_at__isnull=True).order_by("due_at")[:20]),
        "places": list(Place.objects.filter(keeper=user, active=True).order_by("name")[:20]),
        "reported": list(Incident.objects.filter(noticed_by=user).order_by("-noticed_at")[:5]),
        "inside": list(
            Entry.objects.filter(person=user, left_at__isnull=True, refused=False).select_related("place")[:5]
        ),
        "officer": user.has_perm("security.officer"),
        "sees_registers": user.has_perm("security.look"),
    }
    if context["sees_registers"]:
        context |= _figures(user)
    return render(request, "security/index.html", context)


def _figures(user: User) -> dict[str, Any]:
    """What waits in the units that somebody keeps or leads, one statement each; and the host's guards, three."""
    units = user.rights.units(Role.SECURITY_OFFICER, Role.MANAGER)
    now = clock.now()
    result: dict[str, Any] = {
        "guard_faults": sum(s.fault for s in hosts.standings()),
        "open_incidents": Incident.objects.filter(unit__in_array=units).exclude(state=IncidentState.CLOSED).count(),
        "open_findings": Finding.objects.filter(unit__in_array=units).aggregate(
            all=Count("id", filter=Q(closed_at__isnull=True)),
            late=Count("id", filter=Q(closed_at__isnull=True, fixed_at__isnull=True, due_at__lt=now)),
        ),
        "counts": Device.objects.filter(unit__in_array=units).aggregate(
            used=Count("id", filter=Q(state=DeviceState.IN_USE)), lost=Count("id", filter=Q(state=DeviceState.LOST))
        ),
    }
    if user.has_perm("security.officer"):
        result |= {
            "open_alerts": Alert.objects.visible_to(user).open().count(),
            "waiting": RoleProposal.objects.visible_to(user).waiting().count(),
            "again": SIGN_IN_AGAIN.values(),
            "second": SECOND_PERSON.values(),
        }
    return result


@require_http_methods(["GET", "POST"])
@login_required
def lost(request: AuthenticatedRequest) -> HttpResponseBase:
    """Report a device of one's own or of a colleague as lost: it is acted on at once."""
    user = request.user
    own = {f"d:{d.pk}": d for d in devices.own(user)}
    apps = {f"p:{p.pk}": p for p in user.phones.order_by("-last_at")[:20]}
    options = [
        *((k, str(d)) for k, d in own.items()),
        *(
            (
                k,
                _("登录过的%(what)s，最近 %(at)s")
                % {"what": p.platform or _("设备"), "at": clock.local(p.last_at).strftime("%m-%d %H:%M")},
            )
            for k, p in apps.items()
        ),
    ]
    form = LostForm(options, request.POST if request.method == "POST" else None)

    def do() -> str:
        what = request.POST.get("what", "")  # which of the choices decides what the verb is asked with
        if what not in dict(form.fields["what"].choices):  # type: ignore[attr-defined]  # a ChoiceField
            raise Invalid(fields={"what": [_("请从列出的选项中选择。")]})
        device, phone = own.get(what), apps.get(what)
        data = posted(
            ReportLoss,
            request.POST,
            colleague=what == "colleague",
            device=device.pk if device else None,
            phone=phone.pk if phone else None,
        )
        made = devices.report_lost(user, data, session=request.session.session_key or "")
        message = _(
            "已报失：退出 %(n)d 处登录，撤销 %(t)d 个令牌，%(w)d 台设备下次联网时自动清除。安全保密员已收到警报。"
        )
        messages.success(request, message % {"n": made.sessions, "t": made.tokens, "w": made.wipes})
        if data.colleague:
            return reverse("security:index")
        return reverse("security:incident", args=[made.incident.pk])

    note = _(
        "提交后立即退出此人在其他设备上的登录，撤销接口令牌，丢失的设备下次联网时清除所存内容。本机的登录不受影响。"
    )
    return ask(
        request,
        form,
        do,
        title=_("设备报失"),
        back=(reverse("security:index"), _("信息安全")),
        clause="6.1.2",
        submit=_("立即报失"),
        note=note,
        danger=True,
        people=staff.proposed(staff.near(user)),
    )
