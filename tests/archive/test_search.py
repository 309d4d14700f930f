"""Finding items: filters times visibility, words, pages by cursor, statement counts (2.2.1, 1.3.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.archive import search
from linbao.archive.filters import Filters
from linbao.core import clock
from linbao.core.problems import Invalid, NotAllowed, Problem
from linbao.items.models import Item
from linbao.organisation.models import Unit
from linbao.organisation.tree import reference
from tests.loop import Town

pytestmark = pytest.mark.django_db


def titles(user: Any, **filters: Any) -> list[str]:
    return [r["title"] for r in search.find(user, Filters.read(filters)).rows]


@pytest.mark.clause("2.2.1")
def test_each_filter_finds_its_items_and_no_others(town: Town) -> None:
    waste = town.submitted()
    fire = town.submitted(
        category="opinion",
        subcategory="culture",
        title="想办合唱团",
        topic="文体",
        urgent=True,
        source={"method": "hotline"},
        sensitivity="public",
        details={"kind": "suggestion", "wish": "开放活动室", "reply_wanted": "phone"},
    )
    closed = town.closed()
    reviewer = town.reviewer
    all_ = {waste.title, fire.title, closed.title}
    assert set(titles(reviewer)) == all_
    assert titles(reviewer, category="opinion") == [fire.title]
    assert titles(reviewer, subcategory="opinion.culture") == [fire.title]
    assert titles(reviewer, topic="文体") == [fire.title]
    assert titles(reviewer, urgent="1") == [fire.title]
    assert titles(reviewer, sensitivity="public") == [fire.title]
    assert titles(reviewer, source="hotline") == [fire.title]
    assert titles(reviewer, status="closed") == [closed.title]
    assert titles(reviewer, status="ended") == [closed.title]
    assert set(titles(reviewer, status="open")) == {waste.title, fire.title}
    assert titles(reviewer, verdict="satisfied") == [closed.title]
    assert titles(reviewer, handler=str(town.handler.pk)) == [closed.title]
    assert set(titles(reviewer, reporter=str(town.reporter.pk))) == all_
    assert titles(reviewer, reporter=str(town.reporter2.pk)) == []
    assert set(titles(reviewer, unit=str(town.grid.pk))) == all_
    assert titles(reviewer, unit=str(town.department.pk)) == [closed.title]
    today = str(clock.today())
    assert set(titles(reviewer, since=today, until=today)) == all_
    assert titles(reviewer, until=str(clock.today() - timedelta(days=1))) == []


@pytest.mark.clause("1.3.2")
def test_overdue_are_those_in_handling_past_their_limit(town: Town, time: Any) -> None:
    late = town.assigned()
    assert titles(town.reviewer, status="overdue") == []
    time.shift(timedelta(days=40))
    assert titles(town.reviewer, status="overdue") == [late.title]


@pytest.mark.clause("1.3.4")
def test_nobody_finds_what_they_may_not_see(town: Town) -> None:
    open_ = town.submitted(title="公开可见的路灯问题")
    secret = town.submitted(title="涉及未成年人的情况", sensitivity="sensitive")
    town.submitted(title="仅限指定人员的情况", sensitivity="confidential", named=[str(town.manager.pk)])
    assert "仅限指定人员的情况" in titles(town.manager)
    assert set(titles(town.reviewer)) == {open_.title, secret.title}
    assert titles(town.reporter2) == [open_.title]
    assert len(titles(town.reporter)) == 3
    assert titles(town.stranger) == []
    assert titles(town.trainer) == []
    assert titles(town.administrator) == []
    assert titles(town.reporter2, q="未成年人") == []
    assert titles(town.reviewer, q="未成年人") == [secret.title]
    # A unit that is not theirs gives nothing, whoever asks.
    assert titles(town.stranger, unit=str(town.community.pk)) == []


def test_wide_and_narrow_views_agree(town: Town) -> None:
    mine = town.submitted()
    district = town.person("chief", "manager", town.parent_unit)
    assert titles(district) == [mine.title]
    assert titles(district, q="桂花") == [mine.title]
    assert titles(district, unit=str(town.elsewhere.pk)) == []
    reference.drop()


def test_a_subdistrict_is_searched_whole_and_nothing_beside_it(town: Town) -> None:
    # Five more communities here, and one in the next subdistrict.
    street = town.parent_unit
    for n in (0, 1, 2, 5, 6):
        Unit.objects.create(kind="community", code=f"51010401700{n}", name=f"社区{n}", parent=street)
    above = Unit.objects.create(kind="district", code="510105000000", name="邻区")
    beside = Unit.objects.create(kind="community", code="510105018001", name="邻街社区", parent=above)
    reference.changed()
    chief = town.person("chief", "manager", street)
    inside, moved = town.submitted(title="桂花巷的井盖"), town.submitted(title="桂花巷的路灯")
    assert set(titles(chief, q="桂花巷")) == {inside.title, moved.title}
    with CaptureQueriesContext(connection) as queries:
        assert titles(chief, q="井盖") == [inside.title]
    assert "s:510104017" in queries[-1]["sql"]
    # What the item says counts, not what was once written into the index.
    Item.objects.filter(pk=moved.pk).update(community=beside)
    assert titles(chief, q="桂花巷") == [inside.title]
    reference.drop()


@pytest.mark.clause("1.3.2")
def test_urgent_and_open_first_then_the_newest(town: Town, time: Any) -> None:
    urgent = town.submitted(urgent=True)
    time.shift(timedelta(hours=1))
    older = town.submitted()
    time.shift(timedelta(hours=1))
    newer = town.submitted()
    assert titles(town.reviewer) == [urgent.title, newer.title, older.title]
    assert titles(town.reviewer, sort="oldest") == [urgent.title, older.title, newer.title]


@pytest.mark.clause("2.2.1")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("漏水", True),
        ("水", True),
        ("卫生间漏水", True),
        ("漏水 调解", True),
        ("WiFi", True),
        ("wifi密码", True),
        ("水漏", False),
        ("漏水 火灾", False),
        ("！？", False),
    ],
)
def test_chinese_words_of_any_length_are_found(town: Town, words: str, found: bool) -> None:
    item = town.submitted(title="邻里纠纷", narrative="楼上卫生间漏水，两家争吵，请调解；另外活动室WiFi密码忘了。")
    town.submitted(title="别的事情", narrative="小区门口的石墩需要重新刷漆，已经有几处掉色。")
    assert titles(town.reviewer, q=words) == ([item.title] if found else [])


@pytest.mark.clause("2.2.1")
def test_hits_are_marked_and_nothing_else_becomes_markup(town: Town) -> None:
    town.submitted(
        title="<b>漏水</b>", narrative="<script>alert(1)</script>楼上漏水，联系电话13812345678，请尽快处理。"
    )
    row = search.find(town.reviewer, Filters.read({"q": "漏水"})).rows[0]
    assert "<mark>漏水</mark>" in row["marked"]
    assert "<b>" not in row["marked"]
    assert "<script>" not in row["snippet"]
    assert "<mark>漏水</mark>" in row["snippet"]
    assert "13812345678" not in row["snippet"]


@pytest.mark.clause("2.2.1")
@pytest.mark.parametrize(("written", "q"), [("台湾", "臺灣"), ("臺灣", "台湾")])
def test_traditional_and_simplified_find_and_mark_each_other(town: Town, written: str, q: str) -> None:
    item = town.submitted(title=f"{written}居民的建议", narrative="希望小区里增加晾衣的地方，阳台太小。")
    row = search.find(town.reviewer, Filters.read({"q": q})).rows[0]
    assert row["id"] == item.pk and f"<mark>{written}</mark>" in row["marked"]


def test_a_number_finds_its_item(town: Town) -> None:
    item = town.submitted()
    town.submitted()
    assert item.number
    assert titles(town.reviewer, q=item.number) == [item.title]


@pytest.mark.clause("1.3.4")
def test_a_person_is_found_exactly_by_those_who_may_reveal(town: Town) -> None:
    item = town.submitted(parties=[{"role": "proposer", "name": "赵小兰", "phone": "13900001111"}])
    town.submitted()
    assert titles(town.reviewer, person="13900001111") == [item.title]
    assert titles(town.reviewer, person="139 0000 1111") == [item.title]
    assert titles(town.reviewer, person="赵小兰") == [item.title]
    assert titles(town.reviewer, person="赵小") == []
    assert titles(town.reporter, person="赵小兰") == [item.title]
    named = town.submitted(parties=[{"role": "proposer", "name": "阿卜杜拉·买买提", "phone": "13900001112"}])
    assert titles(town.reviewer, person="阿卜杜拉买买提") == [named.title]
    assert titles(town.reporter2, person="赵小兰") == []  # sees the item, not the person
    with pytest.raises(NotAllowed):
        titles(town.handler, person="赵小兰")


def test_pages_neither_repeat_nor_lose_rows_while_others_file(town: Town, time: Any) -> None:
    made = []
    for n in range(9):
        time.shift(timedelta(minutes=5))
        made.append(town.submitted(urgent=n in (1, 4)).pk)
    seen, cursor = [], ""
    while True:
        page = search.find(town.reviewer, Filters(), cursor, 2)
        seen += [r["id"] for r in page.rows]
        time.shift(timedelta(minutes=1))
        if len(seen) < 8:
            town.submitted()  # arrives on top of the list that is being read
        if not page.next:
            break
        cursor = page.next
    assert len(seen) == len(set(seen))
    assert set(made) <= set(seen)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "!!!!", "fDB8MjAyNi0wMS0wMXx4", "a" * 5000])
def test_a_broken_cursor_is_a_400(town: Town, cursor: str) -> None:
    with pytest.raises(Problem) as e:
        search.find(town.reviewer, Filters(), cursor)
    assert e.value.status == 400
    answer = town.browser("reviewer").get("/api/v1/items", {"cursor": cursor})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "given",
    [
        {"category": "x"},
        {"unit": "x"},
        {"since": "2026-13-01"},
        {"since": "2026-02-02", "until": "2026-01-01"},
        {"status": "x"},
        {"subcategory": "nothing"},
    ],
)
def test_wrong_filters_are_named(town: Town, given: dict[str, str]) -> None:
    with pytest.raises(Invalid) as e:
        Filters.read(given)
    assert e.value.fields
    assert town.browser("reviewer").get("/archive/", given).status_code == 422
    assert town.browser("reviewer").get("/api/v1/items", given).status_code == 422


@pytest.mark.parametrize("words", ["a'b", 'a"b', "\\", "a & b | !c", "%", "'; drop table x", "词" * 300, ":*", "<->"])
def test_any_words_can_be_searched(town: Town, words: str) -> None:
    town.submitted()
    assert town.browser("reviewer").get("/archive/", {"q": words}).status_code == 200


@pytest.mark.parametrize("count", [1, 50])
def test_statements_do_not_grow_with_rows(town: Town, count: int) -> None:
    for _n in range(count):
        town.submitted()
    Item.objects.filter(narrative="").exists()
    browser, headers = town.browser("reviewer"), town.token("reviewer")
    browser.get("/archive/", {"q": "垃圾"})

    def statements(asked: CaptureQueriesContext) -> list[str]:
        # Whether units or catalogue changed is asked every two seconds, whoever comes then: not the page's.
        return [q["sql"][:100] for q in asked if "platform_referenceversion" not in q["sql"]]

    for query in ({}, {"q": "街"}, {"category": "sanitation", "status": "open"}):
        with CaptureQueriesContext(connection) as asked:
            answer = browser.get("/api/v1/items", query, **headers)
        assert answer.status_code == 200
        assert len(statements(asked)) <= 5, statements(asked)
        with CaptureQueriesContext(connection) as asked:
            page = browser.get("/archive/", query)
        assert page.status_code == 200
        assert len(statements(asked)) <= 5, statements(asked)
    body = browser.get("/api/v1/items", **headers)
    assert len(body.json()["items"]) == count
    assert len(body.content) < 40_000


def test_drafts_are_in_no_archive_but_their_authors_list(town: Town) -> None:
    from linbao.items import services

    services.create(town.reporter, {"category": "opinion", "title": "还没写完"})
    assert titles(town.reviewer) == []
    assert titles(town.reporter) == []
    assert titles(town.reporter, status="draft") == ["还没写完"]
    assert titles(town.reviewer, status="draft") == []
