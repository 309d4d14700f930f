"""Claim, approve, return, merge: each for yes and for no (4.3.1, 4.3.2, 2.2.1)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from linbao.duties.models import Obligation
from linbao.items import services as item_services
from linbao.items.models import Entry, Hint, Item
from linbao.outbox.models import Notice
from linbao.review import services as review
from linbao.review.inputs import Approve, Merge, ReturnItem
from linbao.review.models import Claim, Finding, Review
from tests.loop import OVERRULED, PASSED, Town, build

FINDINGS = [
    {"field": "narrative", "reason": "complete_course"},
    {"field": "details.area", "check": "accuracy", "words": "写到单元"},
    {"field": "parties.0.phone", "reason": "accurate_contact"},
]


def duty(item: Item, kind: str) -> Obligation:
    return Obligation.objects.get(subject_id=item.pk, kind=kind, met_at__isnull=True)


@pytest.mark.clause("4.3.1")
def test_an_approval_answers_four_questions_and_opens_the_duty_to_assign(town: Town) -> None:
    item = town.submitted()
    # One working day after Tuesday 10:00 in Shanghai (02:00 UTC): Wednesday 10:00.
    assert duty(item, "review").due_at.strftime("%m-%d %H:%M") == "11-25 02:00"
    item = review.approve(town.reviewer, item.pk, Approve(checks=PASSED, completeness_mark=4, analysis_mark=5))
    assert item.status == "approved"
    stored = Review.objects.get(item=item)
    assert (
        stored.approved
        and set(stored.answers) == set(PASSED)
        and (stored.completeness_mark, stored.analysis_mark) == (4, 5)
    )
    assert Obligation.objects.get(subject_id=item.pk, kind="review").met_at is not None
    assert duty(item, "assign").clause == "4.3.2"
    assert Notice.objects.filter(user=town.reporter, kind="item.approved").count() == 1


@pytest.mark.clause("4.3.1")
@pytest.mark.parametrize(
    "answers",
    [
        {},
        {**PASSED, "truth": {"pass": None}},
        {**PASSED, "format": {"pass": False}},
        {**PASSED, "luck": {"pass": True}},
    ],
)
def test_no_approval_while_a_question_is_open_failed_or_unknown(town: Town, answers: dict[str, Any]) -> None:
    item = town.submitted()
    with pytest.raises(Invalid) as caught:
        review.approve(town.reviewer, item.pk, checked(Approve, {"checks": answers}))
    assert caught.value.fields and all(k.startswith("checks.") for k in caught.value.fields)
    item.refresh_from_db()
    assert item.status == "submitted" and not Review.objects.exists()


@pytest.mark.clause("4.3.1")
def test_overruling_a_computed_hint_needs_a_reason(town: Town) -> None:
    item = town.submitted()
    Hint.objects.create(item=item, check_kind="truth", code="photo_used", message="照片用过")
    with pytest.raises(Invalid) as caught:
        review.approve(town.reviewer, item.pk, Approve(checks=PASSED))
    assert list(caught.value.fields) == ["checks.truth.overruled"]
    review.approve(
        town.reviewer, item.pk, Approve(checks={**PASSED, "truth": {"pass": True, "overruled": "已到现场核实"}})
    )
    assert Review.objects.get(item=item).answers["truth"]["overruled"] == "已到现场核实"


@pytest.mark.clause("4.3.1")
def test_a_mere_suggestion_needs_no_reason(town: Town) -> None:
    item = town.submitted()
    Hint.objects.create(item=item, check_kind="completeness", code="no_photo", message="建议附照片")
    assert review.approve(town.reviewer, item.pk, Approve(checks=PASSED)).status == "approved"


@pytest.mark.clause("4.3.1")
@pytest.mark.parametrize("name", ["reporter", "reporter2", "leader", "handler", "trainer", "administrator", "stranger"])
def test_only_reviewers_and_managers_of_the_community_review(town: Town, name: str) -> None:
    item = town.submitted()
    for verb in (
        lambda u: review.claim(u, item.pk),
        lambda u: review.approve(u, item.pk, Approve(checks=PASSED)),
        lambda u: review.return_(u, item.pk, ReturnItem(findings=FINDINGS)),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            verb(getattr(town, name))


@pytest.mark.clause("4.3.1")
@pytest.mark.parametrize("name", ["reviewer", "manager"])
def test_nobody_reviews_their_own_item(town: Town, name: str) -> None:
    from linbao.organisation.models import RoleGrant

    RoleGrant.objects.create(user=town.people[name], role="reporter", unit=town.grid)
    item = town.submitted(by=name)
    with pytest.raises(NotAllowed):
        review.approve(getattr(town, name), item.pk, Approve(checks=PASSED))
    with pytest.raises(NotAllowed):
        review.claim(getattr(town, name), item.pk)
    assert review.approve(town.reviewer2, item.pk, Approve(checks=PASSED)).status == "approved"


@pytest.mark.clause("4.3.2")
def test_a_return_names_the_fields_at_fault_and_owes_the_reporter_two_working_days(town: Town) -> None:
    item = review.return_(town.reviewer, town.submitted().pk, ReturnItem(findings=FINDINGS, remark="请补充"))
    assert (item.status, item.returns) == ("returned", 1)
    rows = list(Finding.objects.filter(review__item=item).values_list("field", "check_kind", "reason", "note"))
    assert rows == [
        ("narrative", "completeness", "complete_course", ""),
        ("details.area", "accuracy", None, "写到单元"),
        ("parties.0.phone", "accuracy", "accurate_contact", ""),
    ]
    answers = Review.objects.get(item=item).answers
    assert answers["completeness"]["pass"] is False and answers["accuracy"]["pass"] is False
    owed = duty(item, "amend")
    assert owed.owner_id == town.people["reporter"].pk
    assert owed.due_at.strftime("%m-%d %H:%M") == "11-26 02:00"
    line = Entry.objects.get(item_id=item.pk, verb="return")
    assert [f["field"] for f in line.data["findings"]] == ["narrative", "details.area", "parties.0.phone"]


@pytest.mark.clause("4.3.2")
@pytest.mark.parametrize(
    ("findings", "path"),
    [
        ([], "findings"),
        ([{"field": "nothing", "check": "truth", "words": "x"}], "findings.0.field"),
        ([{"field": "title", "check": "truth"}], "findings.0.words"),
        ([{"field": "title", "words": "x"}], "findings.0.check"),
        ([{"field": "title", "reason": "no_such"}], "findings.0.reason"),
        ([{"field": "details.nothing", "check": "truth", "words": "x"}], "findings.0.field"),
    ],
)
def test_a_return_without_clear_findings_is_refused(town: Town, findings: list[dict[str, str]], path: str) -> None:
    item = town.submitted()
    with pytest.raises(Invalid) as caught:
        review.return_(town.reviewer, item.pk, checked(ReturnItem, {"findings": findings}))
    assert path in caught.value.fields
    item.refresh_from_db()
    assert item.status == "submitted"


@pytest.mark.clause("4.3.2")
def test_urgent_items_are_reviewed_amended_and_assigned_within_the_emergencys_own_limits(town: Town) -> None:
    item = town.submitted(urgent=True)
    minute = timedelta(minutes=1)
    assert timedelta(hours=1) - minute < duty(item, "review").due_at - clock.now() <= timedelta(hours=1)
    review.return_(town.reviewer, item.pk, ReturnItem(findings=FINDINGS))
    assert timedelta(hours=1) - minute < duty(item, "amend").due_at - clock.now() <= timedelta(hours=1)
    item_services.submit(town.reporter, item.pk)
    review.approve(town.reviewer, item.pk, Approve(checks=OVERRULED))
    assert timedelta(minutes=29) < duty(item, "assign").due_at - clock.now() <= timedelta(minutes=30)


@pytest.mark.clause("4.3.2")
def test_the_reviewer_sees_exactly_what_changed_and_of_personal_data_only_that_it_did(town: Town) -> None:
    item = town.submitted()
    review.return_(town.reviewer, item.pk, ReturnItem(findings=FINDINGS))
    item_services.change(
        town.reporter,
        item.pk,
        {
            "narrative": item.narrative + "今天又看了一次。",
            "parties": [{"role": "proposer", "name": "李秀英", "phone": "13900001111"}],
            "details": {**item.details, "severity": "heavy"},
        },
    )
    item_services.submit(town.reporter, item.pk)
    item.refresh_from_db()
    last = Review.objects.get(item=item)
    changed = {c.name: c for c in review.changed_since_review(item, last)}
    assert set(changed) == {"narrative", "parties", "details.severity"}
    assert ("new", "今天又看了一次。") in changed["narrative"].segments
    assert changed["parties"].hidden and changed["parties"].after == ""
    assert (changed["details.severity"].before, changed["details.severity"].after) == ("中", "重")
    assert "张桂兰" not in str(last.snapshot) and "13812" not in str(last.snapshot)


@pytest.mark.clause("4.3.2")
def test_the_loop_of_return_and_resubmission_can_run_twice_with_its_own_duties(town: Town) -> None:
    item = town.submitted()
    for n in (1, 2):
        review.return_(town.reviewer, item.pk, ReturnItem(findings=FINDINGS))
        assert duty(item, "amend")
        item = item_services.submit(town.reporter, item.pk)
        assert (item.status, item.returns) == ("submitted", n)
        assert duty(item, "review")
    assert Obligation.objects.filter(subject_id=item.pk, kind="amend", met_at__isnull=False).count() == 2
    assert review.approve(town.reviewer, item.pk, Approve(checks=PASSED)).status == "approved"


@pytest.mark.clause("4.3.1")
def test_a_claim_keeps_others_off_names_who_has_it_and_lapses_after_a_quarter_of_an_hour(town: Town, time: Any) -> None:
    item = town.submitted()
    review.claim(town.reviewer, item.pk)
    for verb in (
        lambda: review.claim(town.reviewer2, item.pk),
        lambda: review.approve(town.reviewer2, item.pk, Approve(checks=PASSED)),
        lambda: review.return_(town.reviewer2, item.pk, ReturnItem(findings=FINDINGS)),
    ):
        with pytest.raises(Conflict) as caught:
            verb()
        assert "reviewer" in caught.value.message
    time.shift(timedelta(minutes=16))
    review.claim(town.reviewer2, item.pk)
    with pytest.raises(Conflict):
        review.approve(town.reviewer, item.pk, Approve(checks=PASSED))
    review.release(town.reviewer2, item.pk)
    assert review.approve(town.reviewer, item.pk, Approve(checks=PASSED)).status == "approved"
    assert not Claim.objects.exists()


@pytest.mark.clause("4.3.1")
def test_a_stale_form_is_told_and_a_repeated_decision_changes_nothing(town: Town) -> None:
    item = town.submitted()
    seen = item.version
    review.return_(town.reviewer, item.pk, ReturnItem(findings=FINDINGS))
    item_services.submit(town.reporter, item.pk)
    with pytest.raises(Conflict):
        review.approve(town.reviewer, item.pk, Approve(checks=PASSED, version=seen))
    item.refresh_from_db()
    review.approve(town.reviewer, item.pk, Approve(checks=PASSED, version=item.version))
    assert review.approve(town.reviewer, item.pk, Approve(checks=PASSED, version=item.version)).status == "approved"
    assert Review.objects.filter(item=item, approved=True).count() == 1
    with pytest.raises(Conflict) as caught:
        review.return_(town.reviewer2, item.pk, ReturnItem(findings=FINDINGS))
    assert "reviewer" in caught.value.message


@pytest.mark.clause("4.3.1")
@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_decides_and_the_other_is_told() -> None:
    town = build()
    item = town.submitted()
    gate, message = threading.Barrier(2), []

    def decide(name: str) -> None:
        try:
            user = getattr(town, name)
            gate.wait(10)
            if name == "reviewer":
                review.approve(user, item.pk, Approve(checks=PASSED))
            else:
                review.return_(user, item.pk, ReturnItem(findings=FINDINGS))
            message.append("done")
        except Problem as e:
            message.append(e.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(n,)) for n in ("reviewer", "reviewer2")]
    for t in threads:
        t.start()
    for t in threads:
        t.join(20)
    assert sorted(message) == ["conflict", "done"]
    assert Review.objects.filter(item=item).count() == 1


@pytest.mark.clause("2.2.1")
def test_a_duplicate_is_carried_by_the_surviving_item_and_its_reporter_is_told(town: Town) -> None:
    stored, twin = town.submitted(), town.submitted(by="reporter2")
    merged = review.merge(town.reviewer, twin.pk, Merge(into=stored.pk, reason="同一处垃圾桶"))
    assert (merged.status, merged.merged_into_id) == ("merged", stored.pk)
    assert Notice.objects.filter(user=town.people["reporter2"], kind="item.merged").exists()
    assert Obligation.objects.get(subject_id=twin.pk, kind="review").met_at is not None
    assert review.merge(town.reviewer, twin.pk, Merge(into=stored.pk, reason="同一处垃圾桶")).status == "merged"
    assert Entry.objects.filter(item_id=stored.pk, verb="merged_from").count() == 1
    third = town.submitted()
    review.merge(town.reviewer, stored.pk, Merge(into=third.pk, reason="仍是同一件"))
    twin.refresh_from_db()
    assert twin.merged_into_id == third.pk


@pytest.mark.clause("2.2.1")
def test_merging_is_refused_where_it_would_lose_something(town: Town) -> None:
    item, other = town.submitted(), town.submitted()
    urgent = town.submitted(urgent=True)
    with pytest.raises(Invalid):
        review.merge(town.reviewer, item.pk, Merge(into=item.pk, reason="自己"))
    with pytest.raises(Invalid):
        review.merge(town.reviewer, item.pk, checked(Merge, {"into": other.pk, "reason": "  "}))
    with pytest.raises(Invalid):
        review.merge(town.reviewer, urgent.pk, Merge(into=other.pk, reason="同一件"))
    with pytest.raises(NotAllowed):
        review.merge(town.reporter, item.pk, Merge(into=other.pk, reason="同一件"))
    closed = town.closed()
    with pytest.raises(Conflict):
        review.merge(town.reviewer, item.pk, Merge(into=closed.pk, reason="同一件"))
    with pytest.raises(Conflict):
        review.merge(town.reviewer, closed.pk, Merge(into=item.pk, reason="同一件"))


@pytest.mark.clause("4.3.1")
def test_where_nobody_may_review_nothing_passes_and_the_manager_is_told_once_a_day(town: Town, time: Any) -> None:
    from linbao.organisation.models import RoleGrant

    item = town.submitted()
    assert review.escalate_unreviewable() == 0
    RoleGrant.objects.filter(role="reviewer").delete()
    assert review.escalate_unreviewable() == 1 and review.escalate_unreviewable() == 0
    assert Notice.objects.filter(kind="review.nobody", user=town.people["manager"]).count() == 1
    time.shift(timedelta(days=1))
    assert review.escalate_unreviewable() == 1
    item.refresh_from_db()
    assert item.status == "submitted"


@pytest.mark.clause("2.2.1")
def test_two_items_told_apart_are_not_offered_again_and_need_no_other_reason(town: Town) -> None:
    stored, twin = town.submitted(), town.submitted()
    Hint.objects.create(item=twin, check_kind="truth", code="duplicate", message="疑似重复", other=stored)
    browser = town.browser("reviewer")
    assert "疑似重复" in browser.get(f"/review/{twin.pk}/").content.decode()
    with pytest.raises(Invalid):
        review.approve(town.reviewer, twin.pk, Approve(checks=PASSED))
    with pytest.raises(NotAllowed):
        review.dismiss_duplicate(town.reporter, twin.pk, stored.pk)
    assert browser.post(f"/review/{twin.pk}/dismiss", {"other": str(stored.pk)}).status_code == 302
    review.dismiss_duplicate(town.reviewer, twin.pk, stored.pk)
    assert "疑似重复" not in browser.get(f"/review/{twin.pk}/").content.decode()
    assert review.approve(town.reviewer, twin.pk, Approve(checks=PASSED)).status == "approved"
