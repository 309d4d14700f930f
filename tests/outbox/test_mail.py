"""The mail as mail programs read it: raw bytes, Python's parsers, and a real SMTP server (4.1.1, 4.2.1)."""

from __future__ import annotations

import base64
import email
import re
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.conf import settings
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from linbao.documents.models import Document
from linbao.organisation import limits
from linbao.organisation.models import Unit
from linbao.outbox import mail, mime, sending, services
from linbao.outbox.models import Delivery, Notice
from linbao.platform import files
from linbao.platform.reference import Reference
from tests.loop import Town, build
from tests.mailbox import Mailbox

TITLE = "桂花园社区信息周报（2026年第47周，11月16日—11月22日）桂花园社信〔2026〕12号"
NAME = "桂花园社区信息周报（2026年第47周，11月16日—11月22日）-周秀兰"
ODD = [
    "垃圾\n满溢\r\nBcc: someone@else.cn",
    "控制\x00字\x07符\x1b[31m\u202e倒序\u2028行",
    "半个代理\ud83d对\udc00",
    "表情👨‍👩‍👧‍👦🏳️‍🌈" * 20,
    "e\u0301" * 150,
    "x" * 500,
    "字" * 500,
    "=?UTF-8?B?aGFjaw==?=",
    "引号\"与<尖括号>;逗号,'",
    "",
]


@pytest.fixture
def town(db: Any) -> Town:
    return build()


def document(pdf: bytes = b"%PDF-1.7 x", docx: bytes = b"PK docx") -> list[dict[str, str]]:
    row = Document.objects.create(
        kind="weekly_report",
        unit=Unit.objects.get(kind="community", name="桂花园社区"),
        title="周报",
        pdf=files.put(pdf),
        docx=files.put(docx),
    )
    return [{"document": str(row.pk), "form": form, "name": f"{NAME}.{form}"} for form in ("pdf", "docx")]


def post(town: Town, **more: Any) -> Delivery:
    data = {"key": "k:1", "recipient": "weekly@demo.invalid", "subject": TITLE, "body": "附件为本周信息周报。"} | more
    return services.post(channel="mail", caused_by=town.reporter, unit_id=town.community.pk, **data)


def sent(row: Delivery, box: Mailbox) -> bytes:
    sending.send(row.pk)
    row.refresh_from_db()
    assert row.state == "sent", row.answer
    return box.mails[-1]


def head(raw: bytes) -> str:
    return raw.partition(b"\r\n\r\n")[0].decode("ascii")


def subject(raw: bytes) -> str:
    """As a mail program of the old kind decodes it, which is how most do."""
    return str(make_header(decode_header(email.message_from_bytes(raw)["Subject"])))


@pytest.mark.clause("4.1.1")
@override_settings(BASE_URL="https://linbao.example.cn", MAIL_FROM="linbao@example.cn")
def test_the_headers_are_those_of_the_public_host_and_the_units_zone(town: Town, mailbox: Mailbox) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 8, 30, tzinfo=UTC), tick=False):
        row = post(town, attachments=document())
        raw = sent(row, mailbox)
    lines = head(raw).split("\r\n")
    assert f"Message-ID: <{row.pk}@linbao.example.cn>" in lines
    assert "Date: Fri, 20 Nov 2026 16:30:00 +0800" in lines
    assert "Auto-Submitted: auto-generated" in lines
    assert "To: weekly@demo.invalid" in lines
    assert all(len(line) <= 76 for line in lines), lines
    read = email.message_from_bytes(raw, policy=policy.default)
    assert read["From"].addresses[0].addr_spec == "linbao@example.cn"
    assert read["From"].addresses[0].display_name == "桂花园社区（邻报）"
    assert read["Subject"] == TITLE == subject(raw)
    assert mailbox.hello == "linbao.example.cn"


@pytest.mark.clause("4.1.1")
def test_the_same_delivery_is_the_same_bytes_at_every_try(town: Town) -> None:
    row = post(town, attachments=document())
    assert mail.message(row).data == mail.message(Delivery.objects.get(pk=row.pk)).data


