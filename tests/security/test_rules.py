"""Rules that each person confirms, check-ups and drills, incidents from notice to report, reviews of rights (6.1.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.core import clock
from linbao.core.problems import Conflict
from linbao.documents.models import Document
from linbao.duties.models import Obligation
from linbao.organisation.models import RoleGrant
from linbao.security import documents, rights_reviews, tasks, work_file_section
from linbao.security.checks import services as checks
from linbao.security.checks.inputs import PlanCheck
from linbao.security.incidents import services as incidents
from linbao.security.incidents.inputs import ClassifyIncident, ReportIncident
from linbao.security.models import (
    Alert,
    CheckKind,
    Confirmation,
    Incident,
    IncidentKind,
    RightsReview,
    SecurityCheck,
    SecurityRule,
    Severity,
)
from linbao.security.rules import services as rulebook
from linbao.security.rules.inputs import IssueRule
from tests.loop import Town

BODY = "设备设锁屏口令，离开时锁屏；丢失立即报失。"


@pytest.fixture
def rule(town: Town) -> SecurityRule:
    return rulebook.issue(town.officer, IssueRule(unit=town.community.pk, title="设备使用规定", body=BODY))


# --- rules ---------------------------------------------------------------------------------------------------


@pytest.mark.clause("6.1.1")
def test_each_person_of_the_unit_owes_a_confirmation_and_gives_it(town: Town, rule: SecurityRule) -> None:
    owed = Obligation.objects.filter(kind="rule_confirm")
    names = set(owed.values_list("owner__username", flat=True))
    assert {"reporter", "leader", "handler", "manager", "officer"} <= names and not {
        "stranger",
        "administrator",
    } & names
    browser = town.browser("reporter")
    assert BODY[:8] in browser.get(f"/security/rules/{rule.pk}/").content.decode()
    assert browser.post(f"/security/rules/{rule.pk}/confirm/1").status_code == 302
    browser.post(f"/security/rules/{rule.pk}/confirm/1")
    assert Confirmation.objects.count() == 1
    assert owed.get(owner=town.reporter).met_at is not None
    assert town.browser("stranger").get(f"/security/rules/{rule.pk}/").status_code == 404
    page = town.browser("officer").get(f"/security/rules/{rule.pk}/").content.decode()
    assert "尚未确认" in page and "leader" in page
    assert [(li.kind, "第 1 版" in li.title) for li in work_file_section.of(town.reporter)] == [("rule", True)]


@pytest.mark.clause("6.1.1")
def test_a_new_version_is_confirmed_anew_and_the_old_one_stays(town: Town, rule: SecurityRule) -> None:
    rulebook.confirm(town.reporter, rule.pk, 1)
    browser = town.browser("officer")
    data = {"title": "设备使用规定", "body": BODY + "每季度检查一次。", "seen": "1"}
    assert browser.post(f"/security/rules/{rule.pk}/version", data).status_code == 302
    late = browser.post(f"/security/rules/{rule.pk}/version", data)
    assert (
        late.status_code == 422
        and "刚发布了新版本" in late.content.decode()
        and "每季度检查一次" in late.content.decode()
    )
    with pytest.raises(Conflict):
        rulebook.confirm(town.reporter, rule.pk, 1)
    assert Obligation.objects.open().filter(kind="rule_confirm", owner=town.reporter).count() == 1
    rulebook.confirm(town.reporter, rule.pk, 2)
    assert [v.version for v in rule.versions.order_by("version")] == [1, 2]
    assert Confirmation.objects.filter(person=town.reporter).count() == 2


@pytest.mark.clause("6.1.1")
def test_whoever_joins_later_owes_it_too_and_nobody_owes_what_has_ended(town: Town, rule: SecurityRule) -> None:
    town.person("newcomer", "reporter", town.grid)
    tasks.open_duties(0)
    tasks.open_duties(0)
    assert Obligation.objects.filter(kind="rule_confirm", owner=town.newcomer).count() == 1
    town.browser("officer").post(f"/security/rules/{rule.pk}/end")
    assert not Obligation.objects.open().filter(kind="rule_confirm").exists()


# --- check-ups and drills --------------------------------------------------------------------------------------


@pytest.mark.clause("6.1.1")
def test_a_restore_drill_is_planned_recorded_with_its_figures_and_planned_anew(town: Town) -> None:
    browser = town.browser("officer")
    data = {
        "unit": str(town.community.pk),
        "kind": "restore",
        "title": "备份恢复演练",
        "due_on": "2026-12-10",
        "every": "6",
    }
    past = browser.post("/security/checks/new", data | {"due_on": "2020-01-01"})
    assert past.status_code == 422 and 'id="error-due_on"' in past.content.decode()
    assert browser.post("/security/checks/new", data).status_code == 302
    row = SecurityCheck.objects.get()
    assert Obligation.objects.get(kind="security_check").owner == town.officer
    result = {"passed": "1", "result": "恢复后逐项核对一致", "backup_on": "2026-11-23", "minutes": "18", "lost": "3"}
    bad = browser.post(f"/security/checks/{row.pk}/record", result)
    assert bad.status_code == 422 and "不能登记为合格" in bad.content.decode()
    assert browser.post(f"/security/checks/{row.pk}/record", result | {"lost": ""}).status_code == 422
    assert browser.post(f"/security/checks/{row.pk}/record", result | {"lost": "0"}).status_code == 302
    row.refresh_from_db()
    assert row.figures == {"backup_on": "2026-11-23", "minutes": 18, "lost": 0} and row.passed
    assert Obligation.objects.filter(kind="security_check", met_at__isnull=False).count() == 1
    assert SecurityCheck.objects.get(done_at__isnull=True).due_on == date(2027, 6, 10)
    made = documents.make("check", row.pk)
    assert made is not None and documents.make("check", row.pk) == made
    assert browser.get(f"/security/checks/{row.pk}/pdf").content.startswith(b"%PDF")
    assert town.browser("reporter").get(f"/security/checks/{row.pk}/pdf").status_code == 403
    with pytest.raises(Conflict):
        checks.cancel(town.officer, row.pk)


# --- incidents ---------------------------------------------------------------------------------------------------


def noticed(town: Town) -> Incident:
    return incidents.notice(
        town.reporter,
        town.grid.pk,
        ReportIncident(kind=IncidentKind.LEAK, description="聊天群里出现了居民名单", seen_at=clock.now()),
    )


@pytest.mark.clause("6.1.1")
def test_anyone_notices_and_the_officer_carries_it_to_its_report(town: Town) -> None:
    reporter, officer = town.browser("reporter"), town.browser("officer")
    data = {"kind": "leak", "seen_at": "2026-11-24T09:30", "description": "聊天群里出现了居民名单 13912345678"}
    future = reporter.post("/security/incidents/new", data | {"seen_at": "2027-01-01T00:00"})
    assert future.status_code == 422 and "不能晚于现在" in future.content.decode()
    assert reporter.post("/security/incidents/new", data).status_code == 302
    row = Incident.objects.get()
    assert row.number.startswith("桂花园安事〔2026〕1号") and row.unit == town.community
    assert Alert.objects.get().severity == "high"
    duty = Obligation.objects.get(kind="incident")
    assert duty.due_at == row.noticed_at + timedelta(hours=4) and duty.owner == town.officer
    do = f"/security/incidents/{row.pk}/do/"
    assert "请先研判" in officer.post(do + "contain", {"note": "已撤回并删除"}).content.decode()
    judged = {"kind": "leak", "severity": "high", "personal": "1", "note": "名单含 12 户姓名电话"}
    assert officer.post(do + "classify", judged).status_code == 422  # how many people
    assert officer.post(do + "classify", judged | {"people": "12"}).status_code == 302
    assert Obligation.objects.open().get(kind="incident").due_at == row.noticed_at + timedelta(hours=24)
    officer.post(do + "contain", {"note": "已要求群成员删除"})
    early = officer.post(do + "close", {"note": "原因是截图转发"})
    assert early.status_code == 422 and "报告主管部门" in early.content.decode()
    officer.post(do + "notify", {"recipient": "authority", "note": "电话报告区网信办"})
    assert Obligation.objects.open().get(kind="incident").due_at == row.noticed_at + timedelta(hours=72)
    officer.post(do + "notify", {"recipient": "people", "note": "逐户电话告知并致歉"})
    assert officer.post(do + "close", {"note": "原因是截图转发，已重申规定"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "closed" and not Obligation.objects.open().filter(kind="incident").exists()
    assert "已经结案" in officer.post(do + "note", {"note": "再补充一句"}).content.decode()
    made = documents.make("incident", row.pk)
    assert made is not None and Document.objects.filter(pk=made.pk, kind="security_record").exists()
    assert officer.get(f"/security/incidents/{row.pk}/pdf").content.startswith(b"%PDF")


@pytest.mark.clause("6.1.1", "1.3.4")
def test_descriptions_are_encrypted_and_who_reported_sees_only_their_own(town: Town) -> None:
    row = noticed(town)
    incidents.classify(
        town.officer,
        row.pk,
        ClassifyIncident(kind=IncidentKind.LEAK, severity=Severity.LOW, personal=False, note="研判内容不外传"),
    )
    page = town.browser("reporter").get(f"/security/incidents/{row.pk}/").content.decode()
    assert "聊天群里出现了居民名单" in page and "研判内容不外传" not in page and "/do/" not in page
    assert town.browser("reporter2").get(f"/security/incidents/{row.pk}/").status_code == 404
    assert town.browser("reporter").get(f"/security/incidents/{row.pk}/do/note").status_code == 403
    with connection.cursor() as cursor:
        cursor.execute("SELECT description FROM security_incident UNION ALL SELECT note FROM security_incidentstep")
        assert all("居民名单".encode() not in bytes(w) for (w,) in cursor.fetchall())


# --- reviews of rights ---------------------------------------------------------------------------------------------


@pytest.mark.clause("6.1.1")
def test_each_quarter_every_grant_is_kept_or_ended(town: Town, time: Any) -> None:
    rights_reviews.open_duties()
    rights_reviews.open_duties()
    duty = Obligation.objects.get(kind="rights_review")
    assert duty.owner == town.officer and duty.period == date(2026, 10, 1)
    browser, here = town.browser("officer"), f"/security/reviews/of/{town.community.pk}"
    rows = rights_reviews.standing(town.community.pk)
    assert "stranger" not in {g.user.name for g in rows}
    ending = next(g for g in rows if g.user.name == "handler2")
    data = {f"keep-{g.pk}": "1" for g in rows} | {f"keep-{ending.pk}": "0"}
    silent = browser.post(here, data)
    assert (
        silent.status_code == 422 and "写明结束的理由" in silent.content.decode() and not RightsReview.objects.exists()
    )
    assert RoleGrant.objects.filter(pk=ending.pk, ends__isnull=True).exists()
    assert browser.post(here, data | {f"reason-{ending.pk}": "已调离本单位"}).status_code == 302
    assert not town.handler2.rights.has("handler")
    row = RightsReview.objects.get()
    assert (row.ended, row.retained) == (1, len(rows) - 1)
    duty.refresh_from_db()
    assert duty.met_at is not None
    own = next(li for li in row.lines if li["person"] == "officer")
    assert "另一位安全保密员" in own["reason"]
    assert "已经完成" in browser.post(here, data).content.decode()
    assert documents.make("review", row.pk) is not None
    assert browser.get(f"/security/reviews/{row.pk}/pdf").content.startswith(b"%PDF")
    assert town.browser("manager").get(here).status_code == 403
    time.move_to("2027-01-05T10:00:00+08:00")
    rights_reviews.open_duties()
    assert Obligation.objects.open().filter(kind="rights_review").count() == 1


def test_an_unfinished_review_ends_nothing(town: Town) -> None:
    rows = rights_reviews.standing(town.community.pk)
    answer = town.browser("officer").post(
        f"/security/reviews/of/{town.community.pk}", {f"keep-{rows[0].pk}": "0", f"reason-{rows[0].pk}": "不需要"}
    )
    assert answer.status_code == 422 and "还有角色没有复核" in answer.content.decode()
    assert len(rights_reviews.standing(town.community.pk)) == len(rows)


@pytest.mark.parametrize("page", ["rules", "checks", "incidents", "reviews", "findings", "places"])
def test_pages_cost_the_same_for_one_and_for_fifty(town: Town, page: str) -> None:
    browser, here = town.browser("officer"), f"/security/{page}/"

    def make(n: int) -> None:
        if page == "rules":
            SecurityRule.objects.create(unit=town.community, title=f"规定{n}", version=1)
        elif page == "checks":
            data = PlanCheck(unit=town.community.pk, kind=CheckKind.CHECK, title=f"检查{n}", due_on=clock.today())
            checks.plan(town.officer, data)
        elif page == "incidents":
            Incident.objects.create(
                unit=town.community,
                number=f"n{n}",
                kind="other",
                description="情况",
                seen_at=clock.now(),
                noticed_by=town.people["reporter"],
            )
        elif page == "reviews":
            RightsReview.objects.create(unit=town.community, quarter=date(2000 + n, 1, 1), by=town.people["officer"])

    make(0)
    browser.get(here)
    with CaptureQueriesContext(connection) as one:
        browser.get(here)
    for n in range(1, 50):
        make(n)
    with CaptureQueriesContext(connection) as fifty:
        browser.get(here)
    assert len(fifty) == len(one) <= 8
