"""What recording and correcting a visit, survey, forum or patrol asks for (2.1.1, 4.1.1)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import field_validator

from linbao.core.dates import Moment
from linbao.core.inputs import Input, Text
from linbao.core.schemas import example
from linbao.items.models import ActivityKind

MOST_MINUTES, MOST_PEOPLE = 24 * 60 * 7, 100_000


def _within(value: int | None, low: int, high: int) -> int | None:
    if value is not None and not low <= value <= high:
        raise ValueError(_("应为 %(low)d 到 %(high)d 之间的整数。") % {"low": low, "high": high})
    return value


class ActivityContent(Input):
    """`starts_at` without a zone is in that of the activity's community; `grid` by code or id."""

    kind: ActivityKind
    starts_at: Moment
    minutes: int | None = None
    place: Annotated[str, Text(200)]
    people: int | None = None
    notes: Annotated[str, Text(5000)] = ""
    grid: str | None = None

    @field_validator("starts_at")
    @classmethod
    def _this_century(cls, value: Moment) -> Moment:
        if not 2000 <= value.year <= 2100:
            raise ValueError(_("时间超出合理范围。"))
        return value

    @field_validator("place")
    @classmethod
    def _needed(cls, value: str) -> str:
        if not value:
            raise ValueError(_("请填写地点。"))
        return value

    @field_validator("minutes")
    @classmethod
    def _minutes(cls, value: int | None) -> int | None:
        return _within(value, 1, MOST_MINUTES)

    @field_validator("people")
    @classmethod
    def _people(cls, value: int | None) -> int | None:
        return _within(value, 0, MOST_PEOPLE)


class RecordActivity(ActivityContent):
    """An activity; `grid` and `community` by code. Who works in several communities names one of the two."""

    model_config = example(
        {
            "kind": "visit",
            "starts_at": "2026-11-24T01:00:00Z",
            "minutes": 40,
            "place": "荷塘里3幢",
            "people": 6,
            "notes": "走访六户",
        }
    )
    id: UUID | None = None
    community: str | None = None


class ChangeActivity(ActivityContent):
    """The whole activity as it should be. `shown_at`: its `changed_at` as the form showed it; another raises
    `Conflict`."""

    shown_at: Moment | None = None

    @field_validator("shown_at")
    @classmethod
    def _zoned(cls, value: Moment | None) -> Moment | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(_("页面已过期，请刷新后重试。"))
        return value
