"""Inputs of verbs (`core.inputs`): alike from a form and from JSON; what is wrong stands beside its field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils import translation

from linbao.core.inputs import Input, Lines, LocalMoment, Text, checked, posted
from linbao.core.problems import Invalid

SHANGHAI = ZoneInfo("Asia/Shanghai")
SOMEBODY = UUID("01890000-0000-7000-8000-000000000001")


class Plan(Input):
    title: Annotated[str, Text(5, least=2)]
    at: LocalMoment | None = None
    owner: UUID | None = None
    people: list[UUID] = []
    points: Lines = []
    whole: bool = False
    public: bool = True
    kind: Literal["visit", "call"] = "visit"
    hours: int | None = None


def form(text: str) -> QueryDict:
    return QueryDict(text, encoding="utf-8")


def test_a_form_and_json_give_the_same_input() -> None:
    body = form(
        f"csrfmiddlewaretoken=x&title=%E8%B5%B0%E8%AE%BF&at=2026-11-30T09:00&owner={SOMEBODY}&people={SOMEBODY}"
        "&points=%E4%B8%80%0D%0A%0D%0A%E4%BA%8C&whole=on&public=no&hours=3"
    )
    data: dict[str, Any] = {
        "title": "走访",
        "at": "2026-11-30T01:00:00Z",
        "owner": str(SOMEBODY),
        "people": [str(SOMEBODY)],
        "points": ["一", "二"],
        "whole": True,
        "public": False,
        "hours": 3,
    }
    assert posted(Plan, body, zone=SHANGHAI) == checked(Plan, data)
    assert posted(Plan, body, zone=SHANGHAI).at == datetime(2026, 11, 30, 1, tzinfo=UTC)


def test_what_is_empty_in_a_form_counts_as_not_filled_in() -> None:
    plan = posted(Plan, form("title=%E8%B5%B0%E8%AE%BF&at=&owner=&hours=&points="))
    assert (plan.at, plan.owner, plan.hours, plan.points, plan.whole, plan.public) == (
        None,
        None,
        None,
        [],
        False,
        True,
    )


def test_what_the_page_knows_is_not_taken_from_the_form() -> None:
    assert posted(Plan, form("title=%E5%81%87%E7%9A%84"), title="真的").title == "真的"


@pytest.mark.parametrize(
    ("body", "field", "chinese", "english"),
    [
        ("title=%E8%B5%B0", "title", "请填写内容（至少 2 个字）。", "characters"),
        ("title=123456", "title", "不能超过 5 个字。", "5"),
        ("", "title", "请填写这一项。", "Fill"),
        ("title=ab&at=someday", "at", "时间格式不正确。", "time"),
        ("title=ab&at=0001-01-01T00:00", "at", "请填写 1900 年至 2999 年之间的日期。", "1900"),
        ("title=ab&owner=me", "owner", "请重新选择。", "again"),
        ("title=ab&kind=letter", "kind", "请从列出的选项中选择。", "list"),
        ("title=ab&hours=many", "hours", "请填写整数。", "whole number"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_in_the_readers_language(
    body: str, field: str, chinese: str, english: str
) -> None:
    for language, sentence in (("zh-hans", chinese), ("en", english)):
        with translation.override(language), pytest.raises(Invalid) as e:
            posted(Plan, form(body), zone=SHANGHAI)
        assert list(e.value.fields) == [field]
        assert sentence in e.value.fields[field][0]


def test_the_path_of_a_list_names_the_entry() -> None:
    with pytest.raises(Invalid) as e:
        checked(Plan, {"title": "走访", "people": [str(SOMEBODY), "x"], "more": 1})
    assert e.value.fields == {"people.1": ["请重新选择。"], "more": ["没有这个字段。"]}
