"""The figures recomputed by hand, with the arithmetic written out (5.2.1, domain.md §6)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import sqrt

import pytest

from linbao.appraisal import cycles, metrics
from linbao.appraisal.inputs import RULES, SaveRules
from linbao.appraisal.models import Appraisal
from linbao.core.inputs import checked
from linbao.duties import services as duties
from linbao.duties.models import Leave
from linbao.handling import assigning, loop, oversight, work
from linbao.handling.inputs import (
    AdoptItem,
    AssignItem,
    CloseItem,
    EvaluateItem,
    InformResident,
    ReopenItem,
    ResolveItem,
)
from linbao.items import services as item_services
from linbao.items.inputs import WithdrawItem
from linbao.items.models import Item
from linbao.management import leave as absence
from linbao.management.inputs import AskLeave, DecideLeave
from linbao.organisation.models import RoleGrant
from linbao.review import services as review
from linbao.review.inputs import Approve, Merge, ReturnItem
from linbao.review.models import Review
from tests.appraisal import by_hand
from tests.appraisal.by_hand import agree
from tests.appraisal.conftest import HALF, MARCH, Office
from tests.loop import OVERRULED


def returned(office: Office, check: str, times: int) -> Item:
    """An item returned `times` times and then approved."""
    town = office.town
    item = town.submitted()
    for n in range(times):
        review.return_(
            town.reviewer,
            item.pk,
            ReturnItem(findings=[{"field": "narrative", "check": check, "words": "请核对后改正"}]),
        )
        item_services.change(town.reporter, item.pk, {"narrative": f"{item.narrative}已核对，第{n + 1}次补充。"})
        item_services.submit(town.reporter, item.pk)
    return review.approve(town.reviewer, item.pk, Approve(checks=OVERRULED))


@pytest.fixture
def half_year(office: Office) -> Office:
    """`reporter`: six closed items from visits (one adopted, two with marks), one returned twice, one returned for
    accuracy, one merged; `reporter2`: three closed items from the hotline."""
    town = office.town
    with office.on(MARCH):
        closed = [town.closed() for _n in range(6)]
        returned(office, "completeness", 2)
        stored = returned(office, "accuracy", 1)
        review.merge(town.reviewer, town.submitted().pk, Merge(into=stored.pk, reason="同一件事"))
        adoption = oversight.adopt(town.handler, closed[0].pk, AdoptItem(kind="measure", note="已列入整治计划"))
        oversight.confirm_adoption(town.manager, adoption.pk)
        for item, (complete, analysis) in zip(closed, ((5, 4), (3, 4)), strict=False):
            Review.objects.filter(item=item).update(completeness_mark=complete, analysis_mark=analysis)
        for _n in range(3):
            body = town.body(source={"method": "hotline"})
            item = item_services.create(town.reporter2, body, submit=True)
            review.approve(town.reviewer, item.pk, Approve(checks=OVERRULED))
            assigning.assign(town.manager, item.pk, AssignItem(unit=town.department.id, handler=town.handler.pk))
            work.resolve(town.handler, item.pk, ResolveItem(result="已经清运干净，并加装一只垃圾桶。"))
            loop.inform(town.reporter2, item.pk, InformResident(outcome="reached", method="phone"))
            loop.evaluate(town.reporter2, item.pk, EvaluateItem(verdict="satisfied"))
            loop.close(town.manager, item.pk, CloseItem())
    office.owe("reporter", "weekly_report", 1)
    office.owe("reporter", "weekly_report", 2, late=True)
    office.owe("reporter", "weekly_report", 3, met=False)
    office.owe("reporter", "urgent_written", 4)
    return office


@pytest.mark.clause("5.2.1")
def test_by_hand(half_year: Office) -> None:
    """Two reporters, every figure by plain arithmetic."""
    cycle = half_year.open()
    one, two = half_year.of(cycle, "reporter"), half_year.of(cycle, "reporter2")
    assert one.months == two.months == 6

    # Quantity. One: six visits at 1.5, one returned twice at 0.5, one more visit at 1.5. Two: three calls at 1.
    effective_one, effective_two = 6 * 1.5 + 0.5 + 1.5, 3 * 1.0  # 11 and 3
    typical = (effective_one / 6 + effective_two / 6) / 2  # the median of two is their mean: 1.1667 a month
    assert typical == pytest.approx(7 / 6)
    assert one.figures["quantity"]["score"] == 100  # 11 of 7: beyond the median it rises no more
    assert two.figures["quantity"]["score"] == round(100 * sqrt(3 / 7), 2)  # 65.47

    # Quality. One: 6 of 8 at first pass, lower bound with z = 1; marks (5+4+3+4)/4 = 4 → 75; one adopted: +2.
    share, n = 6 / 8, 8
    bound = (share + 1 / (2 * n) - sqrt(share * (1 - share) / n + 1 / (4 * n * n))) / (1 + 1 / n)
    assert one.figures["quality"]["score"] == round(0.6 * 100 * bound + 0.4 * 75 + 2, 2)
    # Two: 3 of 3 → 1/(1 + 1/3) = 0.75; no marks, so first pass has all the weight.
    assert two.figures["quality"]["score"] == 75

    # Timeliness. One: three amends and one report in time, one late (half), one missed, one urgent (weighs 3).
    assert one.figures["timeliness"]["score"] == round(100 * (3 + 1 + 0.5 + 0 + 3) / (3 + 1 + 1 + 1 + 3), 2)  # 83.33
    assert two.figures["timeliness"]["score"] is None  # nothing was due

    # Accuracy. One: of 8 decided items at 1.5 each, one was returned for accuracy.
    assert one.figures["accuracy"]["score"] == 100 * (1 - 1.5 / 12)
    assert two.figures["accuracy"]["score"] == 100

    # Feedback. One: all told in time; 6 of 6 loops and 6 of 6 content: (1 + 1/12 - 1/12)/(1 + 1/6) = 6/7 each.
    assert one.figures["feedback"]["score"] == round(0.5 * 100 + 0.3 * 600 / 7 + 0.2 * 600 / 7, 2)
    # Two: three answers are too few, so told has 50/80 and loops 30/80.
    assert two.figures["feedback"]["score"] == round((50 * 100 + 30 * 75) / 80, 2)

    # All facts: weights 15, 25, 20, 20, 20; where one is left out, the others share its weight.
    scores = {m: one.figures[m]["score"] for m in metrics.METRICS}
    whole = (
        0.15 * scores["quantity"]
        + 0.25 * scores["quality"]
        + 0.2 * (scores["timeliness"] + scores["accuracy"] + scores["feedback"])
    )
    assert one.facts_score is not None and two.facts_score is not None
    assert float(one.facts_score) == pytest.approx(whole, abs=0.01)
    q, k, a, f = (two.figures[m]["score"] for m in ("quantity", "quality", "accuracy", "feedback"))
    assert float(two.facts_score) == pytest.approx((15 * q + 25 * k + 20 * a + 20 * f) / 80, abs=0.01)
    assert two.small and not one.small  # three items are few, eight are not


@pytest.mark.clause("5.2.1")
def test_a_second_arithmetic_finds_every_figure(half_year: Office) -> None:
    """Items of every kind and duties of every outcome, judgements too: what `by_hand` works out from the tables alone
    is what stands in the results of both."""
    town = half_year.town
    with half_year.on(MARCH + timedelta(days=20)):
        town.closed(urgent=True)
        town.evaluated("unsatisfied")
        for n in range(5):  # two too many alike from one place in a week
            body = town.body(source={"method": "hotline"}) | {"place": {"text": "荷塘里 8号"}}
            item = item_services.create(
                town.reporter2, body | {"details": body["details"] | {"area": f"{n}"}}, submit=True
            )
            review.approve(
                town.reviewer, item.pk, Approve(checks=OVERRULED, completeness_mark=n % 5 + 1, analysis_mark=3)
            )
        item_services.withdraw(town.reporter2, town.submitted("reporter2").pk, WithdrawItem(reason="填错了，另报"))
        town.submitted("reporter2")
    half_year.owe("reporter2", "weekly_report", 1, late=True)
    half_year.owe("reporter2", "urgent_call", 2)
    half_year.owe("reporter2", "evaluate", 3, met=False)
    cycle = half_year.open()
    half_year.rate_all(cycle)
    half_year.publish(cycle)
    for name in ("reporter", "reporter2"):
        row = half_year.of(cycle, name)
        agree(row)
        assert None not in (by_hand.told(row)[m] for m in (*metrics.METRICS, "facts", "self", "superior", "total"))


@pytest.mark.clause("5.2.1")
def test_trivia_does_not_pay(office: Office) -> None:
    """More than three alike from one place in a week count a fifth each; waiting, merged and withdrawn ones nothing."""
    town = office.town
    with office.on(MARCH):
        body = town.body()
        for n in range(6):
            row = town.body() | {
                "place": body["place"],
                "details": body["details"],
                "narrative": body["narrative"] + f"第{n}处。",
            }
            item = item_services.create(town.reporter, row, submit=True)
            review.approve(town.reviewer, item.pk, Approve(checks=OVERRULED))
        town.submitted()  # nobody has reviewed it
        item_services.withdraw(town.reporter, town.submitted().pk, WithdrawItem(reason="填错了，另报"))
    cycle = office.open()
    figure = office.of(cycle, "reporter").figures["quantity"]
    assert figure["n"] == 7  # six and the waiting one; what was withdrawn is not counted at all
    assert figure["parts"][0]["value"] == pytest.approx(3 * 1.5 + 3 * 0.2)


@pytest.mark.clause("5.2.1")
def test_urgent_and_complex_items_weigh_more(office: Office) -> None:
    town = office.town
    with office.on(MARCH):
        urgent = town.approved(urgent=True)
        plain = item_services.create(town.reporter, town.body(source={"method": "hotline"}), submit=True)
        review.approve(town.reviewer, plain.pk, Approve(checks=OVERRULED))
    assert Item.objects.get(pk=urgent.pk).urgent
    figure = office.of(office.open(), "reporter").figures["quantity"]
    assert figure["parts"][0]["value"] == 2 + 1


@pytest.mark.clause("5.2.1")
def test_late_joining_leave_and_leaving_are_allowed_for(office: Office) -> None:
    """Who joined in April answers for three months; leave over ten working days takes a month out, less does not,
    nor does leave that was refused."""
    town = office.town
    office.person("late", starts=date(2026, 4, 1))
    office.person("gone", ends=date(2026, 3, 31))
    with office.on(datetime(2026, 4, 28, 9, 0, tzinfo=MARCH.tzinfo)):
        for user, first, last, approved in (
            (
                town.reporter,
                date(2026, 5, 6),
                date(2026, 5, 29),
                True,
            ),  # 19 working days, a made-up Saturday among them
            (town.reporter2, date(2026, 5, 6), date(2026, 5, 12), True),  # five
            (town.reporter2, date(2026, 6, 1), date(2026, 6, 30), False),
        ):
            row = absence.ask(user, AskLeave(starts=first, ends=last, kind="personal", note="家中有事"))
            absence.decide(
                town.manager, row.pk, DecideLeave(approved=approved, remark="同意" if approved else "人手不够")
            )
    cycle = office.open()
    assert office.of(cycle, "late").months == 3
    assert office.of(cycle, "reporter").months == 5
    assert office.of(cycle, "reporter").absences == [{"month": "2026-05", "share": 0.0, "why": "leave", "leave": 19}]
    assert office.of(cycle, "reporter2").months == 6
    gone = office.of(cycle, "gone")
    assert gone.months == 3 and gone.left
    assert set(gone.ratings.values_list("kind", flat=True)) == {"superior"}  # nobody asks them any more


@pytest.mark.clause("5.2.2")
def test_whoever_changed_groups_is_appraised_once_with_all_their_time(office: Office) -> None:
    town = office.town
    second = type(town.group).objects.create(kind="work_group", code="G9", name="第二小组", parent=town.community)
    _drop()
    person = office.person("mover", group=False)
    grants = type(person.grants.get()).objects
    grants.create(user=person, role="reporter", unit=town.group, starts=date(2026, 1, 1), ends=date(2026, 3, 31))
    grants.create(user=person, role="reporter", unit=second, starts=date(2026, 4, 1))
    row = office.of(office.open(), "mover")
    assert row.months == 6 and row.group_id == second.pk and row.groups == ["第一小组", "第二小组"]


def _drop() -> None:
    from linbao.platform.reference import Reference

    for reference in Reference.all.values():
        reference.drop()


@pytest.mark.clause("5.2.1")
def test_a_guest_of_days_gets_no_grade_and_few_items_are_not_graded_alone(office: Office) -> None:
    office.person("guest", starts=date(2026, 6, 22))
    cycle = office.open()
    office.rate_all(cycle, but=("superior",))
    office.publish(cycle)
    assert office.of(cycle, "guest").grade == ""
    row = office.of(cycle, "reporter")
    assert row.small and row.total is not None and row.grade == ""


@pytest.mark.clause("5.2.1")
def test_the_figures_are_the_frozen_rules(office: Office) -> None:
    """Weights changed after the beginning touch the next cycle only; weights that do not add up are refused."""
    from linbao.appraisal import rulesets
    from linbao.core.problems import Invalid

    town = office.town
    cycle = office.open()
    data = {f: f"{rulesets.read(cycle.rules, f):g}" for f in RULES}
    with pytest.raises(Invalid) as refused:
        rulesets.save(town.manager, town.community.pk, checked(SaveRules, data | {"metrics_quantity": "16"}))
    assert "100" in refused.value.fields["metrics_quantity"][0]
    with pytest.raises(Invalid):
        rulesets.save(town.manager, town.community.pk, checked(SaveRules, data | {"grades_basic": "80"}))
    row = rulesets.save(
        town.manager, town.community.pk, checked(SaveRules, data | {"metrics_quantity": "5", "metrics_quality": "35"})
    )
    assert row.version == 1
    assert (
        rulesets.save(
            town.manager,
            town.community.pk,
            checked(SaveRules, data | {"metrics_quantity": "5", "metrics_quality": "35"}),
        )
        == row
    )
    cycles.recalculate(town.manager, cycle.pk)
    cycle.refresh_from_db()
    assert cycle.rules["metrics"]["quantity"] == 15 and cycle.rules_version == 0


def test_lower_bounds() -> None:
    assert metrics.wilson(1, 10, 1) == pytest.approx(10 / 11)
    assert metrics.wilson(0.5, 4, 0) == 0.5
    assert metrics.wilson(0, 0, 1) == 0


def test_grades_and_the_share() -> None:
    rules = metrics.DEFAULTS
    assert [metrics.grade_of(t, rules) for t in (90, 89.99, 75, 60, 59.99)] == [
        "excellent",
        "competent",
        "competent",
        "basic",
        "failing",
    ]
    assert metrics.grade_of(95, rules, capped=True) == "basic" and metrics.grade_of(50, rules, capped=True) == "failing"
    assert [metrics.most_excellent(n, rules) for n in (4, 5, 9, 10, 30)] == [0, 1, 1, 2, 6]


def test_what_is_left_out_shares_its_weight() -> None:
    total, weights = metrics.shared({"facts": 80, "self": None, "peer": 90, "superior": 70}, metrics.DEFAULTS["parts"])
    assert total == pytest.approx((60 * 80 + 10 * 90 + 25 * 70) / 95)
    assert sum(weights.values()) == pytest.approx(100)
    assert metrics.shared({"facts": None}, {"facts": 60}) == (None, {})


@pytest.mark.clause("5.2.1")
def test_counting_takes_as_many_statements_for_one_as_for_many(office: Office) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from linbao.appraisal.cycles import recount

    cycle = office.open()
    with CaptureQueriesContext(connection) as few:
        recount([cycle.pk])
    office.time.shift(timedelta(seconds=1))
    cycle.people.all().delete()
    for n in range(20):
        office.person(f"r{n}")
    type(cycle).objects.all().delete()
    many_cycle = office.open()
    with CaptureQueriesContext(connection) as many:
        recount([many_cycle.pk])
    assert len(few) == len(many) <= 13


@pytest.mark.clause("5.2.1")
def test_the_facts_end_with_the_half_year(office: Office) -> None:
    """An item of the last minute counts, one of the next day does not (the unit's zone)."""
    town = office.town
    zone = MARCH.tzinfo
    for moment in (datetime(2026, 6, 30, 23, 59, tzinfo=zone), datetime(2026, 7, 1, 0, 0, tzinfo=zone)):
        with office.on(moment):
            town.approved()
    assert office.of(office.open(), "reporter").items == 1


@pytest.mark.clause("2.4.2", "5.2.1")
def test_every_evaluation_of_the_half_year_counts_whatever_became_of_the_item(office: Office) -> None:
    """Five items: one unsatisfied and then content, one unsatisfied and reopened again; of the year before, one judged
    in this half-year; one judged after it."""
    town = office.town
    RoleGrant.objects.update(starts=date(2025, 1, 1))
    with office.on(datetime(2025, 12, 30, 10, 0, tzinfo=MARCH.tzinfo)):
        old = town.informed()
    with office.on(MARCH):
        loop.evaluate(town.reporter, old.pk, EvaluateItem(verdict="satisfied"))
        town.closed()
        again = town.evaluated("unsatisfied")
        loop.reopen(town.manager, again.pk, ReopenItem(reason="居民不满意"))
        work.resolve(town.handler, again.pk, ResolveItem(result="重新清运。"))
        loop.inform(town.reporter, again.pk, InformResident(outcome="reached", method="phone"))
        loop.evaluate(town.reporter, again.pk, EvaluateItem(verdict="satisfied"))
        gone = town.evaluated("unsatisfied")
        loop.reopen(town.manager, gone.pk, ReopenItem(reason="居民不满意"))
        late = town.informed()
    with office.on(datetime(2026, 7, 1, 0, 30, tzinfo=MARCH.tzinfo)):
        loop.evaluate(town.reporter, late.pk, EvaluateItem(verdict="unsatisfied"))
    cycle = office.open()
    row = office.of(cycle, "reporter")
    parts = {p["name"]: p for p in row.figures["feedback"]["parts"]}
    assert (parts["content"]["of"], parts["content"]["n"]) == (3, 5)
    assert (parts["first_content"]["of"], parts["first_content"]["n"]) == (2, 4)
    assert (parts["last_content"]["of"], parts["last_content"]["n"]) == (3, 4)
    agree(row, judged=False)
    page = town.browser("reporter").get(f"/appraisal/people/{row.pk}/feedback/", {"what": "answers"})
    assert len(page.context["page"].rows) == 5 and gone.number and gone.number in page.content.decode()


@pytest.mark.clause("5.2.1", "4.1.1")
def test_a_groups_report_counts_for_all_who_were_members(office: Office) -> None:
    """Owed by the leader, in time, late, missed and waived; who joined later, left before or had leave is not judged
    by it, who is not of the group neither."""
    town = office.town
    office.person("member")
    office.person("joined", starts=date(2026, 3, 17))
    office.person("left", ends=date(2026, 3, 12))
    office.person("away")
    office.person("outsider", group=False)
    RoleGrant.objects.create(user=town.people["leader"], role="reporter", unit=town.group, starts=HALF)
    Leave.objects.create(
        person=town.people["away"],
        unit=town.group,
        starts=date(2026, 3, 9),
        ends=date(2026, 3, 15),
        kind="personal",
        state="approved",
        decided_by=town.manager,
    )
    first = datetime(2026, 3, 13, 18, 0, tzinfo=MARCH.tzinfo)
    for week, (met, waived) in enumerate(((-2, False), (+2, False), (None, False), (None, True))):
        due = first + timedelta(days=7 * week)
        row = duties.make(
            "weekly_report",
            unit_id=town.group.pk,
            owner_id=town.people["leader"].pk,
            due_at=due,
            opened_at=due,
            subject=town.group,
            period=due.date() - timedelta(days=4),
        )
        row.met_at = due + timedelta(hours=met) if met else None
        row.missed_at = due if met is None and not waived else None
        row.waived_at, row.next_at = (due if waived else None), None
        duties.open_(row)
    cycle = office.open()
    wanted = {"leader": (3, 50.0), "member": (3, 50.0), "joined": (2, 25.0), "away": (2, 25.0), "outsider": (0, None)}
    for name, (n, score) in wanted.items():
        figure = office.of(cycle, name).figures["timeliness"]
        assert (figure["n"], figure["score"]) == (n, score), name
    left = Appraisal.objects.filter(cycle=cycle, person__username="left").first()
    assert left is None or left.figures["timeliness"]["n"] == 0
    page = town.browser("member").get(f"/appraisal/people/{office.of(cycle, 'member').pk}/timeliness/")
    assert len(page.context["page"].rows) == 3


@pytest.mark.clause("5.2.1", "4.3.1")
def test_a_fault_stays_when_its_item_is_withdrawn_or_merged(office: Office) -> None:
    """Returned for truth and then taken back, returned and then merged: both are faults still, and neither lowers or
    raises the share of first passes."""
    town = office.town
    with office.on(MARCH):
        stored = town.approved()
        for n in range(2):
            item = town.submitted()
            findings = [{"field": "narrative", "check": "truth", "words": "与现场不符"}]
            review.return_(town.reviewer, item.pk, ReturnItem(findings=findings))
            if n:
                item_services.withdraw(town.reporter, item.pk, WithdrawItem(reason="另报"))
            else:
                item_services.change(town.reporter, item.pk, {"narrative": f"{item.narrative}已核对。"})
                item_services.submit(town.reporter, item.pk)
                review.merge(town.reviewer, item.pk, Merge(into=stored.pk, reason="同一件事"))
    row = office.of(office.open(), "reporter")
    assert row.figures["accuracy"]["score"] == round(100 / 3, 2)
    part = row.figures["quality"]["parts"][0]
    assert (part["of"], part["n"]) == (1, 1)
    agree(row, judged=False)
