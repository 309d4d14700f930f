"""The log's minute, hour and day."""

from __future__ import annotations

from functools import partial

from linbao.audit import chain, events, monitoring, retention, roots
from linbao.platform import partitions, queue


@queue.periodic("* * * * *", "audit.seal")
def seal(timestamp: int) -> None:
    """Link what was written into the chain, look at the guards, and hand on what the security officer should hear of
    (every minute)."""
    queue.steps(chain.seal, monitoring.check_guards, events.tell)


@queue.periodic("23 * * * *", "audit.check", minutes=60)
def check(timestamp: int) -> None:
    """Walk the chain of the last two days (every hour)."""
    monitoring.check(days=2)


@queue.periodic("50 2 * * 0", "audit.check_all", lock="audit.check", minutes=180)
def check_all(timestamp: int) -> None:
    """Walk the whole chain (on Sundays)."""
    monitoring.check(days=None)


@queue.periodic("5 * * * *", "audit.send_root")
def send_root(timestamp: int) -> None:
    """The day's root, in the first hour in which there is one (asked every hour, sent once a day)."""
    roots.send()


@queue.periodic("40 1 * * *", "audit.months", lock="audit.check", minutes=180)
def months(timestamp: int) -> None:
    """Make the coming months' partitions, take off those that need not be kept longer (every night)."""
    queue.steps(*(partial(partitions.ensure, table) for table in partitions.TABLES), retention.detach_due)
