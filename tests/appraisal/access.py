"""Who gets in to the appraisal room, and one object of each kind in a community."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from linbao.appraisal import cycles, grading
from linbao.appraisal.inputs import Object, OpenCycle, Rate
from linbao.appraisal.models import Appraisal, Proposal, Rating
from linbao.appraisal.rating import services as rating
from linbao.core.inputs import checked
from linbao.documents.models import Document
from linbao.organisation.models import User
from linbao.platform import files
from tests.access.who import HOLDING, LEADER, MANAGER, NONE, REPORTER, SIGNED_IN, Access, to

if TYPE_CHECKING:
    from tests.access.world import Side

MANAGING = (MANAGER,)
PAGES: dict[str, Access] = {
    "appraisal:list": Access(SIGNED_IN),  # one's own ratings and results; cycles for managers
    "appraisal:open": Access(None, MANAGING, data=lambda side: {"unit": str(side.community.pk), "half": "2026-01-01"}),
    "appraisal:rules": Access(
        HOLDING,
        MANAGING,
        query=lambda side: f"?unit={side.community.pk}",
        data=lambda side: {"unit": str(side.community.pk), "note": side.mark + "说明"},
    ),
    "appraisal:stats": Access(MANAGING, query=lambda side: f"?unit={side.community.pk}"),
    "appraisal:stats-export": Access(MANAGING),
    "appraisal:cycle": Access((REPORTER, LEADER, MANAGER)),  # those who take part are led to what is theirs
    "appraisal:export": Access(MANAGING),
    "appraisal:recount": Access(None, MANAGING),
    "appraisal:publish": Access(None, MANAGING),
    "appraisal:reopen": Access(None, MANAGING, data=to(reason="统计有误，重新考核")),
    "appraisal:person": Access((REPORTER, LEADER, MANAGER)),
    "appraisal:evidence": Access((REPORTER, LEADER, MANAGER)),
    "appraisal:calibrate": Access(None, MANAGING, data=to(grade="basic", reason="多次迟报，已谈话")),
    "appraisal:object": Access(None, (REPORTER,), data=to(grounds="不同意这个等次")),
    "appraisal:letter": Access((REPORTER, MANAGER)),
    "appraisal:rating": Access((LEADER,), (LEADER,)),
    "appraisal:objection": Access((REPORTER, MANAGER), NONE, data=to(decision="keep", reply="维持原来的等次")),
    "appraisal:proposal": Access(MANAGING, MANAGING, data=to(decision="accept", reason="本周内谈话")),
}
API: dict[str, Access] = {}


def fill(side: Side) -> None:
    """A told cycle of the half-year, with an objection, a proposal and a letter."""
    cycle = cycles.open_(side.manager, OpenCycle(unit=side.community.pk, half=date(2026, 1, 1)))
    marks = {"duty": "3", "skill": "3", "people": "3", "together": "2"}
    for row in Rating.objects.filter(appraisal__cycle=cycle):
        rating.rate(
            User.objects.get(pk=row.rater_id),
            row.pk,
            checked(Rate, {**marks, "evidence": side.mark + "走访记录不全", "remark": side.mark + "评语"}),
        )
    cycles.publish(side.manager, cycle.pk)
    # The group may have an older leader: here the side's own is the one who rated.
    Rating.objects.filter(appraisal__cycle=cycle, kind="superior").update(rater=side.people["group_leader"])
    own = Appraisal.objects.get(cycle=cycle, person=side.people["reporter"])
    objection = grading.object_(side.reporter, own.pk, Object(grounds=side.mark + "两次迟报是系统故障"))
    Document.objects.create(
        kind="appraisal",
        unit=side.community,
        title=side.mark + "告知书",
        subject_id=own.pk,
        version=1,
        pdf=files.put(side.mark.encode() + b"%PDF appraisal"),
        docx=files.put(side.mark.encode() + b"docx appraisal"),
    )
    side.__dict__["appraisal"] = {
        "cycle": cycle,
        "own": own,
        "objection": objection,
        "proposal": Proposal.objects.filter(appraisal=own).first(),
        "rating": Rating.objects.get(appraisal=own, kind="superior"),
    }


def _made(name: str) -> Any:
    def found(side: Side, persona: str) -> Any:
        return side.__dict__["appraisal"][name].pk

    return found


OBJECTS = {
    ("cycle_id", "appraisal"): _made("cycle"),
    ("appraisal_id", "appraisal"): _made("own"),
    ("objection_id", "appraisal"): _made("objection"),
    ("proposal_id", "appraisal"): _made("proposal"),
    ("rating_id", "appraisal"): _made("rating"),
    ("metric", "appraisal"): lambda side, persona: "quantity",
    ("form", "appraisal"): lambda side, persona: "pdf",
}
