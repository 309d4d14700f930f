"""One definition for each figure, the same for every reader: numbers against an arithmetic of their own, and against
the rows that they open to (1.3.2, 2.4.2, 4.3.1)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.archive.statistics import rollups
from linbao.core import clock, figures
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.handling import loop, work
from linbao.handling.inputs import CloseItem, EvaluateItem, InformResident, ReopenItem, ResolveItem
from linbao.items import services as item_services
from linbao.items.inputs import WithdrawItem
from linbao.items.models import Item
from linbao.organisation.models import RoleGrant, Unit
from linbao.organisation.tree import reference
from linbao.review import services as review
from linbao.review.inputs import Approve, Merge, ReturnItem
from tests.archive.by_hand import by_hand, select
from tests.loop import OVERRULED, Town

pytestmark = pytest.mark.django_db
READERS = ("manager", "reviewer", "reporter", "leader", "auditor", "chief")


def judged_again(town: Town, time: Any, first: str, then: str) -> Item:
    """Judged, reopened by the manager, and judged again."""
    item = town.evaluated(first)
    time.shift(timedelta(hours=3))
    loop.reopen(town.manager, item.pk, ReopenItem(reason="居民不满意，重新办理"))
    work.resolve(town.handler, item.pk, ResolveItem(result="重新清运，并加派人手。"))
    loop.inform(town.reporter, item.pk, InformResident(outcome="reached", method="phone"))
    return loop.evaluate(town.reporter, item.pk, EvaluateItem(verdict=then))


def returned(town: Town) -> Item:
    item = town.submitted()
    findings = [{"field": "narrative", "check": "completeness", "words": "请补充户数"}]
    return review.return_(town.reviewer, item.pk, ReturnItem(findings=findings))


@pytest.fixture
def lived(town: Town, time: Any) -> Town:
    """Some weeks of a community, with everything that the present state of an item forgets; and one item next door."""
    town.person("auditor", "auditor", town.community)
    town.person("chief", "manager", town.parent_unit)
    town.closed()
    again = judged_again(town, time, "unsatisfied", "satisfied")
    loop.close(town.manager, again.pk, CloseItem())
    loop.reopen(
        town.manager, again.pk, ReopenItem(reason="又有居民反映")
    )  # closed once, now in handling: the closing was
    judged_again(town, time, "satisfied", "unsatisfied")
    time.shift(timedelta(days=8))
    town.evaluated("unsatisfied")
    amended = returned(town)
    item_services.change(town.reporter, amended.pk, {"narrative": f"{amended.narrative}共十二户。"})
    item_services.submit(town.reporter, amended.pk)
    stored = review.approve(town.reviewer, amended.pk, Approve(checks=OVERRULED))
    merged = town.submitted()
    review.merge(town.reviewer, merged.pk, Merge(into=stored.pk, reason="同一件事"))
    item_services.withdraw(town.reporter, returned(town).pk, WithdrawItem(reason="填错了，另报"))
    returned(town)
    late = town.assigned()
    time.shift(timedelta(days=30))
    work.resolve(town.handler, late.pk, ResolveItem(result="已经清运干净。"))
    loop.inform(town.reporter, late.pk, InformResident(outcome="refused", reason="居民不愿再谈"))
    loop.close(town.manager, late.pk, CloseItem())
    town.submitted(sensitivity="confidential", named=[str(town.manager.pk)])
    town.closed(sensitivity="sensitive")
    grid = Unit.objects.create(kind="grid", code="510104017004001", name="银杏网格", parent=town.elsewhere)
    reference.changed()
    town.person("neighbour", "reporter", grid)
    item_services.create(town.neighbour, town.body(grid=grid.code), submit=True)
    return town


def figures_of(town: Town, who: str, **asked: Any) -> Any:
    answer = town.browser(who).get("/api/v1/stats", asked)
    assert answer.status_code == 200, (who, answer.content)
    return answer.json()["figures"]


@pytest.mark.clause("2.2.2", "2.4.2", "4.3.1")
def test_statistics_are_what_a_second_arithmetic_finds_for_every_reader(lived: Town) -> None:
    """The kept sums, brought up to date piece by piece as the job does, and counted anew from nothing."""
    today = clock.today()
    here, below = [lived.community.pk], [lived.community.pk, lived.elsewhere.pk]
    for again in (rollups.refresh, rollups.everything):
        again()
        for first, last in (
            (today - timedelta(days=60), today),
            (today - timedelta(days=41), today - timedelta(days=20)),
        ):
            wanted = by_hand(here, first, last)
            span = {"since": f"{first}", "until": f"{last}"}
            for who in ("manager", "reviewer", "chief"):
                assert figures_of(lived, who, unit=lived.community.pk, **span) == wanted, who
            district = figures_of(lived, "chief", unit=lived.community.parent_id, **span)
            assert district == by_hand(below, first, last)
            assert district["submitted"] >= wanted["submitted"] > 0 or first != today - timedelta(days=60)
    assert (
        figures_of(lived, "chief", unit=lived.community.parent_id)["submitted"]
        == by_hand(below, today - timedelta(days=84), today)["submitted"]
    )


@pytest.mark.clause("2.4.2")
def test_one_unsatisfied_answer_does_not_vanish_with_its_reopening(town: Town, time: Any) -> None:
    """First and last apart: one resident unsatisfied, then content after it was handled again."""
    loop.close(town.manager, judged_again(town, time, "unsatisfied", "satisfied").pk, CloseItem())
    rollups.everything()
    result = figures_of(town, "manager")
    assert result["satisfaction"] == {"percent": 50.0, "part": 1, "whole": 2}
    assert result["first_satisfaction"] == {"percent": 0.0, "part": 0, "whole": 1}
    assert result["last_satisfaction"] == {"percent": 100.0, "part": 1, "whole": 1}
    page = town.browser("manager").get("/stats/").content.decode()
    assert "首次满意率" in page and "最终满意率" in page and "50%" in page
    assert "/stats/figures/#satisfaction" in page
    # What comes later takes the place of the last one, on the day of the one before too.
    item = Item.objects.get(round=2)
    time.shift(timedelta(days=9))
    loop.reopen(town.manager, item.pk, ReopenItem(reason="又满溢"))
    rollups.refresh()
    assert figures_of(town, "manager")["satisfaction"]["whole"] == 2 and figures_of(town, "manager")["closings"] == 1
    work.resolve(town.handler, item.pk, ResolveItem(result="第三次清运。"))
    loop.inform(town.reporter, item.pk, InformResident(outcome="reached", method="phone"))
    loop.evaluate(town.reporter, item.pk, EvaluateItem(verdict="unsatisfied"))
    rollups.refresh()
    assert figures_of(town, "manager")["last_satisfaction"] == {"percent": 0.0, "part": 0, "whole": 1}
    assert figures_of(town, "manager")["satisfaction"] == {"percent": 33.3, "part": 1, "whole": 3}


@pytest.mark.clause("4.3.1")
def test_merged_and_withdrawn_items_are_neither_first_passes_nor_failures(town: Town) -> None:
    stored = town.approved()
    review.merge(town.reviewer, town.submitted().pk, Merge(into=stored.pk, reason="同一件事"))
    review.merge(town.reviewer, town.approved().pk, Merge(into=stored.pk, reason="同一件事"))
    item_services.withdraw(town.reporter, returned(town).pk, WithdrawItem(reason="另报"))
    rollups.everything()
    result = figures_of(town, "manager")
    assert result["first_pass"] == {"percent": 100.0, "part": 1, "whole": 1}
    assert result["returns"] == 1 and result["decisions"] == 3  # the withdrawn one was returned all the same


@pytest.mark.clause("2.2.2")
@pytest.mark.parametrize(
    "code", ["closings", "answers", "first_answers", "last_answers", "unsatisfied", "unrated", "returns", "decisions"]
)
def test_an_event_figure_opens_to_exactly_its_events(lived: Town, code: str) -> None:
    rollups.everything()
    result = figures_of(lived, "manager")
    whole = {
        "answers": result["satisfaction"]["whole"],
        "first_answers": result["first_satisfaction"]["whole"],
        "last_answers": result["last_satisfaction"]["whole"],
        "unsatisfied": result["satisfaction"]["whole"] - result["satisfaction"]["part"],
    }.get(code, result.get(code))
    for who in ("manager", "reviewer", "chief"):
        page = (
            lived.browser(who).get("/stats/events/", {"figure": code, "unit": str(lived.community.pk)}).content.decode()
        )
        assert page.count("data-event") == whole, (who, code)
    assert lived.browser("manager").get("/stats/events/", {"figure": "x"}).status_code == 422
    assert (
        lived.browser("manager").get("/stats/events/", {"figure": code, "unit": str(lived.elsewhere.pk)}).status_code
        == 403
    )


# --- compliance ---------------------------------------------------------------------------------------


def span() -> dict[str, str]:
    """What was due in the weeks that these tests live in, and what will be."""
    return {"since": f"{clock.today() - timedelta(days=80)}", "until": f"{clock.today() + timedelta(days=30)}"}


def clauses(town: Town, who: str, unit: Any) -> dict[str, Any]:
    answer = town.browser(who).get("/api/v1/compliance", {"unit": unit, **span()})
    assert answer.status_code == 200, (who, answer.content)
    row = answer.json()["clauses"]
    for clause in row:
        for duty in clause["duties"]:
            duty["figures"] = [f["words"] for f in duty["figures"]]
    return {c["number"]: c for c in row}


def states(town: Town, unit: Any, who: str = "manager") -> dict[str, str]:
    return {number: c["state"] for number, c in clauses(town, who, unit).items()}


@pytest.mark.clause("1.3.2")
def test_compliance_is_the_same_for_every_reader_of_a_unit(lived: Town) -> None:
    rollups.everything()
    wanted = clauses(lived, "manager", lived.community.pk)
    for who in READERS:
        assert clauses(lived, who, lived.community.pk) == wanted, who
    assert len({c["state"] for c in wanted.values()}) > 2
    # The inspection file says the same as the page.
    for path in ("/compliance/", "/compliance/print/"):
        for who in ("manager", "auditor", "reporter"):
            page = lived.browser(who).get(path, {"unit": str(lived.community.pk), **span()}).content.decode()
            shown = dict(re.findall(r'id="c-([\d.]+)" data-state="(\w+)"', page))
            assert shown == {n: c["state"] for n, c in wanted.items()}, (path, who)


@pytest.mark.clause("1.3.2")
def test_duties_are_counted_one_by_one(lived: Town, time: Any) -> None:
    """The numbers of several clauses against a loop over the table; late is late, never in time."""
    time.shift(timedelta(days=4))
    result = clauses(lived, "auditor", lived.community.pk)
    kinds = {
        "4.3.1": ("review", "review_report"),
        "4.3.2": ("amend",),
        "2.4.2": ("evaluate",),
        "2.4.1": ("inform_resident", "inform_progress"),
    }
    for number, names in kinds.items():
        counts = dict.fromkeys(("按时", "迟办", "漏办", "超期未办", "待办", "免除"), 0)
        for d in select(
            "SELECT * FROM duties_obligation WHERE community_id = %s AND kind = ANY(%s)",
            lived.community.pk,
            list(names),
        ):
            if d["waived_at"]:
                counts["免除"] += 1
            elif d["met_at"]:
                counts["按时" if d["met_at"] <= d["due_at"] else "迟办"] += 1
            else:
                counts["漏办" if d["missed_at"] else "超期未办" if d["due_at"] < clock.now() else "待办"] += 1
        assert result[number]["duties"][0]["figures"] == [f"{k} {n}" for k, n in counts.items() if n], number


@pytest.mark.clause("1.3.2")
def test_states_from_in_time_to_overdue(town: Town, time: Any) -> None:
    assert states(town, town.community.pk)["4.3.1"] == "none"
    item = town.submitted()
    assert states(town, town.community.pk)["4.3.1"] == "owed"
    review.approve(town.reviewer, item.pk, Approve(checks=OVERRULED))
    assert states(town, town.community.pk)["4.3.1"] == "met"
    slow = town.submitted()
    time.shift(timedelta(days=5))
    assert states(town, town.community.pk)["4.3.1"] == "overdue"
    review.approve(town.reviewer, slow.pk, Approve(checks=OVERRULED))
    assert states(town, town.community.pk)["4.3.1"] == "late"
    missed = town.submitted()
    Obligation.objects.filter(subject_id=missed.pk).update(due_at=clock.now(), missed_at=clock.now())
    assert states(town, town.community.pk)["4.3.1"] == "overdue"
    Obligation.objects.filter(kind="review").update(waived_at=clock.now(), waived_reason="系统故障")
    assert states(town, town.community.pk)["4.3.1"] == "none"


def links(town: Town, who: str, unit: Any) -> dict[str, list[tuple[str, str]]]:
    """Clause → (words, address) of every figure on the page."""
    page = town.browser(who).get("/compliance/", {"unit": unit, **span()}).content.decode()
    result: dict[str, list[tuple[str, str]]] = {}
    for part in page.split('<article class="compliance-clause"')[1:]:
        number = re.search(r'id="c-([\d.]+)"', part)
        assert number
        result[number[1]] = [
            (unescape(message), unescape(url))
            for url, message in re.findall(
                r'<a\s+href="(/(?:archive|compliance)/[^"]*)"[^>]*>([^<]+)</a>', part.split("</article>")[0]
            )
        ]
    return result


def rows_of(town: Town, who: str, url: str) -> int:
    """How many rows the address lists, over all pages."""
    browser, total = town.browser(who), 0
    while url:
        page = browser.get(url)
        assert page.status_code == 200, url
        text = page.content.decode()
        total += text.count("data-proof") if "/rows/" in url else len(page.context["page"].rows)
        following = page.context["page"].next
        url = re.sub(r"&cursor=.*", "", url) + f"&cursor={following}" if following else ""
    return total


@pytest.mark.clause("1.3.2")
def test_every_number_opens_to_exactly_its_rows(lived: Town, time: Any) -> None:
    """All clauses, for the community, its grid, its group and its department."""
    time.shift(timedelta(days=2))
    town, asked = lived, 0
    Item.objects.filter(sensitivity="confidential").update(sensitivity="internal")  # a manager sees the rest
    for unit in (town.community, town.grid, town.group, town.department):
        for number, result in links(town, "manager", unit.pk).items():
            for message, url in result:
                numbers = re.findall(r"\d+", message)
                if (
                    not numbers
                    or "reveal" in url
                    or number in ("1.3.4", "6.2.1", "6.2.3", "6.1.3", "6.1.1", "7.2.1", "7.2.2")
                ):
                    continue  # told to the auditor or the officer alone
                assert rows_of(town, "manager", url) == int(numbers[-1]), (unit.name, number, message, url)
                asked += 1
    assert asked > 40


@pytest.mark.clause("1.3.4")
def test_rows_are_shown_as_far_as_the_reader_may_see(lived: Town) -> None:
    from linbao.conduct.models import Case

    town = lived
    Case.objects.create(
        number="案〔2026〕1号",
        kind="delay",
        suspected="minor",
        person=town.reporter2,
        community=town.community,
        since=clock.today(),
        until=clock.today(),
        allegation="延误",
        opened_by=town.manager,
        statement_due=clock.now(),
    )
    for who, rows in (("manager", 1), ("reviewer", 0), ("reporter", 0), ("auditor", 0)):
        assert clauses(town, who, town.community.pk)["7.2.1"]["duties"][0]["figures"][0] == "立案 1 件", who
        url = next(u for w, u in links(town, who, town.community.pk)["7.2.1"] if w == "立案 1 件")
        page = town.browser(who).get(url).content.decode()
        assert page.count("data-proof") == rows and ("案〔2026〕1号" in page) == bool(rows), who
        assert ("其中 1 项您无权查看" in page) == (not rows), who
    # Nobody is led to a page that they may not open.
    for who in ("auditor", "reporter"):
        for result in links(town, who, town.community.pk).values():
            for _words, url in result:
                assert town.browser(who).get(url).status_code == 200, (who, url)


@pytest.mark.clause("1.3.2", "4.1.1")
def test_a_part_of_a_community_answers_for_itself_alone(town: Town, time: Any) -> None:
    """Two grids, two groups, two departments: what one owes or lacks is not the other's."""
    second = Unit.objects.create(kind="grid", code="510104017003002", name="第二网格", parent=town.community)
    office = Unit.objects.create(kind="department", code="D3", name="市政办公室", parent=town.community)
    team = Unit.objects.create(kind="work_group", code="G2", name="第二小组", parent=town.community)
    reference.changed()
    far = town.person("far", "reporter", second)
    RoleGrant.objects.create(user=far, role="reporter", unit=team, starts=date(2026, 1, 1))
    town.person("handler3", "handler", office)
    town.closed()
    item_services.create(town.far, town.body(grid=second.code, category="sanitation", urgent=True), submit=True)
    now = clock.now()
    for person, met in ((town.reporter, now), (town.far, None)):
        row = duties.make(
            "weekly_report", unit_id=town.community.pk, owner_id=person.pk, due_at=now, period=date(2026, 11, 23)
        )
        row.met_at, row.missed_at = met, None if met else now
        duties.open_(row)
    time.shift(timedelta(hours=3))
    wanted = {"grid": "met", "group": "met", "second": "overdue", "team": "overdue"}
    for name, unit in (("grid", town.grid), ("group", town.group), ("second", second), ("team", team)):
        assert states(town, unit.pk)["4.1.1"] == wanted[name] or name in ("grid", "group"), name
        result = clauses(town, "manager", unit.pk)
        assert result["2.3.1"]["state"] == wanted[name], name
        assert result["2.3.2"]["duties"][0]["state"] == ("overdue" if name in ("second", "team") else "none"), name
        assert result["3.4"]["duties"][0]["figures"][0] == "上报 1 条", name
        assert result["5.1.1"]["state"] == "none"  # trainings are the community's
    assert states(town, town.department.pk)["4.3.2"] == "met" and states(town, office.pk)["4.3.2"] == "none"
    assert clauses(town, "manager", office.pk)["3.4"]["state"] == "none"
    # Who came to the grid later does not answer for what was due before.
    RoleGrant.objects.filter(user=far, unit=second).update(starts=date(2026, 11, 25))
    assert states(town, second.pk)["2.3.1"] == "none"


