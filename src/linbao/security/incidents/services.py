"""Security incidents from notice to report, with the notices that the law asks for (6.1.1; PIPL art. 57)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import worded
from linbao.documents.services import number
from linbao.duties import services as duties
from linbao.organisation.models import UnitKind, User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.platform import queue
from linbao.security import staff
from linbao.security.alerts import services as alerts
from linbao.security.incidents.states import INCIDENT
from linbao.security.models import Device, Incident, IncidentKind, IncidentState, IncidentStep, Severity

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
    "spare": lazy("决定不告知本人"),
    "note": lazy("记录"),
    "close": lazy("结案"),
}
S = IncidentState


@transaction.atomic
def notice(
    actor: User,
    *,
    unit_id: UUID | None,
    kind: str,
    words: str,
    seen_at: datetime,
    device: object = None,
    quiet: bool = False,
) -> Incident:
    """Anyone reports what they noticed; the officers are alerted and have four hours to classify it. Raises `Invalid`.

    `quiet`: the caller raises the alert itself. Personal data in `words` is kept encrypted."""
    home = tree().above(unit_id, UnitKind.COMMUNITY) or tree().get(unit_id) or tree().roots()[0]
    words = text.clean(words)
    errors: dict[str, list[str]] = {}
    if kind not in IncidentKind.values:
        errors["kind"] = [_("请选择种类。")]
    if not 4 <= len(words) <= 2000:
        errors["words"] = [_("请写明发现了什么（4 至 2000 字）。")]
    now = clock.now()
    if seen_at > now + timedelta(minutes=1) or seen_at < now - timedelta(days=366):
        errors["seen_at"] = [_("发现时间不能晚于现在，也不能早于一年前。")]
    if errors:
        raise Invalid(fields=errors)
    row = Incident.objects.create(
        unit_id=home.pk,
        number=number(home.pk, "安事"),
        kind=kind,
        words=words,
        seen_at=seen_at,
        noticed_by=actor,
        noticed_at=now,
        device=device if isinstance(device, Device) else None,
    )
    _step(row, "notice", actor, words)
    _owe(row, now + CLASSIFY_WITHIN, 0, _("研判"))
    audit.record(actor, "incident.notice", row, unit_id=home.pk, kind=kind)
    if not quiet:
        alerts.alert(
            kind="incident",
            unit_id=home.pk,
            severity=Severity.HIGH,
            key=f"incident:{row.pk}",
            words=worded("收到安全事件报告 %(number)s（%(kind)s），请在 4 小时内研判")
            % {"number": row.number, "kind": IncidentKind(kind).label},
            data={"incident": str(row.pk)},
        )
    return row


@transaction.atomic
def classify(
    actor: User, incident_id: UUID, *, kind: str, severity: str, personal: bool | None, people: int | None, words: str
) -> Incident:
    """The officer says what it is, how bad, and whether personal data is touched: then the authority is told within
    24 hours and the people within 72. Raises `Invalid`, `Conflict` for one that is closed."""
    row = get(actor, incident_id, lock=True)
    verb = "classify" if row.state == S.NOTICED else "reclassify"
    INCIDENT.check(row, verb)
    errors: dict[str, list[str]] = {}
    if kind not in IncidentKind.values:
        errors["kind"] = [_("请选择种类。")]
    if severity not in Severity.values:
        errors["severity"] = [_("请选择程度。")]
    if personal is None:
        errors["personal"] = [_("请判断是否涉及个人信息。")]
    if personal and (people is None or not 1 <= people <= 10_000_000):
        errors["people"] = [_("请填写涉及的人数（估计数也可）。")]
    words = _said(words, errors)
    if errors:
        raise Invalid(fields=errors)
    INCIDENT.move(
        row,
        verb,
        kind=kind,
        severity=severity,
        personal=personal,
        people=people if personal else None,
        classified_at=row.classified_at or clock.now(),
    )
    _step(row, "classify", actor, words)
    duties.meet("incident", row.pk)
    _next(row)
    audit.record(actor, "incident.classify", row, unit_id=row.unit_id, kind=kind, personal=bool(personal))
    return row


@transaction.atomic
def contain(actor: User, incident_id: UUID, words: str) -> Incident:
    """What was done so that it does no more harm."""
    row = get(actor, incident_id, lock=True)
    INCIDENT.check(row, "contain")
    message = _required(words)
    INCIDENT.move(row, "contain", contained_at=row.contained_at or clock.now())
    _step(row, "contain", actor, message)
    audit.record(actor, "incident.contain", row, unit_id=row.unit_id)
    return row


@transaction.atomic
def notify(actor: User, incident_id: UUID, whom: str, words: str) -> Incident:
    """Record that the authority (`authority`) or the people concerned (`people`) were told, or why the people need not
    be (`spare`: the measures taken prevent harm, PIPL art. 57). Raises `Conflict` where no personal data is touched."""
    row = get(actor, incident_id, lock=True)
    INCIDENT.check(row, "notify")
    if whom not in ("authority", "people", "spare"):
        raise Invalid(fields={"whom": [_("请选择告知对象。")]})
    if not row.personal:
        raise Conflict(_("只有涉及个人信息的事件，才有法定的告知。"))
    message = _required(words)
    if whom == "authority":
        row.authority_at = row.authority_at or clock.now()
    elif whom == "people":
        row.people_at = row.people_at or clock.now()
    else:
        row.people_spared = message[:300]
    row.save()
    _step(row, whom, actor, message)
    duties.meet("incident", row.pk)
    _next(row)
    audit.record(actor, "incident.notify", row, unit_id=row.unit_id, what=whom)
    return row


@transaction.atomic
def note(actor: User, incident_id: UUID, words: str) -> Incident:
    """A line on the incident's record."""
    row = get(actor, incident_id, lock=True)
    INCIDENT.check(row, "note")
    _step(row, "note", actor, _required(words))
    return row


