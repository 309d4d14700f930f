"""The log's minute, hour and day."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal", queueing_lock="audit.seal", lock="audit.seal")
def seal(timestamp: int) -> None:
    """Link what was written into the chain, look at the guards, and hand on what the security officer should hear of
    (every minute)."""
    from linbao.audit import chain, events, watching

    chain.seal()
    watching.check_guards()
    events.tell()


@app.periodic(cron="23 * * * *")
@app.task(name="audit.check", queueing_lock="audit.check", lock="audit.check")
def check(timestamp: int) -> None:
    """Walk the chain of the last two days (every hour)."""
    from linbao.audit import watching

    watching.check(days=2)


@app.periodic(cron="50 2 * * 0")
@app.task(name="audit.check_all", queueing_lock="audit.check_all", lock="audit.check")
def check_all(timestamp: int) -> None:
    """Walk the whole chain (on Sundays)."""
    from linbao.audit import watching

    watching.check(days=None)


@app.periodic(cron="5 * * * *")
@app.task(name="audit.send_root", queueing_lock="audit.send_root", lock="audit.send_root")
def send_root(timestamp: int) -> None:
    """The day's root, in the first hour in which there is one (asked every hour, sent once a day)."""
    from linbao.audit import roots

    roots.send()


@app.periodic(cron="40 1 * * *")
@app.task(name="audit.months", queueing_lock="audit.months", lock="audit.months")
def months(timestamp: int) -> None:
    """Make the coming months' partitions, take off those that need not be kept longer (every night)."""
    from linbao.audit import retention
    from linbao.base import partitions

    for table in partitions.TABLES:
        partitions.ensure(table)
    retention.detach_due()
