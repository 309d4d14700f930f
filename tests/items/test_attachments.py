"""Files of items: taken once, given out by permission, originals audited (3.3, 3.4, 1.3.4)."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from linbao.audit.models import Record
from linbao.core import ids
from linbao.items import services
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile
from linbao.items.models import Attachment, Entry, Item
from linbao.organisation.models import User
from linbao.platform import files
from tests.items import samples
from tests.items.conftest import Town, submitted, told

Browser = Callable[[User], Client]
JSON = {"Accept": "application/json"}


def send(client: Client, item: Item, data: bytes, name: str = "a.jpg", /, **fields: str) -> Any:
    return client.post("/api/v1/attachments", {"item": str(item.pk), "file": SimpleUploadedFile(name, data)} | fields)


@pytest.fixture
def draft(town: Town) -> Item:
    return services.create(town.reporter, told())


@pytest.mark.clause("3.4")
def test_a_photo_sent_by_api_is_kept_small_and_sealed(draft: Item, town: Town, browser: Browser) -> None:
    photo = samples.jpeg(3000, 2000, data=samples.exif(6))
    answer = send(
        browser(town.reporter),
        draft,
        photo,
        "IMG_0001.HEIC",
        id=str(ids.new()),
        sha256=hashlib.sha256(photo).hexdigest(),
    )
    assert answer.status_code == 201, answer.content
    row = Attachment.objects.get(pk=answer.json()["id"])
    assert (row.kind, row.content_type, row.name, row.width, row.height) == (
        "photo",
        "image/jpeg",
        "IMG_0001.jpg",
        2000,
        3000,
    )
    assert files.get(row.sha256) == photo
    assert len(files.get(row.shown)) <= 400_000 and b"HUAWEI" not in files.get(row.shown)
    assert json.loads(row.exif)["lat"] == 30.652
    assert row.fingerprint is not None


def test_the_same_file_again_is_the_same_row_another_is_a_conflict(draft: Item, town: Town, browser: Browser) -> None:
    client, id, photo = browser(town.reporter), str(ids.new()), samples.jpeg()
    assert [send(client, draft, photo, id=id).status_code for _n in range(3)] == [201, 201, 201]
    assert Attachment.objects.count() == 1
    assert send(client, draft, samples.jpeg(seed=9), id=id).status_code == 409


def test_a_file_belongs_to_an_item_or_an_activity_and_never_to_both(draft: Item, town: Town, browser: Browser) -> None:
    client = browser(town.reporter)
    for owner in ({"item": ""}, {"activity": str(ids.new())}, {"item": "7"}, {"id": "x"}):
        answer = send(client, draft, samples.jpeg(), **owner)
        assert answer.status_code == 422 and answer.json()["fields"].keys() & {"item", "id"}, owner
    assert not Attachment.objects.exists()


def test_a_file_that_arrived_changed_is_refused(draft: Item, town: Town, browser: Browser) -> None:
    answer = send(browser(town.reporter), draft, samples.jpeg(), sha256="0" * 64)
    assert answer.status_code == 422 and "sha256" in answer.json()["fields"]
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("data", "name", "status"),
    [
        (samples.png_bomb(), "a.png", 413),
        (samples.jpeg()[:2000], "a.jpg", 422),
        (samples.office(flood=60_000_000), "a.docx", 413),
        (samples.REFUSED["a program"], "a.jpg", 415),
        (samples.REFUSED["a web page"], "a.pdf", 415),
        (b"", "a.jpg", 422),
        (samples.zipped(), "../../x", 415),
        (b"\xff\xd8\xff" + b"0" * 26_000_000, "a.jpg", 413),
    ],
    ids=["pixel bomb", "truncated", "office bomb", "program", "web page", "empty", "zip", "too large"],
)
def test_bad_files_are_refused_with_words(
    draft: Item, town: Town, browser: Browser, data: bytes, name: str, status: int
) -> None:
    answer = send(browser(town.reporter), draft, data, name)
    assert answer.status_code == status, answer.content
    assert answer.json()["detail"] or answer.json()["fields"]
    assert not Attachment.objects.exists()


def test_a_request_without_a_file_or_with_nonsense_is_refused(draft: Item, town: Town, browser: Browser) -> None:
    client = browser(town.reporter)
    assert client.post("/api/v1/attachments", {"item": str(draft.pk)}).status_code == 422
    assert send(client, draft, samples.jpeg(), item="nobody").status_code == 422
    assert send(client, draft, samples.jpeg(), id="x").status_code == 422
    assert send(client, draft, samples.jpeg(), stage="nowhere").status_code == 422
    assert client.post("/api/v1/attachments", data="{}", content_type="application/json").status_code == 422


def test_a_flood_is_refused_before_it_is_read(draft: Item, town: Town, browser: Browser) -> None:
    client = browser(town.reporter)
    kind = "multipart/form-data; boundary=x"
    for address in ("/api/v1/attachments", f"/items/{draft.pk}/files", f"/items/{draft.pk}/edit"):
        answer = client.post(address, data=b"--x--", content_type=kind, CONTENT_LENGTH=str(10**11))
        assert answer.status_code in (400, 413), address


def test_only_the_reporter_of_an_item_adds_to_it(draft: Item, town: Town, browser: Browser) -> None:
    assert send(browser(town.colleague), draft, samples.jpeg()).status_code == 404  # a draft is its author's alone
    item = submitted(town.reporter)
    assert send(browser(town.reviewer), item, samples.jpeg()).status_code == 403
    assert send(browser(town.stranger), item, samples.jpeg()).status_code == 404
    assert send(Client(), item, samples.jpeg()).status_code == 401


@pytest.mark.clause("1.3.4")
def test_who_may_see_the_item_sees_its_photo_and_nobody_else(town: Town, browser: Browser) -> None:
    item = submitted(town.reporter, sensitivity="sensitive")
    row = attachments.attach(
        town.reporter, AttachFile(item=item.pk), file=samples.jpeg(data=samples.exif()), name="a.jpg"
    )
    address = f"/items/{item.pk}/files/{row.pk}/"
    for person, status in (
        (town.reporter, 200),
        (town.reviewer, 200),
        (town.manager, 200),
        (town.colleague, 404),
        (town.stranger, 404),
        (town.admin, 404),
        (town.auditor, 404),
    ):
        assert browser(person).get(address + "shown").status_code == status, person
    answer = browser(town.reviewer).get(address + "thumb")
    assert answer["Content-Type"] == "image/jpeg" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private") and "sandbox" in answer["Content-Security-Policy"]
    assert not Image.open(io.BytesIO(answer.content)).getexif()
    other = submitted(town.reporter)
    assert browser(town.reporter).get(f"/items/{other.pk}/files/{row.pk}/shown").status_code == 404  # not this item's
    assert Client().get(address + "shown").status_code == 302
    assert browser(town.reporter).get(address + "anything").status_code in (200, 404)


@pytest.mark.clause("1.3.4")
def test_originals_are_for_reviewers_and_leave_a_record(town: Town, browser: Browser) -> None:
    item = submitted(town.reporter)
    row = attachments.attach(
        town.reporter, AttachFile(item=item.pk), file=samples.jpeg(data=samples.exif()), name="a.jpg"
    )
    Item.objects.filter(pk=item.pk).update(handler=town.handler, status="handling")
    address = f"/items/{item.pk}/files/{row.pk}/original"
    assert browser(town.handler).get(address).status_code == 403
    assert not Record.objects.filter(action="attachment.original").exists()
    answer = browser(town.reviewer).get(address)
    assert answer.status_code == 200 and b"HUAWEI" in answer.content and "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment")
    record = Record.objects.get(action="attachment.original")
    assert (record.actor_id, record.subject_id) == (town.reviewer.pk, str(row.pk))


def test_documents_are_saved_and_recordings_play_by_ranges(draft: Item, town: Town, browser: Browser) -> None:
    document = attachments.attach(town.reporter, AttachFile(item=draft.pk), file=samples.office(), name="记录.docx")
    sound = attachments.attach(
        town.reporter, AttachFile(item=draft.pk), file=samples.RECORDINGS["m4a"], name="录音.m4a"
    )
    client = browser(town.reporter)
    assert client.get(f"/items/{draft.pk}/files/{document.pk}/shown")["Content-Disposition"].startswith("attachment")
    address = f"/items/{draft.pk}/files/{sound.pk}/shown"
    part = client.get(address, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content, part["Content-Range"]) == (206, b"ftyp", f"bytes 4-7/{sound.size}")
    assert client.get(address, headers={"Range": "bytes=9-2"}).status_code == 200
    assert client.get(address, headers={"If-None-Match": client.get(address)["ETag"]}).status_code == 304


def test_a_file_is_taken_back_and_its_content_goes_unless_another_needs_it(town: Town, browser: Browser) -> None:
    one, two = services.create(town.reporter, told()), services.create(town.reporter, told(title="另一件"))
    a, b = (
        attachments.attach(town.reporter, AttachFile(item=i.pk), file=samples.jpeg(), name="a.jpg") for i in (one, two)
    )
    client = browser(town.reporter)
    assert browser(town.colleague).post(f"/items/{one.pk}/files/{a.pk}/remove", headers=JSON).status_code == 404
    assert client.post(f"/items/{one.pk}/files/{a.pk}/remove", headers=JSON).status_code == 200
    assert not Attachment.objects.filter(pk=a.pk).exists() and files.get(b.sha256)
    services.submit(town.reporter, two.pk)
    assert client.post(f"/items/{two.pk}/files/{b.pk}/remove", headers=JSON).status_code == 409


def test_a_file_added_after_submission_stands_on_the_timeline(town: Town) -> None:
    item = submitted(town.reporter)
    attachments.attach(town.reporter, AttachFile(item=item.pk), file=samples.jpeg(), name="a.jpg")
    assert list(Entry.objects.filter(item_id=item.pk).values_list("verb", flat=True)) == ["submit", "attach"]


def test_a_photo_costs_few_statements_however_many_there_are(
    draft: Item, town: Town, django_assert_max_num_queries: Any
) -> None:
    reporter = User.objects.get(pk=town.reporter.pk)
    assert reporter.rights
    for count in range(3):
        with django_assert_max_num_queries(8):  # item, id, begin, count, insert, read back, end
            attachments.attach(
                reporter, AttachFile(item=draft.pk, id=ids.new()), file=samples.jpeg(seed=count), name="a.jpg"
            )


@pytest.mark.clause("1.3.1")
def test_who_sends_a_file_under_another_kinds_name_is_told(draft: Item, town: Town, browser: Browser) -> None:
    for name, notice in (("现场.png", "JPG"), ("现场.jpg", "")):
        answer = send(browser(town.reporter), draft, samples.jpeg(seed=len(notice) + 1), name)
        assert answer.status_code == 201, answer.content
        assert notice in answer.json()["notice"] and bool(answer.json()["notice"]) == bool(notice)
        assert answer.json()["name"] == "现场.jpg"