@transaction.atomic
def close(actor: User, incident_id: UUID, words: str) -> Incident:
    """End it with cause, harm and lessons; its report is made as a document. Not before it is contained and, where
    personal data is touched, authority and people were told.
    """
    row = get(actor, incident_id, lock=True)
    INCIDENT.check(row, "close")
    if missing := lacking(row):
        raise Conflict(_("结案前还须完成：%(what)s。") % {"what": _("、").join(missing)})
    message = _required(words)
    INCIDENT.move(row, "close", closed_at=clock.now())
    _step(row, "close", actor, message)
    duties.meet("incident", row.pk)
    audit.record(actor, "incident.close", row, unit_id=row.unit_id)

    queue.defer("security.make_record", kind="incident", record=row.pk)
    return row


def lacking(row: Incident) -> list[str]:
    """The notices of the law that are still owed, in words."""
    if not row.personal:
        return []
    lines = [(row.authority_at, _("报告主管部门")), (row.people_at or row.people_spared, _("告知本人"))]
    return [message for done, message in lines if not done]


def limits(row: Incident) -> list[tuple[str, datetime, datetime | None]]:
    """What is due when, and when it was done: for the page."""
    rows = [(_("研判"), row.noticed_at + CLASSIFY_WITHIN, row.classified_at)]
    if row.personal and row.classified_at:
        rows.append((_("报告主管部门"), row.noticed_at + AUTHORITY_WITHIN, row.authority_at))
        if not row.people_spared:
            rows.append((_("告知本人"), row.noticed_at + PEOPLE_WITHIN, row.people_at))
    rows.append((_("结案"), row.noticed_at + CLOSE_WITHIN, row.closed_at))
    return rows


def get(user: User, incident_id: UUID, *, lock: bool = False) -> Incident:
    """An incident that `user` may see; with `lock` one that they keep."""
    rows = Incident.objects.visible_to(user).select_related("unit", "noticed_by", "device")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=incident_id).first()
    if row is None:
        raise NotFound(_("没有这个事件。"))
    if lock:
        allow(user, "security.keep", row.unit)
    return row


def _next(row: Incident) -> None:
    """The duty that comes now: the nearest notice that is owed, else closing."""
    due_at, name = row.noticed_at + CLOSE_WITHIN, _("结案")
    if row.personal and row.authority_at is None:
        due_at, name = row.noticed_at + AUTHORITY_WITHIN, _("报告主管部门")
    elif row.personal and row.people_at is None and not row.people_spared:
        due_at, name = row.noticed_at + PEOPLE_WITHIN, _("告知本人")
    _owe(row, due_at, row.steps.count(), name)


def _owe(row: Incident, due_at: datetime, round: int, name: str) -> None:
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


def _said(words: str, wrong: dict[str, list[str]]) -> str:
    words = text.clean(words)
    if not 4 <= len(words) <= 2000:
        wrong["words"] = [_("请写明情况（4 至 2000 字）。")]
    return words


def _required(words: str) -> str:
    errors: dict[str, list[str]] = {}
    message = _said(words, errors)
    if errors:
        raise Invalid(fields=errors)
    return message


def _step(row: Incident, kind: str, by: User, words: str) -> None:
    IncidentStep.objects.create(incident=row, kind=kind, words=words, by=by, at=clock.now())
