"""Lines of the access table for rewards and cases: who proposes and decides, and who alone sees a case (7.1, 7.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from linbao.conduct import scale
from linbao.conduct.cases import services as cases
from linbao.conduct.cases.inputs import OpenCase
from linbao.conduct.models import Award, Breach, Contribution, Nomination, Severity, Share
from linbao.core import clock
from linbao.documents.models import Document, DocumentKind
from linbao.organisation.models import Role, RoleGrant, User
from linbao.platform import files
from tests.access.who import HANDLER, HOLDING, LEADER, MANAGER, NONE, OFFICER, REPORTER, REVIEWER, SIGNED_IN, Access, to

if TYPE_CHECKING:
    from tests.access.world import Side

CONCERNED = (REPORTER, MANAGER)  # the person and who opened it; who decides is nobody of the table
SEEING = (REPORTER, MANAGER)  # the nominee and the managers
CONTRIBUTING = (REPORTER, LEADER, REVIEWER, HANDLER, MANAGER)


def _nomination(side: Side) -> dict[str, Any]:
    return {"nominee": str(side.people["colleague"].pk), "reasons": "发现燃气泄漏并及时报告。", "items": "1"}


def _case(side: Side) -> dict[str, Any]:
    return {
        "kind": "leak",
        "suspected": "light",
        "person": str(side.people["colleague"].pk),
        "allegation": "在群里转发居民电话。",
    }


PAGES: dict[str, Access] = {
    "conduct:rewards": Access(HOLDING),
    "conduct:rewards-export": Access(HOLDING),
    "conduct:nominate": Access(HOLDING, post=HOLDING, data=_nomination),
    "conduct:nomination": Access(SEEING, post=(MANAGER,), data=to(do="decide", remark="另行考虑")),
    "conduct:nomination#withdraw": Access(post=NONE, data=to(do="withdraw")),  # the nominator alone
    "conduct:contributions": Access(
        CONTRIBUTING, post=(REVIEWER, HANDLER, MANAGER), data=to(number="1", worth="model", note="示范")
    ),
    "conduct:contributions-export": Access(CONTRIBUTING),
    "conduct:confirm": Access(post=(HANDLER, MANAGER)),
    "conduct:reject": Access(post=(HANDLER, MANAGER)),
    "conduct:ledger": Access((MANAGER,), post=(MANAGER,), data=to(year="2026", amount="100")),
    "conduct:ledger-export": Access((MANAGER,)),
    "conduct:honour": Access(HOLDING),
    "conduct:award": Access(SEEING, post=(MANAGER,), data=to(do="hand_over")),
    "conduct:award#consent": Access(post=(REPORTER,), data=to(do="consent")),
    "conduct:award#certificate": Access(post=(MANAGER,), data=to(do="certificate")),
    "conduct:certificate": Access(SEEING),
    "conduct:cases": Access(SIGNED_IN),  # those that concern one
    "conduct:cases-export": Access(SIGNED_IN),
    "conduct:case-new": Access((MANAGER, OFFICER), post=(MANAGER, OFFICER), data=_case),
    "conduct:case": Access(CONCERNED, post=(REPORTER,), data=to(do="statement", statement="情况属实。")),
    "conduct:evidence": Access(CONCERNED),
    "conduct:case-decision": Access(CONCERNED),
    "conduct:case#appeal": Access(post=(REPORTER,), data=to(do="appeal", appeal="过重")),
    "conduct:case#evidence": Access(post=(MANAGER,), data=to(do="evidence")),
    "conduct:case#deciders": Access(post=(MANAGER,), data=to(do="deciders")),
    "conduct:case#decide": Access(post=NONE, data=to(do="decide", founded="no", reasons="证据不足，不予追究。")),
    "conduct:case#decide_appeal": Access(post=NONE, data=to(do="decide_appeal", answer="维持原来的决定不变。")),
}
API: dict[str, Access] = {}


def fill(side: Side) -> None:
    """One object of each kind; each text bears the side's mark."""
    item, half = side.items["closed"], scale.this_half()
    row = Contribution.objects.create(
        community=side.community,
        item=item,
        worth="model",
        points=2,
        note=side.mark + "示范",
        half=half,
        recorded_by=side.people["reviewer"],
    )
    Share.objects.create(contribution=row, person=side.people["reporter"], points=2, half=half)
    nomination = Nomination.objects.create(
        community=side.community,
        nominee=side.people["reporter"],
        reasons=side.mark + "理由",
        half=half,
        nominated_by=side.people["another_reviewer"],
    )
    award = Award.objects.create(
        nomination=nomination,
        community=side.community,
        person=side.people["reporter"],
        kind="certificate",
        title=side.mark + "优秀",
        citation=side.mark,
        amount=1,
        points=20,
        half=half,
        year=2026,
        decided_by=side.people["another_reviewer"],
        shown_since=clock.now(),
    )
    Document.objects.create(
        kind=DocumentKind.CERTIFICATE,
        unit=side.community,
        number=side.mark + "荣1",
        title="荣誉证书",
        subject_type="conduct.award",
        subject_id=award.pk,
        pdf=files.put(side.mark.encode() + b"pdf"),
    )
    judge = User.objects.create(username=f"judge{side.suffix}", name=side.mark + "评判")
    RoleGrant.objects.create(
        user=judge, role=Role.MANAGER, unit=side.community, starts=clock.today() - timedelta(days=9)
    )
    case = cases.open_(
        side.manager,
        OpenCase(
            kind=Breach.FALSE,
            suspected=Severity.LIGHT,
            person=side.people["reporter"].pk,
            allegation=side.mark + "所报情况经核查不实。",
        ),
    )
    Document.objects.create(
        kind=DocumentKind.CASE_DECISION,
        unit=side.community,
        number=side.mark + "责决1",
        title="处理决定书",
        subject_type="conduct.case",
        subject_id=case.pk,
        pdf=files.put(side.mark.encode() + b"decision"),
    )
    side.__dict__.update(contribution=row, nomination=nomination, award=award, case=case)


OBJECTS = {
    ("contribution_id", "conduct"): lambda side, persona: side.contribution.pk,
    ("nomination_id", "conduct"): lambda side, persona: side.nomination.pk,
    ("award_id", "conduct"): lambda side, persona: side.award.pk,
    ("case_id", "conduct"): lambda side, persona: side.case.pk,
    ("evidence_id", "conduct"): lambda side, persona: side.case.evidence.get().pk,
    ("part", "conduct"): lambda side, persona: "audit",
    ("version", "conduct"): lambda side, persona: 1,
}
