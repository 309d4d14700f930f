"""Security incidents: anyone reports, the officer carries it to its report (6.1.1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linbao.core import clock
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Search
from linbao.core.permissions import allow
from linbao.core.problems import NotFound
from linbao.documents.download import hand_out
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.security import documents, staff
from linbao.security.forms import ClassifyForm, NoteForm, NoticeForm, NotifyForm
from linbao.security.incidents import services as incidents
from linbao.security.incidents.inputs import AddNote, ClassifyIncident, RecordNotice, ReportIncident
from linbao.security.incidents.states import INCIDENT
from linbao.security.models import Incident, IncidentKind, IncidentState, Severity
from linbao.security.presentation import (
    Act,
    Badge,
    Line,
    Register,
    Section,
    ask,
    back_to,
    detail,
    record_act,
    unit_name,
)

S = IncidentState
STATES = {
    S.NOTICED: ("bad", "alert-triangle"),
    S.CLASSIFIED: ("warn", "tools"),
    S.CONTAINED: ("work", "shield-check"),
    S.CLOSED: ("done", "circle-check"),
}
TONES = {Severity.LOW: "neutral", Severity.MEDIUM: "warn", Severity.HIGH: "bad"}


def _badges(row: Incident) -> list[Badge]:
    tone, icon = STATES[S(row.state)]
    rows = [Badge(row.get_state_display(), tone, icon)]
    if row.severity:
        rows.append(Badge(row.get_severity_display(), TONES[Severity(row.severity)], "flag"))
    if row.personal:
        rows.append(Badge(_("涉及个人信息"), "warn", "user"))
    return rows


def _line(row: Incident) -> Line:
    return Line(
        f"{row.number} · {row.get_kind_display()}",
        [row.noticed_by.name, row.noticed_at, unit_name(row)],
        _badges(row),
        due=_due(row),
        href=reverse("security:incident", args=[row.pk]),
    )


def _due(row: Incident) -> Any:
    if row.state == S.CLOSED:
        return None
    return min((due for _name, due, done in incidents.limits(row) if done is None), default=None)


def _acts(user: User) -> list[Act]:
    return [Act(reverse("security:incident-new"), _("报告安全事件"), "plus", tone="primary")]


def _of_units(user: User) -> Any:
    units = user.rights.units(Role.SECURITY_OFFICER, Role.MANAGER)
    return Incident.objects.filter(unit__in_array=units).select_related("noticed_by")


REGISTER = Register(
    Listing(
        name="security-incidents",
        title=lazy("安全事件"),
        permission="security.look",
        action="security.export",
        url="security:incidents",
        export_url="security:incidents-export",
        rows=lambda user, values: _of_units(user),
        filters=(
            Search(
                "q",
                lazy("编号或报告人"),
                lambda rows, q: rows.filter(Q(number__icontains=q) | Q(noticed_by__name__icontains=q)),
            ),
            Choice("state", lazy("状态"), "state", every=lazy("全部状态"), options=IncidentState.choices),
            Choice("kind", lazy("种类"), "kind", every=lazy("全部种类"), options=IncidentKind.choices),
        ),
        columns=(
            Column("number", lazy("编号"), lambda r: r.number, sort="number"),
            Column("kind", lazy("种类"), lambda r: r.get_kind_display()),
            Column("severity", lazy("程度"), lambda r: r.get_severity_display()),
            Column("state", lazy("状态"), lambda r: r.get_state_display()),
            Column("noticed_by", lazy("报告人"), lambda r: r.noticed_by.name),
            Column("noticed_at", lazy("报告时间"), lambda r: r.noticed_at, sort="noticed_at"),
            Column("personal", lazy("涉及个人信息"), lambda r: r.personal),
            Column("authority_at", lazy("报告主管部门时间"), lambda r: r.authority_at),
            Column("people_at", lazy("告知本人时间"), lambda r: r.people_at),
            Column("closed_at", lazy("结案时间"), lambda r: r.closed_at),
        ),
        sort="-noticed_at",
        zone=lambda user, row: staff.zone_of(row.unit_id),
    ),
    clause="6.1.1",
    subtitle=lazy("4 小时内研判；涉及个人信息的，24 小时内报告主管部门，72 小时内告知本人。"),
    line=_line,
    icon="shield-check",
    empty=(lazy("没有安全事件"), lazy("任何人发现异常都可以报告，越早越好。")),
    acts=_acts,
)


index, export = REGISTER.views()


@require_http_methods(["GET", "POST"])
@login_required
def new(request: AuthenticatedRequest) -> HttpResponseBase:
    """Anyone reports what they noticed."""
    user = request.user
    home = user.rights.home or next(iter(sorted(user.rights.units(), key=str)), None)
    now = clock.local(clock.now()).replace(second=0, microsecond=0, tzinfo=None)
    form = NoticeForm(request.POST if request.method == "POST" else None, initial={"seen_at": now})

    def do() -> str:
        data = posted(ReportIncident, request.POST, zone=clock.zone())
        row = incidents.notice(user, home, data)
        return reverse("security:incident", args=[row.pk])

    note = _("安全保密员会立即收到警报。请不要删除或改动现场，不要在群里转发。")
    return ask(
        request,
        form,
        do,
        title=_("报告安全事件"),
        back=(reverse("security:index"), _("信息安全")),
        clause="6.1.1",
        submit=_("报告"),
        note=note,
        done=_("已报告，谢谢您。安全保密员会尽快处理。"),
    )


@require_GET
@login_required
def incident(request: AuthenticatedRequest, incident_id: UUID) -> HttpResponse:
    """One incident: its limits and steps; for who only reported it, their report and the state."""
    user = request.user
    row = incidents.get(user, incident_id)
    sees_all = user.rights.on(row.unit_id, Role.SECURITY_OFFICER, Role.MANAGER)
    steps = [s for s in row.steps.select_related("by") if sees_all or s.kind == "notice"]
    acts = _row_acts(user, row)
    if row.state == S.CLOSED and sees_all:
        acts += record_act(row, "security:incident-pdf", _("事件报告（PDF）"))
    facts: list[tuple[Any, Any]] = [
        (_("种类"), row.get_kind_display()),
        (_("单位"), unit_name(row)),
        (_("发现时间"), row.seen_at),
        (_("报告人"), row.noticed_by.name),
        (_("报告时间"), row.noticed_at),
        (_("设备"), str(row.device) if row.device and sees_all else ""),
    ]
    side = []
    if sees_all:
        facts += [
            (_("涉及人数"), row.people),
            (_("报告主管部门时间"), row.authority_at),
            (_("告知本人时间"), row.people_at),
            (_("不告知本人的理由"), row.exemption),
            (_("结案时间"), row.closed_at),
        ]
        lines = [
            Line(
                name,
                [due],
                [Badge(_("已完成"), "done" if done <= due else "warn", "circle-check")] if done else [],
                due=None if done else due,
            )
            for name, due, done in incidents.limits(row)
        ]
        side = [Section(_("期限"), "clock", lines)]
    return detail(
        request,
        title=row.number,
        clause="6.1.1",
        badges=_badges(row),
        acts=acts,
        facts=facts,
        side=side,
        back=back_to(user, "security:incidents", _("安全事件")),
        sections=[
            Section(
                _("经过"),
                "timeline",
                [Line(str(incidents.STEPS[s.kind]), [s.by.name, s.at], body=s.note or "") for s in steps],
            )
        ],
    )


def _row_acts(user: User, row: Incident) -> list[Act]:
    if not user.has_perm("security.keep", row.unit) or row.state == S.CLOSED:
        return []

    def act(verb: str, label: str, icon: str, tone: str = "") -> Act:
        return Act(reverse("security:incident-act", args=[row.pk, verb]), label, icon, tone=tone)

    rows = [act("classify", _("研判"), "scale", "primary" if row.state == S.NOTICED else "")]
    if INCIDENT.allows(row, "contain"):
        rows.append(act("contain", _("记录控制措施"), "shield-check", "primary" if row.state == S.CLASSIFIED else ""))
    if row.personal:
        rows.append(act("notify", _("记录告知"), "send"))
    rows.append(act("note", _("补充记录"), "pencil"))
    if INCIDENT.allows(row, "close"):
        rows.append(act("close", _("结案"), "circle-check", "primary"))
    return rows


TITLES = {
    "classify": lazy("研判"),
    "contain": lazy("记录控制措施"),
    "notify": lazy("记录告知"),
    "note": lazy("补充记录"),
    "close": lazy("结案"),
}


@require_http_methods(["GET", "POST"])
@login_required
def act(request: AuthenticatedRequest, incident_id: UUID, verb: str) -> HttpResponseBase:
    """One step of the officer: classify, contain, notify, note, close."""
    user = request.user
    if verb not in TITLES:
        raise NotFound(_("没有这个操作。"))
    row = incidents.get(user, incident_id)
    allow(user, "security.keep", row.unit)
    here, data = reverse("security:incident", args=[row.pk]), request.POST if request.method == "POST" else None
    note = ""
    form: Any
    if verb == "classify":
        initial = {"kind": row.kind, "severity": row.severity, "people": row.people}
        form = ClassifyForm(
            data, initial=initial | ({} if row.personal is None else {"personal": "1" if row.personal else "0"})
        )
        note = _("涉及个人信息的，法律要求立即告知：系统按 24 小时内报告主管部门、72 小时内告知本人提醒。")
    elif verb == "notify":
        form = NotifyForm(data)
        note = _("告知内容应包括：信息种类、原因和可能的危害，已采取和可自行采取的措施，联系方式。")
    else:
        label = {"contain": _("控制措施"), "note": _("记录"), "close": _("原因、后果和改进")}[verb]
        form = NoteForm(data, label=label)
        if verb == "close" and (missing := incidents.lacking(row)):
            note = _("结案前还须完成：%(what)s。") % {"what": _("、").join(missing)}

    def do() -> str:
        if verb == "classify":
            incidents.classify(user, row.pk, posted(ClassifyIncident, request.POST))
        elif verb == "notify":
            incidents.notify(user, row.pk, posted(RecordNotice, request.POST))
        else:
            step = {"contain": incidents.contain, "note": incidents.note, "close": incidents.close}[verb]
            step(user, row.pk, posted(AddNote, request.POST))
        return here

    return ask(
        request,
        form,
        do,
        title=TITLES[verb],
        back=(here, row.number),
        clause="6.1.1",
        submit=_("提交"),
        note=note,
        done=_("已记录。"),
    )


@require_GET
@login_required
def incident_pdf(request: AuthenticatedRequest, incident_id: UUID) -> HttpResponse:
    """The report of a closed incident."""
    user = request.user
    allow(user, "security.look")
    row = incidents.get(user, incident_id)
    if not user.rights.on(row.unit_id, Role.SECURITY_OFFICER, Role.MANAGER):
        raise NotFound(_("没有这个事件。"))
    return hand_out(user, documents.of(row), "incident", about=row)
