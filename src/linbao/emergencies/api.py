"""Emergencies as JSON (design §6): the call, the written report within the hour, follow-ups, the alarm's signature
(2.3.2, 4.2.1, 4.2.2)."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _

from linbao.core.api import Router
from linbao.core.http import as_uuid
from linbao.core.inputs import checked
from linbao.core.keyset import Cursor
from linbao.core.problems import Invalid, NotAllowed, NotFound
from linbao.duties.models import Obligation
from linbao.emergencies import alarms, schemas, written_report
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import (
    Acknowledge,
    Caller,
    CompleteEmergency,
    FileVersion,
    FollowUp,
    FurtherReport,
    LogCall,
    OpenEmergency,
    RecordCall,
    Scope,
    WrittenReport,
)
from linbao.emergencies.models import Alarm, UrgentReport, UrgentStage, UrgentVersion
from linbao.items.inputs import PlaceIn
from linbao.items.models import Item
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest, Limit
from linbao.organisation.tree import tree

router = Router(tags=["emergencies"])


@router.get("", response=schemas.EmergencyPage, summary="List emergencies")
def list_(
    request: AuthenticatedRequest,
    state: Literal["", "open", "ended"] = "",
    community: str = "",
    cursor: str = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Emergencies that the caller may see, the newest first; `state=open`: until their final report. Clause 2.3.2."""
    matches = UrgentReport.objects.visible_to(request.user).select_related("item", "reporter")
    if state == "open":
        matches = matches.open()
    elif state == "ended":
        matches = matches.exclude(pk__in=UrgentReport.objects.open().values("pk"))
    if community:
        unit = tree().by_code.get(community) or tree().get(as_uuid(community))
        matches = matches.filter(community_id=unit.id) if unit else matches.none()
    page = Cursor("-opened_at").page(matches, cursor, limit)
    return {"emergencies": [_line(r) for r in page.rows], "next": page.next}


@router.post("", response={201: schemas.Emergency}, summary="Open an emergency, with its call")
def create(request: AuthenticatedRequest, body: OpenEmergency) -> dict[str, Any]:
    """Open an emergency (2.3.2, 4.2.1). The same id and body give the same answer, another body 409.

    Clause 2.3.2, 4.2.1.
    """
    user = request.user
    digest = emergencies.digest(body.model_dump(mode="json", exclude={"phone_now"}))
    if body.received or body.reporter is not None or body.caller is not None:
        caller = body.caller or Caller()
        call = LogCall(
            id=body.id,
            kind=body.kind,
            place=body.place,
            grid=body.grid,
            level=body.level,
            narrative=body.narrative,
            reporter=_person(body.reporter),
            caller=caller.name,
            caller_phone=caller.phone,
            called_at=body.called_at,
            seen_at=body.seen_at,
            answered_by=body.answered_by,
        )
        report = emergencies.log_call(user, _desk(user, body.community, body.grid), call, body_digest=digest)
    else:
        report = emergencies.start(user, body, body_digest=digest)
    return _whole(report)


@router.get("/{uuid:emergency_id}", response=schemas.Emergency, summary="Read an emergency")
def read(request: AuthenticatedRequest, emergency_id: UUID) -> dict[str, Any]:
    """One emergency with its duties, alarms and versions; people in it masked. Clause 2.3.2, 4.2.1."""
    return _whole(emergencies.get(request.user, emergency_id))


@router.patch("/{uuid:emergency_id}", response=schemas.Emergency, summary="Complete what the call did not say")
def complete(request: AuthenticatedRequest, emergency_id: UUID, body: CompleteEmergency) -> dict[str, Any]:
    """Add what the call did not say yet: what, where, how grave; until the first written version. Clause 2.3.2."""
    report = emergencies.complete(request.user, emergency_id, body)
    return _whole(report)


