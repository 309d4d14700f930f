"""Emergencies through the interface and the department's own log of calls: nothing that nobody told (3.2, 4.2.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from PIL import Image

from linbao.core import clock, ids
from linbao.duties import roster
from linbao.duties.inputs import AddShift
from linbao.duties.models import Obligation, State
from linbao.emergencies import document
from linbao.emergencies.models import Alarm, UrgentReport, WrittenDraft
from linbao.items.models import Item
from linbao.organisation.models import Unit
from linbao.outbox.models import Notice
from linbao.platform.reference import Reference
from tests.emergencies.test_urgent_paths import SQUARE, _api, post
from tests.loop import TUESDAY, Town, build


@pytest.fixture(autouse=True)
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def town(db: Any) -> Town:
    return build()


WRITTEN = {
    "place": "7栋地下车库",
    "grid": "510104017003001",
    "source": "patrol",
    "level": "larger",
    "course": "电动自行车充电时起火，烟气进入1单元，保安用灭火器扑救。",
    "parties": [{"role": "victim", "name": "王建国", "phone": "13812341234"}],
    "casualties": {"dead": 1, "injured": 2, "missing": 0},
    "scope": {"persons": 60, "households": 24},
    "loss": 3000,
    "impact": "1单元楼道有烟。",
    "measures": "已拨打119和120，断电。",
    "reported_to": ["fire", "medical", "police"],
    "present_state": "in_progress",
    "present": "明火已扑灭。",
    "help": "请派人排查其他充电桩。",
    "version": 1,
}


def opened(town: Town, **more: Any) -> dict[str, Any]:
    now = clock.now()
    body = {
        "id": str(ids.new()),
        "kind": "fire",
        "place": {"text": "7栋地下车库"},
        "seen_at": (now - timedelta(minutes=4)).isoformat(),
        "called_at": (now - timedelta(minutes=2)).isoformat(),
        "answered_by": "值班员小周",
        "called_number": "02812345678",
        **more,
    }
    answer = post(town, "reporter", "/emergencies", body)
    assert answer.status_code == 201, answer.content.decode()
    return dict(answer.json())


def written(**more: Any) -> dict[str, Any]:
    return WRITTEN | {"occurred_at": (clock.now() - timedelta(minutes=8)).isoformat()} | more


@pytest.mark.clause("2.3.2", "4.2.1")
def test_an_emergency_from_the_call_to_the_final_report(town: Town, time: time_machine.Traveller) -> None:
    made = opened(town)
    assert made["state"] == "called" and {d["kind"] for d in made["duties"]} == {"urgent_call", "urgent_written"}
    where = f"/emergencies/{made['id']}"
    assert post(town, "reporter", f"{where}/follow-up", {"changed": "早了", **written()}).status_code == 409
    empty = post(town, "reporter", f"{where}/written", {})
    assert empty.status_code == 422 and empty["Content-Type"] == "application/problem+json"
    assert {
        "occurred_at",
        "course",
        "impact",
        "measures",
        "present",
        "present_state",
        "help",
        "level",
        "grid",
        "source",
        "parties",
        "casualties.dead",
        "casualties.injured",
        "casualties.missing",
    } == set(empty.json()["fields"])
    sent = written()
    for _again in range(2):  # the answer was lost: the same once more
        done = post(town, "reporter", f"{where}/written", sent)
        assert done.status_code == 200, done.content.decode()
    assert done.json()["version"] == 1 and done.json()["item_status"] == "submitted"
    assert post(town, "reporter", f"{where}/written", sent | {"course": "另一种说法，另一种说法。"}).status_code == 409
    item = Item.objects.get(pk=made["item"])
    assert item.details["casualties"] == {"dead": 1, "injured": 2, "missing": 0}
    assert item.details["reported_to"] == ["police", "fire", "medical"] and item.source == "patrol"
    assert item.details["scope"] == {"persons": 60, "households": 24}
    assert not item.details.get("none_involved") and item.parties.get().name == "王建国"
    content = UrgentReport.objects.get().versions.get().content
    assert content["parties"] == [{"role": "victim", "name": "王*", "phone": "138****1234"}]  # masked where it is kept
    time.shift(timedelta(hours=1))
    more = post(
        town, "reporter", f"{where}/follow-up", {"changed": "伤者已送医", "casualties": {"injured": 3}, "version": 2}
    )
    assert more.status_code == 200, more.content.decode()
    assert more.json()["versions"][1]["content"]["injured"] == 3 and more.json()["versions"][1]["content"]["dead"] == 1
    last = post(town, "reporter", f"{where}/final", {"changed": "处置完毕", "present_state": "subsided"})
    assert last.json()["state"] == "finished"
    assert not Obligation.objects.open().filter(subject_id=made["id"], kind__startswith="urgent_").exists()
    message = str(document.document(UrgentReport.objects.get().versions.all()[0]))
    for raised in ("受害人王*（138****1234）", "死亡 1 人，受伤 2 人", "涉及 60 人", "已报告：公安、消防、急救"):
        assert raised in message, raised
    assert "无涉及人员" not in message and "王建国" not in message


@pytest.mark.clause("2.3.2")
def test_the_same_id_is_the_same_emergency_and_another_body_is_refused(town: Town) -> None:
    body = {"id": str(ids.new()), "kind": "theft", "place": "3栋", "called_at": clock.now().isoformat()}
    first, again = (post(town, "reporter", "/emergencies", body) for _n in range(2))
    assert first.status_code == again.status_code == 201 and first.json()["id"] == again.json()["id"] == body["id"]
    assert UrgentReport.objects.count() == Alarm.objects.count() == Item.objects.count() == 1
    assert post(town, "reporter", "/emergencies", body | {"place": "4栋"}).status_code == 409
    assert post(town, "reporter2", "/emergencies", body).status_code == 409
    errors = post(town, "reporter", "/emergencies", {"kind": "dragon", "place": "x" * 201, "level": "x"})
    assert set(errors.json()["fields"]) == {"kind", "place", "level"}
    assert set(post(town, "reporter", "/emergencies", {}).json()["fields"]) == {"kind", "place"}
    assert post(town, "reporter", "/emergencies", {"kind": "fire", "place": "3栋", "colour": 1}).status_code == 422


@pytest.mark.clause("2.3.2")
def test_emergencies_are_listed_by_cursor_and_signed_for(town: Town) -> None:
    mine = [opened(town)["id"] for _n in range(3)]
    page = _api(town, "manager", "get", "/emergencies?limit=2").json()
    rest = _api(town, "manager", "get", f"/emergencies?limit=2&cursor={page['next']}").json()
    assert [r["id"] for r in [*page["emergencies"], *rest["emergencies"]]] == mine[::-1] and rest["next"] is None
    assert _api(town, "stranger", "get", "/emergencies").json()["emergencies"] == []
    assert post(town, "stranger", f"/emergencies/{mine[0]}/acknowledge").status_code == 404
    signed = post(town, "manager", f"/emergencies/{mine[0]}/acknowledge").json()
    assert signed["alarms"][0]["acknowledged_by"] == "manager"
    assert (
        post(town, "manager2", f"/emergencies/{mine[0]}/acknowledge").json()["alarms"][0]["acknowledged_by"]
        == "manager"
    )


@pytest.mark.clause("4.2.1", "2.3.2")
def test_a_call_is_recorded_while_kind_and_place_are_empty_and_they_follow(town: Town) -> None:
    browser = town.browser("reporter")
    page = browser.post("/report/urgent", {"do": "called", "kind": "", "place": ""}, follow=True).content.decode()
    assert "电话已记下，请补充" in page
    report = UrgentReport.objects.get()
    assert report.called_at is not None and (report.kind, report.item.place, report.level) == ("", "", "")
    assert Alarm.objects.count() == 1
    Notice.objects.all().delete()
    assert browser.post(f"/report/urgent/{report.pk}/complete", {"kind": "gas", "place": "3栋"}).status_code == 422
    assert UrgentReport.objects.get().kind == ""  # no such kind: nothing changed
    browser.post(f"/report/urgent/{report.pk}/complete", {"kind": "public_health", "place": "3栋102"})
    report.refresh_from_db()
    report.item.refresh_from_db()
    assert (report.kind, report.item.subcategory, report.item.title) == (
        "public_health",
        "event.public_health",
        "3栋102公共卫生",
    )
    assert "3栋102公共卫生" in Notice.objects.get(kind="alarm").text  # whoever was told hears where
    assert Obligation.objects.get(kind="urgent_written").title == "3栋102公共卫生"


@pytest.mark.clause("3.2", "4.2.1")
def test_nothing_is_filled_in_that_nobody_told(town: Town) -> None:
    Unit.objects.filter(pk=town.grid.pk).update(outline=SQUARE)
    for reference in Reference.all.values():
        reference.drop()
    item = Item.objects.get(pk=opened(town)["item"])
    assert (item.source, item.grid_id, item.occurred_at, item.details) == ("", None, None, {})
    inside = opened(town, place={"text": "3栋", "lat": 30.05, "lon": 104.05})
    assert inside["grid"] == town.grid.code and inside["missing"] == ["source"]  # the grid follows from the point
    where = f"/emergencies/{inside['id']}/written"
    hurt = post(town, "reporter", where, written(none_involved=True, parties=[]))
    assert set(hurt.json()["fields"]) == {"none_involved"}  # one dead, two injured
    both = post(
        town, "reporter", where, written(none_involved=True, casualties={"dead": 0, "injured": 0, "missing": 0})
    )
    assert set(both.json()["fields"]) == {"none_involved"}
    nobody = post(town, "reporter", where, written(parties=[]))
    assert set(nobody.json()["fields"]) == {"parties"}
    phone = post(town, "reporter", where, written(parties=[{"role": "victim", "name": "王", "phone": "12"}]))
    assert set(phone.json()["fields"]) == {"parties.0.phone"}
    late = post(town, "reporter", where, written(occurred_at=(clock.now() - timedelta(minutes=1)).isoformat()))
    assert set(late.json()["fields"]) == {"occurred_at"}  # after it was seen
    none = written(none_involved=True, parties=[], casualties={"dead": 0, "injured": 0, "missing": 0}, grid=None)
    assert post(town, "reporter", where, none).status_code == 200
    done = Item.objects.get(pk=inside["item"])
    assert done.details["none_involved"] is True and done.grid_id == town.grid.pk


@pytest.mark.clause("3.2")
@pytest.mark.parametrize("kind", ["hazard", "dispute", "public_health", "accident", "other"])
def test_every_kind_is_written_and_a_hazard_or_dispute_says_which(town: Town, kind: str) -> None:
    made = opened(town, kind=kind)
    answer = post(town, "reporter", f"/emergencies/{made['id']}/written", written())
    if kind in ("hazard", "dispute"):
        assert set(answer.json()["fields"]) == {"subcategory"}
        narrow = {"hazard": "gas", "dispute": "neighbour"}[kind]
        answer = post(town, "reporter", f"/emergencies/{made['id']}/written", written(subcategory=narrow))
    assert answer.status_code == 200, answer.content.decode()
    expected = {"hazard": "gas", "dispute": "neighbour", "other": "emergency_other"}.get(kind, kind)
    assert Item.objects.get().subcategory == f"event.{expected}"


# --- the department's log --------------------------------------------------------------------------


@pytest.mark.clause("2.3.2", "4.2.1")
def test_the_department_logs_the_call_of_a_reporter_who_then_owes_the_written_report(town: Town) -> None:
    desk = town.browser("manager")
    form = desk.get("/duty/call").content.decode()
    assert "登记来电" in form and "不是报告员" in form
    local = clock.local(clock.now() - timedelta(minutes=3), "Asia/Shanghai").strftime("%Y-%m-%dT%H:%M")
    data = {
        "id": str(ids.new()),
        "reporter": str(town.people["reporter"].pk),
        "kind": "fire",
        "place": "7栋",
        "called_at": local,
        "answered_by": "manager",
        "narrative": "车库起火",
    }
    page = desk.post("/duty/call", data, follow=True).content.decode()
    assert "已登记来电" in page and "由manager登记" in page
    report = UrgentReport.objects.get()
    assert report.reporter == town.people["reporter"] and report.call_logged_by == town.people["manager"]
    assert report.item.status == "draft" and report.item.source == ""  # how he knew is his to say
    hour = Obligation.objects.get(kind="urgent_written")
    assert hour.owner == town.people["reporter"] and report.called_at is not None
    assert hour.due_at - report.called_at == timedelta(hours=1)
    assert Obligation.objects.get(kind="urgent_call").state == State.MET
    assert Notice.objects.filter(kind="urgent.logged", user=town.people["reporter"]).count() == 1
    assert post(town, "reporter", f"/emergencies/{report.pk}/written", written()).status_code == 200


@pytest.mark.clause("2.3.2")
def test_a_call_of_somebody_else_is_the_loggers_to_write_and_duty_officers_log_too(town: Town) -> None:
    now = clock.now()
    details = {
        "kind": "accident",
        "place": "路口",
        "received": True,
        "caller": {"name": "李大爷", "phone": "13800138000"},
    }
    assert post(town, "handler", "/emergencies", details).status_code == 403  # stands at no desk
    roster.add_shift(
        town.manager,
        town.community.pk,
        AddShift(person=town.handler.pk, starts=now - timedelta(hours=1), ends=now + timedelta(hours=7)),
    )
    made = post(town, "handler", "/emergencies", details)
    assert made.status_code == 201, made.content.decode()
    report = UrgentReport.objects.get()
    assert report.reporter == report.call_logged_by == town.people["handler"]
    caller = report.item.parties.get()
    assert (caller.role, caller.name, report.item.source) == ("contact", "李大爷", "resident")
    errors = post(
        town, "manager", "/emergencies", details | {"caller": {"name": "李", "phone": "12"}, "reporter": "trainer"}
    )
    assert set(errors.json()["fields"]) == {"caller_phone", "reporter"}
    assert set(post(town, "manager", "/emergencies", details | {"kind": "x"}).json()["fields"]) == {"kind"}
    outside = post(town, "manager", "/emergencies", details | {"community": town.elsewhere.code})
    assert outside.status_code == 403
    answer = post(town, "handler", f"/emergencies/{report.pk}/written", written(source=None, parties=None))
    assert answer.status_code == 200, answer.content.decode()
    assert Item.objects.get().status == "submitted"


@pytest.mark.clause("4.2.1")
def test_the_department_records_the_call_of_an_emergency_that_came_without_one(town: Town) -> None:
    made = post(town, "reporter", "/emergencies", {"kind": "fire", "place": "7栋"}).json()
    assert made["state"] == "opened"
    assert post(town, "reporter2", f"/emergencies/{made['id']}/call").status_code == 404
    done = post(town, "reviewer", f"/emergencies/{made['id']}/call", {"words": "已报119"})
    assert done.status_code == 200 and done.json()["answered_by"] == "reviewer"
    assert UrgentReport.objects.get().call_logged_by == town.people["reviewer"]


# --- the form that saves itself --------------------------------------------------------------------


@pytest.mark.clause("4.2.1", "1.3.4")
def test_the_written_form_keeps_what_was_typed_sealed_and_offers_it_again(town: Town) -> None:
    made = opened(town)
    url = f"/report/urgent/{made['id']}"
    browser = town.browser("reporter")
    typed = {
        "version": "1",
        "stage": "first",
        "course": "写了五段的经过",
        "parties.asked": "1",
        "parties.role": ["victim", "witness"],
        "parties.name": ["王建国", "赵六"],
        "parties.phone": ["13812341234", ""],
        "injured": "2",
        "password": "secret",
        "help": "",
    }
    saved = browser.post(f"{url}/draft", typed)
    assert saved.status_code == 200 and saved.json()["saved_at"]
    row = WrittenDraft.objects.get()
    assert "王建国" in str(row.content) and "secret" not in str(row.content)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM emergencies_writtendraft")
        assert "王建国".encode() not in bytes(cursor.fetchone()[0])
    page = browser.get(f"{url}/write").content.decode()
    for message in ("写了五段的经过", "王建国", "赵六", "已恢复自动保存的内容"):
        assert message in page
    assert town.browser("manager").post(f"{url}/draft", typed).status_code == 403
    assert post(town, "reporter", f"/emergencies/{made['id']}/written", written()).status_code == 200
    assert not WrittenDraft.objects.exists()
    assert browser.post(f"{url}/draft", typed).status_code == 409  # that version stands by now
    offline = browser.get("/report/urgent/write?offline").content.decode()
    assert "data-blank" in offline and "王建国" not in offline and "7栋" not in offline


@pytest.mark.clause("3.2", "4.2.1")
def test_photos_stand_in_the_written_report_and_can_follow_later(town: Town) -> None:
    made = opened(town)
    picture = BytesIO()
    Image.new("RGB", (80, 60), "red").save(picture, "JPEG")

    def add() -> int:
        picture.seek(0)
        picture.name = "现场.jpg"
        return int(
            town.browser("reporter")
            .post(f"/items/{made['item']}/files", {"file": picture}, HTTP_ACCEPT="application/json")
            .status_code
        )

    assert add() == 201
    assert post(town, "reporter", f"/emergencies/{made['id']}/written", written()).status_code == 200
    version = UrgentReport.objects.get().versions.get()
    (photo,) = document.document(version)["photos"]
    assert photo["sha256"] == Item.objects.get().attachments.get().shown
    Item.objects.update(status="handling")
    assert add() == 201  # the follow-up's photo, when the item is handled already
    Item.objects.update(status="closed")
    assert add() == 403


@pytest.mark.clause("6.1.3")
def test_a_form_in_the_place_of_json_is_refused_as_such(town: Town) -> None:
    client = Client(**town.token("manager"))
    for path in ("/api/v1/emergencies", f"/api/v1/emergencies/{ids.new()}/acknowledge"):
        answer = client.post(path, {"file": "x"})  # multipart, as Django's client posts
        assert answer.status_code == 400 and answer["Content-Type"].startswith("application/problem+json"), path
