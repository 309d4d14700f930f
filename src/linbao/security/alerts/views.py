"""Alerts as the security officer works them off (6.1.1, 6.1.3)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.audit import wording
from linbao.audit.models import Record
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Search
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, NotFound
from linbao.organisation.requests import AuthenticatedRequest
from linbao.security.alerts import services as alerts
from linbao.security.alerts.inputs import CloseAlert
from linbao.security.alerts.states import ALERT
from linbao.security.forms import OutcomeForm
from linbao.security.models import Alert, AlertState, Severity
from linbao.security.presentation import Act, Badge, Line, Register, Section, ask, detail, unit_name

TONES = {Severity.LOW: "neutral", Severity.MEDIUM: "warn", Severity.HIGH: "bad"}
# What of an alert's facts is shown.
DATA = {
    "day": lazy("日期"),
    "limit": lazy("界限（次）"),
    "address": lazy("来源地址"),
    "path": lazy("访问的地址"),
    "method": lazy("请求方式"),
    "rule": lazy("检测规则"),
    "rule_number": lazy("规则编号"),
    "jail": lazy("封禁规则"),
    "signature": lazy("病毒名称"),
    "block": lazy("审计区块"),
    "record": lazy("审计记录"),
}
STATES = {
    AlertState.OPEN: ("warn", "hourglass"),
    AlertState.TAKEN: ("work", "user-check"),
    AlertState.CLOSED: ("done", "circle-check"),
}


def _badges(row: Alert) -> list[Badge]:
    tone, icon = STATES[AlertState(row.state)]
    return [
        Badge(row.get_severity_display(), TONES[Severity(row.severity)], "flag"),
        Badge(row.get_state_display(), tone, icon),
    ]


def _line(row: Alert) -> Line:
    times = _("%(n)d 次") % {"n": row.times} if row.times > 1 else ""
    return Line(
        row.text,
        [alerts.kind_name(row.kind), row.about.name if row.about else "", unit_name(row), row.opened_at, times],
        _badges(row),
        href=reverse("security:alert", args=[row.pk]),
    )


REGISTER = Register(
    Listing(
        name="security-alerts",
        title=lazy("安全警报"),
        permission="security.officer",
        action="security.export",
        url="security:alerts",
        export_url="security:alerts-export",
        rows=lambda user, values: Alert.objects.visible_to(user).select_related("handled_by", "about"),
        filters=(
            Search(
                "q", lazy("情况或种类"), lambda rows, q: rows.filter(Q(message__icontains=q) | Q(kind__icontains=q))
            ),
            Choice("state", lazy("状态"), "state", every=lazy("全部状态"), options=AlertState.choices),
            Choice(
                "kind",
                lazy("种类"),
                lambda rows, v: rows.filter(Q(kind=v) | Q(kind__startswith=v + ".")),
                every=lazy("全部种类"),
                options=lambda user: alerts.KINDS.items(),
            ),
            Choice("severity", lazy("程度"), "severity", every=lazy("全部程度"), options=Severity.choices),
        ),
        columns=(
            Column("opened_at", lazy("时间"), lambda r: r.opened_at, sort="opened_at"),
            Column("kind", lazy("种类"), lambda r: alerts.kind_name(r.kind)),
            Column("severity", lazy("程度"), lambda r: r.get_severity_display()),
            Column("unit", lazy("单位"), lambda r: unit_name(r)),
            Column("text", lazy("情况"), lambda r: r.text),
            Column("about", lazy("涉及人员"), lambda r: r.about.name if r.about else ""),
            Column("times", lazy("次数"), lambda r: r.times),
            Column("state", lazy("状态"), lambda r: r.get_state_display()),
            Column("handled_by", lazy("处理人"), lambda r: r.handled_by.name if r.handled_by else ""),
            Column("outcome", lazy("处理结果"), lambda r: r.outcome),
        ),
        sort="-opened_at",
    ),
    clause="6.1.3",
    subtitle=lazy("异常查看、入侵迹象、设备丢失等，都会汇到这里并通知安全保密员。"),
    line=_line,
    icon="bell",
    empty=(lazy("没有警报"), lazy("一切正常；有异常时会出现在这里，并立即通知您。")),
)


index, export = REGISTER.views()


@require_GET
@login_required
def alert(request: AuthenticatedRequest, alert_id: UUID) -> HttpResponse:
    """One alert, with what is known of it."""
    row = _seen(request, alert_id)
    acts = []
    if ALERT.allows(row, "close") and row.about_id != request.user.pk:
        if ALERT.allows(row, "take"):
            acts.append(Act(reverse("security:alert-take", args=[row.pk]), _("我来处理"), "hand-grab", post=True))
        acts.append(Act(reverse("security:alert-close", args=[row.pk]), _("填写处理结果"), "check", tone="primary"))
    if incident := row.data.get("incident"):
        acts.append(Act(reverse("security:incident", args=[incident]), _("查看安全事件"), "alert-triangle"))
    judged = alerts.JUDGED.get(row.kind)
    if row.justified is False:
        acts.append(Act(reverse("security:incident-new"), _("报告安全事件"), "alert-triangle"))
    shown = [(name, row.data[k]) for k, name in DATA.items() if isinstance(row.data.get(k), str | int | float)]
    return detail(
        request,
        title=row.text,
        back=(reverse("security:alerts"), _("安全警报")),
        clause="6.1.3",
        badges=_badges(row),
        acts=acts,
        facts=[
            (_("种类"), alerts.kind_name(row.kind)),
            (_("单位"), unit_name(row)),
            (_("发生时间"), row.opened_at),
            (_("次数"), row.times),
            (_("最近一次"), row.last_at if row.times > 1 else ""),
            (_("涉及人员"), row.about.name if row.about else ""),
            *shown,
            (_("处理人"), row.handled_by.name if row.handled_by else ""),
            (_("处理时间"), row.handled_at),
            (_("处理结果"), row.outcome),
            (
                _("核查结论"),
                ""
                if row.justified is None
                else _("有正当理由，或属误报")
                if row.justified
                else _("没有正当理由，须追究"),
            ),
        ],
        sections=[_behind(judged(row))] if judged else [],
        note=_("这条警报涉及您本人，须由另一位安全保密员处理。") if row.about_id == request.user.pk else "",
    )


def _behind(lines: list[Record]) -> Section:
    """The lines of the audit log that it rests on, without whom they concern."""
    return Section(
        _("依据的审计记录"),
        "list-search",
        empty=_("没有可显示的记录。"),
        lines=[Line(wording.action(r.action), [r.at, r.reason, r.address or ""]) for r in lines],
    )


@require_POST
@login_required
def take(request: AuthenticatedRequest, alert_id: UUID) -> HttpResponse:
    """Take it on oneself."""
    row = _seen(request, alert_id)
    try:
        alerts.take(request.user, row.pk)
    except Conflict as e:
        messages.error(request, e.message)
    return redirect("security:alert", row.pk)


@require_http_methods(["GET", "POST"])
@login_required
def close(request: AuthenticatedRequest, alert_id: UUID) -> HttpResponseBase:
    """Close it with what came of it."""
    row = _seen(request, alert_id)
    here = reverse("security:alert", args=[row.pk])

    def do() -> str:
        alerts.close(request.user, row.pk, posted(CloseAlert, request.POST))
        return here

    form = OutcomeForm(row.kind in alerts.JUDGED, request.POST if request.method == "POST" else None)
    return ask(
        request,
        form,
        do,
        title=_("处理警报"),
        back=(here, row.text),
        clause="6.1.3",
        submit=_("处理完毕"),
        done=_("已记录处理结果。"),
    )


def _seen(request: AuthenticatedRequest, alert_id: UUID) -> Alert:
    user = request.user
    allow(user, "security.officer")
    row = Alert.objects.visible_to(user).select_related("handled_by", "about").filter(pk=alert_id).first()
    if row is None:
        raise NotFound(_("没有这条警报。"))
    return row
