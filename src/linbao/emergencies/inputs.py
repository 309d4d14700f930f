"""What opening, calling in, writing and concluding an emergency ask for (2.3.2, 4.2.1, 4.2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_validator

from linbao.core import text
from linbao.core.inputs import Input, LocalMoment, Text
from linbao.core.schemas import example
from linbao.emergencies.models import UrgentKind, UrgentLevel, UrgentStage
from linbao.items.api import PlaceIn

PLACE_MOST, ANSWERED_BY_MOST, CALL_MOST = 200, 40, 1000  # characters


@dataclass(frozen=True)
class Counted(Text):
    """A text whose sentence says how many characters it has and may have: typed in a hurry, it is not cut short."""

    def check(self, value: str) -> str:
        """The cleaned text. Raises `ValueError` with the sentence for the field."""
        cleaned = text.clean(value)
        if len(cleaned) > self.most:
            raise ValueError(_("最多 %(most)d 个字，现有 %(now)d 个字。") % {"most": self.most, "now": len(cleaned)})
        return cleaned


def _kind(value: str) -> str:
    if value and value not in UrgentKind.values:
        raise ValueError(_("请选择发生了什么。"))
    return value


def _level(value: str) -> str:
    if value and value not in UrgentLevel.values:
        raise ValueError(_("请选择级别。"))
    return value


def _place(value: PlaceIn | str | None) -> PlaceIn:
    place = value if isinstance(value, PlaceIn) else PlaceIn.model_construct(text=value or "")
    return place.model_copy(update={"text": Counted(PLACE_MOST).check(place.text or "")})


Kind = Annotated[str, AfterValidator(_kind)]
Level = Annotated[str, AfterValidator(_level)]
Place = Annotated[PlaceIn | str | None, AfterValidator(_place)]
AnsweredBy = Annotated[str, Counted(ANSWERED_BY_MOST)]
CalledNumber = Annotated[str, Counted(30)]


class Caller(Input):
    """Who called the department, when it was no reporter."""

    name: str = Field("", max_length=60)
    phone: str = Field("", max_length=30)


class Basics(Input):
    """What, where, how grave. `grid` and `community` by id or code; the grid follows from the point where outlines
    are known."""

    model_config = ConfigDict(
        populate_by_name=True, json_schema_extra={"examples": [{"kind": "fire", "place": "7栋地下车库"}]}
    )
    kind: Kind = ""
    place: Place = Field(None, validate_default=True)
    grid: str = Field("", max_length=60)
    level: Level = ""
    narrative: Annotated[str, Counted(5000)] = Field("", alias="words")

    @property
    def where(self) -> PlaceIn:
        """The place with its text cleaned; empty where none was given."""
        return self.place if isinstance(self.place, PlaceIn) else PlaceIn()


class CompleteEmergency(Basics):
    """What the call did not say yet; only what is given changes."""


class StartEmergency(Basics):
    """An emergency that the caller saw; with `called_at` (or `called`) the call that was made. `phone_now` is the
    sender's clock now, to set a wrong one right."""

    id: UUID | None = None
    community: str = Field("", max_length=60)
    seen_at: LocalMoment | None = None
    called: bool = False
    called_at: LocalMoment | None = None
    answered_by: AnsweredBy = ""
    called_number: CalledNumber = ""
    phone_now: LocalMoment | None = None


class OpenEmergency(StartEmergency):
    """An emergency that the caller saw; with `called_at` (or `called`) the call that was made. The department logs a
    call that it received with `received`: from `reporter` (id or username), or from somebody else (`caller`)."""

    model_config = example(
        {
            "id": "0193a0f2-6d3e-7c11-8a51-3f2a9c04d1e7",
            "kind": "fire",
            "place": {"text": "7栋地下车库", "lat": 30.654, "lon": 104.066},
            "seen_at": "2026-11-24T01:52:00Z",
            "called_at": "2026-11-24T01:54:00Z",
            "answered_by": "值班员小周",
            "called_number": "02812345678",
        }
    )
    received: bool = False
    reporter: str | None = Field(None, max_length=60)
    caller: Caller | None = None


class LogCall(Basics):
    """A call that the department received: from `reporter`, or from somebody else (`caller`)."""

    id: UUID | None = None
    reporter: UUID | None = None
    caller: Annotated[str, Counted(60)] = ""
    caller_phone: str = ""
    called_at: LocalMoment | None = None
    seen_at: LocalMoment | None = None
    answered_by: AnsweredBy = ""


class RecordCall(Input):
    """The call: when it was made, who answered. `phone_now` is the sender's clock now, to set a wrong one right."""

    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={"examples": [{"called_at": "2026-11-24T01:54:00Z", "answered_by": "值班员小周"}]},
    )
    called_at: LocalMoment | None = None
    answered_by: AnsweredBy = ""
    called_number: CalledNumber = ""
    message: Annotated[str, Counted(CALL_MOST)] = Field("", alias="words")
    phone_now: LocalMoment | None = None


class Point(Input):
    """The place as a page posts it, its point beside it."""

    place: str = ""
    lat: float | None = None
    lon: float | None = None

    def as_place(self) -> PlaceIn:
        """As the other inputs take it."""
        return PlaceIn.model_construct(text=self.place, lat=self.lat, lon=self.lon)


class FileVersion(Input):
    """A written version: its stage, and for all but the first what has changed. `written_at`: when one that was first
    written on paper was written; `version`: the number that it will have."""

    content: dict[str, Any]
    stage: UrgentStage = UrgentStage.FIRST
    changed: Annotated[str, Text(500)] = Field("", validate_default=True)
    seal: UUID | None = None
    written_at: LocalMoment | None = None
    version: int | None = None

    @field_validator("changed")
    @classmethod
    def _changes_are_described(cls, changed: str, info: ValidationInfo) -> str:
        if not changed and info.data.get("stage", UrgentStage.FIRST) != UrgentStage.FIRST:
            raise ValueError(_("请写明与上一次相比有什么变化。"))
        return changed


class AffixSeal(Input):
    """The seal that is affixed, and the password that is typed again for it (4.2.2)."""

    seal: UUID | None = None
    password: str = ""


class JoinEmergency(Input):
    """The report of the same emergency that goes on."""

    other: UUID


class Conclude(Input):
    """What was learnt (复盘), one of three at least; `version`: that which the form was filled for."""

    to_improve: Annotated[str, Text(3000)] = ""
    measures: Annotated[str, Text(3000)] = ""
    went_well: Annotated[str, Text(3000)] = Field("", validate_default=True)
    version: int = 0

    @field_validator("went_well")
    @classmethod
    def _not_all_empty(cls, went_well: str, info: ValidationInfo) -> str:
        if not (went_well or info.data.get("to_improve") or info.data.get("measures")):
            raise ValueError(_("请至少写一项。"))
        return went_well


class Acknowledge(Input):
    """Which alarm is signed for; every one that waits without it."""

    model_config = example({"alarm": "0193a0f3-1b7c-7a90-9d44-52b1c8e07f36"})
    alarm: UUID | None = None


class ChooseUnit(Input):
    """The community of a form of the duty desk."""

    unit: str = ""