@pytest.mark.clause("4.1.1")
def test_names_of_attachments_stand_in_both_forms(town: Town, mailbox: Mailbox) -> None:
    """RFC 2231 in Content-Disposition, RFC 2047 in the `name` of Content-Type (what Outlook and Foxmail read)."""
    raw = sent(post(town, attachments=document()), mailbox)
    assert raw.count(b"filename*=UTF-8''%E6%A1%82%E8%8A%B1") == 2
    assert raw.count(b'name="=?UTF-8?B?') == 2
    new = email.message_from_bytes(raw, policy=policy.default)
    old = email.message_from_bytes(raw)
    assert [a.get_filename() for a in new.iter_attachments()] == [f"{NAME}.pdf", f"{NAME}.docx"]
    attachments = [p for p in old.walk() if p.get_content_disposition() == "attachment"]
    assert [a.get_content_type().rpartition(".")[2] for a in attachments] == [
        "application/pdf".rpartition(".")[2],
        "document",
    ]
    for part, name in zip(attachments, (f"{NAME}.pdf", f"{NAME}.docx"), strict=True):
        message = part.get_param("name")
        assert isinstance(message, str)
        assert str(make_header(decode_header(message))) == name
        assert all(len(word) <= 75 for word in message.split())
    assert [a.get_payload(decode=True) for a in attachments] == [b"%PDF-1.7 x", b"PK docx"]


