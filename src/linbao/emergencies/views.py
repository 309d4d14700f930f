"""Three taps on a phone: what, where, call; then the written report within the hour (2.3.2, 4.2.1, 4.2.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock, ids, text
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, Problem
from linbao.documents import glyphs
from linbao.documents.download import hand_out
from linbao.documents.models import Document
from linbao.documents.seals import services as seals
from linbao.duties import roster
from linbao.duties.kinds import KINDS
from linbao.duties.models import Obligation
from linbao.emergencies import ending, written_report
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import (
    AffixSeal,
    CompleteEmergency,
    FileVersion,
    JoinEmergency,
    Point,
    RecordCall,
    StartEmergency,
)
from linbao.emergencies.models import UrgentKind, UrgentLevel, UrgentReport, UrgentStage, WrittenDraft
from linbao.items import fields, forms
from linbao.items import services as item_services
from linbao.items.models import PartyRole, Source
from linbao.organisation.models import UnitKind, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.outbox.models import Delivery

ICONS = {
    UrgentKind.FIRE: "flame",
    UrgentKind.THEFT: "lock-open",
    UrgentKind.NATURAL_DISASTER: "cloud-storm",
    UrgentKind.PUBLIC_HEALTH: "virus",
    UrgentKind.ACCIDENT: "car-crash",
    UrgentKind.PUBLIC_SAFETY: "shield",
    UrgentKind.HAZARD: "alert-triangle",
    UrgentKind.DISPUTE: "users",
    UrgentKind.OTHER: "urgent",
}
NOT_STORED = ("password", "csrfmiddlewaretoken", "seal")  # of a written report, in the draft that saves itself


def phone_numbers(community_id: UUID | None) -> list[tuple[str, str]]:
    """Whom to call, the first first: who is on duty, the duty phone of the unit and of those above it."""
    rows: list[tuple[str, str]] = []
    if community_id is not None:
        rows = [(s.person.name, text.shown_phone(s.phone)) for s in roster.now_on_duty(community_id) if s.phone]
    rows += [(u.name, text.shown_phone(u.duty_phone)) for u in tree().line(community_id) if u.duty_phone]
    return list({phone: (name, phone) for name, phone in reversed(rows)}.values())[::-1]


def desks(user: User) -> list[dict[str, Any]]:
    """The duty desks that this person calls, one for each community that they report in, with their numbers."""
    return [{"unit": u, "phones": phone_numbers(u.id)} for u in fields.homes(user)]


@require_http_methods(["GET", "POST"])
@login_required
def start(request: AuthenticatedRequest) -> HttpResponse:
    """What, where, and the call that starts the hour. `?offline` is the copy that the phone keeps for when there is no
    network: without content, it gets id and moment when it is opened (urgent.js)."""
    user = request.user
    allow(user, "item.create")
    blank = "offline" in request.GET
    data: dict[str, Any] = {"id": "" if blank else str(ids.new())}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        data |= request.POST.dict()
        try:
            made = emergencies.start(user, _start(request))
            return redirect("emergencies:urgent-report", made.pk)
        except Invalid as e:
            errors = e.fields or {"": [e.message]}
    context = {
        "kinds": [(k, k.label, ICONS[k]) for k in UrgentKind],
        "levels": UrgentLevel.choices,
        "typed": data,
        "errors": errors,
        "desks": desks(user),
        "open": UrgentReport.objects.open().filter(reporter=user).select_related("item").order_by("-opened_at")[:5]
        if not blank
        else [],
    }
    return render(request, "emergencies/urgent_start.html", context, status=422 if errors else 200)


def _start(request: AuthenticatedRequest) -> StartEmergency:
    """What was posted; without a call its moment is left aside."""
    known: dict[str, Any] = {"place": posted(Point, request.POST).as_place()}
    known["called"] = request.POST.get("do") == "called"
    if not known["called"]:
        known["called_at"] = None
    return posted(StartEmergency, request.POST, zone=clock.zone(""), **known)


@require_GET
@login_required
def paper(request: AuthenticatedRequest) -> HttpResponse:
    """The paper form, to print beforehand for times without network."""
    user = request.user
    allow(user, "item.create")
    result = fields.homes(user)
    phones = dict.fromkeys(pair for u in result for pair in phone_numbers(u.id))
    unit = result[0] if len(result) == 1 else None  # in several, the line is left to the pen
    return render(
        request, "emergencies/urgent_paper.html", {"kinds": UrgentKind.labels, "phones": list(phones), "unit": unit}
    )


@require_GET
@login_required
def of_item(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """From an item that was just submitted to the call that it still owes; else to the item."""
    row = UrgentReport.objects.visible_to(request.user).filter(item_id=item_id).first()
    if row is not None and row.called_at is None and row.is_open:
        return redirect("emergencies:urgent-report", row.pk)
    return redirect("items:item", item_services.get(request.user, item_id).pk)


@require_GET
@login_required
def report(request: AuthenticatedRequest, report_id: UUID) -> HttpResponse:
    """One emergency from the call to the final report, with the countdown; printed it is the after-action page."""
    return _report(request, report_id)


def _report(request: AuthenticatedRequest, report_id: UUID, errors: dict[str, list[str]] | None = None) -> HttpResponse:
    """The page; with `errors` of one of its forms, what was posted stands in it again (422)."""
    user = request.user
    row = emergencies.get(user, report_id)
    own = row.reporter_id == user.pk
    versions = list(row.versions.select_related("by", "seal").order_by("-version"))
    made = {
        d.version: d for d in Document.objects.filter(subject_id=row.pk, kind="urgent_report").select_related("seal")
    }
    sent: dict[str, Delivery] = {
        d.key.rpartition(":")[2]: d for d in Delivery.objects.filter(subject_id=row.pk, key__startswith="urgent:")
    }
    for v in versions:
        v.document, v.delivery = made.get(v.version), sent.get(str(v.version))  # type: ignore[attr-defined]  # for the template
    owed = Obligation.objects.filter(subject_id=row.pk, kind__in=emergencies.OWED).order_by("due_at")
    duties = list(owed)
    for duty in duties:
        duty.name = KINDS[duty.kind].name  # type: ignore[attr-defined]  # for the template
    may_call = user.has_perm("urgent.call", row) and row.is_open
    unwritten = not row.versions_made and row.item.status == "draft"
    context = {
        "report": row,
        "typed": {
            "kind": row.kind,
            "place": row.item.place,
            "level": row.level,
            "answered_by": row.answered_by or ("" if own else user.name),
            "message": row.call_words,
        }
        | (request.POST.dict() if errors else {}),
        "errors": errors or {},
        "own": own,
        "may_call": may_call,
        "incomplete": may_call and unwritten and not (row.kind and row.item.place),
        "kinds": UrgentKind.choices,
        "levels": UrgentLevel.choices,
        "versions": versions,
        "duties": duties,
        "hour": next((d for d in reversed(duties) if d.kind == "urgent_written"), None),
        "next": next((d for d in duties if d.kind == "urgent_follow_up" and not d.met_at), None),
        "alarms": row.alarms.prefetch_related("calls__person").select_related("acknowledged_by").order_by("raised_at"),
        "alike": ending.alike(user, row) if row.is_open and row.kind else [],
        "joined": row.joined.select_related("reporter", "item"),
        "phones": phone_numbers(row.community_id),
        "may_join": user.has_perm("urgent.join", row) and not row.versions_made,
        "may_write": user.has_perm("urgent.write", row)
        and row.called_at is not None
        and not row.joined_to_id
        and not row.ended_at,
        "state_label": written_report.PRESENT_STATES.get(versions[0].content.get("present_state", ""), "")
        if versions
        else "",
        "people": written_report.people_in_words(versions[0].content) if versions else "",
        "scope": written_report.scope_in_words(versions[0].content) if versions else "",
    }
    return render(request, "emergencies/urgent_report.html", context, status=422 if errors else 200)


@require_POST
@login_required
def call(request: AuthenticatedRequest, report_id: UUID) -> HttpResponse:
    """Record the call, or complete who answered and what was said in it (4.2.1)."""
    try:
        emergencies.record_call(request.user, report_id, posted(RecordCall, request.POST, zone=clock.zone("")))
    except Invalid as e:
        return _report(request, report_id, e.fields or {"": [e.message]})
    return redirect("emergencies:urgent-report", report_id)


@require_POST
@login_required
def complete(request: AuthenticatedRequest, report_id: UUID) -> HttpResponse:
    """What the call did not say yet: what and where."""
    try:
        place = posted(Point, request.POST).as_place()
        emergencies.complete(request.user, report_id, posted(CompleteEmergency, request.POST, place=place))
        messages.success(request, _("已补充，并通知了值班人员。"))
    except Invalid as e:
        return _report(request, report_id, e.fields or {"": [e.message]})
    return redirect("emergencies:urgent-report", report_id)


# --- the written report ------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@login_required
def write(request: AuthenticatedRequest, report_id: UUID) -> HttpResponse:
    """The written report: first, follow-up, correction or final; sealed after the password was typed again."""
    user = request.user
    row = emergencies.get(user, report_id)
    allow(user, "urgent.write", row)
    data = written_report.blank(row) | {
        "stage": UrgentStage.FIRST if not row.versions_made else UrgentStage.FOLLOW_UP,
        "version": row.versions_made + 1,
        "grid": str(row.item.grid_id or ""),
    }
    errors: dict[str, list[str]] = {}
    status = 200
    if request.method == "POST":
        data |= _posted(request.POST)
        try:
            affixed = posted(AffixSeal, request.POST)
            written_report.read(data, row)
            if affixed.seal is not None:
                _require_password(request, user, affixed.password)
            emergencies.write(
                user,
                report_id,
                posted(FileVersion, request.POST, zone=clock.zone(""), content=data, stage=data["stage"]),
            )
            messages.success(request, _("书面报告已提交，正在生成文件并发送。"))
            if lacking := glyphs.missing_in(data):  # never a reason to hold it up: a correction can follow
                messages.warning(request, glyphs.notice(lacking))
            return redirect("emergencies:urgent-report", report_id)
        except Invalid as e:
            errors, status = e.fields or {"": [e.message]}, 422
        except NotAllowed:
            raise
        except Problem as e:
            errors, status = {"": [e.message]}, e.status
    else:
        if data["occurred_at"]:
            zone = tree().setting(row.community_id, "time_zone")
            local = clock.local(datetime.fromisoformat(data["occurred_at"]), zone)
            data["occurred_at"] = local.strftime("%Y-%m-%dT%H:%M")
        data |= emergencies.draft_of(user, row) or {}
    context = _form(user, data, errors) | {
        "report": row,
        "asked": written_report.asked_of(row),
        "narrower": [(s.code, s.shown) for s in written_report.narrower(row.kind)],
        "grids": [(str(u.id), u.name) for u in tree().children(row.community_id, UnitKind.GRID) if u.active],
        "stages": [(s.value, s.label) for s in UrgentStage if (s == UrgentStage.FIRST) == (not row.versions_made)],
        "seals": seals.usable_by(user),
        "hour": Obligation.objects.filter(subject_id=row.pk, kind="urgent_written").order_by("-due_at").first(),
        "photos": row.item.attachments.filter(kind="photo", stage="report"),
        "saved": row.drafts.filter(by=user).first(),
    }
    return render(request, "emergencies/urgent_write.html", context, status=status)


@require_GET
@login_required
def blank_form(request: AuthenticatedRequest) -> HttpResponse:
    """The copy of the written form that the phone keeps for when there is no network: no content; it takes what was
    typed from the phone's own store (written.js)."""
    user = request.user
    allow(user, "item.create")
    kinds = [(s.code, s.shown) for k in written_report.GROUPS for s in written_report.narrower(k)]
    context = _form(user, {"version": "", "stage": ""}, {}) | {
        "blank": True,
        "asked": {"kind", "subcategory", "grid", "source"},
        "narrower": kinds,
        "grids": [(g["code"], g["label"]) for g in forms.grids(user)],
        "stages": UrgentStage.choices,
    }
    return render(request, "emergencies/urgent_write.html", context)


