"""The item's page: what each role sees; people masked, revealed with a reason on the audit log (1.3.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from linbao.audit.models import Record
from linbao.core import ids
from linbao.items import hints, services
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile
from linbao.items.models import Entry, Hint, Item
from linbao.organisation.models import User
from tests.items import samples
from tests.items.conftest import Town, event, submitted

Browser = Callable[[User], Client]


@pytest.fixture
def fire(town: Town) -> Item:
    return services.create(town.reporter, event(), item_id=ids.new(), submit=True)


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize(
    ("level", "seen_by"),
    [
        ("public", {"reporter", "reviewer", "manager"}),
        ("internal", {"reporter", "reviewer", "manager"}),
        ("sensitive", {"reporter", "reviewer", "manager"}),
        ("confidential", {"reporter", "manager"}),
    ],
)
def test_who_sees_an_item(town: Town, browser: Browser, level: str, seen_by: set[str]) -> None:
    item = submitted(town.reporter, sensitivity=level, named=[str(town.manager.pk)] if level == "confidential" else [])
    for name, person in town.people.items():
        status = browser(person).get(f"/items/{item.pk}/").status_code
        assert status == (200 if name in seen_by else 404), name
    assert browser(town.reporter).get(f"/items/{ids.new()}/").status_code == 404
    assert Client().get(f"/items/{item.pk}/").status_code == 302


@pytest.mark.clause("1.3.4")
def test_a_colleague_of_the_same_grid_sees_internal_and_not_sensitive(town: Town, browser: Browser) -> None:
    neighbour = town.person("neighbour", "reporter", town.grids[0])
    assert browser(neighbour).get(f"/items/{submitted(town.reporter).pk}/").status_code == 200
    assert browser(neighbour).get(f"/items/{submitted(town.reporter, sensitivity='sensitive').pk}/").status_code == 404


@pytest.mark.clause("3.2")
def test_everything_that_was_told_stands_on_the_page(town: Town, browser: Browser, fire: Item) -> None:
    photo = attachments.attach(town.reporter, AttachFile(item=fire.pk), file=samples.jpeg(), name="现场.jpg")
    page = browser(town.reviewer).get(f"/items/{fire.pk}/").content.decode()
    for message in (
        str(fire.number),
        fire.title,
        "充电时冒烟",
        "物业已断电",
        "已平息",
        "死亡 0",
        "楼道堆物",
        "5栋车棚",
        "第1网格",
        "2026-11-22 09:30",
        "上报",
        str(photo.pk),
    ):
        assert message in page, message
    assert "no-store" in browser(town.reviewer).get(f"/items/{fire.pk}/")["Cache-Control"]


@pytest.mark.clause("1.3.4")
def test_people_are_masked_on_every_page(town: Town, browser: Browser, fire: Item) -> None:
    for person in (town.reporter, town.reviewer, town.manager):
        for address in (f"/items/{fire.pk}/", f"/items/{fire.pk}/print"):
            page = browser(person).get(address).content.decode()
            assert "张建国" not in page and "13812345678" not in page
            assert "张*" in page and "138****5678" in page


@pytest.mark.clause("1.3.4")
def test_a_person_is_revealed_with_a_reason_that_stands_on_the_audit_log(
    town: Town, browser: Browser, fire: Item
) -> None:
    party = fire.parties.get()
    address = f"/items/{fire.pk}/reveal"
    client = browser(town.reviewer)
    assert client.post(address, {"party": str(party.pk), "reason": " "}).status_code == 422
    assert not Record.objects.filter(action="party.reveal").exists()
    page = client.post(address, {"party": str(party.pk), "reason": "电话核实"})
    assert (
        "张建国" in page.content.decode()
        and "13812345678" in page.content.decode()
        and "no-store" in page["Cache-Control"]
    )
    record = Record.objects.get(action="party.reveal")
    assert (record.actor_id, record.subject_id, record.reason) == (town.reviewer.pk, str(fire.pk), "电话核实")
    assert "张建国" not in str(record.data)
    assert "张建国" not in client.get(f"/items/{fire.pk}/").content.decode()  # once


@pytest.mark.clause("1.3.4")
def test_who_may_reveal_and_who_may_not(town: Town, browser: Browser, fire: Item) -> None:
    neighbour = town.person("neighbour", "reporter", town.grids[0])
    party = str(fire.parties.get().pk)
    other_handler = town.person("other_handler", "handler", town.department)
    Item.objects.filter(pk=fire.pk).update(status="handling", handler=town.handler, handling_unit=town.department)
    for person, status in (
        (neighbour, 403),
        (other_handler, 403),
        (town.stranger, 404),
        (town.admin, 404),
        (town.auditor, 404),
        (town.handler, 200),
        (town.manager, 200),
        (town.reporter, 200),
    ):
        answer = browser(person).post(f"/items/{fire.pk}/reveal", {"party": party, "reason": "核实情况"})
        assert answer.status_code == status, person
    foreign = submitted(
        town.colleague, grid="510104017003002", parties=[{"name": "李四", "phone": "13912345678"}]
    ).parties.get()
    assert (
        browser(town.reporter)
        .post(f"/items/{fire.pk}/reveal", {"party": str(foreign.pk), "reason": "核实情况"})
        .status_code
        == 404
    )
    assert (
        browser(town.reporter).post(f"/items/{fire.pk}/reveal", {"party": "x", "reason": "核实情况"}).status_code == 422
    )


@pytest.mark.clause("1.3.4")
def test_phones_inside_the_narrative_are_masked_too(town: Town, browser: Browser) -> None:
    item = submitted(town.reporter, narrative="住户来电 13912345678，反映三栋楼道堆物没有人管。")
    page = browser(town.reviewer).get(f"/items/{item.pk}/").content.decode()
    assert "13912345678" not in page and "139****5678" in page


@pytest.mark.clause("4.3.1")
def test_the_reviewer_sees_the_hints_and_the_reporter_does_not(town: Town, browser: Browser) -> None:
    item = submitted(town.reporter)  # the job has not come to it yet
    assert not Hint.objects.filter(item=item).exists()
    assert "建议附照片" in browser(town.reviewer).get(f"/items/{item.pk}/").content.decode()
    assert "建议附照片" not in browser(town.reporter).get(f"/items/{item.pk}/").content.decode()


def test_the_camera_s_words_are_shown_to_reviewers_only(town: Town, browser: Browser) -> None:
    item = submitted(town.reporter)
    attachments.attach(town.reporter, AttachFile(item=item.pk), file=samples.jpeg(data=samples.exif()), name="a.jpg")
    assert "HUAWEI P50" in browser(town.reviewer).get(f"/items/{item.pk}/").content.decode()
    assert "HUAWEI P50" not in browser(town.reporter).get(f"/items/{item.pk}/").content.decode()


def test_the_page_costs_the_same_whatever_hangs_on_the_item(
    town: Town, browser: Browser, fire: Item, django_assert_max_num_queries: Any
) -> None:
    hints.refresh([fire])
    client = browser(town.reviewer)
    client.get(f"/items/{fire.pk}/")
    with django_assert_max_num_queries(
        10
    ):  # session, user, roles, leave, item, people, files, hints, findings, timeline
        client.get(f"/items/{fire.pk}/")
    for n in range(20):
        attachments.attach(
            town.reporter, AttachFile(item=fire.pk), file=samples.jpeg(300, 200, seed=n), name=f"{n}.jpg"
        )
    Entry.objects.bulk_create(Entry(item=fire, verb="progress", note=str(n)) for n in range(50))
    with django_assert_max_num_queries(10):
        client.get(f"/items/{fire.pk}/")


def test_words_of_people_are_never_markup(town: Town, browser: Browser) -> None:
    item = submitted(
        town.reporter, title="<script>alert(1)</script>", narrative="<img src=x onerror=alert(1)> 十个字以上的内容"
    )
    for address in (f"/items/{item.pk}/", f"/items/{item.pk}/print"):
        page = browser(town.reviewer).get(address).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page
