"""What setting periods of storage and limits of access, and a legal hold, ask for (1.3.4)."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import AfterValidator

from linbao.core.inputs import Input, Text

# Days that data of a category are stored at least.
LEAST_DAYS = {"contacts": 30, "ordinary": 365, "urgent": 3 * 365, "drafts": 30, "agreements": 365}


def _days(category: str) -> Any:
    def check(value: int) -> int:
        if not LEAST_DAYS[category] <= value <= 36_500:
            raise ValueError(_("请填写 %(least)d 至 36500 之间的天数。") % {"least": LEAST_DAYS[category]})
        return value

    return AfterValidator(check)


def _between(least: int, most: int) -> Any:
    def check(value: int) -> int:
        if not least <= value <= most:
            raise ValueError(_("请填写 %(least)d 至 %(most)d 之间的整数。") % {"least": least, "most": most})
        return value

    return AfterValidator(check)


class SetPeriods(Input):
    """Days of storage by category (`retention.CATEGORIES`)."""

    contacts: Annotated[int, _days("contacts")]
    ordinary: Annotated[int, _days("ordinary")]
    urgent: Annotated[int, _days("urgent")]
    drafts: Annotated[int, _days("drafts")]
    agreements: Annotated[int, _days("agreements")]


class SetThresholds(Input):
    """From how many accesses on it is unusual: in an hour, a day, times a person's ordinary day, by night (from one
    hour of the day to another), outside one's own grids."""

    hour: Annotated[int, _between(1, 10_000)]
    day: Annotated[int, _between(1, 10_000)]
    factor: Annotated[int, _between(1, 10_000)]
    night: Annotated[int, _between(1, 10_000)]
    foreign: Annotated[int, _between(1, 10_000)]
    night_from: Annotated[int, _between(0, 23)]
    night_to: Annotated[int, _between(0, 23)]


class HoldItem(Input):
    reason: Annotated[str, Text(300, 4, lazy("请写明保全的理由，如案号或来函（4 至 300 字）。"))]
