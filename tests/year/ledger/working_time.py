"""The working calendar: statutory holidays with make-up days, an administrator's corrections, working hours (design
§4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = ((time(9), time(12)), (time(14), time(18)))
DAY_LENGTH = timedelta(hours=7)
REPORT_DUE, REPORT_OPENS, MISSED_AT = time(18), time(12), time(12)


def moment(day: date, at: time = time()) -> datetime:
    """That time of day in the unit's zone."""
    return datetime.combine(day, at, ZONE)


def day_of(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def monday_of(at: datetime | date) -> date:
    day = day_of(at) if isinstance(at, datetime) else at
    return day - timedelta(days=day.weekday())


class WorkingTime:
    """`corrections`: a day → whether it is worked, as an administrator of the unit corrected it."""

    def __init__(self) -> None:
        self.corrections: dict[date, bool] = {}
        self._holidays = holidays.country_holidays("CN", years=range(2025, 2028))

    def works(self, day: date) -> bool:
        return self.corrections.get(day, self._holidays.is_working_day(day))

    def report_day(self, monday: date) -> date:
        """The day on which the week's report falls due (4.1.1)."""
        friday = monday + timedelta(days=4)
        if self.works(friday):
            return friday
        worked = [day for n in range(7) if self.works(day := monday + timedelta(days=n))]
        return worked[-1] if worked else friday

    def report_due(self, monday: date) -> datetime:
        return moment(self.report_day(monday), REPORT_DUE)

    def report_opens(self, monday: date) -> datetime:
        return moment(self.report_day(monday), REPORT_OPENS)

    def after_days(self, start: datetime, days: int) -> datetime:
        """The moment at which `days` working days have passed since `start`."""
        return self.after(start, DAY_LENGTH * days)

    def after(self, start: datetime, length: timedelta) -> datetime:
        at, left = start.astimezone(ZONE), length
        while True:
            for opens, closes in self._spans(at.date()):
                begin = max(opens, at)
                if begin >= closes:
                    continue
                if closes - begin >= left:
                    return begin + left
                left -= closes - begin
            at = moment(at.date() + timedelta(days=1))

    def at_work(self, at: datetime) -> datetime:
        """`at` itself within working hours, else the next moment that is."""
        return self.after(at, timedelta(seconds=1)) - timedelta(seconds=1)

    def working_days(self, first: date, last: date) -> int:
        """How many days from `first` to `last`, both included, are worked."""
        return sum(self.works(first + timedelta(days=n)) for n in range((last - first).days + 1))

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        return [(moment(day, a), moment(day, b)) for a, b in HOURS] if self.works(day) else []


def utc(at: datetime | None) -> str:
    """As differences name a moment: in the unit's zone, to the second."""
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}" if at else "—"


def same(a: datetime | None, b: datetime | None) -> bool:
    """Whether two moments are one, to the second."""
    if a is None or b is None:
        return a is b
    return abs(a.astimezone(UTC) - b.astimezone(UTC)) < timedelta(seconds=1)
