"""Leave: duties move to the stand-in and back, or are waived (5.3.1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed
from linbao.duties.leave import away
from linbao.duties.models import Leave, LeaveState, Obligation, State
from linbao.handling import loop
from linbao.handling.inputs import EvaluateItem, InformResident
from linbao.items.models import Item
from linbao.management import leave
from linbao.management import tasks as jobs
from linbao.management.inputs import AskLeave, DecideLeave
from linbao.management.work_tasks import services as tasks
from linbao.management.work_tasks.inputs import FinishShare, GiveTask
from linbao.organisation.models import RoleGrant
from linbao.review import services as review
from linbao.review.inputs import ReturnItem
from linbao.weekly_reports import services as weekly_reports
from linbao.weekly_reports import weeks
from linbao.weekly_reports.inputs import ConfirmReport, ReviewReport
from tests.loop import TUESDAY, Town

MONDAY = date(2026, 11, 23)
UNMET = ("open", "overdue")
FINDINGS = [{"check": "completeness", "field": "narrative", "words": "请写明数量"}]


def asked(town: Town, starts: int = 25, ends: int = 27, stand_in: str = "reporter2", who: str = "reporter") -> Leave:
    person = town.people[stand_in].pk if stand_in else None
    return leave.ask(
        getattr(town, who),
        AskLeave(kind="personal", starts=date(2026, 11, starts), ends=date(2026, 11, ends), stand_in=person),
    )


def task(town: Town, day: int = 26) -> Any:
    due = datetime(2026, 11, day, 17, tzinfo=clock.zone())
    return tasks.give(
        town.manager,
        GiveTask(unit=town.community.pk, title="核对台账", due_at=due, people=[town.people["reporter"].pk]),
    )


@pytest.mark.clause("5.3.1")
def test_open_duties_move_to_the_stand_in_and_back_when_leave_is_cancelled(town: Town) -> None:
    during, later = task(town), task(town, 30)
    row = asked(town)
    duty = Obligation.objects.get(subject_id=during.pk)
    assert duty.owner_id == town.reporter.pk  # asking moves nothing
    leave.decide(town.leader, row.pk, DecideLeave(approved=True))
    duty.refresh_from_db()
    assert (duty.owner_id, duty.moved_from_id, duty.leave_id) == (town.reporter2.pk, town.reporter.pk, row.pk)
    assert Obligation.objects.get(subject_id=later.pk).owner_id == town.reporter.pk
    leave.cancel(town.reporter, row.pk)
    duty.refresh_from_db()
    assert (duty.owner_id, duty.moved_from_id, duty.leave_id) == (town.reporter.pk, None, None)
    assert leave.cancel(town.reporter, row.pk).state == LeaveState.CANCELLED  # repeating it changes nothing


@pytest.mark.clause("5.3.1")
def test_the_stand_in_can_do_what_came_to_them(town: Town) -> None:
    data = task(town)
    leave.decide(town.leader, asked(town).pk, DecideLeave(approved=True))
    share = data.parts.get()
    assert tasks.done(town.reporter2, share.pk, FinishShare(result="已核对")).done_by == town.reporter2
    assert Obligation.objects.get(subject_id=data.pk).met_at


@pytest.mark.clause("5.3.1", "2.4.1")
def test_a_sensitive_item_can_be_told_by_the_stand_in_and_a_confidential_one_stays(town: Town, time: Any) -> None:
    item = town.resolved(sensitivity="sensitive")
    secret = town.resolved(
        sensitivity="confidential", named=[town.people[n].pk for n in ("reviewer", "manager", "handler")]
    )
    assert not Item.objects.visible_to(town.reporter2).filter(pk__in=[item.pk, secret.pk]).exists()
    row = asked(town, 24, 30)
    leave.decide(town.leader, row.pk, DecideLeave(approved=True))
    assert set(Item.objects.visible_to(town.reporter2).filter(pk__in=[item.pk, secret.pk])) == {item}
    assert leave.confidential_left(row) >= 1
    assert loop.inform(town.reporter2, item.pk, InformResident(outcome="reached", method="phone")).status == "informed"


@pytest.mark.clause("5.3.1", "4.1.1")
def test_without_a_stand_in_only_the_weekly_duties_are_waived(town: Town) -> None:
    weeks.open_week(MONDAY)
    data = task(town)
    row = asked(town, 24, 29, stand_in="")
    leave.decide(town.leader, row.pk, DecideLeave(approved=True))
    weekly = Obligation.objects.get(kind="weekly_report", owner=town.reporter, period=MONDAY)
    assert weekly.state == State.WAIVED and weekly.waived_reason == "请假" and weekly.waived_by == town.leader
    assert Obligation.objects.get(subject_id=data.pk).waived_at is None
    leave.cancel(town.reporter, row.pk)
    weekly = Obligation.objects.get(pk=weekly.pk)
    assert weekly.state == State.OPEN and weekly.next_at is not None


@pytest.mark.clause("5.3.1", "4.1.1")
def test_the_weekly_report_moves_when_the_leave_begins_and_the_stand_in_sends_it(town: Town, time: Any) -> None:
    weeks.open_week(MONDAY)
    leave.decide(town.leader, asked(town, 26, 27).pk, DecideLeave(approved=True))
    mine = Obligation.objects.get(kind="weekly_report", owner=town.reporter, period=MONDAY)
    assert mine.leave_id is None  # until Thursday its owner can still send it
    time.move_to(datetime(2026, 11, 26, 9, tzinfo=clock.zone()))
    assert leave.apply_all() == 1 and leave.apply_all() == 0
    mine.refresh_from_db()
    assert mine.owner_id == town.reporter2.pk
    own = weekly_reports.assemble_week(town.reporter2, MONDAY)
    weekly_reports.confirm(town.reporter2, own.pk, ConfirmReport(nil_reason="本周参加街道培训", reason="明日外出"))
    time.shift(timedelta(minutes=6))
    weekly_reports.send_due()
    mine.refresh_from_db()
    assert mine.met_at is None  # their own report is not the other's
    theirs = weekly_reports.assemble_week(town.reporter, MONDAY)
    weekly_reports.confirm(
        town.reporter2, theirs.pk, ConfirmReport(nil_reason="请假，由我代报", reason="请假，由我代报")
    )
    time.shift(timedelta(minutes=6))
    weekly_reports.send_due()
    mine.refresh_from_db()
    assert mine.met_at is not None


def dismiss(town: Town, name: str) -> None:
    """The administrator ends the person's roles on their page; ten minutes later the worker has seen it."""
    person = town.people[name]
    for grant in RoleGrant.objects.filter(user=person).values_list("pk", flat=True):
        answer = town.browser("administrator").post(f"/people/{person.pk}/grants/{grant}/end", {})
        assert answer.status_code == 302
    jobs.keep_leave(timestamp=0)


