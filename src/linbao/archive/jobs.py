"""Keeping the sums of the dashboards."""

from __future__ import annotations

from contextlib import suppress

from procrastinate.exceptions import AlreadyEnqueued

from linbao.base import queue


@queue.periodic("*/5 * * * *", "archive.rollups")
def refresh_rollups(timestamp: int) -> None:
    """Count anew the days on which something happened (every five minutes); a first count goes on until it is done."""
    from linbao.archive import rollups

    rollups.refresh(seconds=60)
    if not rollups.complete():
        with suppress(AlreadyEnqueued):
            refresh_rollups.defer(timestamp=timestamp)
