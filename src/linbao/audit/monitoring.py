"""A broken chain is an event of the highest kind: in the security log, on the audit log, to the officer (6.1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from linbao.audit import services
from linbao.audit.verification import Break, Walk
from linbao.core import clock
from linbao.platform.observability import security_log

MOST = 20  # findings of one check that are told


def check_guards() -> list[Break]:
    """Report guards that are gone, replaced or switched off: whoever takes them off for a moment has no more than
    the minute between two calls. The officer hears of it every ten minutes at most (`events.keep`)."""
    return _report(Walk().guard_breaks())


def check(days: int | None) -> list[Break]:
    """Walk the chain of the last `days` (None: all of it) and tell of every break."""
    since = clock.now() - timedelta(days=days) if days else None
    result = _report(Walk(since=since).breaks())
    if result:
        services.record(None, "audit.tampered", matches=len(result), kinds=sorted({w.kind for w in result}))
    return result


def _report(breaks: Iterator[Break]) -> list[Break]:
    rows = list(islice(breaks, MOST))
    for errors in rows:
        security_log.event(
            "audit.tampered", severity=security_log.HIGH, kind=errors.kind, block=errors.block, record=errors.record
        )
    return rows
