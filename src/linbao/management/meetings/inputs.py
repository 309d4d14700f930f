"""What calling, holding and following up a meeting asks for, and opinions and problems (5.3.3)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from linbao.core.inputs import Input, Lines, LocalMoment, Text


class CallMeeting(Input):
    """`points`: matters for the agenda besides those that are open, one a line."""

    unit: UUID
    title: Annotated[str, Text(100, least=2)]
    starts_at: LocalMoment
    place: Annotated[str, Text(100, least=2)]
    everybody: bool = False
    people: list[UUID] = []
    points: Lines = []


class AddPoint(Input):
    """A matter for the agenda."""

    point: Annotated[str, Text(120, least=2)]


class MarkAttendance(Input):
    """Who came and who had excused themselves; the others were absent."""

    present: list[UUID] = []
    excused: list[UUID] = []


class Report(Input):
    """One's work report (工作汇报)."""

    report: Annotated[str, Text(2000, least=2)]


class HoldMeeting(Input):
    """`points`: the discussion of each point of the agenda; one that is left out keeps what it has."""

    summary: Annotated[str, Text(8000, least=4)]
    points: dict[UUID, Annotated[str, Text(2000)]] = {}


class Decide(Input):
    """A decision of the meeting as a task: what, by whom, by when."""

    title: Annotated[str, Text(100, least=2)]
    people: list[UUID] = []
    due_at: LocalMoment


class CancelMeeting(Input):
    """Why the meeting is called off."""

    reason: Annotated[str, Text(200, least=2)]


class GiveOpinion(Input):
    """`meeting`: at which it was given; none between meetings."""

    unit: UUID
    comment: Annotated[str, Text(2000, least=4)]
    anonymous: bool = False
    meeting: UUID | None = None


class AnswerOpinion(Input):
    """The answer that the author, and the list of opinions, show."""

    answer: Annotated[str, Text(2000, least=2)]


class RaiseProblem(Input):
    """`meeting` or `opinion`: where it came up."""

    unit: UUID
    title: Annotated[str, Text(100, least=4)]
    owner: UUID
    due_at: LocalMoment
    meeting: UUID | None = None
    opinion: UUID | None = None


class CloseProblem(Input):
    """What became of it; `solved` is false where it is dropped."""

    result: Annotated[str, Text(2000, least=4)]
    solved: bool = True
