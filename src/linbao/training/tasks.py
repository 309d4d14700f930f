"""The quarter's clock, and the documents of a session."""

from __future__ import annotations

from uuid import UUID

from linbao.platform import queue
from linbao.training import duty
from linbao.training.sessions import minutes


@queue.periodic("20 * * * *", "training.open_quarter")
def open_quarter(timestamp: int) -> None:
    """Open the quarter's duties; who joined since is caught at the next turn (every hour)."""
    duty.open_quarter()


@queue.task("training.make_record", queue="documents")
def make_record(session: str, version: int, seal: str | None) -> None:
    """PDF and DOCX of a session's record."""
    minutes.make(UUID(session), version, UUID(seal) if seal else None)
