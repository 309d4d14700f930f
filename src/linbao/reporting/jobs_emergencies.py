"""The minute's alarms, and the sealed document of a written version (4.2.1, 4.2.2)."""

from __future__ import annotations

from uuid import UUID

from linbao.base import queue
from linbao.reporting import alarms, urgent_document


@queue.task("reporting.make_urgent_document", queue="documents", priority=10)
def make_urgent_document(version: str) -> None:
    """The sealed PDF of an urgent report's version, and its mail."""
    urgent_document.make_document(UUID(version))


@queue.periodic("* * * * *", "reporting.alarms")
def alarm(timestamp: int) -> None:
    """Go on with alarms that nobody signed for (every minute)."""
    alarms.tick()


@queue.periodic("*/10 * * * *", "reporting.make_missing_urgent")
def make_missing(timestamp: int) -> None:
    """Documents of versions that were not made (every ten minutes)."""
    urgent_document.make_missing()
