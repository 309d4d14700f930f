"""Security events in the standard log format (6.1.3): one JSON line each, with the field names of the Elastic
Common Schema, on the logger `linbao.security`; fail2ban and log shipping read it (deploy/).

A line holds the client's address, ids and codes; never a name, a number or what somebody typed. What the
security officer should hear of goes to the sinks too (`audit.events` keeps it).
"""

from __future__ import annotations

import ipaddress
import json
import logging
import logging.handlers
import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LOW, MIDDLE, HIGH = "low", "middle", "high"
FAILURE, SUCCESS, UNKNOWN = "failure", "success", "unknown"
CATEGORIES = {  # event.action begins with → event.category
    "sign_in": "authentication",
    "token": "authentication",
    "access": "iam",
    "rate": "network",
    "csp": "web",
    "upload": "malware",
    "audit": "database",
    "export": "file",
}
SECRET = re.compile(r"^/(r|intake|s)/[^/]+")  # addresses whose second part is a secret

Sink = Callable[[str, str, str | None, str | None, dict[str, Any]], None]
SINKS: list[Sink] = []  # called for events of middle or high severity: action, severity, address, user id, data
_client: ContextVar[str] = ContextVar("client", default="")
_costly: ContextVar[list[int] | None] = ContextVar("costly", default=None)
log = logging.getLogger("linbao.security")


def client() -> str:
    """The address that the present request comes from; empty outside a request."""
    return _client.get()


def come_from(address: str) -> Any:
    """Note the address of the request that begins; give the token back to `gone`."""
    return _client.set(address)


def gone(token: Any) -> None:
    _client.reset(token)


def count_costly() -> list[int]:
    """From now on `costly` counts into the list that is returned, for the request that begins."""
    counted: list[int] = []
    _costly.set(counted)
    return counted


def costly() -> None:
    """What the present request sent had to be stopped by a limit (`linbao.platform.protection.box`); counted against
    its sender."""
    counted = _costly.get()
    if counted is not None:
        counted.append(1)


def safe(path: str) -> str:
    """A path without the secret that it may carry, and without what a log reader could mistake."""
    return SECRET.sub(r"/\1/…", path)[:200]


def event(
    action: str,
    *,
    outcome: str = FAILURE,
    severity: str = LOW,
    address: str | None = None,
    user: str | None = None,
    path: str = "",
    **data: Any,
) -> None:
    """Write one event. `action` is `sign_in.fail`, `token.refused`, … (docs/security.md lists them)."""
    source = _address(address or client())
    details: dict[str, Any] = {
        "@timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "event.dataset": "linbao.security",
        "event.kind": "alert" if severity == HIGH else "event",
        "event.category": [CATEGORIES.get(action.partition(".")[0], "web")],
        "event.action": action,
        "event.outcome": outcome,
        "event.severity": {LOW: 3, MIDDLE: 5, HIGH: 8}[severity],
        "source.ip": source,
    }
    if user:
        details["user.id"] = user
    if path:
        details["url.path"] = safe(path)
    details |= {f"linbao.{k}": v for k, v in data.items() if v not in (None, "")}
    log.log(logging.WARNING if severity != LOW else logging.INFO, json.dumps(details, ensure_ascii=True, default=str))
    if severity != LOW:
        for sink in SINKS:
            sink(action, severity, source or None, user, data)


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return ""


class SecurityFile(logging.handlers.WatchedFileHandler):
    """Appends to the security log; goes on without it where it cannot be written (standard error has the line too)."""

    def __init__(self, filename: str) -> None:
        super().__init__(filename, encoding="utf-8", delay=True)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True, mode=0o750)
            super().emit(record)
        except OSError:
            return
