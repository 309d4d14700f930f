"""A real SMTP server for a test: the fixture `mailbox`, which the settings point at."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings


class Mailbox:
    """Takes mail, or answers as told."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.recipients: list[str] = []  # of all mails, as the envelope named them
        self.hello = ""  # the name that the last client gave of itself
        self.rcpt = "250 OK"
        self.answer = "250 taken"
        self.hang = 0.0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
            self.recipients.append(address)
            self.hello = session.host_name
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.hang:
            import asyncio

            await asyncio.sleep(self.hang)
        if self.answer.startswith("250"):
            self.mails.append(envelope.content)
        return self.answer


@pytest.fixture
def port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture
def mailbox(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setattr(settings, "SMTP_URL", f"smtp://127.0.0.1:{port}")
    yield box
    server.stop()
