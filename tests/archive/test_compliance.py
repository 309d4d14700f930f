"""The compliance page tells yes from no; overview; obligations (design §1, 1.3.2, 1.3.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.archive import tasks
from linbao.archive.statistics import overview, rollups
from linbao.compliance import inspection
from linbao.compliance import services as compliance
from linbao.core import clock
from linbao.core.regulation import CLAUSES
from linbao.documents.inputs import ChangeSeal, MakeSeal
from linbao.documents.seals import services as seals
from linbao.duties.models import Obligation
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import FileVersion
from tests.emergencies.test_emergencies import called, content
from tests.loop import Town

pytestmark = pytest.mark.django_db


def states(town: Town, who: str = "manager") -> dict[str, str]:
    rollups.everything()
    result = compliance.inspect(getattr(town, who), town.community.pk, inspection.period_of("", "", ""))
    return {c["number"]: c["state"] for chapter in result for c in chapter["clauses"]}


def test_every_clause_stands_on_the_page(town: Town) -> None:
    result = states(town)
    assert set(result) == set(CLAUSES)
    assert result["4.2.1"] == inspection.NONE  # served, and nothing of the kind has happened
    assert result["4.3.1"] == inspection.NONE
    page = town.browser("manager").get("/compliance/").content.decode()
    for number in CLAUSES:
        assert f'id="c-{number}"' in page
    assert town.browser("manager").get("/compliance/print/").status_code == 200


def test_no_clause_is_without_a_duty() -> None:
    assert set(compliance.DUTIES) == set(CLAUSES)


@pytest.mark.clause("4.2.2")
def test_written_reports_are_sealed_by_those_who_keep_a_seal(town: Town, time: Any) -> None:
    assert states(town)["4.2.2"] == inspection.NONE
    report = called(town)
    emergencies.write(town.reporter, report.pk, FileVersion(content=content()))
    assert states(town)["4.2.2"] == inspection.MET  # they have none (如有)
    time.shift(timedelta(minutes=5))
    seal = seals.make(
        None,
        MakeSeal(
            kind="person", name="李明", unit=town.community.pk, person=town.reporter.pk, custodian=town.reporter.pk
        ),
    )
    time.shift(timedelta(minutes=5))
    emergencies.write(
        town.reporter, report.pk, FileVersion(content=content(), stage="follow_up", changed="已加盖印章", seal=seal.pk)
    )
    assert states(town)["4.2.2"] == inspection.MET
    emergencies.write(town.reporter, report.pk, FileVersion(content=content(), stage="follow_up", changed="未加盖印章"))
    assert states(town)["4.2.2"] == inspection.OVERDUE
    page = town.browser("manager").get("/compliance/").content.decode()
    for message in ("紧急书面报告 3 份", "加盖印章 1 份", "有章未盖 1 份"):
        assert message in page
    time.shift(timedelta(minutes=5))
    seals.change(town.manager, seal.pk, "suspend", ChangeSeal(reason="外出学习"))
    assert states(town)["4.2.2"] == inspection.OVERDUE  # it was in use when the report went out


@pytest.mark.clause("1.3.2")
def test_review_in_time_is_met_and_too_late_is_not(town: Town, time: Any) -> None:
    town.submitted()
    assert states(town)["4.3.1"] == inspection.OWED
    time.shift(timedelta(days=5))
    assert states(town)["4.3.1"] == inspection.OVERDUE
    assert states(town)["1.3.2"] == inspection.OVERDUE
    Obligation.objects.filter(kind="review").update(met_at=clock.now() - timedelta(days=5))
    assert states(town)["4.3.1"] == inspection.MET


@pytest.mark.clause("1.3.3")
def test_all_four_categories_or_the_missing_ones_named(town: Town) -> None:
    assert states(town)["1.3.3"] == inspection.NONE
    town.submitted()
    assert states(town)["1.3.3"] == inspection.OWED
    page = town.browser("manager").get("/compliance/").content.decode()
    assert "社区建设" in page
    town.submitted(
        category="opinion",
        subcategory="culture",
        details={"kind": "suggestion", "wish": "开放活动室", "reply_wanted": "phone"},
    )
    town.submitted(
        category="event",
        subcategory="lift",
        parties=[],
        details={
            "course": "电梯停运",
            "none_involved": True,
            "casualties": {"dead": 0, "injured": 0, "missing": 0},
            "present_state": "controlled",
            "measures_taken": "已停用并张贴告示",
        },
    )
    town.submitted(
        category="construction",
        subcategory="planning",
        details={"project": "停车场", "content": "新增车位", "stage": "planning", "problems": "暂无"},
    )
    assert states(town)["1.3.3"] == inspection.MET


@pytest.mark.clause("2.2.1")
def test_figures_of_the_overview_are_the_facts(town: Town, time: Any) -> None:
    town.closed()
    returned = town.submitted(urgent=True)
    rollups.refresh()
    result = overview.numbers(town.community.pk, overview.Period.read("", ""))
    assert result["total"]["submitted"] == 2
    assert result["total"]["closed"] == 1
    assert result["new"] == 2
    assert result["open"] == "1"
    assert result["urgent_open"] == "1"
    assert str(result["satisfaction"]) == "100%"
    assert str(result["on_time"]) == "100%"
    # What happens later is counted anew, here and in the district above.
    time.shift(timedelta(minutes=10))
    town.submitted()
    assert rollups.refresh() > 0
    for unit in (town.community.pk, town.parent_unit.pk):
        assert overview.numbers(unit, overview.Period.read("", ""))["total"]["submitted"] == 3
    page = town.browser("manager").get("/stats/")
    assert page.status_code == 200
    assert "按期办结率" in page.content.decode()
    assert returned.pk


@pytest.mark.parametrize(
    ("who", "stats", "pages"),
    [
        ("manager", 200, 200),
        ("reviewer", 200, 200),
        ("reporter", 403, 200),
        ("handler", 403, 403),
        ("trainer", 403, 403),
    ],
)
def test_who_may_see_which_page(town: Town, who: str, stats: int, pages: int) -> None:
    browser = town.browser(who)
    assert browser.get("/stats/").status_code == stats
    assert browser.get("/compliance/duties/").status_code == pages
    # The regulation is for all whom it binds; how it is kept, for those who inspect.
    shown = browser.get("/compliance/").content.decode()
    assert str(CLAUSES["1.3.1"]) in shown and str(CLAUSES["7.2.2"]) in shown
    assert ("检查材料" in shown) is (pages == 200)


def test_another_unit_is_refused_and_odd_periods_are_named(town: Town) -> None:
    manager = town.browser("manager")
    assert manager.get("/compliance/", {"unit": str(town.elsewhere.pk)}).status_code == 403
    assert manager.get("/stats/", {"unit": str(town.elsewhere.pk)}).status_code == 403
    for query in (
        {"period": "2026Q9"},
        {"period": "x"},
        {"since": "x"},
        {"unit": "x"},
        {"since": "2026-05-02", "until": "2026-05-01"},
    ):
        assert manager.get("/compliance/", query).status_code == 422
    assert manager.get("/stats/", {"since": "x"}).status_code == 422


@pytest.mark.clause("1.3.2")
def test_obligations_by_state_and_waived_with_a_reason(town: Town, time: Any) -> None:
    town.submitted()
    manager = town.browser("manager")
    duty = Obligation.objects.get(kind="review")
    assert town.browser("reviewer").get("/api/v1/obligations", {"state": "open", "kind": "review"}).json()["items"][0][
        "id"
    ] == str(duty.pk)
    assert manager.get("/api/v1/obligations", {"state": "overdue"}).json()["items"] == []
    assert manager.get("/api/v1/obligations", {"state": "x"}).status_code == 422
    time.shift(timedelta(days=5))
    assert len(manager.get("/api/v1/obligations", {"state": "overdue", "kind": "review"}).json()["items"]) == 1
    assert (
        town.browser("reviewer").post(f"/compliance/duties/{duty.pk}/waive", {"reason": "系统故障"}).status_code == 403
    )
    manager.post(f"/compliance/duties/{duty.pk}/waive", {"reason": " "})
    duty.refresh_from_db()
    assert duty.waived_at is None
    manager.post(f"/compliance/duties/{duty.pk}/waive", {"reason": "系统故障"})
    duty.refresh_from_db()
    assert duty.waived_reason == "系统故障"
    assert town.browser("stranger").get("/api/v1/obligations").json()["items"] == []


@pytest.mark.parametrize("count", [1, 50])
def test_statements_of_the_duty_list_do_not_grow(town: Town, count: int) -> None:
    for _n in range(count):
        town.submitted()
    browser, headers = town.browser("manager"), town.token("manager")
    for path, data in (("/compliance/duties/", {}), ("/api/v1/obligations", headers)):
        browser.get(path, **data)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(path, **data).status_code == 200
        assert len(asked) <= (7 if path.startswith("/compliance") else 5), [q["sql"][:90] for q in asked]


@pytest.mark.clause("2.2.2")
def test_a_first_count_goes_day_by_day_and_the_page_says_so_meanwhile(
    town: Town, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.closed()
    time.shift(timedelta(days=9))
    town.submitted()
    # As on a database of millions at the first visit: the page's own second has passed before it was through.
    monkeypatch.setattr(rollups, "FIRST_SECONDS", 0)
    browser = town.browser("manager")
    for address in ("/stats/", "/compliance/"):
        assert "统计正在后台计算" in browser.get(address).content.decode()
    page = browser.get("/stats/")
    assert page.context["figures"]["total"]["submitted"] == 0 and rollups.since() == clock.today() + timedelta(days=1)
    # The job counts the newest day first; what happened meanwhile is in it once.
    town.submitted()
    rollups._count_next()
    assert rollups.since() == clock.today()
    assert browser.get("/stats/").context["figures"]["total"]["submitted"] == 2
    with CaptureQueriesContext(connection) as queries:
        tasks.refresh_rollups(0)
    assert rollups.complete() and len(queries) < 200
    page = browser.get("/stats/")
    assert "统计正在后台计算" not in page.content.decode()
    assert page.context["figures"]["total"]["submitted"] == 3 and page.context["figures"]["total"]["closed"] == 1


def test_a_count_that_was_cut_off_goes_on_where_it_stood(town: Town, time: Any) -> None:
    town.submitted()
    time.shift(timedelta(days=400))
    town.submitted()
    rollups.refresh(seconds=0)
    for _n in range(3):
        rollups._count_next()
    stood = rollups.since()
    assert stood == clock.today() - timedelta(days=2)
    rollups.refresh()
    assert rollups.complete()
    chief = overview.numbers(town.community.pk, overview.Period(clock.today() - timedelta(days=500), clock.today()))
    assert chief["total"]["submitted"] == 2 and chief["counted_since"] is None


@pytest.mark.clause("1.3.4")
def test_a_duty_tells_an_items_words_only_to_those_who_may_open_it(town: Town) -> None:
    town.person("auditor", "auditor", town.community)
    plain, stored = (
        town.submitted(),
        town.submitted(sensitivity="confidential", named=[str(town.manager.pk)], title="某户家事"),
    )
    own = {d["subject_id"]: d["title"] for d in town.browser("reviewer").get("/api/v1/obligations").json()["items"]}
    assert (
        own[str(plain.pk)] == plain.heading == f"{plain.number} {plain.title}" and own[str(stored.pk)] == stored.number
    )
    assert not Obligation.objects.filter(title__contains="家事").exists()
    Obligation.objects.filter(subject_id=stored.pk).update(title=f"{stored.number} 某户家事")  # raised only later
    for name, message in (("reviewer", plain.title), ("auditor", "")):
        page = town.browser(name).get("/compliance/duties/").content.decode()
        assert (
            plain.number and plain.number in page and stored.number and stored.number in page and "家事" not in page
        ), name
        assert (plain.title in page) == bool(message) and (f"/items/{plain.pk}/" in page) == bool(message), name
        assert f"/items/{stored.pk}/" not in page, name