@router.post("/{uuid:emergency_id}/call", response=schemas.Emergency, summary="Record the call")
def call(request: AuthenticatedRequest, emergency_id: UUID, body: RecordCall | None = None) -> dict[str, Any]:
    """Record the call: the hour runs from it (4.2.1). Again: who answered and what was said; its moment stays.

    Clause 4.2.1.
    """
    report = emergencies.record_call(request.user, emergency_id, body or RecordCall())
    return _whole(report)


@router.post("/{uuid:emergency_id}/written", response=schemas.Emergency, summary="File the first written report")
def write(request: AuthenticatedRequest, emergency_id: UUID, body: WrittenReport) -> dict[str, Any]:
    """The first written report (4.2.1); 422 names every field. Photos: `POST /attachments` with the emergency's
    item.

    Clause 4.2.1, 4.2.2.
    """
    return _write(request, emergency_id, body, UrgentStage.FIRST)


@router.post("/{uuid:emergency_id}/follow-up", response=schemas.Emergency, summary="File a follow-up or a correction")
def follow_up(request: AuthenticatedRequest, emergency_id: UUID, body: FollowUp) -> dict[str, Any]:
    """A follow-up, or a correction (2.3.2). Clause 2.3.2."""
    return _write(request, emergency_id, body, body.stage)


@router.post("/{uuid:emergency_id}/final", response=schemas.Emergency, summary="File the final report")
def final(request: AuthenticatedRequest, emergency_id: UUID, body: FurtherReport) -> dict[str, Any]:
    """The final report: the emergency is over. Clause 2.3.2."""
    return _write(request, emergency_id, body, UrgentStage.FINAL)


@router.post("/{uuid:emergency_id}/acknowledge", response=schemas.SignedAlarms, summary="Sign for the alarms")
def acknowledge(request: AuthenticatedRequest, emergency_id: UUID, body: Acknowledge | None = None) -> dict[str, Any]:
    """Sign for the emergency's alarms (签收); the first signature remains. Safe to repeat. Clause 2.3.2."""
    user = request.user
    rows = Alarm.objects.filter(report_id=emergency_id, community__in=emergencies.desk_communities(user))
    if body is not None and body.alarm is not None:
        rows = rows.filter(pk=body.alarm)
    signed = [alarms.acknowledge(user, pk) for pk in rows.values_list("pk", flat=True)]
    if not signed:
        emergencies.get(user, emergency_id)  # 404 for what is not the caller's to see
        raise NotFound(_("没有这条警报。"))
    return {"id": emergency_id, "alarms": [_alarm(a) for a in signed]}


def _write(request: AuthenticatedRequest, emergency_id: UUID, body: WrittenReport, stage: str) -> dict[str, Any]:
    user = request.user
    report = emergencies.get(user, emergency_id)
    sent = body.model_dump(exclude_unset=True, mode="json")
    content = written_report.blank(report) if isinstance(body, FurtherReport) else {}
    for name in ("casualties", "scope"):
        content |= {k: v for k, v in (sent.pop(name, None) or {}).items() if v is not None}
    lat, lon, place = _place(body.place)
    parties = sent.pop("parties", None)
    # A further version that says nothing of people leaves them as they are.
    content["parties"] = [{k: v for k, v in p.items() if k != "id"} for p in parties] if parties is not None else None
    if parties and "none_involved" not in sent:
        content["none_involved"] = False
    for name in ("stage", "changed", "written_at", "version", "place"):
        sent.pop(name, None)
    content |= {k: v for k, v in sent.items() if v is not None}
    if place:
        content["place"] = place
    elif "place" not in content:
        content["place"] = report.item.place
    content.setdefault("subcategory", report.item.subcategory)
    if lat is not None and lon is not None:
        content |= {"lat": lat, "lon": lon}
    try:
        data = {
            "content": content,
            "stage": stage,
            "changed": body.changed if isinstance(body, FurtherReport) else "",
            "written_at": body.written_at,
            "version": body.version,
        }
        made = emergencies.write(user, emergency_id, checked(FileVersion, data))
    except Invalid as e:
        raise Invalid(e.message, {_path(name): messages for name, messages in e.fields.items()}) from e
    return _whole(emergencies.get(user, made.report_id))


