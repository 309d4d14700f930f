"""This room's section of a person's work file (5.3.2): devices used, rules confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from linbao.organisation.models import User
from linbao.security.models import Confirmation, Holding


@dataclass(frozen=True)
class Line:
    """One thing of the file: `kind` is device or rule; `until` when a device was given back."""

    kind: str
    title: str
    at: datetime
    until: datetime | None = None


def of(person: User) -> list[Line]:
    """Devices held, and rules confirmed, the newest first; two statements."""
    holdings = Holding.objects.filter(person=person).select_related("device")
    lines = [Line("device", str(h.device), h.starts, h.ends) for h in holdings]
    read = Confirmation.objects.filter(person=person).select_related("version__rule")
    lines += [Line("rule", f"{c.version.rule.title}（第 {c.version.version} 版）", c.at) for c in read]
    return sorted(lines, key=lambda li: li.at, reverse=True)
