"""The audit log's daily root, stamped and sent by mail and channel (6.1.1); receivers of `audit.signals`."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.utils import translation
from django.utils.translation import gettext as _

from linbao.audit import signals
from linbao.audit.roots import Root
from linbao.documents.seals import services as seals
from linbao.organisation.tree import tree
from linbao.outbox import services
from linbao.outbox.channels import services as channels
from linbao.outbox.models import Delivery
from linbao.platform.observability import security_log

KEY = "audit-root:"  # of the deliveries
log = logging.getLogger("linbao.audit")


@receiver(signals.root_due)
def send(sender: Any, root: Root, day: date, recipients: str, **kwargs: Any) -> bool:
    """Post the root of `day` with its time stamp, once a day; whether there is anybody to send it to."""
    sent = Delivery.objects.filter(key__startswith=f"{KEY}{day}").exists()
    # The service is asked outside of any transaction, and not again for what is not posted again.
    return _post(root if sent else _stamped(root), day, recipients)


@receiver(signals.sent_roots_asked)
def sent_bodies(sender: Any, **kwargs: Any) -> Iterator[str]:
    """The bodies of the deliveries of roots, the oldest first."""
    bodies = Delivery.objects.filter(key__startswith=KEY).order_by("created_at").values_list("body", flat=True)
    return bodies.iterator(chunk_size=200)


@receiver(signals.root_stamp_checked)
def stamp_fits(sender: Any, root: Root, **kwargs: Any) -> bool:
    """Whether the stamp is over this root, and signed by the certificate that it carries."""
    return seals.stamp_covers(root.stamp, root.payload())


def _stamped(root: Root) -> Root:
    """The root with the time stamp of the outside service; as it is where there is none, or it does not answer."""
    try:
        return replace(root, stamp=seals.stamp(root.payload()) or b"")
    except Exception:  # the root must go out today; that the service did not answer stands in the log
        log.exception("the time-stamp service gave no stamp for the audit root")
        return root


@transaction.atomic
def _post(root: Root, day: date, recipients: str) -> bool:
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("审计日志的根 %(day)s：区块 %(n)d") % {"day": day.isoformat(), "n": root.block}
        message = _(
            "请保存这封邮件。以后用它核对审计日志：linbao audit verify --roots"
            " 文件。日志此后若被截断或重写，会由此发现。"
        )
    top = next(iter(tree().roots()), None)
    if recipients:
        body = f"{message}\n\n{root.line()}\n"
        services.post(key=f"{KEY}{day}", channel="mail", recipient=recipients, subject=subject, body=body)
    ways = channels.of_unit(top.id) if top else []
    short = replace(root, stamp=b"")  # robots take 2,000 signs, which a stamp alone fills
    for way in ways:
        body = f"{message}\n\n{short.line()}\n"
        channels.post(way, key=f"{KEY}{day}:{way.key}", subject=subject, body=body, unit_id=top.id if top else None)
    signature = base64.b64encode(root.signature).decode()
    security_log.event(
        "audit.root", outcome=security_log.SUCCESS, block=root.block, hash=root.hash, signature=signature
    )
    return bool(recipients or ways)
