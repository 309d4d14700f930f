"""Reports without a network: filled in, kept, sent once; nobody else's (1.3.2, 1.3.4, 2.1.3)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, FilePayload, Page, Request, Route, expect

from linbao.core import clock
from linbao.emergencies.models import UrgentReport
from linbao.items.models import Attachment, Item
from linbao.organisation.models import Unit
from linbao.platform.reference import Reference
from tests.browser.conftest import let_in
from tests.loop import Town, build

pytestmark = pytest.mark.django_db(transaction=True)
Phone = Callable[..., BrowserContext]


def photo(shade: int = 90) -> FilePayload:
    """A picture as a phone hands it over."""
    out = io.BytesIO()
    Image.effect_noise((320, 240), shade).convert("RGB").save(out, "JPEG")
    return {"name": "楼道.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.fixture
def town(live_server: Any) -> Town:
    return build()


def ready(context: BrowserContext) -> Page:
    """The app on a phone that has been used once: worker running, empty forms kept."""
    page = context.new_page()
    page.on("pageerror", lambda e: print("PAGEERROR", e.message, e.stack))
    page.on("console", lambda m: print("CONSOLE", m.type, m.text))
    page.goto("/")
    page.wait_for_function("() => !!localStorage['linbao-forms-of']")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.goto("/report/new")  # under the worker
    page.wait_for_function("() => !!navigator.serviceWorker.controller")
    return page


def fill(page: Page, title: str = "三单元门口垃圾桶满了没人清", **answers: str) -> None:
    page.goto("/report/new/sanitation")
    page.locator("#report[data-blank]").wait_for(state="attached")
    page.locator(".rp-choice", has_text="垃圾清理").first.click()
    page.fill("[name=title]", title)
    page.fill("[name=narrative]", "三单元门口垃圾桶从昨天起就满了，周边散落，气味明显。")
    page.fill("[name='place.text']", "3栋3单元门口")
    page.locator("[data-name='details.factor'] .rp-choice").nth(1).click()
    page.locator("[data-name='details.severity'] .rp-choice").nth(1).click()
    page.fill("[name='details.factor_words']", "每周只清运两次")
    for name, value in answers.items():
        page.fill(f"[name='{name}']", value)


def add(page: Page, file: FilePayload) -> None:
    page.set_input_files("[data-pick=files] input", files=[file])
    expect(page.locator(".rp-file-held")).to_be_visible()


def submit(page: Page) -> None:
    page.get_by_role("button", name="上报", exact=True).click()


def filed(title: str) -> Item:
    """The one item of this title; there is exactly one."""
    return Item.objects.get(title=title)


@pytest.mark.clause("1.3.2", "2.1.3", "3.4")
def test_a_report_with_its_photo_waits_for_the_network_and_arrives_once(phone: Phone, town: Town) -> None:
    context = phone(town.reporter)
    page = ready(context)
    context.set_offline(True)
    page.goto("/report/new")
    page.get_by_text("环境卫生").first.click()
    fill(page)
    add(page, photo())
    page.locator(".rp-file-caption").fill("三单元门口，垃圾桶满溢")
    before = datetime.now(UTC)
    submit(page)
    page.locator("[data-queue] .lb-queued").wait_for()
    expect(page.locator(".lb-queued")).to_contain_text("三单元门口垃圾桶满了没人清")
    expect(page.locator(".lb-queued .lb-badge")).to_have_text("待发送")
    expect(page.locator(".lb-queued")).to_contain_text("1 个附件")
    assert not Item.objects.exists()

    context.set_offline(False)  # the page for no network makes way by itself
    expect(page.locator(".lb-queued .lb-badge")).to_have_text("已送达")
    item = filed("三单元门口垃圾桶满了没人清")
    assert (item.status, item.place, item.details["factor_words"]) == ("submitted", "3栋3单元门口", "每周只清运两次")
    assert item.details["area"] == "3栋3单元门口" and item.analysis == "每周只清运两次"  # told once, answers both
    assert item.key_points == [item.title] and item.id.version == 7 and item.grid_id == town.grid.id
    assert item.reported_at is not None and item.arrived_at is not None
    assert abs((item.reported_at - before).total_seconds()) < 30 and item.arrived_at > item.reported_at
    [file] = item.attachments.all()
    assert (file.kind, file.name, file.caption) == ("photo", "楼道.jpg", "三单元门口，垃圾桶满溢")


def test_a_network_that_comes_back_sends_what_waits_without_a_tap(phone: Phone, town: Town) -> None:
    context = phone(town.reporter)
    page, other = ready(context), context.new_page()
    other.goto("/")
    context.set_offline(True)
    fill(page)
    submit(page)
    page.locator(".lb-queued").wait_for()
    expect(other.locator("[data-queue-mark]")).to_be_visible()  # every open page shows it
    expect(other.locator("[data-queue-count]")).to_have_text("1")
    context.set_offline(False)
    expect(other.locator("[data-queue-mark]")).to_be_hidden()
    arrived = [p.get_by_text("离线填写的 1 条已送达。") for p in (page, other)]  # whichever page comes first says it
    for _turn in range(100):
        if any(raised.is_visible() for raised in arrived):
            break
        page.wait_for_timeout(100)
    else:
        raise AssertionError("nobody was told that it arrived")
    assert filed("三单元门口垃圾桶满了没人清").status == "submitted"


def test_a_page_killed_while_it_is_filled_in_loses_nothing(phone: Phone, town: Town) -> None:
    context = phone(town.reporter)
    page = ready(context)
    context.set_offline(True)
    fill(page, title="电梯间有人堆纸箱")
    add(page, photo())
    expect(page.locator("[data-state]")).to_contain_text("已存在本机")
    page.close()

    page = context.new_page()
    page.goto("/")
    expect(page.locator(".lb-queued .lb-badge")).to_have_text("草稿")
    page.get_by_role("link", name="打开修改").click()
    expect(page.locator("[name=title]")).to_have_value("电梯间有人堆纸箱")
    expect(page.locator("[name=subcategory]:checked")).to_have_value("sanitation.waste")
    expect(page.locator(".rp-file img")).to_be_visible()
    submit(page)
    page.locator(".lb-queued[data-state=waiting]").wait_for()
    context.set_offline(False)
    expect(page.get_by_text("离线填写的 1 条已送达。")).to_be_visible()
    assert filed("电梯间有人堆纸箱").attachments.count() == 1


@pytest.mark.parametrize("step", ["/api/v1/items", "/api/v1/attachments", "/submit"])
def test_an_answer_that_is_lost_on_the_way_does_not_file_it_twice(phone: Phone, town: Town, step: str) -> None:
    context = phone(town.reporter)
    page = ready(context)
    context.set_offline(True)
    fill(page)
    add(page, photo())
    submit(page)
    page.locator(".lb-queued").wait_for()
    taken: list[str] = []

    def lose(route: Route, request: Request) -> None:
        """The server does it, the phone does not hear of it, once."""
        if request.url.endswith(step) and not taken:
            taken.append(request.url)
            assert route.fetch().ok
            return route.abort()
        return route.continue_()

    context.route("**/api/v1/**", lose)
    context.set_offline(False)  # the page for no network makes way by itself
    page.locator(".lb-queued[data-state=delivered]").wait_for()
    assert taken
    assert (Item.objects.count(), Attachment.objects.count()) == (1, 1)
    assert filed("三单元门口垃圾桶满了没人清").status == "submitted"


@pytest.mark.clause("4.3.2")
def test_what_the_server_will_not_take_stays_with_its_field_named(phone: Phone, town: Town) -> None:
    context = phone(town.reporter)
    page = ready(context)
    context.set_offline(True)
    fill(page, title="花坛边倒了建筑垃圾")
    add(page, photo())
    page.locator("[data-same='f-details-area-body']").uncheck(force=True)
    page.fill("[name='details.area']", "")
    page.fill("[name=narrative]", "太短")
    submit(page)
    page.locator(".lb-queued").wait_for()
    context.set_offline(False)  # the page for no network makes way by itself
    expect(page.locator(".lb-queued .lb-badge")).to_have_text("需要修改")
    expect(page.locator(".lb-queued-told")).to_contain_text("至少 10 个字")
    page.get_by_role("link", name="打开修改").click()
    expect(page.locator("[data-name=narrative] .rp-error")).to_contain_text("至少 10 个字")
    expect(page.locator("[data-name='details.area'] .rp-error")).to_be_visible()
    expect(page.locator("[name=title]")).to_have_value("花坛边倒了建筑垃圾")
    expect(page.locator("[name='details.factor_words']")).to_have_value("每周只清运两次")
    expect(page.locator(".rp-file img")).to_be_visible()
    page.fill("[name=narrative]", "花坛边昨夜有人倒了三袋建筑垃圾，挡住了消防通道。")
    submit(page)
    expect(page.locator("[data-name='details.area'] .rp-error")).to_be_visible()  # still one
    expect(page.locator("[data-name=narrative] .rp-error")).to_have_count(0)
    page.fill("[name='details.area']", "花坛东侧")
    submit(page)
    page.wait_for_url("**/items/*/")
    item = filed("花坛边倒了建筑垃圾")
    assert (item.status, item.attachments.count()) == ("submitted", 1)


@pytest.mark.clause("1.3.4", "6.2.1")
def test_another_person_on_the_same_phone_neither_sees_nor_sends_it(phone: Phone, town: Town, live_server: Any) -> None:
    context = phone(town.reporter)
    page = ready(context)
    context.set_offline(True)
    fill(page, title="居民反映独居老人家中漏水")
    submit(page)
    page.locator(".lb-queued").wait_for()
    # What lies on the device cannot be read without the key, and the key cannot be taken out.
    held = page.evaluate(
        """async () => { const db = await new Promise(r => {
          const o = indexedDB.open('linbao-queue'); o.onsuccess = () => r(o.result); });
        const all = s => new Promise(r => {
          const q = db.transaction(s).objectStore(s).getAll(); q.onsuccess = () => r(q.result); });
        const rows = await all('entries'), [key] = await all('keys');
        return { text: rows.map(r => JSON.stringify(r) + new TextDecoder().decode(r.sealed)).join(),
          extractable: key.extractable, rows: rows.length }; }"""
    )
    assert held["rows"] == 1 and "老人" not in held["text"] and held["extractable"] is False

    context.clear_cookies(name="sessionid")
    let_in(context, live_server.url, town.reporter2)
    context.set_offline(False)
    page.locator("summary.lb-user").wait_for()
    expect(page.locator("[data-queue]")).to_be_hidden()
    expect(page.locator("[data-queue-mark]")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    assert not Item.objects.exists()
    context.set_offline(True)
    page.goto("/me/")
    expect(page.get_by_role("heading", name="当前没有网络")).to_be_visible()
    expect(page.locator("[data-queue]")).to_be_hidden()
    context.set_offline(False)

    context.clear_cookies(name="sessionid")
    let_in(context, live_server.url, town.reporter)
    page.goto("/")
    expect(page.get_by_text("离线填写的 1 条已送达。")).to_be_visible()
    assert filed("居民反映独居老人家中漏水").reporter_id == town.reporter.pk


@pytest.mark.clause("1.3.4")
def test_a_page_left_open_by_one_person_sends_nothing_under_anothers_name(
    phone: Phone, town: Town, live_server: Any
) -> None:
    context = phone(town.reporter)
    page = ready(context)
    context.set_offline(True)
    fill(page)
    context.clear_cookies(name="sessionid")
    let_in(context, live_server.url, town.reporter2)
    context.set_offline(False)
    submit(page)  # the page is still the first person's, the session the second's
    page.locator("[data-queue], #report").first.wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    assert not Item.objects.exists()


@pytest.mark.clause("1.3.4")
def test_signing_out_asks_first_and_leaves_nothing_on_the_phone(phone: Phone, town: Town) -> None:
    context = phone(town.reporter)
    page = ready(context)
    context.set_offline(True)
    fill(page)
    add(page, photo())
    submit(page)
    page.locator(".lb-queued").wait_for()
    context.route("**/api/v1/**", lambda route: route.abort())
    context.set_offline(False)
    page.locator("summary.lb-user").wait_for()
    page.locator("summary.lb-user").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator("#lb-confirm")).to_contain_text("本机还有 1 条没有送达")
    page.locator("#lb-confirm").get_by_role("button", name="取消").click()
    page.locator("summary.lb-user").click()
    expect(page.locator("[data-queue-count]")).to_have_text("1")
    if not page.get_by_role("button", name="退出登录").is_visible():
        page.locator("summary.lb-user").click()
    page.get_by_role("button", name="退出登录").click()
    page.locator("#lb-confirm").get_by_role("button", name="确定").click()
    page.wait_for_url("**/accounts/login/")
    left = page.evaluate(
        """async () => { const db = await new Promise(r => {
          const o = indexedDB.open('linbao-queue'); o.onsuccess = () => r(o.result); });
        const count = s => new Promise(r => {
          const q = db.transaction(s).objectStore(s).count(); q.onsuccess = () => r(q.result); });
        return [await count('keys'), await count('entries'), await count('files'),
          await caches.has('linbao-forms'), localStorage['linbao-person'] ?? null]; }"""
    )
    assert left == [0, 0, 0, False, None]
    context.set_offline(True)
    page.goto("/report/new/sanitation")
    expect(page.get_by_role("heading", name="当前没有网络")).to_be_visible()


def test_a_network_lost_in_the_middle_of_a_form_goes_on_with_the_same_item(phone: Phone, town: Town) -> None:
    context = phone(town.reporter)
    page = ready(context)
    page.goto("/report/new/opinion")
    page.locator("[name=title]").fill("希望增加休息座椅")
    expect(page.locator("[data-state]")).to_contain_text("已自动保存")
    draft = filed("希望增加休息座椅")
    context.set_offline(True)
    page.locator(".rp-choice", has_text="社区环境").first.click()
    page.fill("[name=narrative]", "老人们希望在广场北侧增加三把带靠背的座椅，方便歇脚。")
    page.locator(".rp-choice", has_text="建议").first.click()
    page.fill("[name='place.text']", "社区广场北侧")
    page.fill("[name='details.wish']", "增加三把座椅")
    page.fill("[name='parties.name']", "尤阿姨")
    page.fill("[name='parties.phone']", "13800138999")
    add(page, photo())
    submit(page)
    page.locator(".lb-queued").wait_for()
    assert "13800138999" not in page.content()
    context.set_offline(False)  # the page for no network makes way by itself
    page.locator(".lb-queued[data-state=delivered]").wait_for()
    item = filed("希望增加休息座椅")
    assert (item.pk, item.status, item.attachments.count()) == (draft.pk, "submitted", 1)
    assert item.parties.get().phone == "13800138999"


@pytest.mark.clause("4.2.1", "2.3.2")
def test_an_emergency_without_a_network_is_called_in_and_recorded_with_its_true_times(phone: Phone, town: Town) -> None:
    """The page opens, the call is made, the phone is put away; the record follows when there is a network."""
    Unit.objects.filter(pk=town.community.pk).update(duty_phone="0571-88860017")
    for reference in Reference.all.values():
        reference.drop()
    context = phone(town.reporter)
    page = ready(context)
    context.set_offline(True)
    page.goto("/report/urgent")
    page.get_by_text("火情").click()
    page.fill("[name=place]", "7栋地下车库")
    page.route("tel:**", lambda route: route.abort())
    page.evaluate("() => document.querySelector('[data-call]').removeAttribute('href')")  # no telephone in the test
    before = clock.now()
    page.locator("[data-call]").first.click()
    expect(page.locator("[data-offline]")).to_be_visible()
    page.wait_for_timeout(600)
    page.close()
    assert not UrgentReport.objects.exists()

    page = context.new_page()
    page.goto("/report/urgent")
    expect(page.locator("[name=place]")).to_have_value("7栋地下车库")
    assert "7栋地下车库" not in page.evaluate("() => JSON.stringify({ ...localStorage })")
    after = clock.now()
    context.set_offline(False)
    page.wait_for_url("**/report/urgent/*/")
    report = UrgentReport.objects.get()
    assert report.called_at is not None and before - timedelta(seconds=2) <= report.called_at <= after
    assert report.call_entered_at is not None and report.call_entered_at > report.called_at
    page.goto("/report/urgent")
    expect(page.locator("[name=place]")).to_have_value("")  # sent: nothing of it stays behind


def test_the_installed_app_says_who_it_is(phone: Phone, town: Town) -> None:
    page = phone(town.reporter).new_page()
    page.goto("/")
    details = page.evaluate("async () => (await fetch('/manifest.webmanifest')).json()")
    assert [s["name"] for s in details["shortcuts"]] == ["上报", "今日"]
    assert {i["sizes"] for i in details["icons"]} >= {"192x192", "512x512"}
    assert any(i["purpose"] == "maskable" for i in details["icons"])
    sources = [i["src"] for i in details["icons"]] + [i["src"] for s in details["shortcuts"] for i in s["icons"]]
    for source in sources:
        size = page.evaluate(
            "async (s) => { const i = new Image(); i.src = s; await i.decode(); return i.width; }", source
        )
        assert size > 0
    for shortcut in details["shortcuts"]:
        answer = page.goto(shortcut["url"])
        assert answer is not None and answer.ok
