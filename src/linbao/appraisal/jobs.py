"""What the half-year's appraisal does by itself."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from linbao.appraisal import actions


@app.periodic(cron="15 * * * *")
@app.task(name="appraisal.go_on", queueing_lock="appraisal.go_on", lock="appraisal.go_on")
def go_on(timestamp: int) -> None:
    """Open January's and July's duty, end phases, find who decides objections (every hour)."""
    actions.open_duties()
    actions.go_on()
    actions.find_deciders()


@app.periodic(cron="40 18 * * *")
@app.task(name="appraisal.count_open", queueing_lock="appraisal.count_open", lock="appraisal.count_open")
def count_open(timestamp: int) -> None:
    """Count open cycles anew, at night in China (2:40)."""
    actions.count_open()


@app.task(name="appraisal.make_documents", queue="documents", retry=RetryStrategy(max_attempts=10, exponential_wait=5))
def make_documents(cycle: str) -> None:
    """The letters to everybody in a told cycle."""
    actions.make_documents(UUID(cycle))
