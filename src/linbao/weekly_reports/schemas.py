"""What the API answers of weekly reports (design §6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from linbao.core.schemas import Answer, Cursor, Named
from linbao.weekly_reports.models import ReportStatus


class WeeklyReportLine(Answer):
    """A weekly report in a list."""

    id: UUID
    week: date = Field(description="Its Monday.")
    reporter: Named = Field(description="Or who confirmed the group's.")
    status: ReportStatus
    number: str | None = Field(description="Given when it is sent.")
    version: int = Field(ge=1)
    covers_from: datetime | None = Field(description="When the report before was confirmed; null for the first.")
    covers_until: datetime | None = Field(description="When this one was; null until then.")
    confirmed_at: datetime | None
    take_back_until: datetime | None = Field(description="Until when the confirmation can be taken back.")
    sent_at: datetime | None


class WeeklyReportPage(Answer):
    """Weekly reports, the newest first."""

    weekly_reports: list[WeeklyReportLine]
    next: Cursor


class ReportFinding(Answer):
    """What is wrong with a part of a returned report."""

    section: str
    comment: str = Field(alias="words")


class ReportTexts(Answer):
    """Parts three and four: the reporter's, or the computed draft where they wrote none."""

    analysis: str
    suggestion: str


class WeeklyReport(WeeklyReportLine):
    """A weekly report as the caller may read it: items that they may not open stand by number (1.3.4)."""

    nil_reason: str = Field(description="Why there was nothing to report; or empty.")
    timing_reason: str = Field(description="Why it was early or late; or empty.")
    findings: list[ReportFinding] = Field(description="Of the last return.")
    facts: dict[str, Any] = Field(description="Parts one and two, as computed from items and activities.")
    texts: ReportTexts = Field(alias="words")
