"""What the API answers of duties and clauses (design §6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from linbao.core.schemas import Answer, Cursor, Named
from linbao.duties.models import State

ClauseState = Literal["met", "late", "owed", "overdue", "none"]


class Obligation(Answer):
    """A duty: who owes what by when, and when it was met."""

    id: UUID
    kind: str
    name: str = Field(description="Of the kind, in the reader's language.")
    clause: str
    state: State
    title: str = Field(description="What it is about; its number alone for those who may not open that.")
    owner: Named | None = Field(description="Null: the pool of `unit` owes it.")
    unit: str | None = Field(description="Code of the unit.")
    subject_type: str = Field(description="E.g. `items.item`; may be empty.")
    subject_id: UUID | None
    period: date | None = Field(description="First day of the week or quarter that it is for.")
    opened_at: datetime
    due_at: datetime
    met_at: datetime | None
    missed_at: datetime | None
    waived_at: datetime | None
    waived_reason: str


class ObligationPage(Answer):
    """Duties, by `due_at`."""

    items: list[Obligation]
    next: Cursor


class ProofFigure(Answer):
    """A figure of a duty, and the list that it counts."""

    label: str = Field(alias="words")
    url: str = Field(description="Path of the page; may be empty.")


class ClauseDuty(Answer):
    """A duty under a clause, its state and figures."""

    name: str
    owed_by: str
    state: ClauseState
    figures: list[ProofFigure]


class Clause(Answer):
    """A clause of the regulation, its state and duties."""

    number: str
    state: ClauseState
    duties: list[ClauseDuty]


class Compliance(Answer):
    """How a unit complies with each clause, the same for every reader of the unit."""

    unit: str = Field(description="Code of the unit.")
    since: date
    until: date = Field(description="Included.")
    clauses: list[Clause]
