"""What follows filing an item."""

from __future__ import annotations

from uuid import UUID

from linbao.core import clock
from linbao.items import hints
from linbao.items.activities import services as activities
from linbao.items.imports import runs
from linbao.platform import queue


@queue.periodic("* * * * *", "items.check_items", queue="checks")
def check_items(timestamp: int = 0) -> None:
    """Compute the hints of all items that were submitted since (design §3), so that the reviewer finds them ready:
    soon after a submit, and every minute what a submit left that was not committed when the job began."""
    hints.check_marked()


@queue.periodic("*/30 * * * *", "items.open_week")
def open_week(timestamp: int) -> None:
    """Open the week's collection duty for every reporter in office (4.1.1): on Monday, and within the
    half hour for those appointed in mid-week, or after a pause of the system."""
    activities.open_week(clock.monday(clock.today()))


@queue.periodic("*/10 * * * *", "items.end_imports")
def end_imports(timestamp: int) -> None:
    """Mark imports as failed whose job is no more (every ten minutes)."""
    runs.end_lost()


@queue.task("items.read_import", queue="imports", retried=False)
def read_import(run: str) -> None:
    """Read the columns of an uploaded spreadsheet."""
    runs.read(UUID(run))


@queue.task("items.run_import", queue="imports", retried=False, minutes=60)
def run_import(run: str) -> None:
    """Try or import an uploaded spreadsheet."""
    runs.work(UUID(run))
