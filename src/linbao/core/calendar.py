"""Working days and working hours of a unit (design §4).

Statutory holidays and swapped working days come from the `holidays` library; an administrator's corrections
(`Calendar.corrections`) win over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

Hours = tuple[tuple[time, time], ...]
DEFAULT_HOURS: Hours = ((time(9), time(12)), (time(14), time(18)))


CHINA = ZoneInfo("Asia/Shanghai")


@lru_cache(maxsize=8)
def _china(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year)


@dataclass(frozen=True)
class Calendar:
    """A unit's working time; `corrections` maps a date to whether it is worked."""

    zone: ZoneInfo = CHINA
    hours: Hours = DEFAULT_HOURS
    corrections: Mapping[date, bool] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked: corrections first, then holidays and make-up days (调休)."""
        if day in self.corrections:
            return self.corrections[day]
        return bool(_china(day.year).is_working_day(day))

    def last_working_day(self, monday: date) -> date:
        """The week's day for the report (4.1.1): Friday, or where Friday is off the last worked day.

        A make-up Saturday or Sunday does not move a worked Friday. A week without any working day keeps its Friday.
        """
        friday = monday + timedelta(days=4)
        if self.is_working_day(friday):
            return friday
        worked = [d for d in (monday + timedelta(days=i) for i in range(7)) if self.is_working_day(d)]
        return worked[-1] if worked else friday

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """`days` working days after `start`: as many hours as those days hold, counted in working time."""
        return self.add_working_time(start, self.day_length * days)

    @property
    def day_length(self) -> timedelta:
        return sum((datetime.combine(date.min, b) - datetime.combine(date.min, a) for a, b in self.hours), timedelta())

    def add_working_time(self, start: datetime, length: timedelta) -> datetime:
        """The moment (UTC) at which `length` of working time has passed since `start`."""
        at = start.astimezone(self.zone)
        left = length
        for _ in range(3660):
            if self.is_working_day(at.date()):
                for begin, end in self.hours:
                    opens = datetime.combine(at.date(), begin, self.zone)
                    closes = datetime.combine(at.date(), end, self.zone)
                    since = max(opens, at)
                    if since >= closes:
                        continue
                    if closes - since >= left:
                        return (since + left).astimezone(ZoneInfo("UTC"))
                    left -= closes - since
            at = datetime.combine(at.date() + timedelta(days=1), time(0), self.zone)
        return at.astimezone(ZoneInfo("UTC"))


def day_name(day: date, *, english: bool = False) -> str:
    """The statutory holiday or substituted day off that `day` is, in words; "" for none."""
    return str(_named(day.year, "en_US" if english else "zh_CN").get(day) or "")


@lru_cache(maxsize=8)
def _named(year: int, language: str) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year, language=language)


def made_up(day: date) -> bool:
    """A Saturday or Sunday that the State has worked in exchange for a holiday (调休上班)."""
    return day.weekday() >= 5 and bool(_china(day.year).is_working_day(day))
