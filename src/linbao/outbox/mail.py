"""Mail: by SMTP, or into a folder where no server is set. One message, one Message-ID, for good."""

from __future__ import annotations

import os
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from linbao.base import files
from linbao.documents.models import Document
from linbao.outbox.models import Delivery

TIMEOUT = 20.0  # seconds for each answer of the server
TYPES = {
    "pdf": ("application", "pdf"),
    "docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


class TryLater(Exception):
    """The server is down, busy or silent; nothing was taken."""


class Unknown(Exception):
    """The last byte was handed over and no answer came: the server may have taken the mail."""


class Refused(Exception):
    """The server said no for good (5xx)."""


def message(row: Delivery) -> EmailMessage:
    """The mail of a delivery; the same bytes and the same Message-ID at every try."""
    mail = EmailMessage()
    mail["Message-ID"] = f"<{row.pk}@{urlsplit(settings.BASE_URL).hostname or 'linbao'}>"
    mail["Date"] = format_datetime(row.created_at)
    mail["From"], mail["To"], mail["Subject"] = settings.MAIL_FROM, row.recipient, row.subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(row.body)
    for given in row.attachments:
        document = Document.objects.get(pk=given["document"])
        main, sub = TYPES[given["form"]]
        mail.add_attachment(
            files.get(getattr(document, given["form"])), maintype=main, subtype=sub, filename=given["name"]
        )
    return mail


def send(row: Delivery, before_handing_over: Callable[[], None]) -> str:
    """Send it and return the server's answer.

    `before_handing_over` is called right before the byte after which the server may have taken the
    mail: a crash before it is safe to repeat, a crash after it is not. Raises `TryLater`, `Refused`, `Unknown`.
    """
    mail = message(row)
    url = urlsplit(settings.SMTP_URL)
    if url.scheme in ("", "file"):
        before_handing_over()
        return _into_folder(mail, row, unquote(url.path) or str(settings.DATA_DIR / "mail"))
    handed_over = False

    def handing_over() -> None:
        nonlocal handed_over
        before_handing_over()
        handed_over = True

    try:
        with _connect(url) as server:
            return str(server.send_once(mail, handing_over))
    except smtplib.SMTPRecipientsRefused as e:
        code, told = next(iter(e.recipients.values()))
        raise (Refused if code >= 500 else TryLater)(_answer(code, told)) from e
    except smtplib.SMTPResponseException as e:
        raise (Refused if 500 <= e.smtp_code < 600 else TryLater)(_answer(e.smtp_code, e.smtp_error)) from e
    except (OSError, smtplib.SMTPException) as e:
        raise (Unknown if handed_over else TryLater)(f"{type(e).__name__}: {e}"[:300]) from e


def _answer(code: int, told: Any) -> str:
    return f"{code} {told.decode(errors='replace') if isinstance(told, bytes) else told}"[:300]


class _Once:
    """smtplib's conversation, with a moment of our own before the last line of DATA."""

    def send_once(self: Any, mail: EmailMessage, before_handing_over: Callable[[], None]) -> str:
        self.ehlo_or_helo_if_needed()
        code, told = self.mail(mail["From"])
        if code != 250:
            self.rset()
            raise smtplib.SMTPResponseException(code, told)
        # Several addresses in one mail: it goes to those that are taken; refused only when none is.
        answers = [(str(a), *self.rcpt(a.addr_spec)) for a in mail["To"].addresses]
        refused = [f"{address}: {_answer(code, told)}" for address, code, told in answers if code not in (250, 251)]
        if len(refused) == len(answers):
            self.rset()
            raise smtplib.SMTPResponseException(answers[0][1], answers[0][2])
        code, told = self.docmd("DATA")
        if code != 354:
            raise smtplib.SMTPResponseException(code, told)
        body = _dotted(mail.as_bytes(policy=SMTP))
        self.send(body if body.endswith(b"\r\n") else body + b"\r\n")
        before_handing_over()
        self.send(b".\r\n")
        code, told = self.getreply()
        if code != 250:
            raise smtplib.SMTPResponseException(code, told)
        return "; ".join([_answer(code, told), *refused])[:300]


def _dotted(body: bytes) -> bytes:
    """A line that begins with a dot gets a second one (RFC 5321 §4.5.2)."""
    return (b"." + body if body.startswith(b".") else body).replace(b"\r\n.", b"\r\n..")


class _Smtp(_Once, smtplib.SMTP):
    pass


class _Smtps(_Once, smtplib.SMTP_SSL):
    pass


def _connect(url: Any) -> Any:
    kind = _Smtps if url.scheme == "smtps" else _Smtp
    server = kind(url.hostname, url.port or (465 if url.scheme == "smtps" else 25), timeout=TIMEOUT)
    try:
        server.ehlo()
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls()
            server.ehlo()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _into_folder(mail: EmailMessage, row: Delivery, folder: str) -> str:
    os.makedirs(folder, exist_ok=True, mode=0o700)
    path = os.path.join(folder, f"{row.pk}.eml")
    with open(path + ".part", "wb") as f:
        f.write(mail.as_bytes())
        f.flush()
        os.fsync(f.fileno())
    os.replace(path + ".part", path)  # a second try writes the same file
    return "file"
