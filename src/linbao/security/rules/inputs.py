"""What issuing and revising a security rule asks for (6.1.1)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext_lazy as lazy

from linbao.core.inputs import Input, Text

LONGEST = 20_000


class RuleText(Input):
    title: Annotated[str, Text(80, 2, lazy("请填写名称（2 至 80 字）。"))]
    body: Annotated[str, Text(LONGEST, 10, lazy("请填写正文（10 至 20000 字）。"))]


class IssueRule(RuleText):
    unit: UUID


class ReviseRule(RuleText):
    """`seen`: the version that was read before revising it."""

    seen: int = 0
