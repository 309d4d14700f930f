"""Days and moments that come from outside: typed into forms and addresses, sent to the API.

All of them lie between 1900 and 2999, so that the arithmetic of weeks, months and zones stays within the calendar:
`0001-01-01` is a date, but its week in Shanghai begins before there are any.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pydantic import AfterValidator

YEARS = range(1900, 3000)
D = TypeVar("D", bound=date)


def meant(value: D) -> D:
    """`value` (a day or a moment) itself; raises `ValueError` for one that nobody can mean."""
    if value.year not in YEARS:
        raise ValueError(_("请填写 1900 年至 2999 年之间的日期。"))
    return value


def day(value: str, first: int = YEARS.start, last: int = YEARS.stop - 1) -> date:
    """The day that `2026-11-20` names; raises `ValueError` for what is none, or lies outside of the years from `first`
    to `last` (a list's filter reaches no further than its records can)."""
    result = meant(date.fromisoformat(value))
    if not first <= result.year <= last:
        raise ValueError(f"not between {first} and {last}")
    return result


def moment(value: str) -> datetime:
    """The moment that an ISO 8601 text names, naive if it tells no zone; raises `ValueError` for what is none."""
    return meant(datetime.fromisoformat(value))


# For bodies and parameters of the API.
Day = Annotated[date, AfterValidator(meant)]
Moment = Annotated[datetime, AfterValidator(meant)]


def _within(value: Any) -> None:
    try:
        meant(value)
    except ValueError as e:
        raise ValidationError(str(e)) from e


class DayField(forms.DateField):
    default_validators = [_within]


class MomentField(forms.DateTimeField):
    default_validators = [_within]
