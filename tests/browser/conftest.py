"""A real browser, and people signed in to it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect, sync_playwright

from linbao.organisation.models import User
from linbao.platform.reference import Reference

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")  # one driver at a time in a process
def chrome() -> Iterator[Browser]:
    """Debian's Chromium, or the one that the environment names; one for a file of tests."""
    expect.set_options(timeout=20_000)  # a busy machine is no fault
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the driver keeps a loop in this thread
    with sync_playwright() as driver:
        path = os.environ.get("LINBAO_TEST_CHROMIUM") or "/usr/bin/chromium"
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def _all_served(live_server: Any) -> Iterator[None]:
    """Browsers fetch forms on the quiet: what is still being answered must not read the emptied database."""
    for reference in Reference.all.values():
        reference.drop()  # what a late answer of the last test has read
    yield
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(10)


def load_demo() -> None:
    """The demo community, filled in a thread of its own: signing documents wants no loop beside it, and the driver
    keeps one in this thread."""
    from linbao.shell import demo

    def load() -> None:
        try:
            demo.load()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as hands:
        hands.submit(load).result()


def let_in(context: BrowserContext, address: str, user: User) -> None:
    """A session of `user` in this browser, as after signing in."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])


@pytest.fixture
def phone(chrome: Browser, live_server: Any) -> Iterator[Callable[..., BrowserContext]]:
    """Contexts of `user`, closed after the test: `phone(user, viewport=DESK)`."""
    made: list[BrowserContext] = []

    def context(user: User | None = None, **given: Any) -> BrowserContext:
        settings = {"viewport": PHONE, "locale": "zh-CN", "base_url": live_server.url, "timezone_id": "Asia/Shanghai"}
        new = chrome.new_context(**{**settings, **given})
        new.set_default_timeout(20_000)
        made.append(new)
        if user is not None:
            let_in(new, live_server.url, user)
        return new

    yield context
    for each in made:
        each.close()
