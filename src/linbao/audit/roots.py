"""The chain's newest hash, signed and sent out every day (6.1.1): whoever keeps the mails can show that the log was
cut off or written anew later, even by somebody who holds the database and its keys.

It goes to the auditors of the whole installation and to `LINBAO_AUDIT_MAIL`, as one mail (one Delivery), and to the
notification channels of the topmost unit; a line of it stands in the security log, which log shipping carries away.
Where there is a time-stamp service (`LINBAO_TIMESTAMP_URL`), the root bears its stamp.
"""

from __future__ import annotations

import base64
import email
import email.policy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date
from typing import Any

from django.conf import settings

from linbao.audit import keys, signals
from linbao.audit.models import Block
from linbao.core import clock
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.tree import tree

KIND = "linbao-audit-root"
_LINE = re.compile(r"\{[^{}]*\"" + KIND + r"\"[^{}]*\}")


@dataclass(frozen=True)
class Root:
    """The state of the chain at a moment: everything up to `block` stands as `hash` says. `at`: ISO, UTC."""

    key: str
    public: str
    block: int
    hash: str
    at: str
    signature: bytes = b""
    stamp: bytes = b""  # RFC 3161 token over `payload()`, DER; empty without a service

    def payload(self) -> bytes:
        """What the signature covers."""
        return json.dumps([KIND, self.key, self.block, self.hash, self.at], separators=(",", ":")).encode()

    def line(self) -> str:
        """One line of JSON, as it is sent and as `linbao audit verify --roots` reads it."""
        details: dict[str, Any] = {
            "kind": KIND,
            "key": self.key,
            "public": self.public,
            "block": self.block,
            "hash": self.hash,
            "at": self.at,
        }
        details["signature"] = base64.b64encode(self.signature).decode()
        if self.stamp:
            details["stamp"] = base64.b64encode(self.stamp).decode()
        return json.dumps(details)


def newest() -> Root | None:
    """The present root, signed now; None while nothing has been sealed."""
    block = Block.objects.order_by("-number").only("number", "hash").first()
    if block is None:
        return None
    pair = keys.current()
    at = clock.now().astimezone(UTC).isoformat(timespec="seconds")
    root = Root(str(pair.id), pair.public, block.number, bytes(block.hash).hex(), at)
    return replace(root, signature=pair.signer.sign(root.payload()))


def read(data: bytes) -> list[Root]:
    """The roots in a file: lines of JSON, or mails as they were received. Raises `ValueError` where there is none."""
    result: dict[str, Root] = {}
    for text in _texts(data):
        for line in _LINE.findall(text):
            try:
                root = _root(json.loads(line))
            except (ValueError, KeyError, TypeError):  # a line that the mail has wrapped: its decoded text has it whole
                continue
            result[root.line()] = root
    if not result:
        raise ValueError("no root in this file")
    return list(result.values())


def _root(fields: dict[str, Any]) -> Root:
    signature = base64.b64decode(fields["signature"])
    return Root(
        str(fields["key"]),
        str(fields["public"]),
        int(fields["block"]),
        str(fields["hash"]),
        str(fields["at"]),
        signature,
        base64.b64decode(fields.get("stamp", "")),
    )


def _texts(data: bytes) -> Iterator[str]:
    yield data.decode(errors="replace")
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_maintype() == "text":
            try:
                yield str(part.get_content())
            except (LookupError, KeyError):
                continue


def stamp_fits(root: Root) -> bool:
    """Whether the time stamp is over this root, and signed by the certificate that it carries."""
    return any(fits for _receiver, fits in signals.root_stamp_checked.send(Root, root=root))


def sent_roots() -> Iterator[Root]:
    """The roots that this installation sent by mail or channel, as its outbox still has them."""
    for _receiver, bodies in signals.sent_roots_asked.send(Root):
        for body in bodies or ():
            try:
                yield from read(body.encode())
            except ValueError:
                continue


def send(day: date | None = None) -> bool:
    """Send the root of `day` (today), with its time stamp: one mail for all who keep it, one message for each channel;
    once a day, however often it is called. False while there is nothing to send, or nobody to send it to."""
    root = newest()
    if root is None:
        return False
    sent = signals.root_due.send(Root, root=root, day=day or clock.today(), recipients=recipients())
    return any(posted for _receiver, posted in sent)


def recipients() -> str:
    """The auditors of the topmost units who have an address, and LINBAO_AUDIT_MAIL; comma-separated, at most 300
    signs."""
    tops = [u.id for u in tree().roots()]
    grants = RoleGrant.objects.current().filter(role=Role.AUDITOR, unit__in=tops)
    people = User.objects.filter(pk__in=grants.values("user"), is_active=True).exclude(email="")
    wanted = [*settings.AUDIT_MAIL, *people.order_by("username").values_list("email", flat=True)]
    message = ""
    for address in dict.fromkeys(wanted):
        longer = f"{message}, {address}" if message else address
        if len(longer) <= 300:
            message = longer
    return message
