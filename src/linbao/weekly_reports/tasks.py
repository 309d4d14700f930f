"""The week's clock: duties on Monday, reports from the last working day's noon, documents after confirming."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from linbao.core import clock
from linbao.platform import queue
from linbao.weekly_reports import services, weeks


@queue.periodic("*/10 * * * *", "weekly_reports.open_week")
def open_week(timestamp: int) -> None:
    """Open the week's duties, and assemble from the day's noon; who began in mid-week is caught at the next turn."""
    week = clock.monday(clock.today())
    queue.steps(partial(weeks.open_week, week), partial(services.assemble_due, week))


@queue.periodic("* * * * *", "weekly_reports.send_due")
def send_due(timestamp: int) -> None:
    """Send the weekly reports whose minutes of take-back are over (every minute)."""
    services.send_due()


@queue.periodic("*/10 * * * *", "weekly_reports.make_missing")
def make_missing(timestamp: int) -> None:
    """Documents that were not made although their report was sent (every ten minutes)."""
    services.make_missing()


@queue.task("weekly_reports.make_documents", queue="documents")
def make_documents(report: str, version: int) -> None:
    """DOCX, PDF and the mail of a confirmed report."""
    services.make_documents(UUID(report), version)
