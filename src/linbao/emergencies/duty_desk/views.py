"""The duty desk (值班台): open emergencies, alarms to sign, who is on duty, notes between shifts (2.3.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock, http, ids, text
from linbao.core.inputs import posted
from linbao.core.keyset import Cursor
from linbao.core.problems import Invalid, NotAllowed
from linbao.duties import roster
from linbao.duties.inputs import AddShift, LeaveNote
from linbao.duties.leave import away
from linbao.duties.models import HandOver, Obligation, Shift
from linbao.emergencies import alarms
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import ChooseUnit, LogCall, Point
from linbao.emergencies.models import Alarm, AlarmCall, UrgentKind, UrgentLevel, UrgentReport
from linbao.emergencies.views import phone_numbers
from linbao.organisation.models import RoleGrant, Unit, UnitKind, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

PAGE = 50


def communities(user: User) -> frozenset[UUID]:
    """The communities whose desk this person may stand at; `NotAllowed` when there is none."""
    result = emergencies.desk_communities(user)
    if not result:
        raise NotAllowed(_("值班台供管理部门和当班人员使用。"))
    return result


def offered(user: User) -> list[Unit]:
    """The same by code, for choosing one of several."""
    return sorted((tree().by_id[c] for c in communities(user)), key=lambda u: u.code)


def chosen(request: AuthenticatedRequest, units: list[Unit]) -> Unit | None:
    """The community that was asked for, the only one, or None: all of them. Raises `NotAllowed` for another's."""
    asked = posted(ChooseUnit, request.POST).unit or request.GET.get("unit", "")
    if not asked:
        return units[0] if len(units) == 1 else None
    result = next((u for u in units if str(u.id) == asked), None)
    if result is None:
        raise NotAllowed(_("值班台供管理部门和当班人员使用。"))
    return result


