"""What the API answers of statistics (design §6, 2.2.2)."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from linbao.core.schemas import Answer


class ShareFigure(Answer):
    """A share: `part` of `whole`."""

    percent: float | None = Field(description="Null where there was nothing to count.")
    part: int
    whole: int


class Statistics(Answer):
    """Every figure of a unit and period, the same for every reader."""

    unit: str = Field(description="Code of the unit.")
    since: date
    until: date = Field(description="Included.")
    counted_since: date | None = Field(description="From here on the sums are complete; null: all of the period.")
    figures: dict[str, ShareFigure | int | float | None] = Field(description="By code: `docs/figures.md` defines them.")
