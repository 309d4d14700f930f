"""Who gets in where in this room (1.3.4, 6.2); see tests/access/who.py."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from linbao.archive.filters import Filters
from linbao.confidentiality.agreements import default_text
from linbao.confidentiality.disclosures import services as disclosures
from linbao.confidentiality.disclosures import tracing
from linbao.confidentiality.disclosures.inputs import AskDisclosure, DecideDisclosure, TraceLeak
from linbao.confidentiality.models import Agreement, PaperSignature, RequestKind, Signature
from linbao.confidentiality.privacy_requests import services as privacy
from linbao.confidentiality.privacy_requests.inputs import Countersign, DecideRequest, EnterRequest, Identify
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.documents.models import Document
from linbao.platform import files
from tests.access.who import AUDITOR, DEPARTMENT, EVERYBODY, MANAGER, OFFICER, REVIEWER, SIGNED_IN, Access, to

if TYPE_CHECKING:
    from tests.access.world import Side

OVERSEEING = (OFFICER, MANAGER, AUDITOR)
REGISTER = (REVIEWER, *OVERSEEING)
ASKING = (REVIEWER, MANAGER)
DEALING = (REVIEWER, MANAGER, OFFICER)


def _scope(side: Side) -> str:
    return "?category=sanitation"


PAGES: dict[str, Access] = {
    "confidentiality:index": Access(SIGNED_IN),
    "confidentiality:agreement": Access(SIGNED_IN, SIGNED_IN),
    "confidentiality:agreements": Access(OVERSEEING),
    "confidentiality:agreements-export": Access(OVERSEEING),
    "confidentiality:write": Access((OFFICER,), (OFFICER,), data=to(title="保密协议", body="太短")),
    "confidentiality:signed": Access((REVIEWER, *OVERSEEING)),  # the reviewer's own
    "confidentiality:paper-new": Access((OFFICER, MANAGER), (OFFICER, MANAGER), data=to(person="", signed_on="")),
    "confidentiality:paper": Access(OVERSEEING),
    "confidentiality:paper#decide": Access(
        None, (MANAGER,), data=to(do="refuse", reason="日期看不清楚")
    ),  # the officer recorded it
    "confidentiality:paper-scan": Access(OVERSEEING),
    "confidentiality:accesses": Access((MANAGER,), (MANAGER,), data=to(reason="法院来函〔2026〕3号")),
    "confidentiality:trace": Access((OFFICER,), (OFFICER,), data=to(text="泄露的一段文字在这里")),
    "confidentiality:trace-run": Access((OFFICER,)),  # the officer's own
    "confidentiality:processing": Access(OVERSEEING),
    "confidentiality:settings": Access(None, (OFFICER,), data=to(what="limits")),
    "confidentiality:disclosures": Access(REGISTER),
    "confidentiality:disclosures-export": Access(REGISTER),
    "confidentiality:ask": Access(ASKING, ASKING, query=_scope),
    "confidentiality:disclosure": Access(REGISTER),
    "confidentiality:disclosure#decide": Access(
        None, (MANAGER, OFFICER), data=to(do="approve")
    ),  # a confidential item is in it
    "confidentiality:file": Access((REVIEWER,)),
    "confidentiality:requests": Access(DEALING),
    "confidentiality:request-new": Access(ASKING, ASKING, data=to(kind="see")),
    "confidentiality:request": Access(DEALING, DEPARTMENT, data=to(do="identify", identity="当面查验身份证")),
    "confidentiality:answer": Access(ASKING),
    "confidentiality:public": Access(EVERYBODY, EVERYBODY, data=to(kind="see"), by_link=True),
}
API: dict[str, Access] = {}


def fill(side: Side) -> None:
    """One of each kind; nothing is published, so that nobody is shut out of the other rooms' pages."""
    reviewer = side.people["reviewer"]
    draft = Agreement.objects.create(
        unit=side.community,
        number=1,
        title=f"{side.mark}保密协议",
        body=side.mark + default_text.BODY,
        written_by=side.people["security_officer"],
    )
    paper = Document.objects.create(
        kind="agreement",
        unit=side.community,
        title=side.mark + "保密协议",
        number=f"{side.mark}{side.community.code}保协1号",
        pdf=side.photos["submitted"].shown,
    )
    side.__dict__["signature"] = Signature.objects.create(
        agreement=draft,
        user=reviewer,
        unit=side.community,
        number=1,
        valid_until=clock.today() + timedelta(days=9),
        digest="0" * 64,
        document=paper,
    )
    side.__dict__["paper"] = PaperSignature.objects.create(
        agreement=draft,
        user=reviewer,
        unit=side.community,
        signed_on=clock.today(),
        scan=files.put(b"%PDF-1.7 " + side.mark.encode()),
        recorded_by=side.people["security_officer"],
    )
    details: dict[str, Any] = {
        "recipient": f"{side.mark}城管局",
        "purpose": f"{side.mark}安排集中整治",
        "legal_basis": "云城管函〔2026〕18号",
        "form": "xlsx",
        "until": clock.today() + timedelta(days=30),
    }
    request = checked(AskDisclosure, details)
    side.__dict__["disclosure"] = disclosures.ask(side.reviewer, request, Filters.read({"category": "sanitation"}))
    done = disclosures.ask(side.reviewer, request, Filters.read({"sensitivity": "public"}))
    disclosures.decide(side.manager, done.pk, DecideDisclosure(approve=True))
    disclosures.produce(side.reviewer, done.pk)
    side.__dict__["trace"] = tracing.begin(side.security_officer, TraceLeak(text=f"{side.mark}泄露的一段文字在这里"))
    data = EnterRequest(
        kind=RequestKind.SEE, name=f"{side.mark}张桂兰", phone="13812340000", channel="visit", note=side.mark
    )
    side.__dict__["request"] = privacy.enter(side.manager, side.community, data)
    answered = privacy.enter(side.reviewer, side.community, data)
    privacy.identify(side.manager, answered.pk, Identify(identity="当面查验身份证"))
    privacy.decide(side.manager, answered.pk, DecideRequest(grant=False, reason=f"{side.mark}依法暂不提供"))
    side.__dict__["answered"] = privacy.countersign(side.security_officer, answered.pk, Countersign(agree=True))


OBJECTS = {
    ("signature_id", "confidentiality"): lambda side, persona: side.signature.pk,
    ("paper_id", "confidentiality"): lambda side, persona: side.paper.pk,
    ("trace_id", "confidentiality"): lambda side, persona: side.trace.pk,
    ("disclosure_id", "confidentiality"): lambda side, persona: side.disclosure.pk,
    ("request_id", "confidentiality"): lambda side, persona: side.answered.pk,
    ("code", "confidentiality"): lambda side, persona: side.community.code,
}
