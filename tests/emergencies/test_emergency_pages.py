"""The emergency's pages: three taps, the written form, the duty desk, the roster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from linbao.core import clock
from linbao.documents.inputs import MakeSeal
from linbao.documents.seals import services as seals
from linbao.duties.models import HandOver, Shift
from linbao.emergencies import alarms, document
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import FileVersion, RecordCall, StartEmergency
from linbao.emergencies.models import Alarm, UrgentReport
from tests.emergencies.test_emergencies import CONTENT
from tests.loop import TUESDAY, Town, build


@pytest.fixture(autouse=True)
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def town(db: Any) -> Town:
    return build()


def typed(**more: Any) -> dict[str, Any]:
    """The written report as the form posts it."""
    people = CONTENT["parties"]
    rows = {f"parties.{k}": [p[k] for p in people] for k in ("role", "name", "phone")}
    asked = {"parties.asked": "1", "reported_to.asked": "1"}
    return {k: v for k, v in CONTENT.items() if k != "parties"} | rows | asked | more


def started(town: Town) -> UrgentReport:
    report = emergencies.start(town.reporter, StartEmergency(kind="fire", place="7栋地下车库"))
    return emergencies.record_call(town.reporter, report.pk, RecordCall())


@pytest.mark.clause("2.3.2", "4.2.1")
def test_three_taps_open_the_record_and_the_hour(town: Town) -> None:
    browser = town.browser("reporter")
    page = browser.get("/report/urgent").content.decode()
    assert "火情" in page
    bad = browser.post("/report/urgent", {"kind": "", "place": "", "narrative": "写了几个字", "do": "later"})
    assert bad.status_code == 422  # without a call it must say what and where
    assert "写了几个字" in bad.content.decode()
    done = browser.post(
        "/report/urgent", {"kind": "fire", "place": "7栋", "do": "called", "called_number": "02812345678"}, follow=True
    )
    assert "一小时内提交书面报告" in done.content.decode()
    report = UrgentReport.objects.get()
    assert report.called_at
    assert report.called_number == "02812345678"
    paper = browser.get("/report/urgent/paper").content.decode()
    assert "紧急情况报告单" in paper


@pytest.mark.clause("4.2.1", "4.2.2")
def test_the_written_form_is_filled_and_keeps_what_was_typed(town: Town) -> None:
    report = started(town)
    browser = town.browser("reporter")
    url = f"/report/urgent/{report.pk}/write"
    assert "7栋地下车库" in browser.get(url).content.decode()
    data = typed(occurred_at="2026-11-24T09:50", stage="first", version="1")
    errors = browser.post(url, data | {"help": ""})
    assert errors.status_code == 422
    assert "保安用灭火器扑救" in errors.content.decode()
    person = town.people["reporter"]
    person.set_password("a-long-enough-password")
    person.save()
    seal = seals.make(None, MakeSeal(kind="unit", name="桂花园", unit=town.community.pk, custodian=person.pk))
    browser = town.browser("reporter")
    refused = browser.post(url, data | {"seal": str(seal.pk), "password": "wrong"})
    assert refused.status_code == 422
    assert "口令不正确" in refused.content.decode()
    assert report.versions.count() == 0
    done = browser.post(url, data | {"seal": str(seal.pk), "password": "a-long-enough-password"}, follow=True)
    assert "书面报告已提交" in done.content.decode()
    made = report.versions.get()
    document.make_document(made.pk)
    page = browser.get(f"/report/urgent/{report.pk}/").content.decode()
    assert "已盖章" in page
    assert browser.get(f"/report/urgent/{report.pk}/1.pdf").content.startswith(b"%PDF")
    assert town.browser("stranger").get(f"/report/urgent/{report.pk}/").status_code == 404


@pytest.mark.clause("2.3.2")
def test_the_desk_shows_what_burns_and_takes_the_signature(town: Town) -> None:
    report = started(town)
    alarm = Alarm.objects.get()
    browser = town.browser("manager")
    page = browser.get("/duty/").content.decode()
    assert report.item.title in page
    assert "签收：紧急情况" in page
    assert browser.get("/duty/alarms").json()["waiting"] == 1
    browser.post(f"/duty/alarms/{alarm.pk}/sign")
    assert browser.get("/duty/alarms").json()["waiting"] == 0
    assert town.browser("trainer").get("/duty/").status_code == 403
    assert town.browser("stranger").post(f"/duty/alarms/{alarm.pk}/sign").status_code == 403


@pytest.mark.clause("2.3.2")
def test_the_roster_and_the_notes_between_shifts(town: Town) -> None:
    browser = town.browser("manager")
    start = clock.local(clock.now(), "Asia/Shanghai") + timedelta(hours=8)
    data = {
        "person": str(town.handler.pk),
        "stand_in": "",
        "starts": start.strftime("%Y-%m-%dT%H:%M"),
        "phone": "13812345678",
    }
    errors = browser.post("/duty/roster", data | {"ends": data["starts"]})
    assert errors.status_code == 422
    assert "13812345678" in errors.content.decode()
    for bad in ("", "昨天", "0001-01-01T00:00"):
        assert browser.post("/duty/roster", data | {"ends": bad}).status_code == 422
    ends = (start + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
    assert browser.post("/duty/roster", data | {"ends": ends}).status_code == 302
    assert browser.post("/duty/roster", data | {"ends": ends}).status_code == 422  # on the roster already
    shift = Shift.objects.get()
    assert town.browser("reviewer").post(f"/duty/roster/{shift.pk}/remove").status_code == 403
    browser.post(f"/duty/roster/{shift.pk}/remove")
    assert not Shift.objects.exists()
    browser.post("/duty/notes", {"note": "7栋电梯维修中"})
    note = HandOver.objects.get()
    town.browser("reviewer").post(f"/duty/notes/{note.pk}/take")
    note.refresh_from_db()
    assert note.taken_by == town.reviewer


def test_the_desk_costs_the_same_with_one_and_with_many(town: Town, django_assert_max_num_queries: Any) -> None:
    browser = town.browser("manager")
    started(town)
    with django_assert_max_num_queries(22):
        browser.get("/duty/")
    for _n in range(10):
        started(town)
    with django_assert_max_num_queries(22):
        browser.get("/duty/")


@pytest.mark.clause("1.3.2", "2.3.2")
def test_the_record_tells_everything_in_order_and_keeps_the_lessons(town: Town, time: time_machine.Traveller) -> None:
    report = started(town)
    time.shift(timedelta(minutes=3))
    alarms.acknowledge(town.manager, Alarm.objects.get().pk)
    time.shift(timedelta(minutes=67))
    emergencies.write(
        town.reporter, report.pk, FileVersion(content=CONTENT | {"occurred_at": report.seen_at.isoformat()})
    )
    url = f"/report/urgent/{report.pk}/record"
    page = town.browser("reporter").get(url).content.decode()
    places = [page.index(message) for message in ("发出警报", "电话报告", "签收", "到期未办", "首报")]
    assert places == sorted(places)
    assert "写复盘" not in page  # the department's to write
    assert town.browser("reporter").post(url, {"went_well": "很快"}).status_code == 403
    manager = town.browser("manager")
    assert manager.post(url, {"went_well": " ", "version": "0"}).status_code == 422
    assert manager.post(url, {"went_well": "电话及时", "measures": "每月演练", "version": "0"}).status_code == 302
    again = town.browser("manager2").post(url, {"went_well": "另一人写的", "version": "0"})
    assert again.status_code == 409 and "另一人写的" in again.content.decode()
    assert "每月演练" in town.browser("reporter").get(url).content.decode()


@pytest.mark.clause("1.3.2", "4.2.1")
def test_timeliness_is_told_in_figures_and_taken_out(
    town: Town, time: time_machine.Traveller, django_assert_max_num_queries: Any
) -> None:
    for minutes in (30, 70):
        report = started(town)
        time.shift(timedelta(minutes=4))
        alarms.acknowledge(town.manager, Alarm.objects.get(report=report).pk)
        time.shift(timedelta(minutes=minutes - 4))
        emergencies.write(
            town.reporter, report.pk, FileVersion(content=CONTENT | {"occurred_at": report.seen_at.isoformat()})
        )
        time.shift(timedelta(days=1))
    manager = town.browser("manager")
    manager.get("/report/urgent/timeliness")
    with django_assert_max_num_queries(9):  # six of any page; reports, alarms, duties
        page = manager.get("/report/urgent/timeliness").content.decode()
    assert "50 分钟" in page  # the median of 30 and 70
    assert "4 分钟" in page and "1 / 2" in page and "2 / 2" in page
    csv = town.browser("manager").get("/report/urgent/timeliness?format=csv").getvalue().decode()
    assert "1 / 2" in csv
    assert "1 / 2" not in town.browser("stranger").get("/report/urgent/timeliness").content.decode()
    assert town.browser("manager").get("/report/urgent/timeliness?since=2026-02-30").status_code == 422


@pytest.mark.clause("2.3.2")
def test_a_refused_or_saved_follow_up_still_asks_what_changed(town: Town) -> None:
    report = started(town)
    browser = town.browser("reporter")
    url = f"/report/urgent/{report.pk}/write"
    assert browser.post(url, typed(occurred_at="2026-11-24T09:50", stage="first", version="1")).status_code == 302
    data = typed(occurred_at="2026-11-24T09:50", stage="follow_up", version="2")
    refused = browser.post(url, data)
    assert refused.status_code == 422 and 'name="changed"' in refused.content.decode()
    emergencies.save_draft(town.reporter, report.pk, data)
    assert 'name="changed"' in browser.get(url).content.decode()
    assert browser.post(url, data | {"changed": "火已扑灭"}).status_code == 302


@pytest.mark.clause("1.3.4", "4.2.1")
def test_a_written_report_goes_out_without_persons(town: Town) -> None:
    report = started(town)
    made = emergencies.write(
        town.reporter,
        report.pk,
        FileVersion(
            content=CONTENT
            | {
                "occurred_at": (TUESDAY - timedelta(minutes=10)).isoformat(),
                "course": "孙伟强受伤，车牌川A·12345，电话 138 5555 0002",
                "parties": [{"role": "victim", "name": "孙伟强", "phone": "13755556666"}],
            }
        ),
    )
    everything = json.dumps([made.content, document.document(made)], ensure_ascii=False)
    assert "孙伟强" not in everything and "12345" not in everything and "5555 0002" not in everything
