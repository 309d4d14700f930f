"""Persons planted in the words of an item come out nowhere but to its author and to who reveals them (1.3.4)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from linbao.audit.models import Record
from linbao.confidentiality import retention
from linbao.documents.models import Document
from linbao.handling import assigning, links, loop, oversight, work
from linbao.handling.inputs import (
    AdoptItem,
    AssignItem,
    CloseItem,
    EvaluateItem,
    InformResident,
    RecordProgress,
    ResolveItem,
    SuperviseItem,
)
from linbao.items import services as item_services
from linbao.items.inputs import WithdrawItem
from linbao.items.models import Attachment, Item
from linbao.outbox.models import Delivery
from linbao.platform import files
from linbao.platform.encryption.crypto import EncryptedText
from linbao.review import services as review
from linbao.review.inputs import Approve, Merge, ReturnItem
from linbao.weekly_reports import services as weekly_reports
from linbao.weekly_reports.models import WeeklyReport
from tests.items import samples
from tests.loop import Town

pytestmark = pytest.mark.clause("1.3.4")
NAME, PHONE = "赵小兰", "13855550002"
SPELLINGS = ("138 5555 0002", "138-5555-0002", "+86 13855550002", "１３８５５５５０００２", PHONE)
PLANTED = (NAME, *SPELLINGS, "5555 0002", "川A12345", "510104199001011230", "1201室", "028-85551234", "85551234")
WORDS = (
    f"居民{NAME}（身份证510104199001011230，住锦江苑3栋2单元1201室）"
    f"来电028-85551234，又留手机138 5555 0002、138-5555-0002，"
    f"备用+86 13855550002、１３８５５５５０００２，车牌川A12345，说楼道堆物多日无人清运。"
)


def planted(town: Town, **changes: Any) -> Item:
    """A submitted item with persons in every field of words."""
    body: dict[str, Any] = {
        "title": f"{NAME}家门口堆物138 5555 0002",
        "narrative": WORDS,
        "place": {"text": f"锦江苑3栋2单元1201室{NAME}家"},
        "key_points": [f"{NAME}要求清运，电话{PHONE}"],
        "analysis": f"{NAME}家门口无人清扫",
        "suggestion": f"请联系{PHONE}",
        "details": {
            "area": "3栋2单元1201室门口",
            "factor": "frequency",
            "factor_words": f"{NAME}说一周一次",
            "severity": "middle",
        },
        "parties": [{"role": "proposer", "name": NAME, "phone": PHONE}],
    }
    return town.submitted(**(body | changes))


def attached(town: Town, item: Item) -> Attachment:
    return Attachment.objects.create(
        item=item,
        owner=town.reporter,
        kind="photo",
        name=f"{NAME}家{PHONE}.jpg",
        content_type="image/jpeg",
        size=3,
        sha256=files.put(samples.jpeg(41, 40)),
        shown=files.put(samples.jpeg(42, 40)),
        thumb=files.put(samples.jpeg(43, 40)),
    )


def carried(town: Town, item: Item) -> Item:
    """The item through the loop, persons in all that is written on the way."""
    say = f"已联系{NAME}（138 5555 0002，1201室）"
    findings = [{"field": "narrative", "check": "accuracy", "words": say}]
    review.return_(town.reviewer, item.pk, ReturnItem(findings=findings, remark=say))
    item_services.change(town.reporter, item.pk, {"suggestion": f"再联系{NAME}{PHONE}"})
    item_services.submit(town.reporter, item.pk)
    answers = {c: {"pass": True, "overruled": say} for c in ("truth", "completeness", "accuracy", "format")}
    review.approve(town.reviewer, item.pk, Approve(checks=answers, remark=say))
    assigning.assign(
        town.manager, item.pk, AssignItem(unit=town.department.id, handler=town.handler.pk, instruction=say)
    )
    oversight.supervise(town.manager, item.pk, SuperviseItem(requirements=say))
    work.progress(town.handler, item.pk, RecordProgress(text=say))
    work.resolve(town.handler, item.pk, ResolveItem(result=say + "，已清运干净。"))
    loop.inform(town.reporter, item.pk, InformResident(outcome="reached", method="phone", message=say))
    loop.evaluate(town.reporter, item.pk, EvaluateItem(verdict="satisfied", remark=f"{NAME}说满意，{PHONE}"))
    oversight.adopt(town.manager, item.pk, AdoptItem(kind="measure", note=say))
    item.refresh_from_db()
    return item


def found_in(text: str) -> list[str]:
    return [p for p in PLANTED if p in text]


def read(response: Any) -> str:
    data = b"".join(response.streaming_content) if response.streaming else response.content
    return data.decode("utf-8", "replace")


PAGES = (
    "/",
    "/me/",
    "/notices/",
    "/items/{id}/",
    "/items/{id}/print",
    "/archive/",
    "/archive/?q=堆物",
    "/archive/?view=map",
    "/stats/",
    "/review/",
    "/review/{id}/",
    "/handling/",
    "/handling/{id}/",
    "/handling/{id}/inform",
    "/archive/export?format=csv",
    "/archive/export?format=geojson",
    "/weekly/",
    "/weekly/{report}/",
    "/compliance/",
    "/compliance/duties",
    "/admin/deliveries/",
    "/audit/",
    "/handling/callbacks/",
    "/handling/{id}/inform/slip",
    "/items/{id}/files/{photo}/shown",
)


def test_no_page_tells_what_was_planted(town: Town, client: Client) -> None:
    item = planted(town)
    photo = attached(town, item)
    item = carried(town, item)
    again = planted(town, title=f"{NAME}又来电话了，{PHONE}")
    public = "/r/" + links.url(links.link_of(town.reporter, item.pk)).rpartition("/r/")[2]
    assert item.reported_at is not None
    report = weekly_reports.assemble_week(
        town.reporter, item.reported_at.date() - timedelta(days=item.reported_at.weekday())
    )
    opened = 0
    for who in ("reporter", "leader", "reviewer", "manager", "handler", "auditor", "officer"):
        browser = town.browser(who)
        for page in PAGES:
            for pk in (item.pk, again.pk):
                response = browser.get(page.format(id=pk, report=report.pk, photo=photo.pk), follow=True)
                opened += response.status_code == 200
                assert found_in(read(response)) == [], (who, page, response.status_code)
        for path in (
            f"/api/v1/items/{item.pk}",
            "/api/v1/items",
            "/api/v1/items?q=堆物",
            "/api/v1/obligations",
            "/api/v1/deliveries",
        ):
            response = client.get(path, **town.token(who))
            opened += response.status_code == 200
            assert found_in(read(response)) == [], (who, path)
    assert opened > 150
    shown = client.get(public)
    assert shown.status_code == 200 and found_in(read(shown)) == []


def test_its_author_and_who_reveals_with_a_reason_read_the_words(town: Town, client: Client) -> None:
    item = planted(town)
    review.return_(
        town.reviewer, item.pk, ReturnItem(findings=[{"field": "narrative", "check": "accuracy", "words": "请核对"}])
    )
    form = town.browser("reporter").get(f"/items/{item.pk}/edit").content.decode()
    assert WORDS in form.replace("&#x27;", "'")
    assert client.get(f"/api/v1/items/{item.pk}", **town.token("reporter")).json()["narrative"] == WORDS
    assert client.get(f"/api/v1/items/{item.pk}", **town.token("reviewer")).json()["narrative"] != WORDS
    manager = town.browser("manager")
    assert "查看原文" in manager.get(f"/items/{item.pk}/").content.decode()
    assert manager.post(f"/items/{item.pk}/reveal", {"text": "1", "reason": ""}).status_code == 422
    shown = manager.post(f"/items/{item.pk}/reveal", {"text": "1", "reason": f"上门找{NAME}核实"}).content.decode()
    assert WORDS in shown
    record = Record.objects.get(action="party.reveal")
    assert record.data["text"] is True and NAME not in record.reason
    stranger = town.browser("stranger").post(f"/items/{item.pk}/reveal", {"text": "1", "reason": "看看"})
    assert stranger.status_code == 404


def dump() -> Iterator[tuple[str, str]]:
    """Every table as text, sealed fields opened by their model; and every file that documents and attachments name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT string_agg(r::text, chr(10)) FROM "{table}" r')
            yield table, cursor.fetchone()[0] or ""
    for model in apps.get_models():
        sealed = [f.name for f in model._meta.concrete_fields if isinstance(f, EncryptedText)]
        if sealed and model._meta.app_label not in ("audit", "documents", "base"):
            for row in model._default_manager.all():
                yield model._meta.label_lower, " ".join(str(getattr(row, name) or "") for name in sealed)
    for document in Document.objects.all():
        for digest in (document.pdf, document.docx):
            if digest:
                yield f"document {document.number}", document_text(files.get(digest))


