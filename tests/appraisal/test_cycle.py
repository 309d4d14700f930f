"""The half-year's cycle from its opening to its end: rating, calibration, telling, objections, proposals (5.2.2,
5.2.3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from linbao.appraisal import cycles, drawing, grading, letters, proposals
from linbao.appraisal.inputs import Calibrate, DecideObjection, DecideProposal, Object, OpenCycle, Rate, ReopenCycle
from linbao.appraisal.models import Change, Cycle, Objection, Proposal, Rating
from linbao.appraisal.rating import services as rating
from linbao.audit.models import Record
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.documents.inputs import ChangeSeal, MakeSeal
from linbao.documents.models import Document, SealUse
from linbao.documents.seals import services as seals
from linbao.duties.models import Obligation, State
from linbao.duties.services import tick
from linbao.management import leave as absence
from linbao.management.inputs import AskLeave, DecideLeave
from linbao.organisation.models import RoleGrant, User
from linbao.outbox.models import Notice
from linbao.platform import files, queue
from tests.appraisal.conftest import HALF, JULY, MARKS, SHANGHAI, Office

FACTS = "走访记录齐全，条目写得清楚"


@pytest.mark.clause("5.2.2")
def test_opening_sets_the_timetable_in_working_days_and_asks_everybody(staffed: Office) -> None:
    cycle = staffed.open()
    ends = [cycle.self_due, cycle.peer_due, cycle.superior_due, cycle.publish_due]
    # Opened on Wednesday 1 July: 5, 5, 10 and 5 whole working days, one after the other, to 18:00.
    assert [f"{d.astimezone(SHANGHAI):%m-%d %H:%M}" for d in ends] == [
        "07-08 18:00",
        "07-15 18:00",
        "07-29 18:00",
        "08-05 18:00",
    ]
    people = cycle.people.count()
    assert people == 7
    assert Rating.objects.filter(appraisal__cycle=cycle, kind="self").count() == people
    assert Rating.objects.filter(appraisal__cycle=cycle, kind="superior").count() == people
    kinds = set(Obligation.objects.filter(subject_id=cycle.pk).values_list("kind", flat=True))
    assert kinds == {"appraisal_self", "appraisal_peer", "appraisal_superior", "appraisal_publish"}
    leader = staffed.town.people["leader"]
    assert set(Rating.objects.filter(kind="superior").values_list("rater", flat=True)) == {leader.pk}
    assert Notice.objects.filter(user=staffed.town.people["reporter"], kind="appraisal.open").exists()
    assert cycles.open_(staffed.town.manager, OpenCycle(unit=staffed.town.community.pk, half=HALF)) == cycle  # once
    assert Record.objects.filter(action="appraisal.open").count() == 1


@pytest.mark.clause("5.2.2")
def test_only_a_finished_half_of_ones_own_community(office: Office) -> None:
    town = office.town
    office.time.move_to(JULY)
    with pytest.raises(Invalid):
        cycles.open_(town.manager, checked(OpenCycle, {"unit": town.community.pk, "half": date(2026, 7, 1)}))
    with pytest.raises(NotAllowed):
        cycles.open_(town.reviewer, OpenCycle(unit=town.community.pk, half=HALF))
    with pytest.raises(NotAllowed):
        cycles.open_(town.manager, OpenCycle(unit=town.elsewhere.pk, half=HALF))
    with pytest.raises(Invalid):  # nobody reported then
        cycles.open_(town.manager, checked(OpenCycle, {"unit": town.community.pk, "half": date(2025, 7, 1)}))


@pytest.mark.clause("5.2.2")
def test_january_and_july_owe_the_half_before(office: Office) -> None:
    office.time.move_to(datetime(2026, 6, 30, 12, tzinfo=SHANGHAI))
    assert cycles.open_duties() == 0
    office.time.move_to(datetime(2026, 7, 1, 8, tzinfo=SHANGHAI))
    assert cycles.open_duties() == 1 and cycles.open_duties() == 0
    duty = office.duty("appraisal_open")
    assert duty.owner_id == office.town.people["manager"].pk and duty.period == HALF
    assert duty.due_at.astimezone(SHANGHAI).date() == date(2026, 7, 7)
    office.open()
    duty.refresh_from_db()
    assert duty.state == State.MET


@pytest.mark.clause("5.2.2")
def test_peers_are_drawn_at_random_with_a_seed_and_never_both_ways(staffed: Office) -> None:
    cycle = staffed.open()
    pairs = set(Rating.objects.filter(kind="peer").values_list("rater", "appraisal__person"))
    assert len(pairs) == 7 * 3
    assert not pairs & {(b, a) for a, b in pairs}
    assert all(a != b for a, b in pairs)
    groups = {a.person_id: a.group_id for a in cycle.people.all()}
    assert set(drawing.peers(groups, (), seed=cycle.seed, each=3)) == pairs  # the same again
    assert set(drawing.peers(groups, (), seed=cycle.seed + 1, each=3)) != pairs


def test_draws_avoid_the_pairs_of_the_half_before() -> None:
    from uuid import UUID

    people = {UUID(int=n): UUID(int=99) for n in range(9)}
    before = drawing.peers(people, (), seed=1, each=1)
    known = set(before) | {(b, a) for a, b in before}
    for seed in range(5):
        again = drawing.peers(people, (), seed=seed, each=1, before=before)
        plain = drawing.peers(people, (), seed=seed, each=1)
        assert sum(p in known for p in again) <= min(1, sum(p in known for p in plain))


def test_small_circles_join_and_leaders_rate_each_other() -> None:
    from uuid import UUID

    def id(n: int) -> UUID:
        return UUID(int=n)

    groups = {id(n): id(100 + n % 3) for n in range(9)}  # three groups of three, each with its leader
    pairs = drawing.peers(groups, {id(0), id(1), id(2)}, seed=5, each=3)
    leaders = {id(0), id(1), id(2)}
    assert all((a in leaders) == (b in leaders) for a, b in pairs)
    assert drawing.peers({id(1): id(7), id(2): id(7)}, (), seed=5, each=3) == []  # two would know each other


@pytest.mark.clause("5.2.2")
def test_a_rating_needs_every_aspect_and_facts_for_extremes(staffed: Office) -> None:
    cycle = staffed.open()
    row = Rating.objects.get(appraisal__cycle=cycle, kind="self", rater__username="reporter")
    me = staffed.town.reporter
    with pytest.raises(Invalid) as refused:
        rating.rate(me, row.pk, checked(Rate, {"duty": "6", "skill": "4", "evidence": "x" * 1001}))
    assert set(refused.value.fields) == {"duty", "people", "together", "evidence"}
    with pytest.raises(Invalid) as refused:
        rating.rate(me, row.pk, checked(Rate, {**MARKS | {"duty": "5"}}))
    assert set(refused.value.fields) == {"evidence"}
    done = rating.rate(me, row.pk, checked(Rate, {**MARKS}))
    assert done.score == 85  # four is worth 85
    assert staffed.duty("appraisal_self", owner=me).state == State.MET
    rating.rate(me, row.pk, checked(Rate, {**MARKS | {"skill": "2"}}))  # until the end it can be changed
    row.refresh_from_db()
    assert row.score == (85 * 3 + 55) / 4
    with pytest.raises(NotFound):  # somebody else's
        rating.rate(staffed.town.reporter2, row.pk, checked(Rate, {**MARKS}))
    above = Rating.objects.filter(kind="superior").first()
    assert above is not None
    with pytest.raises(Invalid):  # a superior always gives facts
        rating.rate(staffed.town.leader, above.pk, checked(Rate, {**MARKS}))


@pytest.mark.clause("5.2.2")
def test_who_never_answers_is_reminded_then_left_out(staffed: Office) -> None:
    cycle = staffed.open()
    staffed.time.move_to(cycle.self_due - timedelta(hours=3))
    tick()
    me = staffed.town.people["reporter"]
    assert Notice.objects.filter(user=me, kind="appraisal_self.remind").exists()
    staffed.time.move_to(cycle.self_due + timedelta(hours=1))
    tick()
    cycles.close_expired_phases()
    row = Rating.objects.get(kind="self", rater=me)
    assert row.left_out_at is not None
    assert staffed.duty("appraisal_self", owner=me).state == State.MISSED
    with pytest.raises(Conflict):
        rating.rate(staffed.town.reporter, row.pk, checked(Rate, {**MARKS}))
    assert not Rating.objects.filter(kind="peer", left_out_at__isnull=False).exists()  # its time is not over
    for superior in Rating.objects.filter(kind="superior"):
        rating.rate(staffed.town.leader, superior.pk, checked(Rate, {**MARKS, "evidence": FACTS}))
    staffed.publish(cycle)
    appraisal = staffed.of(cycle, "reporter")
    assert appraisal.self_score is None and appraisal.peer_score is None
    assert appraisal.total == appraisal.superior_score == 85  # no facts either: all the weight is the superior's


@pytest.mark.clause("5.2.2")
def test_a_superior_who_leaves_and_a_peer_who_is_away_hold_nobody_up(staffed: Office) -> None:
    """Their answers never come: when the time is over the result is told without them, the weight shared by rule."""
    cycle = staffed.open()
    town, me = staffed.town, staffed.town.people["reporter"]
    User.objects.filter(pk=town.people["leader"].pk).update(is_active=False)  # everybody's superior
    mine = Rating.objects.filter(appraisal=staffed.of(cycle, "reporter"))
    for asked in mine.exclude(kind="superior").select_related("rater")[1:]:  # one peer never answers
        rating.rate(asked.rater, asked.pk, checked(Rate, {**MARKS, "evidence": FACTS}))
    with pytest.raises(Conflict):
        cycles.publish(town.manager, cycle.pk)  # the superior might still answer
    staffed.publish(cycle)
    row = staffed.of(cycle, "reporter")
    assert mine.filter(left_out_at__isnull=False).count() == 2 and row.superior_score is None
    # No facts and no superior: self 5 and peers 10 share all the weight; and nobody is graded by that alone.
    assert row.self_score in (None, 85) and row.total == row.peer_score == 85
    assert row.grade == "" and Notice.objects.filter(user=me, kind="appraisal.result").exists()


@pytest.mark.clause("5.2.2")
def test_leave_that_was_booked_late_counts_when_the_cycle_is_done_again(staffed: Office) -> None:
    town, old = staffed.town, told(staffed)
    assert staffed.of(old, "reporter").months == 6
    row = absence.ask(
        town.reporter, AskLeave(starts=date(2026, 6, 8), ends=date(2026, 6, 30), kind="sick", note="住院，出院后补假")
    )
    absence.decide(town.manager, row.pk, DecideLeave(approved=True, remark="有出院小结"))
    assert staffed.of(old, "reporter").months == 6  # what was told stands
    fresh = cycles.reopen(town.manager, old.pk, ReopenCycle(reason="住院的病假没有扣除"))
    again = staffed.of(fresh, "reporter")
    assert again.months == 5 and again.absences[0]["why"] == "leave"


@pytest.mark.clause("5.2.2")
def test_telling_waits_for_ratings_and_happens_once(staffed: Office) -> None:
    town, cycle = staffed.town, staffed.open()
    with pytest.raises(Conflict):
        cycles.publish(town.manager, cycle.pk)
    with pytest.raises(NotFound):
        cycles.publish(town.reviewer, cycle.pk)
    staffed.rate_all(cycle)
    details = cycles.publish(town.manager, cycle.pk)  # everybody has answered: no need to wait
    assert details.state == "published" and cycles.publish(town.manager, cycle.pk).published_at == details.published_at
    assert details.published_at and details.objection_due and details.objection_due > details.published_at
    assert Notice.objects.filter(kind="appraisal.result").count() == 7
    assert staffed.duty("appraisal_publish", subject_id=cycle.pk).state == State.MET
    assert Record.objects.filter(action="appraisal.publish").count() == 1
    with pytest.raises(Conflict):
        cycles.recalculate(town.manager, cycle.pk)


@pytest.mark.clause("5.2.2")
def test_calibration_with_a_reason_and_both_grades_kept(staffed: Office) -> None:
    town, cycle = staffed.town, staffed.open()
    staffed.rate_all(cycle)
    cycles.recalculate(town.manager, cycle.pk)
    row = staffed.of(cycle, "reporter")
    assert row.suggested == row.grade == "competent"
    with pytest.raises(Invalid):
        grading.calibrate(town.manager, row.pk, checked(Calibrate, {"grade": "excellent", "reason": ""}))
    with pytest.raises(NotFound):
        grading.calibrate(town.reviewer, row.pk, Calibrate(grade="excellent", reason="连续三次处置得当"))
    with pytest.raises(NotAllowed):  # the leader sees it, but does not set it
        grading.calibrate(town.leader, row.pk, Calibrate(grade="excellent", reason="连续三次处置得当"))
    grading.calibrate(town.manager, row.pk, Calibrate(grade="excellent", reason="连续三次处置得当"))
    cycles.recalculate(town.manager, cycle.pk)
    row.refresh_from_db()
    assert (row.suggested, row.grade) == ("competent", "excellent")  # counting again keeps what a person decided
    change = Change.objects.get()
    assert (change.before, change.after, change.by_id) == ("competent", "excellent", town.people["manager"].pk)


@pytest.mark.clause("5.2.3")
def test_at_most_a_fifth_is_excellent(staffed: Office) -> None:
    town, cycle = staffed.town, staffed.open()
    staffed.rate_all(cycle)
    cycles.recalculate(town.manager, cycle.pk)
    for name in ("reporter", "member3"):
        grading.calibrate(
            town.manager, staffed.of(cycle, name).pk, Calibrate(grade="excellent", reason="工作突出，居民认可")
        )
    with pytest.raises(Invalid) as refused:  # 20 % of seven is one
        cycles.publish(town.manager, cycle.pk)
    assert "1" in refused.value.fields["grade"][0]
    grading.calibrate(
        town.manager, staffed.of(cycle, "member3").pk, Calibrate(grade="competent", reason="名额有限，综合考虑")
    )
    cycles.publish(town.manager, cycle.pk)


def told(office: Office, grade: str = "basic") -> Cycle:
    """A told cycle in which the reporter has been graded down."""
    cycle = office.open()
    office.rate_all(cycle)
    cycles.recalculate(office.town.manager, cycle.pk)
    grading.calibrate(
        office.town.manager, office.of(cycle, "reporter").pk, Calibrate(grade=grade, reason="多次迟报，已谈话")
    )
    return cycles.publish(office.town.manager, cycle.pk)


@pytest.mark.clause("5.2.2")
def test_an_objection_is_decided_by_somebody_else(staffed: Office) -> None:
    town, cycle = staffed.town, told(staffed)
    row = staffed.of(cycle, "reporter")
    with pytest.raises(Invalid):
        grading.object_(town.reporter, row.pk, checked(Object, {"grounds": "不"}))
    with pytest.raises(NotFound):
        grading.object_(town.reporter2, row.pk, Object(grounds="不同意这个等次"))
    made = grading.object_(town.reporter, row.pk, Object(grounds="两次迟报是系统故障，有记录"))
    assert grading.object_(town.reporter, row.pk, Object(grounds="再说一遍也一样")) == made
    assert made.decider_id == town.people["manager2"].pk  # who has not graded
    with pytest.raises(NotAllowed):
        grading.decide(town.manager, made.pk, DecideObjection(decision="keep", reply="维持原来的等次"))
    with pytest.raises(Invalid) as refused:
        grading.decide(
            town.manager2, made.pk, checked(DecideObjection, {"decision": "change", "reply": "好", "grade": "basic"})
        )
    assert set(refused.value.fields) == {"reply"}
    with pytest.raises(Invalid) as refused:
        grading.decide(town.manager2, made.pk, DecideObjection(decision="change", reply="好，改变等次", grade="basic"))
    assert set(refused.value.fields) == {"grade"}
    grading.decide(
        town.manager2, made.pk, DecideObjection(decision="change", reply="故障属实，免除两次迟报", grade="competent")
    )
    row.refresh_from_db()
    assert row.grade == "competent"
    assert Change.objects.filter(objection=True).get().before == "basic"
    assert staffed.duty("appraisal_objection").state == State.MET
    assert Notice.objects.filter(user=town.people["reporter"], kind="appraisal.decided").exists()
    third = town.person("manager3", "manager", town.community)
    with pytest.raises(Conflict):
        grading.decide(User.objects.get(pk=third.pk), made.pk, DecideObjection(decision="keep", reply="我也来答复一次"))
    # What followed from the lower grade is taken back.
    assert set(Proposal.objects.filter(appraisal=row).values_list("state", flat=True)) == {"withdrawn"}


@pytest.mark.clause("5.2.2")
def test_without_anybody_to_decide_it_waits_and_is_told_upward(staffed: Office) -> None:
    town = staffed.town
    RoleGrant.objects.filter(user=town.people["manager2"]).delete()
    cycle = told(staffed)
    row = staffed.of(cycle, "reporter")
    made = grading.object_(town.reporter, row.pk, Object(grounds="两次迟报是系统故障，有记录"))
    assert made.decider_id is None
    assert Notice.objects.filter(user=town.people["administrator"], kind="appraisal.nobody").exists()
    with pytest.raises(NotAllowed):
        grading.decide(town.manager, made.pk, DecideObjection(decision="keep", reply="维持原来的等次"))
    assert cycle.objection_due is not None
    staffed.time.move_to(cycle.objection_due + timedelta(days=9))
    cycles.close_expired_phases()
    cycle.refresh_from_db()
    assert cycle.state == "published"  # nothing is decided by the lapse of time
    above = town.person("district", "manager", town.parent_unit)
    assert grading.find_deciders() == 1 and grading.find_deciders() == 0
    made.refresh_from_db()
    assert made.decider_id == above.pk
    grading.decide(
        User.objects.get(pk=above.pk), made.pk, DecideObjection(decision="keep", reply="记录核对过，维持原等次")
    )
    cycles.close_expired_phases()
    cycle.refresh_from_db()
    assert cycle.state == "closed"


@pytest.mark.clause("5.2.2")
def test_objections_have_their_days(staffed: Office) -> None:
    town, cycle = staffed.town, told(staffed)
    row = staffed.of(cycle, "reporter")
    assert cycle.objection_due is not None
    staffed.time.move_to(cycle.objection_due + timedelta(minutes=1))
    with pytest.raises(Conflict):
        grading.object_(town.reporter, row.pk, Object(grounds="两次迟报是系统故障，有记录"))


@pytest.mark.clause("5.2.3")
def test_results_propose_and_the_manager_decides_with_a_reason(staffed: Office) -> None:
    town, cycle = staffed.town, told(staffed, "failing")
    row = staffed.of(cycle, "reporter")
    rows = {p.kind: p for p in Proposal.objects.filter(appraisal=row)}
    assert set(rows) == {"talk", "training", "reassignment"}
    with pytest.raises(Invalid):
        proposals.decide_proposal(
            town.manager, rows["talk"].pk, checked(DecideProposal, {"decision": "accept", "reason": ""})
        )
    with pytest.raises(NotFound):
        proposals.decide_proposal(town.leader, rows["talk"].pk, DecideProposal(decision="accept", reason="已谈话一次"))
    done = proposals.decide_proposal(
        town.manager, rows["talk"].pk, DecideProposal(decision="accept", reason="本周内谈话")
    )
    assert done.state == "accepted"
    assert (
        proposals.decide_proposal(
            town.manager, rows["talk"].pk, DecideProposal(decision="accept", reason="本周内谈话")
        ).pk
        == done.pk
    )
    with pytest.raises(Conflict):
        proposals.decide_proposal(town.manager2, rows["talk"].pk, DecideProposal(decision="decline", reason="不必谈话"))
    proposals.decide_proposal(
        town.manager2, rows["reassignment"].pk, DecideProposal(decision="decline", reason="先培训，下半年再看")
    )
    assert Record.objects.filter(action="appraisal.proposal").count() == 2
    assert not Proposal.objects.filter(appraisal=staffed.of(cycle, "member3")).exists()  # 称职: nothing follows


@pytest.mark.clause("5.2.3")
def test_excellent_proposes_a_commendation(staffed: Office) -> None:
    cycle = told(staffed, "excellent")
    assert Proposal.objects.get(appraisal=staffed.of(cycle, "reporter")).kind == "commendation"


@pytest.mark.clause("5.2.3", "7.2.1")
def test_a_confirmed_leak_or_false_report_caps_the_grade(staffed: Office) -> None:
    town, cycle = staffed.town, staffed.open()
    staffed.rate_all(cycle)
    me = town.people["reporter"]
    made = grading.cap(town.manager, me.pk, date(2026, 5, 4), source="leak", reason="泄露居民电话", reference="case-1")
    assert (
        grading.cap(town.manager, me.pk, date(2026, 5, 4), source="leak", reason="泄露居民电话", reference="case-1")
        == made
    )
    cycles.recalculate(town.manager, cycle.pk)
    row = staffed.of(cycle, "reporter")
    assert row.capped and row.total == 85 and row.grade == "basic"
    with pytest.raises(Invalid):
        grading.calibrate(town.manager, row.pk, checked(Calibrate, {"grade": "competent", "reason": "平时表现不错"}))
    assert staffed.of(cycle, "member3").grade == "competent"
    assert grading.lift_cap(town.manager, me.pk, reference="case-1") == 1  # the appeal was upheld
    row.refresh_from_db()
    assert not row.capped and row.grade == "competent"
    with pytest.raises(Invalid):
        grading.cap(town.manager, me.pk, date(2026, 5, 4), source="late", reason="迟报")


@pytest.mark.clause("5.2.1")
def test_a_false_report_sets_accuracy_to_nothing(staffed: Office) -> None:
    town, cycle = staffed.town, staffed.open()
    me = town.people["reporter"]
    grading.cap(None, me.pk, date(2026, 6, 30), source="false", reason="编造走访记录", reference="case-2")
    assert staffed.of(cycle, "reporter").figures["accuracy"]["score"] == 0


@pytest.mark.clause("5.2.2")
def test_reopened_with_a_reason_the_old_result_is_kept(staffed: Office) -> None:
    town, old = staffed.town, told(staffed)
    with pytest.raises(Invalid):
        cycles.reopen(town.manager, old.pk, checked(ReopenCycle, {"reason": ""}))
    fresh = cycles.reopen(town.manager, old.pk, ReopenCycle(reason="有两位报告员的请假没有扣除"))
    old.refresh_from_db()
    assert (old.state, fresh.version, fresh.state, fresh.previous_id) == ("superseded", 2, "open", old.pk)
    assert fresh.rules == old.rules
    assert staffed.of(old, "reporter").grade == "basic"
    again = staffed.of(fresh, "reporter")
    assert again.grade == "competent" and again.peer_score == 85  # counted anew, answers kept
    assert Rating.objects.filter(appraisal=again, kind="self").get().evidence == FACTS
    with pytest.raises(Conflict):
        cycles.reopen(town.manager, old.pk, ReopenCycle(reason="再来一次也不行"))
    with pytest.raises(Conflict):
        cycles.publish(town.manager, old.pk)
    assert Record.objects.filter(action="appraisal.reopen").get().reason
    cycles.publish(town.manager, fresh.pk)


@pytest.mark.clause("5.2.2")
def test_the_cycle_ends_after_the_days_for_objections(staffed: Office) -> None:
    cycle = told(staffed)
    cycles.close_expired_phases()
    cycle.refresh_from_db()
    assert cycle.state == "published"
    assert cycle.objection_due is not None
    staffed.time.move_to(cycle.objection_due + timedelta(minutes=1))
    cycles.close_expired_phases()
    cycle.refresh_from_db()
    assert cycle.state == "closed" and cycle.closed_at


@pytest.mark.clause("5.2.2")
def test_everybody_gets_a_letter_and_a_changed_grade_a_second(staffed: Office) -> None:
    town, cycle = staffed.town, told(staffed)
    assert letters.make_documents(cycle.pk) == 7 and letters.make_documents(cycle.pk) == 0
    row = staffed.of(cycle, "reporter")
    first = Document.objects.get(subject_id=row.pk)
    assert first.kind == "appraisal" and "社考" in first.number
    made = grading.object_(town.reporter, row.pk, Object(grounds="两次迟报是系统故障，有记录"))
    staffed.time.shift(timedelta(days=1))
    grading.decide(
        town.manager2, made.pk, DecideObjection(decision="change", reply="故障属实，免除两次迟报", grade="competent")
    )
    assert letters.make_documents(cycle.pk) == 1
    second = Document.objects.get(subject_id=row.pk, version=2)
    assert second.supersedes_id == first.pk and second.number == first.number
    assert first.seal_id is None and second.seal_id is None  # nobody keeps a seal
    assert "没有加盖印章" in words_of(first)
    day = clock.local(clock.now()).day  # each bears the day on which it was decided
    assert f"月{day - 1}日" in words_of(first) and f"月{day}日" in words_of(second)


@pytest.mark.clause("5.2.2")
def test_a_letter_that_cannot_be_made_leaves_the_others_made(staffed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    cycle = told(staffed)
    first, make = cycle.people.order_by("name", "id")[0], letters.content

    def content(row: Any, number: str, *, sealed: bool) -> dict[str, Any]:
        if row.pk == first.pk:
            raise ValueError
        return make(row, number, sealed=sealed)

    monkeypatch.setattr(letters, "content", content)
    with pytest.raises(queue.Faults):
        letters.make_documents(cycle.pk)
    assert Document.objects.filter(kind="appraisal").count() == 6


def words_of(document: Document) -> str:
    """What stands on the pages of the PDF."""
    reader = PdfReader(BytesIO(files.get(document.pdf)))
    return "".join(page.extract_text() for page in reader.pages).replace("\n", "").replace(" ", "")


@pytest.mark.clause("5.2.2")
def test_letters_bear_the_units_seal_when_who_tells_keeps_it(staffed: Office) -> None:
    """The seal of the community alone, in the keeping of who issues; suspended, it is not used, and the letter says
    so."""
    town, home = staffed.town, staffed.town.community
    staffed.time.move_to(JULY - timedelta(days=1))
    seals.make(
        None, MakeSeal(kind="work_group", name="第一小组", unit=town.group.pk, custodian=town.people["manager"].pk)
    )
    seals.make(None, MakeSeal(kind="unit", name="上级", unit=town.parent_unit.pk, custodian=town.people["manager"].pk))
    stored = seals.make(None, MakeSeal(kind="unit", name=home.name, unit=home.pk, custodian=town.people["manager"].pk))
    page = town.browser("manager")
    cycle = told(staffed)
    assert letters.make_documents(cycle.pk) == 7
    row = staffed.of(cycle, "reporter")
    letter = Document.objects.get(subject_id=row.pk)
    assert letter.seal_id == stored.pk and letter.sealed_by_id == town.people["manager"].pk and letter.sealed_at
    assert b"/ByteRange" in files.get(letter.pdf) and "没有加盖印章" not in words_of(letter)
    assert SealUse.objects.filter(seal=stored, action="affix").count() == 7
    assert home.name in page.get("/verify/", {"code": letter.code}).content.decode()
    # Changed after an objection, by somebody who does not keep the seal: their letter goes out without.
    made = grading.object_(town.reporter, row.pk, Object(grounds="两次迟报是系统故障，有记录"))
    grading.decide(
        town.manager2, made.pk, DecideObjection(decision="change", reply="故障属实，免除两次迟报", grade="competent")
    )
    letters.make_documents(cycle.pk)
    second = Document.objects.get(subject_id=row.pk, version=2)
    assert second.seal_id is None and second.issued_by_id == town.people["manager2"].pk
    assert "没有加盖印章" in words_of(second)
    # Before telling, the page says which seal will be used; a suspended or foreign one is none.
    again = cycles.reopen(town.manager, cycle.pk, ReopenCycle(reason="数据补录后重新统计"))
    url = f"/appraisal/cycles/{again.pk}/"
    assert f"加盖由您保管的印章“{home.name}”" in page.get(url).content.decode()
    assert "不加盖印章" in town.browser("manager2").get(url).content.decode()
    seals.change(town.manager, stored.pk, "suspend", ChangeSeal(reason="印章外借，先停用"))
    assert "不加盖印章" in page.get(url).content.decode()
    cycles.publish(town.manager, again.pk)
    letters.make_documents(again.pk)
    assert not Document.objects.filter(subject_id__in=again.people.values("id"), seal__isnull=False).exists()


def test_nobody_to_rate_as_superior_blocks_the_opening(office: Office) -> None:
    """The only leader and manager is the person themselves."""
    town = office.town
    RoleGrant.objects.filter(role__in=("group_leader", "manager")).delete()
    RoleGrant.objects.create(user=town.people["reporter2"], role="manager", unit=town.community, starts=HALF)
    office.time.move_to(JULY)
    with pytest.raises(Conflict):
        cycles.open_(town.reporter2, OpenCycle(unit=town.community.pk, half=HALF))
    assert not Cycle.objects.exists()


@pytest.mark.clause("5.2.2")
def test_words_are_encrypted(staffed: Office) -> None:
    from django.db import connection

    cycle = told(staffed)
    grading.object_(
        staffed.town.reporter, staffed.of(cycle, "reporter").pk, Object(grounds="两次迟报是系统故障，有记录")
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT grounds FROM appraisal_objection")
        assert "系统故障".encode() not in bytes(cursor.fetchone()[0])
    assert Objection.objects.get().grounds == "两次迟报是系统故障，有记录"