@pytest.mark.clause("4.1.1")
def test_the_text_goes_as_plain_text_and_as_simple_html(town: Town, mailbox: Mailbox) -> None:
    body = "附件为<周报> & 说明。\n第二行\n\n查看：https://linbao.example.cn/weekly/?a=1&b=2。"
    read = email.message_from_bytes(sent(post(town, body=body), mailbox), policy=policy.default)
    assert read.get_content_type() == "multipart/alternative"
    plain, page = (read.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None and page is not None
    assert plain.get_content().replace("\r\n", "\n").strip() == body
    html = page.get_content()
    assert "附件为&lt;周报&gt; &amp; 说明。<br>" in html
    assert '<a href="https://linbao.example.cn/weekly/?a=1&amp;b=2"' in html
    assert "<script" not in html and "src=" not in html


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize("odd", ODD)
def test_nothing_that_people_typed_breaks_a_mail(town: Town, mailbox: Mailbox, odd: str) -> None:
    files_ = document()
    row = post(town, subject=f"周报{odd}", body=odd, attachments=[files_[0] | {"name": f"{odd}.pdf"}])
    raw = sent(row, mailbox)
    lines = head(raw).split("\r\n")
    names = [line.partition(":")[0] for line in lines if not line.startswith(" ")]
    assert names.count("Subject") == names.count("To") == names.count("From") == 1 and "Bcc" not in names
    assert all(len(line) <= 76 for line in lines)
    assert len(row.subject) <= 200 and not re.search(r"[\x00-\x1f\ud800-\udfff]", row.subject)
    assert subject(raw) == row.subject == email.message_from_bytes(raw, policy=policy.default)["Subject"]
    (attachment,) = email.message_from_bytes(raw, policy=policy.default).iter_attachments()
    name = attachment.get_filename()
    assert name is not None
    assert name.endswith(".pdf") and len(name) <= 80 and not re.search(r"[\x00-\x1f/\\:\"<>]", name)


@given(st.text(max_size=300))
def test_any_text_becomes_a_header_that_reads_back(value: str) -> None:
    text = mime.one_line(value)
    raw = mime.header("Subject", text)
    raw.encode("ascii")
    assert all(len(line) <= 76 and line.strip() for line in raw.split("\r\n"))
    back = email.message_from_string(raw.replace("\r\n", "\n") + "\n\n")["Subject"]
    assert str(make_header(decode_header(back))) == text if text else back == ""
    for word in re.findall(r"=\?UTF-8\?B\?([^?]*)\?=", raw) if not text.isascii() else []:
        base64.b64decode(word).decode()  # no word ends inside a character


@given(st.text(max_size=200))
def test_any_text_becomes_a_files_name(value: str) -> None:
    name = mime.file_name(f"{value}.pdf")
    assert 0 < len(name) <= 80 and "/" not in name and "\\" not in name
    name.encode()


# --- addresses ---------------------------------------------------------------------------------


def test_a_chinese_domain_goes_as_punycode(town: Town, mailbox: Mailbox) -> None:
    raw = sent(post(town, recipient="weekly@例子.中国"), mailbox)
    assert mailbox.recipients == ["weekly@xn--fsqu00a.xn--fiqs8s"]
    assert b"To: weekly@xn--fsqu00a.xn--fiqs8s" in raw


def test_a_chinese_mailbox_name_needs_a_server_that_takes_it(
    town: Town, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=port, enable_SMTPUTF8=False)
    server.start()
    monkeypatch.setattr(settings, "SMTP_URL", f"smtp://127.0.0.1:{port}")
    alone, among = (
        post(town, recipient="周报@例子.中国"),
        post(town, key="k:2", recipient="周报@例子.中国, other@example.cn"),
    )
    try:
        sending.send(alone.pk)
        sending.send(among.pk)
    finally:
        server.stop()
    alone.refresh_from_db()
    among.refresh_from_db()
    assert alone.state == "failed" and "SMTPUTF8" in alone.answer
    assert Notice.objects.filter(user=town.reporter, kind="delivery.failed").count() == 1
    assert among.state == "sent" and "SMTPUTF8" in among.answer  # and who did not get it is told
    assert box.recipients == ["other@example.cn"]


def test_a_chinese_mailbox_name_goes_where_the_server_takes_it(town: Town, mailbox: Mailbox) -> None:
    raw = sent(post(town, recipient="周报@例子.中国, other@example.cn"), mailbox)
    assert mailbox.recipients == ["周报@xn--fsqu00a.xn--fiqs8s", "other@example.cn"]
    assert "To: 周报@xn--fsqu00a.xn--fiqs8s,\r\n other@example.cn" in raw.decode()


@pytest.mark.parametrize("address", ["", "nobody", "a@b c", "@", "weekly@" + "例" * 80 + ".cn"])
def test_an_address_that_is_none_fails_with_words_and_is_never_stuck(
    town: Town, mailbox: Mailbox, address: str
) -> None:
    row = post(town, recipient=address)
    sending.send(row.pk)
    row.refresh_from_db()
    assert row.state == "failed" and "地址" in row.answer
    assert mailbox.mails == []


def test_a_document_that_is_gone_fails_with_words(town: Town, mailbox: Mailbox) -> None:
    attachments = document()
    files.delete(Document.objects.get().pdf)
    row = post(town, attachments=attachments)
    sending.send(row.pk)
    row.refresh_from_db()
    assert row.state == "failed" and "附件" in row.answer


def test_a_fault_of_our_own_leaves_nothing_under_way(
    town: Town, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = post(town)
    with monkeypatch.context() as broken:
        broken.setattr(mime, "message", lambda *a, **k: 1 / 0)
        sending.send(row.pk)
    row.refresh_from_db()
    assert row.state == "waiting" and "ZeroDivisionError" in row.answer


# --- size --------------------------------------------------------------------------------------


@pytest.mark.clause("4.1.1")
@pytest.mark.parametrize(
    ("pdf", "docx", "attached"),
    [(300_000, 300_000, ["pdf", "docx"]), (300_000, 900_000, ["pdf"]), (900_000, 900_000, [])],
)
def test_what_makes_a_mail_too_large_goes_as_a_link(
    town: Town, mailbox: Mailbox, pdf: int, docx: int, attached: list[str]
) -> None:
    Unit.objects.filter(pk=town.community.pk).update(settings={"mail_max_mb": 1})
    for reference in Reference.all.values():
        reference.drop()
    row = post(town, attachments=document(b"%PDF" + b"x" * pdf, b"PK" + b"x" * docx), about=town.community)
    raw = sent(row, mailbox)
    assert len(raw) <= limits.largest_mail(town.community.pk) == 1024 * 1024
    read = email.message_from_bytes(raw, policy=policy.default)
    names = [a.get_filename() for a in read.iter_attachments()]
    assert [str(n).rpartition(".")[2] for n in names] == attached
    body = read.get_body(("plain",))
    assert body is not None
    for form in ("pdf", "docx"):
        assert (f"{NAME}.{form}" in body.get_content()) == (form not in attached)
    assert (settings.BASE_URL in body.get_content()) == (len(attached) < 2)


def test_ten_megabytes_are_the_limit_where_nobody_set_another(town: Town) -> None:
    assert limits.largest_mail(town.community.pk) == 10 * 1024 * 1024
    assert 2 * limits.photo_budget(town.community.pk) * limits.ENCODED < 10 * 1024 * 1024
