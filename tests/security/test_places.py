"""Places: who may enter, the door's code, visitors with an escort, refusals, inspections (6.2.3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.duties.models import Obligation
from linbao.security import tasks
from linbao.security.inspections import services as inspections
from linbao.security.inspections.inputs import Inspect
from linbao.security.models import Alert, Entry, Place
from linbao.security.premises import services as places
from linbao.security.premises.inputs import Admit, Enter, PermitEntry, RegisterPlace
from tests.loop import Town


@pytest.fixture
def room(town: Town) -> Place:
    data = RegisterPlace(
        unit=town.community.pk,
        kind="room",
        name="档案室",
        where="二楼东侧",
        contents="调解档案",
        keeper="reviewer",
        active=True,
    )
    return places.register(town.officer, data)


@pytest.mark.clause("6.2.3")
def test_the_code_on_the_door_lets_in_who_may_and_refuses_who_may_not(town: Town, room: Place) -> None:
    places.permit(town.officer, room.pk, PermitEntry(person="handler"))
    door = f"/security/door/{room.code}"
    inside = town.browser("handler")
    assert inside.post(door, {"purpose": "查"}).status_code == 422
    assert inside.post(door, {"purpose": "查调解档案"}).status_code == 302
    assert inside.post(door, {"purpose": "再来一次"}).status_code == 302 and Entry.objects.count() == 1
    assert "登记离开" in inside.get(door).content.decode()
    inside.post(door, {"do": "leave"})
    assert Entry.objects.get().left_at is not None
    outside = town.browser("reporter").post(door, {"purpose": "找材料"})
    assert (
        outside.status_code == 403
        and "您未获准进入" in outside.content.decode()
        and "reviewer" in outside.content.decode()
    )
    assert Entry.objects.filter(refused=True).get().person == town.reporter
    log = town.browser("reviewer").get(f"/security/places/{room.pk}/").content.decode()
    assert "未获准" in log and "找材料" in log
    assert town.browser("reporter").get("/security/door/NOSUCHCODE").status_code == 404


@pytest.mark.clause("6.2.3")
def test_a_permit_ends_at_once(town: Town, room: Place) -> None:
    browser = town.browser("officer")
    assert browser.post(f"/security/places/{room.pk}/permit", {"person": "handler"}).status_code == 302
    permit = room.permits.get()
    assert places.may_enter(town.handler, room)
    browser.post(f"/security/places/{room.pk}/permits/{permit.pk}/end")
    assert not places.may_enter(town.handler, room)
    assert town.browser("reviewer").post(f"/security/places/{room.pk}/permit", {"person": "handler"}).status_code == 403


@pytest.mark.clause("6.2.3")
def test_the_keeper_writes_down_visitors_who_have_an_escort(town: Town, room: Place) -> None:
    keeper, here = town.browser("reviewer"), f"/security/places/{room.pk}/admit"
    data = {"visitor": "街道林老师", "escort": "reporter", "purpose": "指导归档"}
    alone = keeper.post(here, data)
    assert (
        alone.status_code == 422
        and "获准进入的人员陪同" in alone.content.decode()
        and 'value="街道林老师"' in alone.content.decode()
    )
    assert keeper.post(here, data | {"escort": "reviewer"}).status_code == 302
    row = Entry.objects.get()
    assert (row.visitor, row.escort) == ("街道林老师", town.reviewer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT visitor FROM security_entry")
        assert "林老师".encode() not in bytes(cursor.fetchone()[0])
    keeper.post(f"/security/places/{room.pk}/entries/{row.pk}/out")
    row.refresh_from_db()
    assert row.left_at is not None
    refused = keeper.post(here, {"person": "reporter", "purpose": "借材料"}, follow=True).content.decode()
    assert "请勿放行" in refused and Entry.objects.filter(refused=True, person=town.reporter).exists()
    assert town.browser("handler").get(here).status_code == 404


@pytest.mark.clause("6.2.3")
def test_three_refusals_in_a_day_raise_an_alert(town: Town, room: Place) -> None:
    for n in range(4):
        places.enter(town.reporter, room.code, Enter(purpose=f"第{n}次来"))
        assert Alert.objects.count() == (1 if n >= 2 else 0)
    assert Alert.objects.get().times == 2 and Alert.objects.get().about == town.reporter


@pytest.mark.clause("6.2.3")
def test_places_are_inspected_each_quarter(town: Town, room: Place) -> None:
    tasks.open_duties(0)
    duty = Obligation.objects.get(kind="place_inspection")
    assert duty.owner == town.officer and duty.subject_id == room.pk
    answers = [{"ok": True}] * 3 + [{"ok": False, "remark": "有资料未碎"}]
    inspections.inspect(town.officer, room, Inspect(answers=answers))
    duty.refresh_from_db()
    assert duty.met_at is not None
    assert Obligation.objects.get(kind="finding").owner == town.reviewer  # the keeper
    assert "有资料未碎" in town.browser("reviewer").get("/security/").content.decode()


def test_the_doors_code_is_printed_and_the_log_exported(town: Town, room: Place) -> None:
    places.enter(town.reviewer, room.code, Enter(purpose="归档"))
    keeper = town.browser("reviewer")
    assert "<svg" in keeper.get(f"/security/places/{room.pk}/code").content.decode()
    sheet = keeper.get(f"/security/places/{room.pk}/entries/export?format=csv").getvalue().decode()
    assert "归档" in sheet
    assert town.browser("reporter").get(f"/security/places/{room.pk}/entries/export").status_code == 404


def test_a_place_costs_the_same_for_one_entry_and_thirty(town: Town, room: Place) -> None:
    browser, here = town.browser("officer"), f"/security/places/{room.pk}/"
    places.admit(town.reviewer, room.pk, Admit(visitor="林老师", escort="reviewer", purpose="指导"))
    browser.get(here)
    with CaptureQueriesContext(connection) as one:
        browser.get(here)
    for n in range(40):
        places.admit(town.reviewer, room.pk, Admit(visitor=f"来访{n}", escort="reviewer", purpose="指导"))
    with CaptureQueriesContext(connection) as many:
        page = browser.get(here).content.decode()
    assert len(many) == len(one) <= 11 and page.count("来访：") == 30 and "cursor=" in page


def test_errors_of_a_place_are_shown_beside_the_field(town: Town, room: Place) -> None:
    browser = town.browser("officer")
    data: dict[str, Any] = {
        "unit": str(town.community.pk),
        "kind": "room",
        "name": "档案室",
        "where": "x" * 101,
        "contents": "档案",
        "keeper": "reviewer",
    }
    answer = browser.post("/security/places/new", data)
    assert answer.status_code == 422 and 'id="error-where"' in answer.content.decode()
    answer = browser.post("/security/places/new", data | {"where": "一楼"})
    assert answer.status_code == 422 and "已有同名的场所" in answer.content.decode()
