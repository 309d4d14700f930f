"""What opening, answering, deciding and appealing a case ask for (7.2.1, 7.2.2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from linbao.conduct.cases import measures
from linbao.conduct.inputs import Numbers
from linbao.conduct.models import Breach, Measure, Severity
from linbao.core import clock
from linbao.core.dates import Day
from linbao.core.inputs import Chosen, Input, Text

LONGEST_SPAN = timedelta(days=366)
MOST = 5000  # characters


class OpenCase(Input):
    """`person`: against whom. `items`: numbers of theirs that are concerned. `since` to `until`: the days of the
    evidence, both included, a year at most; the last 90 without. `witnesses`: who may not decide."""

    kind: Breach
    suspected: Severity
    person: UUID
    allegation: Annotated[str, Text(MOST, 10, lazy("请写明时间、经过和依据，10 至 5000 字。"))]
    items: Numbers = []
    since: Day | None = None
    until: Annotated[Day | None, Field(validate_default=True)] = None
    witnesses: list[UUID] = []

    @field_validator("until")
    @classmethod
    def _until(cls, value: date | None, info: ValidationInfo) -> date | None:
        today, since = clock.today(), info.data.get("since")
        until = value or today
        if until > today:
            raise ValueError(_("日期不能在将来。"))
        if since is not None and since > until:
            raise ValueError(_("结束日期不能早于开始日期。"))
        if since is not None and until - since > LONGEST_SPAN:
            raise ValueError(_("取证期间最长一年。"))
        return value


class StateDefence(Input):
    statement: Annotated[str, Text(MOST, 1, lazy("请写明您的陈述，不超过 5000 字。"))]


def _one_to_three(value: list[UUID]) -> list[UUID]:
    people = list(dict.fromkeys(value))
    if not 1 <= len(people) <= 3:
        raise ValueError(_("请选择一至三位未参与本案的负责人。"))
    return people


class NameDeciders(Input):
    deciders: Annotated[list[UUID], AfterValidator(_one_to_three), Field(validate_default=True)] = []


class DecideCase(Input):
    """`founded`: the facts are proven, with a severity and the measure for it. `seal`: of those in the decider's
    keeping; none to sign in their own name."""

    founded: Annotated[bool | None, Chosen(lazy("请选择认定结果。")), Field(validate_default=True)] = None
    severity: Annotated[Severity | None, Field(validate_default=True)] = None
    measure: Annotated[Measure | None, Field(validate_default=True)] = None
    reasons: Annotated[str, Text(MOST, 10, lazy("请写明认定的事实、证据和理由，10 至 5000 字。"))]
    seal: UUID | None = None

    @field_validator("severity")
    @classmethod
    def _severity(cls, value: Severity | None, info: ValidationInfo) -> Severity | None:
        if info.data.get("founded") and value is None:
            raise ValueError(_("请认定情节。"))
        return value

    @field_validator("measure")
    @classmethod
    def _measure(cls, value: Measure | None, info: ValidationInfo) -> Measure | None:
        severity = info.data.get("severity")
        if info.data.get("founded") and value is None:
            raise ValueError(_("请选择处理。"))
        if info.data.get("founded") and value and severity and not measures.fits(value, severity):
            hardest = measures.HARDEST[severity].label
            message = _("“%(severity)s”最重只能“%(measure)s”；取消资格须情节严重。")
            raise ValueError(message % {"severity": severity.label, "measure": hardest})
        return value


class Appeal(Input):
    appeal: Annotated[str, Text(MOST, 1, lazy("请写明申诉的理由，不超过 5000 字。"))]


class DecideAppeal(Input):
    """`measure`: the same, or a milder one; none to set the decision aside. `seal`: as in `DecideCase`."""

    measure: Measure | None = None
    answer: Annotated[str, Text(MOST, 10, lazy("请写明答复的理由，10 至 5000 字。"))]
    seal: UUID | None = None