def owed(town: Town, name: str) -> set[tuple[str, str]]:
    """(kind, subject) of what a person owes, as a program of theirs reads it."""
    rows = Client(**town.token(name)).get("/api/v1/obligations").json()["items"]
    mine = str(town.people[name].pk)
    return {(r["kind"], r["subject_id"]) for r in rows if (r["owner"] or {}).get("id") == mine and r["state"] in UNMET}


@pytest.mark.clause("5.3.1", "2.4.1", "2.4.2", "4.3.2")
@pytest.mark.parametrize("back", [False, True])
def test_what_a_stand_in_who_leaves_owed_goes_back_or_on(town: Town, time: Any, back: bool) -> None:
    raised, asked_, secret = town.resolved(), town.informed(), town.submitted(sensitivity="sensitive")
    review.return_(town.reviewer, secret.pk, ReturnItem(findings=FINDINGS))
    stood_for = {("inform_resident", str(raised.pk)), ("evaluate", str(asked_.pk)), ("amend", str(secret.pk))}
    own = town.submitted("reporter2")
    review.return_(town.reviewer, own.pk, ReturnItem(findings=FINDINGS))
    row = asked(town, 24, 27 if back else 30)
    leave.decide(town.leader, row.pk, DecideLeave(approved=True))
    if back:
        time.move_to(datetime(2026, 11, 28, 9, tzinfo=clock.zone()))
    assert stood_for <= owed(town, "reporter2") and not stood_for & owed(town, "reporter")
    dismiss(town, "reporter2")
    manager = min(("manager", "manager2"), key=lambda name: str(town.people[name].pk))
    heir = "reporter" if back else manager
    assert stood_for <= owed(town, heir)
    assert ("amend", str(own.pk)) in owed(town, manager)
    assert not Obligation.objects.open().filter(owner=town.people["reporter2"], subject_id__isnull=False).exists()
    assert jobs.keep_leave(timestamp=0) is None and stood_for <= owed(town, heir)  # repeating it changes nothing
    who = town.people[heir]
    assert loop.inform(who, raised.pk, InformResident(outcome="reached", method="phone")).status == "informed"
    assert loop.evaluate(who, asked_.pk, EvaluateItem(verdict="satisfied")).status == "evaluated"
    for item in (secret, own) if heir == manager else (secret,):
        assert town.browser(heir).get(f"/items/{item.pk}/edit").status_code == 200


