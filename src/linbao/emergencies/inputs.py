"""What opening, calling in, writing and concluding an emergency ask for (2.3.2, 4.2.1, 4.2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_validator

from linbao.core import dates, text
from linbao.core.inputs import Input, LocalMoment, Text
from linbao.core.schemas import example
from linbao.emergencies.models import UrgentKind, UrgentLevel, UrgentStage
from linbao.items.inputs import PartyIn, PlaceIn

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


class Casualties(Input):
    """How many people were hurt; each number must be given, 0 for none."""

    dead: int | None = None
    injured: int | None = None
    missing: int | None = None


class Scope(Input):
    """How many people and households are affected, and the area in square metres."""

    persons: int | None = None
    households: int | None = None
    area: int | None = None


class WrittenReport(Input):
    """The written report; `version` is the number that it will have, so that it can be sent twice. People: `parties`,
    or `none_involved` said by a person. `kind`, `subcategory`, `grid` and `source` are asked where the record lacks
    them."""

    model_config = example(
        {
            "occurred_at": "2026-11-24T01:50:00Z",
            "place": "7栋地下车库",
            "grid": "510104017003001",
            "source": "patrol",
            "level": "larger",
            "course": "电动自行车充电时起火，烟气进入1单元，保安用灭火器扑救。",
            "parties": [{"role": "victim", "name": "王建国", "phone": "13812341234"}],
            "casualties": {"dead": 0, "injured": 1, "missing": 0},
            "scope": {"persons": 60, "households": 24},
            "loss": 3000,
            "impact": "1单元楼道有烟，住户疏散至小广场。",
            "measures": "已拨打119和120，断电，疏散住户。",
            "reported_to": ["fire", "medical"],
            "present_state": "in_progress",
            "present": "明火已扑灭，正在排烟。",
            "help": "请派人排查其他充电桩。",
            "version": 1,
        }
    )
    occurred_at: dates.Moment | None = None
    kind: str | None = None
    subcategory: str | None = None
    place: PlaceIn | str | None = None
    grid: str | None = None
    source: str | None = None
    level: str | None = None
    course: str = ""
    parties: list[PartyIn] | None = None
    none_involved: bool = False
    casualties: Casualties = Field(default_factory=Casualties)
    scope: Scope = Field(default_factory=Scope)
    loss: int | None = None
    impact: str = ""
    measures: str = ""
    reported_to: list[str] = Field(default_factory=list, max_length=10)
    present_state: str = ""
    present: str = ""
    help: str = ""
    written_at: dates.Moment | None = None
    version: int | None = None


class FurtherReport(WrittenReport):
    """A further version: what changed since the last one. Fields that are left out stay as they were."""

    model_config = example({"changed": "处置完毕", "present_state": "subsided", "present": "住户已全部返回。"})
    changed: str = Field("", max_length=500)


class FollowUp(FurtherReport):
    """A follow-up, or a correction of what was written before."""

    model_config = example({"changed": "伤者已送医", "casualties": {"injured": 1}, "version": 2})
    stage: Literal["follow_up", "correction"] = "follow_up"


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
