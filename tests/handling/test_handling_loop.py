"""Telling the resident, their judgement, closing, reopening, call-backs (2.4.1, 2.4.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.duties.models import Obligation
from linbao.handling import assigning, loop, work
from linbao.handling.call_backs import services as call_backs
from linbao.handling.call_backs.inputs import RecordCallBack
from linbao.handling.inputs import AssignItem, CloseItem, EvaluateItem, InformResident, ReopenItem, ResolveItem
from linbao.handling.models import CallBack, Evaluation, Informing
from linbao.items.models import Entry, Item
from linbao.organisation.models import Unit
from linbao.organisation.tree import reference
from linbao.outbox.models import Notice
from linbao.review import services as review
from linbao.review.inputs import Approve, Merge
from tests.loop import OVERRULED, Town


def open_duty(item: Item, kind: str) -> Obligation | None:
    return Obligation.objects.open().filter(subject_id=item.pk, kind=kind).first()


@pytest.mark.clause("2.4.1")
def test_the_reporter_tells_the_resident_and_owes_the_question_how_they_liked_it(town: Town) -> None:
    item = town.resolved()
    for name in ("handler", "reviewer", "reporter2", "stranger"):
        with pytest.raises((NotAllowed, NotFound)):
            loop.inform(getattr(town, name), item.pk, InformResident(outcome="reached", method="phone"))
    for errors in (
        {"outcome": "told", "method": "phone"},
        {"outcome": "reached"},
        {"outcome": "reached", "method": "pigeon"},
        {"outcome": "refused"},
    ):
        with pytest.raises(Invalid):
            loop.inform(town.reporter, item.pk, checked(InformResident, errors))
    item = loop.inform(
        town.reporter,
        item.pk,
        InformResident(outcome="reached", method="visit", message="当面说明，13812345678 来电也说过"),
    )
    assert item.status == "informed" and open_duty(item, "inform_resident") is None
    asked = open_duty(item, "evaluate")
    assert asked is not None and asked.owner_id == town.people["reporter"].pk and asked.clause == "2.4.2"
    assert "138****5678" in Informing.objects.get(item=item).message
    loop.inform(town.reporter, item.pk, InformResident(outcome="reached", method="visit"))
    assert Informing.objects.filter(item=item).count() == 1


@pytest.mark.clause("2.4.1")
@pytest.mark.parametrize("name", ["leader", "manager"])
def test_the_group_leader_or_manager_stands_in_for_the_reporter(town: Town, name: str) -> None:
    item = loop.inform(getattr(town, name), town.resolved().pk, InformResident(outcome="reached", method="phone"))
    assert item.status == "informed" and Informing.objects.get(item=item).by_id == town.people[name].pk


@pytest.mark.clause("2.4.1")
def test_while_it_is_handled_the_resident_hears_at_least_every_five_working_days(town: Town, time: Any) -> None:
    item = town.assigned()
    first = open_duty(item, "inform_progress")
    assert first is not None and first.due_at - clock.now() > timedelta(days=6)
    loop.inform(town.reporter, item.pk, InformResident(outcome="no_answer", method="phone"))
    assert open_duty(item, "inform_progress") == first
    time.shift(timedelta(days=1))
    item = loop.inform(town.reporter, item.pk, InformResident(outcome="reached", method="phone", message="已排期"))
    second = open_duty(item, "inform_progress")
    assert item.status == "handling" and second is not None and second.pk != first.pk and second.due_at > first.due_at
    item = work.resolve(town.handler, item.pk, ResolveItem(result="已经清运干净。"))
    assert open_duty(item, "inform_progress") is None


@pytest.mark.clause("2.4.1")
def test_unreachable_only_after_tries_on_three_different_days(town: Town, time: Any) -> None:
    item = town.resolved()
    for day in range(3):
        for _again in range(2):  # twice a day counts once
            loop.inform(town.reporter, item.pk, InformResident(outcome="no_answer", method="phone"))
            time.shift(timedelta(minutes=20))
        if day < 2:
            with pytest.raises(Invalid):
                loop.inform(town.reporter, item.pk, checked(InformResident, {"outcome": "unreachable"}))
        time.shift(timedelta(days=1))
    item = loop.inform(town.reporter, item.pk, InformResident(outcome="unreachable"))
    assert (item.status, item.verdict) == ("evaluated", "none")
    row = Evaluation.objects.get(item=item)
    assert row.reason and row.recorded_by_id == town.people["reporter"].pk
    assert loop.close(town.manager, item.pk, CloseItem()).status == "closed"


@pytest.mark.clause("2.4.2")
def test_nothing_closes_without_feedback_or_a_recorded_reason(town: Town) -> None:
    for item in (town.submitted(), town.approved(), town.assigned(), town.resolved(), town.informed()):
        with pytest.raises(Conflict):
            loop.close(town.manager, item.pk, CloseItem(reason="算了"))
        item.refresh_from_db()
        assert item.status != "closed"
    # Not even one that was pushed into the right state behind the rules' back.
    Item.objects.filter(pk=item.pk).update(status="evaluated", verdict="satisfied")
    with pytest.raises(Conflict):
        loop.close(town.manager, item.pk, CloseItem(reason="算了"))


@pytest.mark.clause("2.4.2")
def test_refusal_ends_the_loop_with_its_reason(town: Town) -> None:
    item = town.resolved()
    with pytest.raises(Invalid):
        loop.inform(town.reporter, item.pk, checked(InformResident, {"outcome": "refused"}))
    item = loop.inform(town.reporter, item.pk, InformResident(outcome="refused", reason="居民说不必再打电话"))
    assert item.status == "evaluated" and Evaluation.objects.get(item=item).reason == "居民说不必再打电话"
    assert open_duty(item, "inform_resident") is None


@pytest.mark.clause("2.4.1")
def test_an_item_that_nobody_proposed_needs_one_tap_and_one_that_somebody_did_cannot_take_it(town: Town) -> None:
    patrol = town.resolved(source={"method": "patrol"}, parties=[])
    assert not Obligation.objects.filter(subject_id=patrol.pk, kind="inform_progress").exists()
    patrol = loop.inform(town.reporter, patrol.pk, InformResident(outcome="no_resident"))
    assert (patrol.status, patrol.verdict) == ("evaluated", "none")
    assert loop.close(town.reviewer, patrol.pk, CloseItem()).status == "closed"
    for outcome in ("no_resident", "anonymous"):
        with pytest.raises(Invalid):
            loop.inform(
                town.reporter, town.resolved().pk, checked(InformResident, {"outcome": outcome, "reason": "省事"})
            )


@pytest.mark.clause("2.4.2")
def test_an_evaluation_names_who_recorded_it_and_goes_back_to_the_department(town: Town) -> None:
    item = town.informed()
    for name in ("handler", "reviewer", "reporter2"):
        with pytest.raises((NotAllowed, NotFound)):
            loop.evaluate(getattr(town, name), item.pk, EvaluateItem(verdict="satisfied"))
    for errors in ({"verdict": "great"}, {"verdict": "none"}, {"verdict": "none", "reason": "unreachable"}):
        with pytest.raises(Invalid):
            loop.evaluate(town.reporter, item.pk, checked(EvaluateItem, errors))
    item = loop.evaluate(town.reporter, item.pk, EvaluateItem(verdict="mostly_satisfied", remark="来得慢了点"))
    row = Evaluation.objects.get(item=item)
    assert (item.status, row.recorded_by_id, row.by_link, row.remark) == (
        "evaluated",
        town.people["reporter"].pk,
        False,
        "来得慢了点",
    )
    assert Notice.objects.filter(user=town.people["handler"], kind="item.evaluated").exists()
    assert loop.evaluate(town.reporter, item.pk, EvaluateItem(verdict="mostly_satisfied")).status == "evaluated"
    with pytest.raises(Conflict):
        loop.evaluate(town.reporter, item.pk, EvaluateItem(verdict="satisfied"))
    assert open_duty(item, "evaluate") is None and open_duty(item, "decide_unsatisfied") is None


@pytest.mark.clause("2.4.2")
def test_who_handled_an_item_does_not_record_how_content_people_are(town: Town) -> None:
    from linbao.organisation.models import RoleGrant

    RoleGrant.objects.create(user=town.people["handler"], role="reporter", unit=town.grid)
    item = review.approve(town.reviewer, town.submitted(by="handler").pk, Approve(checks=OVERRULED))
    assigning.assign(town.manager, item.pk, AssignItem(unit=town.department.id, handler=town.people["handler"].pk))
    work.resolve(town.handler, item.pk, ResolveItem(result="已经清运干净。"))
    loop.inform(town.handler, item.pk, InformResident(outcome="reached", method="phone"))
    with pytest.raises(NotAllowed):
        loop.evaluate(town.handler, item.pk, EvaluateItem(verdict="satisfied"))
    assert loop.evaluate(town.manager, item.pk, EvaluateItem(verdict="satisfied")).status == "evaluated"


@pytest.mark.clause("2.4.2")
def test_an_unsatisfied_resident_means_a_managers_decision_with_a_reason(town: Town) -> None:
    item = town.evaluated(verdict="unsatisfied")
    assert open_duty(item, "decide_unsatisfied") is not None
    assert Notice.objects.filter(user=town.people["manager"], kind="item.evaluated").exists()
    with pytest.raises(NotAllowed):
        loop.close(town.reviewer, item.pk, CloseItem(reason="差不多了"))
    with pytest.raises(NotAllowed):
        loop.reopen(town.reviewer, item.pk, ReopenItem(reason="再办"))
    for verb in (
        lambda: loop.close(town.manager, item.pk, CloseItem()),
        lambda: loop.reopen(town.manager, item.pk, checked(ReopenItem, {"reason": " "})),
    ):
        with pytest.raises(Invalid):
            verb()
    assert (
        loop.close(town.manager, item.pk, CloseItem(reason="已到现场核查，异味来自下水道，另立条目")).status == "closed"
    )
    assert open_duty(item, "decide_unsatisfied") is None


@pytest.mark.clause("2.4.2")
def test_reopening_runs_the_whole_loop_again_with_duties_of_its_own(town: Town) -> None:
    item = town.evaluated(verdict="unsatisfied")
    item = loop.reopen(town.manager, item.pk, ReopenItem(reason="三天后又满，请增加频次"))
    assert (item.status, item.round, item.verdict, item.result, item.handler_id) == (
        "handling",
        2,
        "",
        "",
        town.people["handler"].pk,
    )
    assert loop.reopen(town.manager, item.pk, ReopenItem(reason="三天后又满，请增加频次")).round == 2
    assert open_duty(item, "handle") is not None and open_duty(item, "inform_progress") is not None
    item = work.resolve(town.handler, item.pk, ResolveItem(result="改为每日清运两次。"))
    assert open_duty(item, "inform_resident") is not None
    loop.inform(town.reporter, item.pk, InformResident(outcome="reached", method="phone"))
    loop.evaluate(town.reporter, item.pk, EvaluateItem(verdict="satisfied"))
    item = loop.close(town.reviewer, item.pk, CloseItem())
    assert list(Evaluation.objects.filter(item=item).values_list("round", "verdict")) == [
        (1, "unsatisfied"),
        (2, "satisfied"),
    ]
    item = loop.reopen(town.manager, item.pk, ReopenItem(reason="复查发现仍未解决"))
    assert (item.status, item.round, item.closed_at) == ("handling", 3, None)


@pytest.mark.clause("2.4.1", "2.2.1")
def test_residents_and_reporters_of_merged_items_hear_with_the_surviving_one(town: Town) -> None:
    stored, twin = town.submitted(parties=[]), town.submitted(by="reporter2")
    review.merge(town.reviewer, twin.pk, Merge(into=stored.pk, reason="同一处"))
    review.approve(town.reviewer, stored.pk, Approve(checks=OVERRULED))
    assigning.assign(town.manager, stored.pk, AssignItem(unit=town.department.id, handler=town.people["handler"].pk))
    work.resolve(town.handler, stored.pk, ResolveItem(result="已经清运干净。"))
    assert Notice.objects.filter(user=town.people["reporter2"], kind="item.resolved").exists()
    with pytest.raises(Invalid):  # the twin's proposer is to be told too
        loop.inform(town.reporter, stored.pk, checked(InformResident, {"outcome": "no_resident"}))
    page = town.browser("reporter").get(f"/handling/{stored.pk}/inform").content.decode()
    assert "张*" in page
    loop.inform(town.reporter, stored.pk, InformResident(outcome="reached", method="phone"))
    assert Entry.objects.filter(item_id=twin.pk, verb="informed_with").exists()


@pytest.mark.clause("2.4.2")
def test_what_residents_were_content_with_closes_by_itself_and_nothing_else_does(town: Town, time: Any) -> None:
    content = town.evaluated()
    unsatisfied = town.evaluated(verdict="unsatisfied")
    silent = loop.inform(town.reporter, town.resolved().pk, InformResident(outcome="refused", reason="不愿接听"))
    assert loop.close_settled() == 0
    time.shift(timedelta(days=3, hours=1))
    assert loop.close_settled() == 1
    statuses = [Item.objects.get(pk=i.pk).status for i in (content, unsatisfied, silent)]
    assert statuses == ["closed", "evaluated", "evaluated"]


@pytest.mark.clause("2.4.2")
def test_every_step_is_told_to_the_reporter(town: Town) -> None:
    town.closed()
    kinds = set(Notice.objects.filter(user=town.people["reporter"]).values_list("kind", flat=True))
    assert {"item.approved", "item.assigned", "item.resolved", "item.closed"} <= kinds


@pytest.mark.clause("2.4.2")
def test_a_sample_is_drawn_once_by_chance_that_anybody_can_check(town: Town, time: Any) -> None:
    items = [town.closed() for _n in range(11)]
    time.shift(timedelta(days=7))
    assert call_backs.draw_call_backs() == 2  # 10 % of 11, rounded up
    assert call_backs.draw_call_backs() == 0
    chosen = set(CallBack.objects.values_list("item_id", flat=True))
    CallBack.objects.all().delete()
    Obligation.objects.filter(kind="call_back").delete()
    assert call_backs.draw_call_backs() == 2
    assert set(CallBack.objects.values_list("item_id", flat=True)) == chosen < {i.pk for i in items}
    assert Obligation.objects.open().filter(kind="call_back").count() == 2


@pytest.mark.clause("2.4.2", "1.3.4")
@pytest.mark.parametrize("others", [[], ["manager"]])
def test_a_confidential_item_is_called_back_by_a_named_person_or_not_drawn(
    town: Town, time: Any, others: list[str]
) -> None:
    item = town.closed(
        sensitivity="confidential", named=[str(town.people["reviewer"].pk), str(town.people["manager"].pk)]
    )
    named = ["handler", *others]  # the others have left
    Item.objects.filter(pk=item.pk).update(named=[town.people[n].pk for n in named])
    time.shift(timedelta(days=7))
    assert call_backs.draw_call_backs() == len(others)
    if not others:
        return
    row = CallBack.objects.get(item=item)
    for name, status in (("manager", 200), ("reviewer", 404), ("leader", 404), ("manager2", 404)):
        browser = town.browser(name)
        assert browser.get(f"/handling/callbacks/{row.pk}/").status_code == status, name
        assert (item.title in browser.get("/handling/callbacks/").content.decode()) == (status == 200), name
        if status == 404:
            with pytest.raises(NotFound):
                call_backs.record_call_back(
                    getattr(town, name), row.pk, RecordCallBack(outcome="reached", matches=True)
                )


@pytest.mark.clause("2.4.2")
def test_the_call_is_made_by_somebody_else_and_a_mismatch_reaches_the_manager(town: Town, time: Any) -> None:
    from linbao.organisation.models import RoleGrant

    item = town.closed()
    time.shift(timedelta(days=7))
    call_backs.draw_call_backs()
    row = CallBack.objects.get(item=item)
    for name in ("reporter", "handler"):
        RoleGrant.objects.create(user=town.people[name], role="reviewer", unit=town.community)
        with pytest.raises(NotAllowed):
            call_backs.record_call_back(getattr(town, name), row.pk, RecordCallBack(outcome="reached", matches=True))
    with pytest.raises(NotFound):
        call_backs.record_call_back(town.stranger, row.pk, RecordCallBack(outcome="reached", matches=True))
    for errors in (
        {"outcome": "reached"},
        {"outcome": "anonymous"},
        {"outcome": "reached", "matches": False},
        {"outcome": "refused"},
    ):
        with pytest.raises(Invalid):
            call_backs.record_call_back(town.reviewer2, row.pk, checked(RecordCallBack, errors))
    row = call_backs.record_call_back(
        town.reviewer2,
        row.pk,
        RecordCallBack(outcome="reached", matches=False, verdict="unsatisfied", remark="居民说没人来过"),
    )
    assert row.done_at is not None and row.caller_id == town.people["reviewer2"].pk
    assert Notice.objects.filter(user=town.people["manager"], kind="call_back.mismatch").exists()
    assert not Obligation.objects.open().filter(kind="call_back").exists()
    call_backs.record_call_back(
        town.reviewer2, row.pk, RecordCallBack(outcome="reached", matches=False, remark="居民说没人来过")
    )
    with pytest.raises(Conflict):
        call_backs.record_call_back(town.reviewer, row.pk, RecordCallBack(outcome="reached", matches=True))


@pytest.mark.clause("2.4.2")
def test_a_call_back_without_answer_stays_open_until_the_third_day(town: Town, time: Any) -> None:
    town.closed()
    time.shift(timedelta(days=7))
    call_backs.draw_call_backs()
    row = CallBack.objects.get()
    for day in range(3):
        call_backs.record_call_back(town.reviewer, row.pk, RecordCallBack(outcome="no_answer"))
        row.refresh_from_db()
        assert (row.done_at is not None) == (day == 2)
        time.shift(timedelta(days=1))


@pytest.mark.clause("2.4.2")
@pytest.mark.parametrize(
    ("doubtful", "rated", "share", "drawn"),
    [
        (6, 24, 20, (5, 1)),
        (1, 9, 50, (1, 4)),
        (4, 0, 50, (2, 0)),
        (0, 4, 50, (0, 2)),
        (5, 5, 100, (5, 5)),
        (3, 3, 0, (0, 0)),
    ],
)
def test_call_backs_draw_mostly_from_closings_without_a_verdict(
    town: Town, time: Any, doubtful: int, rated: int, share: int, drawn: tuple[int, int]
) -> None:
    """Refused, unreachable, anonymous, no resident: the easiest to invent. The share is of all closings."""
    Unit.objects.filter(pk=town.community.pk).update(call_back_share=share)
    reference.changed()
    for n in range(doubtful + rated):
        item = town.submitted()
        verdict = "none" if n < doubtful else "satisfied"
        Item.objects.filter(pk=item.pk).update(status="closed", closed_at=clock.now(), verdict=verdict)
    time.shift(timedelta(days=7))
    assert call_backs.draw_call_backs() == sum(drawn)
    verdicts = list(CallBack.objects.values_list("item__verdict", flat=True))
    assert (verdicts.count("none"), verdicts.count("satisfied")) == drawn
    first = set(CallBack.objects.values_list("item_id", flat=True))
    assert call_backs.draw_call_backs() == 0  # the same week again draws nothing more
    # The seed decides alone: the same one draws the same.
    for seed, same in (("", True), ("another", drawn in ((0, 0), (5, 5)))):
        CallBack.objects.all().delete()
        Obligation.objects.filter(kind="call_back").delete()
        call_backs.draw_call_backs(seed=seed)
        if seed == "" or same:
            assert set(CallBack.objects.values_list("item_id", flat=True)) == first


@pytest.mark.clause("2.4.2")
def test_where_nobody_can_be_called_the_place_is_looked_at(town: Town, time: Any) -> None:
    item = town.resolved(parties=[])
    loop.inform(town.reporter, item.pk, InformResident(outcome="no_resident"))
    loop.close(town.manager, item.pk, CloseItem())
    time.shift(timedelta(days=7))
    assert call_backs.draw_call_backs() == 1
    row = CallBack.objects.get(item=item)
    page = town.browser("reviewer2").get(f"/handling/callbacks/{row.pk}/").content.decode()
    assert "请到现场核实" in page and "工作中发现，没有提出人" in page
    for errors in ({"matches": True}, {"remark": "看过"}, {"matches": True, "remark": "看过", "verdict": "satisfied"}):
        with pytest.raises(Invalid):
            call_backs.record_call_back(
                town.reviewer2, row.pk, checked(RecordCallBack, {"outcome": "on_site", **errors})
            )
    town.browser("reviewer2").post(
        f"/handling/callbacks/{row.pk}/", {"outcome": "on_site", "matches": "no", "remark": "垃圾还在"}
    )
    row.refresh_from_db()
    assert row.done_at is not None and row.matches is False
    assert Notice.objects.filter(user=town.people["manager"], kind="call_back.mismatch").exists()