@pytest.mark.clause("5.3.1", "2.4.1")
def test_the_next_stand_in_takes_over_from_one_who_leaves(town: Town, time: Any) -> None:
    third = town.person("reporter3", "reporter", town.grid)
    details = town.resolved()
    leave.decide(town.leader, asked(town, 24, 25).pk, DecideLeave(approved=True))
    leave.decide(town.leader, asked(town, 26, 30, stand_in="reporter3").pk, DecideLeave(approved=True))
    assert ("inform_resident", str(details.pk)) in owed(town, "reporter2") | owed(town, "reporter3")
    Obligation.objects.filter(kind="inform_resident").update(owner=town.people["reporter2"])
    time.move_to(datetime(2026, 11, 26, 9, tzinfo=clock.zone()))
    dismiss(town, "reporter2")
    duty = Obligation.objects.get(kind="inform_resident", subject_id=details.pk)
    assert (duty.owner, duty.moved_from) == (third, town.reporter)
    assert (
        loop.inform(town.reporter3, details.pk, InformResident(outcome="reached", method="phone")).status == "informed"
    )


@pytest.mark.clause("5.3.1", "1.3.4")
def test_a_confidential_matter_passes_to_nobody_who_is_not_named(town: Town) -> None:
    named = [town.people[n].pk for n in ("reviewer", "manager2", "handler")]
    item = town.submitted(sensitivity="confidential", named=named)
    review.return_(town.reviewer, item.pk, ReturnItem(findings=FINDINGS))
    dismiss(town, "reporter")
    assert Obligation.objects.get(kind="amend", subject_id=item.pk).owner == town.manager2


@pytest.mark.clause("5.3.1", "4.3.2")
def test_a_returned_report_can_be_amended_by_whom_it_came_to(town: Town, time: Any) -> None:
    report = weekly_reports.assemble_week(town.reporter, MONDAY)
    weekly_reports.confirm(town.reporter, report.pk, ConfirmReport(nil_reason="本周参加街道培训", reason="明日外出"))
    time.shift(timedelta(minutes=6))
    weekly_reports.send_due()
    weekly_reports.review(town.reviewer, report.pk, ReviewReport(accept=False, findings=[{"words": "请写明培训内容"}]))
    assert town.browser("reporter2").get(f"/weekly/{report.pk}/").status_code == 404
    leave.decide(town.leader, asked(town, 24, 30).pk, DecideLeave(approved=True))
    page = town.browser("reporter2").post(f"/weekly/{report.pk}/", {"nil_reason": "本周参加街道消防培训"})
    assert page.status_code == 302
    time.shift(timedelta(minutes=6))
    weekly_reports.send_due()
    assert Obligation.objects.get(kind="amend", subject_id=report.pk).met_at