@require_GET
@login_required
def desk(request: AuthenticatedRequest) -> HttpResponse:
    """Stays open: urgent lane with countdowns, alarms to sign, who is on duty, the notes of the last shift; of every
    community of this person, or of the one chosen."""
    user = request.user
    units = offered(user)
    above = tree().get(http.as_uuid(request.GET.get("unit", "")))
    if above is not None and above.kind != UnitKind.COMMUNITY:  # from the statistics of a subdistrict or district
        units = [u for u in units if u.id in tree().communities(above.id)]
        one = None
        if not units:
            raise NotAllowed(_("值班台供管理部门和当班人员使用。"))
    else:
        one = chosen(request, units)
    within = [one.id] if one else [u.id for u in units]
    open_here = UrgentReport.objects.open().filter(community__in=within)
    page = Cursor("-opened_at").page(
        open_here.select_related("item", "reporter", "community"), request.GET.get("cursor", ""), PAGE
    )
    reports = page.rows
    subjects = [r.pk for r in reports]
    owed = Obligation.objects.open().filter(subject_id__in=subjects, kind__in=emergencies.OWED).order_by("due_at")
    due: dict[UUID, list[Obligation]] = {}
    for duty in owed:
        if duty.subject_id:
            due.setdefault(duty.subject_id, []).append(duty)
    waiting: dict[UUID, list[Alarm]] = {}
    for alarm in Alarm.objects.filter(report__in=subjects).select_related("acknowledged_by").order_by("raised_at"):
        waiting.setdefault(alarm.report_id, []).append(alarm)
    seen = set(UrgentReport.objects.visible_to(user).filter(pk__in=subjects).values_list("pk", flat=True))
    for r in reports:
        kinds = {d.kind: d for d in due.get(r.pk, [])}
        r.owed = kinds.get("urgent_follow_up") or kinds.get("urgent_written")
        r.alarm_list, r.may_read = waiting.get(r.pk, []), r.pk in seen
    unheard = alarms.unheard(a for details in waiting.values() for a in details)
    now = clock.now()
    numbers = {u.id: phone_numbers(u.id) for u in units if one is None or u.id == one.id}
    context: dict[str, Any] = {
        "reports": reports,
        "count": open_here.count() if page.next or page.previous else len(reports),
        "page": page,
        "unheard": unheard,
        "noticed": list(
            User.objects.filter(pk__in=AlarmCall.objects.filter(alarm__in=unheard).values("person"))
            .order_by("name")
            .values_list("name", flat=True)
        )
        if unheard
        else [],
        "unheard_phones": list(dict.fromkeys(p for a in unheard for p in numbers.get(a.community_id, []))),
        "unsigned": sum(1 for details in waiting.values() for a in details if a.acknowledged_at is None),
        "shifts": Shift.objects.filter(unit__in=within, ends__gt=now, starts__lt=now + timedelta(days=2))
        .select_related("person", "stand_in", "unit")
        .order_by("starts")[:40],
        "notes": HandOver.objects.filter(unit__in=within).select_related("by", "taken_by", "unit").order_by("-at")[:20],
        "units": units,
        "unit": one,
        "several": one is None,
        "now": now,
        "points": [
            {
                "lat": r.item.lat,
                "lon": r.item.lon,
                "title": r.heading,
                "tone": "bad",
                "url": reverse("emergencies:urgent-report", args=[r.pk]),
            }
            for r in reports
            if r.item.lat is not None and r.may_read
        ],
        "areas": [
            {"name": u.name, "outline": u.outline, "kind": u.kind}
            for c in within
            for u in [tree().by_id[c], *tree().children(c, UnitKind.GRID)]
            if u.outline
        ],
    }
    context["unplaced"] = sum(r.item.lat is None for r in reports)
    return render(request, "emergencies/duty.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def log_call(request: AuthenticatedRequest) -> HttpResponse:
    """Log a call that the desk received, from a reporter or from somebody else (2.3.2, 4.2.1)."""
    user = request.user
    units = offered(user)
    unit = chosen(request, units)
    data: dict[str, str] = {"id": str(ids.new()), "answered_by": user.name}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        data |= request.POST.dict()
        if unit is None:
            errors["unit"] = [_("请选择社区。")]
        else:
            zone = clock.zone(tree().setting(unit.id, "time_zone"))
            try:
                place = posted(Point, request.POST).as_place()
                call = posted(LogCall, request.POST, zone=zone, place=place)
                made = emergencies.log_call(user, unit.id, call)
                messages.success(request, _("已登记来电，紧急情况已开始计时。"))
                return redirect("emergencies:urgent-report", made.pk)
            except Invalid as e:
                errors = e.fields or {"": [e.message]}
    elif unit is not None:
        local = clock.local(clock.now(), tree().setting(unit.id, "time_zone"))
        data["called_at"] = local.strftime("%Y-%m-%dT%H:%M")
    reporters = [(u, list(emergencies.reporters_of(u.id))) for u in units if unit is None or u.id == unit.id]
    context = {
        "units": units,
        "unit": unit,
        "typed": data,
        "errors": errors,
        "kinds": UrgentKind.choices,
        "levels": UrgentLevel.choices,
        "reporters": reporters,
    }
    return render(request, "emergencies/duty_call.html", context, status=422 if errors else 200)


@require_GET
@login_required
def alarm_state(request: AuthenticatedRequest) -> JsonResponse:
    """What the open desk asks for every few seconds: how many alarms wait, and the newest; one statement."""
    user = request.user
    rows = Alarm.objects.filter(community__in=communities(user), acknowledged_at__isnull=True).order_by("-raised_at")
    matches = list(rows.values_list("pk", flat=True)[:50])
    return JsonResponse({"waiting": len(matches), "newest": str(matches[0]) if matches else ""})


@require_POST
@login_required
def sign(request: AuthenticatedRequest, alarm_id: UUID) -> HttpResponse:
    """Sign for an alarm (签收)."""
    alarm = alarms.acknowledge(request.user, alarm_id)
    name = alarm.acknowledged_by.name if alarm.acknowledged_by else ""
    messages.success(request, _("已由%(name)s签收。") % {"name": name})
    return redirect("emergencies:duty")


@require_http_methods(["GET", "POST"])
@login_required
def shifts(request: AuthenticatedRequest) -> HttpResponse:
    """The roster of the coming weeks, of every community of this person or of the one chosen, and putting somebody on
    it."""
    user = request.user
    units = offered(user)
    unit = chosen(request, units)
    within = [unit.id] if unit else [u.id for u in units]
    own = [u for u in units if user.has_perm("roster.keep", u)]
    errors: dict[str, list[str]] = {}
    data: dict[str, str] = {}
    if request.method == "POST":
        data = request.POST.dict()
        if unit is None:
            errors["unit"] = [_("请选择社区。")]
        else:
            zone = clock.zone(tree().setting(unit.id, "time_zone"))
            try:
                row = roster.add_shift(user, unit.id, posted(AddShift, request.POST, zone=zone))
                messages.success(request, _("已排班。"))
                if _is_on_leave(row):
                    messages.warning(request, _("此人在这段时间请了假，请确认或另行排班。"))
                return redirect(f"{reverse('emergencies:roster')}?unit={unit.id}")
            except Invalid as e:
                errors = e.fields or {"": [e.message]}
    now = clock.now()
    rows = list(
        Shift.objects.filter(unit__in=within, ends__gt=now - timedelta(days=1))
        .select_related("person", "stand_in", "unit")
        .order_by("starts")[:200]
    )
    # The roster warns of whoever is on leave while on duty (5.3.1).
    off = away({r.person_id for r in rows}, now.date() - timedelta(days=2), now.date() + timedelta(days=400))
    editable = {u.id for u in own}
    for row in rows:
        row.phone = text.shown_phone(row.phone)
        zone = clock.zone(tree().setting(row.unit_id, "time_zone"))
        days = row.starts.astimezone(zone).date(), row.ends.astimezone(zone).date()
        row.on_leave = any(a.starts <= days[1] and a.ends >= days[0] for a in off.get(row.person_id, ()))  # type: ignore[attr-defined]  # for the template
        row.may_remove = row.unit_id in editable and row.ends > now  # type: ignore[attr-defined]  # for the template
    grants = RoleGrant.objects.current().filter(unit__in=[i for c in within for i in tree().within(c)])
    context = {
        "shifts": rows,
        "people": User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("name"),
        "errors": errors,
        "typed": data,
        "units": units,
        "editable": own,
        "unit": unit,
        "now": now,
        "may_edit": unit in own if unit else bool(own),
    }
    return render(request, "emergencies/roster.html", context, status=422 if errors else 200)


@require_POST
@login_required
def remove(request: AuthenticatedRequest, shift_id: UUID) -> HttpResponse:
    """Take a shift off the roster."""
    roster.remove_shift(request.user, shift_id)
    messages.success(request, _("已撤销。"))
    return redirect("emergencies:roster")


@require_POST
@login_required
def note(request: AuthenticatedRequest) -> HttpResponse:
    """Leave a note for the next shift of a community."""
    user = request.user
    unit = chosen(request, offered(user))
    try:
        if unit is None:
            raise Invalid(fields={"unit": [_("请选择社区。")]})
        roster.hand_over(user, unit.id, posted(LeaveNote, request.POST))
        messages.success(request, _("已记入交接班记录。"))
    except Invalid as e:
        messages.error(request, " ".join(m for details in (e.fields or {}).values() for m in details))
    return redirect("emergencies:duty")


@require_POST
@login_required
def take(request: AuthenticatedRequest, note_id: UUID) -> HttpResponse:
    """Sign for a note of the shift before."""
    roster.take_over(request.user, note_id)
    return redirect("emergencies:duty")


def _is_on_leave(shift: Shift) -> bool:
    zone = clock.zone(tree().setting(shift.unit_id, "time_zone"))
    days = shift.starts.astimezone(zone).date(), shift.ends.astimezone(zone).date()
    return bool(away([shift.person_id], *days))
