"""A broken chain is an event of the highest kind: in the security log, on the audit log, to the officer (6.1.3)."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

from linbao.audit import actions
from linbao.audit.verifying import Break, Walk
from linbao.base import clock, watch

MOST = 20  # findings of one check that are told


def check(days: int | None) -> list[Break]:
    """Walk the chain of the last `days` (None: all of it) and tell of every break."""
    since = clock.now() - timedelta(days=days) if days else None
    found = list(islice(Walk(since=since).breaks(), MOST))
    for wrong in found:
        watch.event("audit.tampered", severity=watch.HIGH, kind=wrong.kind, block=wrong.block, record=wrong.record)
    if found:
        actions.record(None, "audit.tampered", found=len(found), kinds=sorted({w.kind for w in found}))
    return found
