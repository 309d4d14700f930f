"""Mail leaves once, or waits, or says why not; a real SMTP server, and real kills."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection

from linbao.core import clock
from linbao.documents.models import Document
from linbao.outbox import mail, sending, services
from linbao.outbox.models import Delivery, Notice
from linbao.platform import files
from linbao.platform.server import tls
from tests.loop import Town, build
from tests.mailbox import Mailbox


@pytest.fixture
def town(db: Any) -> Town:
    return build()


def post(town: Town, key: str = "weekly:1:1", **more: Any) -> Delivery:
    return services.post(
        key=key,
        channel="mail",
        recipient="weekly@demo.invalid",
        subject="2026年第47周信息周报",
        body="附件为本周信息周报。",
        caused_by=town.reporter,
        unit_id=town.community.id,
        **more,
    )


@pytest.mark.clause("4.1.1")
def test_a_mail_goes_out_once_with_its_documents(town: Town, mailbox: Mailbox) -> None:
    document = Document.objects.create(
        kind="weekly_report",
        unit=town.community,
        title="周报",
        pdf=files.put(b"%PDF-1.7 x"),
        docx=files.put(b"PK docx"),
    )
    row = post(
        town, attachments=[{"document": str(document.pk), "form": f, "name": f"周报.{f}"} for f in ("pdf", "docx")]
    )
    assert post(town).pk == row.pk
    sending.send(row.pk)
    sending.send(row.pk)
    sending.sweep()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.answer) == ("sent", 1, "250 taken")
    assert len(mailbox.mails) == 1
    assert f"<{row.pk}@".encode() in mailbox.mails[0]
    assert mailbox.mails[0].count(b"Content-Disposition: attachment") == 2


def test_a_server_that_is_away_is_tried_again_with_growing_pauses(
    town: Town, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SMTP_URL", f"smtp://127.0.0.1:{port}")
    row = post(town)
    waits = []
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(4):
            sending.send(row.pk)
            row.refresh_from_db()
            assert row.state == "waiting"
            assert "Refused" in row.answer
            assert row.next_at is not None
            waits.append(row.next_at - clock.now())
            sending.send(row.pk)  # not due yet: nothing happens
            traveller.move_to(row.next_at)
        assert waits == sorted(waits)
        assert waits[-1] > timedelta(minutes=10)
        box = Mailbox()
        server = Controller(box, hostname="127.0.0.1", port=port)
        server.start()
        sending.sweep()
        server.stop()
    assert len(box.mails) == 1


@pytest.mark.parametrize(("rcpt", "answer"), [("451 later", "250 ok"), ("250 ok", "452 full")])
def test_a_server_that_asks_for_patience_gets_it(town: Town, mailbox: Mailbox, rcpt: str, answer: str) -> None:
    mailbox.rcpt, mailbox.answer = rcpt, answer
    row = post(town)
    sending.send(row.pk)
    row.refresh_from_db()
    assert row.state == "waiting"
    assert not mailbox.mails


def test_a_refusal_for_good_is_told_to_who_caused_it(town: Town, mailbox: Mailbox) -> None:
    mailbox.rcpt = "550 no such mailbox"
    row = post(town)
    sending.send(row.pk)
    row.refresh_from_db()
    assert row.state == "failed"
    assert "550" in row.answer
    assert Notice.objects.filter(user=town.reporter, kind="delivery.failed").count() == 1
    mailbox.rcpt = "250 ok"
    services.resend(town.reporter, row.pk)
    sending.send(row.pk)
    assert len(mailbox.mails) == 1


def test_a_server_that_hangs_does_not_hang_us(town: Town, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    mailbox.hang = 1.0
    row = post(town)
    sending.send(row.pk)
    row.refresh_from_db()
    # The last byte was handed over: whether the server took it cannot be known, so it is not sent twice.
    assert row.state == "uncertain"


def test_what_a_dead_worker_left_goes_again_only_if_it_was_not_handed_over(town: Town, mailbox: Mailbox) -> None:
    safe, unknown = post(town), post(town, key="weekly:2:1")
    Delivery.objects.update(state="sending", next_at=clock.now() - timedelta(seconds=1))
    Delivery.objects.filter(pk=unknown.pk).update(handed_over=True)
    sending.sweep()
    safe.refresh_from_db()
    unknown.refresh_from_db()
    assert (safe.state, unknown.state) == ("sent", "uncertain")
    assert len(mailbox.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_no_mail_goes_twice_and_none_is_lost(mailbox: Mailbox) -> None:
    """A sender in a process of its own is killed again and again, at growing moments, until all is sent."""
    town = build()
    rows = [post(town, key=f"k{n}") for n in range(12)]
    name = connection.settings_dict["NAME"]
    url = os.environ["LINBAO_DATABASE_URL"]
    base, _, query = url.partition("?")
    environment = {
        **os.environ,
        "LINBAO_DATABASE_URL": f"{base.rsplit('/', 1)[0]}/{name}?{query}",
        "LINBAO_SMTP_URL": settings.SMTP_URL,
    }
    program = (
        "import django; django.setup()\nfrom linbao.outbox import sending\nprint('go', flush=True)\nsending.sweep()"
    )
    mailbox.hang = 0.02
    for turn in range(8):
        child = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE)
        assert child.stdout
        child.stdout.readline()
        time.sleep(0.03 + 0.017 * turn)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        Delivery.objects.filter(state="sending").update(next_at=clock.now() - timedelta(seconds=1))
    mailbox.hang = 0
    sending.sweep()
    time.sleep(0.1)
    ids = [m.split(b"Message-ID: <")[1].split(b"@")[0].decode() for m in mailbox.mails]
    assert len(ids) == len(set(ids))
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert set(states.values()) <= {"sent", "uncertain"}
    assert {str(r.pk) for r in rows if states[r.pk] == "sent"} <= set(ids)


@pytest.mark.clause("4.1.1")
@pytest.mark.parametrize(("fault", "state"), [("TryLater", "waiting"), ("Refused", "failed"), ("", "sent")])
def test_whatever_a_server_answers_a_delivery_does_not_stay_under_way(
    town: Town, monkeypatch: pytest.MonkeyPatch, fault: str, state: str
) -> None:
    """A NUL in an answer fits into no column."""
    answer = "450 later\x00please\ud800"

    def send(row: Delivery, handing_over: Any) -> str:
        if fault:
            raise getattr(mail, fault)(answer)
        return answer

    monkeypatch.setattr(mail, "send", send)
    row = post(town)
    sending.send(row.pk)
    row.refresh_from_db()
    assert row.state == state and "please" in row.answer


@pytest.mark.clause("6.1.1")
@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_a_mail_server_shows_its_certificate(
    town: Town, port: int, scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that cannot be checked gets no mail, nor a password; `?verify=no` is for a server of the house's own."""
    made = tls.self_made("localhost", data=tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    box = Mailbox()
    kind = {"ssl_context": context} if scheme == "smtps" else {"server_kwargs": {"tls_context": context}}
    server = Controller(box, hostname="127.0.0.1", port=port, **kind)
    server.start()
    try:
        row = post(town)
        monkeypatch.setattr(settings, "SMTP_URL", f"{scheme}://localhost:{port}")
        sending.send(row.pk)
        row.refresh_from_db()
        assert (row.state, box.mails) == ("waiting", [])
        assert "CERTIFICATE_VERIFY_FAILED" in row.answer
        monkeypatch.setattr(settings, "SMTP_URL", f"{scheme}://localhost:{port}?verify=no")
        Delivery.objects.update(next_at=clock.now())
        sending.send(row.pk)
        row.refresh_from_db()
        assert (row.state, len(box.mails)) == ("sent", 1)
    finally:
        server.stop()
