"""When the period ends a document gives way to its de-identified edition, and can still be checked (1.3.4)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from docx import Document as Word

from linbao.confidentiality import retention
from linbao.confidentiality.inputs import HoldItem
from linbao.documents import services as documents
from linbao.documents import verification
from linbao.documents.models import Document, DocumentKind
from linbao.items.models import Item
from linbao.platform import files
from linbao.weekly_reports import services as weekly_reports
from tests.loop import Town

pytestmark = [pytest.mark.clause("1.3.4"), pytest.mark.django_db(transaction=True)]
NAME, PHONE = "赵小兰", "13855550002"


def issued(town: Town, item: Item) -> tuple[Document, bytes]:
    """A weekly report's document that names a person as old ones did, and its PDF."""
    assert item.reported_at is not None
    day = item.reported_at.date()
    report = weekly_reports.assemble_week(town.reporter, day - timedelta(days=day.weekday()))
    lines = [f"居民{NAME}反映楼道堆物，电话138 5555 0002，住3栋2单元1201室。", "已交环境办公室办理。"]
    content = {
        "title": "桂花园社区信息周报",
        "unit": "桂花园社区",
        "issuer": "桂花园社区信息报告",
        "number": "桂花园社信〔2026〕1号",
        "to": "社区管理部门",
        "sections": [{"heading": "二、具体情况", "blocks": [{"kind": "text", "text": line} for line in lines]}],
        "attachments": [],
        "signature": "桂花园社区",
        "date": "2026年11月27日",
    }
    row = documents.issue(
        DocumentKind.WEEKLY_REPORT, content, unit_id=town.community.pk, subject=report, version=1, by=town.reporter
    )
    return row, files.get(row.pdf)


def submitted(town: Town) -> Item:
    item = town.closed(parties=[{"role": "proposer", "name": NAME, "phone": PHONE}])
    return Item.objects.get(pk=item.pk)


def text_of(row: Document) -> str:
    word = Word(io.BytesIO(files.get(row.docx)))
    cells = [cell.text for table in word.tables for each in table.rows for cell in each.cells]
    return "\n".join([*(p.text for p in word.paragraphs), *cells])


def test_number_code_and_digest_stay_and_the_check_says_so(town: Town, time: Any, client: Client) -> None:
    row, original = issued(town, submitted(town))
    first_pdf, first_docx = row.pdf, row.docx
    time.shift(timedelta(days=3 * 366))
    retention.run()
    row.refresh_from_db()
    assert row.deidentified_at and (row.original_pdf, row.original_docx) == (first_pdf, first_docx)
    for digest in (first_pdf, first_docx):
        with pytest.raises(FileNotFoundError):
            files.get(digest)
    message = text_of(row)
    assert (
        "去标识化版本" in message and first_pdf in message and "已交环境办公室办理" in message and row.code in message
    )
    for gone in (NAME, "5555", "1201"):
        assert gone not in message
    for verdict in (
        verification.by_code(row.code),
        verification.by_file(original),
        verification.by_file(files.get(row.pdf)),
    ):
        assert verdict.answer == verification.Answer.GENUINE and verdict.document == row
        assert any("去标识化" in note and first_pdf in note for note in verdict.notes)
    page = client.get("/verify/", {"code": row.code}).content.decode()
    assert row.number in page and "去标识化" in page
    assert verification.by_file(original + b" ").answer == verification.Answer.UNKNOWN


def test_not_before_its_time_and_not_under_legal_hold(town: Town, time: Any) -> None:
    item = submitted(town)
    row, _pdf = issued(town, item)
    time.shift(timedelta(days=2 * 365))
    retention.run()
    row.refresh_from_db()
    assert row.deidentified_at is None
    retention.hold(town.manager, item.pk, HoldItem(reason="法院来函〔2029〕3号"))
    time.shift(timedelta(days=5 * 365))
    retention.run()
    row.refresh_from_db()
    assert row.deidentified_at is None and NAME in text_of(row)
    retention.release(town.manager, item.pk)
    retention.run()
    row.refresh_from_db()
    assert row.deidentified_at is not None and NAME not in text_of(row)


def test_what_never_closed_ends_by_its_last_change(town: Town, time: Any) -> None:
    waiting, urgent = town.submitted(), town.submitted(urgent=True)
    draft = town.submitted()
    Item.objects.filter(pk=draft.pk).update(status="draft", number=None)
    time.shift(timedelta(days=400))
    retention.run()
    assert draft.parties.count() == 0 and waiting.parties.count() == 1
    time.shift(timedelta(days=2 * 366))
    retention.run()
    assert waiting.parties.count() == 0 and urgent.parties.count() == 1
    time.shift(timedelta(days=7 * 366))
    retention.run()
    assert urgent.parties.count() == 0