def _path(name: str) -> str:
    """A field's place in the body: `dead` → `casualties.dead`."""
    if name in dict(written_report.CASUALTIES):
        return f"casualties.{name}"
    return f"scope.{name}" if name in Scope.model_fields else name


def _place(place: PlaceIn | str | None) -> tuple[float | None, float | None, str]:
    if isinstance(place, PlaceIn):
        return place.lat, place.lon, place.text or ""
    return None, None, place or ""


def _desk(user: User, community: str, grid: str) -> UUID:
    """The community whose desk received the call."""
    own = emergencies.desk_communities(user)
    if not own:
        raise NotAllowed(_("值班台供管理部门和当班人员使用。"))
    for value in (community, grid):
        unit = (tree().by_code.get(value) or tree().get(as_uuid(value))) if value else None
        above = tree().above(unit, "community") if unit else None
        if above is not None:
            return above.id
    if len(own) != 1:
        raise Invalid(fields={"community": [_("您在多个社区工作，请选择是哪个社区。")]})
    return next(iter(own))


def _person(value: str | None) -> UUID | None:
    if value is None:
        return None
    pk = as_uuid(value)
    rows = User.objects.filter(pk=pk) if pk else User.objects.filter(username=value)
    return rows.values_list("pk", flat=True).first() or UUID(int=0)


def _line(report: UrgentReport) -> dict[str, Any]:
    unit = tree().get(report.community_id)
    return {
        "id": report.pk,
        "item": report.item_id,
        "heading": report.heading,
        "kind": report.kind or None,
        "level": report.level or None,
        "state": _state(report),
        "number": report.number or None,
        "community": unit.code if unit else None,
        "reporter": {"id": report.reporter_id, "name": report.reporter.name},
        "seen_at": report.seen_at,
        "opened_at": report.opened_at,
        "called_at": report.called_at,
        "written_at": report.written_at,
        "finished_at": report.finished_at,
    }


def _state(report: UrgentReport) -> str:
    """called, written … as the record goes on; how it ended."""
    if report.joined_to_id:
        return "joined"
    if report.ended_at:
        return str(report.end_reason)
    if report.finished_at:
        return "finished"
    if report.written_at:
        return "written"
    return "called" if report.called_at else "opened"


def _whole(report: UrgentReport) -> dict[str, Any]:
    item: Item = report.item
    grid = tree().get(item.grid_id)
    duties = Obligation.objects.filter(subject_id=report.pk, kind__in=emergencies.OWED).order_by("due_at")
    return {
        **_line(report),
        "place": {"text": item.place, "lat": item.lat, "lon": item.lon},
        "grid": grid.code if grid else None,
        "item_status": item.status,
        "answered_by": report.answered_by or None,
        "called_number": report.called_number or None,
        "call_words": report.call_words,
        "call_entered_at": report.call_entered_at,
        "joined_to": report.joined_to_id,
        "version": report.versions_made,
        "missing": sorted(written_report.asked_of(report)),
        "duties": [
            {"id": d.pk, "kind": d.kind, "clause": d.clause, "state": d.state, "due_at": d.due_at, "met_at": d.met_at}
            for d in duties
        ],
        "alarms": [_alarm(a) for a in report.alarms.select_related("acknowledged_by").order_by("raised_at")],
        "versions": [_version(v) for v in report.versions.select_related("by")],
    }


def _alarm(alarm: Alarm) -> dict[str, Any]:
    return {
        "id": alarm.pk,
        "reason": alarm.reason,
        "raised_at": alarm.raised_at,
        "acknowledged_at": alarm.acknowledged_at,
        "acknowledged_by": alarm.acknowledged_by.name if alarm.acknowledged_by else None,
    }


def _version(version: UrgentVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "stage": version.stage,
        "changed": version.changed,
        "written_at": version.written_at,
        "entered_at": version.entered_at,
        "by": version.by.name,
        "content": {k: v for k, v in version.content.items() if k != "photos"},
    }
