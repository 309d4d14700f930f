"""Where the mails go: a real SMTP server that keeps their headers."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

# Signing in some hundred times must not cost minutes.
QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@dataclass(frozen=True)
class Mail:
    id: str
    to: str
    subject: str


@dataclass
class Sink:
    mails: list[Mail] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        head = message_from_bytes(envelope.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=policy.default)
        self.mails.append(Mail(str(head["Message-ID"]), ",".join(envelope.rcpt_tos), str(head["Subject"])))
        return "250 taken"


class Post:
    """The server, running while the block does; `url` is what the settings point at."""

    def __init__(self, sink: Sink) -> None:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self._server = Controller(sink, hostname="127.0.0.1", port=port)
        self.url = f"smtp://127.0.0.1:{port}"

    def __enter__(self) -> Post:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
