"""The report form in a real browser on a phone: saves itself, takes a photo at once, files in a minute (2.1.3, 3.4)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright

from linbao.items.models import Attachment, Item, Status
from linbao.organisation.models import User
from tests.items import samples
from tests.items.conftest import Town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(live_server: Any, town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps a loop in this thread
    chromium = os.environ.get("LINBAO_TEST_CHROMIUM") or "/usr/bin/chromium"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": 390, "height": 844},
            has_touch=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            geolocation={"latitude": 30.652, "longitude": 104.062},
            permissions=["geolocation"],
            base_url=live_server.url,
        )
        client = Client()
        client.force_login(
            User.objects.get(username="reporter"), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies["sessionid"].value, "url": live_server.url}]
        )
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda e: faults.append(str(e)))
        yield page
        assert faults == []
        browser.close()


def choose(page: Page, words: str) -> None:
    page.locator(".rp-choice", has_text=words).first.click()


@pytest.mark.clause("3.4")
@pytest.mark.clause("2.1.3")
def test_a_report_with_photo_and_place_is_filed_with_five_fields_typed(phone: Page, tmp_path: Path) -> None:
    photo = tmp_path / "IMG_0001.HEIC"
    photo.write_bytes(samples.heic(orientation=6))
    phone.goto("/report/new")
    phone.get_by_text("环境卫生").first.click()
    choose(phone, "占道堆放")
    phone.fill("[name=title]", "三栋楼道堆放旧家具")
    phone.fill("[name=narrative]", "三栋二单元一楼楼道堆放旧沙发和床板，居民出入不便。")
    phone.set_input_files("[data-pick=files] input", str(photo))
    expect(phone.locator(".rp-file-photo img")).to_be_visible(timeout=15000)
    phone.fill("[name='place.text']", "3栋2单元")
    phone.get_by_text("用我的位置").click()
    expect(phone.locator("[data-position]")).to_contain_text("已取得位置")
    choose(phone, "人为")
    phone.fill("[name='details.factor_words']", "住户搬家后没有清走")
    choose(phone, "中")
    expect(phone.locator("[data-state]")).to_contain_text("已自动保存", timeout=10000)
    assert "/edit" in phone.url
    phone.get_by_role("button", name="上报", exact=True).click()
    phone.wait_for_url(lambda url: url.endswith("/") and "/items/" in url)
    item = Item.objects.get()
    assert item.status == Status.SUBMITTED and (item.lat, item.lon) == (30.652, 104.062)
    assert (
        item.details["area"] == "3栋2单元"
        and item.key_points == ["三栋楼道堆放旧家具"]
        and item.analysis == "住户搬家后没有清走"
    )
    assert Attachment.objects.get().width == 480


def test_what_is_typed_is_there_after_the_page_was_closed(phone: Page) -> None:
    phone.goto("/report/new/opinion")
    phone.fill("[name=title]", "希望增加社区食堂")
    for _look in range(150):  # left before the pause was over: the last save is still on its way
        phone.goto("/report/new")
        if phone.get_by_text("希望增加社区食堂").count():
            break
        phone.wait_for_timeout(100)
    phone.get_by_text("希望增加社区食堂").click()
    assert phone.input_value("[name=title]") == "希望增加社区食堂"


def test_the_second_tab_is_told_and_keeps_its_words(phone: Page) -> None:
    phone.goto("/report/new/opinion")
    phone.fill("[name=title]", "第一页")
    expect(phone.locator("[data-state]")).to_contain_text("已自动保存", timeout=10000)
    other = phone.context.new_page()
    other.goto(phone.url)
    other.fill("[name=title]", "第二页")
    expect(other.locator("[data-state]")).to_contain_text("已自动保存", timeout=10000)
    phone.fill("[name=title]", "第一页又改")
    expect(phone.locator("[data-state]")).to_contain_text("别处", timeout=10000)
    assert phone.input_value("[name=title]") == "第一页又改"
    assert Item.objects.get().title == "第二页"


def test_a_refused_file_is_told_on_its_tile(phone: Page, tmp_path: Path) -> None:
    bad = tmp_path / "照片.jpg"
    bad.write_bytes(samples.REFUSED["a program"])
    phone.goto("/report/new/event")
    phone.fill("[name=title]", "试传文件")
    phone.set_input_files("[data-pick=files] input", str(bad))
    expect(phone.locator(".rp-file-wrong")).to_contain_text("不支持", timeout=10000)
    assert not Attachment.objects.exists()
