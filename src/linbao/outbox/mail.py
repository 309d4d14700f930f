"""Mail: by SMTP, or into a folder where no server is set. One message, one Message-ID, for good."""

from __future__ import annotations

import ipaddress
import os
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import format_datetime, getaddresses
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.documents.models import Document
from linbao.organisation import limits
from linbao.organisation.tree import tree
from linbao.outbox import mime
from linbao.outbox.listing import about
from linbao.outbox.models import Delivery
from linbao.platform import files
from linbao.platform.encryption.crypto import CannotOpen

TIMEOUT = 20.0  # seconds for each answer of the server
TYPES = {"pdf": "application/pdf", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
SENDER = "邻报"


# Whether the documents of a delivery may still go out, by what it is about (`subject_type`); rooms add theirs
# (`AppConfig.ready`). It is asked at every try: what a document tells of may have become restricted since (1.3.4).
MAY_LEAVE: dict[str, Callable[[Delivery], bool]] = {}


class TryLater(Exception):
    """The server is down, busy or silent; nothing was taken."""


class Unknown(Exception):
    """The last byte was handed over and no answer came: the server may have taken the mail."""


class Refused(Exception):
    """The server said no for good (5xx), or the mail cannot be sent as it is."""


@dataclass(frozen=True)
class Letter:
    """A mail ready to send: the envelope (addresses with their domains in ASCII) and all its bytes."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes


def message(row: Delivery) -> Letter:
    """The mail of a delivery; the same bytes and the same Message-ID at every try.

    Attachments that would make it larger than `mail_limits.largest_mail` are left out, the editable DOCX first, and the
    text then says which and where they are. Where they may not leave any more, it says that and where they are.
    Raises `Refused` for an address or a document that cannot be used.
    """
    recipients = tuple(_address(a) for a in mime.one_line(row.recipient, 300).split(",") if a.strip())
    if not recipients:
        raise Refused(_("没有可用的收件地址。"))
    ((name, address),) = getaddresses([mime.one_line(settings.MAIL_FROM)])[:1]
    sender = _address(address)
    zone = tree().setting(row.unit_id, "time_zone")
    withheld = bool(row.attachments) and not MAY_LEAVE.get(row.subject_type, lambda _row: True)(row)
    subject, text = _withheld(row) if withheld else (row.subject, mime.lines(row.body))
    headers = [
        f"Message-ID: <{row.pk}@{public_host()}>",
        f"Date: {format_datetime(clock.local(row.created_at, zone))}",
        f"From: {mime.mailbox(name or _sender_name(row.unit_id), sender)}",
        "To: " + ",\r\n ".join(recipients),
        mime.header("Subject", mime.one_line(subject)),
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "Content-Language: zh-CN",
    ]
    parts = [] if withheld else [_part(attachment) for attachment in row.attachments]
    limit = limits.largest_mail(row.unit_id)
    left_out: list[str] = []
    while True:
        data = mime.message(headers, text + _where(row, left_out), f"linbao_{row.pk.hex}", parts)
        if len(data) <= limit or not parts:
            return Letter(sender, recipients, data)
        largest = next((p for p in parts if p.content_type == TYPES["docx"]), parts[0])
        parts.remove(largest)
        left_out.append(largest.name)


def public_host() -> str:
    """The host that the world knows this installation by, as Message-ID and EHLO name it."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    try:
        number = ipaddress.ip_address(host)
        return f"[IPv6:{number}]" if number.version == 6 else f"[{number}]"
    except ValueError:
        return _domain(host)


def send(row: Delivery, before_handing_over: Callable[[], None]) -> str:
    """Send it and return the server's answer.

    `before_handing_over` is called right before the byte after which the server may have taken the mail: a crash
    before it is safe to repeat, a crash after it is not. Raises `TryLater`, `Refused`, `Unknown`.
    """
    letter = message(row)
    url = urlsplit(settings.SMTP_URL)
    if url.scheme in ("", "file"):
        before_handing_over()
        return _into_folder(letter, row, unquote(url.path) or str(settings.DATA_DIR / "mail"))
    handed_over = False

    def handing_over() -> None:
        nonlocal handed_over
        before_handing_over()
        handed_over = True

    try:
        with _connect(url) as server:
            return str(server.send_once(letter, handing_over))
    except smtplib.SMTPResponseException as e:
        raise (Refused if 500 <= e.smtp_code < 600 else TryLater)(_answer(e.smtp_code, e.smtp_error)) from e
    except (OSError, smtplib.SMTPException) as e:
        raise (Unknown if handed_over else TryLater)(f"{type(e).__name__}: {e}"[:300]) from e


def _sender_name(unit_id: UUID | None) -> str:
    name = mime.one_line(tree().name(unit_id), 30)
    return f"{name}（{SENDER}）" if name else SENDER


def _part(attachment: dict[str, Any]) -> mime.Part:
    form = attachment["form"]
    try:
        document = Document.objects.get(pk=attachment["document"])
        data = files.get(getattr(document, form))
    except (Document.DoesNotExist, FileNotFoundError, CannotOpen) as e:
        raise Refused(_("附件“%(name)s”已不在存储中，无法发送。") % {"name": attachment["name"]}) from e
    return mime.Part(TYPES[form], mime.file_name(str(attachment["name"])), data)


def _withheld(row: Delivery) -> tuple[str, str]:
    """Subject and text in the place of documents that may not leave any more."""
    with translation.override(settings.LANGUAGE_CODE):
        label = _("这份文件含有后来改为敏感的信息，不随邮件发送；有权查阅的人员请登录后查阅：")
        return _("有一份文件须登录系统查阅"), f"{label}\n{settings.BASE_URL}{about(row) or '/'}\n"


def _where(row: Delivery, left_out: Sequence[str]) -> str:
    """What the text says of files that are not attached: which, why, and where to fetch them."""
    if not left_out:
        return ""
    with translation.override(settings.LANGUAGE_CODE):
        label = _("因邮件大小限制，以下文件没有附上，请登录后在此查看和下载：%(names)s") % {
            "names": _("、").join(left_out)
        }
    return f"\n\n{label}\n{settings.BASE_URL}{about(row) or '/'}\n"


def _address(address: str) -> str:
    """The address with its domain as mail servers write it (xn--…); raises `Refused` for one that is none."""
    local, at, domain = address.strip().rpartition("@")
    if not (at and local and domain) or any(c.isspace() or c in '<>",;' for c in local + domain):
        raise Refused(_("收件地址写法不对：%(address)s") % {"address": address[:100]})
    return f"{local}@{_domain(domain)}"


def _domain(domain: str) -> str:
    try:
        return domain.rstrip(".").encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError as e:
        raise Refused(_("收件地址的域名写法不对：%(domain)s") % {"domain": domain[:100]}) from e


def _answer(code: int, reply: Any) -> str:
    return f"{code} {reply.decode(errors='replace') if isinstance(reply, bytes) else reply}"[:300]


class _Once:
    """smtplib's conversation, with a moment of our own before the last line of DATA."""

    def send_once(self: Any, letter: Letter, before_handing_over: Callable[[], None]) -> str:
        self.ehlo_or_helo_if_needed()
        unicode_mail = self.has_extn("smtputf8")
        if not (letter.sender.isascii() or unicode_mail):
            raise Refused(_no_unicode(letter.sender))
        able = [a for a in letter.recipients if a.isascii() or unicode_mail]
        refused = [_no_unicode(a) for a in letter.recipients if a not in able]
        if not able:
            raise Refused("; ".join(refused)[:300])
        plain = all(a.isascii() for a in (letter.sender, *able))
        code, reply = self.mail(letter.sender, [] if plain else ["SMTPUTF8", "BODY=8BITMIME"])
        if code != 250:
            self.rset()
            raise smtplib.SMTPResponseException(code, reply)
        # Several addresses in one mail: it goes to those that are taken; refused only when none is.
        answers = [(a, *self.rcpt(a)) for a in able]
        refused += [f"{address}: {_answer(code, reply)}" for address, code, reply in answers if code not in (250, 251)]
        if len(refused) == len(letter.recipients):
            self.rset()
            raise smtplib.SMTPResponseException(answers[0][1], answers[0][2])
        code, reply = self.docmd("DATA")
        if code != 354:
            raise smtplib.SMTPResponseException(code, reply)
        body = _dotted(letter.data)
        self.send(body if body.endswith(b"\r\n") else body + b"\r\n")
        before_handing_over()
        self.send(b".\r\n")
        code, reply = self.getreply()
        if code != 250:
            raise smtplib.SMTPResponseException(code, reply)
        return "; ".join([_answer(code, reply), *refused])[:300]


def _no_unicode(address: str) -> str:
    return _("%(address)s：邮件服务器不支持中文邮箱名（SMTPUTF8），请改用英文邮箱名") % {"address": address}


def _dotted(body: bytes) -> bytes:
    """A line that begins with a dot gets a second one (RFC 5321 §4.5.2)."""
    return (b"." + body if body.startswith(b".") else body).replace(b"\r\n.", b"\r\n..")


class _Smtp(_Once, smtplib.SMTP):
    pass


class _Smtps(_Once, smtplib.SMTP_SSL):
    pass


def _connect(url: Any) -> Any:
    port = url.port or (465 if url.scheme == "smtps" else 25)
    context = _tls(url)
    if url.scheme == "smtps":
        server: Any = _Smtps(url.hostname, port, local_hostname=public_host(), timeout=TIMEOUT, context=context)
    else:
        server = _Smtp(url.hostname, port, local_hostname=public_host(), timeout=TIMEOUT)
    try:
        server.ehlo()
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _tls(url: Any) -> ssl.SSLContext:
    """The mail server's certificate is checked, unless the address says `?verify=no` (a server of the house's own)."""
    context = ssl.create_default_context()
    if "no" in parse_qs(url.query).get("verify", []):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _into_folder(letter: Letter, row: Delivery, folder: str) -> str:
    os.makedirs(folder, exist_ok=True, mode=0o700)
    path = os.path.join(folder, f"{row.pk}.eml")
    with open(path + ".part", "wb") as f:
        f.write(letter.data)
        f.flush()
        os.fsync(f.fileno())
    os.replace(path + ".part", path)  # a second try writes the same file
    return "file"
