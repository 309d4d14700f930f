"""The night's backup: made, tried by restoring, older ones removed (design §7)."""

from __future__ import annotations

import structlog

from linbao.core import clock
from linbao.platform.backup import backups, restore, stores
from linbao.platform.models import Backup

log = structlog.get_logger("linbao.backup")


def run(to: str) -> Backup | None:
    """The night's work: make, try to restore, remove what has had its time. A fault stands in the list."""
    row = None
    try:
        row = backups.make(to)
        tried = restore.verify(stores.place(to), row.name)
        backups.report("verify", name=row.name, rows=tried.rows)
        row.verified_at = clock.now()
        row.save()
        backups.prune(to)
    except Exception as e:
        log.error("backup.failed", reason=f"{type(e).__name__}: {str(e)[:200]}")
        row = row or Backup(place=stores.place(to).label if not to.startswith("s3:") else "s3:…", name="")
        row.fault = f"{type(e).__name__}: {e}"[:300]
        row.save()
        backups.report("fail", name=row.name, why=type(e).__name__)
    else:
        log.info("backup.made", name=row.name, size=row.size, rows=row.rows, files=row.files)
    return row
