"""The quarter's clock, and the documents of a session."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from linbao.training import duty, record


@app.periodic(cron="20 * * * *")
@app.task(name="training.open_quarter", queueing_lock="training.open_quarter", lock="training.open_quarter")
def open_quarter(timestamp: int) -> None:
    """Open the quarter's duties; who joined since is caught at the next turn (every hour)."""
    duty.open_quarter()


@app.task(name="training.make_record", queue="documents", retry=RetryStrategy(max_attempts=10, exponential_wait=5))
def make_record(session: str, version: int, seal: str | None) -> None:
    """PDF and DOCX of a session's record."""
    record.make(UUID(session), version, UUID(seal) if seal else None)
