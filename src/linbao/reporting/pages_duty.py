"""The duty desk (值班台): what burns now, signed or not, who is on duty, notes between shifts (2.3.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.base import clock, days, text
from linbao.base.problems import Invalid, NotAllowed
from linbao.collection import fields
from linbao.duties import roster
from linbao.duties.leave import away
from linbao.duties.models import HandOver, Obligation, Shift
from linbao.reporting import alarms
from linbao.reporting.models import Alarm, UrgentReport
from linbao.reporting.pages_urgent import phone_numbers
from linbao.units.models import Role, RoleGrant, User
from linbao.units.tree import tree


def communities(user: User) -> frozenset[UUID]:
    """The communities whose desk this person may stand at; `NotAllowed` when there is none."""
    found = user.rights.communities(Role.MANAGER, Role.REVIEWER) | roster.on_duty_for(user)
    if not found:
        raise NotAllowed(_("值班台供管理部门和当班人员使用。"))
    return found


@require_GET
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """Stays open: urgent lane with countdowns, alarms to sign, who is on duty, the notes of the last shift."""
    user: User = request.user  # type: ignore[assignment]
    units = communities(user)
    reports = list(
        UrgentReport.objects.open()
        .filter(community__in=units)
        .select_related("item", "reporter")
        .order_by("-opened_at")[:50]
    )
    subjects = [r.pk for r in reports]
    owed = Obligation.objects.open().filter(subject_id__in=subjects, kind__in=("urgent_written", "urgent_follow_up"))
    due = {o.subject_id: o for o in owed}
    waiting: dict[UUID, list[Alarm]] = {}
    for alarm in Alarm.objects.filter(report__in=subjects).select_related("acknowledged_by").order_by("raised_at"):
        waiting.setdefault(alarm.report_id, []).append(alarm)
    for r in reports:
        r.owed, r.alarm_list = due.get(r.pk), waiting.get(r.pk, [])  # type: ignore[attr-defined]
    unheard = alarms.unheard(a for told in waiting.values() for a in told)
    now = clock.now()
    first = min(units, key=str)
    context: dict[str, Any] = {
        "reports": reports,
        "unheard": unheard,
        "unsigned": sum(1 for told in waiting.values() for a in told if a.acknowledged_at is None),
        "shifts": Shift.objects.filter(unit__in=units, ends__gt=now, starts__lt=now + timedelta(days=2))
        .select_related("person", "stand_in", "unit")
        .order_by("starts")[:12],
        "notes": HandOver.objects.filter(unit__in=units).select_related("by", "taken_by").order_by("-at")[:8],
        "phones": phone_numbers(first),
        "unit": tree().get(first),
        "now": now,
        "points": [
            {"lat": r.item.lat, "lon": r.item.lon, "title": r.item.title, "urgent": True}
            for r in reports
            if r.item.lat is not None
        ],
        "may_keep": user.has_perm("roster.keep", tree().get(first)),
    }
    return render(request, "reporting/duty.html", context)


@require_GET
@login_required
def alarm_state(request: HttpRequest) -> JsonResponse:
    """What the open desk asks for every few seconds: how many alarms wait, and the newest; one statement."""
    user: User = request.user  # type: ignore[assignment]
    rows = Alarm.objects.filter(community__in=communities(user), acknowledged_at__isnull=True).order_by("-raised_at")
    found = list(rows.values_list("pk", flat=True)[:50])
    return JsonResponse({"waiting": len(found), "newest": str(found[0]) if found else ""})


@require_POST
@login_required
def sign(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    """Sign for an alarm (签收)."""
    alarm = alarms.acknowledge(request.user, alarm_id)  # type: ignore[arg-type]
    name = alarm.acknowledged_by.name if alarm.acknowledged_by else ""
    messages.success(request, _("已由%(name)s签收。") % {"name": name})
    return redirect("reporting:duty")


@require_http_methods(["GET", "POST"])
@login_required
def shifts(request: HttpRequest) -> HttpResponse:
    """The roster of the coming weeks, and putting somebody on it."""
    user: User = request.user  # type: ignore[assignment]
    units = communities(user)
    first = min(units, key=str)
    unit = tree().get(first)
    errors: dict[str, list[str]] = {}
    given: dict[str, str] = {}
    if request.method == "POST":
        given = {k: request.POST.get(k, "") for k in ("person", "stand_in", "starts", "ends", "phone")}
        zone = clock.zone(tree().setting(first, "time_zone"))
        starts, ends = (_local(given[k], zone) for k in ("starts", "ends"))
        if starts is None or ends is None:
            errors = {k: [_("请填写时间。")] for k, v in (("starts", starts), ("ends", ends)) if v is None}
        else:
            try:
                roster.add_shift(
                    user,
                    first,
                    person_id=fields.as_uuid(given["person"]) or UUID(int=0),
                    stand_in_id=fields.as_uuid(given["stand_in"]),
                    starts=starts,
                    ends=ends,
                    phone=given["phone"],
                )
                messages.success(request, _("已排班。"))
                if _on_leave(fields.as_uuid(given["person"]), starts, ends, first):
                    messages.warning(request, _("此人在这段时间请了假，请确认或另行排班。"))
                return redirect("reporting:roster")
            except Invalid as e:
                errors = e.fields or {"": [e.message]}
    now = clock.now()
    rows = list(
        Shift.objects.filter(unit__in=units, ends__gt=now - timedelta(days=1))
        .select_related("person", "stand_in", "unit")
        .order_by("starts")[:200]
    )
    # The roster warns of whoever is on leave while on duty (5.3.1).
    zone = clock.zone(tree().setting(first, "time_zone"))
    off = away({r.person_id for r in rows}, now.date() - timedelta(days=2), now.date() + timedelta(days=400))
    for row in rows:
        row.phone = text.shown_phone(row.phone)
        days = row.starts.astimezone(zone).date(), row.ends.astimezone(zone).date()
        row.on_leave = any(a.starts <= days[1] and a.ends >= days[0] for a in off.get(row.person_id, ()))  # type: ignore[attr-defined]
    context = {
        "shifts": rows,
        "people": User.objects.filter(
            pk__in=RoleGrant.objects.current().filter(unit__in=tree().within(first)).values("user"), is_active=True
        ).order_by("name"),
        "errors": errors,
        "given": given,
        "unit": unit,
        "now": now,
        "may_keep": user.has_perm("roster.keep", unit),
    }
    return render(request, "reporting/roster.html", context, status=422 if errors else 200)


@require_POST
@login_required
def remove(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Take a shift off the roster."""
    roster.remove_shift(request.user, shift_id)  # type: ignore[arg-type]
    messages.success(request, _("已撤销。"))
    return redirect("reporting:roster")


@require_POST
@login_required
def note(request: HttpRequest) -> HttpResponse:
    """Leave a note for the next shift."""
    user: User = request.user  # type: ignore[assignment]
    try:
        roster.hand_over(user, min(communities(user), key=str), request.POST.get("words", ""))
        messages.success(request, _("已记入交接班记录。"))
    except Invalid as e:
        messages.error(request, " ".join(m for told in (e.fields or {}).values() for m in told))
    return redirect("reporting:duty")


@require_POST
@login_required
def take(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """Sign for a note of the shift before."""
    roster.take_over(request.user, note_id)  # type: ignore[arg-type]
    return redirect("reporting:duty")


def _on_leave(person_id: UUID | None, starts: datetime, ends: datetime, unit_id: UUID) -> bool:
    zone = clock.zone(tree().setting(unit_id, "time_zone"))
    days = starts.astimezone(zone).date(), ends.astimezone(zone).date()
    return person_id is not None and bool(away([person_id], *days))


def _local(given: str, zone: Any) -> datetime | None:
    try:
        moment = days.moment(given)
    except ValueError:
        return None
    if not 2000 <= moment.year <= 2200:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
