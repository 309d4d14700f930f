"""Security incidents from notice to report, with the notices that the law asks for (6.1.1; PIPL art. 57)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, NotFound
from linbao.core.wording import worded
from linbao.documents.services import number
from linbao.duties import services as duties
from linbao.organisation.models import UnitKind, User
from linbao.organisation.tree import tree
from linbao.platform import queue
from linbao.security import staff
from linbao.security.alerts import services as alerts
from linbao.security.incidents.inputs import AddNote, ClassifyIncident, RecordNotice, ReportIncident
from linbao.security.incidents.states import INCIDENT
from linbao.security.models import Device, Incident, IncidentState, IncidentStep, Severity

CLASSIFY_WITHIN = timedelta(hours=4)
# The law says at once; these are the latest that Linbao lets pass without escalation.
AUTHORITY_WITHIN = timedelta(hours=24)
PEOPLE_WITHIN = timedelta(hours=72)
CLOSE_WITHIN = timedelta(days=15)
STEPS = {
    "notice": lazy("报告"),
    "classify": lazy("研判"),
    "contain": lazy("控制"),
    "authority": lazy("报告主管部门"),
    "people": lazy("告知本人"),
    "exempt": lazy("决定不告知本人"),
    "note": lazy("记录"),
    "close": lazy("结案"),
}
S = IncidentState


@transaction.atomic
def notice(
    actor: User, unit_id: UUID | None, data: ReportIncident, *, device: Device | None = None, quiet: bool = False
) -> Incident:
    """Anyone reports what they noticed in the community of `unit_id` (6.1.1); the officers are alerted and have four
    hours to classify it.

    `quiet`: the caller raises the alert itself. The description is stored encrypted."""
    home = tree().above(unit_id, UnitKind.COMMUNITY) or tree().get(unit_id) or tree().roots()[0]
    now = clock.now()
    row = Incident.objects.create(
        unit_id=home.pk,
        number=number(home.pk, "安事"),
        kind=data.kind,
        description=data.description,
        seen_at=data.seen_at,
        noticed_by=actor,
        noticed_at=now,
        device=device,
    )
    _add_step(row, "notice", actor, data.description)
    _open_duty(row, now + CLASSIFY_WITHIN, 0, _("研判"))
    audit.record(actor, "incident.notice", row, unit_id=home.pk, kind=row.kind)
    if not quiet:
        alerts.alert(
            kind="incident",
            unit_id=home.pk,
            severity=Severity.HIGH,
            key=f"incident:{row.pk}",
            message=worded("收到安全事件报告 %(number)s（%(kind)s），请在 4 小时内研判")
            % {"number": row.number, "kind": data.kind.label},
            data={"incident": str(row.pk)},
        )
    return row


@transaction.atomic
def classify(actor: User, incident_id: UUID, data: ClassifyIncident) -> Incident:
    """The officer says what it is, how bad, and whether personal data is touched: then the authority is notified within
    24 hours and the people within 72. Raises `Conflict` for one that is closed."""
    row = get(actor, incident_id, lock=True)
    verb = "classify" if row.state == S.NOTICED else "reclassify"
    INCIDENT.move(
        row,
        verb,
        kind=data.kind,
        severity=data.severity,
        personal=data.personal,
        people=data.people,
        classified_at=row.classified_at or clock.now(),
    )
    _add_step(row, "classify", actor, data.note)
    duties.meet("incident", row.pk)
    _open_next_duty(row)
    audit.record(actor, "incident.classify", row, unit_id=row.unit_id, kind=data.kind, personal=bool(data.personal))
    return row


@transaction.atomic
def contain(actor: User, incident_id: UUID, data: AddNote) -> Incident:
    """Record what was done so that it does no more harm. Raises `Conflict` before it is classified."""
    row = get(actor, incident_id, lock=True)
    INCIDENT.move(row, "contain", contained_at=row.contained_at or clock.now())
    _add_step(row, "contain", actor, data.note)
    audit.record(actor, "incident.contain", row, unit_id=row.unit_id)
    return row


@transaction.atomic
def notify(actor: User, incident_id: UUID, data: RecordNotice) -> Incident:
    """Record that the authority or the people concerned were notified, or why the people need not be (`exempt`: the
    measures taken prevent harm, PIPL art. 57). Raises `Conflict` where no personal data is touched."""
    row = get(actor, incident_id, lock=True)
    INCIDENT.check(row, "notify")
    if not row.personal:
        raise Conflict(_("只有涉及个人信息的事件，才有法定的告知。"))
    if data.recipient == "authority":
        row.authority_at = row.authority_at or clock.now()
    elif data.recipient == "people":
        row.people_at = row.people_at or clock.now()
    else:
        row.exemption = data.note[:300]
    row.save()
    _add_step(row, data.recipient, actor, data.note)
    duties.meet("incident", row.pk)
    _open_next_duty(row)
    audit.record(actor, "incident.notify", row, unit_id=row.unit_id, what=data.recipient)
    return row


@transaction.atomic
def note(actor: User, incident_id: UUID, data: AddNote) -> Incident:
    """Add a note to the incident. Raises `Conflict` for one that is closed."""
    row = get(actor, incident_id, lock=True)
    INCIDENT.check(row, "note")
    _add_step(row, "note", actor, data.note)
    return row


@transaction.atomic
def close(actor: User, incident_id: UUID, data: AddNote) -> Incident:
    """End it with cause, harm and lessons; its report is made as a document. Raises `Conflict` before it is contained
    and, where personal data is touched, before authority and people were notified."""
    row = get(actor, incident_id, lock=True)
    INCIDENT.check(row, "close")
    if missing := lacking(row):
        raise Conflict(_("结案前还须完成：%(what)s。") % {"what": _("、").join(missing)})
    INCIDENT.move(row, "close", closed_at=clock.now())
    _add_step(row, "close", actor, data.note)
    duties.meet("incident", row.pk)
    audit.record(actor, "incident.close", row, unit_id=row.unit_id)
    queue.defer("security.make_record", kind="incident", record=row.pk)
    return row


def lacking(row: Incident) -> list[str]:
    """The names of the notices that the law asks for and that were not given yet."""
    if not row.personal:
        return []
    lines = [(row.authority_at, _("报告主管部门")), (row.people_at or row.exemption, _("告知本人"))]
    return [name for done, name in lines if not done]


def limits(row: Incident) -> list[tuple[str, datetime, datetime | None]]:
    """The limits of an incident: (name, when it is due, when it was done)."""
    rows = [(_("研判"), row.noticed_at + CLASSIFY_WITHIN, row.classified_at)]
    if row.personal and row.classified_at:
        rows.append((_("报告主管部门"), row.noticed_at + AUTHORITY_WITHIN, row.authority_at))
        if not row.exemption:
            rows.append((_("告知本人"), row.noticed_at + PEOPLE_WITHIN, row.people_at))
    rows.append((_("结案"), row.noticed_at + CLOSE_WITHIN, row.closed_at))
    return rows


def get(user: User, incident_id: UUID, *, lock: bool = False) -> Incident:
    """An incident that `user` may see; with `lock`, for changing, of a unit that they keep. Raises `NotFound`,
    `NotAllowed`."""
    rows = Incident.objects.visible_to(user).select_related("unit", "noticed_by", "device")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=incident_id).first()
    if row is None:
        raise NotFound(_("没有这个事件。"))
    if lock:
        allow(user, "security.keep", row.unit)
    return row


def _open_next_duty(row: Incident) -> None:
    """The duty that comes now: the nearest notice that is owed, else closing."""
    due_at, name = row.noticed_at + CLOSE_WITHIN, _("结案")
    if row.personal and row.authority_at is None:
        due_at, name = row.noticed_at + AUTHORITY_WITHIN, _("报告主管部门")
    elif row.personal and row.people_at is None and not row.exemption:
        due_at, name = row.noticed_at + PEOPLE_WITHIN, _("告知本人")
    _open_duty(row, due_at, row.steps.count(), name)


def _open_duty(row: Incident, due_at: datetime, round: int, name: str) -> None:
    duties.open_(
        duties.make(
            "incident",
            unit_id=row.unit_id,
            due_at=due_at,
            owner_id=staff.officer_of(row.unit_id),
            subject=row,
            round=round,
            title=f"{row.number} {name}",
        )
    )


def _add_step(row: Incident, kind: str, by: User, note: str) -> None:
    IncidentStep.objects.create(incident=row, kind=kind, note=note, by=by, at=clock.now())
