"""What management does by itself: repeated tasks, groups that change, leave, the month's meeting, documents."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from linbao.management import leave, meetings, repeating, retention, taking_out, tasks
from linbao.management import minutes as minutes_


@app.periodic(cron="*/10 * * * *")
@app.task(name="management.tasks", queueing_lock="management.tasks", lock="management.tasks")
def keep_tasks(timestamp: int) -> None:
    """Make the tasks of the periods that began, and let groups' tasks follow their groups (5.3.1)."""
    repeating.make_all()
    tasks.keep_groups()


@app.periodic(cron="*/10 * * * *")
@app.task(name="management.leave", queueing_lock="management.leave", lock="management.leave")
def keep_leave(timestamp: int) -> None:
    """Move what was opened for people on leave since it was approved, and what people who left owe (5.3.1)."""
    leave.apply_all()
    leave.pass_on_departed()


@app.periodic(cron="40 * * * *")
@app.task(name="management.open_month", queueing_lock="management.open_month", lock="management.open_month")
def open_month(timestamp: int) -> None:
    """Open the month's duty of a working meeting (5.3.3)."""
    meetings.open_month()


@app.periodic(cron="15 18 * * *")
@app.task(name="management.retention", queueing_lock="management.retention", lock="management.retention")
def keep_retention(timestamp: int) -> None:
    """Remove the work files whose time is over (5.3.2); at 2:15 in China."""
    retention.remove_over()


@app.task(name="management.make_minutes", queue="documents", retry=RetryStrategy(max_attempts=10, exponential_wait=5))
def make_minutes(minutes: str) -> None:
    """The documents of issued minutes."""
    minutes_.make_document(UUID(minutes))


@app.task(name="management.make_file", queue="documents", retry=RetryStrategy(max_attempts=10, exponential_wait=5))
def make_file(copy: str) -> None:
    """The sealed PDF of a work file."""
    taking_out.make_document(UUID(copy))
