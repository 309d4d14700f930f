"""The pages of appraisal: what each person finds there, what is kept on an error, how many statements it takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from linbao.appraisal import cycles
from linbao.appraisal.models import Appraisal, Cycle, Rating
from linbao.audit.models import Record
from linbao.documents.models import Document
from linbao.duties.models import Obligation
from linbao.platform import files
from tests.access.world import whole
from tests.appraisal.conftest import HALF, JULY, MARCH, MARKS, Office
from tests.appraisal.test_cycle import told


@pytest.mark.clause("5.2.2")
def test_a_manager_opens_and_sees_the_timetable(staffed: Office) -> None:
    staffed.time.move_to(JULY)
    page = staffed.town.browser("manager")
    assert "组织考核" in page.get("/appraisal/").content.decode()
    errors = page.post("/appraisal/open", {"unit": str(staffed.town.community.pk), "half": "2026-07-01"})
    assert errors.status_code == 422 and "已经结束" in errors.content.decode()
    made = page.post("/appraisal/open", {"unit": str(staffed.town.community.pk), "half": "2026-01-01"})
    cycle = Cycle.objects.get()
    assert made.status_code == 302 and made["Location"] == f"/appraisal/cycles/{cycle.pk}/"
    body = page.get(made["Location"]).content.decode()
    assert "2026年上半年" in body and "0 / 21 已提交" in body and "优秀最多 1 人" in body
    assert "系统默认规则" in body and "第 0 版" not in body and "都是暂定的" in body


@pytest.mark.clause("5.2.2")
def test_a_reporter_rates_on_the_phone_and_what_was_typed_stays(staffed: Office) -> None:
    cycle = staffed.open()
    page = staffed.town.browser("reporter")
    own = Rating.objects.get(appraisal__cycle=cycle, kind="self", rater__username="reporter")
    assert reverse("appraisal:rating", args=[own.pk]) in page.get("/appraisal/").content.decode()
    url = reverse("appraisal:rating", args=[own.pk])
    errors = page.post(url, MARKS | {"duty": "5", "remark": "下半年多走访独居老人"})
    assert errors.status_code == 422 and "下半年多走访独居老人" in errors.content.decode()
    assert page.post(url, MARKS | {"remark": "下半年多走访独居老人"}).status_code == 302
    assert "下半年多走访独居老人" in page.get(url).content.decode()


@pytest.mark.clause("5.2.2", "1.3.4")
def test_peers_stay_unknown_to_whom_they_rate(staffed: Office) -> None:
    """The appraised reads words and marks, and no name of a peer; a letter and its own page say the same grade."""
    cycle = told(staffed)
    row = staffed.of(cycle, "reporter")
    body = staffed.town.browser("reporter").get(reverse("appraisal:person", args=[row.pk])).content.decode()
    assert "走访记录齐全" in body and "基本称职" in body
    raters = Rating.objects.filter(appraisal=row, kind="peer").values_list("rater__username", "rater")
    assert raters and not any(name in body or str(pk) in body for name, pk in raters)


@pytest.mark.clause("5.2.2")
def test_before_the_result_is_told_its_person_sees_figures_alone(staffed: Office) -> None:
    cycle = staffed.open()
    staffed.rate_all(cycle)
    cycles.recalculate(staffed.town.manager, cycle.pk)
    row = staffed.of(cycle, "reporter")
    page = staffed.town.browser("reporter")
    body = page.get(reverse("appraisal:person", args=[row.pk])).content.decode()
    assert "结果还没有告知" in body and "收到的评价" not in body and "综合得分" not in body
    other = staffed.of(cycle, "member3")
    assert page.get(reverse("appraisal:person", args=[other.pk])).status_code == 404


@pytest.mark.clause("5.2.1")
def test_each_figure_opens_to_its_items_and_duties(office: Office) -> None:
    with office.on(MARCH):
        item = office.town.closed()
    office.owe("reporter", "weekly_report", 1, late=True)
    cycle = office.open()
    row = office.of(cycle, "reporter")
    page = office.town.browser("reporter")
    result = page.get(reverse("appraisal:evidence", args=[row.pk, "quantity"])).content.decode()
    assert str(item.pk) in result and "需到现场" in result and "1.5" in result
    result = page.get(reverse("appraisal:evidence", args=[row.pk, "timeliness"])).content.decode()
    assert "每周信息报告" in result and "迟办" in result
    for metric in ("quality", "accuracy"):
        assert str(item.pk) in page.get(reverse("appraisal:evidence", args=[row.pk, metric])).content.decode()
    result = page.get(reverse("appraisal:evidence", args=[row.pk, "feedback"]) + "?what=duties").content.decode()
    assert "向居民反馈" in result
    assert page.get(f"/appraisal/people/{row.pk}/clicks/").status_code == 404
    assert page.get(reverse("appraisal:evidence", args=[row.pk, "quantity"]) + "?cursor=x").status_code == 422


@pytest.mark.clause("5.2.1")
def test_evidence_pages_by_cursor_and_tells_of_secret_items_by_number_alone(office: Office) -> None:
    with office.on(MARCH):
        hidden = office.town.approved(sensitivity="confidential", named=[office.town.people["reviewer"].pk])
        for _n in range(51):
            office.town.approved()
    cycle = office.open()
    row = office.of(cycle, "reporter")
    url = reverse("appraisal:evidence", args=[row.pk, "quantity"])
    page = office.town.browser("manager")
    first = page.get(url)
    assert len(first.context["page"].rows) == 50 and first.context["page"].next
    second = page.get(url, {"cursor": first.context["page"].next})
    rows = [*first.context["page"].rows, *second.context["page"].rows]
    assert len({r["id"] for r in rows}) == 52
    secret = next(r for r in rows if r["id"] == hidden.pk)
    assert secret["title"] is None and hidden.title not in whole(first) + whole(second)


@pytest.mark.clause("5.2.2")
def test_objecting_and_answering_on_pages(staffed: Office) -> None:
    cycle = told(staffed)
    row = staffed.of(cycle, "reporter")
    page = staffed.town.browser("reporter")
    errors = page.post(reverse("appraisal:object", args=[row.pk]), {"grounds": "不"})
    assert errors.status_code == 422 and "请写明不同意哪一项" in errors.content.decode()
    assert (
        page.post(reverse("appraisal:object", args=[row.pk]), {"grounds": "三月那次迟报是在火情现场"}).status_code
        == 302
    )
    url = reverse("appraisal:objection", args=[row.objection.pk])
    assert "须由他人答复" in staffed.town.browser("manager").get(url).content.decode()
    assert staffed.town.browser("manager").post(url, {"decision": "keep", "reply": "维持原来的等次"}).status_code == 403
    second = staffed.town.browser("manager2")
    errors = second.post(url, {"decision": "change", "reply": "情况属实，改变等次"})
    assert errors.status_code == 422 and "情况属实，改变等次" in errors.content.decode()
    assert (
        second.post(url, {"decision": "change", "grade": "competent", "reply": "情况属实，改变等次"}).status_code == 302
    )
    body = page.get(reverse("appraisal:person", args=[row.pk])).content.decode()
    assert "情况属实，改变等次" in body and "已改变等次" in body


@pytest.mark.clause("5.2.3")
def test_calibration_and_proposals_on_pages(staffed: Office) -> None:
    cycle = staffed.open()
    staffed.rate_all(cycle)
    page = staffed.town.browser("manager")
    page.post(reverse("appraisal:recount", args=[cycle.pk]))
    row = staffed.of(cycle, "reporter")
    errors = page.post(reverse("appraisal:calibrate", args=[row.pk]), {"grade": "failing", "reason": "短"})
    assert errors.status_code == 422 and "调整的理由" in errors.content.decode()
    page.post(reverse("appraisal:calibrate", args=[row.pk]), {"grade": "failing", "reason": "多次漏报，经谈话无改进"})
    page.post(reverse("appraisal:publish", args=[cycle.pk]))
    cycle.refresh_from_db()
    assert cycle.state == "published"
    proposal = row.proposals.get(kind="reassignment")
    url = reverse("appraisal:proposal", args=[proposal.pk])
    assert url in page.get(reverse("appraisal:cycle", args=[cycle.pk])).content.decode()
    assert page.post(url, {"decision": "maybe", "reason": "再看看情况"}).status_code == 422
    assert page.post(url, {"decision": "decline", "reason": "先培训，下半年再看"}).status_code == 302
    assert "先培训，下半年再看" in page.get(url).content.decode()
    errors = page.post(reverse("appraisal:reopen", args=[cycle.pk]), {"reason": ""})
    assert errors.status_code == 422
    assert page.post(reverse("appraisal:reopen", args=[cycle.pk]), {"reason": "有请假没有扣除"}).status_code == 302
    assert Cycle.objects.count() == 2


@pytest.mark.clause("5.2.1")
def test_rules_are_read_by_all_and_changed_by_managers(office: Office) -> None:
    body = office.town.browser("reporter").get("/appraisal/rules/").content.decode()
    assert "开平方" in body and "保存为新版本" not in body
    page = office.town.browser("manager")
    values = {f["name"]: f["value"] for _t, group in page.get("/appraisal/rules/").context["fields"] for f in group}
    errors = page.post("/appraisal/rules/", values | {"parts_facts": "61"})
    assert (
        errors.status_code == 422 and "现为 101" in errors.content.decode() and 'value="61"' in errors.content.decode()
    )
    assert page.post("/appraisal/rules/", values | {"parts_facts": "55", "parts_peer": "15"}).status_code == 302
    assert "第 1 版" in page.get("/appraisal/rules/").content.decode()


@pytest.mark.clause("5.2.2")
def test_reports_by_unit_and_exports(staffed: Office) -> None:
    staffed.owe("reporter", "weekly_report", 1)
    with staffed.on(MARCH):
        staffed.town.closed()
    cycle = told(staffed)
    page = staffed.town.browser("manager")
    body = page.get("/appraisal/stats/").content.decode()
    assert "桂花园社区" in body and '"kind": "radar"' in body
    assert "reporter2" not in body  # sums of units, nobody by name
    sheet = whole(page.get("/appraisal/stats/export?format=csv"))
    assert "桂花园社区,7" in sheet
    sheet = whole(page.get(reverse("appraisal:export", args=[cycle.pk]) + "?format=csv&grade=basic"))
    lines = sheet.strip().splitlines()
    assert len(lines) == 2 and lines[1].startswith("reporter,")
    assert Record.objects.filter(action="appraisal.export").count() == 2
    assert page.get("/appraisal/stats/?half=2020-01-01").status_code == 422


def test_the_letter_goes_to_its_person_and_the_managers(staffed: Office) -> None:
    cycle = told(staffed)
    row = staffed.of(cycle, "reporter")
    url = reverse("appraisal:letter", args=[row.pk, "pdf"])
    assert staffed.town.browser("reporter").get(url).status_code == 404  # not made yet
    Document.objects.create(
        kind="appraisal", unit=cycle.unit, title="告知书", subject_id=row.pk, pdf=files.put(b"%PDF")
    )
    assert staffed.town.browser("reporter").get(url).content == b"%PDF"
    assert staffed.town.browser("manager").get(url).status_code == 200
    for name in ("leader", "reporter2", "reviewer"):
        assert staffed.town.browser(name).get(url).status_code == 404


def test_as_many_statements_for_one_as_for_fifty(office: Office) -> None:
    with office.on(MARCH):
        office.town.approved()
    cycle = office.open()
    row = office.of(cycle, "reporter")
    urls = [
        "/appraisal/",
        "/appraisal/stats/",
        "/appraisal/rules/",
        reverse("appraisal:cycle", args=[cycle.pk]),
        reverse("appraisal:person", args=[row.pk]),
        reverse("appraisal:evidence", args=[row.pk, "quantity"]),
    ]
    page = office.town.browser("manager")

    def counts() -> list[int]:
        rows = []
        for url in urls:
            with CaptureQueriesContext(connection) as asked:
                assert page.get(url).status_code == 200
            # Every few seconds a process looks whether the units have changed.
            rows.append(sum("referenceversion" not in q["sql"] for q in asked))
        return rows

    counts()
    few = counts()
    for n in range(50):
        user = office.person(f"r{n}")
        added = Appraisal.objects.create(cycle=cycle, person=user, name=user.name)
        Rating.objects.create(appraisal=added, rater=office.town.people["manager"], kind="superior")
    with office.on(MARCH):
        for _n in range(20):
            office.town.approved()
    cycles.recalculate(office.town.manager, cycle.pk)
    many = counts()
    assert few == many and max(many) <= 20, dict(zip(urls, zip(few, many, strict=True), strict=True))


@pytest.mark.clause("5.2.2")
def test_today_leads_to_the_duties(staffed: Office) -> None:
    cycle = staffed.open()
    assert "考核自评" in staffed.town.browser("reporter").get("/").content.decode()
    assert reverse("appraisal:cycle", args=[cycle.pk]) in staffed.town.browser("manager").get("/").content.decode()
    assert staffed.town.browser("reporter").get(reverse("appraisal:cycle", args=[cycle.pk])).status_code == 302
    assert Obligation.objects.filter(kind="appraisal_self").count() == 7
    assert cycle.half == HALF and timedelta(0) < cycle.peer_due - cycle.self_due


@pytest.mark.clause("5.2.1", "5.2.2", "5.2.3")
def test_the_compliance_page_shows_the_clauses(staffed: Office) -> None:
    told(staffed)
    body = staffed.town.browser("manager").get("/compliance/?period=2026Q3").content.decode()
    assert "每半年组织一次全面考核" in body and "考核结果提出建议" in body and "指标全部由条目和应办事项计算" in body
