"""Residents' requests, and what is removed when its time has come (1.3.4, PIPL)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, InternalError
from pypdf import PdfReader

from linbao.archive import search
from linbao.archive.filters import Filters
from linbao.audit.models import Record
from linbao.confidentiality import retention
from linbao.confidentiality.inputs import HoldItem
from linbao.confidentiality.models import PrivacyRequest, Removal
from linbao.confidentiality.privacy_requests import services as privacy
from linbao.confidentiality.privacy_requests.inputs import Countersign, DecideRequest, EnterRequest, Identify
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed
from linbao.documents import verification
from linbao.documents.models import Document
from linbao.duties.models import Obligation
from linbao.items import masking, states
from linbao.items.models import Attachment, Entry, Item, Party
from linbao.platform import files
from tests.items import samples
from tests.loop import Town

pytestmark = pytest.mark.clause("1.3.4")
NAME, PHONE = "赵小兰", "13900001111"
HOLD = HoldItem(reason="法院来函〔2026〕3号")


def submitted_item(town: Town) -> Item:
    item = town.closed(
        narrative=f"居民{NAME}反映楼道堆物已久，电话{PHONE}，住7幢2单元301室，请尽快处理。",
        parties=[{"role": "proposer", "name": NAME, "phone": PHONE}],
    )
    return Item.objects.get(pk=item.pk)


def asked(town: Town, kind: str = "delete", **changes: str) -> PrivacyRequest:
    data = {"kind": kind, "name": NAME, "phone": PHONE, "channel": "visit"} | changes
    return privacy.enter(town.reviewer, town.community, checked(EnterRequest, data))


def decided(town: Town, row: PrivacyRequest) -> PrivacyRequest:
    privacy.identify(town.manager, row.pk, Identify(identity="当面查验身份证"))
    chosen = [m.party.pk for m in privacy.matches(town.manager, row)]
    return privacy.decide(town.manager, row.pk, DecideRequest(grant=True, parties=chosen))


def everywhere() -> str:
    """Every text column of the tables that hold what people told."""
    tables = (
        "items_item",
        "items_party",
        "items_entry",
        "items_itemtext",
        "review_finding",
        "items_hint",
        "outbox_notice",
        "confidentiality_privacyrequest",
        "confidentiality_removal",
        "audit_record",
        "duties_obligation",
    )
    with connection.cursor() as cursor:
        rows = []
        for table in tables:
            cursor.execute(f"SELECT string_agg(r::text, '|') FROM {table} r")
            rows.append(cursor.fetchone()[0] or "")
    return "\n".join(rows)


def test_a_resident_asks_by_link_and_everything_is_deleted(town: Town, client: Any) -> None:
    item = submitted_item(town)
    states.entry(item, "comment", town.reporter, note=f"已与{NAME}通话").save()
    page = f"/privacy/{town.community.code}/"
    assert client.get(page).status_code == 200
    assert client.get("/privacy/999999999999/").status_code == 404
    errors = client.post(page, {"kind": "delete", "name": NAME, "phone": "12"})
    assert errors.status_code == 422
    assert NAME in errors.content.decode()
    answer = client.post(page, {"kind": "delete", "name": NAME, "phone": PHONE})
    row = PrivacyRequest.objects.get()
    assert row.receipt in answer.content.decode()
    assert Obligation.objects.open().filter(kind="privacy_request", subject_id=row.pk).count() == 2

    manager, officer, here = town.browser("manager"), town.browser("officer"), f"/confidentiality/requests/{row.pk}/"
    assert manager.post(here, {"do": "decide", "grant": "yes"}).status_code == 409  # who is it?
    assert manager.post(here, {"do": "identify", "identity": "当面查验身份证"}).status_code == 302
    shown = manager.get(here).content.decode()
    assert item.number and item.number in shown
    assert "姓名和电话都相符" in shown
    assert manager.post(here, {"do": "decide", "grant": "yes"}).status_code == 422  # none ticked
    party = Party.objects.get(item=item)
    assert manager.post(here, {"do": "decide", "grant": "yes", "parties": str(party.pk)}).status_code == 302
    assert manager.post(here, {"do": "agree"}).status_code == 403
    assert NAME not in officer.get(here).content.decode()  # sees no resident data
    assert PHONE not in officer.get(here).content.decode()
    assert officer.post(here, {"do": "agree"}).status_code == 302

    item.refresh_from_db()
    assert not Party.objects.filter(item=item).exists()
    assert NAME not in item.narrative
    assert "赵*" in item.narrative
    left = everywhere()
    assert NAME not in left
    assert PHONE not in left
    assert not search.find(town.reviewer, Filters.read({"q": NAME})).rows
    assert not Obligation.objects.open().filter(kind="privacy_request", subject_id=row.pk).exists()
    assert Removal.objects.get(request=row).counts["persons"] == 1
    row.refresh_from_db()
    assert (row.name, row.phone, row.state) == (None, None, "answered")
    paper = manager.get(here + "answer")
    assert paper["Content-Type"] == "application/pdf"
    read = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    assert "个人信息请求答复书" in "".join(read.split()) and row.receipt in read
    assert NAME not in read and PHONE not in read  # what was to be deleted is not kept in the answer either
    checked = verification.by_file(paper.content)
    stored = Document.objects.get(kind="privacy_answer", subject_id=row.pk)
    assert checked.answer == "genuine" and verification.by_code(stored.code).answer == "genuine"
    assert Record.objects.filter(action="document.take", subject_id=str(stored.pk), actor_id=town.manager.pk).exists()
    assert officer.get(here + "answer").status_code == 403


def test_the_timeline_cannot_be_reworded_outside_that_door(town: Town) -> None:
    item = submitted_item(town)
    for change in ({"note": "x"}, {"verb": "x"}):
        with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
            Entry.objects.filter(item_id=item.pk).update(**change)

    def through_the_door(sql: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('linbao.anonymising', 'on', true)")
            cursor.execute(sql, [item.pk])

    for sql in (
        "UPDATE items_entry SET verb = 'x' WHERE item_id = %s",
        "UPDATE items_entry SET actor_name = 'x' WHERE item_id = %s",
        "DELETE FROM items_entry WHERE item_id = %s",
    ):
        with pytest.raises((InternalError, DatabaseError)):
            through_the_door(sql)


def test_correction_changes_the_person_and_its_index(town: Town) -> None:
    item = submitted_item(town)
    row = decided(town, asked(town, "correct", new_phone="13900002222"))
    privacy.countersign(town.officer, row.pk, Countersign(agree=True))
    assert Party.objects.get(item=item).phone == "13900002222"
    assert search.find(town.reviewer, Filters.read({"person": "13900002222"})).rows
    assert not search.find(town.reviewer, Filters.read({"person": PHONE})).rows


def test_a_copy_lists_what_is_kept(town: Town) -> None:
    item = submitted_item(town)
    row = decided(town, asked(town, "see"))
    made = privacy.countersign(town.officer, row.pk, Countersign(agree=True))
    assert item.number in (made.answer or "")
    assert PHONE in (made.answer or "")


def test_a_refusal_names_the_law_and_the_officer_may_send_it_back(town: Town) -> None:
    town.submitted(
        parties=[
            {"role": "proposer", "name": NAME, "phone": PHONE},
            {"role": "witness", "name": "李国强", "phone": "13900002222"},
        ]
    )
    row = asked(town)
    privacy.identify(town.reviewer, row.pk, Identify(identity="回拨登记的电话核对"))
    with pytest.raises(NotAllowed):
        privacy.decide(town.reviewer, row.pk, DecideRequest(grant=False, reason="依法不能删除"))
    with pytest.raises(Invalid):
        checked(DecideRequest, {"grant": False, "reason": "不行"})
    privacy.decide(
        town.manager, row.pk, DecideRequest(grant=False, reason="案件尚在诉讼中，依第四十七条第二款暂不删除")
    )
    with pytest.raises(Conflict):
        privacy.decide(town.manager, row.pk, DecideRequest(grant=True))
    assert (
        privacy.countersign(town.officer, row.pk, Countersign(agree=False, reason="请核实案件状态")).state
        == "identified"
    )
    privacy.decide(
        town.manager, row.pk, DecideRequest(grant=False, reason="与李国强的案件尚在诉讼中，依第四十七条第二款暂不删除")
    )
    made = privacy.countersign(town.officer, row.pk, Countersign(agree=True))
    assert "第四十七条" in (made.answer or "")
    # Neighbours whom the manager's reason names are de-identified in what is handed out.
    assert "李国强" not in (made.answer or "") and "李*" in (made.answer or "")
    assert Party.objects.filter(phone_index__gt="").exists()


def test_it_is_due_in_fifteen_working_days(town: Town) -> None:
    row = asked(town)
    # Tuesday 24 November, 10:00, and fifteen working days: Tuesday 15 December.
    assert str(row.due_at.date()) == "2026-12-15"


def test_what_is_held_is_neither_deleted_nor_anonymised(town: Town, time: Any) -> None:
    item = submitted_item(town)
    with pytest.raises(NotAllowed):
        retention.hold(town.reviewer, item.pk, HOLD)
    retention.hold(town.manager, item.pk, HOLD)
    with pytest.raises(Conflict):
        retention.hold(town.manager, item.pk, HOLD)
    with pytest.raises(Invalid):
        decided(town, asked(town))
    time.shift(timedelta(days=3 * 366))
    retention.run()
    item.refresh_from_db()
    assert NAME in masking.as_typed(item).narrative
    retention.release(town.manager, item.pk)
    retention.run()
    item.refresh_from_db()
    assert item.typed is None and NAME not in item.narrative


@pytest.mark.django_db(transaction=True)
def test_periods_run_out_and_what_is_removed_is_gone(town: Town, time: Any) -> None:
    item = submitted_item(town)
    town.closed()
    photo = Attachment.objects.create(
        item=item,
        owner=town.reporter,
        kind="photo",
        name="a.jpg",
        content_type="image/jpeg",
        size=3,
        sha256=files.put(samples.jpeg(40, 40)),
        shown=files.put(b"shown of it"),
        thumb=files.put(b"thumb of it"),
    )
    retention.run()
    assert Party.objects.filter(item=item).exclude(phone_index="").exists()
    time.shift(timedelta(days=366))
    retention.run()
    party = Party.objects.get(item=item)
    assert (party.phone, party.phone_index, party.name) == (None, "", NAME)
    time.shift(timedelta(days=2 * 366))
    done = retention.run()
    assert done["items"] == 2
    item.refresh_from_db()
    assert "7幢" in item.narrative
    left = everywhere()
    for gone in (NAME, PHONE, "301"):
        assert gone not in item.narrative
    assert NAME not in left
    assert not Attachment.objects.filter(pk=photo.pk).exists()
    for digest in (photo.sha256, photo.shown, photo.thumb):
        with pytest.raises(FileNotFoundError):
            files.get(digest)
    assert retention.run() == {}  # safe to repeat
    assert set(Removal.objects.values_list("cause", flat=True)) == {"contacts", "ordinary", "records"}
    page = town.browser("officer").get("/confidentiality/processing/").content.decode()
    assert "清除记录" in page


def test_periods_are_set_by_the_officer_and_never_below_the_least(town: Town) -> None:
    browser = town.browser("officer")
    data = {
        "what": "periods",
        "contacts": "90",
        "ordinary": "730",
        "urgent": "2000",
        "drafts": "180",
        "agreements": "1000",
    }
    assert browser.post("/confidentiality/processing/settings", data).status_code == 302
    assert retention.days(town.community.pk)["contacts"] == 90
    errors = browser.post("/confidentiality/processing/settings", data | {"ordinary": "3"})
    assert errors.status_code == 422
    assert 'value="3"' in errors.content.decode()
    assert town.browser("manager").post("/confidentiality/processing/settings", data).status_code == 403