@require_POST
@login_required
def draft(request: AuthenticatedRequest, report_id: UUID) -> JsonResponse:
    """Save what is typed so far, for the page's own script; 409 when there is another version by now."""
    user = request.user
    try:
        row = emergencies.save_draft(user, report_id, _posted(request.POST))
    except (Conflict, Invalid) as e:
        return JsonResponse({"detail": e.message}, status=e.status)
    zone = tree().setting(emergencies.get(user, report_id).community_id, "time_zone")
    return JsonResponse({"saved_at": clock.local(row.saved_at, zone).strftime("%H:%M"), "at": _milliseconds(row)})


def _milliseconds(row: WrittenDraft) -> int:
    return round(row.saved_at.timestamp() * 1000)


def _posted(post: QueryDict) -> dict[str, Any]:
    """The posted form: its fields, people as rows, several departments as a list."""
    data: dict[str, Any] = {k: v for k, v in post.items() if k not in NOT_STORED and not k.startswith("parties.")}
    data["none_involved"] = post.get("none_involved") == "on"
    if "reported_to.asked" in post:
        data["reported_to"] = post.getlist("reported_to")
    if "parties.asked" in post:
        columns = [post.getlist(f"parties.{name}") for name in ("role", "name", "phone")]
        people = [dict(zip(("role", "name", "phone"), row, strict=True)) for row in zip(*columns, strict=False)]
        data["parties"] = [p for p in people if p["name"].strip() or p["phone"].strip()]
    return data