@pytest.mark.clause("1.3.2")
def test_filters_and_jump_marks(lived: Town) -> None:
    manager = lived.browser("manager")
    page = manager.get("/compliance/", span()).content.decode()
    every = dict(re.findall(r'id="c-([\d.]+)" data-state="(\w+)"', page))
    for number in every:
        assert f'href="#c-{number}"' in page
    assert 'id="ch-4"' in page and 'href="#ch-4"' in page
    for state in ("met", "late", "owed", "overdue", "none"):
        shown = manager.get("/compliance/", {"state": state, **span()}).content.decode()
        assert dict(re.findall(r'id="c-([\d.]+)" data-state="(\w+)"', shown)) == {
            n: s for n, s in every.items() if s == state
        }
    shown = manager.get("/compliance/", {"chapter": "4", **span()}).content.decode()
    assert set(re.findall(r'id="c-([\d.]+)"', shown)) == {n for n in every if n.startswith("4")}
    assert "只列出" in manager.get("/compliance/print/", {"chapter": "4", "state": "none"}).content.decode()
    assert manager.get("/compliance/", {"state": "x"}).status_code == 422
    assert manager.get("/compliance/", {"chapter": "9"}).status_code == 422


@pytest.mark.parametrize("count", [1, 12])
def test_statements_of_compliance_do_not_grow(town: Town, count: int) -> None:
    for _n in range(count):
        town.submitted(urgent=True)
    rollups.everything()
    browser = town.browser("manager")
    for unit in (town.community.pk, town.grid.pk):
        browser.get("/compliance/", {"unit": str(unit)})
        with CaptureQueriesContext(connection) as asked:
            assert browser.get("/compliance/", {"unit": str(unit)}).status_code == 200
        assert len(asked) <= 55, [q["sql"][:90] for q in asked]


# --- the catalogue ------------------------------------------------------------------------------------


def test_the_catalogue_is_what_the_code_declares(town: Town) -> None:
    """`make figures` renews the document; pages link to anchors that stand there."""
    document = Path(__file__).parents[2] / "docs" / "figures.md"
    assert document.read_text(encoding="utf-8") == figures.as_markdown(), "run `make figures`"
    page = town.browser("reporter").get("/stats/figures/").content.decode()
    for code, row in figures.FIGURES.items():
        assert f'id="{code}"' in page and str(row.name) in page
    manager = town.browser("manager")
    for path in ("/stats/", "/compliance/"):
        anchors = re.findall(r'href="/stats/figures/#([\w-]+)"', manager.get(path).content.decode())
        assert anchors and set(anchors) <= set(figures.FIGURES), path
    with pytest.raises(ValueError, match="two figures"):
        figures.figure("first_pass", "statistics", "", "", unit="", source="", clause="4.3.1")
