"""Writing to the audit log; there is nothing else that one can do to it."""

from __future__ import annotations

import ipaddress
from typing import Any
from uuid import UUID

from django.db import models

from linbao.audit import chain, keys
from linbao.audit.models import Record
from linbao.organisation.models import User
from linbao.platform.observability import security_log


def record(
    actor: User | None,
    action: str,
    subject: models.Model | None = None,
    *,
    unit_id: UUID | None = None,
    reason: str = "",
    address: str | None = None,
    **data: Any,
) -> None:
    """Note that `actor` did `action` to `subject`; in the transaction of the deed itself.

    `data` must hold no personal data of residents: ids, counts, names of fields. The address is the request's
    where none is given. The line bears a mark that only this installation can make; the next sealing links it
    into the chain (`audit.chain`).
    """
    row = Record(
        actor_id=actor.pk if actor else None,
        actor_name=actor.name if actor else "",
        action=action,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        unit_id=unit_id,
        reason=reason,
        address=_readable(address or security_log.client()),
        data=data,
    )
    row.mac = keys.current().mark(chain.canonical(row))
    row.save(force_insert=True)


def _readable(address: str | None) -> str | None:
    try:
        return str(ipaddress.ip_address(address)).partition("%")[0] if address else None
    except ValueError:
        return None
