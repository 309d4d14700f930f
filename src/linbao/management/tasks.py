"""What management does by itself: repeated tasks, groups that change, leave, the month's meeting, documents."""

from __future__ import annotations

from uuid import UUID

from linbao.management import leave
from linbao.management.meetings import minutes as minutes_
from linbao.management.meetings import services as meetings
from linbao.management.work_files import exports, retention
from linbao.management.work_tasks import repetition
from linbao.management.work_tasks import services as tasks
from linbao.platform import queue


@queue.periodic("*/10 * * * *", "management.tasks")
def keep_tasks(timestamp: int) -> None:
    """Make the tasks of the periods that began, and let groups' tasks follow their groups (5.3.1)."""
    queue.steps(repetition.make_all, tasks.keep_groups)


@queue.periodic("*/10 * * * *", "management.leave")
def keep_leave(timestamp: int) -> None:
    """Move what was opened for people on leave since it was approved, and what people who left owe (5.3.1)."""
    queue.steps(leave.apply_all, leave.pass_on_departed)


@queue.periodic("40 * * * *", "management.open_month")
def open_month(timestamp: int) -> None:
    """Open the month's duty of a working meeting (5.3.3)."""
    meetings.open_month()


@queue.periodic("15 18 * * *", "management.retention")
def keep_retention(timestamp: int) -> None:
    """Remove the work files whose time is over (5.3.2); at 2:15 in China."""
    retention.remove_over()


@queue.task("management.make_minutes", queue="documents")
def make_minutes(minutes: str) -> None:
    """The documents of issued minutes."""
    minutes_.make_document(UUID(minutes))


@queue.task("management.make_file", queue="documents")
def make_file(copy: str) -> None:
    """The sealed PDF of a work file."""
    exports.make_document(UUID(copy))
