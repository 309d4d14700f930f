"""The queue, the desk and the editor of standard reasons, through a browser's requests (4.3.1, 4.3.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.review import services as review
from linbao.review.models import Check, Claim, Finding, StandardReason
from tests.loop import PASSED, Town

CHECKS = {f"check-{c}": "pass" for c in PASSED} | {f"overruled-{c}": "已核实" for c in PASSED}


@pytest.mark.clause("4.3.1")
def test_the_queue_shows_urgent_first_then_oldest_with_who_has_it(town: Town, time: Any) -> None:
    first = town.submitted()
    time.shift(timedelta(minutes=1))
    second, urgent = town.submitted(), town.submitted(urgent=True)
    review.claim(town.reviewer2, second.pk)
    page = town.browser("reviewer").get("/review/").content.decode()
    assert page.index(urgent.title) < page.index(first.title) < page.index(second.title)
    assert "reviewer2正在审" in page


@pytest.mark.clause("4.3.1")
def test_the_queue_costs_five_statements_for_one_row_and_for_fifty(town: Town) -> None:
    browser = town.browser("reviewer")
    town.submitted()
    browser.get("/review/")
    counts = []
    for rows in (1, 50):
        for _n in range(rows - 1):
            town.submitted()
        with CaptureQueriesContext(connection) as asked:
            page = browser.get("/review/")
        assert len(page.context["rows"]) == rows
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5


@pytest.mark.clause("4.3.1")
def test_the_queue_pages_by_place_and_filters(town: Town, time: Any) -> None:
    items = []
    for _n in range(53):
        items.append(town.submitted())
        time.shift(timedelta(seconds=5))
    browser = town.browser("reviewer")
    first = browser.get("/review/")
    following = first.context["page"].next
    assert len(first.context["rows"]) == 50 and following
    second = browser.get("/review/", {"cursor": following})
    assert [r["href"] for r in second.context["rows"]] == [f"/review/{i.pk}/" for i in items[50:]]
    assert second.context["page"].next is None and second.context["page"].previous
    assert browser.get("/review/", {"cursor": "nonsense"}).status_code == 422
    assert len(browser.get("/review/", {"reporter": "reporter2"}).context["rows"]) == 0
    assert len(browser.get("/review/", {"category": "event"}).context["rows"]) == 0
    assert len(browser.get("/review/", {"overdue": "1"}).context["rows"]) == 0
    time.shift(timedelta(days=3))
    assert len(browser.get("/review/", {"overdue": "1"}).context["rows"]) == 50


@pytest.mark.clause("4.3.1")
def test_opening_the_desk_claims_the_item_and_another_reviewer_reads_only(town: Town) -> None:
    item = town.submitted()
    mine = town.browser("reviewer").get(f"/review/{item.pk}/")
    assert mine.status_code == 200 and Claim.objects.get(item=item).reviewer == town.reviewer
    assert "四项审核" in mine.content.decode() and "13812" not in mine.content.decode()
    following = town.submitted()
    town.browser("reviewer").get(f"/review/{following.pk}/")
    assert list(Claim.objects.values_list("item", flat=True)) == [following.pk]  # one at a time
    town.browser("reviewer").get(f"/review/{item.pk}/")
    other = town.browser("reviewer2").get(f"/review/{item.pk}/").content.decode()
    assert "reviewer正在审核这一条" in other and "data-approve" not in other


@pytest.mark.clause("4.3.1")
def test_a_decision_leads_to_the_next_in_the_queue(town: Town, time: Any) -> None:
    first = town.submitted()
    time.shift(timedelta(minutes=1))
    second = town.submitted()
    browser = town.browser("reviewer")
    answer = browser.post(f"/review/{first.pk}/decide", {"decision": "approve", "version": first.version, **CHECKS})
    assert answer["Location"] == f"/review/{second.pk}/"
    answer = browser.post(f"/review/{second.pk}/decide", {"decision": "approve", "version": second.version, **CHECKS})
    assert answer["Location"] == "/review/"


@pytest.mark.clause("4.3.2")
def test_a_return_by_the_form_keeps_its_findings_and_a_stale_one_keeps_what_was_typed(town: Town) -> None:
    item = town.submitted()
    form = {
        "decision": "return",
        "version": item.version + 5,
        "remark": "请补充后重报",
        "finding-field": ["narrative", ""],
        "finding-check": ["completeness", ""],
        "finding-reason": ["complete_course", ""],
        "finding-note": ["缺起因", ""],
    }
    browser = town.browser("reviewer")
    stale = browser.post(f"/review/{item.pk}/decide", form)
    assert stale.status_code == 409
    page = stale.content.decode()
    assert "请补充后重报" in page and 'value="缺起因"' in page
    assert browser.post(f"/review/{item.pk}/decide", {**form, "version": item.version}).status_code == 302
    finding = Finding.objects.get(review__item=item)
    assert (finding.field, finding.reason_id, finding.note) == ("narrative", "complete_course", "缺起因")


@pytest.mark.clause("4.3.2")
def test_an_unfinished_form_names_what_is_missing(town: Town) -> None:
    item = town.submitted()
    answer = town.browser("reviewer").post(
        f"/review/{item.pk}/decide", {"decision": "approve", "check-truth": "pass", "remark-format": "字迹"}
    )
    assert answer.status_code == 422
    assert "完整性" in answer.content.decode() and 'value="字迹"' in answer.content.decode()
    for nonsense in (
        {"decision": "burn"},
        {"decision": "approve", "version": "x" * 500, "completeness_mark": "99", **CHECKS},
        {},
    ):
        assert town.browser("reviewer").post(f"/review/{item.pk}/decide", nonsense).status_code == 422


@pytest.mark.clause("2.2.1")
def test_merging_by_number_from_the_desk(town: Town) -> None:
    stored, twin = town.submitted(), town.submitted()
    browser = town.browser("reviewer")
    assert (
        browser.post(f"/review/{twin.pk}/merge", {"into": "000000-000000-0000", "reason": "同一件"}).status_code == 422
    )
    assert browser.post(f"/review/{twin.pk}/merge", {"into": stored.number, "reason": "同一件"}).status_code == 302
    twin.refresh_from_db()
    assert twin.merged_into_id == stored.pk


@pytest.mark.clause("4.3.1")
@pytest.mark.parametrize("name", ["reporter", "handler", "trainer", "administrator", "leader"])
def test_the_review_pages_are_for_reviewers_and_managers(town: Town, name: str) -> None:
    item = town.submitted()
    browser = town.browser(name)
    assert browser.get("/review/").status_code == 403
    assert browser.get(f"/review/{item.pk}/").status_code in (403, 404)
    assert browser.post(f"/review/{item.pk}/decide", {"decision": "approve", **CHECKS}).status_code in (403, 404)


@pytest.mark.clause("4.3.2")
def test_an_administrator_edits_the_standard_reasons_and_nobody_else(town: Town) -> None:
    assert StandardReason.objects.filter(active=True).count() >= 14
    assert set(StandardReason.objects.values_list("check_kind", flat=True)) == set(Check.values)
    assert not StandardReason.objects.filter(text_en="").exists()
    browser = town.browser("administrator")
    assert browser.get("/admin/reasons/").status_code == 200
    answer = browser.post(
        "/admin/reasons/",
        {
            "check_kind": "format",
            "text": "请写明楼栋号。",
            "text_en": "Name the building.",
            "order": "5",
            "active": "1",
        },
    )
    assert answer.status_code == 302
    made = StandardReason.objects.get(text="请写明楼栋号。")
    item = town.submitted()
    assert "请写明楼栋号。" in town.browser("reviewer").get(f"/review/{item.pk}/").content.decode()
    assert (
        browser.post(f"/admin/reasons/{made.code}/", {"check_kind": "format", "text": "", "order": "x"}).status_code
        == 422
    )
    assert (
        browser.post(
            f"/admin/reasons/{made.code}/", {"check_kind": "format", "text": "请写明楼栋号。", "order": "5"}
        ).status_code
        == 302
    )
    made.refresh_from_db()
    assert not made.active
    for name in ("reviewer", "manager", "reporter"):
        assert town.browser(name).get("/admin/reasons/").status_code == 403
        assert town.browser(name).post("/admin/reasons/", {"check_kind": "format", "text": "x"}).status_code == 403


@pytest.mark.clause("4.3.1")
def test_the_interface_reviews_with_the_same_rules(town: Town) -> None:
    item = town.submitted()
    url = f"/api/v1/items/{item.pk}/review"
    browser = town.browser("reviewer")

    def post(name: str, body: dict[str, Any]) -> Any:
        return browser.post(url, body, content_type="application/json", **town.token(name))

    assert post("reporter", {"decision": "approve"}).status_code == 403
    assert post("reviewer", {"decision": "approve", "bogus": 1}).json()["fields"].keys() == {"bogus"}
    assert post("reviewer", {"decision": "return", "findings": []}).status_code == 422
    assert (
        post(
            "reviewer", {"decision": "return", "findings": [{"field": "title", "check": "format", "words": "太笼统"}]}
        ).json()["status"]
        == "returned"
    )
    assert (
        post(
            "reviewer", {"decision": "return", "findings": [{"field": "title", "check": "format", "words": "太笼统"}]}
        ).status_code
        == 200
    )
    assert post("reviewer2", {"decision": "approve"}).status_code == 409
