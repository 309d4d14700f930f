"""Keeping the sums of the dashboards."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="*/5 * * * *")
@app.task(name="archive.rollups", queueing_lock="archive.rollups", lock="archive.rollups")
def refresh_rollups(timestamp: int) -> None:
    """Count anew the days on which something happened (every five minutes)."""
    from linbao.archive import rollups

    rollups.refresh()
