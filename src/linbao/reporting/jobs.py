"""The week's clock: duties on Monday, reports from the last working day's noon, documents after confirming."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from linbao.base import clock
from linbao.reporting import actions, alarms, urgent_document, weeks


@app.periodic(cron="*/10 * * * *")
@app.task(name="reporting.open_week", queueing_lock="reporting.open_week", lock="reporting.open_week")
def open_week(timestamp: int) -> None:
    """Open the week's duties, and assemble from the day's noon; who began in mid-week is caught at the next turn."""
    weeks.open_week(clock.monday(clock.today()))
    actions.assemble_due(clock.monday(clock.today()))


@app.periodic(cron="* * * * *")
@app.task(name="reporting.send_due", queueing_lock="reporting.send_due", lock="reporting.send_due")
def send_due(timestamp: int) -> None:
    """Send the weekly reports whose minutes of take-back are over (every minute)."""
    actions.send_due()


@app.task(name="reporting.make_documents", queue="documents", retry=RetryStrategy(max_attempts=10, exponential_wait=5))
def make_documents(report: str, version: int) -> None:
    """DOCX, PDF and the mail of a confirmed report."""
    actions.make_documents(UUID(report), version)


@app.task(
    name="reporting.make_urgent_document", queue="documents", priority=10,
    retry=RetryStrategy(max_attempts=10, exponential_wait=3),
)  # fmt: skip
def make_urgent_document(version: str) -> None:
    """The sealed PDF of an urgent report's version, and its mail."""
    urgent_document.make_document(UUID(version))


@app.periodic(cron="* * * * *")
@app.task(name="reporting.alarms", queueing_lock="reporting.alarms", lock="reporting.alarms")
def alarm(timestamp: int) -> None:
    """Go on with alarms that nobody signed for (every minute)."""
    alarms.tick()
