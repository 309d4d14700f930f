"""One item through the whole loop by hand: a reporter on a phone, reviewer, manager, handler, and the resident."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from linbao.items.models import Item
from tests.browser.conftest import load_demo

pytestmark = pytest.mark.django_db(transaction=True)
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}


@pytest.fixture
def chromium(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as driver:
        path = os.environ.get("LINBAO_TEST_CHROMIUM") or "/usr/bin/chromium"
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def faults() -> list[str]:
    return []


def sign_in(browser: Browser, address: str, name: str, size: ViewportSize, faults: list[str]) -> Page:
    page = browser.new_context(viewport=size, locale="zh-CN", base_url=address).new_page()
    page.on("pageerror", lambda e: faults.append(f"{page.url}: {e}"))
    page.on(
        "console", lambda m: faults.append(f"{page.url}: {m.text}") if "Content Security Policy" in m.text else None
    )
    page.goto("/accounts/login/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", "linbao-demo")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.locator("h1")).to_contain_text("您好")
    return page


@pytest.mark.clause("2.3.1", "4.3.1", "4.3.2", "2.4.1", "2.4.2")
def test_an_item_goes_from_the_stairwell_to_the_closed_loop(
    live_server: Any, chromium: Browser, faults: list[str]
) -> None:
    load_demo()
    at = live_server.url
    reporter = sign_in(chromium, at, "reporter1", PHONE, faults)
    reporter.goto("/report/new")
    reporter.get_by_text("居民意见建议").first.click()
    reporter.locator(".rp-choice", has_text="公共设施").first.click()
    reporter.fill("[name=title]", "二单元门禁失灵夜里敞着")
    reporter.fill("[name=narrative]", "二单元门禁坏了三天，夜里门一直敞着，住户担心陌生人进来。")
    reporter.locator(".rp-choice", has_text="投诉").first.click()
    reporter.fill("[name='place.text']", "2幢2单元")
    reporter.fill("[name='details.wish']", "尽快修好门禁")
    reporter.locator(".rp-choice", has_text="电话").first.click()
    reporter.locator("[name='parties.name']").first.fill("尤阿姨")
    reporter.locator("[name='parties.phone']").first.fill("13800138999")
    reporter.get_by_role("button", name="上报", exact=True).click()
    reporter.wait_for_url(lambda url: url.endswith("/") and "/items/" in url)
    item = Item.objects.get(title="二单元门禁失灵夜里敞着")
    assert item.status == "submitted"
    assert "13800138999" not in reporter.content()

    reviewer = sign_in(chromium, at, "reviewer1", DESK, faults)
    reviewer.goto(f"/review/{item.pk}/")
    for field in reviewer.locator("[name^=overruled-]").all():
        field.fill("已核实")
    reviewer.get_by_role("button", name="全部通过").click()
    reviewer.get_by_role("button", name="审核通过").click()
    reviewer.wait_for_url(lambda url: str(item.pk) not in url)

    manager = sign_in(chromium, at, "manager1", DESK, faults)
    manager.goto(f"/handling/{item.pk}/")
    form = manager.locator("#assign")
    form.locator("select").first.select_option(
        label=next(t for t in form.locator("select").first.locator("option").all_inner_texts() if "市政" in t)
    )
    form.locator("[name=instruction]").fill("今天内看现场")
    form.get_by_role("button", name="交办").click()
    expect(manager.locator(".hd-instruction")).to_contain_text("今天内看现场")

    handler = sign_in(chromium, at, "handler2", PHONE, faults)
    handler.goto(f"/handling/{item.pk}/")
    if handler.get_by_role("button", name="我来办").count():
        handler.get_by_role("button", name="我来办").click()
    handler.locator("#progress [name=text]").fill("到现场，锁芯坏了，已订货")
    handler.get_by_role("button", name="保存进展").click()
    handler.locator("#resolve [name=result]").fill("已更换门禁锁芯并调好闭门器，可正常使用。")
    handler.get_by_role("button", name="办结并转报告员反馈").click()

    reporter.goto(f"/handling/{item.pk}/inform")
    reporter.get_by_role("button", name="显示号码").click()
    expect(reporter.get_by_role("link", name="13800138999")).to_be_visible()
    reporter.get_by_role("button", name="生成居民链接").click()
    link = reporter.locator("#sms").input_value().split("/r/")[1].split()[0].strip("。，；")
    resident = chromium.new_context(viewport=PHONE, locale="zh-CN", base_url=at).new_page()
    resident.goto(f"/r/{link}")
    assert "13800138999" not in resident.content()
    resident.get_by_text("满意", exact=True).click()
    resident.get_by_role("button").last.click()
    expect(resident.get_by_text("谢谢，已收到您的评价")).to_be_visible()

    manager.goto(f"/handling/{item.pk}/")
    manager.locator("#close").get_by_role("button", name="归档").click()
    item.refresh_from_db()
    assert (item.status, item.verdict) == ("closed", "satisfied")
    assert faults == []
