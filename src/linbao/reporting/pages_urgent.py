"""Three taps on a phone: what, where, call; then the written report within the hour (2.3.2, 4.2.1, 4.2.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.base import clock, days, ids, text
from linbao.base.problems import Invalid, NotAllowed, NotFound, Problem
from linbao.collection import fields
from linbao.documents import seals
from linbao.documents.handing import hand_out
from linbao.documents.models import Document
from linbao.duties import roster
from linbao.duties.kinds import KINDS
from linbao.duties.models import Obligation
from linbao.outbox.models import Delivery
from linbao.reporting import emergencies
from linbao.reporting.models import UrgentKind, UrgentLevel, UrgentReport, UrgentStage
from linbao.units.models import User
from linbao.units.rights import allow
from linbao.units.tree import tree

ICONS = {
    UrgentKind.FIRE: "flame",
    UrgentKind.THEFT: "lock-open",
    UrgentKind.NATURAL_DISASTER: "cloud-storm",
    UrgentKind.PUBLIC_SAFETY: "shield",
    UrgentKind.HAZARD: "alert-triangle",
    UrgentKind.DISPUTE: "users",
    UrgentKind.OTHER: "urgent",
}


def phone_numbers(community_id: UUID | None) -> list[tuple[str, str]]:
    """Whom to call, the first first: who is on duty, the duty phone of the unit and of those above it."""
    found: list[tuple[str, str]] = []
    if community_id is not None:
        found = [(s.person.name, text.shown_phone(s.phone)) for s in roster.now_on_duty(community_id) if s.phone]
    found += [(u.name, text.shown_phone(u.duty_phone)) for u in tree().line(community_id) if u.duty_phone]
    return list({phone: (name, phone) for name, phone in reversed(found)}.values())[::-1]


@require_http_methods(["GET", "POST"])
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """What, where, and the call that starts the hour. `?offline` is the copy that the phone keeps for when there is no
    network: without content, it gets id and moment when it is opened (urgent.js)."""
    user: User = request.user  # type: ignore[assignment]
    allow(user, "item.create")
    community = fields.home(user)
    blank = "offline" in request.GET
    given: dict[str, Any] = {
        "id": "" if blank else str(ids.new()),
        "kind": "",
        "place": "",
        "level": UrgentLevel.GENERAL,
    }
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        given |= {
            k: request.POST.get(k, "") for k in ("id", "kind", "place", "words", "lat", "lon", "level", "seen_at")
        }
        try:
            made = emergencies.start(
                user,
                kind=given["kind"],
                place=given["place"],
                level=given["level"] or UrgentLevel.GENERAL,
                words=given["words"],
                lat=_number(given["lat"]),
                lon=_number(given["lon"]),
                report_id=fields.as_uuid(given["id"]),
                seen_at=_moment(given["seen_at"]),
                phone_now=_moment(request.POST.get("phone_now", "")),
            )
            if request.POST.get("do") == "called":
                emergencies.record_call(
                    user,
                    made.pk,
                    called_at=_moment(request.POST.get("called_at", "")),
                    called_number=request.POST.get("called_number", ""),
                    phone_now=_moment(request.POST.get("phone_now", "")),
                )
            return redirect("reporting:urgent-report", made.pk)
        except Invalid as e:
            errors = e.fields or {"": [e.message]}
    context = {
        "kinds": [(k, k.label, ICONS[k]) for k in UrgentKind],
        "levels": UrgentLevel.choices,
        "given": given,
        "errors": errors,
        "phones": phone_numbers(community),
        "open": UrgentReport.objects.open().filter(reporter=user).select_related("item").order_by("-opened_at")[:5]
        if not blank
        else [],
    }
    return render(request, "reporting/urgent_start.html", context, status=422 if errors else 200)


@require_GET
@login_required
def paper(request: HttpRequest) -> HttpResponse:
    """The paper form, to print beforehand for times without network."""
    user: User = request.user  # type: ignore[assignment]
    allow(user, "item.create")
    community = fields.home(user)
    context = {"kinds": UrgentKind.labels, "phones": phone_numbers(community), "unit": tree().get(community)}
    return render(request, "reporting/urgent_paper.html", context)


@require_GET
@login_required
def report(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """One emergency from the call to the final report, with the countdown; printed it is the after-action page."""
    user: User = request.user  # type: ignore[assignment]
    found = emergencies.get(user, report_id)
    own = found.reporter_id == user.pk
    versions = list(found.versions.select_related("by", "seal").order_by("-version"))
    made = {
        d.version: d for d in Document.objects.filter(subject_id=found.pk, kind="urgent_report").select_related("seal")
    }
    sent: dict[str, Delivery] = {
        d.key.rpartition(":")[2]: d for d in Delivery.objects.filter(subject_id=found.pk, key__startswith="urgent:")
    }
    for v in versions:
        v.document, v.delivery = made.get(v.version), sent.get(str(v.version))  # type: ignore[attr-defined]
    duties = list(Obligation.objects.filter(subject_id=found.pk).order_by("due_at"))
    for duty in duties:
        duty.name = KINDS[duty.kind].name  # type: ignore[attr-defined]
    context = {
        "report": found,
        "own": own,
        "versions": versions,
        "duties": duties,
        "hour": next((d for d in duties if d.kind == "urgent_written"), None),
        "next": next((d for d in duties if d.kind == "urgent_follow_up" and not d.met_at), None),
        "alarms": found.alarms.prefetch_related("calls__person")
        .select_related("acknowledged_by")
        .order_by("raised_at"),
        "alike": emergencies.alike(found) if found.finished_at is None and not found.joined_to_id else [],
        "joined": found.joined.select_related("reporter", "item"),
        "phones": phone_numbers(found.community_id),
        "may_join": user.has_perm("urgent.join", found) and not found.versions_made,
        "may_write": own and found.called_at is not None and not found.joined_to_id,
    }
    return render(request, "reporting/urgent_report.html", context)


@require_POST
@login_required
def call(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Record the call, or complete who answered and what was said."""
    user: User = request.user  # type: ignore[assignment]
    try:
        emergencies.record_call(
            user,
            report_id,
            called_at=_moment(request.POST.get("called_at", "")),
            answered_by=request.POST.get("answered_by", ""),
            called_number=request.POST.get("called_number", ""),
            words=request.POST.get("words", ""),
            phone_now=_moment(request.POST.get("phone_now", "")),
        )
    except Invalid as e:
        messages.error(request, " ".join(m for told in (e.fields or {"": [e.message]}).values() for m in told))
    return redirect("reporting:urgent-report", report_id)


