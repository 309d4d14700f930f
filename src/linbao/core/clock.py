"""The one clock. All code asks `now()`, so that tests can set the time (design §4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

UTC = ZoneInfo("UTC")


_set: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _set.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within the block it is `moment`: for carrying a history through the actions that made it."""
    token = _set.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _set.reset(token)


def zone(name: str | None = None) -> ZoneInfo:
    """The zone in which a unit shows its times; the installation's when `name` is empty."""
    return ZoneInfo(name or settings.TIME_ZONE)


def local(moment: datetime, tz: str | None = None) -> datetime:
    """`moment` in the unit's zone."""
    return moment.astimezone(zone(tz))


def today(tz: str | None = None) -> date:
    """Today's date in the unit's zone."""
    return local(now(), tz).date()


def monday(day: date) -> date:
    """The Monday of the week that `day` lies in; weeks are named by it."""
    return day - timedelta(days=day.weekday())


def written(day: date) -> str:
    """`2026年11月20日`, as documents write a date; of a moment in the zone that it is given in (`local`)."""
    return f"{day.year}年{day.month}月{day.day}日"


def written_moment(moment: datetime) -> str:
    """`2026年11月20日14时05分`, as documents write a moment; in the zone that it is given in (`local`)."""
    return f"{written(moment)}{moment.hour}时{moment.minute:02d}分"


def week_name(start: date) -> str:
    """`2026年第47周（11月16日—11月22日）`, as domain.md §10 writes weeks."""
    end = start + timedelta(days=6)
    year, week, _ = start.isocalendar()
    return f"{year}年第{week}周（{start.month}月{start.day}日—{end.month}月{end.day}日）"
