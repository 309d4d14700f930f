"""Captions of photos: typed where the photo is, shown with it, sent by the interface (3.3, 3.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linbao.core import clock
from linbao.items import services
from linbao.items.activities import services as activities
from linbao.items.activities.inputs import RecordActivity
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile
from linbao.items.models import Attachment, Entry, Item
from linbao.organisation.models import User
from tests.items import samples
from tests.items.conftest import Town, posted, submitted, told

Browser = Callable[[User], Client]


@pytest.fixture
def draft(town: Town) -> Item:
    return services.create(town.reporter, told())


@pytest.fixture
def photo(draft: Item, town: Town) -> Attachment:
    return attachments.attach(town.reporter, AttachFile(item=draft.pk), file=samples.jpeg(), name="a.jpg")


def caption(row: Attachment) -> str:
    return Attachment.objects.get(pk=row.pk).caption


@pytest.mark.clause("3.3")
@pytest.mark.clause("3.4")
def test_a_caption_comes_with_the_photo_and_can_be_changed_by_the_interface(
    draft: Item, town: Town, browser: Browser
) -> None:
    client = browser(town.reporter)
    file = SimpleUploadedFile("a.jpg", samples.jpeg())
    answer = client.post("/api/v1/attachments", {"item": str(draft.pk), "file": file, "caption": " 垃圾桶\n满溢 "})
    assert answer.status_code == 201 and answer.json()["caption"] == "垃圾桶 满溢"
    address = f"/api/v1/attachments/{answer.json()['id']}"
    changed = client.patch(address, {"caption": "7幢东侧"}, content_type="application/json")
    assert changed.status_code == 200 and changed.json()["caption"] == "7幢东侧"
    assert client.get(f"/api/v1/items/{draft.pk}").json()["attachments"][0]["caption"] == "7幢东侧"
    too_long = client.patch(address, {"caption": "长" * 81}, content_type="application/json")
    assert too_long.status_code == 422 and "caption" in too_long.json()["fields"]
    assert browser(town.colleague).patch(address, {"caption": "x"}, content_type="application/json").status_code == 404
    assert Attachment.objects.get().caption == "7幢东侧"


def test_the_form_saves_captions_with_every_other_word(
    draft: Item, photo: Attachment, town: Town, browser: Browser
) -> None:
    client, name = browser(town.reporter), f"caption.{photo.pk}"
    page = client.get(f"/items/{draft.pk}/edit").content.decode()
    assert f'name="{name}"' in page
    saved = client.post(f"/items/{draft.pk}/draft", posted(version=str(draft.version), **{name: "自动保存的说明"}))
    assert saved.status_code == 200 and caption(photo) == "自动保存的说明"
    posted_again = posted(version=str(saved.json()["version"]), action="submit", **{name: "随上报保存的说明"})
    assert client.post(f"/items/{draft.pk}/edit", posted_again).status_code == 302
    assert caption(photo) == "随上报保存的说明"


def test_the_items_page_shows_captions_and_lets_who_took_the_photo_write_them(town: Town, browser: Browser) -> None:
    item = submitted(town.reporter)
    row = attachments.attach(town.reporter, AttachFile(item=item.pk), file=samples.jpeg(), name="a.jpg")
    client, address, name = browser(town.reporter), f"/items/{item.pk}/", f"caption.{row.pk}"
    assert f'name="{name}"' in client.get(address).content.decode()
    shown = client.post(f"{address}captions", {name: "楼道，联系 13812345678"}, follow=True).content.decode()
    assert "照片说明已保存" in shown and "楼道，联系 138****5678" in shown  # as it goes out with documents
    assert Entry.objects.filter(item=item, verb="caption").count() == 1
    other = browser(town.reviewer).get(address).content.decode()
    assert "楼道，联系 138****5678" in other and "13812345678" not in other and f'name="{name}"' not in other
    assert browser(town.reviewer).post(f"{address}captions", {name: "别人写的"}).status_code in (403, 404)
    api = browser(town.reviewer).get(f"/api/v1/items/{item.pk}").json()
    assert api["attachments"][0]["caption"] == "楼道，联系 138****5678"


def test_a_finished_items_captions_stay(town: Town, browser: Browser) -> None:
    item = submitted(town.reporter)
    row = attachments.attach(
        town.reporter, AttachFile(item=item.pk, caption="原来的说明"), file=samples.jpeg(), name="a.jpg"
    )
    Item.objects.filter(pk=item.pk).update(status="closed")
    answer = browser(town.reporter).patch(
        f"/api/v1/attachments/{row.pk}", {"caption": "改写"}, content_type="application/json"
    )
    assert answer.status_code == 409 and caption(row) == "原来的说明"


def test_another_items_photos_are_passed_over(draft: Item, photo: Attachment, town: Town, browser: Browser) -> None:
    other = services.create(town.reporter, told(title="另一条信息"))
    attachments.attach(town.reporter, AttachFile(item=other.pk), file=samples.jpeg(seed=3), name="b.jpg")
    sent: dict[str, Any] = {f"caption.{photo.pk}": "写到别处", "caption.nonsense": "x"}
    browser(town.reporter).post(f"/items/{other.pk}/captions", sent)
    assert caption(photo) == ""


@pytest.mark.clause("2.1.2")
def test_photos_of_an_activity_have_captions_too(town: Town, browser: Browser) -> None:
    row = activities.create(
        town.reporter, RecordActivity(kind="visit", starts_at=clock.now(), people=3, place="3栋门前")
    )
    photo = attachments.attach(town.reporter, AttachFile(activity=row.pk), file=samples.jpeg(), name="a.jpg")
    client, address, name = browser(town.reporter), f"/activities/{row.pk}/", f"caption.{photo.pk}"
    assert f'name="{name}"' in client.get(address).content.decode()
    shown = client.post(f"{address}captions", {name: "走访现场，联系 13812345678"}, follow=True).content.decode()
    assert "走访现场，联系 138****5678" in shown
    assert browser(town.colleague).post(f"{address}captions", {name: "别人写的"}).status_code in (403, 404)
    assert caption(photo) == "走访现场，联系 138****5678"
