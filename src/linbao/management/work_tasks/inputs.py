"""What giving a task and carrying it to its end asks for (5.3.1)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, field_validator

from linbao.core.dates import Day
from linbao.core.inputs import LINES, Input, LocalMoment, Text
from linbao.management.models import Rhythm

MOST_POINTS = 20


def _short_enough(points: list[str]) -> list[str]:
    if len(points) > MOST_POINTS or any(len(p) > 100 for p in points):
        raise ValueError(_("清单最多 %(n)d 项，每项不超过 100 字。") % {"n": MOST_POINTS})
    return points


Checklist = Annotated[list[str], LINES, AfterValidator(_short_enough)]
Reason = Annotated[str, Text(200, least=2)]


class TaskInput(Input):
    """What is asked of whom: the whole unit (`whole_group`), or the `people` chosen in it. `checklist`: a point a
    line."""

    unit: UUID
    title: Annotated[str, Text(100, least=2)]
    requirements: Annotated[str, Text(4000)] = ""
    checklist: Checklist = []
    whole_group: bool = False
    people: list[UUID] = []


class GiveTask(TaskInput):
    """A task given once, with its limit."""

    due_at: LocalMoment | None = Field(default=None, validate_default=True)

    @field_validator("due_at")
    @classmethod
    def _required(cls, value: LocalMoment | None) -> LocalMoment:
        if value is None:
            raise ValueError(_("请填写期限。"))
        return value


class RepeatTask(TaskInput):
    """Due at `hour` of the unit's time: on working days, on `weekday` (0 is Monday), or on `monthday`. `starts`: today
    where it is left out."""

    rhythm: Rhythm
    weekday: int = 4
    monthday: int = 25
    hour: int = 18
    starts: Day | None = None
    ends: Day | None = None

    @property
    def day(self) -> int:
        """The day within the period, as `Series.day` stores it."""
        return {Rhythm.WEEKLY: self.weekday, Rhythm.MONTHLY: self.monthday}.get(self.rhythm, 0)

    @field_validator("weekday")
    @classmethod
    def _of_the_week(cls, value: int) -> int:
        if not 0 <= value <= 6:
            raise ValueError(_("每周的请选星期几，每月的请选 1 至 28 日。"))
        return value

    @field_validator("monthday")
    @classmethod
    def _of_every_month(cls, value: int) -> int:
        if not 1 <= value <= 28:
            raise ValueError(_("每周的请选星期几，每月的请选 1 至 28 日。"))
        return value

    @field_validator("hour")
    @classmethod
    def _of_the_day(cls, value: int) -> int:
        if not 0 <= value <= 23:
            raise ValueError(_("请选择几点前完成。"))
        return value


class AddNote(Input):
    """A note for the task's thread."""

    text: Annotated[str, Text(2000, least=2)]


class ChooseShare(Input):
    """The share that a page's form is about."""

    part: UUID


class TickPoints(Input):
    """`points`: the places in the check list that are done, counted from 0; those beyond it are left aside."""

    points: list[int] = []


class FinishShare(Input):
    """How it went; may be empty."""

    result: Annotated[str, Text(2000)] = ""


class TakeBack(Input):
    """Relieving one person of their share, or ending the whole task."""

    reason: Reason


class MoveDue(Input):
    """Another limit, and why."""

    due_at: LocalMoment
    reason: Reason
