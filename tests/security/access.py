"""Who gets in where in the security room (6.1.1–6.1.3, 6.2.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.security import rights_reviews
from linbao.security.alerts import services as alerts
from linbao.security.checks import services as checks
from linbao.security.checks.inputs import FinishReview, GrantVerdict, PlanCheck
from linbao.security.devices import services as devices
from linbao.security.devices.inputs import RegisterDevice
from linbao.security.hosts import services as hosts
from linbao.security.hosts.inputs import RegisterSubstitute
from linbao.security.incidents import services as incidents
from linbao.security.incidents.inputs import ReportIncident
from linbao.security.inspections import services as inspections
from linbao.security.inspections.inputs import Inspect
from linbao.security.models import CheckKind, Guard, IncidentKind
from linbao.security.premises import services as places
from linbao.security.premises.inputs import Admit, PermitEntry, RegisterPlace
from linbao.security.rules import services as rulebook
from linbao.security.rules.inputs import IssueRule
from tests.access.who import HOLDING, MANAGER, OFFICER, SIGNED_IN, Access, Who, to

KEEPING: Who = (OFFICER,)
LOOKING: Who = (OFFICER, MANAGER)
KEEPER = "another_reviewer"  # of the place; no persona, so that the officer alone writes the log here


def _points(**more: str) -> Any:
    return lambda side: {"count": "5", **{f"ok-{n}": "1" for n in range(5)}, **more}


PAGES = {
    "security:index": Access(SIGNED_IN),
    "security:lost": Access(SIGNED_IN, SIGNED_IN),
    "security:alerts": Access(KEEPING),
    "security:alerts-export": Access(KEEPING),
    "security:alert": Access(KEEPING),
    "security:alert-take": Access(None, KEEPING),
    "security:alert-close": Access(KEEPING, KEEPING, data=to(outcome="已核查，无异常")),
    "security:devices": Access(LOOKING),
    "security:devices-export": Access(LOOKING),
    "security:device-new": Access(KEEPING, KEEPING),
    "security:phones": Access(KEEPING),
    "security:device": Access(LOOKING),
    "security:device-edit": Access(KEEPING, KEEPING, data=to(kind="phone", name="手机", number="Z-1")),
    "security:device-assign": Access(KEEPING, KEEPING),
    "security:device-inspect": Access(KEEPING, KEEPING, data=_points()),
    "security:device-found": Access(KEEPING, KEEPING, data=to(note="已经找回来了")),
    "security:device-dispose": Access(KEEPING, KEEPING),
    "security:check-list": Access(KEEPING, KEEPING, data=to(points="已加密\n有锁屏")),
    "security:findings": Access(LOOKING),
    "security:findings-export": Access(LOOKING),
    "security:finding": Access(LOOKING),
    "security:finding-fix": Access(KEEPING, KEEPING, data=to(correction="已经整改好了")),
    "security:finding-close": Access(None, KEEPING),
    "security:places": Access(LOOKING),
    "security:places-export": Access(LOOKING),
    "security:place-new": Access(KEEPING, KEEPING),
    "security:place": Access(LOOKING),
    "security:place-edit": Access(KEEPING, KEEPING),
    "security:place-inspect": Access(KEEPING, KEEPING, data=_points()),
    "security:place-qr": Access(KEEPING),
    "security:entries-export": Access(LOOKING),
    "security:permit": Access(KEEPING, KEEPING, data=to(person="reviewer-o")),
    "security:forbid": Access(None, KEEPING),
    "security:admit": Access(KEEPING, KEEPING, data=to(purpose="查档", visitor="林老师", escort="officer")),
    "security:let-out": Access(None, KEEPING),
    # The code on the door is the permission to ask; who may not enter is told so and kept.
    "security:door": Access(SIGNED_IN, SIGNED_IN, by_link=True),
    "security:hosts": Access(LOOKING),
    "security:substitute-new": Access(KEEPING, KEEPING),
    "security:substitute": Access(LOOKING),
    "security:substitute-proof": Access(()),  # this one is proven by a text
    "security:substitute-end": Access(None, KEEPING),
    "security:rules": Access(LOOKING),
    "security:rules-export": Access(LOOKING),
    "security:rule-new": Access(KEEPING, KEEPING),
    "security:rule": Access(HOLDING),
    "security:rule-version": Access(KEEPING, KEEPING),
    "security:rule-confirm": Access(None, HOLDING),
    "security:rule-end": Access(None, KEEPING),
    "security:checks": Access(LOOKING),
    "security:checks-export": Access(LOOKING),
    "security:check-new": Access(KEEPING, KEEPING),
    "security:check": Access(LOOKING),
    "security:check-record": Access(KEEPING, KEEPING, data=to(passed="1", result="全部合格")),
    "security:check-cancel": Access(None, KEEPING),
    "security:check-pdf": Access(()),  # until the worker has made it
    "security:reviews": Access(LOOKING),
    "security:review-new": Access(KEEPING, KEEPING),
    "security:review": Access(LOOKING),
    "security:review-pdf": Access(()),
    "security:incidents": Access(LOOKING),
    "security:incidents-export": Access(LOOKING),
    "security:incident-new": Access(SIGNED_IN, SIGNED_IN),
    "security:incident": Access(LOOKING),
    "security:incident-pdf": Access(()),
    "security:incident-act": Access(KEEPING, KEEPING, data=to(note="已补充记录")),
}
API: dict[str, Access] = {}


def fill(side: Any) -> None:
    """One object of each kind."""
    officer, unit, mark = side.security_officer, side.community.pk, side.mark
    keeper = side.people[KEEPER]
    colleague = side.people["colleague"]
    device = devices.register(
        officer,
        checked(
            RegisterDevice,
            {
                "unit": unit,
                "kind": "phone",
                "name": mark + "手机",
                "number": mark + "SJ-1",
                "holder": colleague.username,
            },
        ),
    )
    place = places.register(
        officer,
        RegisterPlace(
            unit=unit,
            kind="room",
            name=mark + "档案室",
            where=mark + "二楼",
            contents=mark + "档案",
            keeper=keeper.username,
            active=True,
        ),
    )
    bad = [{"ok": n > 0, "remark": mark + "未加密"} for n in range(5)]
    inspection = inspections.inspect(officer, device, Inspect(answers=bad))
    body = mark + "设备要设锁屏口令，离开时锁屏。"
    rule = rulebook.issue(officer, IssueRule(unit=unit, title=mark + "使用规定", body=body))
    incident = incidents.notice(
        colleague,
        unit,
        ReportIncident(kind=IncidentKind.OTHER, description=mark + "看到陌生人翻看资料", seen_at=clock.now()),
    )
    check = PlanCheck(unit=unit, kind=CheckKind.CHECK, title=mark + "季度检查", due_on=clock.today())
    review = {g.pk: GrantVerdict(keep=True) for g in rights_reviews.standing(unit)}
    substitute = RegisterSubstitute(
        guard=Guard.FIREWALL,
        measure=mark + "云防火墙",
        proof=mark + "云平台工单，由网信办统一管理",
        expires_on=clock.today() + timedelta(days=90),
    )
    entry = Admit(visitor=mark + "来访", escort=keeper.username, purpose=mark + "查档")
    side.__dict__["security_ids"] = {
        "substitute_id": hosts.cover(officer, substitute).pk,
        "alert_id": alerts.alert(kind="incident", unit_id=unit, message=mark + "异常").pk,
        "device_id": device.pk,
        "finding_id": inspection.findings.get().pk,
        "place_id": place.pk,
        "permit_id": places.permit(officer, place.pk, PermitEntry(person=side.people["reviewer"].username)).pk,
        "entry_id": places.admit(keeper, place.pk, entry).pk,
        "rule_id": rule.pk,
        "incident_id": incident.pk,
        "code": place.code,
        "about": "device",
        "verb": "note",
        "check_id": checks.plan(officer, check).pk,
        "review_id": rights_reviews.finish(officer, unit, FinishReview(verdicts=review)).pk,
        "verdict": "right",
        "version": 1,
        "unit_id": unit,
    }


def _id(part: str) -> Any:
    return lambda side, persona: side.security_ids[part]


OBJECTS = {
    (part, "security"): _id(part)
    for part in (
        "alert_id",
        "device_id",
        "finding_id",
        "place_id",
        "permit_id",
        "entry_id",
        "rule_id",
        "incident_id",
        "code",
        "about",
        "verb",
        "substitute_id",
        "check_id",
        "review_id",
        "verdict",
        "version",
        "unit_id",
    )
}
