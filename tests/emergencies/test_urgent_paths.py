"""Whatever is urgent is heard at once, however it came in (2.3.2, 3.2, 4.2.1): page, API, batch, file, later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linbao.core import clock, ids
from linbao.duties import services as duties
from linbao.duties.models import HandOver, Obligation, Shift
from linbao.emergencies import alarms
from linbao.emergencies.models import Alarm, UrgentReport
from linbao.items import services as item_services
from linbao.items.imports import services as importing
from linbao.items.inputs import UrgentReason
from linbao.items.models import Item
from linbao.organisation.models import RoleGrant, Unit, User
from linbao.outbox.models import Delivery, Notice
from linbao.platform.reference import Reference
from linbao.review import services as review
from linbao.review.inputs import Merge, ReturnItem
from tests.loop import TUESDAY, Town, build


@pytest.fixture(autouse=True)
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def town(db: Any) -> Town:
    return build()


DETAILS = {
    "course": "9时50分电动自行车充电时起火，保安用灭火器扑救。",
    "casualties": {"dead": 0, "injured": 1, "missing": 0},
    "present_state": "in_progress",
    "measures_taken": "已断电并疏散住户。",
    "reported_to": ["fire", "medical"],
}


def fire(town: Town, **changes: Any) -> dict[str, Any]:
    """A fire as a reporter files it by the ordinary way."""
    now = clock.now()
    return {
        "category": "event",
        "subcategory": "fire",
        "title": "7栋地下车库起火",
        "narrative": "7栋地下车库充电区冒烟起火，烟气进入楼道。",
        "occurred_at": (now - timedelta(minutes=6)).isoformat(),
        "seen_at": (now - timedelta(minutes=3)).isoformat(),
        "place": {"text": "7栋地下车库"},
        "grid": town.grid.code,
        "source": {"method": "patrol"},
        "key_points": ["车库起火"],
        "details": DETAILS,
        "parties": [{"role": "victim", "name": "王建国", "phone": "13812341234"}],
        "urgent": True,
        **changes,
    }


def post(town: Town, name: str, path: str, body: Any = None) -> Any:
    return _api(town, name, "post", path, body)


def _api(town: Town, name: str, method: str, path: str, body: Any = None) -> Any:
    sent: dict[str, Any] = {} if method == "get" else {"content_type": "application/json", "data": body or {}}
    return getattr(Client(), method)(f"/api/v1{path}", **sent, **town.token(name))


def by_api(town: Town) -> Any:
    answer = post(town, "reporter", "/items", {**fire(town), "status": "submitted"})
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()["id"]


def by_api_in_two_steps(town: Town) -> Any:
    made = post(town, "reporter", "/items", fire(town)).json()["id"]
    assert not UrgentReport.objects.exists()  # a draft rings nobody
    assert post(town, "reporter", f"/items/{made}/submit").status_code == 200
    return made


def by_batch(town: Town) -> Any:
    other = fire(town, urgent=False, title="路灯不亮", subcategory="road")
    answer = post(town, "reporter", "/items/batch", {"items": [{**fire(town), "status": "submitted"}, other]}).json()
    assert answer["created"] == 2, answer
    return answer["results"][0]["id"]


def by_offline_queue(town: Town) -> Any:
    """As the phone sends what waited: the draft by its own id, then the submission with its true time."""
    made = ids.new()
    post(town, "reporter", "/items", {"id": str(made), **fire(town)})
    sent = {"reported_at": (clock.now() - timedelta(minutes=1)).isoformat()}
    assert post(town, "reporter", f"/items/{made}/submit", sent).status_code == 200
    return made


def by_form(town: Town) -> Any:
    made = ids.new()
    details = fire(town)
    form = {
        "category": "event",
        "version": "0",
        "subcategory": "event.fire",
        "title": details["title"],
        "narrative": details["narrative"],
        "occurred_at": details["occurred_at"],
        "seen_at": details["seen_at"],
        "place.text": "7栋地下车库",
        "grid": str(town.grid.pk),
        "source.method": "patrol",
        "key_points.asked": "1",
        "key_points": "车库起火",
        "sensitivity": "internal",
        "urgent.asked": "1",
        "urgent": "on",
        "details.course": DETAILS["course"],
        "details.casualties.dead": "0",
        "details.casualties.injured": "1",
        "details.casualties.missing": "0",
        "details.present_state": "in_progress",
        "details.measures_taken": DETAILS["measures_taken"],
        "details.reported_to.asked": "1",
        "details.reported_to": ["fire", "medical"],
        "parties.asked": "1",
        "parties.role": "victim",
        "parties.name": "王建国",
        "parties.phone": "13812341234",
        "action": "submit",
    }
    page = town.browser("reporter").post(f"/items/{made}/edit", form, follow=True)
    message = page.content.decode()
    assert "请马上打电话" in message and "我已打电话" in message  # the form leads over to the call
    assert Item.objects.get(pk=made).details["reported_to"] == ["fire", "medical"]
    return made


def by_file(town: Town) -> Any:
    path = Path("/tmp") / f"{ids.new()}.csv"
    now = clock.local(clock.now()).strftime("%Y-%m-%d %H:%M")
    path.write_text(
        f"编号,内容,时间,地点\n1,荷塘里3号楼道起火冒烟请速来,{now},荷塘里3号\n2,路灯不亮好几天了,{now},荷塘里4号\n",
        "utf-8",
    )
    report = importing.run(path, community=town.community.pk, user=town.manager)
    path.unlink()
    assert (report.filed, report.urgent, report.urgent_past) == (2, 1, 0)
    return Item.objects.get(title__contains="起火").pk


def later_by(name: str) -> Callable[[Town], Any]:
    def mark(town: Town) -> Any:
        made = town.submitted()
        page = town.browser(name).post(
            f"/items/{made.pk}/urgent", {"urgent": "1", "reason": "味道越来越重"}, follow=True
        )
        assert "已标为紧急" in page.content.decode()
        return made.pk

    return mark


WAYS: dict[str, Callable[[Town], Any]] = {
    "api": by_api,
    "api in two steps": by_api_in_two_steps,
    "batch": by_batch,
    "offline queue": by_offline_queue,
    "form": by_form,
    "file": by_file,
    "later by its reporter": later_by("reporter"),
    "later by a reviewer": later_by("reviewer"),
    "later by the manager": later_by("manager"),
}


@pytest.mark.clause("2.3.2", "4.2.1")
@pytest.mark.parametrize("way", WAYS)
def test_every_way_into_urgent_opens_call_hour_alarm_and_duty_desk(town: Town, way: str) -> None:
    item = Item.objects.get(pk=WAYS[way](town))
    assert item.urgent and item.status == "submitted"
    report = UrgentReport.objects.open().get()
    assert (report.item_id, report.pk) == (item.pk, item.pk)
    call = Obligation.objects.get(kind="urgent_call", subject_id=report.pk)
    hour = Obligation.objects.get(kind="urgent_written", subject_id=report.pk)
    assert call.owner_id == hour.owner_id == item.reporter_id
    assert call.due_at - report.seen_at == timedelta(minutes=15)
    assert hour.due_at - call.due_at == timedelta(hours=1)
    alarm = Alarm.objects.get(report=report, reason="opened")
    assert alarm.calls.count() == 1
    assert Notice.objects.filter(kind="alarm", user=alarm.calls.get().person).count() == 1
    desk = town.browser("manager").get("/duty/").content.decode()
    assert "签收：紧急情况" in desk and "还没有电话报告" in desk and "1 起" in desk
    review_duty = Obligation.objects.get(kind="review", subject_id=item.pk)
    assert review_duty.due_at - clock.now() <= timedelta(hours=1)


@pytest.mark.clause("4.2.1")
def test_the_hour_runs_from_the_call_and_without_one_it_still_runs_out(
    town: Town, time: time_machine.Traveller
) -> None:
    report = UrgentReport.objects.get(pk=by_api(town))
    time.shift(timedelta(minutes=5))
    assert town.browser("reporter").post(f"/report/urgent/{report.pk}/call").status_code == 302
    report.refresh_from_db()
    assert report.called_at is not None
    hour = Obligation.objects.get(kind="urgent_written", subject_id=report.pk)
    assert hour.due_at - report.called_at == timedelta(hours=1)
    silent = UrgentReport.objects.get(pk=by_api(town))
    time.shift(timedelta(minutes=16))
    duties.tick()
    assert Notice.objects.filter(kind="urgent_call.escalate_leader", subject_id=silent.pk).exists()
    time.shift(timedelta(minutes=62))
    duties.tick()
    alarms.tick()
    assert Alarm.objects.filter(report=silent, reason="overdue").exists()
    assert Notice.objects.filter(kind="urgent_written.escalate_manager", user=town.manager).exists()


@pytest.mark.clause("2.3.2")
def test_history_that_is_imported_rings_nobody_and_is_counted(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_text(
        (
            "编号,内容,时间,紧急\n1,三年前老楼起火的处理,2023-05-01"
            " 10:00,是\n2,楼道起火没有时间,,是\n3,昨夜漏水,2026-11-24 08:00,否\n"
        ),
        "utf-8",
    )
    report = importing.run(file, community=town.community.pk, user=town.manager)
    assert (report.filed, report.urgent, report.urgent_past) == (3, 0, 2)
    assert report.as_dict()["urgent_past"] == 2
    assert not UrgentReport.objects.exists() and not Alarm.objects.exists()
    assert not Item.objects.filter(urgent=True).exists()


@pytest.mark.clause("2.3.2")
def test_many_at_once_cost_few_statements_and_go_out_as_one_message(town: Town, time: time_machine.Traveller) -> None:
    def file(count: int) -> int:
        bodies = [(None, fire(town, title=f"{n}号楼起火"), True) for n in range(count)]
        with CaptureQueriesContext(connection) as raised:
            item_services.create_many(town.reporter, bodies)
        return len(raised)

    file(2)
    few, many = file(2), file(30)
    assert many <= few + 4
    assert UrgentReport.objects.count() == Alarm.objects.count() == 34
    assert Notice.objects.filter(kind="alarm").count() == 3  # one for each sending, not one for each emergency
    assert "等 30 起" in Notice.objects.filter(kind="alarm").order_by("-created_at")[0].text
    time.shift(timedelta(minutes=6))
    before = Notice.objects.filter(kind="alarm").count()
    alarms.tick()
    assert Notice.objects.filter(kind="alarm").count() == before + 3


@pytest.mark.clause("2.3.2", "4.3.1")
def test_only_the_department_finds_it_not_urgent_with_a_reason_and_all_ends(town: Town) -> None:
    made = by_api(town)
    refused = post(town, "reporter", f"/items/{made}/urgent", {"urgent": False, "reason": "填错了"})
    assert refused.status_code == 403
    assert post(town, "reviewer", f"/items/{made}/urgent", {"urgent": False, "reason": ""}).status_code == 422
    review.return_(
        town.reviewer, made, ReturnItem(findings=[{"field": "title", "check": "accuracy", "words": "请核实"}])
    )
    unset = _api(town, "reporter", "patch", f"/items/{made}", {"urgent": False})
    assert unset.status_code == 422 and "urgent" in unset.json()["fields"]
    assert post(town, "reporter", f"/items/{made}/submit").status_code == 200
    done = post(town, "reviewer", f"/items/{made}/urgent", {"urgent": False, "reason": "只是烧烤的烟"})
    assert done.status_code == 200 and done.json()["urgent"] is False
    report = UrgentReport.objects.get()
    assert report.end_reason == "unmarked" and not UrgentReport.objects.open().exists()
    assert not Obligation.objects.open().filter(kind__in=("urgent_call", "urgent_written")).exists()
    assert not Alarm.objects.filter(acknowledged_at=None).exists()
    assert "没有紧急情况" in town.browser("manager").get("/duty/").content.decode()
    # And urgent after all: all of it again, the first time stays on record.
    assert post(town, "manager", f"/items/{made}/urgent", {"urgent": True, "reason": "复燃"}).status_code == 200
    assert UrgentReport.objects.open().count() == 1
    assert Obligation.objects.open().filter(kind="urgent_call").count() == 1
    assert Alarm.objects.filter(acknowledged_at=None).count() == 1 and Alarm.objects.count() == 2


@pytest.mark.clause("2.3.2")
def test_a_withdrawn_emergency_needs_its_reason_and_ends_and_a_merged_one_goes_on_in_the_other(town: Town) -> None:
    first = by_api(town)
    assert town.browser("reporter").post(f"/items/{first}/withdraw", {"reason": "是演练"}).status_code == 302
    assert UrgentReport.objects.get(pk=first).end_reason == "withdrawn"
    one, other = by_api(town), by_api(town)
    review.merge(
        town.reviewer, Item.objects.get(pk=one).pk, Merge(into=Item.objects.get(pk=other).pk, reason="同一处起火")
    )
    merged = UrgentReport.objects.get(pk=one)
    assert str(merged.joined_to_id) == str(other) and not merged.is_open
    assert list(UrgentReport.objects.open().values_list("pk", flat=True)) == [Item.objects.get(pk=other).pk]
    assert not Obligation.objects.open().filter(kind="urgent_call", subject_id=one).exists()
    assert not Alarm.objects.filter(report=merged, acknowledged_at=None).exists()
    called = post(town, "reporter", "/emergencies", {"kind": "fire", "place": "3栋", "called": True}).json()["id"]
    assert post(town, "reporter", f"/items/{called}/withdraw").status_code == 422  # a call was made: not without a word
    assert UrgentReport.objects.get(pk=called).is_open


@pytest.mark.clause("2.3.2", "1.3.2")
def test_found_urgent_later_the_short_limits_hold(town: Town) -> None:
    item = town.assigned()
    before = Obligation.objects.get(kind="handle", subject_id=item.pk).due_at
    item_services.mark_urgent(town.manager, item.pk, UrgentReason(reason="墙体开裂加剧"))
    duty = Obligation.objects.get(kind="handle", subject_id=item.pk)
    item.refresh_from_db()
    assert duty.due_at < before and duty.due_at == item.due_at
    assert item.due_at - clock.now() <= timedelta(hours=24)
    assert UrgentReport.objects.get().seen_at - clock.now() < timedelta(seconds=5)  # the call is owed from now
    assert [e.verb for e in item.timeline.all()][-1] == "mark_urgent"


@pytest.mark.clause("1.3.2", "2.3.2")
def test_a_reminder_whose_moment_lies_before_the_duty_began_is_sent_at_once_and_once(
    town: Town, time: time_machine.Traveller
) -> None:
    item = by_api(town)  # the review is due in an hour; its reminder is two hours before
    Notice.objects.all().delete()
    duties.tick()
    duties.tick()
    reminded = Notice.objects.filter(kind="review.remind", subject_id=item)
    assert sorted(reminded.values_list("user__username", flat=True)) == ["reviewer", "reviewer2"]
    ordinary = town.submitted()
    duties.tick()
    assert not Notice.objects.filter(kind="review.remind", subject_id=ordinary.pk).exists()  # not yet
    time.shift(timedelta(minutes=61))
    duties.tick()
    assert Notice.objects.filter(kind="review.escalate_manager", subject_id=item, user=town.manager).count() == 1


@pytest.mark.clause("1.3.4", "2.3.2")
@pytest.mark.parametrize("level", ["sensitive", "confidential"])
def test_alarms_name_a_sensitive_matter_by_its_number_and_mails_by_its_category(town: Town, level: str) -> None:
    User.objects.filter(username__in=("manager", "manager2")).update(email="desk@example.cn")
    named = [str(town.people["reviewer"].pk)] if level == "confidential" else []
    made = post(
        town,
        "reporter",
        "/items",
        {**fire(town, sensitivity=level, named=named, title="王家二楼自焚未遂"), "status": "submitted"},
    )
    assert made.status_code == 201, made.content.decode()
    number = made.json()["number"]
    for message in [
        *Notice.objects.values_list("text", flat=True),
        *Obligation.objects.values_list("title", flat=True),
    ]:
        assert "自焚" not in message
    assert number in Notice.objects.get(kind="alarm").text
    mail = Delivery.objects.get(channel="mail")
    assert mail.subject == "【紧急】社区事件，请立即签收" and "自焚" not in mail.body and number in mail.body
    desk = town.browser("manager").get("/duty/").content.decode()
    assert "自焚" not in desk and number in desk
    seen = town.browser("manager").get(f"/report/urgent/{made.json()['id']}/").status_code
    assert seen == (404 if level == "confidential" else 200)
    assert town.browser("reviewer").get(f"/report/urgent/{made.json()['id']}/").status_code == 200


@pytest.mark.clause("2.3.2", "5.2.1")
def test_today_statistics_desk_and_interface_count_the_same_open_emergencies(town: Town) -> None:
    by_api(town)
    post(town, "reporter", "/emergencies", {"kind": "fire", "place": "3栋", "called": True})  # its item is a draft yet
    ended = by_api(town)
    post(town, "reviewer", f"/items/{ended}/urgent", {"urgent": False, "reason": "演练"})
    manager = town.browser("manager")
    assert UrgentReport.objects.open().count() == 2
    assert "2 起" in manager.get("/duty/").content.decode()
    for page in ("/", "/stats/"):
        message = manager.get(page).content.decode()
        tile = message[message.index("紧急未终报") - 400 : message.index("紧急未终报") + 400]
        assert ">2<" in tile.replace(" ", ""), page
    answer = _api(town, "manager", "get", "/emergencies?state=open")
    assert len(answer.json()["emergencies"]) == 2


# --- several communities ---------------------------------------------------------------------------

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[104.0, 30.0], [104.1, 30.0], [104.1, 30.1], [104.0, 30.1], [104.0, 30.0]]],
}
BESIDE = {
    "type": "Polygon",
    "coordinates": [[[104.2, 30.0], [104.3, 30.0], [104.3, 30.1], [104.2, 30.1], [104.2, 30.0]]],
}


@pytest.fixture
def two(town: Town) -> Town:
    """Reporter, reviewer and manager work in both communities."""
    Unit.objects.filter(pk=town.grid.pk).update(outline=SQUARE)
    Unit.objects.filter(pk=town.elsewhere.pk).update(duty_phone="02887654321")
    town.__dict__["grid2"] = Unit.objects.create(
        kind="grid", code="510104017004001", name="银杏网格", parent=town.elsewhere, outline=BESIDE
    )
    for name, unit in (("reporter", town.__dict__["grid2"]), ("manager", town.elsewhere), ("reviewer", town.elsewhere)):
        RoleGrant.objects.create(user=town.people[name], role=name, unit=unit, starts="2026-01-01")
    for reference in Reference.all.values():
        reference.drop()
    return town


@pytest.mark.clause("2.3.2")
def test_the_community_follows_from_point_or_desk_and_is_asked_else(two: Town) -> None:
    asked = post(two, "reporter", "/emergencies", {"kind": "fire", "place": "3栋"})
    assert asked.status_code == 422 and set(asked.json()["fields"]) == {"community"}
    there = {"kind": "fire", "place": {"text": "3栋", "lat": 30.05, "lon": 104.25}}
    made = post(two, "reporter", "/emergencies", there).json()
    assert (made["community"], made["grid"]) == (two.elsewhere.code, two.__dict__["grid2"].code)
    assert UrgentReport.objects.get(pk=made["id"]).community_id == two.elsewhere.pk
    page = two.browser("reporter").get("/report/urgent").content.decode()
    assert "在哪个社区" in page and "028-87654321" in page
    details = {"do": "called", "community": str(two.elsewhere.pk), "kind": "", "place": ""}
    assert two.browser("reporter").post("/report/urgent", details).status_code == 302
    outside = {"do": "called", "community": str(ids.new())}
    assert two.browser("reporter").post("/report/urgent", outside).status_code == 422


@pytest.mark.clause("2.3.2", "5.3.1")
def test_desk_roster_and_notes_serve_every_community(two: Town) -> None:
    for code in (two.community.code, two.elsewhere.code):
        post(two, "reporter", "/emergencies", {"kind": "fire", "place": f"{code}起火", "community": code})
    manager = two.browser("manager")
    desk = manager.get("/duty/").content.decode()
    assert f"{two.community.code}起火" in desk and f"{two.elsewhere.code}起火" in desk and "2 起" in desk
    one = manager.get(f"/duty/?unit={two.elsewhere.pk}").content.decode()
    assert f"{two.community.code}起火" not in one and f"{two.elsewhere.code}起火" in one and "1 起" in one
    assert two.browser("manager2").get(f"/duty/?unit={two.elsewhere.pk}").status_code == 403
    start = clock.local(clock.now(), "Asia/Shanghai") + timedelta(hours=1)
    shift = {
        "person": str(two.people["reviewer"].pk),
        "starts": start.strftime("%Y-%m-%dT%H:%M"),
        "ends": (start + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M"),
    }
    assert manager.post("/duty/roster", shift).status_code == 422  # which of the two?
    for unit in (two.community, two.elsewhere):
        later = shift if unit is two.community else shift | {"person": str(two.people["manager"].pk)}
        assert manager.post("/duty/roster", later | {"unit": str(unit.pk)}).status_code == 302
    assert set(Shift.objects.values_list("unit_id", flat=True)) == {two.community.pk, two.elsewhere.pk}
    roster = manager.get("/duty/roster").content.decode()
    assert two.community.name in roster and two.elsewhere.name in roster
    manager.post("/duty/notes", {"unit": str(two.elsewhere.pk), "note": "银杏社区电梯维修"})
    manager.post("/duty/notes", {"note": "没说哪个社区"})
    assert [(n.unit_id, n.note) for n in HandOver.objects.all()] == [(two.elsewhere.pk, "银杏社区电梯维修")]


@pytest.mark.clause("2.1.1")
def test_activities_and_items_stand_where_they_happened(two: Town) -> None:
    visit = {"kind": "visit", "starts_at": clock.now().isoformat(), "place": "3栋"}
    asked = post(two, "reporter", "/activities", visit)
    assert asked.status_code == 422 and set(asked.json()["fields"]) == {"community"}
    assert post(two, "reporter", "/activities", visit | {"grid": two.__dict__["grid2"].code}).status_code == 201
    assert post(two, "reporter", "/activities", visit | {"community": two.community.code}).status_code == 201
    page = two.browser("reporter").get("/activities/new").content.decode()
    assert "随所选网格" in page
    form = two.browser("reporter").get("/report/new/event").content.decode()
    chosen = form[form.index('name="grid"') :].partition("</select>")[0]
    assert "selected" not in chosen  # two grids: neither is taken for the person
    point = fire(two, grid=None, place={"text": "3栋", "lat": 30.05, "lon": 104.25})
    made = post(two, "reporter", "/items", {**point, "status": "submitted"})
    assert made.status_code == 201, made.content.decode()
    assert made.json()["grid"] == two.__dict__["grid2"].code
    assert Item.objects.get(pk=made.json()["id"]).community_id == two.elsewhere.pk
