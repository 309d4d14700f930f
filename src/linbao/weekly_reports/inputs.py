"""What assembling, confirming and reviewing a weekly report ask for (2.3.1, 4.1.1, 4.3.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from linbao.core import clock, dates
from linbao.core.inputs import Input, Text
from linbao.core.schemas import example

SECTIONS = ("sources", "facts", "analysis", "suggestion", "progress", "format")


def _week(value: Any) -> Any:
    """A page asks for this week or the last by name."""
    if value in ("this", "last"):
        return clock.monday(clock.today()) - timedelta(days=7 if value == "last" else 0)
    return value


class AssembleWeek(Input):
    """`week`: any day of it, its Monday by custom. `reporter`: id or username; oneself without it."""

    model_config = example({"reporter": "reporter1", "week": "2026-11-23"})
    reporter: str | None = Field(None, max_length=60)
    week: Annotated[dates.Day, BeforeValidator(_week)]


class OwnTexts(Input):
    """Parts three and four in the reporter's own words; None leaves the computed draft."""

    analysis: Annotated[str, Text(5000)] | None = None
    suggestion: Annotated[str, Text(5000)] | None = None


class ConfirmReport(Input):
    """`words`: analysis and suggestion in place of the computed draft. `nil_reason` of a report of nothing; `reason` of
    one confirmed before its day's noon or after 18:00."""

    model_config = ConfigDict(
        populate_by_name=True, json_schema_extra={"examples": [{"words": {"analysis": "本周以垃圾清运问题为主。"}}]}
    )
    nil_reason: Annotated[str, Text(300)] = ""
    texts: OwnTexts | None = Field(None, alias="words")
    reason: Annotated[str, Text(300)] = ""


class Finding(Input):
    """What is wrong with a part of the report."""

    model_config = ConfigDict(populate_by_name=True)
    section: str = "format"
    comment: Annotated[str, Text(300)] = Field(alias="words")


class ReviewReport(Input):
    """Whether the report is accepted, and if not, why."""

    model_config = example({"accept": False, "findings": [{"section": "format", "words": "缺少建议措施"}]})
    accept: bool
    findings: list[Finding] = Field(default_factory=list, max_length=20, validate_default=True)

    @field_validator("findings")
    @classmethod
    def _returned_with_a_comment(cls, findings: list[Finding], info: ValidationInfo) -> list[Finding]:
        findings = [f for f in findings if f.comment and f.section in SECTIONS]
        if info.data.get("accept") is False and not findings:
            raise ValueError(_("请写明问题所在。"))
        return findings


class ReviewComment(Input):
    """The one comment that the page asks for, on the report as a whole."""

    comment: str = ""
