"""The review desk in a real browser, by keyboard alone (4.3.1, 4.3.2); and the resident's page without scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from linbao.handling import links
from linbao.handling.models import Evaluation
from linbao.items.models import Item
from linbao.review.models import Finding, Review
from tests.loop import Town, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chromium(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps a loop in this thread
    path = os.environ.get("LINBAO_TEST_CHROMIUM") or "/usr/bin/chromium"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def signed_in(chromium: Browser, address: str, town: Town, name: str) -> Page:
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}, base_url=address)
    session = town.browser(name).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
    return context.new_page()


def arrived(page: Page, address: str) -> None:
    """There, and its keys listen."""
    expect(page).to_have_url(address)
    page.wait_for_load_state("domcontentloaded")


@pytest.mark.clause("4.3.1", "4.3.2")
def test_a_reviewer_works_through_the_queue_by_keyboard(live_server: Any, chromium: Browser) -> None:
    town = build()
    first, second = town.submitted(), town.submitted()
    page = signed_in(chromium, live_server.url, town, "reviewer")
    faults: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto("/review/next")
    arrived(page, f"{live_server.url}/review/{first.pk}/")
    page.keyboard.press("j")
    arrived(page, f"{live_server.url}/review/{second.pk}/")
    page.keyboard.press("k")
    arrived(page, f"{live_server.url}/review/{first.pk}/")
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.keyboard.press("2")
    assert page.locator("[name=check-truth]:checked").get_attribute("value") == "pass"
    assert page.locator("[name=check-completeness]:checked").get_attribute("value") == "fail"
    # One click on a standard reason names field, check and words; a flag beside a field opens one's own.
    page.get_by_role("button", name="所述情况未能核实").click()
    page.locator(".rv-flag[data-flag=place]").click()
    page.keyboard.type("写到单元门")
    page.locator(".rv-finding:not([data-spare])").nth(1).locator("[name=finding-check]").select_option("completeness")
    # What was typed survives a reload.
    page.reload()
    expect(page.locator(".rv-finding:not([data-spare])")).to_have_count(2)
    page.locator("h1").click()
    page.keyboard.press("r")
    arrived(page, f"{live_server.url}/review/{second.pk}/")
    stored = list(Finding.objects.filter(review__item=first).values_list("field", "check_kind", "reason", "note"))
    assert stored == [("narrative", "truth", "truth_unverified", ""), ("place", "completeness", None, "写到单元门")]
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    for field in page.locator("[name^=overruled-]").all():
        field.fill("已核实")
    page.locator("h1").click()
    page.keyboard.press("a")
    arrived(page, f"{live_server.url}/review/")
    assert Review.objects.get(item=second).approved and not faults


@pytest.mark.clause("2.4.2")
def test_a_resident_judges_in_two_taps_on_a_phone_without_scripts(live_server: Any, chromium: Browser) -> None:
    town = build()
    item = town.resolved()
    token = links.link_of(town.reporter, item.pk).token
    context = chromium.new_context(
        viewport={"width": 320, "height": 568}, java_script_enabled=False, locale="zh-CN", base_url=live_server.url
    )
    page = context.new_page()
    page.goto(f"/r/{token}")
    page.get_by_text("不满意", exact=True).click()
    page.get_by_role("button").click()
    expect(page.get_by_text("谢谢，已收到您的评价")).to_be_visible()
    assert Evaluation.objects.get(item=item).verdict == "unsatisfied"
    assert Item.objects.get(pk=item.pk).status == "evaluated"
