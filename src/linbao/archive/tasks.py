"""Keeping the sums of the dashboards."""

from __future__ import annotations

from linbao.archive.statistics import rollups
from linbao.platform import queue


@queue.periodic("*/5 * * * *", "archive.rollups")
def refresh_rollups(timestamp: int) -> None:
    """Count anew the days on which something happened (every five minutes); a first count goes on until it is done."""
    rollups.refresh(seconds=60)
    if not rollups.complete():
        queue.defer("archive.rollups", timestamp=timestamp)