def document_text(data: bytes) -> str:
    if data[:2] != b"PK":
        return data.decode("latin-1")
    from docx import Document as Word

    word = Word(io.BytesIO(data))
    return "\n".join([p.text for p in word.paragraphs] + [c.text for t in word.tables for r in t.rows for c in r.cells])


@pytest.mark.django_db(transaction=True)
def test_twelve_years_on_nothing_holds_the_person(town: Town, time: Any) -> None:
    closed = carried(town, planted(town))
    loop.close(town.manager, closed.pk, CloseItem())
    photo = attached(town, closed)
    withdrawn = planted(town)
    item_services.withdraw(town.reporter, withdrawn.pk, WithdrawItem(reason=f"{NAME}说不用了"))
    first, second = planted(town), planted(town)
    review.merge(town.reviewer, first.pk, Merge(into=second.pk, reason=f"都是{NAME}说的"))
    planted(town, urgent=True)
    returned = planted(town)
    review.return_(
        town.reviewer, returned.pk, ReturnItem(findings=[{"field": "title", "check": "format", "words": f"{NAME}写错"}])
    )
    item_services.create(
        town.reporter, town.body(narrative=WORDS, parties=[{"role": "proposer", "name": NAME, "phone": PHONE}])
    )
    assert closed.reported_at is not None
    day = closed.reported_at.date()
    report = weekly_reports.assemble_week(town.reporter, day - timedelta(days=day.weekday()))
    WeeklyReport.objects.filter(pk=report.pk).update(texts={"analysis": f"{NAME}多次反映，{PHONE}", "suggestion": ""})
    assert any(found_in(text) for _place, text in dump())  # it can find them
    digest = photo.sha256
    time.shift(timedelta(days=12 * 366))
    for _day in range(3):
        retention.run()
        time.shift(timedelta(days=1))
    held = {place: found_in(text) for place, text in dump() if found_in(text)}
    assert held == {}
    with pytest.raises(FileNotFoundError):
        files.get(digest)
    assert not Delivery.objects.exclude(recipient="").exists()
    assert retention.run() == {}


def test_a_row_that_cannot_be_opened_does_not_hold_up_the_others(town: Town, time: Any) -> None:
    first, second = town.closed(), town.closed()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE items_party SET name = '\\x00'::bytea WHERE item_id = %s", [first.pk])
    time.shift(timedelta(days=4 * 365))
    done = retention.run()
    assert done["failed"] >= 1 and done["items"] >= 1
    assert second.parties.count() == 0 and first.parties.count() == 1
