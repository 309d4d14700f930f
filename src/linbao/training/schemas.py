"""What the API answers of training (design §6, 5.1.3)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from linbao.core.schemas import Answer, Cursor
from linbao.training.models import SeatStatus, SessionStatus, Subject


class Seat(Answer):
    """The caller's own seat in a session."""

    status: SeatStatus
    signed_in_at: datetime | None
    signed_out_at: datetime | None
    minutes: int = Field(ge=0, description="How long they were there, not counted before the start.")


class Session(Answer):
    """A training session."""

    id: UUID
    title: str
    subjects: list[Subject]
    community: UUID
    place: str
    starts_at: datetime
    minutes: int = Field(description="How long it is.")
    quarter: str = Field(pattern="^[0-9]{4}Q[1-4]$", description="The quarter that it counts for, as `2026Q4`.")
    status: SessionStatus
    long_enough: bool = Field(description="Long enough for a quarter's training (5.1.3).")
    seat: Seat | None = Field(description="Null in lists, and without a seat.")


class SessionPage(Answer):
    """Sessions, the latest first."""

    items: list[Session]
    next: Cursor


class AttendedSession(Answer):
    """A session that the caller attended."""

    id: UUID
    title: str
    subjects: list[Subject]
    starts_at: datetime
    quarter: str = Field(pattern="^[0-9]{4}Q[1-4]$", description="The quarter that it counts for, as `2026Q4`.")
    minutes: int = Field(ge=0, description="How long they were there.")
    counts: bool = Field(description="It meets the duty of its quarter.")
    made_up: bool = Field(description="It was held in the month after that quarter.")
    score: int | None = Field(description="Of the test, out of 100; null without one.")


class TrainingRecord(Answer):
    """What the caller attended."""

    hours: float = Field(ge=0, description="In all, to a tenth.")
    sessions: list[AttendedSession]
