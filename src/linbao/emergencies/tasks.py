"""The minute's alarms, and the sealed document of a written version (4.2.1, 4.2.2)."""

from __future__ import annotations

from uuid import UUID

from linbao.emergencies import alarms, document
from linbao.platform import queue


@queue.task("emergencies.make_document", queue="documents", priority=10)
def make_urgent_document(version: str) -> None:
    """The sealed PDF of an urgent report's version, and its mail."""
    document.make_document(UUID(version))


@queue.periodic("* * * * *", "emergencies.alarms")
def alarm(timestamp: int) -> None:
    """Escalate alarms that nobody signed for (every minute, 2.3.2)."""
    alarms.tick()


@queue.periodic("*/10 * * * *", "emergencies.make_missing")
def make_missing(timestamp: int) -> None:
    """Documents of versions that were not made (every ten minutes)."""
    document.make_missing()
