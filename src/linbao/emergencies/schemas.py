"""What the API answers of emergencies (design §6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from linbao.core.schemas import Answer, Cursor, Named
from linbao.duties.models import State
from linbao.emergencies.models import AlarmReason, UrgentKind, UrgentLevel, UrgentStage
from linbao.items.models import Status
from linbao.items.schemas import Place


class EmergencyLine(Answer):
    """An emergency in a list; its id is its item's. True times stand beside the times of entry."""

    id: UUID
    item: UUID
    heading: str = Field(description="Number and title; of a sensitive item its number alone.")
    kind: UrgentKind | None = Field(description="Null until somebody has reported it.")
    level: UrgentLevel | None = Field(description="Null until somebody has reported it.")
    state: Literal["opened", "called", "written", "finished", "joined", "withdrawn", "unmarked", "merged"]
    number: str | None = Field(description="Of the written report.")
    community: str | None = Field(description="Code of the community.")
    reporter: Named
    seen_at: datetime = Field(description="When it was seen, or an item found urgent.")
    opened_at: datetime = Field(description="When it was keyed in.")
    called_at: datetime | None = Field(description="When it was called in; the hour runs from here (4.2.1).")
    written_at: datetime | None = Field(description="When the first written report was made.")
    finished_at: datetime | None = Field(description="When the final report was made.")


class EmergencyPage(Answer):
    """Emergencies, the newest first."""

    emergencies: list[EmergencyLine]
    next: Cursor


class EmergencyDuty(Answer):
    """What is owed for an emergency, and by when."""

    id: UUID
    kind: str
    clause: str
    state: State
    due_at: datetime
    met_at: datetime | None


class Alarm(Answer):
    """A cry for attention, until somebody signs for it (签收)."""

    id: UUID
    reason: AlarmReason
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None = Field(description="Name of who signed.")


class WrittenVersion(Answer):
    """A written version; none overwrites another."""

    version: int = Field(ge=1)
    stage: UrgentStage
    changed: str = Field(description="What changed since the version before.")
    written_at: datetime
    entered_at: datetime
    by: str = Field(description="Name of its author.")
    content: dict[str, Any] = Field(description="The fields of the written report (4.2.2), people masked.")


class Emergency(EmergencyLine):
    """An emergency with its duties, alarms and versions."""

    place: Place
    grid: str | None = Field(description="Code of the grid.")
    item_status: Status
    answered_by: str | None = Field(description="Who answered the call.")
    called_number: str | None
    call_words: str | None = Field(description="What was said in the call; null once it was removed (retention).")
    call_entered_at: datetime | None
    joined_to: UUID | None = Field(description="The emergency that carries the same matter on.")
    version: int = Field(ge=0, description="Number of the last written version; 0 before the first.")
    missing: list[str] = Field(description="Fields that the written report still has to bring.")
    duties: list[EmergencyDuty]
    alarms: list[Alarm]
    versions: list[WrittenVersion]


class SignedAlarms(Answer):
    """The alarms of an emergency that were signed for."""

    id: UUID
    alarms: list[Alarm]
