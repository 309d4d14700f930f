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
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from linbao.audit import keys
from linbao.audit.models import Block
from linbao.base import clock, watch
from linbao.units.models import Role, RoleGrant, User
from linbao.units.tree import tree

KIND = "linbao-audit-root"
KEY = "audit-root:"  # of the deliveries
_LINE = re.compile(r"\{[^{}]*\"" + KIND + r"\"[^{}]*\}")


log = logging.getLogger("linbao.audit")


@dataclass(frozen=True)
class Root:
    """The state of the chain at a moment: everything up to `block` stands as `hash` says. `at`: ISO, UTC."""

    key: str
    public: str
    block: int
    hash: str
    at: str
    signature: bytes = b""
    stamp: bytes = b""  # RFC 3161 token over `told()`, DER; empty without a service

    def told(self) -> bytes:
        """What the signature covers."""
        return json.dumps([KIND, self.key, self.block, self.hash, self.at], separators=(",", ":")).encode()

    def line(self) -> str:
        """One line of JSON, as it is sent and as `linbao audit verify --roots` reads it."""
        told: dict[str, Any] = {
            "kind": KIND,
            "key": self.key,
            "public": self.public,
            "block": self.block,
            "hash": self.hash,
            "at": self.at,
        }
        told["signature"] = base64.b64encode(self.signature).decode()
        if self.stamp:
            told["stamp"] = base64.b64encode(self.stamp).decode()
        return json.dumps(told)


def newest() -> Root | None:
    """The present root, signed now; None while nothing has been sealed."""
    block = Block.objects.order_by("-number").only("number", "hash").first()
    if block is None:
        return None
    pair = keys.current()
    at = clock.now().astimezone(UTC).isoformat(timespec="seconds")
    root = Root(str(pair.id), pair.public, block.number, bytes(block.hash).hex(), at)
    return replace(root, signature=pair.signer.sign(root.told()))


def read(data: bytes) -> list[Root]:
    """The roots in a file: lines of JSON, or mails as they were received. Raises `ValueError` where there is none."""
    found: dict[str, Root] = {}
    for text in _texts(data):
        for line in _LINE.findall(text):
            try:
                root = _root(json.loads(line))
            except (ValueError, KeyError, TypeError):  # a line that the mail has wrapped: its decoded text has it whole
                continue
            found[root.line()] = root
    if not found:
        raise ValueError("no root in this file")
    return list(found.values())


def _root(told: dict[str, Any]) -> Root:
    signature = base64.b64decode(told["signature"])
    return Root(
        str(told["key"]), str(told["public"]), int(told["block"]), str(told["hash"]), str(told["at"]), signature,
        base64.b64decode(told.get("stamp", "")),
    )  # fmt: skip


def _texts(data: bytes) -> Iterator[str]:
    yield data.decode(errors="replace")
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_maintype() == "text":
            try:
                yield str(part.get_content())
            except (LookupError, KeyError):
                continue


def stamped(root: Root) -> Root:
    """The root with the time stamp of the outside service; as it is where there is none, or it does not answer."""
    from linbao.documents import seals

    try:
        return replace(root, stamp=seals.stamp(root.told()) or b"")
    except Exception:  # the root must go out today; that the service did not answer stands in the log
        log.exception("the time-stamp service gave no stamp for the audit root")
        return root


def stamp_fits(root: Root) -> bool:
    """Whether the stamp is over this root, and signed by the certificate that it carries."""
    from linbao.documents import seals

    return seals.stamp_covers(root.stamp, root.told())


def mailed() -> Iterator[Root]:
    """The roots that this installation sent by mail or channel, as its outbox still has them."""
    from linbao.outbox.models import Delivery

    bodies = Delivery.objects.filter(key__startswith=KEY).order_by("created_at").values_list("body", flat=True)
    for body in bodies.iterator(chunk_size=200):
        try:
            yield from read(body.encode())
        except ValueError:
            continue


def send(day: date | None = None) -> bool:
    """Post the root of `day` (today), with its time stamp: one mail for all who keep it, one message for each channel;
    once a day, however often it is called. False while there is nothing to send, or nobody to send it to."""
    from linbao.outbox.models import Delivery

    root, day = newest(), day or clock.today()
    if root is None:
        return False
    sent = Delivery.objects.filter(key__startswith=f"{KEY}{day}").exists()
    # The service is asked outside of any transaction, and not again for what is not posted again.
    return _post(root if sent else stamped(root), day)


@transaction.atomic
def _post(root: Root, day: date) -> bool:
    from linbao.outbox import actions as outbox
    from linbao.outbox import channels

    with translation.override(settings.LANGUAGE_CODE):
        subject = _("审计日志的根 %(day)s：区块 %(n)d") % {"day": day.isoformat(), "n": root.block}
        words = _(
            "请保存这封邮件。以后用它核对审计日志：linbao audit verify --roots 文件。日志此后若被截断或重写，会由此发现。"
        )
    top = next(iter(tree().roots()), None)
    to = recipients()
    if to:
        outbox.post(
            key=f"{KEY}{day}", channel="mail", recipient=to, subject=subject, body=f"{words}\n\n{root.line()}\n"
        )
    ways = channels.of_unit(top.id) if top else []
    short = replace(root, stamp=b"")  # robots take 2,000 signs, which a stamp alone fills
    for way in ways:
        channels.post(
            way, key=f"{KEY}{day}:{way.pk}", subject=subject, body=f"{words}\n\n{short.line()}\n", unit_id=way.unit_id
        )
    watch.event("audit.root", outcome=watch.SUCCESS, block=root.block, hash=root.hash, signature=base64.b64encode(root.signature).decode())  # fmt: skip
    return bool(to or ways)


def recipients() -> str:
    """The auditors of the topmost units who have an address, and LINBAO_AUDIT_MAIL; comma-separated, at most 300 signs."""
    tops = [u.id for u in tree().roots()]
    grants = RoleGrant.objects.current().filter(role=Role.AUDITOR, unit__in=tops)
    people = User.objects.filter(pk__in=grants.values("user"), is_active=True).exclude(email="")
    wanted = [*settings.AUDIT_MAIL, *people.order_by("username").values_list("email", flat=True)]
    said = ""
    for address in dict.fromkeys(wanted):
        longer = f"{said}, {address}" if said else address
        if len(longer) <= 300:
            said = longer
    return said
