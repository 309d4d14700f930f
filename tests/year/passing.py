"""The passing of time: the clock is set forward, and at every stop the worker does what is due."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import croniter
import time_machine
from django.db import connection
from procrastinate.contrib.django import app

EACH_MINUTE = ("duties.tick", "emergencies.alarms", "weekly_reports.send_due", "outbox.sweep")
EACH_STOP = (*EACH_MINUTE, "items.open_week", "weekly_reports.open_week", "management.leave", "handling.close_settled")
DAILY = timedelta(hours=20)  # how often the other periodic jobs run at least, when their time has come
# Nothing to do with what is lived here. Partitions of months and changes of keys go by the true present, which is not
# the simulated one; a clock that stands still during a job would never end their slices of time.
NEVER = {
    "platform.backup",
    "platform.reseal",
    "platform.reseal_left",
    "audit.check",
    "audit.check_all",
    "audit.months",
    "jobs.retry_stalled",
}


class Passing:
    """Moves the clock. `at_stop` hears of every stop at which the quarter-hourly jobs ran, `each_minute` of every
    one."""

    def __init__(self, clock: time_machine.Traveller, now: datetime) -> None:
        self.clock, self.now = clock, now
        self.at_stop: Callable[[datetime], None] = lambda _at: None
        self.each_minute: Callable[[datetime], None] = lambda _at: None
        self._last: dict[str, datetime] = {}
        self._periodic = {t.task.name: t for t in app.periodic_registry.periodic_tasks.values()}
        self.clock.move_to(now, tick=False)

    def to(self, moment: datetime) -> None:
        """Forward to `moment`, at which somebody does something."""
        self.now = max(moment, self.now)
        self.clock.move_to(self.now, tick=False)

    def minute(self, moment: datetime) -> None:
        """Forward to a moment that matters: the worker's minutely jobs have run there."""
        self.to(moment)
        self.each_minute(self.now)
        self._run_periodic(every=EACH_MINUTE)
        self.jobs()

    def stop(self, moment: datetime) -> None:
        """As `minute`, with the other periodic jobs whose time has come."""
        self.minute(moment)
        self.at_stop(self.now)
        self._run_periodic(every=EACH_STOP)
        self.jobs()

    def all_jobs(self) -> None:
        """Every periodic job, whenever it ran last."""
        self._run_periodic(every=tuple(self._periodic))
        self.jobs()

    def jobs(self) -> None:
        """What was deferred is done, in order of priority, as a worker would."""
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id IN (SELECT id FROM procrastinate_jobs"
                    " WHERE status = 'todo' ORDER BY priority DESC, id LIMIT 1) RETURNING task_name, args"
                )
                row = cursor.fetchone()
            if row is None:
                return
            name, args = row
            if name not in NEVER:
                app.tasks[name].func(**(json.loads(args) if isinstance(args, str) else args))

    def _run_periodic(self, *, every: Sequence[str]) -> None:
        """Those of `every` first and in their order, then whatever did not run for a day."""
        now = self.now.astimezone(UTC)
        for name in dict.fromkeys((*every, *self._periodic)):
            task = self._periodic[name]
            last = self._last.setdefault(name, now - timedelta(days=1))
            if name in NEVER or (name not in every and now - last < DAILY):
                continue
            if name in EACH_MINUTE or croniter.croniter(task.cron, last).get_next(datetime) <= now:
                self._last[name] = now
                task.task.func(timestamp=int(now.timestamp()))