def _form(user: User, typed: dict[str, Any], errors: dict[str, list[str]]) -> dict[str, Any]:
    """What the written form shows, whichever report it is of."""

    def rows(names: Any) -> list[Any]:
        return [(n, label, typed.get(n, ""), errors.get(n, [])) for n, label in names]

    people_errors = [m for name, details in errors.items() if name.startswith("parties") for m in details]
    lacking = glyphs.missing_in(typed)
    return {
        "typed": typed,
        "errors": errors,
        "unprintable": glyphs.notice(lacking) if lacking else "",
        "fields": [
            (n, label, longest, typed.get(n, ""), errors.get(n, [])) for n, label, longest, _r in written_report.FIELDS
        ],
        "casualties": rows(written_report.CASUALTIES),
        "scope": [(n, label, "" if v is None else v, e) for n, label, v, e in rows(written_report.SCOPE)],
        "people": typed.get("parties") or [{"role": "involved", "name": "", "phone": ""}],
        "people_errors": people_errors,
        "roles": PartyRole.choices,
        "levels": UrgentLevel.choices,
        "kinds": UrgentKind.choices,
        "sources": Source.choices,
        "states": list(written_report.PRESENT_STATES.items()),
        "departments": list(written_report.REPORTED_TO.items()),
    }


@require_POST
@login_required
def join(request: AuthenticatedRequest, report_id: UUID) -> HttpResponse:
    """Go on as part of another report of the same emergency."""
    other = posted(JoinEmergency, request.POST).other
    ending.join(request.user, report_id, other)
    messages.success(request, _("已并为一起，两份叙述都保留。"))
    return redirect("emergencies:urgent-report", other)


@require_GET
@login_required
def download(request: AuthenticatedRequest, report_id: UUID, version: int) -> HttpResponse:
    """The PDF of one version."""
    row = emergencies.get(request.user, report_id)
    document = Document.objects.filter(subject_id=row.pk, kind="urgent_report", version=version).first()
    return hand_out(request.user, document, f"urgent-{clock.local(row.opened_at):%Y%m%d}-{version}")


def _require_password(request: AuthenticatedRequest, user: User, password: str) -> None:
    """Sign in again before a seal is affixed (4.2.2); failures count towards the lockout."""
    if authenticate(request, username=user.username, password=password) != user:
        raise Invalid(fields={"password": [_("口令不正确；用印前请再次输入您的登录口令。")]})
