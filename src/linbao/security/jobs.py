"""What this room does by itself."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from linbao.security import inspections, records, reviews, rulebook


@app.periodic(cron="15 17 * * *")
@app.task(name="security.open_duties", queueing_lock="security.open_duties", lock="security.open_duties")
def open_duties(timestamp: int) -> None:
    """Inspections of the quarter and month, the review of rights, rules for whoever joined; daily, 1:15 in China."""
    inspections.open_duties()
    reviews.open_duties()
    rulebook.open_duties()


@app.task(name="security.make_record", queue="documents", retry=RetryStrategy(max_attempts=10, exponential_wait=5))
def make_record(kind: str, record: str) -> None:
    """The document of an incident, check-up or review."""
    records.make(kind, UUID(record))
