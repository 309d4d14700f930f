"""A passkey in a real browser: added from one's own settings, then the way in without a password (1.3.4)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.loop import Town

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "chun-jiang-hua-yue"


@pytest.fixture
def phone(live_server: Any, town: Town, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # the test's server speaks http on localhost
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps a loop in this thread
    town.people["reporter"].set_password(PASSWORD)
    town.people["reporter"].save()
    chromium = os.environ.get("LINBAO_TEST_CHROMIUM") or "/usr/bin/chromium"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=live_server.url)
        page = context.new_page()
        keys = context.new_cdp_session(page)
        keys.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        faults: list[str] = []
        page.on("pageerror", lambda e: faults.append(str(e)))
        yield page
        assert faults == []
        browser.close()


@pytest.mark.clause("1.3.4")
def test_a_passkey_is_added_and_opens_the_door(phone: Page) -> None:
    phone.goto("/accounts/login/")
    phone.fill("[name=login]", "reporter")
    phone.fill("[name=password]", PASSWORD)
    phone.get_by_role("button", name="登录", exact=True).click()
    phone.wait_for_url("**/")
    phone.goto("/me/settings")
    phone.get_by_text("通行密钥").first.click()
    phone.wait_for_url("**/accounts/reauthenticate/**")  # who changes how they sign in shows once more who they are
    phone.fill("[name=password]", PASSWORD)
    phone.get_by_role("button", name="确认").click()
    phone.wait_for_url("**/webauthn/add/")
    phone.fill("[name=name]", "我的手机")
    phone.get_by_role("button", name="添加").click()
    phone.wait_for_url("**/recovery-codes/")
    phone.goto("/me/settings")
    expect(phone.get_by_text("已添加 1 个")).to_be_visible()
    expect(phone.get_by_text("还剩 10 个")).to_be_visible()
    phone.context.clear_cookies()
    phone.goto("/me/settings")
    phone.get_by_role("button", name="用通行密钥登录").click()
    phone.wait_for_url("**/me/settings")
    expect(phone.locator(".lb-sub")).to_have_text("reporter · reporter")
