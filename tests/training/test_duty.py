"""A session every quarter, two hours in one go, present from sign-in to sign-out (5.1.3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed
from linbao.duties import services as duties
from linbao.duties.inputs import WaiveDuty
from linbao.duties.models import Obligation, State
from linbao.organisation.models import RoleGrant
from linbao.training import duty, quarters
from linbao.training.inputs import EndSession, RegisterAttendance
from linbao.training.sessions import attendance, participation
from tests.loop import Town
from tests.training.school import attend, held, plan, sign

SHANGHAI = ZoneInfo("Asia/Shanghai")
Q4 = date(2026, 10, 1)


def own(town: Town, name: str = "reporter", quarter: date = Q4) -> Obligation:
    return Obligation.objects.get(kind="training_attend", owner=town.people[name], period=quarter)


def unit(town: Town, quarter: date = Q4) -> Obligation:
    return Obligation.objects.get(kind="training_quarter", subject_id=town.community.pk, period=quarter)


@pytest.mark.clause("5.1.3")
def test_the_quarter_opens_one_duty_for_the_community_and_one_for_each_reporter(town: Town) -> None:
    duty.open_quarter()
    assert duty.open_quarter() == 0  # safe to repeat
    owed = Obligation.objects.filter(kind="training_attend", period=Q4)
    assert {o.owner.username for o in owed if o.owner} == {"reporter", "reporter2"}
    assert unit(town).owner is None
    assert unit(town).due_at.astimezone(SHANGHAI) == datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI)


@pytest.mark.clause("5.1.3")
def test_two_hours_meet_the_duty_of_who_was_there_and_of_the_community(town: Town, time: Any) -> None:
    duty.open_quarter()
    held(town, time, "reporter")
    assert own(town).state == unit(town).state == State.MET
    assert own(town, "reporter2").state == State.OPEN


@pytest.mark.clause("5.1.3")
def test_a_session_of_119_minutes_meets_nothing(town: Town, time: Any) -> None:
    duty.open_quarter()
    session = held(town, time, "reporter", minutes=119)
    assert not session.long_enough
    assert own(town).state == unit(town).state == State.OPEN


@pytest.mark.clause("5.1.3")
def test_a_long_plan_that_ends_early_meets_nothing_for_the_community(town: Town, time: Any) -> None:
    duty.open_quarter()
    session = plan(town, minutes=180)
    attend(town, time, session, "reporter", minutes=90)
    attendance.end(town.trainer, session.pk, EndSession())
    assert own(town).state == unit(town).state == State.OPEN


@pytest.mark.clause("5.1.3")
def test_two_sessions_of_one_hour_do_not_add_up(town: Town, time: Any) -> None:
    duty.open_quarter()
    for _n in range(2):
        held(town, time, "reporter", minutes=65)
    assert own(town).state == unit(town).state == State.OPEN


@pytest.mark.clause("5.1.3")
def test_who_left_early_or_came_late_was_not_there_long_enough(town: Town, time: Any) -> None:
    duty.open_quarter()
    session = plan(town, minutes=150)
    sign(town, session, "reporter", "in")
    time.shift(timedelta(minutes=40))
    sign(town, session, "reporter2", "in")  # 40 minutes late
    time.shift(timedelta(minutes=79))
    assert sign(town, session, "reporter", "out").minutes == 119
    time.shift(timedelta(minutes=31))
    assert sign(town, session, "reporter2", "out").minutes == 110
    attendance.end(town.trainer, session.pk, EndSession())
    assert own(town).state == own(town, "reporter2").state == unit(town).state == State.OPEN


@pytest.mark.clause("5.1.3")
def test_waiting_before_the_start_is_no_training(town: Town, time: Any) -> None:
    duty.open_quarter()
    session = plan(town, start=datetime(2026, 11, 24, 10, 20, tzinfo=SHANGHAI))
    attend(town, time, session, "reporter", minutes=135)
    assert session.seats.get().minutes == 115
    assert own(town).state == State.OPEN


@pytest.mark.clause("5.1.3")
def test_a_make_up_in_the_next_month_counts_for_the_quarter_before_as_late(town: Town, time: Any) -> None:
    duty.open_quarter()
    time.move_to(datetime(2027, 1, 20, 9, tzinfo=SHANGHAI))
    duty.open_quarter()
    held(town, time, "reporter", makes_up=True)
    assert own(town).state == unit(town).state == State.LATE
    assert own(town, quarter=date(2027, 1, 1)).state == State.OPEN  # once counted, not twice
    result = participation.of(town.reporter, date(2027, 1, 1), date(2027, 1, 31))
    assert [(s.quarter, s.made_up, s.counts) for s in result.sessions] == [(Q4, True, True)]


@pytest.mark.clause("5.1.3")
def test_a_make_up_is_refused_after_the_next_month(town: Town, time: Any) -> None:
    time.move_to(datetime(2027, 2, 1, 9, tzinfo=SHANGHAI))
    with pytest.raises(Invalid) as refused:
        plan(town, makes_up=True)
    assert list(refused.value.fields) == ["makes_up"]


@pytest.mark.clause("5.1.3")
def test_new_joiners_owe_a_quarter_only_with_a_month_left_and_leavers_are_freed(town: Town, time: Any) -> None:
    late, early = town.person("late", "reporter", town.grid), town.person("early", "reporter", town.grid)
    RoleGrant.objects.filter(user=late).update(starts=date(2026, 12, 10))
    RoleGrant.objects.filter(user=early).update(starts=date(2026, 11, 20))
    duty.open_quarter()
    time.move_to(datetime(2026, 12, 11, 9, tzinfo=SHANGHAI))
    duty.open_quarter()
    assert own(town, "early").state == State.OPEN
    assert not Obligation.objects.filter(owner=late, kind="training_attend").exists()
    RoleGrant.objects.filter(user=town.people["reporter2"]).update(ends=date(2026, 12, 10))
    duty.open_quarter()
    assert own(town, "reporter2").state == State.WAIVED
    time.move_to(datetime(2027, 1, 2, 9, tzinfo=SHANGHAI))
    duty.open_quarter()
    assert own(town, "late", date(2027, 1, 1)).state == State.OPEN


@pytest.mark.clause("5.1.3")
def test_the_manager_frees_with_a_reason_the_trainer_and_the_owner_do_not(town: Town) -> None:
    duty.open_quarter()
    with pytest.raises(NotAllowed):
        duties.waive(town.trainer, own(town), WaiveDuty(reason="病假"))
    page = town.browser("manager").post(f"/training/plan/duties/{own(town).pk}/waive", {"reason": ""})
    assert page.status_code == 422
    town.browser("manager").post(f"/training/plan/duties/{own(town).pk}/waive", {"reason": "长期病假"})
    assert (own(town).state, own(town).waived_reason) == (State.WAIVED, "长期病假")


@pytest.mark.clause("5.1.3")
def test_presence_by_hand_needs_a_reason_and_counts_at_the_time_when_it_was(town: Town, time: Any) -> None:
    duty.open_quarter()
    session = held(town, time, "reporter")
    start, end = session.starts_at, session.starts_at + timedelta(minutes=125)
    details = {"signed_in_at": start, "signed_out_at": end}
    pk = town.people["reporter2"].pk
    with pytest.raises(Invalid) as refused:
        attendance.tick(town.trainer, session.pk, checked(RegisterAttendance, {"person": pk, "reason": "", **details}))
    assert list(refused.value.fields) == ["reason"]
    with pytest.raises(Invalid):
        attendance.tick(
            town.trainer,
            session.pk,
            RegisterAttendance(
                person=pk, reason="现场签名", signed_in_at=start, signed_out_at=end + timedelta(hours=2)
            ),
        )
    time.move_to(datetime(2027, 1, 5, 9, tzinfo=SHANGHAI))
    seat = attendance.tick(
        town.trainer, session.pk, RegisterAttendance(person=pk, reason="手机没电，现场签名", **details)
    )
    assert (seat.minutes, seat.by_hand) == (125, town.people["trainer"])
    assert own(town, "reporter2").state == State.MET
    with pytest.raises(Conflict):
        attendance.tick(town.trainer, session.pk, RegisterAttendance(person=pk, reason="再登一次", **details))
    with pytest.raises(NotAllowed):
        attendance.tick(town.reporter, session.pk, RegisterAttendance(person=pk, reason="自己登记", **details))


@pytest.mark.clause("5.1.3")
def test_what_a_person_attended_takes_two_statements_however_much(town: Town, time: Any) -> None:
    counts: list[int] = []
    for _n in range(3):
        for _m in range(1 if not counts else 3):
            held(town, time, "reporter", "reporter2")
        with CaptureQueriesContext(connection) as asked:
            result = participation.of(town.people["reporter"], date(2026, 11, 1), date(2026, 12, 31))
        counts.append(len(asked))
    assert len(result.sessions) == 7
    assert result.hours == round(7 * 130 / 60, 1)
    assert set(counts) == {2}
    assert participation.of(town.people["reporter"], date(2026, 12, 1), date(2026, 12, 31)).hours == 0


def test_quarters_know_their_neighbours() -> None:
    assert quarters.of(date(2026, 12, 31)) == Q4
    assert quarters.after(Q4) == date(2027, 1, 1)
    assert quarters.before(date(2027, 1, 1)) == Q4
    assert [quarters.after(date(2026, m, 1)).month for m in (1, 4, 7, 10)] == [4, 7, 10, 1]
    assert quarters.read("2026Q4", Q4) == quarters.read("2026-11-24", Q4) == Q4
    for bad in ("2026Q5", "9999Q1", "abc", "2026-02-30", "²026Q1"):
        with pytest.raises(Invalid):
            quarters.read(bad, Q4)


@pytest.mark.clause("5.1.3")
def test_the_engine_reminds_the_trainer_and_manager_of_the_communitys_duty(town: Town, time: Any) -> None:
    from linbao.outbox.models import Notice

    duty.open_quarter()
    time.move_to(datetime(2026, 12, 26, 9, tzinfo=SHANGHAI))
    duties.tick()
    details = set(Notice.objects.filter(kind="training_quarter.remind").values_list("user__username", flat=True))
    assert details == {"trainer", "manager", "manager2"}
    assert duty.HOLD in {d["kind"] for d in Obligation.objects.open().values("kind")}
    assert "每季度培训" in town.browser("trainer").get("/").content.decode()
    assert "每季度培训" not in town.browser("reviewer").get("/").content.decode()
