"""The emergency's forms on a real phone: the call with nothing filled in, the written report that saves itself
(4.2.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from linbao.core import clock
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import StartEmergency
from linbao.emergencies.models import UrgentReport, UrgentVersion, WrittenDraft
from linbao.items.models import Item
from linbao.organisation.models import Unit
from linbao.platform.reference import Reference
from tests.browser.test_offline import ready
from tests.loop import Town, build

pytestmark = pytest.mark.django_db(transaction=True)
Phone = Callable[..., BrowserContext]
PARAGRAPHS = "第一段\n第二段\n第三段\n第四段\n第五段"


@pytest.fixture
def town(live_server: Any) -> Town:
    made = build()
    Unit.objects.filter(pk=made.community.pk).update(duty_phone="0571-88860017")
    for reference in Reference.all.values():
        reference.drop()
    return made


def call(page: Page) -> None:
    page.evaluate("() => document.querySelector('[data-call]').removeAttribute('href')")  # no telephone in the test
    page.locator("[data-call]").first.click()


def write_everything(page: Page, town: Town) -> None:
    """What the form still lacks of a whole report."""
    local = clock.local(clock.now() - timedelta(minutes=2), "Asia/Shanghai").strftime("%Y-%m-%dT%H:%M")
    page.fill("[name=occurred_at]", local)
    page.select_option("[name=level]", "larger")
    page.select_option("[name=source]", "patrol")
    page.select_option("[name=grid]", str(town.grid.pk))
    page.get_by_role("button", name="无人伤亡（都填 0）").click()
    for name in ("impact", "measures", "present", "help"):
        page.fill(f"[name={name}]", f"{name} 的内容")
    page.select_option("[name=present_state]", "controlled")
    page.get_by_label("消防 119").check()


@pytest.mark.clause("4.2.1", "2.3.2")
def test_a_tap_on_the_call_records_it_while_all_is_empty_and_the_place_is_asked_after(phone: Phone, town: Town) -> None:
    page = ready(phone(town.reporter))
    page.goto("/report/urgent")
    call(page)
    page.wait_for_url("**/report/urgent/*-*/")
    expect(page.get_by_text("电话已记下，请补充")).to_be_visible()
    report = UrgentReport.objects.get()
    assert report.called_at is not None and report.called_number == "0571-88860017" and report.kind == ""
    page.select_option("[name=kind]", "accident")
    page.fill("[name=place]", "东门路口")
    page.get_by_role("button", name="补充", exact=True).click()
    expect(page.get_by_role("heading", name="一小时内提交书面报告")).to_be_visible()
    assert Item.objects.get().title == "东门路口事故"


@pytest.mark.clause("2.3.2")
def test_the_desks_map_shows_the_only_emergency_where_it_is(phone: Phone, town: Town) -> None:
    emergencies.start(
        town.reporter,
        StartEmergency(kind="fire", place={"text": "7栋地下车库", "lat": 30.66, "lon": 104.06}, called=True),
    )
    page = phone(town.manager).new_page()
    page.goto("/duty/")
    pin, view = page.locator(".lb-pin"), page.locator("[data-map] .leaflet-container")
    expect(pin).to_be_visible()
    at, around = pin.bounding_box(), view.bounding_box()
    assert at and around
    assert abs(at["x"] + at["width"] / 2 - around["x"] - around["width"] / 2) < 30
    assert abs(at["y"] + at["height"] / 2 - around["y"] - around["height"] / 2) < 40


@pytest.mark.clause("4.2.1", "1.3.2")
def test_the_written_report_saves_each_stroke_survives_a_reload_without_network_and_is_sent(
    phone: Phone, town: Town
) -> None:
    context = phone(town.reporter)
    page = ready(context)
    report = emergencies.start(town.reporter, StartEmergency(kind="fire", place="7栋地下车库", called=True))
    page.goto(f"/report/urgent/{report.pk}/write")
    page.fill("[name=course]", PARAGRAPHS)
    expect(page.locator("[data-state]")).to_contain_text("已自动保存")
    assert "第五段" in str(WrittenDraft.objects.get().content)
    page.goto(f"/report/urgent/{report.pk}/write")  # as another visit finds it
    expect(page.locator("[name=course]")).to_have_value(PARAGRAPHS)

    context.set_offline(True)
    page.fill("[name='parties.name']", "王建国")
    page.get_by_role("button", name="再加一人").click()
    page.locator("[name='parties.name']").nth(1).fill("赵六")
    expect(page.locator("[data-state]")).to_contain_text("已存在本机")
    page.reload()
    expect(page.locator("[name=course]")).to_have_value(PARAGRAPHS)
    expect(page.locator("[name='parties.name']").nth(1)).to_have_value("赵六")
    assert "王建国" not in page.evaluate("() => JSON.stringify({ ...localStorage })")
    write_everything(page, town)
    page.get_by_role("button", name="提交书面报告").click()
    expect(page.locator("[data-state]")).to_contain_text("联网后自动发送")
    assert not UrgentVersion.objects.exists()

    context.set_offline(False)
    page.goto("/me/")
    expect(page.locator(".lb-queued .lb-badge")).to_have_text("已送达", timeout=20_000)
    version = UrgentVersion.objects.get()
    assert version.content["course"] == PARAGRAPHS and version.content["reported_to"] == ["fire"]
    assert sorted(str(p.name) for p in Item.objects.get().parties.all()) == ["王建国", "赵六"]
    assert version.written_at <= version.entered_at and not WrittenDraft.objects.exists()


@pytest.mark.clause("4.2.1", "1.3.2")
def test_after_a_refusal_a_reload_shows_what_was_typed_last(phone: Phone, town: Town) -> None:
    page = ready(phone(town.reporter))
    report = emergencies.start(town.reporter, StartEmergency(kind="fire", place="7栋地下车库", called=True))
    page.goto(f"/report/urgent/{report.pk}/write")
    page.fill("[name=course]", PARAGRAPHS)
    page.get_by_role("button", name="提交书面报告").click()
    expect(page.locator(".lb-alert.lb-bad").first).to_be_visible()
    expect(page.locator("[name=course]")).to_have_value(PARAGRAPHS)
    page.fill("[name=course]", f"{PARAGRAPHS}\n第六段")
    expect(page.locator("[data-state]")).to_contain_text("已自动保存")
    page.reload()
    expect(page.locator("[name=course]")).to_have_value(f"{PARAGRAPHS}\n第六段")
    page.wait_for_timeout(2500)  # it does not save the older words over them
    assert "第六段" in str(WrittenDraft.objects.get().content) and not UrgentVersion.objects.exists()


@pytest.mark.clause("2.3.2", "3.2")
def test_an_emergencys_subcategory_ticks_urgent_where_it_is_seen_and_says_whom_to_call(
    phone: Phone, town: Town
) -> None:
    page = ready(phone(town.reporter))
    page.goto("/report/new/event")
    box = page.locator("[data-urgent-call]")
    expect(box).to_be_hidden()
    page.locator(".rp-choice", has_text="火灾").first.click()
    expect(page.locator("[name=urgent]")).to_be_checked()
    expect(box).to_contain_text("“火灾”属于突发事件，已勾选紧急")
    expect(box.locator("a[href='tel:0571-88860017']")).to_be_visible()
    page.locator(".rp-urgent").click()
    expect(box).to_be_hidden()


@pytest.mark.clause("4.2.1", "2.3.2")
@pytest.mark.parametrize("network", [True, False])
def test_a_call_made_from_the_ordinary_form_is_recorded_with_its_moment(
    phone: Phone, town: Town, network: bool
) -> None:
    context = phone(town.reporter)
    page = ready(context)
    context.set_offline(not network)
    page.goto("/report/new/event")
    page.locator(".rp-choice", has_text="火灾").first.click()
    page.evaluate("() => document.querySelector('[data-urgent-call] [data-call]').removeAttribute('href')")
    page.locator("[data-urgent-call] [data-call]").first.click()
    called = clock.now()
    page.fill("[name=title]", "7栋地下车库起火")
    page.fill("[name=narrative]", "7栋地下车库充电区冒烟起火，烟气进入楼道。")
    page.fill("[name='place.text']", "7栋地下车库")
    page.locator("[data-name='source'] .rp-choice", has_text="巡查").click()
    page.locator("[data-name='details.present_state'] .rp-choice", has_text="处置中").click()
    page.fill("[name='details.measures_taken']", "已断电并疏散住户")
    for part in ("dead", "injured", "missing"):
        page.fill(f"[name='details.casualties.{part}']", "0")
    page.locator("[name='details.none_involved']").check(force=True)
    page.get_by_role("button", name="上报", exact=True).click()
    if not network:
        page.locator("[data-queue] .lb-queued").wait_for()
        context.set_offline(False)
        expect(page.locator(".lb-queued .lb-badge")).to_have_text("已送达", timeout=30_000)
    else:
        expect(page.get_by_role("heading", name="一小时内提交书面报告")).to_be_visible(timeout=30_000)
    report = UrgentReport.objects.get()
    assert report.called_at is not None and abs((report.called_at - called).total_seconds()) < 5
    assert report.called_number == "0571-88860017"


@pytest.mark.clause("2.3.2")
def test_the_desks_map_draws_outline_and_emergencies_without_tiles(phone: Phone, town: Town) -> None:
    square = [[104.0, 30.0], [104.1, 30.0], [104.1, 30.1], [104.0, 30.1], [104.0, 30.0]]
    Unit.objects.filter(pk=town.community.pk).update(outline={"type": "Polygon", "coordinates": [square]})
    for reference in Reference.all.values():
        reference.drop()
    emergencies.start(
        town.reporter, StartEmergency(kind="fire", place={"text": "7栋地下车库", "lat": 30.05, "lon": 104.05})
    )
    emergencies.start(town.reporter, StartEmergency(kind="theft", place="3栋"))
    page = phone(town.manager).new_page()
    page.goto("/duty/")
    expect(page.locator(".leaflet-marker-icon")).to_have_count(1)
    expect(page.locator(".leaflet-overlay-pane path")).to_have_count(1)
    box = page.locator(".lb-map").bounding_box()
    assert box is not None and box["height"] > 150
    expect(page.get_by_text("另有 1 起没有坐标")).to_be_visible()
    expect(page.locator("[data-count]")).to_have_text("2 起")
    page.locator(".leaflet-marker-icon .lb-pin").click()
    expect(page.locator(".leaflet-popup-content a")).to_contain_text("7栋地下车库")
