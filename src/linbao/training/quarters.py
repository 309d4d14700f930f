"""Quarters: named by their first day, in a unit's zone; the month after may make up for one (5.1.3)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from uuid import UUID

from django.utils.translation import gettext as _

from linbao.core import clock, dates, periods
from linbao.core.problems import Invalid
from linbao.organisation.tree import tree


def of(day: date) -> date:
    """The first day of the quarter that `day` lies in."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def after(quarter: date) -> date:
    """The first day of the next quarter."""
    return date(quarter.year + (quarter.month == 10), (quarter.month + 2) % 12 + 1, 1)


def before(quarter: date) -> date:
    """The first day of the quarter before."""
    return of(quarter - timedelta(days=1))


name = periods.quarter


def zone_of(unit_id: UUID | None) -> str | None:
    """The name of the unit's time zone; None: the installation's."""
    return tree().setting(unit_id, "time_zone") or None


def zone(unit_id: UUID | None) -> tzinfo:
    """The zone of a unit's days and moments."""
    return clock.zone(zone_of(unit_id))


def due_at(unit_id: UUID, quarter: date) -> datetime:
    """The last moment of the quarter in the unit's zone."""
    return datetime.combine(after(quarter) - timedelta(days=1), time(23, 59), zone(unit_id))


def make_up_until(unit_id: UUID, quarter: date) -> datetime:
    """The end of the month after the quarter: what is held or attended until then makes up for it."""
    month = after(quarter)
    return datetime.combine(date(month.year, month.month + 1, 1), time(0), zone(unit_id))


def of_moment(unit_id: UUID, moment: datetime) -> date:
    """The first day of the quarter of a moment, in the unit's zone."""
    return of(clock.local(moment, zone_of(unit_id)).date())


def current(unit_id: UUID | None) -> date:
    """The first day of the running quarter, in the unit's zone."""
    return of(clock.today(zone_of(unit_id)))


def read(value: str, default: date) -> date:
    """`2026Q4`, or any day of the quarter; raises `Invalid`."""
    if not value:
        return default
    try:
        if value[4:5] == "Q" and value[:4].isascii() and value[:4].isdigit() and value[5:] in ("1", "2", "3", "4"):
            result = date(int(value[:4]), int(value[5:]) * 3 - 2, 1)
        else:
            result = of(dates.day(value))
    except ValueError:
        result = date.min
    if not 2000 <= result.year <= 2200:
        raise Invalid(fields={"quarter": [_("无法识别这个季度，请重新选择。")]})
    return result


def code(quarter: date) -> str:
    """`2026Q4`, as addresses name it."""
    return f"{quarter.year}Q{(quarter.month + 2) // 3}"


def offered(unit_id: UUID | None, *, back: int = 4, ahead: int = 1) -> list[tuple[str, str]]:
    """Quarters to choose from, newest first: (code, name)."""
    quarter = current(unit_id)
    for _n in range(ahead):
        quarter = after(quarter)
    rows = []
    for _n in range(back + ahead + 1):
        rows.append((code(quarter), name(quarter)))
        quarter = before(quarter)
    return rows
