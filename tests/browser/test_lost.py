"""A phone that was reported lost clears itself when it next meets the server (6.1.2); one of somebody whose access was
taken clears what it kept of them (7.2.1)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page

from linbao.accounts import services as accounts
from linbao.accounts.models import Phone as Told
from linbao.accounts.phones import services as phones
from linbao.core.problems import TooMany
from linbao.security.devices import services as devices
from linbao.security.devices.inputs import ReportLoss
from tests.browser.conftest import let_in
from tests.browser.test_offline import fill, ready, submit
from tests.loop import Town, build

pytestmark = pytest.mark.django_db(transaction=True)
ORDERED = Told.objects.filter(wipe_asked_at__isnull=False)  # the phones that were told to clear themselves
KEPT = """async () => ({
  databases: (await indexedDB.databases()).map((d) => d.name), caches: await caches.keys(),
  storage: Object.keys(localStorage), workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""

WAITING = """async () => {
  const open = indexedDB.open("linbao-queue");
  const found = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const rows = found.transaction("entries").objectStore("entries").count();
  return await new Promise((done) => { rows.onsuccess = () => done(rows.result); });
}"""


@pytest.fixture
def town(live_server: Any) -> Town:
    made = build()
    made.person("officer", "security_officer", made.community)
    return made


def lost(phone: Told) -> ReportLoss:
    """A colleague reports the phone of the reporter."""
    return ReportLoss(colleague=True, person="reporter", phone=phone.pk, description="同事的手机掉在车上了")


def cleared(page: Page) -> None:
    """Opens the sign-in page and waits until the phone has said that it obeyed; whichever of its pages asked."""
    page.goto("/accounts/login/")
    until = time.monotonic() + 30
    while ORDERED.filter(wiped_at=None).exists() and time.monotonic() < until:
        page.wait_for_timeout(100)
    page.wait_for_timeout(1500)  # it leads to the sign-in page once more
    page.wait_for_load_state("networkidle")


@pytest.mark.clause("6.1.2", "1.3.4")
def test_a_lost_phone_clears_queue_caches_and_storage_at_its_next_contact(
    phone: Callable[..., BrowserContext], town: Town
) -> None:
    context = phone(town.reporter)
    page = ready(context)
    page.wait_for_function("() => !!localStorage['linbao-device']")
    entry = Told.objects.get()
    assert str(entry.device) == page.evaluate("localStorage['linbao-device']") and "×" in entry.screen
    context.set_offline(True)
    fill(page)
    submit(page)
    page.locator("[data-queue] .lb-queued").wait_for()
    before = page.evaluate(KEPT)
    assert before["databases"] and before["caches"] and before["workers"]
    page.goto("about:blank")

    devices.report_lost(town.leader, lost(entry))
    context.clear_cookies()  # the session has ended on the server; whoever finds the phone is not signed in
    context.set_offline(False)
    page = context.new_page()
    cleared(page)
    left = page.evaluate(KEPT)
    assert not left["databases"] and not left["caches"] and "linbao-device" not in left["storage"]
    entry.refresh_from_db()
    assert entry.wiped_at is not None
    page.evaluate("id => localStorage.setItem('linbao-person', id)", str(town.reporter.pk))
    page.goto("/offline")  # to look does not make the store
    page.wait_for_load_state("networkidle")
    assert not page.evaluate(KEPT)["databases"]


@pytest.mark.clause("6.1.2", "1.3.4")
def test_no_other_page_of_a_lost_phone_brings_its_queue_back(phone: Callable[..., BrowserContext], town: Town) -> None:
    """A form left open and the page for no network both look into the queue whenever it changes."""
    context = phone(town.reporter)
    form = ready(context)
    form.wait_for_function("() => !!localStorage['linbao-device']")
    offline = context.new_page()
    offline.goto("/offline")
    idle = context.new_page()
    idle.goto("/report/new")
    context.set_offline(True)
    fill(form)
    submit(form)
    offline.locator("[data-queue] .lb-queued").wait_for()
    form.locator("[data-queue] .lb-queued").wait_for()  # it has been led there before it begins anew
    fill(form, "又一件，还没写完")
    form.evaluate("navigation.addEventListener('navigate', (e) => e.preventDefault())")  # it goes on writing

    devices.report_lost(town.leader, lost(Told.objects.get()))
    context.clear_cookies()
    context.set_offline(False)
    page = context.new_page()
    cleared(page)
    offline.wait_for_url("**/accounts/login/**")
    idle.wait_for_url("**/accounts/login/**")  # it has asked a moment ago, and is told by the page that cleared
    form.fill("[name=title]", "又一件，写完了")
    form.wait_for_timeout(2000)
    assert page.evaluate(KEPT)["databases"] == []


@pytest.mark.clause("6.1.2")
def test_one_page_at_a_time_clears_a_lost_phone(
    phone: Callable[..., BrowserContext], town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = phone(town.reporter)
    page = ready(context)
    page.wait_for_function("() => !!localStorage['linbao-device']")
    page.goto("about:blank")
    devices.report_lost(town.leader, lost(Told.objects.get()))
    context.clear_cookies()
    heard, raised = phones.wiped, []

    def slowly(device: UUID) -> int:
        raised.append(device)
        time.sleep(3)
        return heard(device)

    monkeypatch.setattr(phones, "wiped", slowly)
    pages = [context.new_page(), context.new_page()]
    for each in pages:
        each.goto("/accounts/login/", wait_until="commit")
    cleared(context.new_page())
    assert len(raised) == 1
    assert pages[0].evaluate(KEPT)["storage"] == []


@pytest.mark.clause("6.1.2")
def test_what_the_server_did_not_hear_is_done_again(
    phone: Callable[..., BrowserContext], town: Town, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The phone keeps its id until the server knows that it is cleared, and asks no more than once a page."""
    context = phone(town.reporter)
    page = ready(context)
    page.wait_for_function("() => !!localStorage['linbao-device']")
    page.goto("about:blank")
    devices.report_lost(town.leader, lost(Told.objects.get()))
    let_in(context, live_server.url, town.handler)  # whoever found it, in another session
    heard, asked = phones.wiped, []

    def refused(device: UUID) -> int:
        asked.append(device)
        raise TooMany

    monkeypatch.setattr(phones, "wiped", refused)
    page = context.new_page()
    page.goto("/")
    page.wait_for_timeout(3000)
    assert len(asked) == 1 and ORDERED.get().wiped_at is None
    left = page.evaluate(KEPT)
    assert left["databases"] == [] and "linbao-device" in left["storage"]

    monkeypatch.setattr(phones, "wiped", heard)
    context.clear_cookies()
    cleared(page)
    assert "linbao-device" not in page.evaluate(KEPT)["storage"] and ORDERED.get().wiped_at is not None


@pytest.mark.clause("7.2.1", "6.1.2")
def test_a_phone_of_somebody_whose_access_was_taken_keeps_nothing_of_theirs(
    phone: Callable[..., BrowserContext], town: Town
) -> None:
    context = phone(town.reporter)
    page = ready(context)
    page.wait_for_function("() => !!localStorage['linbao-device']")
    context.set_offline(True)
    fill(page)
    submit(page)
    page.locator("[data-queue] .lb-queued").wait_for()
    page.goto("about:blank")

    accounts.end_access(None, town.reporter)
    context.clear_cookies()  # the session has ended on the server
    context.set_offline(False)
    page = context.new_page()
    cleared(page)
    assert page.evaluate(WAITING) == 0
    assert page.evaluate("localStorage['linbao-person'] ?? null") is None
    assert Told.objects.get().wiped_at is not None