@pytest.mark.clause("5.3.1")
def test_what_is_opened_during_leave_moves_with_the_job(town: Town, time: Any) -> None:
    leave.decide(town.leader, asked(town, 24, 27).pk, DecideLeave(approved=True))
    data = task(town)
    assert leave.apply_all() == 1
    assert Obligation.objects.get(subject_id=data.pk).owner_id == town.reporter2.pk
    assert leave.apply_all() == 0


@pytest.mark.clause("5.3.1")
def test_who_decides(town: Town) -> None:
    row = asked(town)
    for name in ("reporter", "reporter2", "reviewer"):
        with pytest.raises(NotAllowed):
            leave.decide(getattr(town, name), row.pk, DecideLeave(approved=True))
    with pytest.raises(Invalid):
        leave.decide(town.leader, row.pk, checked(DecideLeave, {"approved": False}))
    leave.decide(town.leader, row.pk, DecideLeave(approved=False, remark="那几天人手不够"))
    with pytest.raises(Conflict):
        leave.decide(town.manager, row.pk, DecideLeave(approved=True))
    own = leave.ask(town.leader, AskLeave(kind="annual", starts=date(2026, 12, 1), ends=date(2026, 12, 2)))
    with pytest.raises(NotAllowed):
        leave.decide(town.leader, own.pk, DecideLeave(approved=True))
    assert leave.decide(town.manager, own.pk, DecideLeave(approved=True)).state == LeaveState.APPROVED


@pytest.mark.clause("5.3.1")
def test_what_cannot_be_asked(town: Town) -> None:
    leave.decide(town.manager, asked(town, who="reporter2", stand_in="").pk, DecideLeave(approved=True))
    for errors in (
        {"stand_in": "reporter2"},
        {"stand_in": "handler"},
        {"stand_in": "reporter"},
        {"starts": 27, "ends": 26},
    ):
        with pytest.raises(Invalid):
            asked(town, **errors)
    asked(town, stand_in="")
    with pytest.raises(Invalid):
        asked(town, stand_in="")


@pytest.mark.clause("5.3.1")
def test_the_roster_warns_of_leave(town: Town) -> None:
    row = leave.ask(town.reviewer, AskLeave(kind="annual", starts=date(2026, 11, 24), ends=date(2026, 11, 26)))
    leave.decide(town.manager, row.pk, DecideLeave(approved=True))
    assert list(away([town.reviewer.pk, town.manager.pk], TUESDAY.date(), TUESDAY.date())) == [town.reviewer.pk]
    browser = town.browser("manager")
    body = {"person": str(town.reviewer.pk), "starts": "2026-11-25T08:00", "ends": "2026-11-25T20:00"}
    page = browser.post("/duty/roster", body, follow=True).content.decode()
    assert "这段时间请了假" in page and "请假" in browser.get("/duty/roster").content.decode()


@pytest.mark.clause("5.3.1")
def test_asking_and_deciding_on_the_page(town: Town) -> None:
    reporter, leader = town.browser("reporter"), town.browser("leader")
    bad = reporter.post("/leave/new", {"kind": "sick", "starts": "2026-11-27", "ends": "2026-11-26", "note": "复诊"})
    assert bad.status_code == 422 and "复诊" in bad.content.decode()
    body = {
        "kind": "sick",
        "starts": "2026-11-26",
        "ends": "2026-11-27",
        "stand_in": str(town.reporter2.pk),
        "note": "复诊",
    }
    assert reporter.post("/leave/new", body).status_code == 302
    row = Leave.objects.get()
    assert "复诊" in leader.get(f"/leave/{row.pk}/").content.decode()
    assert "复诊" not in town.browser("reporter2").get(f"/leave/{row.pk}/").content.decode()
    assert leader.post(f"/leave/{row.pk}/refuse", {}).status_code == 422
    assert leader.post(f"/leave/{row.pk}/approve", {}).status_code == 302
    assert leader.post(f"/leave/{row.pk}/refuse", {"remark": "不同意了"}).status_code == 409
    assert row.pk in {r.pk for r in town.browser("leader").get("/leave/?tab=others").context["page"].objects}
