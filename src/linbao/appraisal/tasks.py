"""What the half-year's appraisal does by itself."""

from __future__ import annotations

from uuid import UUID

from linbao.appraisal import cycles, grading, letters
from linbao.platform import queue


@queue.periodic("15 * * * *", "appraisal.close_expired_phases")
def close_expired_phases(timestamp: int) -> None:
    """Open January's and July's duty, end phases, find who decides objections (every hour)."""
    queue.steps(cycles.open_duties, cycles.close_expired_phases, grading.find_deciders)


@queue.periodic("40 18 * * *", "appraisal.count_open")
def count_open(timestamp: int) -> None:
    """Count open cycles anew, at night in China (2:40)."""
    cycles.count_open()


@queue.task("appraisal.make_documents", queue="documents")
def make_documents(cycle: str) -> None:
    """The letters to everybody in a published cycle."""
    letters.make_documents(UUID(cycle))