@require_http_methods(["GET", "POST"])
@login_required
def write(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """The written report, filled from what is known; sealed by whoever keeps a seal, with the password again."""
    user: User = request.user  # type: ignore[assignment]
    found = emergencies.get(user, report_id)
    allow(user, "urgent.write", found)
    own_seals = seals.usable_by(user)
    given = emergencies.blank(found) | {
        "stage": UrgentStage.FIRST if not found.versions_made else UrgentStage.FOLLOW_UP,
        "version": found.versions_made + 1,
    }
    errors: dict[str, list[str]] = {}
    status = 200
    if request.method == "POST":
        given |= {k: v for k, v in request.POST.items() if k not in ("password", "csrfmiddlewaretoken")}
        try:
            seal_id = fields.as_uuid(request.POST.get("seal", ""))
            emergencies.read(given, found)
            if seal_id is not None:
                _again(request, user)
            emergencies.write(
                user,
                report_id,
                given,
                stage=given["stage"],
                changed=str(given.get("changed", "")),
                seal_id=seal_id,
                written_at=_moment(request.POST.get("written_at", "")),
                version=_whole(request.POST.get("version", "")),
            )
            messages.success(request, _("书面报告已提交，正在生成文件并发送。"))
            return redirect("reporting:urgent-report", report_id)
        except Invalid as e:
            errors, status = e.fields or {"": [e.message]}, 422
        except NotAllowed:
            raise
        except Problem as e:
            errors, status = {"": [e.message]}, e.status
    elif given["occurred_at"]:
        zone = tree().setting(found.community_id, "time_zone")
        given["occurred_at"] = clock.local(datetime.fromisoformat(given["occurred_at"]), zone).strftime(
            "%Y-%m-%dT%H:%M"
        )
    context = {
        "report": found,
        "given": given,
        "errors": errors,
        "seals": own_seals,
        "fields": [(n, label, longest, given.get(n, ""), errors.get(n, [])) for n, label, longest, _r in emergencies.FIELDS],
        "numbers": [
            (n, label, given.get(n, 0), errors.get(n, []))
            for n, label in zip(
                emergencies.NUMBERS, (_("死亡"), _("受伤"), _("失联"), _("涉及户数"), _("财产损失（元）")), strict=True
            )
        ],
        "stages": [(s.value, s.label) for s in UrgentStage if (s == UrgentStage.FIRST) == (not found.versions_made)],
        "levels": UrgentLevel.choices,
        "states": [("controlled", _("已控制")), ("in_progress", _("处置中")), ("uncontrolled", _("未控制")), ("subsided", _("已平息"))],
        "hour": Obligation.objects.filter(subject_id=found.pk, kind="urgent_written").first(),
    }  # fmt: skip
    return render(request, "reporting/urgent_write.html", context, status=status)


@require_POST
@login_required
def join(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Go on as part of another report of the same emergency."""
    other = fields.as_uuid(request.POST.get("other", ""))
    if other is None:
        raise NotFound(_("没有找到这份紧急报告，或您无权查看。"))
    emergencies.join(request.user, report_id, other)  # type: ignore[arg-type]
    messages.success(request, _("已并为一起，两份叙述都保留。"))
    return redirect("reporting:urgent-report", other)


@require_GET
@login_required
def download(request: HttpRequest, report_id: UUID, version: int) -> HttpResponse:
    """The PDF of one version."""
    found = emergencies.get(request.user, report_id)  # type: ignore[arg-type]
    document = Document.objects.filter(subject_id=found.pk, kind="urgent_report", version=version).first()
    return hand_out(request.user, document, f"urgent-{found.opened_at:%Y%m%d}-{version}")  # type: ignore[arg-type]


def _again(request: HttpRequest, user: User) -> None:
    """Sign in again before a seal is affixed (4.2.2); failures count towards the lockout."""
    if authenticate(request, username=user.username, password=request.POST.get("password", "")) != user:
        raise Invalid(fields={"password": [_("口令不正确；用印前请再次输入您的登录口令。")]})


def _moment(given: str) -> datetime | None:
    try:
        moment = days.moment(given.strip().replace("Z", "+00:00")) if given.strip() else None
    except ValueError:
        return None
    if moment is None:
        return None
    if not 2000 <= moment.year <= 2200:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.zone(""))


def _number(given: str) -> float | None:
    try:
        return float(given) if given else None
    except ValueError:
        return None


def _whole(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 5 else None
